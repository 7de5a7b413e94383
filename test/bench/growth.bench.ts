/**
 * What grows with the size of a project: the time to first sight and the memory at a quarter, a half and all of 10,000
 * runs, traces of 10⁵ steps, a dataset of 10⁶ rows, and `suspects` over five evaluations of 40,000 rows in two views.
 * Each measurement is a process of its own; what is linear doubles from one column to the next.
 *
 *     npm run build && node scripts/bench.mjs growth [runs|traces|dataset|suspects …] [SHARE, default 1]
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Random } from '../../src/base/random.ts';
import { SCORING_RULES } from '../../src/core/answers/score.ts';
import { listRuns } from '../../src/lab/operations/runs.ts';
import { PairRows } from '../../src/panels/data-rows.reads.ts';
import { DataSets } from '../../src/panels/dataset/dataset.reads.ts';
import type { RunsPage } from '../../src/panels/runs/runs.contract.ts';
import { Traces } from '../../src/panels/trace/trace.reads.ts';
import { quiet } from '../support/call.ts';
import { chromiumPath, launchChromium, processorOf } from '../support/chromium.ts';
import { rowOf } from '../support/evaluation.ts';
import { completion, tracedPair, view } from '../unit/lab/traces/make.ts';
import { openPanel } from '../webview/page.ts';
import { peakMegabytes, processorMilliseconds, reportPeakMemory } from './peak-memory.ts';
import { writeRows } from './rows.ts';

const PAGE = 30;
const MODELS = 5;

/** Milliseconds of the clock, and of this process's processors. */
type Cost = readonly [clock: number, processor: number];

type Costs = Record<string, Cost | undefined>;

/** A clock of what has passed since it was made. */
function stopwatch(): () => Cost {
  const start = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return [performance.now() - start, (user + system) / 1000];
  };
}

/** The cost of some work, and what it gave. */
async function timed<T>(work: () => Promise<T>): Promise<[cost: Cost, value: T]> {
  const cost = stopwatch();
  const value = await work();
  return [cost(), value];
}

interface Case {
  most: number;
  write(folder: string, n: number): Promise<void> | void;
  /** Costs by what was waited for; absent if a command is measured as a whole. */
  look?(folder: string, n: number): Promise<Costs>;
}

const CASES: Record<string, Case> = {
  runs: {
    most: 10_000,
    write(folder, n) {
      const from = resolve('test/fixtures/runs/spatial');
      const one = join(folder, 'one');
      mkdirSync(one);
      for (const name of ['run.yaml', 'manifest.json', 'events.jsonl'])
        copyFileSync(join(from, name), join(one, name));
      copyFileSync(join(from, 'eval/step-000100/results.json'), join(one, 'results.json'));
      const metrics = readFileSync(join(from, 'metrics.jsonl'), 'utf8').split('\n').slice(0, 20).join('\n');
      writeFileSync(join(one, 'metrics.jsonl'), `${metrics}\n`);
      const state = JSON.parse(readFileSync(join(from, 'state.json'), 'utf8')) as object;
      for (let i = 0; i < n; i++) {
        const dir = join(folder, 'runs', `run-${i}`);
        mkdirSync(join(dir, 'eval/step-000100'), { recursive: true });
        for (const name of ['run.yaml', 'manifest.json', 'events.jsonl', 'metrics.jsonl'])
          linkSync(join(one, name), join(dir, name));
        linkSync(join(one, 'results.json'), join(dir, 'eval/step-000100/results.json'));
        const heartbeat = new Date(1.7e12 + i * 1000).toISOString();
        writeFileSync(join(dir, 'state.json'), JSON.stringify({ ...state, heartbeat }));
      }
    },
    async look(folder, n) {
      const context = { roots: [join(folder, 'runs')], signal: new AbortController().signal };
      const list = (limit?: number) =>
        listRuns.run(listRuns.input.parse({ programs: ['own'], limit }), context);
      const [first] = await timed(() => list(200));
      const [read, { runs = [] }] = await timed(() => list());
      if (runs.length !== n) throw new Error(`Listed ${runs.length} runs of ${n}.`);
      const [again] = await timed(() => list());
      if (!chromiumPath) return { first, read, again };
      const browser = await launchChromium();
      const { page, channel } = await openPanel<RunsPage>(browser, {
        bundle: 'runs',
        theme: 'dark',
        width: 1200,
        height: 900,
        host: { ready: () => undefined },
      });
      const row = page.locator('[role=row]', { hasText: `run-${n - 1}` }).first();
      const worked = await processorOf(page);
      const before = await worked();
      const [[clock]] = await timed(async () => {
        channel.notify('show', { runs });
        await row.waitFor();
      });
      const shown: Cost = [clock, (await worked()) - before];
      await browser.close();
      return { first, read, again, shown };
    },
  },

  traces: {
    most: 100_000,
    write(folder, n) {
      const dir = join(folder, 'run', 'traces');
      mkdirSync(dir, { recursive: true });
      const group = (name: string) =>
        Array.from({ length: 4 }, (_, g) =>
          completion(`the purple cone is left of the yellow cube ${name} ${g}`),
        );
      const views = [
        view('original', 'Where?', group('original')),
        view('mirror', 'Where?', group('mirror')),
      ];
      const line = JSON.stringify(
        tracedPair(12_345, 0, { sample: 'row-12345', views, delta: 0, verdict: 'consistent' }),
      );
      for (let step = 1; step <= n; step++)
        writeFileSync(
          join(dir, `step-${String(step).padStart(6, '0')}.jsonl`),
          `${line.replaceAll('12345', String(step))}\n`,
        );
    },
    async look(folder, n) {
      const traces = new Traces();
      const run = join(folder, 'run');
      const list = (filter: string) =>
        traces.traces({ run, source: undefined, query: { filter, text: '', sort: null } }, quiet);
      const [read, { list: first, total }] = await timed(() => list(''));
      if (total !== n) throw new Error(`Listed ${total} pairs of ${n}.`);
      const [page] = await timed(() => traces.traceRows({ list: first, from: n - PAGE, count: PAGE }));
      const [pair] = await timed(() =>
        traces.tracePair({ run, source: undefined, id: { step: n, pair: 0 } }),
      );
      const [filter] = await timed(() => list('reward > 0.5'));
      writeFileSync(
        join(run, 'traces', `step-${String(n + 1).padStart(6, '0')}.jsonl`),
        `${JSON.stringify(tracedPair(n + 1, 0))}\n`,
      );
      const [step] = await timed(() => list(''));
      return { read, page, pair, filter, 'one step more': step };
    },
  },

  dataset: {
    most: 1_000_000,
    write: (folder, n) => writeRows(join(folder, 'train.qa.jsonl'), n),
    async look(folder, n) {
      const { api } = new DataSets(new PairRows());
      const rows = Array.from({ length: PAGE }, (_, row) => row);
      const place = { folder, root: folder };
      const since = stopwatch();
      let sight: Cost = [NaN, NaN];
      let isAsked = false;
      let cards: Promise<unknown> = Promise.resolve();
      const onProgress = () => {
        if (isAsked) return;
        isAsked = true;
        cards = api.dataCards({ file: 0, rows, place }).then(() => (sight = since()));
      };
      const path = join(folder, 'train.qa.jsonl');
      const [whole, summary] = await timed(() =>
        api.openData({ file: 0, path }, { signal: new AbortController().signal, onProgress }),
      );
      await cards;
      if (summary.rows !== n) throw new Error(`Counted ${summary.rows} rows of ${n}.`);
      const [search] = await timed(() =>
        api.dataRows({ file: 0, filter: { chosen: {}, text: 'number 4321' } }, quiet),
      );
      await api.closeData({ file: 0 });
      return { cards: sight, whole, search };
    },
  },

  suspects: {
    most: 40_000,
    write(folder, n) {
      const random = Random.from('growth');
      const SIDES = ['left', 'right'];
      for (let model = 0; model < MODELS; model++) {
        const dir = join(folder, 'evals', `model-${model}`);
        mkdirSync(dir, { recursive: true });
        const manifest = { model: `model-${model}`, scoring_rules: SCORING_RULES };
        writeFileSync(join(dir, 'manifest.json'), JSON.stringify(manifest));
        writeFileSync(join(dir, 'results.json'), '[]');
        const lines: string[] = [];
        for (let i = 0; i < n; i++) {
          const a = `red mug ${i}`;
          const b = `blue lamp ${i}`;
          for (const [v, viewName] of (['original', 'mirror'] as const).entries()) {
            const said = random.below(10) < 8 ? i % 2 : 1 - (i % 2);
            // A third asks for a side, a third for one of two objects, whose names differ from row to row, a third for yes or no.
            const row =
              i % 3 === 0
                ? { task: 'side', question: `Where is the ${a}?`, answers: v ? SIDES.toReversed() : SIDES }
                : i % 3 === 1
                  ? {
                      task: 'which',
                      question: `Which is left: the ${a} or the ${b}?`,
                      answers: v ? [b, a] : [a, b],
                    }
                  : { task: 'yesno', question: `Is the ${a} closer than the ${b}?`, answers: ['yes', 'no'] };
            const { answers, ...rest } = row;
            lines.push(
              JSON.stringify(
                rowOf({
                  id: `row-${i}`,
                  ...rest,
                  ...(row.task === 'which' && { task: 'mcq', choices: [a, b] }),
                  view: viewName,
                  answer: answers[i % 2]!,
                  completion: `<think>I look at the picture.</think><answer>${answers[said]!}</answer>`,
                }),
              ),
            );
          }
        }
        writeFileSync(join(dir, 'rows.jsonl'), `${lines.join('\n')}\n`);
      }
    },
  },
};

const self = fileURLToPath(import.meta.url);
const [what, ...more] = process.argv.slice(2);
if (what === 'look') {
  const [name, folder, n] = more;
  console.log(JSON.stringify(await CASES[name!]!.look!(folder!, Number(n))));
  process.exit();
}

/** The costs of one size, and megabytes. */
function measure(name: string, folder: string, n: number): Record<string, Cost | number> {
  const models = Array.from({ length: MODELS }, (_, m) => join(folder, 'evals', `model-${m}`));
  const command = [resolve('dist/cli.js'), 'suspects', ...models, '--runs', folder, '--limit', '3'];
  const args = CASES[name]!.look ? [self, 'look', name, folder, String(n)] : command;
  const start = performance.now();
  const { stdout, stderr, status } = spawnSync(process.execPath, [...reportPeakMemory, ...args], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(stderr);
  const costs = CASES[name]!.look
    ? (JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as Record<string, Cost>)
    : { whole: [performance.now() - start, processorMilliseconds(stderr)] as const };
  return { ...costs, 'peak MB': peakMegabytes(stderr) };
}

const names = process.argv.slice(2).filter((name) => name in CASES);
const share = Number(process.argv.slice(2).find((arg) => Number(arg) > 0) ?? 1);
for (const name of names.length > 0 ? names : Object.keys(CASES)) {
  const { most, write } = CASES[name]!;
  const sizes = [4, 2, 1].map((parts) => Math.round((most * share) / parts));
  const columns: Record<string, Cost | number>[] = [];
  for (const n of sizes) {
    const folder = mkdtempSync(join(tmpdir(), 'chirality-growth-'));
    try {
      await write(folder, n);
      columns.push(measure(name, folder, n));
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
  console.log(`${name}: ${sizes.join(', ')} (ms of the clock / of processors)`);
  const text = (cost: Cost | number) =>
    (typeof cost === 'number' ? [cost] : cost).map((value) => value.toFixed(0)).join(' / ');
  for (const key of Object.keys(columns[0]!))
    console.log(`  ${key.padEnd(16)}${columns.map((each) => text(each[key]!).padStart(16)).join('')}`);
}
