// A form as a whole: found, filled in, and sent.

import { answered } from './browser.mjs';
import { look, lookAtErrors } from './look.mjs';

const FORMS = 'main form[method=post]';

/** The forms in which somebody has to fill in something: their place on the page, and what they are whoever sees them. */
export const formsOf = (page) =>
  page.locator(FORMS).evaluateAll((forms) =>
    forms
      .map((form, at) => {
        const fields = [...form.querySelectorAll('input:not([type=hidden]), textarea, select')];
        const names = new Set(fields.map((field) => field.name.replace(/\d+/g, '#')));
        const action = form.getAttribute('action').replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, ':id').replace(/\/questions\/[^/]+/, '/questions/:code');
        return { at, names, key: [action, ...names].join(' ') };
      })
      .filter(({ names }) => names.size > 0)
      .map(({ at, key }) => ({ at, key })),
  );

/** Sends a form with the same text in all its fields, and nothing chosen; false: it is not there any more. */
export async function sendForm(page, address, at, text) {
  await page.goto(address);
  const form = page.locator(FORMS).nth(at);
  if (page.document.status() >= 400 || (await form.count()) === 0) return false;
  const typed = await form.evaluate(fillIn, text);
  // As nobody presses what they do not see.
  const button = form.locator('button >> visible=true').first();
  await answered(page, `the button of form ${at}`, () => button.click());
  if (page.document.status() >= 400) await lookAtErrors(page, typed);
  else await look(page);
  return true;
}

/** Runs in the page: fills in, unfolds what the form lies in, and says what was typed by the fields' names. */
function fillIn(form, text) {
  for (let around = form; around; around = around.parentElement) {
    if (around.localName === 'details') around.open = true;
  }
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
}
