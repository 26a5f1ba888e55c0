// What each role writes at length, by keyboard alone: gone wrong, mended, sent twice, and from two windows. Without scripts
// the same with a mouse, in English.

import { after, before, test } from 'node:test';
import { launch, logIn, open } from './lib/browser.mjs';
import { HANDS } from './lib/journeys.mjs';
import { serve } from './lib/service.mjs';
import * as go from './lib/ways.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

const WAYS = [
  ['the rules of a programme', 'officer', go.rules],
  ['a meeting and its minutes', 'leadFirm', go.meeting],
  ['a requirement, and an offer for it', 'leadFirm', go.requirement],
  ['a consortium', 'supplier', go.consortium],
  ['a waiver', 'approver', go.waiver],
  ['who takes part', 'administrator', go.people],
  ['a proposal, and an expense', 'executor', go.proposal],
];

for (const [name, person, walk] of WAYS) {
  for (const [hands, locale, script] of [['keyboard', 'es', true], ['mouse', 'en', false]]) {
    test(`${name}: the ${person}, by ${hands}, ${locale}, ${script ? 'with' : 'without'} scripts`, async () => {
      const service = await serve();
      try {
        const page = await open(browser, service, { locale, script });
        await logIn(page, person);
        await walk(page, HANDS[hands]);
        await page.context().close();
      } finally {
        await service.stop();
      }
    });
  }
}
