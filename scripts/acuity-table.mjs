// What several seeds of a sweep say of acuity, each measured on the same sets of scenes: `node scripts/acuity-table.mjs
// scenes-*.json`, where each file is what `chirality acuity … --axis side --json` printed for one set (docs/findings.md).
// Means with 95 % intervals over seeds and scenes at once, then differences within both. In brackets, how many of the
// measurements told the figure, if not all; of thresholds, what is out of range counts as a bound (censored.mjs).
import { readFileSync } from 'node:fs';
import { censored } from './censored.mjs';
import { crossed, fixed, header, line, mean, quantile, seedFiles } from './seeds.mjs';

const ARMS = ['see', 'lean', 'given', 'spatial', 'mirrored'];
const DIFFERENCES = [
  ['given', 'lean'],
  ['spatial', 'lean'],
  ['spatial', 'given'],
  ['lean', 'see'],
  ['spatial', 'see'],
  ['spatial', 'mirrored'],
];

const files = seedFiles('acuity-table.mjs');
/** By `<arm>-seed-<n>`, for each set of scenes. */
const sets = files.map(
  (file) => new Map(JSON.parse(readFileSync(file, 'utf8')).map((one) => [one.run, one])),
);
const seeds = [...sets[0].keys()]
  .filter((run) => run.startsWith('see-'))
  .map((run) => run.slice('see-seed-'.length));

const told = ({ trusted, all }) => (trusted ? all : null);
const habitOf = (key, factor) => (result) => {
  const habit = told(result)?.habits.right;
  return habit ? factor * habit[key].mean : null;
};
/** A figure of a measurement: a number, `{ atLeast }` for a bound, or null where it cannot be told. */
const FIGURES = [
  [
    'answers that the response bias *left* decides, %',
    ({ leanings }) => (leanings.right.value === null ? null : -100 * leanings.right.value),
  ],
  ['shift to the left, % of the width', habitOf('shift', -1)],
  ['answers replaced by *left*, %', habitOf('share', -100)],
  [
    'threshold, % of the width',
    (result) => {
      const curve = told(result);
      if (curve?.atLeast !== undefined) return { atLeast: curve.atLeast };
      return curve?.verdict === 'measured' ? curve.threshold.mean : null;
    },
  ],
  [
    'lapses, %',
    (result) => {
      const curve = told(result);
      return curve?.lapse ? 100 * curve.lapse.mean : null;
    },
  ],
];

/** The values of a figure of one arm: by seed, then by set of scenes. */
const valuesOf = (arm, figure) =>
  seeds.map((seed) => sets.map((set) => figure(set.get(`${arm}-seed-${seed}`))));
const isNumber = (value) => typeof value === 'number';

/** Of values by seed and set: seeds without any are left out, and so are single values that are missing. */
function cell(values) {
  const all = values.flat();
  const bounds = all.filter((value) => value !== null && !isNumber(value)).length;
  const count = all.filter(isNumber).length;
  const note = [
    ...(count + bounds < all.length ? [`${count + bounds} of ${all.length}`] : []),
    ...(bounds > 0 ? [`${bounds} out of range`] : []),
  ].join(', ');
  return `${bounds > 0 ? withBounds(values) : plain(values)}${note && ` (${note})`}`;
}

function plain(values) {
  const found = crossed(values);
  return found ? `${fixed(found.middle)} ± ${fixed(found.half)}` : '–';
}

/** A seed with a bound is bounded by the mean of its values; the interval is over seeds alone. */
function withBounds(values) {
  const ofSeeds = values.flatMap((row) => {
    const there = row.filter((value) => value !== null);
    if (there.length === 0) return [];
    const value = mean(there.map((one) => (isNumber(one) ? one : one.atLeast)));
    return [there.every(isNumber) ? value : { atLeast: value }];
  });
  const known = ofSeeds.filter(isNumber);
  if (known.length < 2) return '–';
  const bounds = ofSeeds.filter((value) => !isNumber(value)).map(({ atLeast }) => atLeast);
  const { mean: middle, interval } = censored(known, bounds, quantile(known.length));
  const text = (value) => (value === Infinity ? '∞' : fixed(value));
  return `${text(middle)} [${interval.map(text).join(', ')}]`;
}

const differences = (a, b) =>
  a.map((row, i) => row.map((value, j) => (isNumber(value) && isNumber(b[i][j]) ? value - b[i][j] : null)));

header(['', ...ARMS]);
for (const [name, figure] of FIGURES) line([name, ...ARMS.map((arm) => cell(valuesOf(arm, figure)))]);
console.log('');
header(['', ...DIFFERENCES.map(([a, b]) => `${a} − ${b}`)]);
for (const [name, figure] of FIGURES)
  line([name, ...DIFFERENCES.map(([a, b]) => cell(differences(valuesOf(a, figure), valuesOf(b, figure))))]);
