// What the sweep `amplify` says of habits: `node scripts/habit-table.mjs sweeps/amplify-small`, after `npm run build`.
// Shares of answers that the habit *left* decides, and by how much it shifts what is seen, by depth of the skew and share
// of mirrored rows, after GRPO and after SFT at the same KL from the start (docs/findings.md). Percent, nats, means
// with 95 % intervals over seeds; differences are within seeds.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundled } from './bundled.mjs';
import { header, interval, line, mean } from './seeds.mjs';

const [sweep] = process.argv.slice(2);
if (!sweep || !existsSync(join(sweep, 'runs'))) {
  console.error('usage: node scripts/habit-table.mjs SWEEP, the folder of a sweep of the recipe amplify');
  process.exit(2);
}
const { drifts } = await bundled('scripts/drift');

/** What has been measured of runs, so that the same command goes on after an interruption: pairs of step and KL. */
const KEPT = join(sweep, 'drifts.json');
const kept = existsSync(KEPT) ? JSON.parse(readFileSync(KEPT, 'utf8')) : {};
async function driftsOf(run, which) {
  if (!kept[run]) {
    kept[run] = await drifts(join(sweep, 'runs', run), which);
    writeFileSync(KEPT, JSON.stringify(kept));
  }
  return new Map(kept[run]);
}

const runs = readdirSync(join(sweep, 'runs'));
const isFinished = (run) => {
  const state = join(sweep, 'runs', run, 'state.json');
  return existsSync(state) && JSON.parse(readFileSync(state, 'utf8')).status === 'finished';
};
/** @returns {{ step: number, share: number | null, shift: number | null }[]} the habit *left* at each evaluation */
function habits(run) {
  const folder = join(sweep, 'runs', run, 'acuity');
  return readdirSync(folder)
    .filter((name) => name.startsWith('step-'))
    .sort()
    .map((name) => {
      const { step, leanings, all } = JSON.parse(readFileSync(join(folder, name, 'acuity.json'), 'utf8'));
      const shift = all.habits.right?.shift.mean;
      return {
        step,
        share: leanings.right.value === null ? null : -100 * leanings.right.value,
        shift: shift === undefined ? null : -shift,
      };
    });
}

/**
 * The value of a figure where a run was as far from its start as `kl`, by straight lines between its checkpoints; at its
 * end, where it never got that far; null where a checkpoint that decides has no figure.
 */
function atKl(points, kl, figure) {
  const after = points.findIndex((point) => point.kl >= kl);
  if (after < 0) return points.at(-1)[figure];
  const [a, b] = [points[after - 1], points[after]];
  if (!a || b.kl === kl) return b[figure];
  if (a[figure] === null || b[figure] === null) return null;
  return a[figure] + ((b[figure] - a[figure]) * (kl - a.kl)) / (b.kl - a.kl);
}

const SHARES = [0, 5, 10, 25, 50];
const DEPTHS = [100, 80];
/** One for each seed of which start, GRPO and SFT are finished. */
const cells = new Map();
for (const depth of DEPTHS)
  for (const mirrored of SHARES) {
    const cell = `s${depth}-m${mirrored}`;
    const found = [];
    const seeds = runs.flatMap((run) =>
      run.startsWith(`${cell}-grpo-seed-`) ? [+run.split('-').at(-1)] : [],
    );
    for (const seed of seeds.sort((a, b) => a - b)) {
      const [grpo, sft, start] = [`${cell}-grpo`, `${cell}-sft`, `start-${depth}`].map(
        (arm) => `${arm}-seed-${seed}`,
      );
      if (![grpo, sft, start].every(isFinished)) continue;
      const [begin] = habits(start);
      const end = habits(grpo).at(-1);
      const kl = (await driftsOf(grpo, 'last')).get(end.step);
      const way = await driftsOf(sft, 'all');
      const points = [
        { ...begin, kl: 0 },
        ...habits(sft).flatMap((one) => (way.has(one.step) ? [{ ...one, kl: way.get(one.step) }] : [])),
      ];
      const sftAt = (figure) => atKl(points, kl, figure);
      found.push({
        seed,
        start: begin,
        grpo: end,
        sft: { share: sftAt('share'), shift: sftAt('shift') },
        kl,
        sftKl: Math.max(...points.map((point) => point.kl)),
      });
    }
    if (found.length > 1) cells.set(cell, found);
  }

const known = (values) => values.filter((value) => value !== null);
const minus = (a, b) => (a === null || b === null ? null : a - b);
const text = (values) => {
  const there = known(values);
  return `${interval(there)}${there.length < values.length ? ` (${there.length})` : ''}`;
};
const kls = (values) => `${mean(values).toFixed(2)}`;

for (const [figure, title] of [
  ['share', 'answers that the habit decides, %'],
  ['shift', 'shift to the left, % of the width'],
]) {
  header([
    title,
    'seeds',
    'start',
    'GRPO',
    'SFT, at that KL',
    'GRPO − start',
    'GRPO − SFT',
    'KL',
    'SFT fell short',
  ]);
  for (const [cell, found] of cells) {
    const [depth, mirrored] = /s(\d+)-m(\d+)/.exec(cell).slice(1);
    const of = (arm) => found.map((one) => one[arm][figure]);
    const differences = (arm) => found.map((one) => minus(one.grpo[figure], one[arm][figure]));
    line([
      `${depth} % on one side, ${mirrored} % mirrored`,
      found.length,
      ...['start', 'grpo', 'sft'].map((arm) => text(of(arm))),
      text(differences('start')),
      text(differences('sft')),
      kls(found.map(({ kl }) => kl)),
      found.filter(({ kl, sftKl }) => sftKl < kl).length,
    ]);
  }
  console.log('');
}

const deep = cells.get('s100-m0');
const shallow = cells.get('s80-m0');
if (deep && shallow) {
  const pairs = deep.flatMap((one) => {
    const other = shallow.find(({ seed }) => seed === one.seed);
    return other ? [one.grpo.share - other.grpo.share] : [];
  });
  console.log(`GRPO without mirrors, all rows on one side − 80 %: ${interval(pairs)} points\n`);
}

/** Least squares of y on a column, with a constant. @returns a function of the column's value */
function lineOf(points) {
  const [x, y] = [mean(points.map(([at]) => at)), mean(points.map(([, value]) => value))];
  const spread = points.reduce((sum, [at]) => sum + (at - x) ** 2, 0);
  const slope =
    spread === 0 ? 0 : points.reduce((sum, [at, value]) => sum + (at - x) * (value - y), 0) / spread;
  return (at) => y + slope * (at - x);
}
const errorOf = (model, points) => mean(points.map(([at, value]) => (value - model(at)) ** 2));
/** A logistic curve between any two levels, with its middle and width on a grid. */
function sigmoidOf(points) {
  let best = null;
  for (let middle = 0; middle <= 50; middle += 1)
    for (const width of [0.5, 1, 2, 3, 5, 8, 12, 20]) {
      const bend = (at) => 1 / (1 + Math.exp((at - middle) / width));
      const fitted = lineOf(points.map(([at, value]) => [bend(at), value]));
      const model = (at) => fitted(bend(at));
      const error = errorOf(model, points);
      if (!best || error < best.error) best = { error, model, middle, width };
    }
  return best;
}

header([
  'share of answers over share of mirrored rows',
  'root of squared error, left-out seeds: line',
  'sigmoid',
  'line − sigmoid, squared error',
  'middle of the sigmoid, %',
]);
for (const depth of DEPTHS)
  for (const arm of ['grpo', 'sft']) {
    const all = SHARES.flatMap((mirrored) =>
      (cells.get(`s${depth}-m${mirrored}`) ?? []).map((one) => ({
        seed: one.seed,
        point: [mirrored, one[arm].share],
      })),
    );
    const seeds = [...new Set(all.map(({ seed }) => seed))];
    if (seeds.length < 3) continue;
    const errors = seeds.map((seed) => {
      const [rest, own] = [
        all.filter((one) => one.seed !== seed),
        all.filter((one) => one.seed === seed),
      ].map((part) => part.map(({ point }) => point));
      return { line: errorOf(lineOf(rest), own), sigmoid: errorOf(sigmoidOf(rest).model, own) };
    });
    const root = (name) => Math.sqrt(mean(errors.map((one) => one[name]))).toFixed(1);
    line([
      `${arm === 'grpo' ? 'GRPO' : 'SFT'}, ${depth} % on one side`,
      root('line'),
      root('sigmoid'),
      interval(errors.map((one) => one.line - one.sigmoid)),
      sigmoidOf(all.map(({ point }) => point)).middle,
    ]);
  }
