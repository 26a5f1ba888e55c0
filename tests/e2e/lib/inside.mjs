// What is checked inside the page. Each function is sent there whole, and so uses nothing from outside of itself; and
// waits for nothing, so that it also runs where the page's scripts are off.

/** What a page says of itself, and whether its fields and targets are fit for use. */
export function inThePage({ locale }) {
  const faults = [];
  const say = (element) => element.outerHTML.slice(0, 140).replace(/\s+/g, ' ');
  const shown = (element) => {
    const { width, height } = element.getBoundingClientRect();
    return width > 0 && height > 0 && getComputedStyle(element).visibility !== 'hidden';
  };
  if (document.documentElement.lang !== locale) faults.push(`lang is ${document.documentElement.lang}`);
  const headings = document.querySelectorAll('h1');
  if (headings.length !== 1) faults.push(`${headings.length} main headings`);
  const plain = (text) => text.replace(/\s+/g, ' ').trim();
  const title = plain(document.title).replace(/^Error: /, '');
  if (!title.endsWith('– Eslabón')) faults.push(`title: ${title}`);
  if (headings.length === 1 && title !== `${plain(headings[0].textContent)} – Eslabón`) {
    faults.push(`the title says "${title}", the heading "${plain(headings[0].textContent)}"`);
  }
  if (!document.querySelector('main')) faults.push('no main');
  const skip = document.querySelector('a[href="#main"]');
  if (!skip || document.querySelector('a, button, input') !== skip) faults.push('the way past the header is not first');

  // 2.5.8: 24 pixels, unless a link stands within a sentence.
  for (const target of document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')) {
    if (!shown(target) || target.closest('.skip, .unseen')) continue;
    const label = target.matches('[type=radio], [type=checkbox]') && target.labels[0];
    const boxes = [target, label].filter(Boolean).map((element) => element.getBoundingClientRect());
    const fits = boxes.some(({ width, height }) => Math.round(width) >= 24 && Math.round(height) >= 24);
    if (fits) continue;
    const around = target.parentElement;
    const sentence = around.matches('p, li, dd, td, caption, .hint, .note') && plain(around.textContent) !== plain(target.textContent);
    const alone = () => {
      // The other way that the rule allows: a circle of 24 pixels around it touches no other target.
      const { x, y, width, height } = boxes[0];
      const [cx, cy] = [x + width / 2, y + height / 2];
      return [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
        .filter((other) => other !== target && shown(other))
        .every((other) => {
          const box = other.getBoundingClientRect();
          const dx = Math.max(box.x - cx, 0, cx - box.right);
          const dy = Math.max(box.y - cy, 0, cy - box.bottom);
          return Math.hypot(dx, dy) >= (Math.min(box.width, box.height) < 24 ? 24 : 12);
        });
    };
    if (!sentence && !alone()) faults.push(`a target below 24 pixels: ${say(target)}`);
  }

  for (const field of document.querySelectorAll('input:not([type=hidden]):not([type=radio]):not([type=checkbox]):not([type=submit]), textarea, select')) {
    const fill = field.getAttribute('autocomplete');
    if (field.matches('input:not([type=file])') && !fill) faults.push(`autocomplete says nothing: ${say(field)}`);
    const wanted = { email: /email|username/, password: /password/, tel: /tel/ }[field.type];
    if (wanted && fill !== 'off' && !wanted.test(fill)) faults.push(`autocomplete says ${fill}: ${say(field)}`);
    if (field.labels.length === 0 && !field.getAttribute('aria-label')) faults.push(`no label: ${say(field)}`);
  }
  // 3.3.7: who has logged in is not asked again for what is known of them.
  const someone = document.querySelector('form[action="/logout"]');
  for (const field of someone ? document.querySelectorAll('main [autocomplete]') : []) {
    const known = /^(name|email|username|tel|organization)$/.test(field.getAttribute('autocomplete'));
    if (known && !field.value && field.getAttribute('aria-invalid') !== 'true') faults.push(`asked for once more: ${say(field)}`);
  }
  for (const wrong of document.querySelectorAll('[aria-invalid=true]')) {
    const ids = (wrong.getAttribute('aria-describedby') ?? '').split(' ');
    if (!ids.some((id) => document.getElementById(id)?.matches('.fault'))) faults.push(`its fault is not told: ${say(wrong)}`);
  }
  for (const described of document.querySelectorAll('[aria-describedby], [aria-labelledby], [aria-controls]')) {
    for (const name of ['aria-describedby', 'aria-labelledby', 'aria-controls']) {
      for (const id of (described.getAttribute(name) ?? '').split(' ').filter(Boolean)) {
        if (!document.getElementById(id)) faults.push(`${name} names ${id}, which is not there: ${say(described)}`);
      }
    }
  }
  // 4.1.3: what has been done or gone wrong reaches who does not see it.
  for (const message of document.querySelectorAll('.summary, .done, .notice, .success, .flash')) {
    if (!message.matches('[role=alert], [role=status], [aria-live]')) faults.push(`no status: ${say(message)}`);
  }
  for (const table of document.querySelectorAll('table')) {
    if (!table.querySelector('th[scope]')) faults.push(`a table without heads: ${say(table)}`);
  }
  for (const chart of document.querySelectorAll('svg')) {
    const named = chart.closest('figure')?.querySelector('figcaption') || chart.matches('[aria-hidden=true], [role=img][aria-label], [role=img][aria-labelledby]');
    if (!named) faults.push(`a chart without name: ${say(chart)}`);
  }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode.textContent.trim();
    const code = texts.currentNode.parentElement.closest('code, pre, script, textarea');
    if (!code && /^[a-z]+(-[a-z]+)+$/.test(text)) faults.push(`a text that was not found: ${text}`);
    if (/\{\{|\}\}|\$\w+|undefined|NaN/.test(text) && !code) faults.push(`not a text: ${text}`);
  }
  return faults;
}

/** 1.4.10: nothing is wider than the window, but what scrolls in a frame of its own. */
export function wide() {
  const room = document.documentElement.clientWidth;
  if (document.scrollingElement.scrollWidth <= room) return [];
  const far = [...document.querySelectorAll('body *')].filter(
    (element) => element.getBoundingClientRect().right > room + 1 && !element.closest('.scroll') && !element.closest('.unseen'),
  );
  const say = far.slice(-2).map((element) => element.outerHTML.slice(0, 120)).join(' / ');
  return [`scrolls sideways (${document.scrollingElement.scrollWidth} of ${room}): ${say}`];
}

/** 2.4.7 and 2.4.11: what has the focus is in sight and shows it. */
export function obscured() {
  const faults = [];
  const say = (element) => element.outerHTML.slice(0, 120).replace(/\s+/g, ' ');
  const look = (element) => {
    const parts = [element, ...(element.labels ?? [])];
    return parts.map((part) => {
      const { outlineStyle, outlineWidth, outlineColor, boxShadow, backgroundColor } = getComputedStyle(part);
      return [outlineStyle, outlineWidth, outlineColor, boxShadow, backgroundColor].join();
    }).join();
  };
  const before = document.activeElement;
  const all = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
  for (const element of document.querySelectorAll(all)) {
    if (element.disabled || element.closest('[hidden], details:not([open]) > :not(summary)')) continue;
    // On a phone the menu is folded; elsewhere there is nothing to unfold.
    if (element.closest('#menu') && element.getClientRects().length === 0) continue;
    element.blur();
    const plain = look(element);
    element.focus({ focusVisible: true });
    if (document.activeElement !== element) {
      faults.push(`does not take the focus: ${say(element)}`);
      continue;
    }
    if (look(element) === plain) faults.push(`does not show the focus: ${say(element)}`);
    const box = element.getBoundingClientRect();
    const [x, y] = [
      Math.min(Math.max(box.x + Math.min(box.width, innerWidth) / 2, 1), innerWidth - 1),
      Math.min(Math.max(box.y + Math.min(box.height, innerHeight) / 2, 1), innerHeight - 1),
    ];
    const top = document.elementFromPoint(x, y);
    const label = [...(element.labels ?? [])].some((of) => of.contains(top));
    if (!label && !element.contains(top) && !top?.contains(element)) {
      faults.push(`hidden when it has the focus: ${say(element)} behind ${top ? say(top) : 'nothing'}`);
    }
  }
  before?.focus?.();
  scrollTo(0, 0);
  return faults;
}
