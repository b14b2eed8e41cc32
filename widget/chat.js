/* What begins with the customer's click: the conversation, its line to the gateway, and the panel that shows it. */
import { Api } from './api.js';
import { Conversation } from './conversation.js';
import { Feed } from './feed.js';
import { Outbox } from './outbox.js';
import {
  forgetConversation, loadConversation, loadUnsent, onOtherTab, saveConversation, saveOpen, saveUnsent,
} from './storage.js';
import { reader } from './texts.js';
import { View } from './view.js';

const TYPING_MS = 45_000; // dots end, whatever happens to the answer and however often the line says it is coming
const SILENT_BREAK_MS = 2500; // a break shorter than this is nobody's business
const NOTICE_MS = 8000;
const HIDDEN_MS = 20_000; // a tab in the background gives its connection back
const POLL_AFTER_MS = 8000; // an answer should have come: a proxy may be holding the stream back
const STATUS_MS = 2000;
const SHORT_GOODBYE = 60;

async function asset(name, home) {
  const response = await fetch(new URL(name, home), { credentials: 'omit' });
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  return response;
}

/** The customer id in the shop's signed session: only to notice another customer; the gateway alone verifies it. */
function ownerOf(session) {
  try {
    const [, payload] = session.split('.');
    return String(JSON.parse(atob(payload.replace(/-/g, '+').replace(/_/g, '/'))).sub ?? '') || null;
  } catch {
    return null;
  }
}

/** Loads what the panel needs and resumes the conversation, if there is one. → {open, close, ask} */
export async function start({ root, button, options, home, onOpen, onUnread }) {
  const [css, tree] = await Promise.all([
    asset('widget/chat.css', home).then((response) => response.text()),
    asset(options.texts ?? 'widget/texts_fr.json', home).then((response) => response.json()),
  ]);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  const chat = new Chat({ root, button, options, home, onOpen, onUnread, texts: reader(tree) });
  await chat.resume();
  return chat;
}

class Chat {
  #texts;
  #button;
  #onOpen;
  #onUnread;
  #session;
  #owner;
  #welcome;
  #api;
  #view;
  #feed;
  #outbox;
  #conversation = new Conversation();
  #kept = null; // what storage.js keeps
  #beginning = null;
  #broken = null;
  #brokenShown = false;
  #passing = '';
  #goodbye = false;
  #typingUntil = null;

  constructor({ root, button, options, home, onOpen, onUnread, texts }) {
    this.#texts = texts;
    this.#button = button;
    this.#onOpen = onOpen;
    this.#onUnread = onUnread;
    this.#session = options.session || null;
    this.#owner = ownerOf(this.#session);
    const shop = options.shop ?? '';
    const suggestions = options.suggestions?.split('|') ?? texts('welcome.suggestions');
    this.#welcome = {
      text: options.welcome ?? texts(shop ? 'welcome.with_shop' : 'welcome.without_shop', { shop }),
      buttons: suggestions.map((title) => ({ title: title.trim() })).filter(({ title }) => title),
    };
    this.#api = new Api(new URL('api/widget/', home));
    this.#view = new View({
      root,
      texts,
      names: { shop, title: options.title ?? texts('panel.title'), privacy: options.privacy },
      on: {
        say: (text) => this.ask(text),
        retry: (key) => this.#retry(key),
        handover: () => this.#askForPerson(),
        restart: () => this.#restart(),
        erase: () => this.#erase(),
        rate: (score) => this.#rate(score),
        close: () => this.close(),
      },
    });
    this.#feed = new Feed(this.#api, {
      cursor: () => this.#conversation.cursor,
      message: (message) => this.#receive([message]),
      typing: ({ on, from }) => (on ? this.#typing(from === 'agent' ? 'agent' : 'assistant') : this.#typed()),
      status: ({ handover }) => this.#handover(handover),
      connected: () => this.#connected(),
      broken: () => this.#lost(),
      gone: (error) => this.#gone(error),
    });
    this.#outbox = new Outbox((message) => this.#send(message), {
      sending: (message) => this.#mark(message, 'sending'),
      waiting: (message, error) => {
        this.#mark(message, 'waiting');
        if (error.status === 429) this.#say(error.detail || this.#texts('connection.slow_down'));
      },
      accepted: (message, sequence) => this.#accepted(message, sequence),
      refused: (message, error) => this.#mark(message, 'refused', error.detail),
      gone: (error) => this.#gone(error),
    });
    window.addEventListener('online', () => this.#hurry());
    window.addEventListener('offline', () => this.#showNotice());
    document.addEventListener('visibilitychange', () => this.#visibility());
    onOtherTab(() => this.#otherTab());
  }

  /** Takes up the conversation of an earlier page: its history, its feed and what was left unsent. */
  async resume() {
    this.#kept = loadConversation(this.#owner);
    if (!this.#kept) {
      saveUnsent([]);
      this.#render();
      return;
    }
    this.#api.token = this.#kept.token;
    this.#view.showHandover(this.#kept.handover ?? 'none');
    const unsent = loadUnsent();
    try {
      this.#receive(await this.#api.history(0), { quiet: true });
    } catch (error) {
      if (error.gone) this.#gone(error);
    }
    // Without history the feed brings it: it begins where the cursor stands.
    if (this.#api.token) this.#feed.start();
    unsent.forEach((message) => this.#outbox.push(this.#conversation.add(message)));
    this.#render({ quiet: true });
    this.#showNotice();
  }

  open({ focus = true } = {}) {
    // A phone's page is not covered again because its customer followed a link.
    if (!focus && View.fullScreen) return;
    this.#view.open({ focus });
    saveOpen(true);
    this.#onOpen(true);
    this.#seen();
    this.#showNotice();
  }

  close() {
    const held = this.#view.close();
    saveOpen(false);
    this.#onOpen(false);
    if (held) this.#button.focus({ preventScroll: true });
  }

  /** Says `text` for the customer. */
  ask(text) {
    const message = { id: crypto.randomUUID(), text, at: new Date().toISOString() };
    this.#view.showRating(false);
    const lower = text.toLocaleLowerCase('fr');
    this.#goodbye = text.length <= SHORT_GOODBYE && !text.includes('?')
      && this.#texts('rating.farewell').some((word) => lower.includes(word));
    this.#outbox.push(this.#conversation.add(message));
    this.#typingUntil = null;
    this.#changed();
  }

  // ---- the conversation ----

  /** The one conversation, begun when the first thing has to be sent. */
  #begin() {
    this.#beginning ??= this.#api.begin(this.#session)
      // A page left open longer than its session: the customer is helped as a visitor.
      .catch((error) => {
        if (!this.#session || error.passing) throw error;
        this.#session = null;
        this.#owner = null;
        return this.#api.begin(null);
      })
      .then((begun) => this.#adopt(begun))
      .finally(() => { this.#beginning = null; });
    return this.#beginning;
  }

  #adopt({ conversation, token }) {
    this.#api.token = token;
    this.#keep({ id: conversation, token, owner: this.#owner, seen: 0, handover: 'none', rated: false });
    this.#feed.start();
  }

  #keep(changes) {
    this.#kept = { ...this.#kept, ...changes };
    saveConversation(this.#kept);
  }

  /** Forgets the conversation here; unsent messages stay when `unsent` is kept for the next one. */
  #drop({ unsent = [] } = {}) {
    this.#feed.stop();
    this.#api.token = null;
    this.#kept = null;
    forgetConversation();
    this.#conversation = new Conversation();
    unsent.forEach((message) => this.#conversation.add(message));
    this.#broken = null;
    this.#typed();
    this.#goodbye = false;
    this.#view.showRating(false);
    this.#view.showHandover('none');
  }

  /** The gateway does not know our token any more: what is unsent goes to a new conversation. */
  #gone(error) {
    // Two requests can learn it, one of them after the next conversation has begun.
    if (error.token !== this.#api.token) return;
    const waiting = this.#conversation.unsent.filter(({ state }) => state !== 'refused');
    this.#drop();
    this.#outbox.clear();
    waiting.forEach(({ id, text, at }) => this.#outbox.push(this.#conversation.add({ id, text, at })));
    this.#say(this.#texts('connection.expired'));
    this.#changed();
  }

  async #send({ id, text }) {
    if (!this.#api.token) await this.#begin();
    return (await this.#api.send(id, text)).sequence;
  }

  #accepted(message, sequence) {
    this.#conversation.accepted(message.id, sequence);
    if (this.#kept) this.#keep({});
    this.#changed();
    setTimeout(() => {
      const answered = this.#conversation.last > sequence;
      if (!answered && this.#feed.running) this.#feed.poll().catch(() => {});
    }, POLL_AFTER_MS);
  }

  #mark(message, state, detail = '') {
    message.state = state;
    message.detail = detail;
    this.#changed();
  }

  #retry(key) {
    const message = this.#conversation.unsent.find((unsent) => unsent.key === key);
    if (message) this.#outbox.push(message);
  }

  #receive(messages, { quiet = false } = {}) {
    const news = messages.filter((message) => this.#conversation.receive(message));
    const answers = news.filter((message) => message.from !== 'customer');
    if (!news.length) return;
    if (answers.length) this.#typed();
    this.#changed({ quiet });
    if (!quiet && answers.length && this.#goodbye && !this.#kept?.rated) this.#view.showRating(true);
  }

  #typing(who) {
    clearTimeout(this.typingTimer);
    if (who) this.#typingUntil ??= Date.now() + TYPING_MS;
    const left = this.#typingUntil - Date.now();
    this.#view.showTyping(left > 0 ? who : null);
    if (who && left > 0) this.typingTimer = setTimeout(() => this.#view.showTyping(null), left);
  }

  /** Whoever was typing has finished: the next dots get their full time. */
  #typed() {
    this.#typing(null);
    this.#typingUntil = null;
  }

  #handover(state) {
    if (!['none', 'waiting', 'agent'].includes(state) || !this.#kept) return;
    const before = this.#kept.handover;
    if (before === state) return;
    this.#keep({ handover: state });
    this.#view.showHandover(state);
    this.#view.showRating(false);
    if (state === 'none') {
      if (before === 'agent') this.#say(this.#texts('handover.none'));
      if (before === 'agent' && !this.#kept.rated) this.#view.showRating(true);
    }
    this.#showNotice();
  }

  // ---- what the customer asks of the panel ----

  /** Does `action` and says so when it fails; true when it was done. */
  async #try(action) {
    try {
      await action();
      return true;
    } catch (error) {
      if (error.gone) this.#gone(error);
      else this.#say(error.detail || this.#texts('connection.failed'), 'warning');
      return false;
    }
  }

  async #askForPerson() {
    await this.#try(async () => {
      if (!this.#api.token) await this.#begin();
      await this.#api.handover();
      this.#say(this.#texts('handover.waiting'));
      // The line says it too, unless it is broken; it may first say what was true before.
      setTimeout(() => this.#kept?.handover === 'none' && this.#handover('waiting'), STATUS_MS);
    });
    this.#changed();
  }

  async #restart() {
    if (this.#api.token) {
      let begun = null;
      const done = await this.#try(async () => { begun = await this.#api.restart(); });
      if (!done) return;
      this.#outbox.clear();
      this.#drop();
      this.#adopt(begun);
    } else {
      this.#outbox.clear();
      this.#drop();
    }
    this.#changed();
    this.#view.announce(this.#texts('confirm.restarted'));
  }

  async #erase() {
    if (this.#api.token) {
      const done = await this.#try(() => this.#api.erase());
      if (!done && this.#api.token) return;
    }
    this.#outbox.clear();
    this.#drop();
    this.#changed();
    this.#say(this.#texts('confirm.erased'));
  }

  async #rate(score) {
    this.#goodbye = false;
    if (score === null || !this.#kept) return;
    if (await this.#try(() => this.#api.rate(score))) {
      this.#keep({ rated: true });
      this.#changed();
      this.#say(this.#texts('rating.thanks'));
    }
  }

  // ---- the line ----

  #connected() {
    clearTimeout(this.#broken);
    this.#broken = null;
    if (this.#brokenShown) this.#view.announce(this.#texts('connection.back'));
    this.#brokenShown = false;
    this.#showNotice();
    this.#outbox.hurry();
  }

  #lost() {
    this.#typing(null);
    this.#broken ??= setTimeout(() => {
      this.#brokenShown = true;
      this.#showNotice();
    }, SILENT_BREAK_MS);
    if (!navigator.onLine) this.#showNotice();
  }

  #hurry() {
    this.#feed.hurry();
    this.#outbox.hurry();
    this.#showNotice();
  }

  #visibility() {
    clearTimeout(this.hiddenTimer);
    if (document.visibilityState === 'hidden') {
      this.hiddenTimer = setTimeout(() => this.#feed.stop(), HIDDEN_MS);
    } else {
      if (this.#api.token) this.#feed.start();
      this.#hurry();
      this.#seen();
    }
  }

  /** Another tab has begun, restarted or erased the conversation: this one follows. */
  #otherTab() {
    const kept = loadConversation(this.#owner);
    if (kept?.id === this.#kept?.id) {
      if (kept && kept.seen > this.#kept.seen) {
        this.#kept.seen = kept.seen;
        this.#changed();
      }
      return;
    }
    this.#feed.stop();
    this.#outbox.clear();
    this.#conversation = new Conversation();
    this.#typed();
    this.#kept = kept;
    this.#api.token = kept?.token ?? null;
    this.#view.showHandover(kept?.handover ?? 'none');
    if (kept) this.#feed.start();
    this.#render({ quiet: true });
  }

  // ---- what is shown ----

  #changed(how) {
    saveUnsent(this.#conversation.unsent.filter(({ state }) => state !== 'refused'));
    this.#seen();
    this.#render(how);
  }

  #render(how) {
    const timeline = this.#conversation.timeline;
    this.#view.render(this.#welcome, timeline, how);
    const answered = timeline.some((message) => message.from !== 'customer');
    this.#view.offer({ rate: answered && !this.#kept?.rated, erase: this.#kept !== null });
  }

  /** What is on the screen counts as seen; the rest is the number on the launcher. */
  #seen() {
    const last = this.#conversation.last;
    if (this.#kept && this.#view.isOpen && document.visibilityState === 'visible' && last > this.#kept.seen) {
      this.#keep({ seen: last });
    }
    this.#onUnread(this.#view.isOpen ? 0 : this.#conversation.unread(this.#kept?.seen ?? 0));
  }

  /** A passing notice. */
  #say(text, kind = 'info') {
    clearTimeout(this.noticeTimer);
    this.#passing = { text, kind };
    this.#showNotice();
    this.noticeTimer = setTimeout(() => {
      this.#passing = '';
      this.#showNotice();
    }, NOTICE_MS);
  }

  #showNotice() {
    const t = this.#texts;
    const handover = this.#kept?.handover ?? 'none';
    if (!navigator.onLine) this.#view.showNotice(t('connection.offline'), 'warning');
    else if (this.#passing) this.#view.showNotice(this.#passing.text, this.#passing.kind);
    else if (this.#brokenShown) this.#view.showNotice(t('connection.reconnecting'), 'warning');
    else this.#view.showNotice(handover === 'none' ? '' : t(`handover.${handover}`));
  }
}
