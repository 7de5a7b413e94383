/**
 * What reading rows on all cores is worth: wall time, processor time and peak memory of commands over 200,000 rows, by
 * this build and by one of the commit before, in turns. Medians of five; the outputs are compared byte for byte.
 *
 *     node scripts/bench.mjs rows-threads [COMMIT, default HEAD~1] [ROWS, default 200000]
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Sample } from '../../src/rows/sample/sample.ts';
import { buildOf, median } from './builds.ts';
import { peakMegabytes, reportPeakMemory } from './peak-memory.ts';

const ROUNDS = 5;
const args = process.argv.slice(2);
const ROWS = Number(args.find((arg) => /^\d{3,6}$/.test(arg)) ?? 200_000);
const commit = args.find((arg) => !/^\d{3,6}$/.test(arg)) ?? 'HEAD~1';

const folder = mkdtempSync(join(tmpdir(), 'chirality-rows-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

function writeData(path: string, rows: number): void {
  const corpus = readFileSync('test/fixtures/corpus/mirror.jsonl', 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { sample: Sample }).sample)
    // Earlier builds stop at scalars without an image size.
    .filter(({ box_format: format, scene_graph: graph }) => !format?.startsWith('scalar') && !graph);
  let text = '';
  for (let i = 0; i < rows; i++) {
    const sample = corpus[i % corpus.length]!;
    const completion = i % 3 ? `<think>So.</think><answer>${sample.answer}</answer>` : 'I think it is left.';
    text += `${JSON.stringify({ ...sample, id: `row-${i}`, images: [`images/${i >> 2}.jpg`], completion })}\n`;
  }
  writeFileSync(path, text);
}

interface Cost {
  wall: number;
  cpu: number;
  megabytes: number;
  /** Of what it wrote and printed. */
  hash: string;
}

async function run(cli: string, command: readonly string[], output: string): Promise<Cost> {
  const start = performance.now();
  const child = spawn(
    '/usr/bin/env',
    ['time', '-f', 'cpu %U %S', process.execPath, ...reportPeakMemory, cli, ...command],
    { cwd: folder },
  );
  const hash = createHash('sha256');
  let errors = '';
  child.stdout.on('data', (bytes: Buffer) => hash.update(bytes));
  child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
  const code = await new Promise((end) => child.once('close', end));
  const wall = (performance.now() - start) / 1000;
  const [, user, system] = /cpu ([\d.]+) ([\d.]+)/.exec(errors) ?? [];
  if (user === undefined || (code !== 0 && code !== 1)) throw new Error(`${command.join(' ')}: ${errors}`);
  if (existsSync(join(folder, output))) hash.update(readFileSync(join(folder, output)));
  rmSync(join(folder, output), { force: true });
  return {
    wall,
    cpu: Number(user) + Number(system),
    megabytes: peakMegabytes(errors),
    hash: hash.digest('hex'),
  };
}

writeData(join(folder, 'data.qa.jsonl'), ROWS);
writeData(join(folder, 'small.qa.jsonl'), 100);
const builds = [buildOf(commit, folder), resolve('dist/cli.js')];
console.log(
  `${ROWS} rows, ${availableParallelism()} cores, this build against ${commit}; medians of ${ROUNDS}`,
);
const COMMANDS: [name: string, command: string[]][] = [
  ['view mirror', ['view', 'mirror', 'data.qa.jsonl', '-o', 'out.jsonl', '--quiet']],
  ['score', ['score', 'data.qa.jsonl', '-o', 'out.jsonl', '--quiet']],
  ['data check', ['data', 'check', 'data.qa.jsonl']],
  ['data stats', ['data', 'stats', 'data.qa.jsonl']],
  ['metrics', ['metrics', 'data.qa.jsonl', '--quiet']],
  ['mirror, 100 rows', ['view', 'mirror', 'small.qa.jsonl', '-o', 'out.jsonl', '--quiet']],
];
for (const [name, command] of COMMANDS) {
  const costs: Cost[][] = builds.map(() => []);
  for (let round = 0; round < ROUNDS; round++)
    for (const [i, cli] of builds.entries()) costs[i]!.push(await run(cli, command, 'out.jsonl'));
  const figure = (i: number, key: 'wall' | 'cpu' | 'megabytes') => median(costs[i]!.map((cost) => cost[key]));
  const isSame = new Set(costs.flat().map(({ hash }) => hash)).size === 1;
  console.log(
    `${name.padEnd(18)}${figure(0, 'wall').toFixed(2)} → ${figure(1, 'wall').toFixed(2)} s: ${(figure(0, 'wall') / figure(1, 'wall')).toFixed(2)} times as fast; ` +
      `processor ${figure(0, 'cpu').toFixed(1)} → ${figure(1, 'cpu').toFixed(1)} s; ${figure(0, 'megabytes').toFixed(0)} → ${figure(1, 'megabytes').toFixed(0)} MB; ` +
      (isSame ? 'same bytes' : 'OTHER BYTES'),
  );
}
