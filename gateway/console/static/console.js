// The console works without this script; with it, answers come in place, texts are copied and live parts stay live.

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

document.addEventListener('submit', async (event) => {
  const form = event.target;
  if (!form.dataset.into) return;
  event.preventDefault();
  const target = document.querySelector(form.dataset.into);
  const button = form.querySelector('button');
  button.disabled = true;
  target.setAttribute('aria-busy', 'true');
  try {
    const answer = await fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)), headers: { 'X-Part': '1' } });
    if (answer.redirected) { location.assign(answer.url); return; }
    target.innerHTML = await answer.text();
    if (form.dataset.clear && answer.ok) form.querySelector(form.dataset.clear).value = '';
  } catch {
    form.submit();
  } finally {
    button.disabled = false;
    target.setAttribute('aria-busy', 'false');
  }
});

// A live part asks for itself again; it is replaced only when its words have changed and nobody is choosing in it.
const words = (node) => node.textContent.replace(/\s+/g, ' ').trim();
for (const part of document.querySelectorAll('[data-live]')) {
  const look = async () => {
    if (!document.hidden) {
      try {
        const answer = await fetch(part.dataset.live, { headers: { 'X-Part': '1' } });
        if (answer.redirected) { location.reload(); return; }
        if (answer.ok) {
          const fresh = document.createElement('template');
          fresh.innerHTML = await answer.text();
          const isChoosing = part.contains(document.activeElement) && document.activeElement.matches('select');
          if (!isChoosing && words(fresh.content) !== words(part)) part.replaceChildren(fresh.content);
        }
      } catch { /* The next look may find the server again. */ }
    }
    setTimeout(look, 2000);
  };
  setTimeout(look, 500);
}

for (const chosen of document.querySelectorAll('[data-submits]')) {
  chosen.addEventListener('change', () => chosen.form.requestSubmit());
}
