/**
 * Where the demo's time goes: wall and processor seconds of every run, before its first step, in evaluations, steps and
 * checkpoints, and the steps by phase. Runs side by side share the processor, so add up processor seconds, not wall.
 * Then how many tokens of completions the arms' updates computed for every real one, padding included.
 * Linux only: the processes are watched in /proc.
 *
 *     npm run build && node scripts/bench.mjs demo [dist/cli.js] [options of the demo]
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatTable } from '../../src/base/printable.ts';
import { batches, packedShape, type EncodedGroup } from '../../src/engines/embedded/packing.ts';
import { Tokenizer, vocabularyOf } from '../../src/engines/embedded/tokenizer.ts';

const [cli = 'dist/cli.js', ...options] = process.argv.slice(2);
/** The kernel counts processor time in hundredths of a second. */
const TICK = 0.01;
const POLL_MS = 50;

/** The model that a config of the embedded engine makes by default. */
const SHAPE = {
  width: 96,
  layers: 3,
  heads: 4,
  imageSize: 64,
  patchSize: 16,
  promptTokens: 24,
  completionTokens: 32,
};

const STAGES = ['start', 'evaluation', 'steps', 'saving'] as const;
type Stage = (typeof STAGES)[number];
/** Seconds: of the clock, of the run's own process, of its engine's. */
type Times = Record<'wall' | 'run' | 'engine', number>;

/** A text of /proc or of a run folder; null if it is not there (any more). */
function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** Processor seconds of a process so far; null if it has ended. */
function processorTime(pid: number): number | null {
  // The name in brackets may contain spaces.
  const fields = read(`/proc/${pid}/stat`)?.split(') ')[1]?.split(' ');
  return fields ? (Number(fields[11]) + Number(fields[12])) * TICK : null;
}

const childrenOf = (pid: number): number[] =>
  (read(`/proc/${pid}/task/${pid}/children`) ?? '').split(' ').filter(Boolean).map(Number);

const memoryOf = (pid: number): number =>
  Number(/VmRSS:\s*(\d+)/.exec(read(`/proc/${pid}/status`) ?? '')?.[1] ?? 0) / 1e6;

const known = new Map<number, number>();
/** Processor seconds of a process since the last look. */
function used(pid: number): number {
  const before = known.get(pid) ?? 0;
  const now = processorTime(pid) ?? before;
  known.set(pid, now);
  return now - before;
}

function stageOf({ status, phase }: { status: string; phase: string }): Stage {
  if (phase === 'evaluating') return 'evaluation';
  if (phase === 'saving') return 'saving';
  return status === 'starting' ? 'start' : 'steps';
}

const folder = await mkdtemp(join(tmpdir(), 'chirality-demo-'));
const runsFolder = join(folder, 'demo', 'runs');
const runs = new Map<string, Record<Stage, Times>>();
let drawing = 0;
let command = 0;
let memory = 0;
const started = performance.now();
const seconds = () => (performance.now() - started) / 1000;
const demo = spawn(process.execPath, [resolve(cli), 'demo', ...options, '-o', 'demo'], {
  cwd: folder,
  stdio: ['ignore', 'inherit', 'ignore'],
});
let code: number | null = null;
demo.once('exit', (status) => (code = status ?? 1));

for (let last = seconds(); code === null; last = seconds()) {
  await sleep(POLL_MS);
  command += used(demo.pid!);
  let resident = memoryOf(demo.pid!);
  const names = existsSync(runsFolder) ? readdirSync(runsFolder).filter((name) => !name.startsWith('.')) : [];
  if (names.length === 0) {
    drawing = seconds();
    for (const pid of childrenOf(demo.pid!)) command += used(pid);
  }
  for (const name of names) {
    const text = read(join(runsFolder, name, 'state.json'));
    if (text === null) continue;
    const state = JSON.parse(text) as { pid: number; status: string; phase: string };
    if (!['starting', 'running'].includes(state.status)) continue;
    const none = (): Times => ({ wall: 0, run: 0, engine: 0 });
    const stages = runs.get(name) ?? { start: none(), evaluation: none(), steps: none(), saving: none() };
    runs.set(name, stages);
    const times = stages[stageOf(state)];
    times.wall += seconds() - last;
    times.run += used(state.pid);
    resident += memoryOf(state.pid);
    for (const pid of childrenOf(state.pid)) {
      times.engine += used(pid);
      resident += memoryOf(pid);
    }
  }
  memory = Math.max(memory, resident);
}

/** Wall seconds of a run's steps by phase, from its timings. */
function phasesOf(name: string): [string, number][] {
  const sums = new Map<string, number>();
  const rows = (read(join(runsFolder, name, 'timings.jsonl')) ?? '').trim().split('\n').filter(Boolean);
  for (const row of rows.map((line) => JSON.parse(line) as Record<string, number>)) {
    const phases = Object.entries(row).filter(([key]) => key.startsWith('timing_s/'));
    const other = row.step_time! - phases.reduce((total, [, value]) => total + value, 0);
    for (const [key, value] of [...phases, ['timing_s/other', other] as const])
      sums.set(key.slice('timing_s/'.length), (sums.get(key.slice('timing_s/'.length)) ?? 0) + value);
  }
  return [...sums];
}

interface TracedPair {
  views: { group: { segments: { text: string; stop_reason: string }[] }[] }[];
}

/** Tokens of completions that an arm's updates computed for every real one, from its traces. */
function paddingOf(name: string): number {
  const folder = join(runsFolder, name, 'traces');
  const shape = { ...SHAPE, vocabulary: 0 };
  let real = 0;
  let computed = 0;
  for (const file of readdirSync(folder).filter((path) => path.endsWith('.jsonl'))) {
    const pairs = read(join(folder, file))!.trim().split('\n');
    const groups = pairs.flatMap((line) =>
      (JSON.parse(line) as TracedPair).views.map(({ group }): EncodedGroup => ({
        prompt: { pictures: [], tokens: [0], positions: [0] },
        rows: group.map(({ segments: [segment] }) => {
          const { text, stop_reason: reason } = segment!;
          const words = new Tokenizer(vocabularyOf([text])).encode(text).length + Number(reason === 'end');
          return { tokens: Array<number>(words).fill(0), weights: [] };
        }),
      })),
    );
    for (const { rows } of groups) for (const { tokens } of rows) real += tokens.length;
    for (const batch of batches(groups, shape)) {
      const { groups: n, size, length } = packedShape(batch.map((i) => groups[i]!));
      computed += n * size * length;
    }
  }
  return computed / real;
}

const figure = (value: number) => value.toFixed(1);
const sum = { wall: 0, run: 0, engine: 0 };
const lines = [...runs].flatMap(([name, stages]) =>
  STAGES.map((stage) => {
    const times = stages[stage];
    for (const key of ['wall', 'run', 'engine'] as const) sum[key] += times[key];
    const phases = stage === 'steps' ? phasesOf(name).map(([phase, wall]) => `${phase} ${figure(wall)}`) : [];
    return [name, stage, figure(times.wall), figure(times.run), figure(times.engine), phases.join(', ')];
  }),
);
console.log(
  formatTable(
    ['run', 'stage', 'wall', 'CPU run', 'CPU engine', 'wall of the steps by phase'],
    [['', 'drawing', figure(drawing), '', '', ''], ...lines],
  ),
);
console.log(
  `\n${figure(seconds())} s wall; ${figure(command + sum.run + sum.engine)} s of processors: ${figure(command)} the ` +
    `command (drawing included), ${figure(sum.run)} the runs, ${figure(sum.engine)} their engines; at most ` +
    `${figure(memory)} GB of memory at a time.`,
);
for (const name of runs.keys())
  if (!name.startsWith('sft'))
    console.log(`${name}: ${paddingOf(name).toFixed(2)} tokens of completions computed for every real one.`);
await rm(folder, { recursive: true });
process.exit(code);
