/* One message of the conversation, and the replies offered under the last one. */
import { linkList, orderCard, plain, prose, safeLinks } from './content.js';
import { h, spoken } from './dom.js';
import { frenchClock } from './texts.js';

/** The message's element: who (spoken), words, order card, links, time and state. */
export function messageNode(message, texts) {
  const links = safeLinks(message.links);
  const text = String(message.text ?? '');
  const own = message.from === 'customer';
  const at = new Date(message.at ?? Number.NaN);
  return h('div', { class: `message ${own ? 'customer' : 'answer'} ${message.from}` },
    spoken(`${texts(`message.from_${message.from}`)} : `),
    text ? h('div', { class: 'bubble', dir: 'auto' }, own ? plain(text) : prose(text, links, texts)) : null,
    message.card ? orderCard(message.card, texts) : null,
    linkList(links, text, texts),
    h('p', { class: 'meta' },
      message.from === 'agent' ? h('span', { 'aria-hidden': 'true' }, `${texts('message.from_agent')} · `) : null,
      Number.isNaN(at.getTime()) ? null : h('time', { datetime: at.toISOString() }, frenchClock(at)),
      own ? h('span', { class: 'state' }) : null));
}

/** Buttons that say their title for the customer. */
export function repliesNode(buttons, texts, choose) {
  return h('div', { class: 'replies', role: 'group', 'aria-label': texts('message.replies') },
    buttons.map(({ title }) => h('button', { type: 'button', class: 'reply', onclick: () => choose(title) }, title)));
}
