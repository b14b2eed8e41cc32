/* Texts, links and order cards as elements. Every word arrives by text nodes; an address only by a reply's `links`. */
import { h, icon, spoken } from './dom.js';
import { frenchDate } from './texts.js';

const SAFE_PROTOCOLS = ['https:', 'http:', 'mailto:', 'tel:'];
const BULLET = /^\s*[-–•]\s+(.*)$/;
const NUMBER = /^\s*(\d{1,2})[.)]\s+(.*)$/;

/** The address if it may be followed from a shop's page, else null (`javascript:`, `data:`, nonsense). */
export function safeUrl(url) {
  try {
    const address = new URL(String(url), document.baseURI);
    return SAFE_PROTOCOLS.includes(address.protocol) ? address.href : null;
  } catch {
    return null;
  }
}

function anchor(url, label, texts, attributes = {}) {
  const address = new URL(url);
  const here = address.origin === location.origin || ['mailto:', 'tel:'].includes(address.protocol);
  const target = here ? {} : { target: '_blank', rel: 'noopener noreferrer' };
  return h('a', { href: url, ...target, ...attributes }, label, here ? null : spoken(` ${texts('message.new_window')}`));
}

/** One line as nodes; an address that `links` vouches for becomes a link in its place. */
function inline(line, links, texts) {
  const nodes = [];
  let rest = line;
  while (rest) {
    const first = links
      .map((link) => ({ ...link, at: rest.indexOf(link.url) }))
      .filter((link) => link.at >= 0)
      .sort((one, other) => one.at - other.at || other.url.length - one.url.length)[0];
    if (!first) break;
    nodes.push(rest.slice(0, first.at), anchor(first.href, first.url.replace(/^(https?:\/\/|mailto:|tel:)/, ''), texts));
    rest = rest.slice(first.at + first.url.length);
  }
  return [...nodes, rest].filter((node) => node !== '');
}

/**
 * A text as block elements: paragraphs at blank lines, line breaks inside them, « - » and « 1. » lines as lists.
 * A list of one number is a sentence that begins with a number, and stays one.
 */
export function prose(text, links, texts) {
  const blocks = [];
  let open = null;
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  const numbered = lines.filter((line) => NUMBER.test(line)).length > 1;
  for (const line of lines) {
    const bullet = BULLET.exec(line);
    const number = numbered ? NUMBER.exec(line) : null;
    if (!line.trim()) {
      // A blank line between two numbers does not begin the count again.
      if (open?.tagName !== 'OL') open = null;
    } else if (bullet || number) {
      const tag = bullet ? 'UL' : 'OL';
      if (open?.tagName !== tag) {
        open = h(tag.toLowerCase(), number && number[1] !== '1' ? { start: number[1] } : {});
        blocks.push(open);
      }
      open.append(h('li', {}, inline(bullet ? bullet[1] : number[2], links, texts)));
    } else {
      if (open?.tagName === 'P') open.append(h('br'));
      else {
        open = h('p');
        blocks.push(open);
      }
      open.append(...inline(line, links, texts));
    }
  }
  return blocks;
}

/** What the customer wrote, as written. */
export function plain(text) {
  return h('p', {}, text.split('\n').flatMap((line, index) => (index ? [h('br'), line] : [line])));
}

/** The reply's links that may be followed: [{url, href, label}]. */
export function safeLinks(links) {
  return (Array.isArray(links) ? links : [])
    .map((link) => ({ url: String(link.url ?? ''), href: safeUrl(link.url), label: String(link.label || link.url) }))
    .filter((link) => link.url && link.href);
}

/** The list of links that the text itself does not already hold. */
export function linkList(links, text, texts) {
  const others = links.filter((link) => !text.includes(link.url));
  if (!others.length) return null;
  return h('ul', { class: 'links', 'aria-label': texts('message.links') },
    others.map((link) => h('li', {}, anchor(link.href, link.label, texts))));
}

/** An order at a glance: number, status, what is known of its way, link to the parcel, last day of return. */
export function orderCard(card, texts) {
  const known = texts('card.fields')
    .map(([field, label]) => [label, Array.isArray(card[field]) ? card[field].join(', ') : card[field]])
    .filter(([, value]) => typeof value === 'string' && value.trim());
  const tracking = card.tracking_url ? safeUrl(card.tracking_url) : null;
  return h('div', { class: 'card', role: 'group', 'aria-label': texts('card.title', { number: card.number }) },
    h('div', { class: 'card-head' },
      h('p', { class: 'card-title' }, icon('parcel'), texts('card.title', { number: card.number })),
      card.status ? h('p', { class: 'chip' }, spoken(`${texts('card.status')} : `), String(card.status)) : null),
    known.length
      ? h('dl', {}, known.map(([label, value]) => h('div', {}, h('dt', {}, label), h('dd', {}, frenchDate(value)))))
      : null,
    tracking ? anchor(tracking, texts('card.track'), texts, { class: 'track' }) : null);
}
