// Ways through the forms that people write at length: gone wrong at first, mended, sent twice, and sent from two windows.
// By addresses and kinds of element, as in `journeys.mjs`.

import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { logIn, open, submitTwice } from './browser.mjs';
import { HANDS } from './journeys.mjs';
import { look, lookAtErrors } from './look.mjs';
import { api, PEOPLE } from './service.mjs';

const CASE = JSON.parse(readFileSync(new URL('../../../src/cli/demo/case.json', import.meta.url), 'utf8'));
const CALL = JSON.parse(readFileSync(new URL('../../../src/cli/demo/call.json', import.meta.url), 'utf8'));
const at = (page) => new URL(page.url()).pathname;
const text = (page) => page.locator('main').innerText();

/** Fills fields in; a text is typed, `true` chooses, and `{ pick }` picks from a list. */
async function fillIn(page, hands, fields) {
  for (const [id, value] of Object.entries(fields)) {
    const selector = `[id="${id}"]`;
    if (value === true) await hands.choose(page, selector);
    else if (value.pick !== undefined) await hands.pick(page, selector, value.pick);
    else await hands.type(page, selector, value);
  }
}

/** Follows links one after the other, and looks at each page on the way. */
async function through(page, hands, ...links) {
  for (const link of links) {
    await hands.go(page, link);
    await look(page);
  }
}

/** Sends a form wrongly, which tells of each field in `faults`, then rightly. */
async function wrongThenRight(page, hands, { wrong, faults, right, button = 'main form .actions button' }) {
  const form = at(page);
  await fillIn(page, hands, wrong);
  const names = await page.evaluate(
    (ids) => Object.fromEntries(ids.map((id) => [document.getElementById(id).name, document.getElementById(id).value])),
    Object.keys(wrong).filter((id) => typeof wrong[id] === 'string'),
  );
  await hands.go(page, button);
  assert.ok(page.document.status() >= 400, `${form} takes what is wrong: ${JSON.stringify(wrong)}`);
  await lookAtErrors(page, names);
  for (const id of faults) {
    assert.ok(await page.locator(`.summary a[href="#${id}"]`).count(), `${form}: nothing is said of ${id}`);
  }
  await fillIn(page, hands, right);
  await hands.go(page, button);
  assert.ok(page.document.status() < 400, `${form}: ${await text(page)}`);
  await look(page);
}

/** Presses the button twice at once. */
async function pressTwice(page, button) {
  const from = page.url();
  await submitTwice(page, button, (url) => url.href !== from);
  assert.ok(page.document.status() < 400, await page.title());
}

/** A second window of the same person. */
async function another(page) {
  const other = await open(page.context().browser(), page.service, { locale: page.locale, script: page.script });
  await other.context().addCookies(await page.context().cookies());
  return other;
}

/** What one window saves is not overwritten by the other: it is told, sees both, and may send again. */
async function twoWindows(page, { address, field, first, second }) {
  const other = await another(page);
  for (const window of [page, other]) await window.goto(address);
  await page.fill(field, first);
  await HANDS.mouse.go(page, 'main form .actions button');
  assert.ok(page.document.status() < 400, `${address}: ${await text(page)}`);
  await other.fill(field, second);
  await HANDS.mouse.go(other, 'main form .actions button');
  assert.equal(other.document.status(), 412, `${address}: ${await other.title()}`);
  await lookAtErrors(other, { [await other.locator(field).getAttribute('name')]: second });
  const saved = await other.locator(`${field}-now`).innerText();
  assert.ok(saved.includes(first), `${address} shows what is saved now: ${saved}`);
  await HANDS.mouse.go(other, 'main form .actions button');
  assert.ok(other.document.status() < 400, `${address}, sent again: ${await text(other)}`);
  await other.context().close();
}

const PROGRAMME = ['header a[href="/programmes"]', 'main .tasks a[href^="/programmes/"]'];

/** The officer changes the programme's rules. */
export async function rules(page, hands) {
  await through(page, hands, ...PROGRAMME, 'main a[href$="/rules"]');
  const address = at(page);
  await wrongThenRight(page, hands, {
    wrong: { hhi_cap: 'bastante', 'thresholds-green': '', objection_days: 'pronto' },
    faults: ['hhi_cap', 'objection_days'],
    right: { hhi_cap: '', 'thresholds-green': '82', objection_days: '12' },
  });
  await page.goBack();
  await page.waitForLoadState();
  assert.equal(at(page), address, 'Back leads to the form');
  await look(page);

  const versions = async () => {
    await page.goto(`${address}/versions`);
    return page.locator('main h2').count();
  };
  const before = await versions();
  await look(page);
  await page.goto(address);
  await page.fill('#objection_days', '14');
  await pressTwice(page, 'main form .actions button');
  assert.equal(await versions(), before + 1, 'who presses twice has changed the rules once');
  await twoWindows(page, { address, field: '#objection_days', first: '15', second: '16' });
}

/** The lead firm calls its network to a meeting and writes its minutes; the agency confirms them. */
export async function meeting(page, hands) {
  await page.goto('/networks');
  await through(page, hands, 'main .tasks a[href^="/networks/"]', 'main a[href$="/meetings"]', 'main a[href$="/meetings/new"]');
  await wrongThenRight(page, hands, {
    wrong: { place: '', purpose: 'Revisar el plan de entregas.' },
    faults: ['place', 'participants'],
    right: { place: 'Planta Cerro Alto', 'participants-0': true },
  });
  const meeting = at(page);
  await through(page, hands, 'main a[href$="/minutes"]');
  const own = await page.locator('#agreements-0-who option', { hasText: 'Minera' }).getAttribute('value');
  await wrongThenRight(page, hands, {
    wrong: { 'attendance-0-people': 'Jorge Vidal', 'agreements-0-what': 'Enviar los planos', 'agreements-0-until': 'luego' },
    faults: ['agreements-0-until'],
    right: { 'attendance-1-people': 'Óscar Lillo', 'agreements-0-who': { pick: own }, 'agreements-0-until': '2031-03-31' },
  });
  assert.equal(at(page), meeting);

  const officer = await open(page.context().browser(), page.service, { locale: page.locale, script: page.script });
  await logIn(officer, 'officer');
  await officer.goto(meeting);
  await look(officer);
  await pressTwiceHere(officer, 'main form button');
  assert.equal(await officer.locator('main form button').count(), 0, 'minutes are confirmed once');
  await look(officer);
  await officer.context().close();

  await page.goto(meeting);
  await through(page, hands, 'main a[href*="/agreements/"]');
  await wrongThenRight(page, hands, { wrong: { note: '' }, faults: ['note'], right: { note: 'Los planos salieron hoy.' } });
}

/** Presses twice what leads back to the same page. */
async function pressTwiceHere(page, button) {
  await Promise.all([page.waitForNavigation(), page.locator(button).first().dblclick()]);
  await page.waitForLoadState('networkidle');
  assert.ok(page.document.status() < 400, await page.title());
}

/** The supplier forms a consortium; another one accepts. */
export async function consortium(page, hands) {
  const [, second, third] = CASE.suppliers;
  await through(page, hands, ...PROGRAMME, 'main a[href^="/consortia"]', 'main a[href$="/consortia/new"]');
  await wrongThenRight(page, hands, {
    wrong: { name: 'Consorcio del puerto', 'members-0-country': 'CL', 'members-0-tax_id': '12' },
    faults: ['members-0-tax_id'],
    right: { 'members-0-tax_id': second.tax_id },
  });
  const address = at(page);

  const other = await another(page);
  await other.goto(address);
  await fillIn(page, HANDS.mouse, { country: 'CL', tax_id: third.tax_id });
  await HANDS.mouse.go(page, 'form[action$="/ask"] button');
  await fillIn(other, HANDS.mouse, { country: 'CL', tax_id: CASE.suppliers[3].tax_id });
  await HANDS.mouse.go(other, 'form[action$="/ask"] button');
  assert.equal(other.document.status(), 412);
  const shown = await text(other);
  assert.ok(shown.includes(third.tax_id.replace('-', '')), `what the first window has saved is shown: ${shown}`);
  await lookAtErrors(other, { tax_id: CASE.suppliers[3].tax_id });
  await other.context().close();

  const asked = await open(page.context().browser(), page.service, { locale: page.locale, script: page.script });
  await logIn(asked, second.person.email);
  await asked.goto(address);
  await look(asked);
  await HANDS.mouse.go(asked, 'form[action$="/accept"] button');
  assert.equal(await asked.locator('form[action$="/accept"]').count(), 0, 'it has been accepted');
  await look(asked);
  await asked.context().close();
}

/** The lead firm writes a requirement and publishes it; a supplier offers, for less at its second thought. */
export async function requirement(page, hands) {
  await page.goto('/requirements');
  await through(page, hands, 'main a[href="/requirements/new"]');
  await wrongThenRight(page, hands, {
    wrong: {
      title: 'Bujes para el chancador',
      'lots-0-name': 'Buje',
      'lots-0-process': 'mecanizado',
      'lots-0-unit': 'unidad',
      'lots-0-quantity': 'muchos',
    },
    faults: ['lots-0-quantity'],
    right: {
      'lots-0-quantity': '60',
      'lots-0-reference_price': '310000',
      'criteria-0-question': { pick: 'delivery-on-time' },
      'criteria-0-necessity': { pick: 'must' },
      'criteria-0-criticality': '4',
      'criteria-0-minimum': '90',
    },
  });
  const address = at(page);
  await twoWindows(page, { address: `${address}/edit`, field: '#title', first: 'Bujes del chancador', second: 'Bujes' });
  await page.goto(address);
  await through(page, hands, 'main a[href$="/publish"]');
  await pressTwice(page, 'main form .actions button');
  assert.equal(at(page), address);
  await look(page);

  const supplier = await open(page.context().browser(), page.service, { locale: page.locale, script: page.script });
  await logIn(supplier, 'supplier');
  await supplier.goto(address);
  await through(supplier, hands, 'main a[href$="/offer"]');
  const offer = at(supplier);
  await wrongThenRight(supplier, hands, {
    wrong: { unit_price: 'barato', max_quantity: '40' },
    faults: ['unit_price'],
    right: { unit_price: '300000' },
  });
  await twoWindows(supplier, { address: offer, field: '#unit_price', first: '299000', second: '298000' });
  await supplier.goto(offer);
  await through(supplier, hands, 'main a[href$="/withdraw"]');
  await hands.go(supplier, 'main form .actions button');
  await look(supplier);
  await supplier.context().close();
}

/** The approver signs a waiver, and takes it back with a reason. */
export async function waiver(page, hands) {
  await through(page, hands, ...PROGRAMME, 'main a[href$="/waivers/new"]');
  const second = (id) => page.locator(`#${id} option`).nth(2).getAttribute('value');
  await wrongThenRight(page, hands, {
    wrong: { dependency_cap: 'mucho', reason: 'Una planta vecina cierra.' },
    faults: ['supplier', 'dependency_cap', 'expires_on'],
    right: {
      supplier: { pick: await second('supplier') },
      lead_firm: { pick: await second('lead_firm') },
      dependency_cap: '45',
      expires_on: '2027-01-31',
    },
  });
  await through(page, hands, 'main a[href$="/revoke"]');
  await wrongThenRight(page, hands, { wrong: { reason: '' }, faults: ['reason'], right: { reason: 'La planta sigue abierta.' } });
}

/** The administrator invites somebody, changes what somebody may do, and assigns an officer to a network. */
export async function people(page, hands) {
  await through(page, hands, 'header a[href="/people"]');
  const invite = 'form[action="/people"] button';
  await wrongThenRight(page, hands, {
    wrong: { email: 'nadie' },
    faults: ['email'],
    right: { email: 'rosa@fomento.example', role: { pick: 'officer' } },
    button: invite,
  });
  assert.ok((await text(page)).includes('rosa@fomento.example'));
  await page.goto('/people');
  // The last administrator stays one, so that it is somebody else whose role changes.
  const officer = await page.locator('main .tasks li', { hasText: PEOPLE.officer }).locator('a').getAttribute('href');
  await through(page, hands, `main a[href="${officer}"]`);
  await fillIn(page, hands, { role: { pick: 'approver' } });
  await hands.go(page, 'main form .actions button');
  assert.ok(page.document.status() < 400, await text(page));
  await look(page);

  await page.goto('/networks');
  await through(page, hands, 'main .tasks a[href^="/networks/"]', 'main a[href$="/officers"]');
  const officers = await page.locator('main .tasks li').count();
  await hands.go(page, 'main form .actions button');
  await look(page);
  assert.equal(await page.locator('main .tasks li').count(), officers + 1);
}

/** A call that is open, made by those whose work that is. */
async function openCall(service) {
  const officer = await api(service.url, PEOPLE.officer);
  const approver = await api(service.url, PEOPLE.approver);
  const [programme] = (await officer('GET', '/programmes')).items;
  const closes_at = new Date(Date.now() + 30 * 86_400_000).toISOString().replace(/\.\d+/, '');
  const { id } = await officer('POST', `/programmes/${programme.id}/calls`, { ...CALL.terms, title: 'Redes 2027', closes_at });
  await officer('POST', `/calls/${id}/evaluators`, { email: PEOPLE.administrator });
  await officer('POST', `/calls/${id}/evaluators`, { email: PEOPLE.officer });
  const { etag } = await approver('GET', `/calls/${id}`);
  await approver('POST', `/calls/${id}/open`, {}, { 'If-Match': etag });
  return id;
}

/** The executing institution proposes a network, and justifies what it was paid for another. */
export async function proposal(page, hands) {
  const call = await openCall(page.service);
  await page.goto(`/calls/${call}`);
  await look(page);
  await through(page, hands, 'main a[href$="/proposals/new"]');
  await wrongThenRight(page, hands, {
    wrong: { title: 'Red de talleres de Quillón', grant: 'poco', 'milestones-0-deliverable': 'Diagnósticos', 'milestones-0-due_on': 'pronto' },
    faults: ['summary', 'grant', 'milestones-0-due_on', 'milestones-0-amount'],
    right: {
      summary: 'Seis talleres que pasarán a fabricar con contrato.',
      model: true,
      grant: '20000000',
      'milestones-0-due_on': '2027-06-30',
      'milestones-0-amount': '20000000',
      'cofinancing-0-source': { pick: 'suppliers' },
      'cofinancing-0-amount': '12000000',
      'goals-0-result': { pick: 'production_standards' },
      'goals-0-target': 'Cuatro talleres certificados',
      'goals-0-measure': 'Certificados vigentes',
      'lead_firms-0': true,
    },
  });
  const address = at(page);
  await twoWindows(page, { address: `${address}/edit`, field: '#title', first: 'Red de Quillón', second: 'Talleres de Quillón' });

  const decided = `main a[href^="/calls/"]:not([href$="${call}"])`;
  const links = ['header a[href="/calls"]', decided, 'main a[href^="/proposals/"]', 'main a[href^="/projects/"]', 'main a[href$="/expenses"]'];
  await through(page, hands, ...links);
  await wrongThenRight(page, hands, {
    wrong: { amount: 'todo', document: 'F-17' },
    faults: ['amount', 'spent_on', 'description'],
    right: { amount: '1200000', spent_on: '2026-11-01', description: 'Viajes del diagnóstico' },
  });
}
