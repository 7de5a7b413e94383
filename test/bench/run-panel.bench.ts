// What the Run panel costs with a million steps: node scripts/bench.mjs run-panel
// Opening it against reading the files' bytes, until the first curves and until all of them; choosing the rows of a
// chart against a plain scan; one step more against everything again; the first image.
import { appendFileSync, cpSync, createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunPanelHost, RunPanelPage, SeriesQuery } from '../../src/panels/run/run.contract.ts';
import { Column, Extremes, visibleRows } from '../../src/panels/run/series.reads.ts';
import { RunCurves } from '../../src/panels/run/run.reads.ts';
import { chromiumPath, launchChromium, NO_CHROMIUM } from '../support/chromium.ts';
import { openPanel } from '../webview/page.ts';
import { quiet } from '../support/call.ts';

const STEPS = 1_000_000;
const COLUMNS = 800;
const METRICS = ['loss', 'grad_norm', 'learning_rate', 'kl', 'entropy', 'reward'];

/** The median of seconds over some rounds. */
async function seconds(rounds: number, work: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const start = performance.now();
    await work();
    times.push((performance.now() - start) / 1000);
  }
  return times.sort((a, b) => a - b)[Math.floor(rounds / 2)]!;
}

const print = (what: string, slow: number, fast: number) =>
  console.log(
    `${what}: ${(slow / fast).toFixed(1)} times (${slow.toPrecision(3)} s, ${fast.toPrecision(3)} s)`,
  );

async function choosing(): Promise<void> {
  const column = new Column();
  const x = new Float64Array(STEPS);
  for (let row = 0; row < STEPS; row++) {
    x[row] = row + 1;
    column.put(row, Math.sin(row / 1e4) + ((row * 7919) % 97) / 97);
  }
  const extremes = new Extremes(column);
  visibleRows(x, [-Infinity, Infinity], COLUMNS, [extremes]); // its blocks are there from then on
  const scan = () => {
    let rows = 0;
    const values = column.view;
    for (let c = 0; c < COLUMNS; c++) {
      const [from, to] = [Math.floor((c * STEPS) / COLUMNS), Math.floor(((c + 1) * STEPS) / COLUMNS)];
      let [lowest, highest] = [from, from];
      for (let row = from; row < to; row++) {
        if (values[row]! < values[lowest]!) lowest = row;
        if (values[row]! > values[highest]!) highest = row;
      }
      rows += lowest + highest;
    }
    return rows;
  };
  const slow = await seconds(21, scan);
  const fast = await seconds(21, () => visibleRows(x, [-Infinity, Infinity], COLUMNS, [extremes]));
  print('1M points to 800 pixels, plain scan against blocks', slow, fast);
}

/** Opens the run; `whole` waits until all its rows are read. */
async function open(service: RunCurves, dir: string, whole: boolean) {
  const opened = await service.runOpen({ dir }, quiet);
  for (let { readShare } = opened.news; whole && readShare !== null;) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    const news = await service.runUpdate({ run: opened.run });
    if (news) ({ readShare } = opened.news = news);
  }
  return opened;
}

async function opening(dir: string): Promise<void> {
  const bytes = await seconds(3, async () => {
    for (const name of ['metrics', 'timings'])
      for await (const chunk of createReadStream(join(dir, `${name}.jsonl`), { highWaterMark: 2 ** 22 }))
        void chunk;
  });
  const until = (whole: boolean) =>
    seconds(3, async () => {
      const service = new RunCurves();
      const { run } = await open(service, dir, whole);
      await query(dir, run, service);
      await service.runClose({ run });
    });
  print('six charts of 1M steps: the first curves against reading the bytes', await until(false), bytes);
  print('six charts of 1M steps: all curves against reading the bytes', await until(true), bytes);
}

const query = (dir: string, run: number, service: RunCurves) =>
  Promise.all(
    METRICS.map((name) => {
      const query: SeriesQuery = {
        dir,
        x: 'step',
        metrics: [name],
        range: null,
        columns: COLUMNS,
        smoothing: 0.6,
      };
      return service.runSeries({ run, query });
    }),
  );

const lineOf = (step: number) =>
  `${JSON.stringify(Object.fromEntries([['step', step], ...METRICS.map((name, i) => [name, Math.sin(step / 1e4 + i)])]))}\n`;

async function reading(dir: string): Promise<void> {
  const service = new RunCurves();
  let run = 0;
  const everything = await seconds(3, async () => {
    ({ run } = await open(service, dir, true));
    await query(dir, run, service);
  });
  let step = STEPS;
  const append = await seconds(21, async () => {
    appendFileSync(join(dir, 'metrics.jsonl'), lineOf(++step));
    await service.runUpdate({ run });
    await query(dir, run, service);
  });
  print('six charts of 1M steps, read and drawn anew against one step more', everything, append);
}

/** Until the first chart is on the screen, and from a news to its being drawn. */
async function painting(dir: string): Promise<{ first: number; next: number }> {
  const service = new RunCurves();
  const { run, facts, news } = await open(service, dir, true);
  const browser = await launchChromium();
  let drawn = 0;
  const host: Partial<RunPanelHost> = {
    series: (query) => {
      drawn += 1;
      return service.runSeries({ run, query });
    },
    spread: () => Promise.resolve(null),
    ready: () => undefined,
  };
  const options = { bundle: 'run', theme: 'dark', width: 1200, height: 900, host } as const;
  const { page, channel } = await openPanel<RunPanelPage>(browser, options);
  const frame = () =>
    page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
  const first = await seconds(1, async () => {
    channel.notify('show', { runs: [{ dir, name: 'run', kind: 'run', facts, news }] });
    await page.locator('canvas').first().waitFor();
    await frame();
  });
  await page.waitForTimeout(1000);
  const next = await seconds(9, async () => {
    const before = drawn;
    channel.notify('news', { dir, news: { ...news, rows: news.rows + 1 } });
    while (drawn === before) await frame();
    await frame();
  });
  await browser.close();
  return { first, next };
}

const folder = mkdtempSync(join(tmpdir(), 'chirality-bench-'));
try {
  await choosing();
  const dir = join(folder, 'long');
  cpSync('test/fixtures/runs/sft', dir, { recursive: true });
  const parts: string[] = [];
  for (let step = 1; step <= STEPS; step++) parts.push(lineOf(step));
  writeFileSync(join(dir, 'metrics.jsonl'), parts.join(''));
  writeFileSync(join(dir, 'timings.jsonl'), '');
  await opening(dir);
  await reading(dir);
  if (!chromiumPath) console.log(`The page is not measured. ${NO_CHROMIUM}`);
  else {
    const long = await painting(dir);
    const short = await painting('test/fixtures/runs/sft');
    print('first picture, 1M steps against 300', long.first, short.first);
    print('a step more in the page, 1M steps against 300', long.next, short.next);
    print('1M steps: first picture against one step more', long.first, long.next);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
