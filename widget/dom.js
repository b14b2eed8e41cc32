/* Elements without markup: nothing here or elsewhere in the widget parses HTML, so no text can become any. */

const SVG = 'http://www.w3.org/2000/svg';

const DRAWINGS = {
  gem: ['M8.2 5h9.6L22 10.5 13 21.5 4 10.5z', 'M4 10.5h18M9.5 10.5L13 21l3.5-10.5L13 5z'],
  more: ['M6 13h.01M13 13h.01M20 13h.01'],
  down: ['M6 10l7 7 7-7'],
  send: ['M13 21V5.5M6.5 12L13 5.5l6.5 6.5'],
  person: ['M13 12.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8z', 'M5 21.5c.8-4.2 4-6.5 8-6.5s7.2 2.3 8 6.5'],
  restart: ['M5 13a8 8 0 1 1 2.6 5.9', 'M5 21v-4.5h4.5'],
  erase: ['M5.5 7.5h15M10.5 7.5V5h5v2.5', 'M7.5 7.5l1 13.5h9l1-13.5'],
  star: ['M13 4.5l2.7 5.5 6 .9-4.35 4.2 1 6L13 18.2l-5.35 2.9 1-6L4.3 10.9l6-.9z'],
  shield: ['M13 4l7.5 2.8v5.7c0 4.6-3 8-7.5 9.5-4.5-1.5-7.5-4.9-7.5-9.5V6.8z'],
  yes: ['M8.5 11.5l3.5-7c1.5 0 2.5 1 2.5 2.5V10h5a1.8 1.8 0 0 1 1.8 2.1l-1.2 7.2a2 2 0 0 1-2 1.7H8.5z', 'M4.5 11.5h4V21h-4z'],
  no: ['M8.5 14.5l3.5 7c1.5 0 2.5-1 2.5-2.5V16h5a1.8 1.8 0 0 0 1.8-2.1l-1.2-7.2a2 2 0 0 0-2-1.7H8.5z', 'M4.5 14.5h4V5h-4z'],
  close: ['M7 7l12 12M19 7L7 19'],
  parcel: ['M4.5 8.5L13 4.5l8.5 4v9L13 21.5l-8.5-4z', 'M4.5 8.5L13 12.5l8.5-4M13 12.5v9'],
};

/** A new element. Attributes named `on…` are listeners; null, undefined and false leave an attribute out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** A line drawing, hidden from assistive technology: the text beside it says it all. */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 26 26');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', `icon icon-${name}`);
  for (const path of DRAWINGS[name]) {
    svg.appendChild(document.createElementNS(SVG, 'path')).setAttribute('d', path);
  }
  return svg;
}

/** Text that only a screen reader says. */
export function spoken(text) {
  return h('span', { class: 'hidden' }, text);
}
