// Every page that is linked from anybody's home, in both languages; and every form on them, sent empty and sent wrong.

import { after, before, test } from 'node:test';
import { launch, logIn, open } from './lib/browser.mjs';
import { crawl, entryForms } from './lib/crawl.mjs';
import { look, lookAtErrors, template } from './lib/look.mjs';
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
const BESIDE = ['/docs/access', '/docs/problems', '/login', '/logged-out', '/no-such-page'];

const tried = new Set();

for (const locale of ['es', 'en']) {
  test(`what nobody has to log in for, ${locale}`, async () => {
    const page = await open(browser, service, { locale });
    for (const address of BESIDE) {
      await page.goto(address);
      await look(page);
    }
    await page.goto('/login');
    await sendEmpty(page, '/login');
  });

  for (const person of Object.keys(PEOPLE)) {
    test(`every page linked from the home of the ${person}, ${locale}`, async (t) => {
      const page = await open(browser, service, { locale });
      await logIn(page, person);
      const found = await crawl(page, { starts: ['/', '/organisation'] });
      for (const address of found) {
        await page.goto(address);
        await look(page);
      }
      t.diagnostic(`${found.length} pages`);
      // At last, as some forms take what is empty and change what the links lead to.
      for (const address of found) await sendEmpty(page, address);
      await page.context().close();
    });
  }
}

/** Sends each form of a page without anything, and once more with nonsense in it: nothing of that is lost. */
async function sendEmpty(page, address) {
  await page.goto(address);
  const forms = await entryForms(page);
  for (const at of forms) {
    for (const text of ['', '¿?']) {
      const key = [template(page.service.url + address), at, text, page.locale].join();
      if (tried.has(key)) continue;
      tried.add(key);
      await page.goto(address);
      const form = page.locator('main form[method=post]').nth(at);
      if ((await form.count()) === 0) continue;
      const typed = await form.evaluate((form, text) => {
        const typed = {};
        for (const field of form.querySelectorAll('input:not([type=hidden]), textarea')) {
          if (['radio', 'checkbox'].includes(field.type)) {
            field.checked = false;
            continue;
          }
          if (field.type === 'file') continue;
          // As a browser without fields for dates sends it.
          if (['date', 'datetime-local'].includes(field.type)) field.type = 'text';
          field.value = text;
          if (field.type !== 'password') typed[field.name] = field.value;
        }
        return typed;
      }, text);
      const sent = Promise.all([page.waitForNavigation(), form.locator('button >> visible=true').first().click()]);
      await sent.catch((error) => {
        throw new Error(`${address}, form ${at}, with "${text}": ${error.message}`);
      });
      if (page.document.status() >= 400) await lookAtErrors(page, typed);
      else await look(page);
    }
  }
}
