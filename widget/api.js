/* The gateway's HTTP surface for the widget. */

const TIMEOUT_MS = 20_000;

/**
 * The gateway did not do as asked. `status` 0: no answer at all. `detail`: a French sentence of the gateway, fit to be
 * shown, or ''. `retryAfter`: seconds, or null. `token`: the one that was refused or accepted.
 */
export class ApiError extends Error {
  constructor(status, { detail = '', retryAfter = null, token = null } = {}) {
    super(`gateway: ${status} ${detail}`.trim());
    this.status = status;
    this.detail = detail;
    this.retryAfter = retryAfter;
    this.token = token;
  }

  /** The conversation of this token is no longer ours. */
  get gone() {
    return [401, 404, 410].includes(this.status);
  }

  /** Worth the same try later: the network, the server, or too fast. */
  get passing() {
    return this.status === 0 || this.status === 408 || this.status === 425 || this.status === 429 || this.status >= 500;
  }
}

async function failure(response, token) {
  let detail = '';
  if (response.headers.get('content-type')?.includes('json')) {
    const problem = await response.json().catch(() => ({}));
    if (typeof problem.detail === 'string') detail = problem.detail;
  }
  const seconds = Number.parseInt(response.headers.get('retry-after') ?? '', 10);
  return new ApiError(response.status, { detail, retryAfter: Number.isNaN(seconds) ? null : seconds, token });
}

export class Api {
  #base;
  token = null;

  constructor(base) {
    this.#base = base;
  }

  begin(shopSession) {
    return this.#call('POST', 'conversations', { shop_session: shopSession });
  }

  send(id, text) {
    return this.#call('POST', 'messages', { id, text });
  }

  async history(after) {
    return (await this.#call('GET', `messages?after=${after}`)).messages;
  }

  handover() {
    return this.#call('POST', 'handover', {});
  }

  rate(score) {
    return this.#call('POST', 'rating', { score });
  }

  restart() {
    return this.#call('POST', 'restart', {});
  }

  erase() {
    return this.#call('DELETE', 'conversations');
  }

  /** The open feed as a Response whose body is read as it comes. */
  async stream(after, signal) {
    const response = await this.#fetch(`stream?after=${after}`, {
      headers: { Accept: 'text/event-stream', 'Last-Event-ID': String(after) },
      cache: 'no-store',
      signal,
    });
    if (!response.headers.get('content-type')?.includes('text/event-stream')) throw new ApiError(502);
    return response;
  }

  async #call(method, path, body) {
    const response = await this.#fetch(path, {
      method,
      // A message that leaves with the page still arrives.
      keepalive: method === 'POST',
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    return text === '' ? {} : JSON.parse(text);
  }

  async #fetch(path, { headers, ...request }) {
    const { token } = this;
    const authorization = token ? { Authorization: `Bearer ${token}` } : {};
    let response;
    try {
      response = await fetch(new URL(path, this.#base), {
        ...request,
        headers: { ...headers, ...authorization },
        credentials: 'omit',
        referrerPolicy: 'no-referrer',
      });
    } catch (error) {
      if (request.signal?.aborted && error.name === 'AbortError') throw error;
      throw new ApiError(0);
    }
    if (!response.ok) throw await failure(response, token);
    return response;
  }
}
