// The service under test: the binary of the profile `ci`, each time on a fresh copy of the demo's data.

import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const target = process.env.CARGO_TARGET_DIR ?? join(root, 'target');
const binary = join(target, 'ci', 'eslabon');
export const WORK = join(target, 'e2e');

/** Who is at the browser. The demo's people; everybody has the same password. */
export const PEOPLE = {
  supplier: 'contacto@proveedor01.example',
  leadFirm: 'jorge@minera.example',
  officer: 'oscar@fomento.example',
  approver: 'ana@fomento.example',
  administrator: 'marta@fomento.example',
  executor: 'irma@itata.example',
};
export const PASSWORD = 'eslabon-demo';

/** The data on which every service starts: made once a run, by `prepare`. */
export const DEMO = join(WORK, 'demo.sqlite');
/** The same with ten times as much in it. */
export const TENFOLD = join(WORK, 'tenfold.sqlite');

/** The files of the demo's data. */
const EVIDENCE = join(WORK, 'evidence');

/** Makes the demo's data anew. */
export function demo(file, ...options) {
  if (!existsSync(binary)) throw new Error('no binary: cargo build --profile ci --workspace --bins');
  mkdirSync(WORK, { recursive: true });
  for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
  rmSync(EVIDENCE, { recursive: true, force: true });
  const made = spawnSync(
    binary,
    ['demo', '--database-url', `sqlite:${file}`, '--evidence-dir', EVIDENCE, '--mail-dir', join(WORK, 'mail'), ...options],
    { encoding: 'utf8', maxBuffer: 1 << 26 },
  );
  if (made.status !== 0) throw new Error(`the demo failed:\n${made.stdout}\n${made.stderr}`);
}

/** A copy of the data, with what has not found its way from the journal into the file yet. */
export function copy(from, to) {
  for (const end of ['', '-wal']) {
    rmSync(to + end, { force: true });
    if (existsSync(from + end)) copyFileSync(from + end, to + end);
  }
  rmSync(`${to}-shm`, { force: true });
}

/** Serves a copy of the data; `keep` serves the file itself, `more` are options of the service. */
export async function serve(file = DEMO, { keep = false, more = [] } = {}) {
  const folder = mkdtempSync(join(WORK, 'run-'));
  const data = keep ? file : join(folder, 'data.sqlite');
  if (!keep) copy(file, data);
  if (existsSync(EVIDENCE)) cpSync(EVIDENCE, folder, { recursive: true });
  const options = ['--database-url', `sqlite:${data}`, '--listen', '127.0.0.1:0', '--evidence-dir', folder, '--mail-dir', join(folder, 'mail')];
  const child = spawn(binary, ['serve', ...options, ...more], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  let log = '';
  const url = await new Promise((resolve, reject) => {
    const heard = (chunk) => {
      log += chunk;
      const found = /listening on (http:\/\/[\d.:]+)/.exec(log);
      if (found) resolve(found[1]);
    };
    child.stdout.on('data', heard);
    child.stderr.on('data', heard);
    child.once('exit', (code) => reject(new Error(`the service ended (${code}):\n${log}`)));
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return {
    url,
    log: () => log,
    async stop() {
      child.kill('SIGTERM');
      // A browser's idle connection would hold the end up; data that is kept is to be written whole.
      const timer = setTimeout(end, keep ? 30_000 : 500);
      await ended;
      clearTimeout(timer);
      process.off('exit', end);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The JSON API as one of the people, or as nobody: what the data needs beside what the demo tells. */
export async function api(url, email) {
  const call = async (method, path, body, headers = {}) => {
    const send = () => fetch(`${url}/api/v1${path}`, {
      method,
      headers: { 'Content-Type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : body && JSON.stringify(body),
    });
    // Another write is under way, and nothing was saved: the answer says to try again in a moment.
    const busy = async (answer) => answer.status === 409 && (await answer.clone().json()).code === 'busy';
    const answer = await waitFor(send, async (given) => !(await busy(given)));
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return { ...(text ? JSON.parse(text) : {}), etag: answer.headers.get('etag') };
  };
  if (!email) return call;
  const { secret } = await call('POST', '/tokens', { email, password: PASSWORD });
  return (method, path, body, headers) =>
    call(method, path, body, { Authorization: `Bearer ${secret}`, ...headers });
}

/** Asks again until the answer is as it should be. */
export async function waitFor(ask, done) {
  for (;;) {
    const answer = await ask();
    if (await done(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/**
 * The demo's data with work left in it: a second run is adopted, so that firms have matches to accept; and those which
 * the people above need not for themselves are accepted by both sides, so that the approver has some to approve.
 */
export async function prepare() {
  demo(DEMO);
  const service = await serve(DEMO, { keep: true });
  try {
    const officer = await api(service.url, PEOPLE.officer);
    const [programme] = (await officer('GET', '/programmes')).items;
    const { id } = await officer('POST', `/programmes/${programme.id}/runs`, { name: 'Otra vez' });
    const run = await waitFor(() => officer('GET', `/runs/${id}`), ({ state }) => !['queued', 'running'].includes(state));
    const reason = 'Se corrió otra vez con las ofertas al día';
    await officer('POST', `/runs/${id}/adopt`, { supersede: reason }, { 'If-Match': run.etag });
    await acceptSome(service.url, officer);
  } finally {
    await service.stop();
  }
  return DEMO;
}

/** Both sides accept every proposal but the supplier's own and the lead firm's first two. */
async function acceptSome(url, officer) {
  const sides = new Map();
  const side = async (email) => {
    const call = await api(url, email);
    sides.set((await call('GET', '/me')).organisation.id, call);
    return call;
  };
  const numbers = Array.from({ length: 24 }, (_, at) => `${at + 1}`.padStart(2, '0'));
  const suppliers = numbers.map((number) => `contacto@proveedor${number}.example`);
  for (const email of [...suppliers, PEOPLE.leadFirm, 'luis@conservas.example', 'sofia@pesquera.example']) {
    await side(email);
  }
  const idOf = async (email) => (await (await api(url, email))('GET', '/me')).organisation.id;
  const [own, buyer] = [await idOf(PEOPLE.supplier), await idOf(PEOPLE.leadFirm)];
  let kept = 0;
  for (const match of (await officer('GET', '/matches?state=proposed&limit=100')).items) {
    if (match.supplier === own || (match.lead_firm === buyer && kept++ < 2)) continue;
    for (const who of [match.supplier, match.lead_firm]) {
      const { etag } = await sides.get(who)('GET', `/matches/${match.id}`);
      await sides.get(who)('POST', `/matches/${match.id}/accept`, undefined, { 'If-Match': etag });
    }
  }
}
