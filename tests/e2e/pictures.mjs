// The README's pictures: the main pages on a phone and at a desk, in Spanish, on the demo's data.
//
//   node tests/e2e/pictures.mjs
//
// Run it anew when a page changes its looks. With names of pictures, these only.

import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DESKTOP, launch, logIn, open, PHONE, submit } from './lib/browser.mjs';
import { DEMO, prepare, serve } from './lib/service.mjs';

const folder = fileURLToPath(new URL('pictures/', import.meta.url));

/** A picture: its name, who sees it, on what, and how one comes there. */
const PICTURES = [
  ['home-phone', 'supplier', PHONE, async (page) => page.goto('/')],
  ['question-phone', 'supplier', PHONE, async (page) => {
    await page.goto('/diagnostics');
    await submit(page, 'main form button, main a.button');
    await submit(page, 'main a.button');
    await page.locator('main .choice:nth-of-type(3) input').check();
  }],
  ['match-phone', 'supplier', PHONE, async (page) => {
    await page.goto('/matches');
    await submit(page, 'main .tasks a');
  }],
  ['gaps-desk', 'leadFirm', DESKTOP, async (page) => {
    await page.goto('/requirements');
    await submit(page, 'main .tasks li:nth-child(2) a');
    await page.locator('#gaps').evaluate((heading) => heading.scrollIntoView());
  }],
  ['approve-desk', 'approver', DESKTOP, async (page) => {
    await page.goto('/matches?state=accepted');
    await submit(page, 'main tbody th a');
    await submit(page, 'main a[href$="/approve"]');
  }],
];

const wanted = process.argv.slice(2);
if (!process.env.E2E_KEEP) await prepare();
const service = await serve(DEMO);
const browser = await launch();
mkdirSync(folder, { recursive: true });
try {
  let total = 0;
  for (const [name, person, viewport, there] of PICTURES) {
    if (wanted.length && !wanted.includes(name)) continue;
    const page = await open(browser, service, { viewport: { ...viewport, height: Math.min(viewport.height, 860) } });
    await logIn(page, person);
    await there(page);
    const file = `${folder}${name}.webp`;
    writeFileSync(file, await webp(browser, await page.screenshot({ type: 'png' })));
    total += statSync(file).size;
    console.log(`${file.replace(/.*tests/, 'tests')}: ${statSync(file).size} bytes`);
    await page.context().close();
  }
  console.log(`${total} bytes in all`);
} finally {
  await browser.close();
  await service.stop();
}

/** The browser itself makes the smaller file. */
async function webp(browser, png) {
  const page = await browser.newPage();
  try {
    const data = await page.evaluate(async (source) => {
      const image = await createImageBitmap(await (await fetch(source)).blob());
      const canvas = new OffscreenCanvas(image.width, image.height);
      canvas.getContext('2d').drawImage(image, 0, 0);
      const blob = await canvas.convertToBlob({ type: 'image/webp', quality: 0.9 });
      return [...new Uint8Array(await blob.arrayBuffer())];
    }, `data:image/png;base64,${png.toString('base64')}`);
    return Buffer.from(data);
  } finally {
    await page.close();
  }
}
