// Every page keeps its weight with ten times the demo's data: tables are paged, so that no page grows with the programme.

import { strict as assert } from 'node:assert';
import { after, before, test } from 'node:test';
import { launch, logIn, open } from './lib/browser.mjs';
import { crawl } from './lib/crawl.mjs';
import { BUDGET, overweight } from './lib/look.mjs';
import { PEOPLE, serve, TENFOLD } from './lib/service.mjs';
import { multiply } from './lib/tenfold.mjs';

let service, browser;
before(async () => {
  if (!process.env.E2E_KEEP) await multiply();
  service = await serve(TENFOLD);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await service?.stop();
});

/** The files that a document names: what a browser fetches beside it. */
function filesOf(html) {
  const named = html.matchAll(/<(?:link|img|script)\s[^>]*?(?:href|src)="([^"]+)"/g);
  return [...new Set([...named].map(([, address]) => service.url + address))];
}

for (const locale of ['es', 'en']) {
  for (const person of Object.keys(PEOPLE)) {
    test(`every page of the ${person} keeps its budget, ${locale}`, async (t) => {
      const page = await open(browser, service, { locale });
      await logIn(page, person);
      const faults = [];
      let pages = 0;
      await crawl(page, {
        async visit(address, html) {
          pages += 1;
          const where = `${address} (${person}, ${locale}, ten times the data)`;
          const found = await overweight(html, filesOf(html), where);
          faults.push(...found.map((fault) => `${where}: ${fault}`));
        },
      });
      t.diagnostic(`${pages} pages`);
      assert.ok(pages > 5, 'there is something to weigh');
      assert.deepEqual(faults, [], faults.join('\n'));
      await page.context().close();
    });
  }
}

test('a page that is too heavy is found', async () => {
  const words = Array.from({ length: 30_000 }, (_, at) => (at * 2_654_435_761 % 2 ** 32).toString(36)).join(' ');
  assert.match((await overweight(words, []))[0], new RegExp(`more than ${BUDGET.all}`));
  const five = ['/a', '/b', '/c', '/d'].map((name) => `${service.url}/login?back=${name}`);
  assert.match((await overweight('', five))[0], /takes 5 requests/);
});
