import { metricLabel } from '../../labels.ts';
import type { Metric } from '../../metrics/metric.ts';
import {
  type MatrixFigure,
  matrixFigure,
  matrixFigures,
  type MatrixMetric,
  viewsOfMatrix,
} from '../../metrics/view-matrix.ts';
import { ORIGINAL, sortedViews, viewOf, type ViewId } from '../../views/list.ts';
import { chanceCell, countCell, figureCell, left, NONE, right } from '../cells.ts';
import { type Cell, type Section, type Table, sectionOf } from '../document.ts';
import { figureOf, nameOf, setsOf, shownFor, type Evaluation, type ReportOptions } from '../evaluation.ts';

/** Cells of fewer pairs are hatched. */
export const FEW = 30;

/**
 * How a model's answers change when the picture is turned or the question put in other words; null if nothing was asked
 * in such views.
 */
export function viewSection(evaluations: readonly Evaluation[], options: ReportOptions): Section | null {
  const tables = setsOf(evaluations).flatMap((set, s) =>
    shownFor(evaluations, set, options).flatMap((one, e) => {
      const tables = viewTables(one, set, `${s}-${e}`);
      return tables.map((table) => ({ ...table, caption: `${table.caption}: ${nameOf(one)}` }));
    }),
  );
  return sectionOf(
    'views',
    'Views',
    [
      'A model can be consistent and wrong, so that agreement says little without accuracy and chance. Update and stability tell two kinds of pairs apart: where the right answer changes from one view to the other, another one has to be given, and where it stays, the same. A model that never looks has 0 and 100.',
    ],
    tables,
  );
}

/** The part of an evaluation from which its matrix is drawn. */
type MatrixSource = Pick<Evaluation, 'key' | 'figures'>;

/** The tables of one set of an evaluation: by view, then views against views; none without a matrix. */
export function viewTables(one: MatrixSource, set: string, id: string): Table[] {
  const figures = matrixFigures(one.figures, set);
  const views = viewsOfMatrix(figures);
  if (views.length === 0) return [];
  const matrix: Matrix = { one, set, figures, views, id };
  return [
    byView(matrix),
    square(matrix, 'consistent', 'Both views right'),
    square(matrix, 'agreement', 'Answers agree, right or wrong,'),
    square(matrix, 'consistent_wrong', 'Answers agree without both being right,'),
  ];
}

interface Matrix {
  one: MatrixSource;
  set: string;
  figures: readonly MatrixFigure[];
  views: readonly ViewId[];
  id: string;
}

/**
 * The accuracy of a view on all of its rows or, if that is not in the results, on those paired with the first other
 * view.
 */
const accuracyOf = ({ one, set, figures, views }: Matrix, view: ViewId): Metric | undefined =>
  figureOf(one, set, { metric: 'accuracy', view }) ??
  views.map((other) => matrixFigure(figures, view, other, 'first_right')).find((found) => found);

const opens = ({ one, set }: Matrix, a: ViewId, b: ViewId): Pick<Cell, 'opens'> => ({
  opens: { key: one.key, set, views: sortedViews([a, b]) as [ViewId, ViewId] },
});

/** One row per view: by itself, and compared with the original. */
function byView(matrix: Matrix): Table {
  const { set, figures, views, id } = matrix;
  return {
    id: `views-${id}`,
    caption: `Views on ${set}, percent`,
    columns: [
      left('view'),
      right('accuracy'),
      right('chance'),
      right('unreadable', undefined, 'Answers that cannot be read; they count as wrong.'),
      right('both right', undefined, 'This view and the original.'),
      right('by chance', undefined, 'When each view is guessed for itself.'),
      right('agree', undefined, 'With the original, right or wrong, of the answers that can be compared.'),
      right('consistent and wrong'),
      right('update', undefined, `${metricLabel('update')}, against the original.`),
      right('stability', undefined, `${metricLabel('stability')}, against the original.`),
      right('pairs', undefined, 'Questions that were asked in this view and in the original.'),
    ],
    rows: views.map((view) => {
      const accuracy = accuracyOf(matrix, view);
      const of = (metric: MatrixMetric) => matrixFigure(figures, ORIGINAL, view, metric);
      const cell = (metric: MatrixMetric): Cell => {
        const figure = of(metric);
        return figure ? { ...figureCell(figure), ...opens(matrix, ORIGINAL, view), ...few(figure) } : NONE;
      };
      const unread = accuracy?.unparsed;
      return {
        cells: [
          { text: viewOf(view).label },
          figureCell(accuracy),
          chanceCell(accuracy),
          unread === undefined || !accuracy?.n
            ? NONE
            : figureCell({ value: unread / accuracy.n, unit: 'share', n: accuracy.n }),
          cell('consistent'),
          chanceCell(of('consistent')),
          cell('agreement'),
          cell('consistent_wrong'),
          cell('update'),
          cell('stability'),
          view === ORIGINAL ? NONE : countCell(of('consistent')?.n),
        ],
      };
    }),
    notes: [],
  };
}

export const few = ({ n }: Metric): Pick<Cell, 'few'> => (n < FEW ? { few: true } : {});

/**
 * Compares every view with every other one. The diagonal has the accuracy of a view, or says that every answer agrees
 * with itself.
 */
function square(matrix: Matrix, metric: MatrixMetric, caption: string): Table {
  const { set, figures, views, id } = matrix;
  const cellOf = (a: ViewId, b: ViewId): Cell => {
    if (a === b) return metric === 'consistent' ? figureCell(accuracyOf(matrix, a)) : NONE;
    const figure = matrixFigure(figures, a, b, metric);
    if (!figure) return NONE;
    const { text, value } = figureCell(figure);
    const shade = shadeOf(matrix, figure, a, b);
    return {
      text,
      ...(value !== undefined && { value }),
      ...opens(matrix, a, b),
      ...few(figure),
      ...(shade !== null && { shade }),
    };
  };
  return {
    id: `views-${metric.replace('_', '-')}-${id}`,
    caption: `${caption} on ${set}, percent`,
    columns: [left('view'), ...views.map((view) => right(viewOf(view).label))],
    rows: views.map((a) => ({ cells: [{ text: viewOf(a).label }, ...views.map((b) => cellOf(a, b))] })),
    notes: [NOTES[metric]!],
  };
}

const NOTES: Partial<Record<MatrixMetric, string>> = {
  consistent:
    'On the diagonal the accuracy of a view on all of its rows. Shaded by how much more (or less) often both are right than if the views were answered independently of each other.',
  agreement:
    'Of pairs whose answers can be read and compared. Shaded by how much more (or less) often answers agree than guesses do.',
  consistent_wrong:
    'Of the same pairs. Lengths and boxes near a limit can agree although only one of them is right.',
};

/**
 * How far a figure exceeds what independent views, or guesses, would give: −1 to 1. Null if neither is known, or if
 * higher is not better.
 */
function shadeOf({ figures }: Matrix, figure: MatrixFigure, a: ViewId, b: ViewId): number | null {
  const { value, chance, metric } = figure;
  if (value === null) return null;
  if (metric === 'consistent') {
    const [p, q] = (['first_right', 'second_right'] as const).map(
      (name) => matrixFigure(figures, a, b, name)?.value,
    );
    // Two events with any frequencies differ by at most a quarter from independent ones.
    return p == null || q == null ? null : 4 * (value - p * q);
  }
  if (metric !== 'agreement' || chance === undefined) return null;
  return value >= chance ? (value - chance) / (1 - chance || 1) : (value - chance) / chance;
}
