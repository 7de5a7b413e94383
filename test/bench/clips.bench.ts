/**
 * A dataset of ten thousand clips in the Dataset panel, next to one of as many images: scrolled through as fast as a
 * wheel turns, and then, at twenty places, until all images in sight are drawn. How long the page works, and how many
 * images it asks for.
 *
 *     npm run build && node scripts/bench.mjs clips
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { encodePng } from '../../src/lab/images/png.ts';
import type { DataPage } from '../../src/panels/dataset/dataset.contract.ts';
import { DataSets } from '../../src/panels/dataset/dataset.reads.ts';
import { PairRows } from '../../src/panels/data-rows.reads.ts';
import { quiet } from '../support/call.ts';
import { launchChromium } from '../support/chromium.ts';
import { openPanel } from '../webview/page.ts';

const ROWS = 10_000;
const FRAMES = 8;
const FILES = 400;
const PLACES = 20;
const TURNS = 120;

const folder = mkdtempSync(join(tmpdir(), 'chirality-bench-'));
const browser = await launchChromium();

/** Scrolls through a file of rows, and says what that took. */
async function scrolled(file: number, name: string) {
  const pairs = new PairRows();
  const { api } = new DataSets(pairs);
  const place = { folder, root: folder };
  const summary = await api.openData({ file, path: join(folder, name) }, quiet);
  let asked = 0;
  const host = {
    ready: () => undefined,
    cards: ({ rows }: { rows: number[] }) => api.dataCards({ file, rows, place }),
    image: ({ ref }: { ref: string }) => {
      asked += 1;
      return pairs.image({ image: ref, place });
    },
  };
  const { page, channel } = await openPanel<DataPage>(browser, {
    bundle: 'dataset',
    theme: 'dark',
    width: 1200,
    height: 900,
    host,
  });
  channel.notify('show', { kind: 'read', uri: 'file:///data', name, version: 1, summary });
  await drawn(page);
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  const worked = async () => {
    const { metrics } = await cdp.send('Performance.getMetrics');
    return 1000 * metrics.find(({ name: of }) => of === 'TaskDuration')!.value;
  };
  const before = await worked();
  asked = 0;
  await page.locator('.grid').evaluate(async (box, turns) => {
    for (let i = 0; i < turns; i++) {
      box.scrollTop += 700;
      await new Promise((next) => requestAnimationFrame(next));
    }
  }, TURNS);
  const wheel = { ms: (await worked()) - before, asked };
  const between = await worked();
  for (let i = 1; i <= PLACES; i++) {
    await page.locator('.grid').evaluate(
      async (box, share) => {
        box.scrollTop = share * box.scrollHeight;
        for (let frame = 0; frame < 2; frame++) await new Promise((next) => requestAnimationFrame(next));
      },
      i / (PLACES + 1),
    );
    await drawn(page);
  }
  const places = { ms: (await worked()) - between, asked: asked - wheel.asked };
  await page.close();
  await api.closeData({ file });
  return { wheel, places };
}

/** Waits until every card in sight has its image. */
const drawn = (page: Page) =>
  page.waitForFunction(() => {
    const cards = [...document.querySelectorAll('.card')];
    return cards.length > 0 && cards.every((card) => card.querySelector('img')?.naturalWidth);
  });

try {
  mkdirSync(join(folder, 'images'));
  const [w, h] = [320, 240];
  for (let i = 0; i < FILES; i++) {
    const rgb = Uint8Array.from({ length: w * h * 3 }, (_, at) => (at * (i + 1)) % 251);
    writeFileSync(join(folder, `images/${i}.png`), await encodePng({ w, h, rgb }));
  }
  const write = (name: string, frames: number) =>
    writeFileSync(
      join(folder, name),
      Array.from({ length: ROWS }, (_, row) => {
        const images = Array.from({ length: frames }, (_, n) => `images/${(row + n) % FILES}.png`);
        const clip = frames > 1 ? { clip: { fps: 4 } } : {};
        return `${JSON.stringify({ id: `${row}`, question: `Does thing ${row} move?`, answer: 'yes', images, ...clip })}\n`;
      }).join(''),
    );
  write('pictures.qa.jsonl', 1);
  write('clips.qa.jsonl', FRAMES);
  await scrolled(1, 'pictures.qa.jsonl'); // the browser's own first page
  const pictures = await scrolled(2, 'pictures.qa.jsonl');
  const clips = await scrolled(3, 'clips.qa.jsonl');
  const told = (what: 'wheel' | 'places') =>
    `${(clips[what].ms / pictures[what].ms).toFixed(2)} times pictures ` +
    `(${clips[what].ms.toFixed(0)} and ${pictures[what].ms.toFixed(0)} ms; ${clips[what].asked} and ${pictures[what].asked} asked for)`;
  console.log(`scrolling by the wheel, the page's processor: ${told('wheel')}`);
  console.log(`until ${PLACES} places are drawn, likewise: ${told('places')}`);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
