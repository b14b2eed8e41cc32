/*
 * The open line from the gateway: server-sent events read with fetch (so that the token travels in a header), opened
 * again after every break, from the last number received. Where streams do not get through, each failure polls once.
 */
import { ApiError } from './api.js';

const SILENCE_MS = 40_000; // the gateway's heartbeat comes every 15 s
const WORKING_MS = 5000; // a line that lasted this long, or brought a message, works
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;

/** Splits a stream of bytes into events {event, id, data}; comments only count as signs of life (`null`). */
export async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  let fields = {};
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      yield null;
      rest += value;
      // A carriage return at the very end may be the first half of a line break.
      const cut = rest.endsWith('\r') ? rest.length - 1 : rest.length;
      const lines = rest.slice(0, cut).split(/\r\n|\n|\r/);
      rest = lines.pop() + rest.slice(cut);
      for (const line of lines) {
        if (line === '') {
          if (fields.data !== undefined) yield { event: 'message', ...fields };
          fields = {};
        } else if (!line.startsWith(':')) {
          const [, name, text] = /^([^:]*):? ?(.*)$/s.exec(line);
          if (name === 'data') fields.data = fields.data === undefined ? text : `${fields.data}\n${text}`;
          else fields[name] = text;
        }
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

export class Feed {
  #api;
  #on;
  #run = null;
  #wake = () => {};

  /**
   * `on`: cursor() → number; message(data); typing(data); status(data); connected(); broken(); gone(error).
   * `gone` ends the feed: the conversation is no longer ours.
   */
  constructor(api, on) {
    this.#api = api;
    this.#on = on;
  }

  get running() {
    return this.#run !== null;
  }

  start() {
    if (this.#run) return;
    const run = { attempt: new AbortController() };
    this.#run = run;
    this.#loop(run);
  }

  stop() {
    this.#run?.attempt.abort();
    this.#run = null;
    this.#wake();
  }

  /** Tries now instead of at the end of the wait: the network is back. */
  hurry() {
    this.#wake();
  }

  /** Asks once for what the stream may have kept back. */
  async poll() {
    const run = this.#run;
    const messages = await this.#api.history(this.#on.cursor());
    if (run === this.#run) messages.forEach((message) => this.#on.message(message));
  }

  async #loop(run) {
    let failures = 0;
    while (this.#run === run) {
      let wait = null;
      try {
        await this.#listen(run, () => { failures = 0; });
      } catch (error) {
        if (this.#run !== run) return;
        if (error instanceof ApiError && error.gone) {
          this.#run = null;
          this.#on.gone(error);
          return;
        }
        wait = error.retryAfter ? error.retryAfter * 1000 : null;
      }
      if (this.#run !== run) return;
      this.#on.broken();
      failures += 1;
      if (failures > 1) await this.poll().catch(() => {});
      const backoff = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1));
      await this.#pause(wait ?? backoff * (0.75 + Math.random() / 2));
    }
  }

  async #listen(run, works) {
    const attempt = new AbortController();
    run.attempt = attempt;
    let watch = setTimeout(() => attempt.abort(), SILENCE_MS);
    try {
      const response = await this.#api.stream(this.#on.cursor(), attempt.signal);
      const opened = performance.now();
      this.#on.connected();
      for await (const event of events(response.body)) {
        clearTimeout(watch);
        watch = setTimeout(() => attempt.abort(), SILENCE_MS);
        if (this.#run !== run) return;
        if (event?.event === 'message' || performance.now() - opened > WORKING_MS) works();
        if (event) this.#deliver(event);
      }
    } finally {
      clearTimeout(watch);
      attempt.abort();
    }
  }

  #deliver({ event, data }) {
    let content;
    try {
      content = JSON.parse(data);
    } catch {
      return;
    }
    if (event === 'message' && Number.isInteger(content.sequence)) this.#on.message(content);
    else if (event === 'typing') this.#on.typing(content);
    else if (event === 'status') this.#on.status(content);
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
