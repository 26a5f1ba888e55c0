// Debian's Chromium, and a person at it.

import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { PASSWORD, PEOPLE } from './service.mjs';

const places = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** So long a page may take to come, on a machine that is busy with something else too. */
const PATIENCE = 45_000;

export const DESKTOP = { width: 1280, height: 900 };
export const PHONE = { width: 390, height: 844 };

/** Root, as in a container, gets no sandbox from Chromium; what it opens is our own service. */
export async function launch() {
  const executablePath = places.find((place) => place && existsSync(place));
  if (!executablePath) throw new Error('no Chromium: .ci/setup --browser installs it');
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, args: [...args, '--disable-dev-shm-usage'] });
}

/**
 * A browser's window on the service. What it does wrong (console, requests to elsewhere, a script that fails) is kept
 * in `page.faults`, and the last document as it came over the wire in `page.document`.
 */
export async function open(browser, service, { locale = 'es', script = true, viewport = DESKTOP } = {}) {
  const context = await browser.newContext({ javaScriptEnabled: script, viewport, baseURL: service.url, locale: 'en-US' });
  await context.addCookies([{ name: 'lang', value: locale, url: service.url }]);
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  Object.assign(page, { faults: [], script, locale, service });
  page.on('console', (message) => {
    const answered = /^Failed to load resource: the server responded with a status of 4\d\d/.test(message.text());
    // A form that is refused is answered with 4xx, which Chromium notes; anything else in the console is a fault.
    if (answered && message.location().url.split('#')[0] === page.url().split('#')[0]) return;
    if (['error', 'warning'].includes(message.type())) page.faults.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => page.faults.push(`script: ${error.message}`));
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== service.url) page.faults.push(`a request to ${request.url()}`);
  });
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText;
    if (why !== 'net::ERR_ABORTED') page.faults.push(`${request.url()}: ${why}`);
  });
  page.on('response', (response) => {
    const request = response.request();
    if (response.status() >= 500) page.faults.push(`${request.method()} ${response.url()}: ${response.status()}`);
    if (!request.isNavigationRequest() || request.frame() !== page.mainFrame()) return;
    if (response.status() >= 300 && response.status() < 400) return;
    page.document = response;
  });
  // Every visit is a first one, so that what a page weighs is counted whole.
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  // By document: a request that the page before has still made is not this one's.
  const loads = new Map();
  session.on('Network.requestWillBeSent', ({ loaderId, type, request }) => {
    if (!loads.has(loaderId)) loads.set(loaderId, new Map());
    // The icon is asked for twice only because the cache is off.
    loads.get(loaderId).set(type === 'Document' ? 'document' : request.url, { type, url: request.url });
  });
  page.requests = async () => {
    const { frameTree } = await session.send('Page.getFrameTree');
    return [...(loads.get(frameTree.frame.loaderId)?.values() ?? [])];
  };
  return page;
}

/** Logs in by the form, as a person does. */
export async function logIn(page, person) {
  await page.goto('/login');
  await page.fill('#email', PEOPLE[person] ?? person);
  await page.fill('#password', PASSWORD);
  await submit(page, 'main form button');
}

/** Does what leads to another page, and waits for that; what was waited for in vain is named. */
export async function answered(page, what, act) {
  const from = page.url().replace(page.service.url, '');
  try {
    await Promise.all([page.waitForNavigation({ timeout: PATIENCE }), act()]);
  } catch (error) {
    const title = await page.title().catch(() => '?');
    throw new Error(`${what}, pressed on ${from}, has led nowhere; the page is "${title}", ${page.url()}: ${error.message}`);
  }
}

/** Presses a button and waits for the page that answers. */
export const submit = (page, button) => answered(page, button, () => page.locator(button).first().click());

/** Presses a button twice at once, and waits for an address. The second press calls off the way that the first one began. */
export async function submitTwice(page, button, address) {
  const pressed = page.locator(button).first().dblclick();
  const calledOff = (error) => {
    if (!error.message.includes('net::ERR_ABORTED')) throw error;
    return page.waitForURL(address);
  };
  await Promise.all([page.waitForURL(address).catch(calledOff), pressed]);
  await page.waitForLoadState();
}

/** Follows a link. */
export const follow = submit;

/** Reaches something by the Tab key alone, as who has no mouse. */
export async function tabTo(page, selector) {
  for (let step = 0; step < 400; step++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
  }
  throw new Error(`the Tab key does not reach ${selector} on ${page.url()}`);
}

/** Presses what the Tab key has reached and waits for the page that answers. */
export async function press(page, selector) {
  await tabTo(page, selector);
  await answered(page, `Enter on ${selector}`, () => page.keyboard.press('Enter'));
}
