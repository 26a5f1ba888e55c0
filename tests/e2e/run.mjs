// Runs the tests of the pages: makes the demo's data, then `node --test` on what is named, or on everything but what takes
// long; with --full on everything, and every page wholly in both languages.
//
//   node tests/e2e/run.mjs [--full] [FILE...]

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beginCount, counted } from './lib/look.mjs';
import { prepare } from './lib/service.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const full = process.argv.includes('--full');
if (full) process.env.E2E_FULL = '1';
const named = process.argv.slice(2).filter((name) => name !== '--full');
/** What `make soak` has time for: ten times the data takes minutes to make, and thousands of forms to send. */
const LONG = ['budget.test.mjs', 'forms.test.mjs'];
const every = readdirSync(here).filter((name) => name.endsWith('.test.mjs') && (full || !LONG.includes(name)));
const files = named.length ? named.map((name) => name.replace(/^.*\//, '')) : every;

if (!process.env.E2E_KEEP) await prepare();
beginCount();
const ran = spawnSync(process.execPath, ['--test', '--test-concurrency=2', '--test-reporter=spec', ...files], { cwd: here, stdio: 'inherit' });
const { looks, states, whole, templates, axe, rules, weighed, heaviest } = counted();
console.log(`\n${templates.length} pages: ${templates.join(' ')}`);
console.log(`looked ${looks} times at ${states} states, ${whole} of them wholly; axe ran ${axe} times, with ${rules} rules in all that had something to judge`);
console.log(`weighed ${weighed} pages; the heaviest has ${heaviest[0]} bytes: ${heaviest[1]}\n`);
process.exit(ran.status ?? 1);
