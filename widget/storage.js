/*
 * What the browser keeps, from the customer's click on: no message that was delivered, only the key to the conversation.
 *
 *   localStorage   ecrin        {id, token, owner, at, seen, handover, rated}: shared by the tabs, so that the
 *                               history follows from page to page; forgotten after a day without use
 *   sessionStorage ecrin:open   "1" while the panel is open in this tab
 *   sessionStorage ecrin:unsent [{id, text, at}]: written here, not yet accepted by the server
 *
 * Where the browser refuses storage, all of it lives as long as the page.
 */

const FORGET_AFTER_MS = 24 * 60 * 60 * 1000;
const memory = new Map();

function read(area, key) {
  try {
    return window[area].getItem(key);
  } catch {
    return memory.get(key) ?? null;
  }
}

function write(area, key, value) {
  try {
    if (value === null) window[area].removeItem(key);
    else window[area].setItem(key, value);
  } catch {
    if (value === null) memory.delete(key);
    else memory.set(key, value);
  }
}

function parsed(text, otherwise) {
  try {
    return JSON.parse(text) ?? otherwise;
  } catch {
    return otherwise;
  }
}

/** The conversation of `owner` (the shop's customer id, or null for a visitor); another customer's is forgotten. */
export function loadConversation(owner, now = Date.now()) {
  const kept = parsed(read('localStorage', 'ecrin'), null);
  if (!kept?.token) return null;
  const otherCustomer = (kept.owner ?? null) !== null && kept.owner !== owner;
  if (otherCustomer || now - kept.at > FORGET_AFTER_MS) {
    forgetConversation();
    return null;
  }
  return kept;
}

export function saveConversation(conversation, now = Date.now()) {
  write('localStorage', 'ecrin', JSON.stringify({ ...conversation, at: now }));
}

export function forgetConversation() {
  write('localStorage', 'ecrin', null);
  write('sessionStorage', 'ecrin:unsent', null);
}

export function saveOpen(open) {
  write('sessionStorage', 'ecrin:open', open ? '1' : null);
}

export function loadUnsent() {
  const unsent = parsed(read('sessionStorage', 'ecrin:unsent'), []);
  return Array.isArray(unsent) ? unsent : [];
}

export function saveUnsent(messages) {
  const unsent = messages.map(({ id, text, at }) => ({ id, text, at }));
  write('sessionStorage', 'ecrin:unsent', unsent.length ? JSON.stringify(unsent) : null);
}

/** Calls back when another tab has begun, restarted or erased the conversation. */
export function onOtherTab(callback) {
  window.addEventListener('storage', (event) => {
    if (event.key === 'ecrin' || event.key === null) callback();
  });
}
