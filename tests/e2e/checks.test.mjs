// That the checks can fail: each finds what is planted for it.

import { strict as assert } from 'node:assert';
import { after, before, test } from 'node:test';
import { launch, open, submit } from './lib/browser.mjs';
import { faultsOfHtml } from './lib/html.mjs';
import { inThePage, obscured, wide } from './lib/inside.mjs';
import { axe, look, lookAtErrors } from './lib/look.mjs';
import { serve } from './lib/service.mjs';

let service, browser;
before(async () => {
  service = await serve();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await service?.stop();
});

/** The login page with something changed in it. */
async function spoilt(change) {
  const page = await open(browser, service);
  await page.goto('/login');
  await page.evaluate(change);
  return page;
}
const has = (faults, words) =>
  assert.ok(faults.some((fault) => words.test(fault)), `${words} is not among: ${faults.join('\n')}`);

test('the login page as it is passes', async () => {
  const page = await spoilt(() => {});
  assert.deepEqual(await axe(page), []);
  assert.deepEqual(await page.evaluate(inThePage, { locale: 'es' }), []);
});

test('axe finds a label that is gone and a colour that is too pale', async () => {
  const page = await spoilt(() => {
    document.querySelector('label[for=email]').remove();
    document.querySelector('.lead').style.color = '#bbb';
  });
  const faults = await axe(page);
  has(faults, /^axe, light: label: /);
  has(faults, /^axe, light: color-contrast: /);
});

test('axe looks at the dark colours too', async () => {
  const page = await spoilt(() => (document.querySelector('.lead').style.color = '#4a5a57'));
  has(await axe(page), /^axe, dark: color-contrast: /);
});

test('our own checks find what is planted', async () => {
  const page = await spoilt(() => {
    document.documentElement.lang = 'en';
    document.title = 'Otra cosa – Eslabón';
    document.querySelector('#email').removeAttribute('autocomplete');
    document.querySelector('main').insertAdjacentHTML(
      'beforeend',
      '<div><a class="tiny" href="/">x</a><a class="tiny" href="/">y</a></div><p>login-no-such-text</p><div class="done">ok</div>' +
        '<form action="/logout"><label for="again">x</label><input id="again" autocomplete="email"></form>',
    );
    for (const tiny of document.querySelectorAll('.tiny')) Object.assign(tiny.style, { display: 'inline-block', width: '9px', height: '9px', overflow: 'hidden' });
  });
  const faults = await page.evaluate(inThePage, { locale: 'es' });
  for (const words of [/lang is en/, /the title says/, /autocomplete says nothing/, /below 24 pixels/, /not found: login-no-such-text/, /no status/, /asked for once more: <input id="again"/]) {
    has(faults, words);
  }
});

test('a page that scrolls sideways is found', async () => {
  const page = await spoilt(() => (document.querySelector('main').style.width = '900px'));
  await page.setViewportSize({ width: 320, height: 640 });
  has(await page.evaluate(wide), /scrolls sideways/);
});

test('a focus that is hidden, or not shown, is found', async () => {
  const page = await spoilt(() => {
    const lid = document.createElement('div');
    Object.assign(lid.style, { position: 'fixed', inset: '0', background: 'white' });
    document.body.append(lid);
    Object.assign(document.querySelector('#email').style, { outline: '0', boxShadow: 'none' });
  });
  const faults = await page.evaluate(obscured);
  has(faults, /hidden when it has the focus: <input id="email"/);
  has(faults, /does not show the focus: <input id="email"/);
});

test('what is no HTML is found', async () => {
  const html = '<!doctype html><html lang="es"><head><title>x</title></head><body><p id="a"><div id="a"></div></p></body></html>';
  has(await faultsOfHtml(html), /^html, no-dup-id/);
});

test('errors that are not told as they should be are found', async () => {
  const page = await spoilt(() => {});
  await page.fill('#email', 'nadie@example.com');
  await submit(page, 'main form button');
  await lookAtErrors(page, { email: 'nadie@example.com' });
  await page.evaluate(() => {
    document.title = document.title.replace('Error: ', '');
    document.querySelector('.fault').textContent = 'Otra cosa.';
    document.querySelector('#email').value = '';
    document.querySelector('#email').focus();
  });
  const refused = await lookAtErrors(page, { email: 'nadie@example.com' }).catch((error) => error.message.split('\n  '));
  for (const words of [/has not taken the focus/, /^title: /, /^not said at #password/, /was typed "nadie@example.com" and is now ""/]) {
    has(refused, words);
  }
});

test('a script that fails, a style that is inline and a call to elsewhere are found', async () => {
  const page = await open(browser, service);
  await page.route('**/login', async (route) => {
    const answer = await route.fetch();
    const body = (await answer.text()).replace('<h1>', '<img src="http://127.0.0.1:9/x.png" alt=""><h1 class="spoilt" style="color:red">');
    await route.fulfill({ response: answer, body });
  });
  await page.goto('/login');
  const refused = await look(page).catch((error) => error.message.split('\n  '));
  for (const words of [/^a request to http:\/\/127\.0\.0\.1:9/, /^inline: /, /^console: /]) has(refused, words);
});
