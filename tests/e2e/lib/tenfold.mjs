// Ten times the demo's data: of every supplier nine more that answer as it does, of every requirement of the whole
// programme nine more, and a run over what is closed, whose proposals wait for the firms. Through the API, so that all of
// it is what people could have made.

import { api, copy, DEMO, PASSWORD, PEOPLE, serve, TENFOLD, waitFor } from './service.mjs';

const MORE = 9;
/** So many of the added requirements are closed with their gaps and stand in the run; the others are open still. */
const CLOSED = 3;
const BUYERS = ['luis@conservas.example', 'sofia@pesquera.example', PEOPLE.leadFirm];

export async function multiply() {
  copy(DEMO, TENFOLD);
  // A run explains for as long as it may, which nobody here waits for.
  // Hundreds of firms register from one address here, which is beyond every limit.
  const unlimited = ['--limit-log-in', '0', '--limit-letters', '0', '--limit-writes', '0'];
  const service = await serve(TENFOLD, { keep: true, more: ['--solver-seconds', '30', ...unlimited] });
  const { url } = service;
  try {
    const officer = await api(url, PEOPLE.officer);
    const [programme] = (await officer('GET', '/programmes')).items;
    const buyers = await Promise.all(BUYERS.map((email) => api(url, email)));
    const buyerIds = await Promise.all(buyers.map(async (buyer) => (await buyer('GET', '/me')).organisation.id));
    await inTurns(suppliersToAdd(), (one) => addSupplier(url, officer, programme.id, buyerIds, one));
    const wanted = [];
    for (const buyer of buyers) {
      for (const { id } of (await buyer('GET', '/requirements?limit=100')).items) {
        const model = await buyer('GET', `/requirements/${id}`);
        if (model.network) continue;
        for (let copy = 2; copy <= MORE + 1; copy++) wanted.push({ buyer, model, copy });
      }
    }
    await inTurns(wanted, (one) => addRequirement(officer, programme.id, one));
    const { id } = await again(() => officer('POST', `/programmes/${programme.id}/runs`, { name: 'Diez veces más' }));
    const run = await waitFor(() => officer('GET', `/runs/${id}`), ({ state }) => !['queued', 'running'].includes(state));
    if (run.state !== 'finished') throw new Error(`the run: ${run.state} ${JSON.stringify(run.failure)}`);
    const supersede = 'Hay diez veces más que repartir';
    await officer('POST', `/runs/${id}/adopt`, { supersede }, { 'If-Match': run.etag });
  } finally {
    await service.stop();
  }
}

/** Four at a time: the database takes one write after the other. */
async function inTurns(things, act) {
  const queue = [...things];
  const work = async () => {
    while (queue.length > 0) await act(queue.shift());
  };
  await Promise.all(Array.from({ length: 4 }, work));
}

/** A run writes down all that it is about; unoptimised and beside other work that may take longer than it is given. */
async function again(act, tries = 5) {
  try {
    return await act();
  } catch (error) {
    if (tries === 1 || !/: 504 /.test(error.message)) throw error;
    return again(act, tries - 1);
  }
}

function* suppliersToAdd() {
  for (let copy = 2; copy <= MORE + 1; copy++) {
    for (let at = 1; at <= 24; at++) yield { of: `${at}`.padStart(2, '0'), copy };
  }
}

const models = new Map();

/** What one of the demo's suppliers is and has answered. */
async function modelOf(url, email) {
  const call = await api(url, email);
  const [{ id }] = (await call('GET', '/diagnostics')).items;
  const { organisation } = await call('GET', '/me');
  const [{ capacities }, { answers }] = await Promise.all([
    call('GET', `/organisations/${organisation.id}/profile`),
    call('GET', `/diagnostics/${id}`),
  ]);
  return { name: organisation.name, capacities, table: table(answers) };
}

function table(answers) {
  const said = ({ level, number, boolean, certificate }) => {
    if (boolean !== undefined) return boolean ? 'sí' : 'no';
    if (certificate !== undefined) return certificate || 'no';
    return level ?? number.replace('.', ',');
  };
  const own = answers.filter(({ provenance, answer }) => provenance === 'self_declared' && typeof answer === 'object');
  return ['pregunta;respuesta', ...own.map(({ question, answer }) => `${question};${said(answer)}`)].join('\n');
}

async function addSupplier(url, officer, programme, buyers, { of, copy }) {
  const original = `contacto@proveedor${of}.example`;
  if (!models.has(of)) models.set(of, modelOf(url, original));
  const model = await models.get(of);
  const email = `contacto@proveedor${of}-${copy}.example`;
  const taxId = rut(60_000_000 + Number(of) * 100 + copy);
  const nobody = await api(url);
  await nobody('POST', '/organisations', {
    organisation: { kind: 'supplier', name: `${model.name} ${copy}`, country: 'CL', tax_id: taxId },
    administrator: { name: `Persona ${of} ${copy}`, email, password: PASSWORD },
    privacy_notice: 1,
  });
  await officer('POST', `/programmes/${programme}/members`, { country: 'CL', tax_id: taxId });
  const call = await api(url, email);
  for (const { process, unit, amount } of model.capacities) {
    await call('PUT', `/profile/capacities/${encodeURIComponent(process)}`, { unit, amount });
  }
  for (const buyer of buyers) await call('PUT', `/consents/${buyer}`, {});
  const { id } = await call('POST', '/diagnostics', {});
  await call('POST', `/diagnostics/${id}/imports/answers`, model.table);
  const { etag } = await call('GET', `/diagnostics/${id}`);
  await call('POST', `/diagnostics/${id}/submit`, {}, { 'If-Match': etag });
}

/** A tax id with its check digit, as Chile forms it. */
function rut(number) {
  let [sum, weight] = [0, 2];
  for (const digit of [...`${number}`].reverse()) {
    sum += Number(digit) * weight;
    weight = weight === 7 ? 2 : weight + 1;
  }
  return `${number}-${'0K987654321'[sum % 11]}`;
}

async function addRequirement(officer, programme, { buyer, model, copy }) {
  const lots = model.lots.map(({ id, unit_code: _, revision, external_reference, ...lot }) => lot);
  const { description, criteria, title } = model;
  const draft = await buyer('POST', '/requirements', { programme, title: `${title} ${copy}`, description, lots, criteria });
  const path = `/requirements/${draft.id}`;
  const { etag } = await buyer('POST', `${path}/publish`, {}, { 'If-Match': draft.etag });
  if (copy > CLOSED + 1) return;
  await officer('POST', `${path}/gap-analyses`, {});
  await buyer('POST', `${path}/close`, {}, { 'If-Match': etag });
}
