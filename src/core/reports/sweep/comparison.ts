import { fixed, ofRows, percent } from '../../../base/format.ts';
import type { Figure } from '../../config/sweep.ts';
import { holm } from '../../metrics/statistics.ts';
import {
  figureName,
  unitOf,
  differenceNote,
  figureCell,
  pCell,
  rangeOf,
  scaleOf,
  titleOf,
  type NamedArm,
} from './figure.ts';
import type { SweepPlan } from '../../config/sweep-plan.ts';
import {
  type ArmComparison,
  type ArmResult,
  compareTwo,
  isOpenPair,
  type OpenMean,
  pairedRows,
  type PairedRows,
} from './arm-results.ts';
import { isLowerBetter } from '../../metrics/metric.ts';
import { countCell, NONE, right, withoutEmpty } from '../cells.ts';
import {
  chartOf,
  markBest,
  pointOf,
  section,
  tableOf,
  words,
  type Cell,
  type Chart,
  type ColumnOf,
  type Section,
  type Series,
  type Table,
} from '../document.ts';
import { mean } from '../../../base/numbers.ts';
import { MIRROR, ORIGINAL } from '../../../rows/view-list.ts';

const PRINTED =
  'Values are as printed in the paper. Unless model and data are the same, compare the order of the conditions, not the values.';

/**
 * Returns the section with the values of the conditions, next to the values in a paper. @param results results by
 * metric, in the order of the conditions
 */
export function figuresSection(
  { published }: SweepPlan,
  figures: readonly Figure[],
  arms: readonly NamedArm[],
  results: readonly (readonly ArmResult[])[],
  complete: boolean,
): Section {
  const printed = Object.entries(published);
  const showsUnparsed = firstOfAnswers(figures);
  const chances = figures.flatMap((figure, f) => {
    const { chance, chance_n } = results[f]!.find((result) => result.figure !== null)?.guessed ?? {};
    if (chance === undefined) return [];
    return ofRows(`${figureName(figure)} ${fixed(scaleOf(figure) * chance, 1)}%`, chance_n);
  });
  // If the values of one run cover different rows, each value includes its number of rows.
  const sameRows = arms.every((_, i) => {
    const counts = results.flatMap((each) => (each[i]!.figure ? each[i]!.rows : []));
    return new Set(counts).size < 2;
  });
  const resultOf = (arm: NamedArm, f: number) => results[f]![arms.indexOf(arm)]!;
  const columnsOf = (figure: Figure, f: number): ColumnOf<NamedArm>[] => [
    [
      right(titleOf(figure), isLowerBetter(figure.metric) ? 'lower' : 'higher'),
      (arm) => {
        const { figure: measured, rows } = resultOf(arm, f);
        const cell = figureCell(figure, measured, rangeOf(figure));
        return cell === NONE || sameRows ? cell : { ...cell, n: rows };
      },
    ],
    [right('unparsed, %'), (arm) => shareCell(resultOf(arm, f).figure && resultOf(arm, f).unparsed)],
  ];
  const table = tableOf<NamedArm>(
    'cells',
    'Conditions',
    arms,
    [
      words('condition', ({ label }) => label),
      [right('seeds'), (arm) => countCell(resultOf(arm, 0).figure?.n ?? 0)],
      ...figures.flatMap((figure, f) => columnsOf(figure, f).slice(0, showsUnparsed.has(figure) ? 2 : 1)),
      ...printed.map(([title, values]): ColumnOf<NamedArm> => [
        right(title, undefined, PRINTED),
        ({ key }) => printedCell(values, key),
      ]),
    ],
    [
      ...(results[0]!.every(({ figure }) => figure === null) ? [] : [intervalNote(results[0]!)]),
      ...(results[0]!.some(({ figure }) => figure === null)
        ? ['A dash shows that no run of the condition has reached the compared step.']
        : []),
      ...(results.some((each) => each.some(({ figure }) => figure?.bounds)) ? [OPEN_FIGURES] : []),
      ...(chances.length > 0 ? [`Chance: ${chances.join(', ')}.`] : []),
    ],
    ({ name }) => ({ key: name }),
  );
  // A difference between single seeds can be random variation, so no condition is marked as the best.
  const isMarked = complete && results[0]!.some(({ figure }) => figure && figure.n > 1);
  const charts = barCharts(figures, arms, results, printed, sameRows);
  return section('comparison', 'Comparison', [], [isMarked ? markBest(table) : table], charts);
}

const OPEN_FIGURES =
  'A range such as 30–80 includes answers that are not scored. The interval of a range covers both ends, and comparisons with a range have no p value.';

const intervalNote = (results: readonly ArmResult[]): string =>
  results.some(({ figure }) => figure && figure.n > 1)
    ? 'Values are means over seeds. 95% intervals by Student’s t cover other seeds and images. Where seeds do not differ, intervals cover images only.'
    : 'One seed: 95% intervals cover other images, not other seeds.';

/**
 * Returns the metrics whose columns include the unparsed share: the first metric for each kind of answer. For a loss,
 * the columns of its two accuracies include the share.
 */
function firstOfAnswers(figures: readonly Figure[]): Set<Figure> {
  const answersOf = ({ set, view, kind, metric }: Figure) => {
    const task = metric.includes('/') ? metric.split('/')[0] : metric === 'consistent' ? metric : '';
    return JSON.stringify([set, view, kind, task]);
  };
  const first = new Map<string, Figure>();
  for (const figure of figures.filter(({ metric }) => metric !== 'drop'))
    if (!first.has(answersOf(figure))) first.set(answersOf(figure), figure);
  return new Set(first.values());
}

const shareCell = (share: number | null): Cell =>
  share === null ? NONE : { text: percent(share), value: 100 * share };

/** Formats a value from a paper with the same number of decimals as the other values in its column. */
function printedCell(values: Record<string, number | string>, key: string): Cell {
  const value = values[key];
  if (value === undefined) return NONE;
  if (typeof value === 'string') return { text: value };
  const digits = Object.values(values).map((each) => String(each).split('.')[1]?.length ?? 0);
  return { text: fixed(value, Math.max(...digits)), value };
}

/** Draws bar charts of the shares, with intervals. Losses of accuracy can be negative, so their axis is separate. */
function barCharts(
  figures: readonly Figure[],
  arms: readonly NamedArm[],
  results: readonly (readonly ArmResult[])[],
  printed: readonly (readonly [string, Record<string, number | string>])[],
  sameRows: boolean,
): Chart[] {
  const barsOf = (isLoss: boolean): Series[] =>
    figures.flatMap((figure, f) => {
      if (unitOf(figure) !== 'share' || (figure.metric === 'drop') !== isLoss) return [];
      const points = arms.flatMap(({ label }, x) => {
        return pointOf(figureCell(figure, results[f]![x]!.figure, rangeOf(figure)), { x, label });
      });
      const counts = new Set(results[f]!.flatMap(({ figure, rows }) => (figure ? rows : [])));
      const name = sameRows ? figureName(figure) : `${figureName(figure)} (${[...counts].join(', ')} rows)`;
      const views: readonly string[] = [ORIGINAL, MIRROR];
      const colour = figure.metric === 'consistent' ? 2 : views.indexOf(figure.view);
      return points.length > 0 ? [{ name, points, colour }] : [];
    });
  // Only comparable values are in the same chart: losses in points, which a paper prints, are not shares.
  const papersOf = (isLoss: boolean): Series[] =>
    printed.flatMap(([title, values]) => {
      if (title.endsWith('%') === isLoss) return [];
      const points = arms.flatMap(({ label, key }, x) => {
        const y = values[key];
        return typeof y === 'number' ? [{ x, label, y }] : [];
      });
      return points.length > 0 ? [{ name: title, origin: 'published', points }] : [];
    });
  const chart = (id: string, caption: string, unit: string, isLoss: boolean): Chart[] => {
    const measured = barsOf(isLoss);
    if (measured.length === 0) return [];
    const bars = [...measured, ...papersOf(isLoss)];
    const colours = new Set(bars.map(({ colour = -1 }) => colour));
    // Bars of two sets, or of published results, have the colours of their positions.
    if (colours.size < bars.length || colours.has(-1)) for (const bar of bars) delete bar.colour;
    return [chartOf('bars', id, caption, 'condition', unit, bars)];
  };
  return [
    ...chart('cells-chart', 'Results by condition', '%', false),
    ...chart('losses-chart', 'Loss by condition', 'points', true),
  ];
}

/** Returns the section that tests the difference between every condition and the first condition. */
export function testsSection(
  figures: readonly Figure[],
  arms: readonly NamedArm[],
  results: readonly (readonly ArmResult[])[],
): Section[] {
  const tables = figures.flatMap((figure, f) => againstTable(figure, arms, results[f]!, f));
  if (tables.length === 0) return [];
  return [section('tests', 'Paired tests', [`Every condition minus ${arms[0]!.label}.`], tables)];
}

function againstTable(
  figure: Figure,
  arms: readonly NamedArm[],
  results: readonly ArmResult[],
  f: number,
): Table[] {
  const rows = results.flatMap(({ against }, i) =>
    against ? [{ label: arms[i]!.label, difference: against }] : [],
  );
  if (rows.length === 0) return [];
  const first = `Rows that only ${arms[0]!.label} answers correctly, over all seeds.`;
  const other = 'Rows that only this condition answers correctly, over all seeds.';
  return [
    differencesTable(`against-${f + 1}`, 'condition', figure, rows, 'conditions of this table', [
      [right('rows lost', undefined, first), ({ difference }) => countCell(difference.only_first)],
      [right('rows gained', undefined, other), ({ difference }) => countCell(difference.only_second)],
    ]),
  ];
}

type Tested = { label: string; difference: ArmComparison };

/**
 * Returns the table that tests differences in a metric. Omits columns without values, such as the difference by seed
 * for a single seed.
 * @param what subject of the tests, for the note on the number of tests
 */
function differencesTable<T extends Tested>(
  id: string,
  title: string,
  figure: Figure,
  rows: readonly T[],
  what: string,
  more: readonly ColumnOf<T>[],
  notes: string[] = [],
): Table {
  const ps = holm(rows.map(({ difference }) => difference.p));
  const seeds = Math.min(...rows.map(({ difference }) => difference.n));
  return withoutEmpty(
    tableOf<T>(
      id,
      // Differences between two shares are in points, not in percent.
      figureName(figure) + (unitOf(figure) === 'share' ? ', points' : ''),
      rows,
      [
        words(title, ({ label }) => label),
        [
          right('difference', undefined, differenceNote(seeds)),
          ({ difference }) => figureCell(figure, difference),
        ],
        [right('p'), (row) => pCell(ps[rows.indexOf(row)])],
        ...more,
      ],
      [...notes, ...(rows.length > 1 ? [`p values are Holm-corrected for the ${rows.length} ${what}.`] : [])],
    ),
  );
}

/** Returns the section that tests the contrasts of the sweep. @param arms conditions for each metric */
export function contrastsSection(
  { contrast = [] }: SweepPlan,
  figures: readonly Figure[],
  arms: readonly (readonly NamedArm[])[],
): Section[] {
  const tables = figures.flatMap((figure, f) => {
    const rows = contrast.flatMap(([a, b]) =>
      arms[f]!.filter(({ cell }) => cell === a).flatMap((first) => {
        const second = arms[f]!.find(({ cell, step }) => cell === b && step === first.step);
        const difference = second && compareTwo(second, first, figure);
        const label = `${first.label} minus ${second?.label}`;
        const pairs = !second || isOpenPair(first, second) ? [] : pairedRows(second, first);
        return difference ? [{ label, difference, pairs }] : [];
      }),
    );
    return rows.length > 0 ? [contrastTable(figure, rows, f)] : [];
  });
  return tables.length === 0 ? [] : [section('contrasts', 'Contrasts', [], tables)];
}

function contrastTable(
  figure: Figure,
  rows: readonly (Tested & { pairs: readonly PairedRows[] })[],
  f: number,
): Table {
  const isShare = unitOf(figure) === 'share' && figure.metric !== 'drop';
  const n = Math.min(...rows.map(({ difference }) => difference.n));
  const h = 'Cohen’s h of the two shares: 0.2 is small, 0.5 medium, 0.8 large.';
  const few = `Over ${n} seeds. With fewer than five seeds, intervals are wide: "minimum detectable" is the smallest difference that reaches p = 0.05.`;
  return differencesTable(
    `contrasts-${f + 1}`,
    'contrast',
    figure,
    rows,
    'contrasts',
    [
      [right('h', undefined, h), ({ pairs }) => (isShare ? effectCell(pairs) : NONE)],
      [
        right(
          'minimum detectable',
          undefined,
          'Smallest difference that reaches p = 0.05: half the width of the interval.',
        ),
        ({ difference }) => leastCell(figure, difference),
      ],
    ],
    n > 1 ? [few] : [],
  );
}

/**
 * Returns Cohen's h, 2·asin√p − 2·asin√q (Statistical Power Analysis, 1988, chapter 6), over the rows of all seeds.
 * Empty without rows, or if some rows are not scored.
 */
function effectCell(pairs: readonly PairedRows[]): Cell {
  const rows = pairs.flat();
  if (rows.length === 0) return NONE;
  const angle = (values: number[]) => 2 * Math.asin(Math.sqrt(mean(values)!));
  const h = angle(rows.map(({ second }) => second)) - angle(rows.map(({ first }) => first));
  return { text: fixed(h, 2), value: h };
}

function leastCell(figure: Figure, { mean: middle, n, interval, bounds }: OpenMean): Cell {
  return interval && n > 1 && !bounds ? figureCell(figure, { mean: interval[1] - middle }) : NONE;
}
