// Follows every link from a person's home, and looks once at each kind of page.

import { createHash } from 'node:crypto';
import { template } from './look.mjs';

/** Of one template so many pages are fetched to see whether they are built otherwise. */
const OF_A_TEMPLATE = 12;
const MOST = 400;

/** What is no page: files, the API and its description, and what ends the session. */
const isPage = ({ pathname, searchParams }) =>
  !/^\/(api|static|health|docs$|docs\/(?!access|problems))/.test(pathname) && !searchParams.has('format');

/**
 * The addresses of one page for each template and each way in which it is built that is not among `shapes`, to which they
 * are added; `visit` sees all that was fetched.
 */
export async function crawl(page, { starts = ['/'], shapes = new Set(), visit = () => {} } = {}) {
  const { url: base } = page.service;
  const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  const queue = [...starts];
  /** On which page an address stood first. */
  const seen = new Map(queue.map((start) => [start, 'nowhere']));
  const tried = new Map();
  const found = [];
  let fetched = 0;
  while (queue.length > 0 && fetched < MOST) {
    const address = queue.shift();
    const kind = template(base + address);
    if ((tried.get(kind) ?? 0) >= OF_A_TEMPLATE) continue;
    tried.set(kind, (tried.get(kind) ?? 0) + 1);
    fetched += 1;
    const answer = await fetch(base + address, { headers: { cookie, 'sec-fetch-site': 'none' } });
    if (!(answer.headers.get('content-type') ?? '').startsWith('text/html')) continue;
    if (answer.status >= 400) throw new Error(`a link on ${seen.get(address)} leads to ${address}, which answers ${answer.status}`);
    const html = await answer.text();
    await visit(address, html);
    const shape = `${template(answer.url)}\n${shapeOf(html)}`;
    if (!shapes.has(shape)) {
      shapes.add(shape);
      found.push(address);
    }
    for (const [, href] of html.matchAll(/<a\s[^>]*?href="([^"]*)"/g)) {
      const target = new URL(href.replaceAll(/&(amp|#38);/g, '&'), answer.url);
      target.hash = '';
      const next = target.href.slice(base.length);
      if (target.origin !== base || seen.has(next) || !isPage(target)) continue;
      seen.set(next, address);
      queue.push(next);
    }
  }
  return found;
}

/** How a page is built: the kinds of its elements, without how often and with which words. */
function shapeOf(html) {
  const main = html.slice(html.indexOf('<main'), html.indexOf('</main>'));
  const kinds = new Set();
  for (const [, name, rest] of main.matchAll(/<([a-z]\w*)([^>]*)>/g)) {
    const given = ['class', 'type', 'role', 'aria-current'].map((of) => new RegExp(`\\s${of}="([^"]*)"`).exec(rest)?.[1]);
    kinds.add(`${name}|${given.join('|')}`);
  }
  return createHash('sha256').update([...kinds].sort().join('\n')).digest('hex');
}
