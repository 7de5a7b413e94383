// What several seeds of the demo say together: `node scripts/demo-table.mjs seeds/*.json`, where each file is what
// `chirality demo --seed N --json` printed (`--all` for all arms). Means with 95 % intervals (Student's t over seeds),
// differences within seeds, then every seed. Percent.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** The figures of a run: title, view (null: both), kind of questions. */
const FIGURES = [
  ['originals', 'original'],
  ['mirrors', 'mirror'],
  ['mirrors: side', 'mirror', 'side'],
  ['mirrors: nearer', 'mirror', 'nearer'],
  ['both right', null],
];
const BOTH = FIGURES.length - 1;
/** 97.5 % quantile of Student's t, by degrees of freedom from 1. */
const T = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145];

const files = process.argv.slice(2).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
if (files.length < 2 || files.length > T.length + 1) {
  console.error(`usage: node scripts/demo-table.mjs FILE FILE …, 2 to ${T.length + 1} of them`);
  process.exit(2);
}
const percent = (share) => 100 * share;
const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
const figureOf = (results, [, view, kind]) =>
  results.find(
    (r) =>
      r.task === 'all' &&
      r.view === view &&
      r.metric === (view === null ? 'consistent' : 'accuracy') &&
      r.slice?.value === kind,
  );
const seeds = files.map((file) => JSON.parse(readFileSync(file, 'utf8')).rows);
const arms = seeds[0].map(({ about }) => about);
for (const [i, rows] of seeds.entries())
  if (rows.length !== arms.length || rows.some(({ about }, a) => about !== arms[a])) {
    console.error(
      `${files[i]} has other runs than ${files[0]}: ${rows.map(({ about }) => about).join(', ')}`,
    );
    process.exit(1);
  }
const valuesOf = (arm, figure) => seeds.map((rows) => percent(figureOf(rows[arm].results, figure).value));

/** Mean ± half the width of its 95 % interval. */
function interval(values) {
  const middle = mean(values);
  const variance = values.reduce((sum, x) => sum + (x - middle) ** 2, 0) / (values.length - 1);
  return `${middle.toFixed(1)} ± ${(T[values.length - 2] * Math.sqrt(variance / values.length)).toFixed(1)}`;
}

const line = (cells) => console.log(`| ${cells.join(' | ')} |`);
const header = (cells) => {
  line(cells);
  line(cells.map((_, i) => (i === 0 ? '---' : '---:')));
};

header(['', ...FIGURES.map(([title]) => title)]);
arms.forEach((about, a) => line([about, ...FIGURES.map((figure) => interval(valuesOf(a, figure)))]));
line([
  'guessing',
  ...FIGURES.map((figure) => percent(figureOf(seeds[0][0].results, figure).chance).toFixed(1)),
]);
// Each seed draws a test set of its own, which has a floor of its own.
for (const [about, name] of [
  ['without looking: one answer to each form of question', 'constant'],
  ['without looking: the words of all questions known by heart', 'words'],
]) {
  const floors = seeds.map((rows) => percent(figureOf(rows[0].results, FIGURES[BOTH]).floor[name]));
  line([about, ...FIGURES.map((_, i) => (i === BOTH ? mean(floors).toFixed(1) : ''))]);
}

console.log('');
header(['both right, within seeds', 'difference']);
const given = arms.indexOf('GRPO on the rows as given');
const both = (arm) => valuesOf(arm, FIGURES[BOTH]);
arms.forEach((about, a) => {
  if (a <= given) return;
  line([`${about} − ${arms[given]}`, interval(both(a).map((value, i) => value - both(given)[i]))]);
});
const uncoupled = arms.findIndex((about) => about.includes('no coupling'));
arms.forEach((about, a) => {
  if (uncoupled < 0 || a <= uncoupled) return;
  line([`${about} − ${arms[uncoupled]}`, interval(both(a).map((value, i) => value - both(uncoupled)[i]))]);
});

console.log('');
header(['seed: originals / mirrors / both right', ...arms]);
seeds.forEach((rows, i) =>
  line([
    basename(files[i], '.json'),
    ...arms.map((_, a) => [0, 1, BOTH].map((f) => valuesOf(a, FIGURES[f])[i].toFixed(1)).join(' / ')),
  ]),
);
