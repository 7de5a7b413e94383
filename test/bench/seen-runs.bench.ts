/**
 * What the view of a model costs an evaluation and a run: nine pairs of each, with and without, in turns, with the ratio
 * of their processor times and its 95 % interval. Evaluations differ by `--sees`, runs by `pairs.symmetric`, which pads
 * every image; both are of the embedded engine, whose own share is the smallest of all engines. Needs `npm run build`.
 *
 *     node scripts/bench.mjs seen-runs [PAIRS, default 9]
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { sum } from '../../src/base/numbers.ts';

const pairs = Number(process.argv[2] ?? 9);
/** Quantile of Student's t for a two-sided 95 % interval, by degrees of freedom from 1. */
const T = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179];
const cli = resolve('dist/cli.js');
const folder = mkdtempSync(join(tmpdir(), 'chirality-bench-'));

/**
 * Writes the processor time of every process to a file of its own, again and again: a run is detached from the command
 * that starts it, and an engine can be killed.
 */
const REPORT = `
import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
const write = () => {
  const { user, system } = process.cpuUsage();
  writeFileSync(process.env.CHIRALITY_BENCH + '/' + process.pid, String((user + system) / 1e6));
};
if (isMainThread) {
  write();
  setInterval(write, 50).unref();
  process.on('exit', write);
}`;

/** Processor seconds of a command and of all processes that it starts, after their end. */
function work(...args: string[]): number {
  const times = mkdtempSync(join(folder, 'times-'));
  const preload = `--import=data:text/javascript,${encodeURIComponent(REPORT)}`;
  const env = { ...process.env, NODE_OPTIONS: preload, CHIRALITY_BENCH: times };
  const { status, stderr } = spawnSync(process.execPath, [cli, ...args], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  const pids = readdirSync(times);
  while (pids.some((pid) => existsSync(`/proc/${pid}`)))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  return sum(pids.map((pid) => Number(readFileSync(join(times, pid), 'utf8'))));
}

/**
 * Compares two commands. Each pair is `turns` short runs of both in turns, so that both meet the same load, and counts
 * the least of each: the work is the same every time, and what else the machine does can only add to it.
 */
function compare(name: string, turns: number, without: () => number, with_: () => number): void {
  const logs: number[] = [];
  const all = [0, 0];
  for (let i = 0; i < pairs; i++) {
    const [a, b] = pairOf(turns, without, with_);
    all[0]! += a;
    all[1]! += b;
    logs.push(Math.log(b / a));
  }
  const mean = sum(logs) / pairs;
  const deviation = Math.sqrt(sum(logs.map((x) => (x - mean) ** 2)) / (pairs - 1));
  const far = (T[pairs - 2]! * deviation) / Math.sqrt(pairs);
  const percent = (x: number) => `${(100 * (Math.exp(x) - 1)).toFixed(1)}%`;
  const [a, b] = all.map((seconds) => (seconds / pairs).toFixed(2));
  console.log(
    `${name}: ${a} s, with ${b} s of processors; ${percent(mean)} more (${percent(mean - far)} to ${percent(mean + far)})`,
  );
}

function pairOf(turns: number, without: () => number, with_: () => number): [number, number] {
  const least: [number, number] = [Infinity, Infinity];
  for (let i = 0; i < 2 * turns; i++) {
    const isWith = (i + 1) % 4 > 1; // without, with, with, without, …
    const arm = isWith ? 1 : 0;
    least[arm] = Math.min(least[arm], isWith ? with_() : without());
  }
  return least;
}

const config = (symmetric: boolean) => `recipe: sft
steps: 20
engine: { kind: embedded, fill: right }
pairs: { symmetric: ${symmetric} }
data: { train: worlds/data.qa.jsonl, root: worlds }
target: '<think> {reasoning} </think> <answer> {answer} </answer>'
batch: { samples: 64 }
checkpoint: { every: 20 }
evaluate: { max_tokens: 32 }
`;

try {
  work('worlds', '--count', '1200', '--style', 'compact', '--size', '64x48', '-o', 'worlds');
  for (const symmetric of [false, true])
    writeFileSync(join(folder, `${symmetric}.run.yaml`), config(symmetric));
  let n = 0;
  const train = (symmetric: boolean) =>
    work('train', `${symmetric}.run.yaml`, '--name', `${symmetric}-${n++}`);
  train(false);
  const evaluate = (...more: string[]) => {
    // Answers of an earlier evaluation are not asked for again.
    rmSync(join(folder, 'runs/false-0/eval'), { recursive: true, force: true });
    return work('eval', 'false-0', '--set', 'worlds/data.qa.jsonl', '--limit', '300', ...more);
  };
  compare(
    'evaluation',
    5,
    () => evaluate(),
    () => evaluate('--sees', 'llava-1.5'),
  );
  compare(
    'training',
    3,
    () => train(false),
    () => train(true),
  );
} finally {
  rmSync(folder, { recursive: true });
}
