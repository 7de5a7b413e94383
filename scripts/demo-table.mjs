// What several seeds of the demo say together: `node scripts/demo-table.mjs seeds/*.json`, where each file is what
// `chirality demo --seed N --json` printed (`--all` for all controls). Means with 95 % intervals (Student's t over seeds),
// differences within seeds, then every seed. Percent.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { header, interval, line, mean, seedFiles } from './seeds.mjs';

/** A figure of a run: title, view (null: both), kind of questions. */
const BOTH = ['pair accuracy', null];
/** Those of the table: originals beside the mirrors of the same questions. */
const FIGURES = [
  ['side: originals', 'original', 'side'],
  ['side: mirrors', 'mirror', 'side'],
  ['nearer: originals', 'original', 'nearer'],
  ['nearer: mirrors', 'mirror', 'nearer'],
  BOTH,
];
/** Those of every seed: of all questions. */
const ALL = [['originals', 'original'], ['mirrors', 'mirror'], BOTH];

const files = seedFiles('demo-table.mjs');
const percent = (share) => 100 * share;
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

header(['', ...FIGURES.map(([title]) => title)]);
arms.forEach((about, a) => line([about, ...FIGURES.map((figure) => interval(valuesOf(a, figure)))]));
line([
  'chance',
  ...FIGURES.map((figure) => percent(figureOf(seeds[0][0].results, figure).chance).toFixed(1)),
]);
// Each seed draws a test set of its own, which has a floor of its own.
for (const [about, name] of [
  ['without looking: one answer to each form of question', 'constant'],
  ['without looking: the words of all questions known by heart', 'words'],
]) {
  const floors = seeds.map((rows) => percent(figureOf(rows[0].results, BOTH).floor[name]));
  line([about, ...FIGURES.map((figure) => (figure === BOTH ? mean(floors).toFixed(1) : ''))]);
}

console.log('');
header(['pair accuracy, within seeds', 'difference']);
const both = (arm) => valuesOf(arm, BOTH);
const references = [
  'given (originals only)',
  'mirrored (originals and mirrors)',
  'spatial (both, with view coupling)',
];
// The two models of SFT come first: all others continue from the second of them. Each pair is compared once.
references.forEach((reference, r) => {
  arms.forEach((about, a) => {
    if (a < 2 || !arms.includes(reference) || references.slice(0, r + 1).includes(about)) return;
    const differences = both(a).map((value, i) => value - both(arms.indexOf(reference))[i]);
    line([`${about} − ${reference}`, interval(differences)]);
  });
});

console.log('');
header(['seed: originals / mirrors / both right', ...arms]);
seeds.forEach((rows, i) =>
  line([
    basename(files[i], '.json'),
    ...arms.map((_, a) => ALL.map((figure) => valuesOf(a, figure)[i].toFixed(1)).join(' / ')),
  ]),
);
