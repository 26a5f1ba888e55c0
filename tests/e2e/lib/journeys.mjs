// The ways through the pages, a step a line, so that each can be gone with scripts and without, in either language, and
// by keyboard. They find their way by addresses and kinds of element, never by words, which differ from one language to
// the other.

import { strict as assert } from 'node:assert';
import { open, press, submit, submitTwice, tabTo } from './browser.mjs';
import { look, lookAtErrors } from './look.mjs';

/** How somebody gets about: with a mouse, or with a keyboard alone. */
export const HANDS = {
  mouse: {
    go: (page, selector) => submit(page, selector),
    choose: (page, selector) => page.locator(selector).check(),
    type: (page, selector, text) => page.fill(selector, text),
    pick: (page, selector, value) => page.selectOption(selector, value),
  },
  keyboard: {
    go: press,
    async choose(page, selector) {
      // The Tab key reaches a group of choices, the arrow keys what is in it.
      const name = await page.locator(selector).getAttribute('name');
      const kind = await page.locator(selector).getAttribute('type');
      await tabTo(page, `input[type=${kind}][name="${name}"]`);
      await page.keyboard.press('Space');
      for (let step = 0; step < 12 && !(await page.locator(selector).isChecked()); step++) {
        await page.keyboard.press('ArrowDown');
      }
      assert.ok(await page.locator(selector).isChecked(), `the keyboard does not choose ${selector}`);
    },
    async type(page, selector, text) {
      await tabTo(page, selector);
      const day = (await page.locator(selector).getAttribute('type')) === 'date' && /^(\d+)-(\d+)-(\d+)$/.exec(text);
      if (day) {
        // The browser's own field, part by part, as it is written in the browser's language.
        await page.keyboard.type(`${day[2]}${day[3]}${day[1]}`);
        return;
      }
      await page.keyboard.press('ControlOrMeta+A');
      if (text) await page.keyboard.type(text);
      else await page.keyboard.press('Delete');
    },
    async pick(page, selector, value) {
      await tabTo(page, selector);
      await page.keyboard.press('Home');
      const field = page.locator(selector);
      const most = await field.locator('option').count();
      for (let step = 0; step < most && (await field.inputValue()) !== value; step++) {
        await page.keyboard.press('ArrowDown');
      }
      assert.equal(await field.inputValue(), value, `the keyboard does not pick ${value} in ${selector}`);
    },
  },
};

const at = (page) => new URL(page.url()).pathname;
const last = (page) => at(page).split('/').pop();

/** To log in wrongly, then rightly. */
export async function logInByHand(page, hands, email, password) {
  await page.goto('/');
  assert.equal(at(page), '/login', 'who has not logged in comes to the login page');
  await look(page);
  await hands.type(page, '#email', email);
  await hands.type(page, '#password', 'no es esta');
  await hands.go(page, 'main form button');
  await lookAtErrors(page, { email });
  await hands.type(page, '#password', password);
  await hands.go(page, 'main form button');
  assert.equal(at(page), '/');
  await look(page);
}

/** From the task list to the signature: one answer of each kind, one of them wrong at first, one changed at the end. */
export async function diagnostic(page, hands, { kinds }) {
  await page.goto('/diagnostics');
  await look(page);
  await hands.go(page, 'main form button');
  await look(page);
  const tasks = at(page);
  for (const [code, kind] of Object.entries(kinds)) {
    await page.goto(`${tasks}/questions/${code}`);
    await look(page);
    await answer(page, hands, kind);
  }
  await page.goto(`${tasks}/questions/${Object.keys(kinds)[0]}`);
  await hands.go(page, 'button[name=_then]');
  assert.equal(at(page), tasks, 'one can stop anywhere');
  await look(page);
  await hands.go(page, 'main a[href$="/check"]');
  await look(page);
  await hands.go(page, `main a[href*="/questions/${Object.keys(kinds)[0]}"]`);
  await look(page);
  await hands.choose(page, 'main .choice:first-of-type input');
  await hands.go(page, 'main form button');
  assert.equal(last(page), 'check', 'who changes an answer comes back to the check');
  await look(page);
  await hands.go(page, 'main form button');
  assert.equal(at(page), tasks);
  assert.equal(await page.locator('main form').count(), 0, 'what has been handed in is not changed any more');
  await look(page);
}

async function answer(page, hands, kind) {
  const here = at(page);
  if (kind === 'number') {
    await hands.type(page, '#value', 'muchos');
    await hands.go(page, 'main form button');
    await lookAtErrors(page, { value: 'muchos' });
    await hands.type(page, '#value', '12');
  } else if (kind === 'certificate') {
    await hands.choose(page, 'input[value=certificate]');
    await hands.type(page, '#issuer', 'Bureau Sur');
    await hands.go(page, 'main form button');
    await lookAtErrors(page, { issuer: 'Bureau Sur' });
    assert.ok(await page.locator('input[value=certificate]').isChecked(), 'what was chosen is not lost');
    await hands.type(page, '#expires', '2029-01-31');
  } else {
    await hands.go(page, 'main form button');
    await lookAtErrors(page);
    await hands.choose(page, 'main .choice:nth-of-type(2) input');
  }
  await hands.go(page, 'main form button');
  assert.notEqual(at(page), here, `${kind} is answered: ${await page.title()}`);
}

/** A requirement, with who is how far from it. */
export async function gaps(page, hands) {
  await page.goto('/');
  await hands.go(page, 'main a[href="/requirements"]');
  await look(page);
  await hands.go(page, 'main .tasks a');
  await look(page);
  assert.ok((await page.locator('table').count()) >= 2, 'lots and criteria are shown');
  if (await page.locator('main form button').count()) {
    await hands.go(page, 'main form button');
    await look(page);
  }
}

/** A match: the consequence is shown, then one accepts it. */
export async function accept(page, hands) {
  await toMatch(page, hands);
  await hands.go(page, 'main a[href$="/accept"]');
  await look(page);
  await hands.go(page, 'main form button');
  assert.match(at(page), /\/matches\/[^/]+$/, await page.title());
  await look(page);
  assert.equal(await page.locator('main a[href$="/accept"]').count(), 0, 'it is accepted once');
}

/** A match declined: first without a reason, which is asked for. */
export async function decline(page, hands) {
  await toMatch(page, hands);
  await hands.go(page, 'main a[href$="/decline"]');
  await look(page);
  await hands.go(page, 'main form button');
  await lookAtErrors(page);
  await hands.type(page, '#reason', 'Sin capacidad hasta marzo.');
  await hands.go(page, 'main form button');
  await look(page);
  assert.ok((await page.locator('main').innerText()).includes('Sin capacidad hasta marzo.'));
}

/** The first match that waits for this side. */
async function toMatch(page, hands) {
  await page.goto('/');
  await hands.go(page, 'main a[href^="/matches"]');
  await look(page);
  const first = await page.evaluate(() => {
    const rows = [...document.querySelectorAll('main .tasks li, main tbody tr')];
    const due = rows.find((row) => row.querySelector('.tag.now')) ?? rows[0];
    return due?.querySelector('a')?.getAttribute('href');
  });
  await hands.go(page, `main a[href="${first}"]`);
  await look(page);
}

/** The approver tries what waits until one can be approved; what cannot says why. One is rejected. */
export async function approve(page, hands) {
  await page.goto('/matches?state=accepted');
  await look(page);
  const waiting = await page.locator('main tbody th a').evaluateAll((links) => links.map((a) => a.getAttribute('href')));
  assert.ok(waiting.length > 1, 'the demo leaves some to approve');
  let approved;
  for (const href of waiting) {
    await page.goto('/matches?state=accepted');
    await hands.go(page, `main a[href="${href}"]`);
    await look(page);
    await hands.go(page, 'main a[href$="/approve"]');
    await look(page);
    assert.ok(await page.locator('.shares, .facts').count(), 'the consequence is shown first');
    await hands.go(page, 'main form button');
    if (page.document.status() < 400) {
      approved = href;
      await look(page);
      break;
    }
    await lookAtErrors(page);
  }
  assert.ok(approved, 'nothing could be approved');
  const other = waiting.find((href) => href !== approved);
  await page.goto(other);
  await hands.go(page, 'main a[href$="/reject"]');
  await look(page);
  await hands.go(page, 'main form button');
  await lookAtErrors(page);
  await hands.type(page, '#reason', 'Falta el informe de la visita.');
  await hands.go(page, 'main form button');
  await look(page);
}

/** The page stays where it is and says the same in the other language, and back. */
export async function switchLanguage(page, hands, address) {
  const before = page.locale;
  for (const locale of [before === 'es' ? 'en' : 'es', before]) {
    await page.goto(address);
    await hands.go(page, 'footer form button');
    assert.equal(page.url().replace(page.service.url, ''), address);
    page.locale = locale;
    await look(page);
  }
}

/** Two windows on one thing: the second to send is told, and shown what the first has saved. */
export async function twoWindows(browser, page) {
  await page.goto('/diagnostics');
  await submit(page, 'main form button');
  const address = `${at(page)}/questions/management-plan`;
  const other = await open(browser, page.service, { locale: page.locale, script: page.script });
  await other.context().addCookies(await page.context().cookies());
  await page.goto(address);
  await other.goto(address);
  await page.locator('main .choice:nth-of-type(1) input').check();
  await other.locator('main .choice:nth-of-type(2) input').check();
  await submit(page, 'main form button');
  await submit(other, 'main form button');
  assert.equal(other.document.status(), 412);
  assert.ok(await other.locator('main .choice:nth-of-type(2) input').isChecked(), 'nothing is lost');
  assert.ok(await other.locator('main .panel').count(), 'what the first window has saved is shown');
  await lookAtErrors(other);
  await other.context().close();
}

/** Who presses twice has decided once; who then goes back sees what has become of it, and nothing to press. */
export async function sentTwice(page) {
  await toMatch(page, HANDS.mouse);
  const match = page.url();
  await submit(page, 'main a[href$="/accept"]');
  await submitTwice(page, 'main form button', match);
  assert.ok(page.document.status() < 400, await page.title());
  assert.equal(await page.locator('main a[href$="/accept"]').count(), 0);
  await look(page);
  await page.goBack();
  assert.equal(await page.locator('main form button').count(), 0);
  await look(page);
}

/** The session ends while somebody writes: what they wrote is kept, and sent once they are back. */
export async function sessionOver(page, logInAgain) {
  await page.goto('/matches?state=accepted');
  await submit(page, 'main tbody th a');
  await submit(page, 'main a[href$="/reject"]');
  await page.fill('#reason', 'Falta el informe de la visita.');
  await page.context().clearCookies({ name: 'eslabon' });
  await submit(page, 'main form button');
  assert.equal(page.document.status(), 401);
  await look(page);
  await logInAgain();
  await submit(page, 'main form button');
  assert.ok((await page.locator('main').innerText()).includes('Falta el informe de la visita.'));
  await look(page);
}

/** What is not there, and what is not one's to do, is told as a page. */
export async function refused(page) {
  await page.goto('/matches');
  const match = await page.locator('main .tasks a').first().getAttribute('href');
  for (const [address, status] of [[`${match}/approve`, 403], ['/matches/no-id', 404], ['/nowhere', 404]]) {
    await page.goto(address);
    assert.equal(page.document.status(), status, address);
    await look(page);
  }
}

/** Ends the session; what it showed is gone with it. */
export async function logOut(page, hands) {
  await page.goto('/');
  await hands.go(page, '.who form button');
  await look(page);
  await page.goto('/matches');
  assert.equal(at(page), '/login');
}
