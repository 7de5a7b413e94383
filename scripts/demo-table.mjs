// What several seeds of the demo say together: `node scripts/demo-table.mjs seeds/*.json`, where each file is what
// `chirality demo --all --seed N --json` printed. Means with 95 % intervals (Student's t over seeds), then every seed.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

const FIGURES = [
  ['originals', 'original', 'accuracy'],
  ['mirrors', 'mirror', 'accuracy'],
  ['both right', null, 'consistent'],
];
/** 97.5 % quantile of Student's t, by degrees of freedom from 1. */
const T = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145];

const files = process.argv.slice(2).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
if (files.length < 2 || files.length > T.length + 1) {
  console.error(`usage: node scripts/demo-table.mjs FILE FILE …, 2 to ${T.length + 1} of them`);
  process.exit(2);
}
/** [seed][arm]: its name and figures. */
const seeds = files.map((file) =>
  JSON.parse(readFileSync(file, 'utf8')).rows.map(({ about, results }) => ({
    about,
    figures: FIGURES.map(([, view, metric]) =>
      results.find((r) => r.task === 'all' && r.view === view && r.metric === metric),
    ),
  })),
);

/** Seeds that agree have no spread: then the interval is that of the rows. */
function interval(values, ofRows) {
  const percent = (value) => (100 * value).toFixed(1);
  if (ofRows && new Set(values).size === 1)
    return `${values[0].toFixed(1)} (${ofRows.map(percent).join(' – ')})`;
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1);
  return `${mean.toFixed(1)} ± ${(T[values.length - 2] * Math.sqrt(variance / values.length)).toFixed(1)}`;
}

const line = (cells) => console.log(`| ${cells.join(' | ')} |`);
const header = (cells) => {
  line(cells);
  line(cells.map((_, i) => (i === 0 ? '---' : '---:')));
};
const arms = seeds[0].map(({ about }) => about);
const valuesOf = (arm, f) => seeds.map((runs) => 100 * runs[arm].figures[f].value);
const bothRight = (arm) => valuesOf(arm, 2);

header(['', ...FIGURES.map(([name]) => name)]);
arms.forEach((about, a) =>
  line([about, ...FIGURES.map((_, f) => interval(valuesOf(a, f), seeds[0][a].figures[f].interval))]),
);
const [given, mirrored, spatial, pair] = [2, 3, 4, 5].map(bothRight);
const difference = (a, b) => interval(a.map((value, i) => value - b[i]));
console.log(
  `\nBoth right, within seeds: both views against the rows as given ${difference(mirrored, given)};`,
);
console.log(
  `η = 1 against η = 0 ${difference(spatial, mirrored)}; over the pair against η = 0 ${difference(pair, mirrored)}.\n`,
);

header(['seed: originals / mirrors / both right', ...arms]);
seeds.forEach((runs, i) =>
  line([
    basename(files[i], '.json'),
    ...runs.map(({ figures }) => figures.map(({ value }) => (100 * value).toFixed(1)).join(' / ')),
  ]),
);
