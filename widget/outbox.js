/*
 * What the customer writes, sent one after the other in the order of writing, and tried again until it is accepted or
 * refused. Every message carries an id of its own: a second arrival of the same id is answered, not processed.
 */
import { ApiError } from './api.js';

const FIRST_DELAY_MS = 800;
const LONGEST_DELAY_MS = 20_000;

export class Outbox {
  #send;
  #on;
  #queue = [];
  #busy = false;
  #wake = () => {};

  /**
   * `send(message)` → the number it got; throws ApiError. `on`: sending(message); accepted(message, sequence);
   * waiting(message, error); refused(message, error); gone(error) → a promise: makes room for another conversation.
   */
  constructor(send, on) {
    this.#send = send;
    this.#on = on;
  }

  push(message) {
    this.#queue.push(message);
    this.#drain();
  }

  hurry() {
    this.#wake();
  }

  clear() {
    this.#queue = [];
    this.#wake();
  }

  async #drain() {
    if (this.#busy) return;
    this.#busy = true;
    let failures = 0;
    let renewed = false;
    while (this.#queue.length) {
      const message = this.#queue[0];
      try {
        this.#on.sending(message);
        const sequence = await this.#send(message);
        if (this.#queue[0] !== message) continue;
        this.#queue.shift();
        this.#on.accepted(message, sequence);
        failures = 0;
        renewed = false;
      } catch (error) {
        if (this.#queue[0] !== message) continue;
        if (!(error instanceof ApiError)) console.warn('ecrin-chat:', error);
        if (error.gone && !renewed) {
          renewed = true;
          await this.#on.gone(error);
        } else if (error instanceof ApiError && !error.passing) {
          this.#queue.shift();
          this.#on.refused(message, error);
        } else {
          failures += 1;
          this.#on.waiting(message, error);
          const backoff = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1));
          await this.#pause(error.retryAfter ? error.retryAfter * 1000 : backoff * (0.75 + Math.random() / 2));
        }
      }
    }
    this.#busy = false;
  }

  #pause(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
