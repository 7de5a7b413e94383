import { PAIR_SHARES } from '../../metrics/consistency.ts';
import { metricLabel } from '../../../base/labels.ts';
import { floorLines } from '../../metrics/floor.ts';
import type { Metric } from '../../evaluation/results.ts';
import {
  isOfMatrix,
  matrixFigure,
  matrixFigures,
  viewsOfMatrix,
  type MatrixFigure,
  type MatrixMetric,
} from '../../metrics/view-matrix.ts';
import { ORIGINAL, PAIR, sortedViews, viewLabel, viewOf, type ViewId } from '../../../rows/view-list.ts';
import {
  NONE,
  bareCell,
  byJudgeColumn,
  cellsOf,
  chanceCell,
  countCell,
  figureCell,
  left,
  notJudgedColumn,
  ownRow,
  right,
  withoutEmpty,
} from '../cells.ts';
import { markBest, sectionOf, type Cell, type Section, type Table } from '../document.ts';
import {
  figureOf,
  floorsOf,
  nameOf,
  setsOf,
  shownFor,
  type Evaluation,
  type ReportOptions,
} from '../evaluation.ts';

/** Cells of fewer pairs are hatched. */
const FEW = 30;

/**
 * How a model's answers change when the image is turned or the question put in other words; null if nothing was asked
 * in such views.
 */
export function viewSection(evaluations: readonly Evaluation[], options: ReportOptions): Section | null {
  const tables = setsOf(evaluations).flatMap((set, s) =>
    shownFor(evaluations, set, options).flatMap((evaluation, e) => {
      const tables = viewTables(evaluation, set, `${s}-${e}`);
      return tables.map((table) => ({ ...table, caption: `${table.caption}: ${nameOf(evaluation)}` }));
    }),
  );
  return sectionOf(
    'views',
    'Views',
    [
      'Agreement means little without accuracy and chance, because a model can agree with itself and be wrong. Update: the answer changes where the right answer changes between views. Stability: the answer stays where the right answer stays. Both compare the texts of answers and, where a view moves options, also their letters. A model that always gives the same text or letter has 0 update and 100 stability.',
    ],
    tables,
  );
}

/** The part of an evaluation from which its matrix is drawn. */
type MatrixSource = Pick<Evaluation, 'key' | 'figures'>;

/** The tables of one set of an evaluation: by view, then views against views; none without a matrix. */
export function viewTables(source: MatrixSource, set: string, id: string): Table[] {
  const figures = matrixFigures(source.figures, set);
  const views = viewsOfMatrix(figures);
  if (views.length === 0) return [];
  const matrix: Matrix = { source, set, figures, views, id };
  return [
    byView(matrix),
    square(matrix, 'consistent', 'Pair accuracy'),
    square(matrix, 'agreement', 'Agreement, right or wrong,'),
    square(matrix, 'consistent_wrong', 'Agreement without both right,'),
  ];
}

interface Matrix {
  source: MatrixSource;
  set: string;
  figures: readonly MatrixFigure[];
  views: readonly ViewId[];
  id: string;
}

/**
 * The accuracy of a view on all of its rows or, if that is not in the results, on those paired with the first other
 * view.
 */
const accuracyOf = ({ source, set, figures, views }: Matrix, view: ViewId): Metric | undefined =>
  figureOf(source, set, { metric: 'accuracy', view }) ??
  views.map((other) => matrixFigure(figures, view, other, 'first_right')).find((found) => found);

const opens = ({ source, set }: Matrix, a: ViewId, b: ViewId): Pick<Cell, 'opens'> => ({
  opens: { key: source.key, set, views: sortedViews([a, b]) as [ViewId, ViewId] },
});

/** The figures of a view against the original, both right first. */
export const AGAINST_ORIGINAL = [
  'consistent',
  'agreement',
  'consistent_wrong',
  'update',
  'stability',
  'update_by_letter',
  'stability_by_letter',
] as const satisfies readonly MatrixMetric[];

/** One row per view: by itself, and compared with the original. */
function byView(matrix: Matrix): Table {
  const { set, figures, views, id } = matrix;
  return withoutEmpty({
    id: `views-${id}`,
    caption: `Views on ${set}, percent`,
    columns: [
      left('view'),
      right('accuracy'),
      right('chance'),
      right('unparsed', undefined, 'Answers that could not be read. They count as wrong.'),
      right('pair accuracy', undefined, 'Share of pairs with this view and the original right.'),
      right('pair chance', undefined, 'If both views are guessed independently.'),
      right('agreement', undefined, 'With the original, right or wrong, among comparable answers.'),
      right('agree but wrong'),
      right('update', undefined, `${metricLabel('update')}, against the original.`),
      right('stability', undefined, `${metricLabel('stability')}, against the original.`),
      right('update by letter', undefined, `${metricLabel('update_by_letter')}, against the original.`),
      right('stability by letter', undefined, `${metricLabel('stability_by_letter')}, against the original.`),
      notJudgedColumn(),
      right('pairs', undefined, 'Questions asked in both this view and the original.'),
    ],
    rows: views.map((view) => {
      const accuracy = accuracyOf(matrix, view);
      const pairs = AGAINST_ORIGINAL.map((metric) => matrixFigure(figures, ORIGINAL, view, metric));
      const [right, ...others] = cellsOf([accuracy, ...pairs]);
      const [both, ...rest] = others.map((cell, i) =>
        cell === NONE ? NONE : { ...cell, ...opens(matrix, ORIGINAL, view), ...few(pairs[i]!) },
      );
      const unread = accuracy?.unparsed;
      return {
        cells: [
          { text: viewOf(view).label },
          right!,
          chanceCell(accuracy),
          unread === undefined || !accuracy?.n
            ? NONE
            : figureCell({ value: unread / accuracy.n, unit: 'share', n: accuracy.n }),
          both!,
          chanceCell(pairs[0]),
          ...rest,
          view === ORIGINAL ? countCell(accuracy?.not_judged) : countCell(pairs[0]?.not_judged),
          view === ORIGINAL ? NONE : countCell(pairs[0]?.n),
        ],
      };
    }),
    notes: [],
  });
}

export const few = ({ n }: Metric): Pick<Cell, 'few'> => (n < FEW ? { few: true } : {});

/**
 * Compares every view with every other one. The diagonal has the accuracy of a view, or says that every answer agrees
 * with itself.
 */
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
    // An interval in every square would leave no room for the figures.
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
  return {
    id: `views-${metric.replace('_', '-')}-${id}`,
    caption: `${caption} on ${set}, percent`,
    columns: [left('view'), ...views.map((view) => right(viewOf(view).label))],
    rows: views.map((a, i) => ({
      cells: [{ text: viewOf(a).label }, ...cells.slice(i * views.length, (i + 1) * views.length)],
    })),
    notes: [
      NOTES[metric]!,
      ...(metric === 'consistent' ? floorLines(matrix.source.figures.filter(isOfMatrix), set) : []),
    ],
  };
}

const NOTES: Partial<Record<MatrixMetric, string>> = {
  consistent:
    'The diagonal shows the accuracy of each view on all of its rows. Shading shows how far pair accuracy is above or below independent answers.',
  agreement: 'Pairs with comparable answers. Shading shows how far agreement is above or below chance.',
  consistent_wrong: 'The same pairs. Lengths and boxes near a limit can agree although only one is right.',
};

/**
 * How far a figure exceeds what independent views, or guesses, would give: −1 to 1. Null if neither is known, or if
 * higher is not better.
 */
function shadeOf({ figures }: Matrix, figure: MatrixFigure, a: ViewId, b: ViewId): number | null {
  const { value, chance, chance_n, metric } = figure;
  if (value === null) return null;
  if (metric === 'consistent') {
    const [p, q] = (['first_right', 'second_right'] as const).map(
      (name) => matrixFigure(figures, a, b, name)?.value,
    );
    // Two events with any frequencies differ by at most a quarter from independent ones.
    return p == null || q == null ? null : 4 * (value - p * q);
  }
  if (metric !== 'agreement' || chance === undefined || chance_n !== undefined) return null;
  return value >= chance ? (value - chance) / (1 - chance || 1) : (value - chance) / chance;
}

/**
 * How often the same question is answered correctly in both views: a model that guesses gets only one of them right
 * [B-61].
 */
export function consistencySection(
  evaluations: readonly Evaluation[],
  options: ReportOptions,
): Section | null {
  const tables = setsOf(evaluations).flatMap((set, s): Table[] => {
    const pairs = (evaluation: Evaluation, metric: string) =>
      figureOf(evaluation, set, { metric, view: null });
    const shown = shownFor(evaluations, set, options).filter((evaluation) => pairs(evaluation, 'consistent'));
    if (shown.length === 0) return [];
    return [
      markBest({
        id: `consistency-${s}`,
        caption: `Original and mirror of the same question on ${set}, percent of pairs`,
        columns: [
          left('evaluation'),
          ...PAIR.map((view) => right(viewLabel(view), 'higher')),
          right('pair accuracy', 'higher'),
          right('only the original', 'lower'),
          right('only the mirror', 'lower'),
          right('neither', 'lower'),
          right('pair chance', undefined, 'If both views are guessed independently.'),
          byJudgeColumn(),
          notJudgedColumn(),
          right('pairs'),
        ],
        rows: shown.map((evaluation) => {
          const both = pairs(evaluation, 'consistent')!;
          return ownRow(evaluation, [
            ...PAIR_SHARES.map((metric) => figureCell(pairs(evaluation, metric))),
            chanceCell(both),
            countCell(both.by_judge),
            countCell(both.not_judged),
            countCell(both.n),
          ]);
        }),
        notes: floorsOf(shown, set),
      }),
    ];
  });
  return sectionOf(
    'consistency',
    'Pair accuracy',
    [
      'Pair accuracy counts a pair only if both views are right. A model that looks answers a question and its mirror equally well. A model that guesses, or relies on typical positions, gets only one of them right.',
    ],
    tables.map(withoutEmpty),
  );
}
