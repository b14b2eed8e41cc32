// What htmx does not do. The console works without any script; with it, answers come in place and live parts stay live.

const announce = (text) => { document.getElementById('annonce').textContent = text; };

document.addEventListener('click', async (event) => {
  const button = event.target.closest('[data-copy]');
  if (!button) return;
  const text = button.dataset.copy;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Over plain HTTP there is no clipboard interface.
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
    button.focus();
  }
  const before = button.dataset.title ??= button.textContent;
  button.textContent = 'Copié';
  announce('Réponse copiée.');
  setTimeout(() => { button.textContent = before; }, 2000);
});

// A part that asks for itself again and again leaves the server alone while nobody looks, and the page while it would
// say the same.
const words = (node) => node.textContent.replace(/\s+/g, ' ').trim();

document.addEventListener('htmx:beforeRequest', (event) => {
  if (document.hidden && event.detail.elt.matches('[data-live]')) event.preventDefault();
});

document.addEventListener('htmx:beforeSwap', (event) => {
  if (!event.detail.elt.matches('[data-live]')) return;
  const fresh = document.createElement('template');
  fresh.innerHTML = event.detail.serverResponse;
  if (event.detail.xhr.status !== 200 || words(fresh.content) === words(event.detail.elt)) event.detail.shouldSwap = false;
});
