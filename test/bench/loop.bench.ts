/**
 * What a GRPO step spends outside the engine: the demo's model and settings, G = 8, 16 pairs, from the timings of a
 * short run. Medians over its steps, so that other load disturbs little.
 *
 *     npm run build && node scripts/bench.mjs loop [steps]
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const steps = Number(process.argv[2] ?? 40);
const cli = resolve('dist/cli.js');
/** While rewards are computed here, the reference scores the same completions. */
const ENGINE = ['gen', 'reward', 'ref', 'old', 'update'];

const folder = await mkdtemp(join(tmpdir(), 'chirality-loop-'));
const chirality = (...args: string[]) =>
  execFileSync(process.execPath, [cli, ...args], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
try {
  chirality('worlds', '--count', '800', '-o', 'rows', '--seed', '1', '--style', 'compact');
  const data = 'data: { train: rows/data.qa.jsonl }';
  await writeFile(join(folder, 'sft.run.yaml'), `preset: demo-sft\nsteps: 40\n${data}\n`);
  chirality('train', 'sft.run.yaml');
  const init = 'init: runs/sft/checkpoints/step-000040';
  await writeFile(join(folder, 'loop.run.yaml'), `preset: demo\nsteps: ${steps}\n${init}\n${data}\n`);
  chirality('train', 'loop.run.yaml');

  const text = await readFile(join(folder, 'runs/loop/timings.jsonl'), 'utf8');
  const rows = text
    .trim()
    .split('\n')
    // The first steps read every image and compile every shape, here and in the engine.
    .slice(10)
    .map((line) => phases(JSON.parse(line) as Record<string, number>));
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const medians = names.map((name) => [name, median(rows.map((row) => row[name] ?? 0))] as const);
  const sum = (list: typeof medians) => list.reduce((total, [, seconds]) => total + seconds, 0);
  const all = sum(medians);
  const outside = medians.filter(([name]) => !ENGINE.includes(name));
  for (const [name, seconds] of medians) {
    console.log(
      `${name.padEnd(8)}${(1000 * seconds).toFixed(1).padStart(8)} ms ${((100 * seconds) / all).toFixed(1).padStart(6)}%`,
    );
  }
  console.log(`outside the engine: ${((100 * sum(outside)) / all).toFixed(2)}% of a step (aim: below 2%)`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Seconds by phase, and what is left of the step as `other`. */
function phases({ step_time = 0, ...row }: Record<string, number>): Record<string, number> {
  const known = Object.entries(row)
    .filter(([name]) => name.startsWith('timing_s/'))
    .map(([name, seconds]) => [name.slice('timing_s/'.length), seconds] as const);
  const other = step_time - known.reduce((total, [, seconds]) => total + seconds, 0);
  return { ...Object.fromEntries(known), other };
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
