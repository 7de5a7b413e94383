/**
 * The panels' pages: until one is up and asks its host for the first time, next to a page that holds nothing but the
 * question; until a traced pair is on the screen, next to a page that shows a line instead, and from a key to the next
 * one; from a key to the next image that
 * is annotated, next to two frames of the screen; each after a pause, as people look before they go on. The time of the
 * page's own processor hardly depends on what else the machine does. And how large is what is shipped.
 *
 *     npm run package && node scripts/bench.mjs panels
 */
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { AnnotateHost, AnnotatePage } from '../../src/panels/annotate/annotate.contract.ts';
import type { TracePage } from '../../src/panels/trace/trace.contract.ts';
import type { ImageRef } from '../../src/rows/sample/sample.ts';
import { sum } from '../../src/base/numbers.ts';
import { wholeFile } from '../../src/core/annotation/pieces.ts';
import { newToken } from '../../src/lab/files/leftovers.ts';
import { Edits } from '../../src/panels/annotate/annotate-edits.reads.ts';
import { PairRows } from '../../src/panels/data-rows.reads.ts';
import { quiet } from '../support/call.ts';
import { chromiumPath, launchChromium, NO_CHROMIUM, processorOf } from '../support/chromium.ts';
import { openPanel, type PanelOptions } from '../webview/page.ts';
import { TraceRun } from '../webview/trace-run.ts';

const ROUNDS = 7;
/** Frames of the screen while a picture moves. */
const FRAMES = 60;
/** How long a person looks before the next key, in ms: what comes next is fetched meanwhile. */
const LOOK_MS = 500;

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;

/** Milliseconds of some rounds, with a rest after each that is not counted. */
async function time(work: () => Promise<unknown>, rest?: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
    await rest?.();
  }
  return median(times);
}

/** The time of a change of the page, and how long its main thread works for it, in ms. */
async function change(page: Page, work: () => Promise<unknown>): Promise<{ ms: number; told: string }> {
  const worked = await processorOf(page);
  const before = await worked();
  const ms = await time(work, () => page.waitForTimeout(LOOK_MS));
  const each = ((await worked()) - before) / ROUNDS;
  return { ms, told: `${ms.toFixed(0)} ms, ${each.toFixed(0)} ms of the page's processor` };
}

const options = { theme: 'dark', width: 1200, height: 900 } as const;

/** A clock of the milliseconds that all processes of the browser's have worked, or those of a kind. */
async function processes(browser: Browser, kind?: 'renderer'): Promise<() => Promise<number>> {
  const cdp = await browser.newBrowserCDPSession();
  return async () => {
    const { processInfo } = await cdp.send('SystemInfo.getProcessInfo');
    return sum(processInfo.map(({ type, cpuTime }) => (type === (kind ?? type) ? 1000 * cpuTime : 0)));
  };
}

/** Opens a page, and closes it when it has asked. */
async function start(browser: Browser, of: Pick<PanelOptions, 'bundle' | 'folder'>): Promise<void> {
  let isUp = (): void => undefined;
  const up = new Promise<void>((resolve) => (isUp = resolve));
  const { page } = await openPanel(browser, { ...options, ...of, host: { ready: () => isUp() } });
  await up;
  await page.close();
}

/** A folder with the bundle of a page that only says it is ready, and shows a line when it is told something. */
function emptyPage(): string {
  const folder = mkdtempSync(join(tmpdir(), 'chirality-bench-'));
  const ready = JSON.stringify({ type: 'notify', name: 'ready', args: null });
  writeFileSync(
    join(folder, 'empty.js'),
    `addEventListener('message', () => document.body.append(Object.assign(document.createElement('p'),
      { className: 'pair-head', textContent: 'pair 0' })));
    acquireVsCodeApi().postMessage(${ready});`,
  );
  writeFileSync(join(folder, 'empty.css'), '');
  return folder;
}

async function pages(browser: Browser): Promise<void> {
  const folder = emptyPage();
  try {
    await start(browser, { bundle: 'empty', folder }); // the browser's own first page
    const empty = await time(() => start(browser, { bundle: 'empty', folder }));
    // A panel has a style sheet of its own; what panels share has none.
    for (const name of readdirSync('dist/webview').filter((file) => file.endsWith('.css'))) {
      const bundle = name.slice(0, -'.css'.length);
      const ms = await time(() => start(browser, { bundle }));
      console.log(`${bundle} asks for its data: ${(ms / empty).toFixed(2)} times an empty page`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function pairs(browser: Browser): Promise<void> {
  const traces = new TraceRun();
  const folder = emptyPage();
  try {
    const host = { ...traces.host() };
    const place = { run: traces.run, source: undefined, name: 'spatial', id: { step: 97, pair: 0 } };
    const open = async (of: Pick<PanelOptions, 'bundle' | 'folder'> = { bundle: 'trace' }) => {
      // As the extension does, the pair is read while the page starts.
      const read = host.tracePair(place);
      const { page, channel } = await openPanel<TracePage>(browser, { ...options, ...of, host });
      const shown = (pair: number) => page.locator('.pair-head', { hasText: `pair ${pair}` }).waitFor();
      const start = performance.now();
      channel.notify('show', { subject: place, pair: await read });
      await shown(0);
      return { page, channel, shown, first: performance.now() - start };
    };
    const { page, channel, shown, first } = await open();
    let at = 0;
    const next = await change(page, async () => {
      channel.notify('command', { name: 'next' });
      await shown((at += 1));
    });
    console.log(
      `a traced pair: ${(first / next.ms).toFixed(1)} times the next one (${first.toFixed(0)} ms; ${next.told})`,
    );
    await page.close();
    const worked = await processes(browser, 'renderer');
    /** Opens both pages in turn, so that what else the machine does slows down both. */
    const times = { empty: [] as number[], trace: [] as number[] };
    const work = { empty: [] as number[], trace: [] as number[] };
    for (let i = 0; i < ROUNDS; i++)
      for (const bundle of ['empty', 'trace'] as const) {
        const before = [performance.now(), await worked()] as const;
        const { page: opened } = await open({ bundle, ...(bundle === 'empty' && { folder }) });
        times[bundle].push(performance.now() - before[0]);
        work[bundle].push((await worked()) - before[1]);
        await opened.close();
      }
    const ratio = ({ empty, trace }: typeof times) =>
      `${(median(trace) / median(empty)).toFixed(1)} times an empty page (${median(trace).toFixed(0)}, ${median(empty).toFixed(0)} ms)`;
    console.log(
      `the Traces panel anew, from the opening of its page to the pair: ${ratio(times)}; of processors: ${ratio(work)}`,
    );
  } finally {
    traces.remove();
    rmSync(folder, { recursive: true });
  }
}

async function pictures(browser: Browser): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'chirality-bench-'));
  try {
    execFileSync(process.execPath, ['dist/cli.js', 'worlds', '--count', '40', '--size', '640', '-o', folder]);
    const { api } = new Edits(new PairRows());
    const path = join(folder, 'data.qa.jsonl');
    const place = { folder, root: folder };
    const token = newToken();
    const { rows, version } = await api.openEdited({ path, token, orNew: false });
    const opened = { path, token, version };
    const pieces = wholeFile(rows);
    const host: Partial<AnnotateHost> = {
      ready: () => undefined,
      lines: (args) =>
        api.editedLines({
          ...opened,
          pieces: args.rows.map((base) => ({ base, count: 1 })),
          variant: args.variant,
          place,
        }),
      queue: (args) => api.reviewQueue({ ...opened, pieces, place, ...args }, quiet),
      row: ({ row }) => api.editedRow({ ...opened, piece: { base: row, count: 1 }, place }),
      image: async ({ ref }) => ({
        bytes: new Uint8Array(await readFile(join(folder, pathOf(ref)!))),
        type: 'image/png',
      }),
    };
    const { page, channel } = await openPanel<AnnotatePage>(browser, {
      ...options,
      bundle: 'annotate',
      host,
    });
    const state = { name: 'data.qa.jsonl', uri: 'file:///data', rows, version: 0, reviewer: 'bench' };
    const flags = { goTo: null, typing: false, readOnly: false, filter: null };
    const shown = (name: string) => page.locator(`.frame img[alt*="${name}"]`).first().waitFor();
    const frames = () =>
      page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    const names: string[] = [];
    for (let row = 0; row < rows; row++) {
      const [image] = (await api.editedRow({ ...opened, piece: { base: row, count: 1 }, place })).row.images;
      names.push(pathOf(image!.ref)!);
    }
    channel.notify('show', { ...state, ...flags });
    await shown(names[0]!);
    await page.waitForTimeout(500);
    const screen = await time(frames);
    let at = 0;
    const next = await change(page, async () => {
      channel.notify('command', { name: 'nextRow' });
      await shown(names[(at += 1)]!);
    });
    console.log(
      `the next annotated picture: ${(next.ms / screen).toFixed(1)} times two frames (${screen.toFixed(0)} ms; ${next.told})`,
    );
    const rates = { plain: [] as number[], seen: [] as number[] };
    const work = { plain: [] as number[], seen: [] as number[] };
    const worked = await processes(browser);
    await moved(page);
    for (let i = 0; i < ROUNDS; i++)
      for (const view of ['plain', 'seen'] as const) {
        const before = await worked();
        rates[view].push(await moved(page));
        work[view].push(((await worked()) - before) / FRAMES);
        const patches = page.locator('.seen .patches').first();
        if (view === 'seen' && !(await patches.getAttribute('d'))) throw new Error('No patches are drawn.');
        await page.keyboard.press('i');
        await page.waitForTimeout(100);
      }
    const [[plain, seen], [one, other]] = [rates, work].map((each) => [
      median(each.plain),
      median(each.seen),
    ]) as [[number, number], [number, number]];
    console.log(
      `a frame while a picture moves: ${plain.toFixed(1)} ms, with the view of a model ${seen.toFixed(1)} ms, ${(seen / plain).toFixed(2)} times; of processors ${one.toFixed(1)} and ${other.toFixed(1)} ms`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Zooms in on a picture until its patches are drawn, moves it at each frame of the screen, and returns ms a frame. */
const moved = (page: Page): Promise<number> =>
  page.evaluate(async (frames) => {
    const frame = document.querySelector<HTMLElement>('.frame')!;
    const { left, top, width, height } = frame.getBoundingClientRect();
    const at = { clientX: left + width / 2, clientY: top + height / 2, bubbles: true, cancelable: true };
    const turn = (deltaY: number) => frame.dispatchEvent(new WheelEvent('wheel', { ...at, deltaY }));
    frame.focus();
    for (let i = 0; i < 20; i++) turn(200);
    for (let i = 0; i < 8; i++) turn(-200);
    const next = () => new Promise<number>((done) => requestAnimationFrame(done));
    const start = await next();
    let end = start;
    for (let i = 0; i < frames; i++) {
      turn(i % 2 ? -100 : 100);
      end = await next();
    }
    return (end - start) / frames;
  }, FRAMES);

const pathOf = (ref: ImageRef) => (typeof ref === 'string' ? ref : ref.path);

for (const file of [
  'chirality.vsix',
  'extension.cjs',
  'service.cjs',
  'cli.js',
  ...readdirSync('dist/webview').map((name) => `webview/${name}`),
]) {
  const found = statSync(join('dist', file), { throwIfNoEntry: false });
  if (found) console.log(`${file}: ${Math.round(found.size / 1024).toLocaleString('en')} KiB`);
}
if (!chromiumPath) console.log(`The pages are not measured. ${NO_CHROMIUM}`);
else {
  const browser = await launchChromium();
  await pages(browser);
  await pairs(browser);
  await pictures(browser);
  await browser.close();
}
