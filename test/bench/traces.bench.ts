import { quiet } from '../support/call.ts';

/**
 * Finding pairs among 100,000: filter and sort against the plainest loops over arrays that do the same, and reading
 * trace files against only parsing their lines. Ratios of medians in one run.
 *
 *     node scripts/bench.mjs traces
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { summariseTrained, type TrainedSummary } from '../../src/core/run-data/trace-summary.ts';
import { parseFilter } from '../../src/core/query/parse.ts';
import { TRACE_FIELDS } from '../../src/core/run-data/trace-fields.ts';
import { selectRows } from '../../src/core/run-data/trace-query.ts';
import { newDictionaries, PairTable } from '../../src/core/run-data/trace-table.ts';
import { PairIndex } from '../../src/lab/traces/index.ts';
import { TraceFiles } from '../../src/lab/traces/sources.ts';
import { TraceArrays, writeTraces } from '../../src/lab/runs/trace-files.ts';
import { completion, tracedPair, view } from '../unit/lab/traces/make.ts';

const ROWS = 100_000;
const VERDICTS = ['consistent', 'only_original', 'only_mirror', 'neither'] as const;

/** Median milliseconds of some runs. */
async function time(work: () => unknown, runs = 15): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[Math.floor(runs / 2)]!;
}
const report = (what: string, ours: number, plain: number) =>
  console.log(
    `${what}: ${ours.toFixed(1)} ms, ${(ours / plain).toFixed(1)} × the plain loop (${plain.toFixed(1)} ms)`,
  );

// Filter and sort.
const base = summariseTrained(tracedPair(1, 0));
const summaries = Array.from({ length: ROWS }, (_, i): TrainedSummary => ({
  ...base,
  step: 1 + (i >> 4),
  pair: i & 15,
  sample: `row-${(i * 31) % 28_000}`,
  question: `Is object ${(i * 31) % 28_000} left of the cup?`,
  verdict: VERDICTS[(i * 7) & 3]!,
  reward: ((i * 37) % 1000) / 1000,
}));
const table = PairTable.from(summaries, newDictionaries());
const rewards = Float64Array.from(summaries, ({ reward }) => reward!);
const verdicts = Int32Array.from(summaries, ({ verdict }) => VERDICTS.findIndex((one) => one === verdict));
const never = () => () => false;
const select = (filter: string, field?: string) =>
  selectRows(table, parseFilter(filter, TRACE_FIELDS), never, field ? { field, descending: true } : null);

const text = 'reward < 0.3 and verdict = only_original';
const plainFilter = () => {
  const rows: number[] = [];
  for (let i = 0; i < ROWS; i++) if (rewards[i]! < 0.3 && verdicts[i] === 1) rows.push(i);
  return rows;
};
if (plainFilter().join() !== select(text).join()) throw new Error('The filter and the loop differ.');
report(`filter ${ROWS} rows`, await time(() => select(text)), await time(plainFilter));
const plainSort = () => Uint32Array.from(rewards.keys()).sort((a, b) => rewards[b]! - rewards[a]! || a - b);
if (plainSort().join() !== select('', 'reward').join()) throw new Error('The sort and the loop differ.');
report(`sort ${ROWS} rows by a number`, await time(() => select('', 'reward')), await time(plainSort));
const plainTexts = () =>
  Array.from(summaries.keys()).sort((a, b) => (summaries[a]!.sample < summaries[b]!.sample ? 1 : -1));
report(`sort ${ROWS} rows by a text`, await time(() => select('', 'sample'), 5), await time(plainTexts, 5));

// Reading and searching.
const run = await mkdtemp(join(tmpdir(), 'chirality-traces-'));
try {
  const STEPS = 250;
  const think =
    'the purple cone stands left of the yellow cube, seen from the viewer, so the answer is left ';
  for (let step = 1; step <= STEPS; step++) {
    const pairs = Array.from({ length: 16 }, (_, pair) => {
      const group = (name: string) =>
        Array.from({ length: 8 }, (_, g) => completion(`${think.repeat(2)}${name} ${step} ${pair} ${g}`));
      const views = [
        view('original', 'Where?', group('original')),
        view('mirror', 'Where?', group('mirror')),
      ];
      return tracedPair(step, pair, { views, delta: 0, verdict: 'consistent' });
    });
    await writeTraces(run, step, pairs, new TraceArrays());
  }
  const files = (await readdir(join(run, 'traces'))).map((name) => join(run, 'traces', name));
  let bytes = 0;
  const parse = async () => {
    bytes = 0;
    for (const file of files) {
      const text = await readFile(file, 'utf8');
      bytes += text.length;
      for (const line of text.split('\n')) if (line) JSON.parse(line);
    }
  };
  const plain = await time(parse, 3);
  const read = await time(() => new PairIndex(new TraceFiles(run)).refresh(quiet), 3);
  console.log(
    `index ${STEPS * 16} pairs, ${(bytes / 2 ** 20).toFixed(0)} MB: ${read.toFixed(0)} ms, ` +
      `${(read / plain).toFixed(2)} × reading and parsing alone`,
  );
  for (const [where, characters] of [
    ['memory', 1e9],
    ['files', 0],
  ] as const) {
    const index = new PairIndex(new TraceFiles(run), characters);
    const snapshot = await index.refresh(quiet);
    let n = 0;
    const search = await time(() => index.find(snapshot, `original 9 ${n++}`, quiet), 3);
    console.log(
      `search in ${where}: ${search.toFixed(0)} ms, ${(search / plain).toFixed(2)} × reading and parsing`,
    );
    const again = await time(() => index.refresh(quiet), 5);
    console.log(`look for news: ${again.toFixed(2)} ms`);
  }
} finally {
  await rm(run, { recursive: true, force: true });
}
