// The demo's test on a published model behind an endpoint: does it look, or answer out of habit?
// `node scripts/published-table.mjs --endpoint URL --model NAME --price IN,OUT --dry-run` tells the price, and without
// `--dry-run` prints the model's row. Further options are those of `chirality eval`. Rows and answers go to `published/`;
// the same command goes on after an interruption.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { header, line } from './seeds.mjs';

const asked = process.argv.slice(2);
const model = asked[asked.indexOf('--model') + 1];
if (!asked.includes('--model') || !model) {
  console.error(
    'usage: node scripts/published-table.mjs --endpoint URL --model NAME [--price IN,OUT] [--dry-run]',
  );
  process.exit(2);
}
const isDry = asked.includes('--dry-run');
const cli = resolve('dist/cli.js');
const chirality = (...args) =>
  execFileSync(process.execPath, [cli, ...args], { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });

/** Questions of one kind, whose first-named solid is always on the left, as in the demo. */
const SETS = { side: 'side.where', nearer: 'nearer.which' };
for (const [set, families] of Object.entries(SETS)) {
  const output = join('published', set);
  if (existsSync(join(output, 'manifest.json'))) continue;
  const options = ['--count', '256', '--seed', set, '--families', families, '--bias', 'side=1,pole=1'];
  chirality('worlds', ...options, '-o', output, '--quiet');
}
const sets = Object.keys(SETS).flatMap((set) => [
  '--set',
  `${set}=${join('published', set, 'data.qa.jsonl')}`,
]);
const printed = chirality(
  'eval',
  ...asked,
  ...sets,
  '--runs',
  'published/runs',
  ...(isDry ? [] : ['--json']),
);
if (isDry) console.log(printed);
else {
  const results = JSON.parse(printed);
  const percent = (set, view) => {
    const metric = view === null ? 'consistent' : 'accuracy';
    const found = results.find(
      (one) =>
        one.set === set && one.view === view && one.metric === metric && one.task === 'all' && !one.slice,
    );
    const [low, high] = found.interval ?? [];
    const shown = (share) => (100 * share).toFixed(1);
    return low === undefined ? shown(found.value) : `${shown(found.value)} [${shown(low)}, ${shown(high)}]`;
  };
  header([
    '',
    'side: originals',
    'side: mirrors',
    'nearer: originals',
    'nearer: mirrors',
    'side: both right',
  ]);
  const columns = Object.keys(SETS).flatMap((set) =>
    ['original', 'mirror'].map((view) => percent(set, view)),
  );
  line([model, ...columns, percent('side', null)]);
}
