// What no page needs: figures that change in place, a word before the session ends, and all boxes of a table at once.
(() => {
  'use strict';

  // A run that goes on: its figures change in place, and the page is read again when it has ended.
  const live = document.querySelector('[data-events]');
  if (live && window.EventSource) {
    const source = new EventSource(live.dataset.events);
    source.addEventListener('progress', (event) => {
      const shown = JSON.parse(event.data);
      for (const [name, text] of Object.entries(shown)) {
        const place = live.querySelector(`[data-show="${name}"]`);
        if (place) place.textContent = text;
      }
    });
    // Refused, as when too many are open: the browser does not come back by itself.
    source.addEventListener('error', () => {
      if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 30000);
    });
    source.addEventListener('end', () => {
      source.close();
      location.reload();
    });
  }

  // A session that nobody uses ends: that is said while there is time, and one click goes on with it.
  const soon = document.querySelector('[data-after]');
  if (soon) {
    const notice = soon.querySelector('div');
    const wait = () => setTimeout(() => (notice.hidden = false), soon.dataset.after * 1000);
    wait();
    notice.querySelector('button').addEventListener('click', () => {
      notice.hidden = true;
      fetch('/', { method: 'HEAD', credentials: 'same-origin' }).then(wait, wait);
    });
  }

  // Everything in a table at once.
  for (const all of document.querySelectorAll('[data-checks]')) {
    all.hidden = false;
    all.querySelector('input').addEventListener('change', (event) => {
      for (const box of document.querySelectorAll(`input[name^="${all.dataset.checks}"]`)) {
        box.checked = event.target.checked;
      }
    });
  }
})();
