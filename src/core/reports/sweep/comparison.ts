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
  textCell,
  titleOf,
  type NamedArm,
} from './figure.ts';
import type { SweepPlan } from '../../config/sweep-plan.ts';
import {
  type ArmResult,
  compareTwo,
  isOpenPair,
  type OpenMean,
  pairedRows,
  type PairedRows,
} from './arm-results.ts';
import { isLowerBetter } from '../../metrics/metric.ts';
import { countCell, NONE } from '../cells.ts';
import {
  markBest,
  pointOf,
  type Cell,
  type Chart,
  type Column,
  type Section,
  type Series,
  type Table,
} from '../document.ts';
import { mean } from '../../../base/numbers.ts';

const PRINTED =
  'As printed in the paper. Unless model and data are the same, compare the order of the conditions, not the values.';

/**
 * The figures of the cells, next to those that a paper prints. @param results results of each figure, in the order of
 * the arms
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
  // Figures of one run that are of different rows say of how many each is.
  const sameRows = arms.every((_, i) => {
    const counts = results.flatMap((each) => (each[i]!.figure ? each[i]!.rows : []));
    return new Set(counts).size < 2;
  });
  const table: Table = {
    id: 'cells',
    caption: 'Conditions',
    columns: [
      { title: 'condition', align: 'left' },
      { title: 'seeds', align: 'right' },
      ...figures.flatMap((figure): Column[] => [
        { title: titleOf(figure), align: 'right', better: isLowerBetter(figure.metric) ? 'lower' : 'higher' },
        ...(showsUnparsed.has(figure) ? [{ title: 'unparsed, %', align: 'right' as const }] : []),
      ]),
      ...printed.map(([title]): Column => ({ title, align: 'right', note: PRINTED })),
    ],
    rows: arms.map(({ label, key, name }, i) => ({
      cells: [
        textCell(label),
        countCell(results[0]![i]!.figure?.n ?? 0),
        ...figures.flatMap((figure, f) => {
          const { figure: measured, unparsed, rows } = results[f]![i]!;
          const cell = figureCell(figure, measured, rangeOf(figure));
          return [
            cell === NONE || sameRows ? cell : { ...cell, n: rows },
            ...(showsUnparsed.has(figure) ? [shareCell(measured && unparsed)] : []),
          ];
        }),
        ...printed.map(([, values]) => printedCell(values, key)),
      ],
      key: name,
    })),
    notes: [
      ...(results[0]!.every(({ figure }) => figure === null) ? [] : [intervalNote(results[0]!)]),
      ...(results[0]!.some(({ figure }) => figure === null)
        ? ['A dash means that no run of the condition has reached the compared step.']
        : []),
      ...(results.some((each) => each.some(({ figure }) => figure?.bounds)) ? [OPEN_FIGURES] : []),
      ...(chances.length > 0 ? [`Chance: ${chances.join(', ')}.`] : []),
    ],
  };
  return {
    id: 'comparison',
    title: 'Comparison',
    text: [],
    // What one seed shows may be the seed's: no cell is marked as the best.
    tables: [complete && results[0]!.some(({ figure }) => figure && figure.n > 1) ? markBest(table) : table],
    charts: barCharts(figures, arms, results, printed, sameRows),
  };
}

const OPEN_FIGURES =
  'A range such as 30–80 includes answers that are not scored. Its interval covers both ends, and comparisons with it have no p value.';

const intervalNote = (results: readonly ArmResult[]): string =>
  results.some(({ figure }) => figure && figure.n > 1)
    ? 'Means over seeds; 95% intervals by Student’s t cover other seeds and images. Where seeds do not differ, intervals cover images only.'
    : 'One seed: 95% intervals cover other images, not other seeds.';

/**
 * The figures next to which the share of answers that could not be read is shown: the first of each kind of answers. For
 * a loss, the two accuracies that it is computed from have it.
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

/** Formats a printed value with as many decimals as the others in its column. */
function printedCell(values: Record<string, number | string>, key: string): Cell {
  const value = values[key];
  if (value === undefined) return NONE;
  if (typeof value === 'string') return textCell(value);
  const digits = Object.values(values).map((each) => String(each).split('.')[1]?.length ?? 0);
  return { text: fixed(value, Math.max(...digits)), value };
}

/** Bar charts of the shares, with their intervals; losses, which may be negative, have a separate axis. */
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
      const name = sameRows ? figureName(figure) : `${figureName(figure)} (n ${[...counts].join(', ')})`;
      return points.length > 0 ? [{ name, points }] : [];
    });
  // Only comparable figures are shown side by side: a paper's losses in points are not shares.
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
    const bars = barsOf(isLoss);
    if (bars.length === 0) return [];
    const series = [...bars, ...papersOf(isLoss)];
    return [{ id, caption, kind: 'bars', x: { label: 'condition' }, y: { label: unit }, series, notes: [] }];
  };
  return [
    ...chart('cells-chart', 'Results by condition', '%', false),
    ...chart('losses-chart', 'Loss by condition', 'points', true),
  ];
}

/** Tests the difference of every cell from the first one. */
export function testsSection(
  figures: readonly Figure[],
  arms: readonly NamedArm[],
  results: readonly (readonly ArmResult[])[],
): Section[] {
  const tables = figures.flatMap((figure, f) => againstTable(figure, arms, results[f]!, f));
  if (tables.length === 0) return [];
  const text = `Every condition minus the first, ${arms[0]!.label}.`;
  return [{ id: 'tests', title: 'Paired tests', text: [text], tables, charts: [] }];
}

function againstTable(
  figure: Figure,
  arms: readonly NamedArm[],
  results: readonly ArmResult[],
  f: number,
): Table[] {
  const rows = results.flatMap(({ against }, i) => (against ? [{ label: arms[i]!.label, against }] : []));
  if (rows.length === 0) return [];
  const ps = holm(rows.map(({ against }) => against.p));
  const first = arms[0]!.label;
  const seeds = Math.min(...rows.map(({ against }) => against.n));
  const columns: { column: Omit<Column, 'align'>; cells: Cell[] }[] = [
    {
      column: { title: 'difference', note: differenceNote(seeds) },
      cells: rows.map(({ against }) => figureCell(figure, against)),
    },
    { column: { title: 'p' }, cells: ps.map(pCell) },
    {
      column: { title: 'rows lost', note: `Right with ${first} only; all seeds together.` },
      cells: rows.map(({ against }) => countCell(against.only_first)),
    },
    {
      column: { title: 'rows gained', note: 'Right with this condition only; all seeds together.' },
      cells: rows.map(({ against }) => countCell(against.only_second)),
    },
  ];
  // A value that no row has gets no column; with one seed, for example, there is no difference by seed.
  const shown = columns.filter(({ cells }) => cells.some((cell) => cell !== NONE));
  return [
    {
      id: `against-${f + 1}`,
      // Differences of two shares are in points, not in percent.
      caption: figureName(figure) + (unitOf(figure) === 'share' ? ', points' : ''),
      columns: [
        { title: 'condition', align: 'left' },
        ...shown.map(({ column }) => ({ ...column, align: 'right' as const })),
      ],
      rows: rows.map(({ label }, r) => ({
        cells: [textCell(label), ...shown.map(({ cells }) => cells[r]!)],
      })),
      notes: [
        ...(rows.length > 1
          ? [`p values are Holm-corrected for the ${rows.length} conditions of this table.`]
          : []),
      ],
    },
  ];
}

/**
 * Tests the contrasts that the sweep names: the first cell of each minus the second. @param arms the arms of each
 * figure
 */
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
        return difference
          ? [
              {
                label: `${first.label} minus ${second.label}`,
                difference,
                pairs: isOpenPair(first, second) ? [] : pairedRows(second, first),
              },
            ]
          : [];
      }),
    );
    return rows.length > 0 ? [contrastTable(figure, rows, f)] : [];
  });
  if (tables.length === 0) return [];
  return [{ id: 'contrasts', title: 'Contrasts', text: [], tables, charts: [] }];
}

function contrastTable(
  figure: Figure,
  rows: readonly { label: string; difference: OpenMean; pairs: readonly PairedRows[] }[],
  f: number,
): Table {
  const isShare = unitOf(figure) === 'share';
  const ps = holm(rows.map(({ difference }) => difference.p));
  const n = Math.min(...rows.map(({ difference }) => difference.n));
  const columns = [
    'difference',
    'p',
    ...(isShare && figure.metric !== 'drop' ? ['h'] : []),
    'minimum detectable',
  ];
  const notes: Readonly<Record<string, string>> = { ...NOTES, difference: differenceNote(n) };
  return {
    id: `contrasts-${f + 1}`,
    caption: figureName(figure) + (isShare ? ', points' : ''),
    columns: [
      { title: 'contrast', align: 'left' },
      ...columns.map((title) => ({
        title,
        align: 'right' as const,
        ...(notes[title] && { note: notes[title] }),
      })),
    ],
    rows: rows.map(({ label, pairs, difference }, i) => {
      const cells: Record<string, Cell> = {
        difference: figureCell(figure, difference),
        p: pCell(ps[i]!),
        h: effectCell(pairs),
        'minimum detectable': leastCell(figure, difference),
      };
      return { cells: [textCell(label), ...columns.map((title) => cells[title]!)] };
    }),
    notes: [
      ...(n > 1
        ? [
            `Over ${n} seeds. With fewer than five seeds, intervals are wide: "minimum detectable" is the smallest difference that reaches p = 0.05.`,
          ]
        : []),
      ...(rows.length > 1 ? [`p values are Holm-corrected for the ${rows.length} contrasts.`] : []),
    ],
  };
}

const NOTES: Readonly<Record<string, string>> = {
  h: 'Cohen’s h of the two shares: 0.2 is small, 0.5 medium, 0.8 large.',
  'minimum detectable': 'Half the width of the interval.',
};

/**
 * Cohen's h, 2·asin√p − 2·asin√q (Statistical Power Analysis, 1988, chapter 6), over the rows of all seeds. Not without
 * rows, nor where some are not scored.
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
