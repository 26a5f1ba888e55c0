// Each role from login to signature or approval: with scripts and without, in both languages; and by keyboard alone.

import { after, before, test } from 'node:test';
import { launch, logIn, open, PHONE } from './lib/browser.mjs';
import * as go from './lib/journeys.mjs';
import { PASSWORD, PEOPLE, serve } from './lib/service.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

const JOURNEYS = {
  async supplier(page, hands) {
    await go.diagnostic(page, hands, {
      kinds: {
        'management-plan': 'level',
        'customers-count': 'number',
        'procurement-incoming': 'boolean',
        'quality-iso-9001': 'certificate',
      },
    });
    await go.gaps(page, hands);
    await go.accept(page, hands);
  },
  async leadFirm(page, hands) {
    await go.diagnostic(page, hands, {
      kinds: { 'purchasing-award': 'level', 'payment-days': 'number', 'purchasing-complaints': 'boolean' },
    });
    await go.gaps(page, hands);
    await go.accept(page, hands);
    await go.decline(page, hands);
  },
  async officer(page, hands) {
    await go.gaps(page, hands);
  },
  async approver(page, hands) {
    await go.gaps(page, hands);
    await go.approve(page, hands);
  },
};

async function walk(person, { hands, ...options }) {
  const service = await serve();
  try {
    const page = await open(browser, service, options);
    await go.logInByHand(page, hands, PEOPLE[person], PASSWORD);
    await JOURNEYS[person](page, hands);
    await go.logOut(page, hands);
    await page.context().close();
  } finally {
    await service.stop();
  }
}

for (const person of Object.keys(JOURNEYS)) {
  for (const locale of ['es', 'en']) {
    for (const script of [true, false]) {
      const how = `${person}, ${locale}, ${script ? 'with' : 'without'} scripts`;
      test(how, () => walk(person, { locale, script, hands: go.HANDS.mouse }));
    }
  }
  test(`${person}, by keyboard alone`, () => walk(person, { locale: 'es', hands: go.HANDS.keyboard }));
}

test('the supplier on a phone', () => walk('supplier', { locale: 'es', viewport: PHONE, hands: go.HANDS.mouse }));

/** Something short in a window of its own, with scripts and without. */
function both(name, act) {
  for (const script of [true, false]) {
    test(`${name}, ${script ? 'with' : 'without'} scripts`, async () => {
      const service = await serve();
      try {
        const page = await open(browser, service, { script });
        await act(page);
        await page.context().close();
      } finally {
        await service.stop();
      }
    });
  }
}

both('the language is switched in place', async (page) => {
  await go.switchLanguage(page, go.HANDS.mouse, '/login?back=%2Fmatches%3Fstate%3Daccepted');
  await logIn(page, 'officer');
  await go.switchLanguage(page, go.HANDS.mouse, '/matches?state=approved');
});

both('two windows do not overwrite each other', async (page) => {
  await logIn(page, 'supplier');
  await go.twoWindows(browser, page);
});

both('a form that is sent twice counts once', async (page) => {
  await logIn(page, 'supplier');
  await go.sentTwice(page);
});

both('what was written survives the end of a session', async (page) => {
  await logIn(page, 'approver');
  await go.sessionOver(page, async () => {
    const other = await open(browser, page.service);
    await logIn(other, 'approver');
    await page.context().addCookies(await other.context().cookies());
    await other.context().close();
  });
});

both('what is not to be had is told', async (page) => {
  await logIn(page, 'supplier');
  await go.refused(page);
});
