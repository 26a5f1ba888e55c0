// Every page that is linked from anybody's home. The languages take turns; with E2E_FULL each page is looked at in both,
// and for everybody who is led to it, however alike.

import { after, before, test } from 'node:test';
import { launch, logIn, open } from './lib/browser.mjs';
import { crawl } from './lib/crawl.mjs';
import { Faults } from './lib/faults.mjs';
import { FULL, look } from './lib/look.mjs';
import { PEOPLE, serve } from './lib/service.mjs';

let service, browser;
before(async () => {
  service = await serve();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await service?.stop();
});

/** Pages that no link leads to. */
const BESIDE = ['/docs/access', '/docs/problems', '/login', '/logged-out', '/privacy', '/no-such-page'];
const LOCALES = ['es', 'en'];
/** How the pages were built that somebody has looked at. */
const shapes = new Set();

/** Looks at the addresses in the windows, which take turns. */
async function lookAt(addresses, windows) {
  const faults = new Faults();
  for (const [at, address] of addresses.entries()) {
    const turn = at % 2 ? [...windows].reverse() : windows;
    for (const page of FULL ? turn : turn.slice(0, 1)) {
      await faults.of(`${address} (${page.locale})`, async () => {
        await page.goto(address);
        await look(page);
      });
    }
  }
  faults.tell();
}

test('what nobody has to log in for', async () => {
  const windows = await Promise.all(LOCALES.map((locale) => open(browser, service, { locale })));
  await lookAt(BESIDE, windows);
  for (const page of windows) await page.context().close();
});

for (const person of Object.keys(PEOPLE)) {
  test(`every page linked from the home of the ${person}`, async (t) => {
    const windows = [];
    for (const locale of LOCALES) {
      const page = await open(browser, service, { locale });
      await logIn(page, person);
      windows.push(page);
    }
    const found = await crawl(windows[0], { starts: ['/', '/organisation'], shapes: FULL ? new Set() : shapes });
    t.diagnostic(`${found.length} pages`);
    await lookAt(found, windows);
    for (const page of windows) await page.context().close();
  });
}
