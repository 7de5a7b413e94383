// What the sweep `eta-levels` says of the penalty: `node scripts/effect-table.mjs sweeps/eta-levels-small`. For each
// reward and η, the share of pairs whose advantages the penalty changed (mean over steps and seeds), and by how much the
// share of pairs with both views right differs from η = 0 (percent, within seeds, Student's t over seeds alone). Then the
// rank correlation of that share with the size of the difference (docs/findings.md).
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { header, interval, line, mean } from './seeds.mjs';

const [sweep] = process.argv.slice(2);
if (!sweep || !existsSync(join(sweep, 'runs'))) {
  console.error('usage: node scripts/effect-table.mjs SWEEP, the folder of a sweep of the recipe eta-levels');
  process.exit(2);
}
const lines = (path) =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((one) => JSON.parse(one));

/** Cells by reward, then by η: of each seed, both views right and the share of pairs with each effect. */
const EFFECTS = ['scaled', 'inverted', 'erased'];
const cells = new Map();
for (const run of readdirSync(join(sweep, 'runs'))) {
  const [, reward, eta, seed] = /^(\w+)-eta-(\d+)-seed-(\d+)$/.exec(run) ?? [];
  const dir = join(sweep, 'runs', run);
  const state = join(dir, 'state.json');
  if (!reward || !existsSync(state) || JSON.parse(readFileSync(state, 'utf8')).status !== 'finished')
    continue;
  const [last] = readdirSync(join(dir, 'eval')).sort().reverse();
  const right = JSON.parse(readFileSync(join(dir, 'eval', last, 'results.json'), 'utf8')).find(
    ({ metric, task, slice }) => metric === 'consistent' && task === 'all' && !slice,
  ).value;
  const steps = lines(join(dir, 'metrics.jsonl'));
  const effects = EFFECTS.map((name) => 100 * mean(steps.map((row) => row[`spatial/effect_${name}`])));
  const cell = `${reward} ${eta}`;
  if (!cells.has(cell)) cells.set(cell, new Map());
  cells.get(cell).set(seed, { right: 100 * right, effects });
}

header([
  'reward',
  'η',
  'seeds',
  'pairs with an effect, %',
  ...EFFECTS.map((name) => `${name}, %`),
  'both right − η = 0',
]);
const compared = [];
for (const reward of ['binary', 'lexical', 'minilm'])
  for (const eta of [1, 2, 10]) {
    const [with0, withEta] = [cells.get(`${reward} 0`), cells.get(`${reward} ${eta}`)];
    const seeds = [...(withEta?.keys() ?? [])].filter((seed) => with0?.has(seed));
    if (seeds.length === 0) continue;
    const differences = seeds.map((seed) => withEta.get(seed).right - with0.get(seed).right);
    const effects = EFFECTS.map((_, i) => mean(seeds.map((seed) => withEta.get(seed).effects[i])));
    const share = effects.reduce((a, b) => a + b, 0);
    compared.push({ share, difference: Math.abs(mean(differences)) });
    line([
      reward,
      eta,
      seeds.length,
      ...[share, ...effects].map((one) => one.toFixed(1)),
      interval(differences),
    ]);
  }

/** Ranks from 1; ties take the mean of theirs. */
const ranks = (values) =>
  values.map(
    (value) =>
      values.filter((one) => one < value).length + (values.filter((one) => one === value).length + 1) / 2,
  );
function correlation(a, b) {
  const [x, y] = [mean(a), mean(b)];
  const covariance = (p, q, r, s) => p.reduce((sum, value, i) => sum + (value - r) * (q[i] - s), 0);
  return covariance(a, b, x, y) / Math.sqrt(covariance(a, a, x, x) * covariance(b, b, y, y));
}
if (compared.length > 2)
  console.log(
    `\nrank correlation of the share with the size of the difference: ${correlation(
      ranks(compared.map(({ share }) => share)),
      ranks(compared.map(({ difference }) => difference)),
    ).toFixed(2)}`,
  );
