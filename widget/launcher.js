/*
 * Écrin, the launcher: all that a shop's page loads before its customer asks for help.
 *
 *   <script src="https://chat.example/widget.js" data-shop="Bijourama" defer></script>
 *
 * It draws one button. It stores nothing and connects to nothing before the customer's click; a later page of the
 * same visit resumes the conversation that the click has begun. The rest lies in `widget/`, next to this file.
 *
 * Attributes (all optional): data-shop, data-title, data-label, data-welcome, data-suggestions ("a|b|c"),
 * data-position ("right" | "left"), data-session (the shop's signed session), data-privacy (URL), data-texts (URL).
 * Colours, font, radius and place: CSS variables `--ecrin-…` on `ecrin-chat` (see `chat.css`).
 * In the page: `document.querySelector('ecrin-chat').open() | .close() | .ask(text)`, or any element that carries
 * `data-ecrin-open` or `data-ecrin-ask="text"`.
 */
(() => {
  if (customElements.get('ecrin-chat')) return;

  const script = document.currentScript ?? document.querySelector('script[src*="/widget.js"]');
  const home = new URL('.', script.src);
  const options = { ...script.dataset };

  // The one place outside texts_fr.json with French in it: they are needed before anything may be loaded.
  const TEXTS = {
    name: 'Chat avec l’assistant automatique',
    unread_one: '1 nouveau message',
    unread_many: '{count} nouveaux messages',
    region: 'Aide en ligne',
    failed: 'Le chat n’a pas pu s’ouvrir. Vérifiez votre connexion, puis réessayez.',
  };

  const CSS = `
:host { all: initial; --accent: var(--ecrin-accent, #17453b); --on-accent: var(--ecrin-on-accent, #fff);
  --font: var(--ecrin-font, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif);
  --x: var(--ecrin-offset-x, 24px); --y: var(--ecrin-offset-y, 24px); }
:host([hidden]) { display: none; }
aside { position: fixed; z-index: var(--ecrin-z, 2147483000); inset: auto var(--x) var(--y) auto;
  font: 400 15px/1.5 var(--font); }
aside.left { inset: auto auto var(--y) var(--x); }
.launcher { all: unset; box-sizing: border-box; position: relative; display: flex; align-items: center; gap: 10px;
  min-width: 60px; height: 60px; padding: 0 17px; border-radius: 30px; background: var(--accent);
  color: var(--on-accent); cursor: pointer; font: 500 15px/1 var(--font); user-select: none;
  box-shadow: 0 1px 2px rgb(0 0 0 / .14), 0 8px 28px rgb(0 0 0 / .22); transition: transform .16s, box-shadow .16s; }
.launcher:hover { transform: translateY(-2px); box-shadow: 0 2px 4px rgb(0 0 0 / .16), 0 14px 34px rgb(0 0 0 / .26); }
.launcher:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; box-shadow: 0 0 0 3px #fff; }
.launcher svg { flex: none; width: 26px; height: 26px; fill: none; stroke: currentColor; stroke-width: 1.6;
  stroke-linecap: round; stroke-linejoin: round; }
.label { padding-right: 5px; white-space: nowrap; }
.down, [aria-expanded=true] .up, [aria-expanded=true] .label { display: none; }
[aria-expanded=true] .down { display: block; }
[aria-busy=true] svg { animation: pulse 1s ease-in-out infinite alternate; }
@keyframes pulse { to { opacity: .35; } }
.badge { position: absolute; inset: -4px -2px auto auto; box-sizing: border-box; min-width: 23px; height: 23px;
  padding: 0 6px; border: 2px solid #fff; border-radius: 12px; background: #b3261e; color: #fff;
  font: 600 12px/19px var(--font); text-align: center; }
.badge[hidden] { display: none; }
.failed { position: absolute; bottom: 72px; right: 0; width: 230px; padding: 12px 14px; border-radius: 12px;
  background: #fff; color: #7a1a14; border: 1px solid #e3c4c1; box-shadow: 0 8px 28px rgb(0 0 0 / .18); font-size: 14px; }
.failed:empty { padding: 0; border: 0; box-shadow: none; }
.left .failed { right: auto; left: 0; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 520px) { :host { --x: var(--ecrin-offset-x, 16px); --y: var(--ecrin-offset-y, 16px); } .label { display: none; } }
@media (prefers-reduced-motion: reduce) { .launcher, [aria-busy=true] svg { transition: none; animation: none; } }
@media (forced-colors: active) { .launcher, .badge { border: 2px solid ButtonText; } }
@media print { :host { display: none; } }`;

  /** A new element; `content` is text or children. */
  const make = (tag, attributes, ...content) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...content);
    return element;
  };

  const drawing = (name, path) => {
    const space = 'http://www.w3.org/2000/svg';
    const svg = document.createElementNS(space, 'svg');
    svg.setAttribute('viewBox', '0 0 26 26');
    svg.setAttribute('aria-hidden', 'true');
    svg.setAttribute('class', name);
    const line = svg.appendChild(document.createElementNS(space, 'path'));
    line.setAttribute('d', path);
    return svg;
  };

  const BUBBLE_WITH_GEM = 'M4 7a3 3 0 0 1 3-3h12a3 3 0 0 1 3 3v9a3 3 0 0 1-3 3h-5.5L8.5 22.5V19H7a3 3 0 0 1-3-3z'
    + 'M10.2 8.2h5.600l2 2.600L13 15.600l-4.800-4.800zM8.2 10.800h9.600';

  /** What the click of an earlier page has left; reading it stores nothing. */
  const begun = () => {
    try {
      return { conversation: localStorage.getItem('ecrin') !== null, open: sessionStorage.getItem('ecrin:open') === '1' };
    } catch {
      return { conversation: false, open: false };
    }
  };

  class EcrinChat extends HTMLElement {
    #button;
    #badge;
    #unread;
    #failed;
    #said;
    #chat = null;
    #tries = 0;

    connectedCallback() {
      if (this.shadowRoot) return;
      const root = this.attachShadow({ mode: 'open' });
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(CSS);
      root.adoptedStyleSheets = [sheet];

      this.#badge = make('span', { class: 'badge', 'aria-hidden': 'true', hidden: '' });
      this.#unread = make('span', {});
      this.#failed = make('div', { class: 'failed', role: 'alert' });
      this.#said = make('div', { class: 'hidden', role: 'status' });
      this.#button = make(
        'button', { class: 'launcher', type: 'button', 'aria-expanded': 'false', 'aria-haspopup': 'dialog' },
        drawing('up', BUBBLE_WITH_GEM), drawing('down', 'M6 10l7 7 7-7'),
        ...(options.label ? [make('span', { class: 'label' }, options.label)] : []),
        make('span', { class: 'hidden' }, ` ${TEXTS.name}`, this.#unread), this.#badge,
      );
      this.#button.addEventListener('click', () => this.toggle());
      const place = options.position === 'left' ? { class: 'left' } : {};
      root.append(make('aside', { ...place, 'aria-label': TEXTS.region, lang: 'fr' }, this.#button, this.#failed, this.#said));

      const earlier = begun();
      if (earlier.open) this.open({ focus: false });
      else if (earlier.conversation) (window.requestIdleCallback ?? setTimeout)(() => this.#load().catch(() => {}));
    }

    async open({ focus = true } = {}) {
      this.#failed.textContent = '';
      try {
        (await this.#load()).open({ focus });
      } catch (error) {
        console.warn('ecrin-chat:', error);
        if (focus) this.#failed.textContent = TEXTS.failed;
      }
    }

    async close() {
      (await this.#chat)?.close();
    }

    toggle() {
      return this.#button.getAttribute('aria-expanded') === 'true' ? this.close() : this.open();
    }

    /** Opens the chat and says `text` for the customer. */
    async ask(text) {
      await this.open();
      (await this.#chat)?.ask(text);
    }

    #load() {
      this.#chat ??= this.#start().catch((error) => {
        this.#chat = null;
        throw error;
      });
      return this.#chat;
    }

    async #start() {
      this.#button.setAttribute('aria-busy', 'true');
      try {
        // A browser may remember a failed import for good: another try is another URL.
        const again = this.#tries++ ? `?try=${this.#tries}` : '';
        const { start } = await import(new URL(`widget/chat.js${again}`, home).href);
        return await start({
          root: this.shadowRoot,
          button: this.#button,
          options,
          home,
          onOpen: (open) => this.#button.setAttribute('aria-expanded', String(open)),
          onUnread: (count) => this.#showUnread(count),
        });
      } finally {
        this.#button.removeAttribute('aria-busy');
      }
    }

    #showUnread(count) {
      this.#badge.hidden = count === 0;
      this.#badge.textContent = count > 9 ? '9+' : String(count);
      const text = count === 1 ? TEXTS.unread_one : TEXTS.unread_many.replace('{count}', count);
      this.#unread.textContent = count ? `, ${text}` : '';
      this.#said.textContent = count ? text : '';
    }
  }

  customElements.define('ecrin-chat', EcrinChat);

  const appear = () => {
    const chat = document.querySelector('ecrin-chat') ?? document.body.appendChild(document.createElement('ecrin-chat'));
    document.addEventListener('click', (event) => {
      const asked = event.target.closest?.('[data-ecrin-ask], [data-ecrin-open]');
      if (!asked) return;
      event.preventDefault();
      if (asked.dataset.ecrinAsk) chat.ask(asked.dataset.ecrinAsk);
      else chat.open();
    });
  };
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', appear);
  else appear();
})();
