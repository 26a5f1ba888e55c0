// What must hold for every page and state that anybody reaches: `look(page)`.
//
// Each state (a page's structure; what scripts have made of it is in it) is looked at wholly once a run, by whoever comes
// to it first and in their language; in the other language its words, its HTML and its width at 320 pixels; after that only
// its weight, policy and width. With E2E_FULL=1 (`make soak`) it is looked at wholly in each language. To look at a new
// page a test calls `look`; the crawler does so for whatever is linked.

import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { faultsOfHtml } from './html.mjs';
import { inThePage, obscured, wide } from './inside.mjs';
import { WORK } from './service.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Whether every state is looked at wholly in both languages. */
export const FULL = process.env.E2E_FULL === '1';

/** The budget of a page. */
export const BUDGET = { all: 60 * 1024, css: 15 * 1024, js: 12 * 1024, requests: 4 };

/** What was done: told at the end, so that nobody takes a run that looked at nothing for a good one. */
const counts = { looks: 0, states: new Set(), whole: new Set(), templates: new Set(), axe: 0, rules: 0, weighed: 0, heaviest: [0, ''] };
const COUNTS = join(WORK, 'counts');

process.on('exit', () => {
  if (counts.looks + counts.weighed === 0) return;
  const told = { ...counts, states: [...counts.states], whole: [...counts.whole], templates: [...counts.templates] };
  mkdirSync(COUNTS, { recursive: true });
  writeFileSync(join(COUNTS, `${process.pid}.json`), JSON.stringify(told));
});

/** Begins to count, for the whole run. */
export function beginCount() {
  rmSync(COUNTS, { recursive: true, force: true });
}

/** What all files together have looked at. */
export function counted() {
  const files = existsSync(COUNTS) ? readdirSync(COUNTS).filter((file) => file.endsWith('.json')) : [];
  const all = files.map((file) => JSON.parse(readFileSync(join(COUNTS, file), 'utf8')));
  const sum = (name) => all.reduce((total, one) => total + one[name], 0);
  const distinct = (name) => new Set(all.flatMap((one) => one[name]));
  const heaviest = all.map((one) => one.heaviest).sort(([a], [b]) => b - a)[0] ?? [0, ''];
  const [states, whole] = [distinct('states').size, distinct('whole').size];
  const templates = [...distinct('templates')].sort();
  return { looks: sum('looks'), states, whole, templates, axe: sum('axe'), rules: sum('rules'), weighed: sum('weighed'), heaviest };
}

/** Header and footer of the first page of each reader: the others have the same, in the same order. */
const frames = new Map();

export async function look(page) {
  await settled(page);
  counts.looks += 1;
  const faults = page.faults.splice(0);
  const html = await source(page);
  const where = `${page.url().replace(page.service.url, '')} (${page.locale}${page.script ? '' : ', no script'})`;
  counts.templates.add(template(page.url()));
  faults.push(...policy(page, html), ...(await weight(page, html, where)));
  const { state, inLanguage } = await stateOf(page);
  counts.states.add(inLanguage);
  const whole = isNew(FULL ? inLanguage : state);
  if (whole || isNew(`${inLanguage}-words`)) {
    faults.push(...(await page.evaluate(inThePage, { locale: page.locale })));
    faults.push(...(await steady(page)));
    faults.push(...(await faultsOfHtml(html)));
    faults.push(...(await shapes(page, whole)));
  } else {
    faults.push(...(await page.evaluate(wide)).map((text) => `at the window's own width: ${text}`));
  }
  if (whole) {
    counts.whole.add(inLanguage);
    faults.push(...(await audit(page, html)));
  }
  assert.deepEqual(faults, [], `${where}:\n  ${faults.join('\n  ')}\n`);
}

/** A run that goes on is read again by its own script when it has ended, which no look survives. */
async function settled(page) {
  if (!page.script) return;
  const over = () => !document.querySelector('[data-events]');
  await page.waitForFunction(over, undefined, { timeout: 120_000 }).catch(() => {
    throw new Error(`${page.url()}: the run has not ended, or its page does not know`);
  });
  await page.waitForLoadState();
}

/** A page's address without what differs from one thing to the next. */
export function template(url) {
  const { pathname, searchParams } = new URL(url);
  const path = pathname
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, ':id')
    .replace(/\/questions\/[^/]+/, '/questions/:code');
  const query = [...searchParams].map(([name, value]) =>
    ['state', 'change', 'tab', 'view'].includes(name) ? `${name}=${value}` : name,
  );
  return query.length ? `${path}?${query.sort().join('&')}` : path;
}

/** The document as it came; what scripts made of it is in the page. */
async function source(page) {
  try {
    return await page.document.text();
  } catch {
    // The browser has let go of the answer to a form, whose document it still shows.
    return page.content();
  }
}

/** Whether no file of this run has looked at the state yet. */
function isNew(key) {
  try {
    mkdirSync(COUNTS, { recursive: true });
    closeSync(openSync(join(COUNTS, key), 'wx'));
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Two pages are the same state when they differ in words and numbers only; the same in one language when those are, too. */
async function stateOf(page) {
  const shape = await page.evaluate(() => {
    const kinds = new Set();
    for (const element of document.querySelectorAll('*')) {
      const names = ['class', 'type', 'role', 'scope', 'aria-invalid', 'aria-current', 'aria-expanded', 'open', 'checked'];
      const given = names.map((name) => element.getAttribute(name)).join('|');
      kinds.add(`${element.parentElement?.localName}>${element.localName}|${given}`);
    }
    return [...kinds].sort().join('\n');
  });
  const hash = (...parts) => createHash('sha256').update(parts.join('\n')).digest('hex');
  const key = [template(page.url()), page.document.status(), shape];
  return { state: hash(...key), inLanguage: hash(page.locale, ...key) };
}

/** The policy lets nothing inline run, and nothing inline is there. */
function policy(page, html) {
  const faults = [];
  const sent = page.document.headers()['content-security-policy'] ?? '';
  if (!sent.includes("default-src 'none'")) faults.push(`policy: ${sent || 'none'}`);
  if (/unsafe-|\*|data:|https?:/.test(sent)) faults.push(`policy allows too much: ${sent}`);
  const inline = /<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)/i.exec(html);
  if (inline) faults.push(`inline: ${html.slice(inline.index, inline.index + 80)}`);
  return faults;
}

/** What the page takes to show, compressed as it is sent; the browser says what it has asked for. */
async function weight(page, html, where) {
  const requests = (await page.requests()).filter(({ type, url }) => type !== 'Document' && !url.startsWith('data:'));
  if (requests.length === 0) return ['nobody has seen it load'];
  const faults = await overweight(html, requests.map(({ url }) => url), where);
  if (!page.document.headers()['content-encoding'] && html.length > 1024) faults.push('sent without compression');
  return faults;
}

/** Where a document with these files beside it is above the budget. Without a place it is not counted. */
export async function overweight(html, urls, where) {
  const faults = [];
  const sizes = { all: gzipSync(html).length, css: 0, js: 0 };
  for (const url of urls) {
    const size = await compressed(url);
    sizes.all += size;
    if (url.endsWith('.css')) sizes.css += size;
    if (url.endsWith('.js')) sizes.js += size;
  }
  for (const [name, size] of Object.entries(sizes)) {
    if (size > BUDGET[name]) faults.push(`weighs ${size} bytes (${name}), more than ${BUDGET[name]}`);
  }
  if (urls.length + 1 > BUDGET.requests) {
    faults.push(`takes ${urls.length + 1} requests, more than ${BUDGET.requests}: ${urls.join(' ')}`);
  }
  if (!where) return faults;
  counts.weighed += 1;
  if (sizes.all > counts.heaviest[0]) counts.heaviest = [sizes.all, where];
  return faults;
}

const files = new Map();

/** How much a file is when it is compressed. */
async function compressed(url) {
  if (!files.has(url)) {
    // What is not to be had is a fault of its own, told by the browser.
    const body = await fetch(url).then((answer) => answer.arrayBuffer()).catch(() => new ArrayBuffer(0));
    files.set(url, gzipSync(Buffer.from(body)).length);
  }
  return files.get(url);
}

/** Header, navigation and footer stand in the same order on every page of the same reader. */
async function steady(page) {
  const frame = await page.evaluate(() => {
    const words = (selector) =>
      [...document.querySelectorAll(selector)].map((e) => e.textContent.replace(/\s+/g, ' ').trim());
    return JSON.stringify({ top: words('header.top a, header.top button'), foot: words('footer a, footer button, footer p') });
  });
  const reader = await page.evaluate(() => document.querySelector('.who p')?.textContent ?? 'nobody');
  const key = `${page.locale} ${reader}`;
  const first = frames.get(key) ?? frames.set(key, frame).get(key);
  // How many new things wait is not where things stand.
  const plain = (text) => text.replace(/\d+/g, '#');
  return plain(first) === plain(frame) ? [] : [`header or footer differ: ${frame} and before ${first}`];
}

/** At 320 pixels nothing scrolls sideways; by the keyboard everything is reached, seen and shown to be reached. */
async function shapes(page, whole) {
  const faults = [];
  const size = page.viewportSize();
  for (const width of [320, size.width]) {
    await page.setViewportSize({ width, height: 640 });
    faults.push(...(await page.evaluate(wide)).map((text) => `at ${width} pixels: ${text}`));
    if (whole) faults.push(...(await page.evaluate(obscured)).map((text) => `at ${width} pixels: ${text}`));
  }
  await page.setViewportSize(size);
  return faults;
}

/** axe, in light and in dark. Where scripts are off it looks at the same document in a window where they are on. */
async function audit(page, html) {
  if (page.script) return axe(page);
  const mirror = await page.context().browser().newContext({ viewport: page.viewportSize() });
  try {
    const shown = await mirror.newPage();
    const cookies = await page.context().cookies();
    await mirror.addCookies(cookies);
    await shown.route(page.url(), (route) =>
      route.fulfill({ status: page.document.status(), contentType: 'text/html; charset=utf-8', body: html }),
    );
    await shown.goto(page.url());
    return await axe(shown);
  } finally {
    await mirror.close();
  }
}

export async function axe(page) {
  const faults = [];
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    // By the debugger, which the policy does not bind: the page keeps its own.
    await page.evaluate(AXE);
    const found = await page.evaluate(
      async ([tags, onlyColour]) => {
        const runOnly = onlyColour ? ['color-contrast'] : tags;
        const result = await window.axe.run(document, { runOnly, resultTypes: ['violations'] });
        return {
          ran: result.passes.length + result.violations.length,
          violations: result.violations.map(
            ({ id, help, nodes }) => `${id}: ${help}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' / ')}`,
          ),
        };
      },
      [RULES, colorScheme === 'dark'],
    );
    counts.axe += 1;
    counts.rules += found.ran;
    if (found.ran === 0) faults.push('axe ran no rule');
    faults.push(...found.violations.map((text) => `axe, ${colorScheme}: ${text}`));
  }
  await page.emulateMedia({ colorScheme: null });
  return faults;
}

/** An error page or a form shown again: what was wrong is said first, and said the same at its field. */
export async function lookAtErrors(page, typed = {}) {
  // The browser gives the focus with its first picture of the page, which may come after the page is there.
  const focused = () => document.activeElement === document.querySelector('.summary[role=alert]');
  await page.waitForFunction(focused, undefined, { timeout: 2_000 }).catch(() => {});
  const faults = await page.evaluate((typed) => {
    const faults = [];
    const summary = document.querySelector('.summary[role=alert]');
    if (!summary) return ['no error summary'];
    if (document.activeElement !== summary) faults.push('the summary has not taken the focus');
    if (!document.title.startsWith('Error: ')) faults.push(`title: ${document.title}`);
    for (const link of summary.querySelectorAll('a')) {
      const field = document.getElementById(link.hash.slice(1));
      const said = document.getElementById(`${link.hash.slice(1)}-fault`);
      if (!field) faults.push(`the summary leads to ${link.hash}, which is not there`);
      if (!said?.textContent.includes(link.textContent.trim())) faults.push(`not said at ${link.hash}: ${link.textContent}`);
      else if (!said.checkVisibility()) faults.push(`said at ${link.hash} where nobody sees it: ${link.textContent}`);
    }
    for (const [name, text] of Object.entries(typed)) {
      // Two forms of a page may have fields of one name.
      const kept = [...document.querySelectorAll(`main [name="${name}"]`)].map((field) => field.value);
      if (!kept.includes(text)) faults.push(`${name} was typed "${text}" and is now "${kept}"`);
    }
    return faults;
  }, typed);
  assert.deepEqual(faults, [], `${page.url()}:\n  ${faults.join('\n  ')}\n`);
  await look(page);
}
