/* The French texts of texts_fr.json, and dates as French writes them. */

const DAY = 'T12:00:00Z';
const ISO_DAY = /^\d{4}-\d{2}-\d{2}$/;
const ISO_INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;
const PARIS = { timeZone: 'Europe/Paris' };

const longDay = new Intl.DateTimeFormat('fr-FR', { ...PARIS, weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
const shortDay = new Intl.DateTimeFormat('fr-FR', { ...PARIS, weekday: 'long', day: 'numeric', month: 'long' });
const clock = new Intl.DateTimeFormat('fr-FR', { ...PARIS, hour: '2-digit', minute: '2-digit' });
const sortable = new Intl.DateTimeFormat('sv-SE', PARIS);

/** `texts(key)` with a dotted key; `{name}` is filled from the second argument. An unknown key is a mistake: throws. */
export function reader(tree) {
  return (key, values = {}) => {
    const found = key.split('.').reduce((branch, part) => branch?.[part], tree);
    if (found === undefined) throw new Error(`no text "${key}"`);
    return typeof found === 'string' ? found.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '') : found;
  };
}

/** A date or instant in ISO 8601 as « jeudi 25 septembre 2025 »; any other text stays what it is. */
export function frenchDate(value) {
  const text = String(value);
  if (!ISO_DAY.test(text) && !ISO_INSTANT.test(text)) return text;
  const instant = new Date(ISO_DAY.test(text) ? text + DAY : text);
  return Number.isNaN(instant.getTime()) ? text : longDay.format(instant);
}

/** « 14:05 » */
export function frenchClock(instant) {
  return clock.format(instant);
}

/** The calendar day in Paris, to compare: 2026-11-23. */
export function parisDay(instant) {
  return sortable.format(instant);
}

/** « Aujourd’hui », « Hier » or « lundi 23 novembre ». */
export function dayName(instant, now, texts) {
  const day = parisDay(instant);
  if (day === parisDay(now)) return texts('message.today');
  if (day === parisDay(new Date(now.getTime() - 86_400_000))) return texts('message.yesterday');
  return shortDay.format(instant);
}
