/*
 * The messages of one conversation, as facts: no network, no document.
 *
 * The server numbers every message; a number is shown once, however often it arrives and in whatever order. What the
 * customer has written but the server has not yet numbered comes last, in the order of writing.
 */

export class Conversation {
  /** The number up to which everything was received from the server: where a broken stream resumes. */
  cursor = 0;
  #received = new Map();
  #unsent = [];

  /**
   * Takes a message of the server; false when it was known. Only the server's own feed moves the cursor: the number
   * in the answer to a sent message may lie beyond replies that are still on their way.
   */
  receive(message) {
    this.cursor = Math.max(this.cursor, message.sequence);
    if (this.#received.has(message.sequence)) return false;
    const echo = message.from === 'customer' ? this.#awaited(message.text) : null;
    if (echo) echo.echo = message.sequence;
    this.#received.set(message.sequence, { ...message, key: echo ? echo.key : `n${message.sequence}` });
    return true;
  }

  /**
   * The unsent message that the feed seems to bring back before the answer to our sending tells its number: the same
   * words, or the first in the queue (the server may have cleaned its text). `accepted` corrects a wrong guess.
   */
  #awaited(text) {
    const open = this.#unsent.filter((own) => own.echo === null && own.state !== 'refused');
    return open.find((own) => own.text === text) ?? open[0] ?? null;
  }

  /** A message that waits for its number. */
  add({ id, text, at }) {
    const own = { id, key: `u${id}`, from: 'customer', text, at, state: 'sending', echo: null };
    this.#unsent.push(own);
    return own;
  }

  /** The server took the unsent message `id` under this number. */
  accepted(id, sequence) {
    const own = this.#unsent.find((message) => message.id === id);
    if (!own) return;
    this.#unsent = this.#unsent.filter((message) => message !== own);
    if (own.echo !== null && own.echo !== sequence && this.#received.has(own.echo)) {
      // The echo belonged to the same words from another tab.
      const other = this.#received.get(own.echo);
      this.#received.set(own.echo, { ...other, key: `n${own.echo}` });
      own.echo = null;
    }
    if (!this.#received.has(sequence)) {
      const { key, text, at } = own;
      this.#received.set(sequence, { sequence, from: 'customer', text, at, key, buttons: [], links: [], card: null });
    }
  }

  get unsent() {
    return this.#unsent;
  }

  /** All messages in the order to show them. */
  get timeline() {
    const numbered = [...this.#received.values()].sort((one, other) => one.sequence - other.sequence);
    return [...numbered, ...this.#unsent.filter((message) => message.echo === null)];
  }

  /** How many answers lie beyond the number `seen`. */
  unread(seen) {
    let count = 0;
    for (const message of this.#received.values()) {
      if (message.from !== 'customer' && message.sequence > seen) count += 1;
    }
    return count;
  }

  get last() {
    return Math.max(0, ...this.#received.keys());
  }
}
