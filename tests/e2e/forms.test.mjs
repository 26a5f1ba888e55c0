// Every form on the pages that are linked from anybody's home, sent empty and sent with nonsense: whatever the service says
// to that, it says it as it should, and nothing that was typed is lost. The languages take turns from form to form;
// with E2E_FULL=1 each form is sent in both.

import { after, before, test } from 'node:test';
import { launch, logIn, open } from './lib/browser.mjs';
import { crawl } from './lib/crawl.mjs';
import { Faults } from './lib/faults.mjs';
import { formsOf, sendForm } from './lib/forms.mjs';
import { FULL } from './lib/look.mjs';
import { DEMO, PEOPLE, serve } from './lib/service.mjs';

const LOCALES = ['es', 'en'];
const TEXTS = ['', '¿?'];

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

const tried = new Set();

/** Each form of the addresses, with each text, in the language whose turn it is. */
async function sendAll(addresses, windows, tell) {
  const faults = new Faults();
  let sent = 0;
  for (const address of addresses) {
    await windows[0].goto(address);
    for (const { at, key } of await formsOf(windows[0])) {
      if (tried.has(key)) continue;
      tried.add(key);
      for (const [turn, text] of TEXTS.entries()) {
        for (const page of FULL ? windows : [windows[(tried.size + turn) % windows.length]]) {
          const where = `${address}, form ${at}, with "${text}" (${page.locale})`;
          if (await faults.of(where, () => sendForm(page, address, at, text))) sent += 1;
        }
      }
    }
  }
  tell(`${sent} times sent`);
  faults.tell();
}

async function windowsOf(service, person) {
  const windows = [];
  for (const locale of LOCALES) {
    const page = await open(browser, service, { locale });
    if (person) await logIn(page, person);
    windows.push(page);
  }
  return windows;
}

/** Some forms take what is empty and change what others find: everybody gets data of their own. */
async function forms(t, person, find) {
  const service = await serve(DEMO, { more: ['--solver-seconds', '20'] });
  try {
    const windows = await windowsOf(service, person);
    await sendAll(await find(windows[0]), windows, (text) => t.diagnostic(text));
    for (const page of windows) await page.context().close();
  } finally {
    await service.stop();
  }
}

test('the forms of those who have not logged in', (t) =>
  forms(t, undefined, async () => ['/login', '/password/forgotten', '/register', '/register/ask']));

for (const person of Object.keys(PEOPLE)) {
  test(`the forms of the ${person}`, (t) => forms(t, person, (page) => crawl(page, { starts: ['/', '/organisation'] })));
}
