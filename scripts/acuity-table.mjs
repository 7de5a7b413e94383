// What several seeds say of acuity together: `node scripts/acuity-table.mjs seed-*.acuity.json`, where each file is what
// `chirality acuity sft sft-skewed given spatial --axis side,nearer --json` printed (docs/psychophysics.md). Means with
// 95 % intervals over seeds and the number of seeds, then differences within seeds. A threshold that is out of range is a
// lower bound, which counts as such (censored.mjs); differences leave such seeds out, and say how many are left.
import { readFileSync } from 'node:fs';
import { censored } from './censored.mjs';
import { header, interval, line, quantile, seedFiles } from './seeds.mjs';

const MODELS = ['sft', 'sft-skewed', 'given', 'spatial'];
const DIFFERENCES = [
  ['spatial', 'given'],
  ['spatial', 'sft-skewed'],
  ['spatial', 'sft'],
];
const files = seedFiles('acuity-table.mjs');
const seeds = files.map((file) => JSON.parse(readFileSync(file, 'utf8')));

/** A ratio's 100 · ln in percent, as the command prints it. */
const ratio = (x) => Math.sign(x) * 100 * Math.expm1(Math.abs(x) / 100);

const percent = (share) => 100 * share;
const isMeasured = (of) => of?.verdict === 'measured' || of?.verdict === 'inverted';
/** A threshold, `{ atLeast }` where it is out of range, or null. */
const threshold = (pick, unit) => (result) => {
  const of = pick(result);
  if (of?.atLeast !== undefined) return { atLeast: unit(of.atLeast) };
  return isMeasured(of) ? unit(of.threshold.mean) : null;
};
const lapses = (pick) => (result) => {
  const of = pick(result);
  return isMeasured(of) || of?.atLeast !== undefined ? percent(of.lapse.mean) : null;
};
/** @param sign −1 for the opposite habit */
const habit = (name, key, pick, unit, sign) => (result) => {
  const of = pick(result)?.habits?.[name];
  return of ? sign * unit(of[key].mean) : null;
};
const figuresOf = (name, pick, unit) => [
  [`${name}threshold, %`, threshold(pick, unit)],
  [`${name}lapses, %`, lapses(pick)],
];
/** @param sign −1 for the opposite of the leaning, null for its size */
const leaning =
  (name, sign = 1) =>
  (result) => {
    const value = result.leanings[name]?.value ?? null;
    return value === null ? null : 100 * (sign === null ? Math.abs(value) : sign * value);
  };
/** The curve of all answers, unless too many of them could not be read. */
const overall = ({ all, trusted }) => (trusted ? all : null);
/** Each axis with its figures; those of the question as it was trained are not part of what was announced. */
const AXES = {
  side: [
    ['leaning to *left*, %', leaning('right', -1)],
    ['leaning either way, %', leaning('right', null)],
    ['shift to *left*, %', habit('right', 'shift', overall, (x) => x, -1)],
    ['replaced by *left*, %', habit('right', 'share', overall, percent, -1)],
    ...figuresOf('', overall, (x) => x),
  ],
  nearer: [
    ['leaning to *the first*, %', leaning('the first')],
    ['leaning to the right, %', leaning('what is on the right')],
    ...figuresOf('', overall, ratio),
    ...figuresOf('asked *closer*: ', ({ conditions }) => conditions.word.closer, ratio),
  ],
};

const withCount = (values) => {
  const known = values.filter((value) => typeof value === 'number');
  const bounds = values.filter((value) => typeof value !== 'number').map(({ atLeast }) => atLeast);
  const count = `(${values.length}${bounds.length > 0 ? `, ${bounds.length} out of range` : ''})`;
  if (bounds.length === 0 || known.length < 2) return `${interval(known)} ${count}`;
  const { mean, interval: ends } = censored(known, bounds, quantile(known.length));
  const text = (value) => (value === Infinity ? '∞' : value.toFixed(1));
  return `${text(mean)} [${ends.map(text).join(', ')}] ${count}`;
};
for (const [axis, figures] of Object.entries(AXES)) {
  const of = (model, figure) =>
    seeds.map((results) =>
      figure(results.find((one) => one.axis === axis && one.model.split(',')[0] === model)),
    );
  console.log(`\n${axis}\n`);
  header(['', ...MODELS, ...DIFFERENCES.map(([a, b]) => `${a} − ${b}`)]);
  for (const [name, figure] of figures) {
    const known = (values) => values.filter((value) => value !== null);
    if (MODELS.every((model) => known(of(model, figure)).length === 0)) continue;
    const between = ([a, b]) => {
      const [first, second] = [of(a, figure), of(b, figure)];
      return known(
        first.map((value, i) =>
          typeof value === 'number' && typeof second[i] === 'number' ? value - second[i] : null,
        ),
      );
    };
    line([
      name,
      ...MODELS.map((model) => withCount(known(of(model, figure)))),
      ...DIFFERENCES.map((pair) => withCount(between(pair))),
    ]);
  }
}
