// Wrong labels found by trained models: `node scripts/suspects-table.mjs sweeps/controls-small`, after `npm run build`.
// Draws 2,000 worlds into labels/, of whose labels 3 % are exchanged, has five runs of the sweep `controls` answer them in
// both views, and prints how well `chirality suspects` finds them (test/unit/core/metrics/suspects-table.md), in percent.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { header, line } from './seeds.mjs';

const [sweep] = process.argv.slice(2);
if (!sweep || !existsSync(join(sweep, 'runs'))) {
  console.error('usage: node scripts/suspects-table.mjs SWEEP, the folder of a sweep of the recipe controls');
  process.exit(2);
}
const chirality = (...args) =>
  execFileSync(process.execPath, [join(import.meta.dirname, '../dist/cli.js'), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 30,
  });
const jsonLines = (text) =>
  text
    .trim()
    .split('\n')
    .map((row) => JSON.parse(row));
const write = (name, rows) =>
  writeFileSync(join('labels', name), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));

const ROWS = 2000;
/** One label of so many is exchanged: 3 % of all. Rows are drawn by chance, so every such row does as well as any. */
const EVERY = 33;
const words = [
  '--style',
  'compact',
  '--families',
  'side.where,nearer',
  '--bias',
  'pole=1',
  '--seed',
  'labels',
];
if (!existsSync('labels/data.qa.jsonl'))
  chirality('worlds', '--count', String(ROWS), ...words, '-o', 'labels');
const clean = jsonLines(readFileSync('labels/data.qa.jsonl', 'utf8'));
const wrong = new Set(clean.filter((_, i) => i % EVERY === 0).map(({ id }) => id));
const broken = clean.map((row) =>
  wrong.has(row.id) ? { ...row, answer: row.choices.find((choice) => choice !== row.answer) } : row,
);
mkdirSync('labels', { recursive: true });
write('broken.qa.jsonl', broken);

const [spatial, mirrored, balanced, given, sft] = [
  'spatial-seed-1',
  'mirrored-seed-2',
  'see-seed-1',
  'given-seed-2',
  'sft-mirrored-seed-1',
];
const root = resolve('.');
for (const run of [spatial, mirrored, balanced, given, sft])
  chirality(
    'eval',
    run,
    '--runs',
    join(sweep, 'runs'),
    '--set',
    'labels/broken.qa.jsonl',
    '--data-root',
    root,
    '--quiet',
  );

const MODELS = {
  'Spatial-GRPO': [spatial],
  'GRPO on mirrors': [mirrored],
  'GRPO on skewed rows': [given],
  'the first two': [spatial, mirrored],
  'the first two and SFT on balanced rows': [spatial, mirrored, balanced],
  'GRPO on mirrors, SFT on balanced, GRPO on skewed rows': [mirrored, balanced, given],
  'all these and SFT on mirrors': [spatial, mirrored, balanced, given, sft],
};
header(['models', 'first 20', '50', '100', 'recall']);
for (const [name, runs] of Object.entries(MODELS)) {
  const found = jsonLines(
    chirality(
      'suspects',
      ...runs,
      ...['--runs', join(sweep, 'runs'), '--set', 'broken'],
      ...['--limit', String(ROWS), '--min', '1e-9', '--json'],
    ),
  ).filter((row) => 'id' in row);
  const right = (n) => Math.round((100 * found.slice(0, n).filter(({ id }) => wrong.has(id)).length) / n);
  const figures = [20, 50, 100, wrong.size].map(right);
  line([name, ...figures]);
}
