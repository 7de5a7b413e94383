import { PAIR_SHARES } from '../../metrics/consistency.ts';
import { metricLabel } from '../../../base/labels.ts';
import { floorLines } from '../../metrics/floor.ts';
import { isLowerBetter } from '../../metrics/metric.ts';
import type { Metric } from '../../evaluation/results.ts';
import {
  isOfMatrix,
  matrixFigure,
  matrixFigures,
  viewsOfMatrix,
  type MatrixFigure,
  type MatrixMetric,
} from '../../metrics/view-matrix.ts';
import {
  ORIGINAL,
  sortedViews,
  viewLabel,
  viewOf,
  type PairView,
  type ViewId,
} from '../../../rows/view-list.ts';
import {
  NONE,
  bareCell,
  byJudgeColumn,
  cellsOf,
  chanceCell,
  countCell,
  figureCell,
  notJudgedColumn,
  ownTables,
  pairChanceColumn,
  right,
  unparsedCell,
  unparsedColumn,
  withoutEmpty,
} from '../cells.ts';
import {
  markBest,
  sectionOf,
  tableOf,
  words,
  type Cell,
  type Column,
  type ColumnOf,
  type Section,
  type Table,
} from '../document.ts';
import { figureOf, floorsOf, nameOf, shownSets, type Evaluation, type ReportOptions } from '../evaluation.ts';

/** Number of pairs below which a cell of the view matrix is hatched. */
const FEW = 30;

/** Returns the section on answers to transformed images and rephrased questions; null if no such view was evaluated. */
export function viewSection(evaluations: readonly Evaluation[], options: ReportOptions): Section | null {
  const tables = shownSets(evaluations, options).flatMap(({ set, shown }, s) =>
    shown.flatMap((evaluation, e) => {
      const tables = viewTables(evaluation, set, `${s}-${e}`);
      return tables.map((table) => ({ ...table, caption: `${table.caption}: ${nameOf(evaluation)}` }));
    }),
  );
  return sectionOf(
    'views',
    'Views',
    [
      'Agreement means little without accuracy and chance, because a model can agree with itself and be wrong. Update: the answer changes where the reference answer changes between views. Stability: the answer stays where the reference answer stays. Both compare the texts of answers and, where a view moves options, also their letters. A model that always gives the same text or letter has 0 update and 100 stability.',
    ],
    tables,
  );
}

type MatrixSource = Pick<Evaluation, 'key' | 'figures'>;

/** Returns the view tables of one set: metrics by view, then the view matrix; [] if the set has no view matrix. */
export function viewTables(source: MatrixSource, set: string, id: string): Table[] {
  const figures = matrixFigures(source.figures, set);
  const views = viewsOfMatrix(figures);
  if (views.length === 0) return [];
  const matrix: Matrix = { source, set, figures, views, id };
  return [
    byView(matrix),
    square(matrix, 'consistent', 'Pair accuracy'),
    square(matrix, 'agreement', 'Agreement, correct or wrong,'),
    square(matrix, 'consistent_wrong', 'Agreement on wrong answers,'),
  ];
}

interface Matrix {
  source: MatrixSource;
  set: string;
  figures: readonly MatrixFigure[];
  views: readonly ViewId[];
  id: string;
}

/** Returns the accuracy of a view on all its rows; if absent, on rows paired with the first other view. */
const accuracyOf = ({ source, set, figures, views }: Matrix, view: ViewId): Metric | undefined =>
  figureOf(source, set, { metric: 'accuracy', view }) ??
  views.map((other) => matrixFigure(figures, view, other, 'first_right')).find((found) => found);

const opens = ({ source, set }: Matrix, a: ViewId, b: ViewId): Pick<Cell, 'opens'> => ({
  opens: { key: source.key, set, views: sortedViews([a, b]) as [ViewId, ViewId] },
});

/** Metrics of a view in comparison with the original, starting with pair accuracy. */
export const AGAINST_ORIGINAL = [
  'consistent',
  'agreement',
  'consistent_wrong',
  'update',
  'stability',
  'update_by_letter',
  'stability_by_letter',
] as const satisfies readonly MatrixMetric[];

function byView(matrix: Matrix): Table {
  const { set, figures, views, id } = matrix;
  const items = views.map((view) => {
    const accuracy = accuracyOf(matrix, view);
    const pairs = AGAINST_ORIGINAL.map((metric) => matrixFigure(figures, ORIGINAL, view, metric));
    const [own, ...others] = cellsOf([accuracy, ...pairs]);
    const against = others.map((cell, i) =>
      cell === NONE ? NONE : { ...cell, ...opens(matrix, ORIGINAL, view), ...few(pairs[i]!) },
    );
    return { view, accuracy, own: own!, against, both: pairs[0] };
  });
  type Item = (typeof items)[number];
  return withoutEmpty(
    tableOf<Item>(`views-${id}`, `Views on ${set}, percent`, items, [
      words('view', ({ view }) => viewOf(view).label),
      [right('accuracy'), ({ own }) => own],
      [right('chance'), ({ accuracy }) => chanceCell(accuracy)],
      [unparsedColumn(), ({ accuracy }) => unparsedCell([accuracy])],
      [
        right('pair accuracy', undefined, 'Share of pairs with correct answers in both views.'),
        ({ against }) => against[0]!,
      ],
      [pairChanceColumn(), ({ both }) => chanceCell(both)],
      ...AGAINST_ORIGINAL.slice(1).map((metric, i): ColumnOf<Item> => [
        right(...againstTitle(metric, ' with the original')),
        ({ against }) => against[i + 1]!,
      ]),
      [
        notJudgedColumn(),
        ({ view, accuracy, both }) => countCell((view === ORIGINAL ? accuracy : both)?.not_judged),
      ],
      [
        right('pairs', undefined, 'Number of questions evaluated in this view and the original.'),
        ({ view, both }) => countCell(view === ORIGINAL ? undefined : both?.n),
      ],
    ]),
  );
}

/** Returns title and note of a column for a metric against the original. @param against description for the note */
export function againstTitle(
  metric: (typeof AGAINST_ORIGINAL)[number],
  against: string,
  better?: Column['better'],
): Parameters<typeof right> {
  if (metric === 'consistent_wrong') return [metricLabel(metric)];
  if (metric === 'agreement')
    return against
      ? ['agreement', undefined, 'Agreement with the original, correct or wrong, among comparable answers.']
      : ['agreement'];
  return [metric.replaceAll('_', ' '), better, `${metricLabel(metric)}${against}.`];
}

export const few = ({ n }: Metric): Pick<Cell, 'few'> => (n < FEW ? { few: true } : {});

/** Compares every two views. The diagonal contains the accuracy of each view, or an agreement of 100%. */
function square(matrix: Matrix, metric: MatrixMetric, caption: string): Table {
  const { set, figures, views, id } = matrix;
  const squares = views.flatMap((a) =>
    views.map((b) => ({
      a,
      b,
      figure:
        a !== b
          ? matrixFigure(figures, a, b, metric)
          : metric === 'consistent'
            ? accuracyOf(matrix, a)
            : undefined,
    })),
  );
  const shown = cellsOf(
    squares.map(({ figure }) => figure),
    // The cells omit intervals, which would leave no space for the values.
    bareCell,
  );
  const cells = squares.map(({ a, b, figure }, i): Cell => {
    if (a === b || !figure) return shown[i]!;
    const shade = shadeOf(matrix, figure as MatrixFigure, a, b);
    return {
      ...shown[i]!,
      ...opens(matrix, a, b),
      ...few(figure),
      ...(shade !== null && { shade }),
    };
  });
  return tableOf(
    `views-${metric.replace('_', '-')}-${id}`,
    `${caption} on ${set}, percent`,
    [...views.keys()],
    [
      words('view', (i) => viewOf(views[i]!).label),
      ...views.map((view, j): ColumnOf<number> => [
        right(viewOf(view).label),
        (i) => cells[i * views.length + j]!,
      ]),
    ],
    [
      NOTES[metric]!,
      ...(metric === 'consistent' ? floorLines(matrix.source.figures.filter(isOfMatrix), set) : []),
    ],
  );
}

const NOTES: Partial<Record<MatrixMetric, string>> = {
  consistent:
    'The diagonal shows the accuracy of each view on all of its rows. Shading shows the difference between pair accuracy and independent answers.',
  agreement: 'Pairs with comparable answers. Shading shows the difference between agreement and chance.',
  consistent_wrong: 'Comparable pairs. Lengths and boxes near a limit can agree if only one is correct.',
};

/**
 * Returns the excess of a pair accuracy over its expectation for independent views, or of an agreement over chance: −1
 * to 1. Null for other metrics, or if the expectation is unknown.
 */
function shadeOf({ figures }: Matrix, figure: MatrixFigure, a: ViewId, b: ViewId): number | null {
  const { value, chance, chance_n, metric } = figure;
  if (value === null) return null;
  if (metric === 'consistent') {
    const [p, q] = (['first_right', 'second_right'] as const).map(
      (name) => matrixFigure(figures, a, b, name)?.value,
    );
    // The joint probability of two events differs from that of independent events by at most a quarter.
    return p == null || q == null ? null : 4 * (value - p * q);
  }
  if (metric !== 'agreement' || chance === undefined || chance_n !== undefined) return null;
  return value >= chance ? (value - chance) / (1 - chance || 1) : (value - chance) / chance;
}

/** Returns the section on pair accuracy: a model that guesses tends to be right in only one view [B-61]. */
export function consistencySection(
  evaluations: readonly Evaluation[],
  options: ReportOptions,
): Section | null {
  const tables = shownSets(evaluations, options).flatMap(({ set, shown }, s): Table[] => {
    const pairs = (evaluation: Evaluation, metric: string) =>
      figureOf(evaluation, set, { metric, view: null });
    const items = shown.flatMap((evaluation) => {
      const both = pairs(evaluation, 'consistent');
      return both ? [{ evaluation, both }] : [];
    });
    const titles: Record<string, string> = {
      consistent: 'pair accuracy',
      only_original: 'only the original',
      only_mirror: 'only the mirror',
    };
    return ownTables(
      `consistency-${s}`,
      `Original and mirror of the same question on ${set}, percent of pairs`,
      items,
      [
        ...PAIR_SHARES.map((metric): ColumnOf<{ evaluation: Evaluation }> => [
          right(
            titles[metric] ?? (metric === 'neither' ? metric : viewLabel(metric as PairView)),
            isLowerBetter(metric) ? 'lower' : 'higher',
          ),
          ({ evaluation }) => figureCell(pairs(evaluation, metric)),
        ]),
        [pairChanceColumn(), ({ both }) => chanceCell(both)],
        [byJudgeColumn(), ({ both }) => countCell(both.by_judge)],
        [notJudgedColumn(), ({ both }) => countCell(both.not_judged)],
        [right('pairs'), ({ both }) => countCell(both.n)],
      ],
      floorsOf(
        items.map(({ evaluation }) => evaluation),
        set,
      ),
    );
  });
  return sectionOf(
    'consistency',
    'Pair accuracy',
    [
      'Pair accuracy counts a pair only if the answers to both views are correct. A model that uses the image answers a question and its mirror equally well. A model that guesses, or relies on typical positions, answers only one of the two correctly.',
    ],
    tables.map(markBest),
  );
}
