/* The panel: draws what it is told and reports what the customer does. It knows nothing of the network. */
import { h, icon, spoken } from './dom.js';
import { messageNode, repliesNode } from './messages.js';
import { dayName, parisDay } from './texts.js';

/** Full screen where the panel would leave no page to see; the same words stand in chat.css. */
const FULL_SCREEN = window.matchMedia('(max-width: 520px), (max-height: 480px)');
const TOUCH = window.matchMedia('(pointer: coarse)');
const MAX_TEXT = 1000;
const COUNT_FROM = 900;
const NEAR_END_PX = 80;

export class View {
  #texts;
  #on;
  #nodes = new Map();
  #menuItems = {};
  #isOpen = false;
  #confirming = null;

  /**
   * `on`: say(text), retry(key), handover(), restart(), erase(), rate(score or null), close().
   * `names`: {shop, title, privacy}.
   */
  constructor({ root, texts, names, on }) {
    this.#texts = texts;
    this.#on = on;
    this.#build(names);
    root.querySelector('aside').append(this.panel);
    FULL_SCREEN.addEventListener('change', () => this.#changeMode());
    window.visualViewport?.addEventListener('resize', () => this.#fitKeyboard());
    window.visualViewport?.addEventListener('scroll', () => this.#fitKeyboard());
  }

  get isOpen() {
    return this.#isOpen;
  }

  static get fullScreen() {
    return FULL_SCREEN.matches;
  }

  #build({ shop, title, privacy }) {
    const t = this.#texts;
    const on = this.#on;
    const item = (name, drawing, action) => {
      const button = h('button', { type: 'button', onclick: () => { this.#toggleMenu(false); action(); } },
        icon(drawing), t(`panel.${name}`));
      return (this.#menuItems[name] = h('li', {}, button));
    };
    this.subtitle = h('p', { class: 'subtitle' });
    const leaving = ({ relatedTarget }) => {
      if (relatedTarget && !this.menu.contains(relatedTarget) && relatedTarget !== this.menuButton) this.#toggleMenu(false);
    };
    this.menu = h('ul', { class: 'menu', id: 'menu', hidden: true, onfocusout: leaving },
      item('handover', 'person', on.handover),
      item('rate', 'star', () => this.showRating(true)),
      item('restart', 'restart', () => this.#confirm('restart', on.restart)),
      item('erase', 'erase', () => this.#confirm('erase', on.erase)),
      privacy
        ? h('li', {}, h('a', { href: privacy, target: '_blank', rel: 'noopener' },
          icon('shield'), t('panel.privacy'), spoken(` ${t('message.new_window')}`)))
        : null);
    this.menuButton = h('button', {
      type: 'button', class: 'tool', 'aria-label': t('panel.menu'), 'aria-expanded': 'false', 'aria-controls': 'menu',
      onclick: () => this.#toggleMenu(this.menu.hidden),
    }, icon('more'));
    this.title = h('h2', { id: 'title', tabindex: '-1' }, title);
    const header = h('header', {},
      h('span', { class: 'mark' }, icon('gem')),
      h('div', { class: 'names' }, this.title, this.subtitle),
      this.menuButton,
      this.menu,
      h('button', { type: 'button', class: 'tool', 'aria-label': t('panel.close'), onclick: on.close }, icon('close')));

    this.notice = h('div', { class: 'notice', role: 'status' });
    this.announcer = h('div', { class: 'hidden', role: 'status' });
    this.dots = h('div', { class: 'dots', 'aria-hidden': 'true', hidden: true }, h('i'), h('i'), h('i'));
    this.log = h('div', { class: 'log', role: 'log', 'aria-label': t('panel.log'), tabindex: '0', onscroll: () => this.#scrolled() },
      this.dots);
    this.newest = h('button', { type: 'button', class: 'newest', hidden: true, onclick: () => this.#toEnd(true) },
      t('panel.newest'), icon('down'));
    this.confirmation = h('div', { class: 'strip confirm', role: 'alertdialog', 'aria-labelledby': 'question', hidden: true });
    this.rating = h('div', { class: 'strip rating', role: 'group', 'aria-labelledby': 'rate', hidden: true },
      h('p', { id: 'rate' }, t('rating.question')),
      h('div', { class: 'choices' },
        h('button', { type: 'button', class: 'choice', onclick: () => this.#rated(1) }, icon('yes'), t('rating.yes')),
        h('button', { type: 'button', class: 'choice', onclick: () => this.#rated(0) }, icon('no'), t('rating.no')),
        h('button', { type: 'button', class: 'choice bare', 'aria-label': t('rating.later'), onclick: () => this.#rated(null) },
          icon('close'))));

    this.input = h('textarea', {
      id: 'text', rows: '1', placeholder: t('composer.placeholder'), enterkeyhint: 'send', autocomplete: 'off',
      'aria-describedby': 'count', oninput: () => this.#typed(),
      onkeydown: (event) => {
        if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        this.#submit();
      },
    });
    this.count = h('p', { class: 'count', id: 'count' });
    const composer = h('form', { class: 'composer', onsubmit: (event) => { event.preventDefault(); this.#submit(); } },
      h('label', { class: 'hidden', for: 'text' }, t('composer.label')),
      this.input,
      h('button', { type: 'submit', class: 'send', 'aria-label': t('composer.send') }, icon('send')),
      this.count);
    this.origin = h('p', {});
    this.person = h('button', { type: 'button', class: 'person', onclick: on.handover }, icon('person'), t('panel.handover'));

    this.panel = h('dialog', { class: 'panel', 'aria-labelledby': 'title', lang: 'fr' },
      header, this.notice, h('div', { class: 'scene' }, this.log, this.newest), this.confirmation, this.rating, composer,
      h('footer', {}, this.origin, this.person), this.announcer);
    this.panel.addEventListener('cancel', (event) => { event.preventDefault(); on.close(); });
    for (const kind of ['keydown', 'keyup', 'keypress']) this.panel.addEventListener(kind, (event) => this.#key(event));
    this.panel.addEventListener('click', (event) => {
      if (!this.menu.hidden && !event.composedPath().some((node) => node === this.menu || node === this.menuButton)) {
        this.#toggleMenu(false);
      }
    });
    this.shop = shop;
    this.showHandover('none');
  }

  /** Opens; `focus` false leaves the customer where they are (a page that resumes an open chat). */
  open({ focus }) {
    if (!this.#isOpen) {
      this.#isOpen = true;
      this.#show();
      this.#toEnd(false);
    }
    // On a touch screen the text field would raise the keyboard over the greeting.
    if (focus) (TOUCH.matches ? this.title : this.input).focus({ preventScroll: true });
  }

  /** Closes; true when the focus was inside and has to go somewhere. */
  close() {
    const held = this.panel.contains(this.panel.getRootNode().activeElement);
    this.#isOpen = false;
    this.#toggleMenu(false);
    this.#endConfirm();
    this.panel.close();
    return held;
  }

  #show() {
    if (FULL_SCREEN.matches) this.panel.showModal();
    // `show()` would take the focus even when it must stay in the page.
    else this.panel.setAttribute('open', '');
    this.#fitKeyboard();
  }

  #changeMode() {
    if (!this.#isOpen) return;
    const focused = this.panel.getRootNode().activeElement;
    this.panel.close();
    this.#show();
    if (this.panel.contains(focused)) focused.focus();
  }

  /** Full screen is what the on-screen keyboard leaves of it. */
  #fitKeyboard() {
    const seen = window.visualViewport;
    if (!seen || !this.#isOpen) return;
    this.panel.style.setProperty('--seen-height', `${seen.height}px`);
    this.panel.style.setProperty('--seen-top', `${seen.offsetTop}px`);
  }

  #key(event) {
    // The page's own shortcuts are not meant for a customer who types here.
    event.stopPropagation();
    if (event.type !== 'keydown' || event.key !== 'Escape' || event.isComposing) return;
    event.preventDefault();
    if (!this.menu.hidden) {
      this.#toggleMenu(false);
      this.menuButton.focus();
    } else if (this.#confirming) this.#cancelConfirm();
    else this.#on.close();
  }

  #toggleMenu(open) {
    this.menu.hidden = !open;
    this.menuButton.setAttribute('aria-expanded', String(open));
  }

  #confirm(what, action) {
    const t = this.#texts;
    this.#confirming = what;
    const yes = h('button', { type: 'button', class: 'choice strong', onclick: () => { this.#endConfirm(); this.focusInput(); action(); } },
      t(`confirm.${what}_yes`));
    const no = h('button', { type: 'button', class: 'choice', onclick: () => this.#cancelConfirm() }, t('confirm.cancel'));
    this.confirmation.replaceChildren(h('p', { id: 'question' }, t(`confirm.${what}`)), h('div', { class: 'choices' }, yes, no));
    this.confirmation.hidden = false;
    this.rating.hidden = true;
    no.focus();
  }

  #cancelConfirm() {
    this.#endConfirm();
    this.menuButton.focus();
  }

  #endConfirm() {
    this.#confirming = null;
    this.confirmation.hidden = true;
  }

  focusInput() {
    (TOUCH.matches ? this.log : this.input).focus({ preventScroll: true });
  }

  #typed() {
    const length = this.input.value.length;
    const tooLong = length > MAX_TEXT;
    const figures = { count: length.toLocaleString('fr-FR'), max: MAX_TEXT.toLocaleString('fr-FR') };
    this.count.textContent = length < COUNT_FROM ? '' : this.#texts('composer.count', figures);
    this.count.classList.toggle('over', tooLong);
    if (tooLong) this.input.setAttribute('aria-invalid', 'true');
    else this.input.removeAttribute('aria-invalid');
    this.input.style.setProperty('height', 'auto');
    this.input.style.setProperty('height', `${Math.min(this.input.scrollHeight, 132)}px`);
  }

  #submit() {
    const text = this.input.value.trim();
    this.input.focus();
    if (!text) return;
    if (this.input.value.length > MAX_TEXT) {
      this.announce(this.#texts('composer.too_long', { max: MAX_TEXT.toLocaleString('fr-FR') }));
      return;
    }
    this.input.value = '';
    this.#typed();
    this.#on.say(text);
  }

  /**
   * Draws the conversation: `welcome` {text, buttons} and the messages in their order. `quiet`: a screen reader is not
   * told (history of an earlier page).
   */
  render(welcome, timeline, { quiet = false } = {}) {
    const atEnd = this.#atEnd();
    const known = new Set(this.#nodes.keys());
    this.log.setAttribute('aria-busy', String(quiet));
    const entries = this.#entries(welcome, timeline);
    const wanted = new Set(entries.map((entry) => entry.key));
    const focused = this.panel.getRootNode().activeElement;
    for (const [key, node] of this.#nodes) {
      if (wanted.has(key)) continue;
      if (node.contains(focused)) this.focusInput();
      node.remove();
      this.#nodes.delete(key);
    }
    entries.forEach((entry, index) => {
      let node = this.#nodes.get(entry.key);
      if (!node) {
        node = entry.make();
        this.#nodes.set(entry.key, node);
      }
      entry.update?.(node);
      if (this.log.children[index] !== node) this.log.insertBefore(node, this.log.children[index]);
    });
    const added = entries.filter((entry) => entry.message && !known.has(entry.key));
    if (added.length) this.#follow(added, atEnd || quiet);
    this.log.setAttribute('aria-busy', 'false');
  }

  #entries(welcome, timeline) {
    const t = this.#texts;
    const now = new Date();
    const greeting = { key: 'welcome', from: 'assistant', text: welcome.text };
    const entries = [];
    const shown = [greeting, ...timeline];
    const dated = timeline.some((message) => parisDay(new Date(message.at)) !== parisDay(now));
    let day = null;
    shown.forEach((message, index) => {
      if (message.at && dated) {
        const instant = new Date(message.at);
        if (parisDay(instant) !== day) {
          day = parisDay(instant);
          entries.push({ key: `d${day}`, make: () => h('p', { class: 'day' }, dayName(instant, now, t)) });
        }
      }
      entries.push({
        key: message.key,
        message,
        make: () => messageNode(message, t),
        update: (node) => {
          node.classList.toggle('first', shown[index - 1]?.from !== message.from);
          node.classList.toggle('last', shown[index + 1]?.from !== message.from);
          this.#showState(node, message);
        },
      });
    });
    const last = timeline.at(-1);
    const buttons = last ? (last.from === 'customer' ? [] : last.buttons ?? []) : welcome.buttons;
    if (buttons.length) {
      const choose = (title) => { this.focusInput(); this.#on.say(title); };
      entries.push({ key: `r${last?.key ?? ''}`, make: () => repliesNode(buttons, t, choose) });
    }
    return entries;
  }

  #showState(node, message) {
    if (message.from !== 'customer') return;
    const state = message.state ?? 'sent';
    if (node.dataset.state === state) return;
    node.dataset.state = state;
    const label = h('span', {}, message.detail || this.#texts(`message.${state}`));
    const again = state === 'refused'
      ? h('button', { type: 'button', class: 'retry', onclick: () => this.#on.retry(message.key) }, this.#texts('message.retry'))
      : null;
    node.querySelector('.state').replaceChildren(...[label, again].filter(Boolean));
  }

  #atEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_END_PX;
  }

  #follow(added, atEnd) {
    const own = added.some((entry) => entry.message.from === 'customer');
    if (!atEnd && !own) {
      this.newest.hidden = false;
      return;
    }
    const first = this.#nodes.get(added.find((entry) => entry.message.from !== 'customer')?.key);
    this.#toEnd(false);
    // An answer longer than the window is read from its beginning.
    if (first && added.length < 4) this.log.scrollTop = Math.min(this.log.scrollTop, first.offsetTop - 14);
  }

  #toEnd(focus) {
    this.log.scrollTop = this.log.scrollHeight;
    this.newest.hidden = true;
    if (focus) this.log.focus({ preventScroll: true });
  }

  #scrolled() {
    if (this.#atEnd()) this.newest.hidden = true;
  }

  /** Dots; `who` is 'assistant', 'agent' or null. */
  showTyping(who) {
    const atEnd = this.#atEnd();
    this.dots.hidden = who === null;
    clearTimeout(this.typingTimer);
    // Most answers come before it would be said.
    if (who) this.typingTimer = setTimeout(() => this.announce(this.#texts(`message.typing_${who}`)), 2000);
    if (who && atEnd) this.log.scrollTop = this.log.scrollHeight;
  }

  /** 'none', 'waiting' or 'agent'. */
  showHandover(state) {
    const t = this.#texts;
    const bot = this.shop ? t('panel.subtitle_bot', { shop: this.shop }) : t('panel.subtitle_bot_alone');
    this.subtitle.textContent = state === 'none' ? bot : t(`panel.subtitle_${state}`);
    this.origin.textContent = t(state === 'agent' ? 'panel.notice_agent' : 'panel.notice_bot');
    if (state !== 'none' && this.person.contains(this.panel.getRootNode().activeElement)) this.focusInput();
    this.person.hidden = state !== 'none';
    this.#menuItems.handover.hidden = state !== 'none';
  }

  /** The line under the header; '' removes it. `kind`: 'warning' or 'info'. */
  showNotice(text, kind = 'info') {
    this.notice.className = `notice ${kind}`;
    if (this.notice.textContent !== text) this.notice.textContent = text;
  }

  /** Said by a screen reader, not shown. */
  announce(text) {
    this.announcer.textContent = '';
    setTimeout(() => { this.announcer.textContent = text; }, 60);
  }

  /** What the menu offers now. */
  offer({ rate, erase }) {
    this.#menuItems.rate.hidden = !rate;
    this.#menuItems.restart.hidden = !erase;
    this.#menuItems.erase.hidden = !erase;
  }

  showRating(show) {
    if (show && this.#confirming) return;
    const atEnd = this.#atEnd();
    this.rating.hidden = !show;
    if (atEnd) this.#toEnd(false);
  }

  #rated(score) {
    this.focusInput();
    this.rating.hidden = true;
    this.#on.rate(score);
  }
}
