import type { Random } from '../random.ts';
import { isViewId, PAIR, sortedViews, type ViewId } from '../spatial/views/list.ts';
import type { EvaluationResult } from './results.ts';
import type { ScoredRow } from './scored-row.ts';
import { viewMatrix, type MatrixFigure, type MatrixMetric } from './view-matrix.ts';

/**
 * The view matrix in `results.json`: `view` is the second view of a pair, `slice` names the first, `task` is `views`.
 */
const FIELD = 'view';

/** Views that the figures of pairs and of polarity flips tell everything about. */
const TOLD: readonly ViewId[] = [...PAIR, 'polarity'];

/** The figures of the matrix of one set, where it was asked in a view beside original, mirror and opposite. */
export function matrixResults(set: string, rows: readonly ScoredRow[], random: Random): EvaluationResult[] {
  if (rows.every(({ view = 'original' }) => TOLD.includes(view))) return [];
  return viewMatrix(rows, random).map(({ one, other, metric, ...figure }) => ({
    ...{ set, view: other, slice: { field: FIELD, value: one }, task: 'views', metric },
    ...figure,
  }));
}

/** Whether a figure is one of the matrix. */
export const isOfMatrix = ({ task, slice }: Pick<EvaluationResult, 'task' | 'slice'>): boolean =>
  task === 'views' && slice?.field === FIELD;

/** The figures of a set's matrix, as they were written. */
export function matrixFigures(results: readonly EvaluationResult[], set: string): MatrixFigure[] {
  return results.flatMap(({ slice, view, metric, task, set: own, answer, ...figure }) => {
    const isOne = own === set && answer === undefined && task === 'views' && slice?.field === FIELD;
    return isOne && view !== null && isViewId(slice.value)
      ? [{ one: slice.value, other: view, metric: metric as MatrixMetric, ...figure }]
      : [];
  });
}

/** The views of some figures, in their order. */
export const viewsOfMatrix = (figures: readonly MatrixFigure[]): ViewId[] =>
  sortedViews(figures.flatMap(({ one, other }) => [one, other]));

/** The figure of two views, in either order; those of one view alone are exchanged with them. */
export function matrixFigure(
  figures: readonly MatrixFigure[],
  a: ViewId,
  b: ViewId,
  metric: MatrixMetric,
): MatrixFigure | undefined {
  return figures.find(
    (figure) =>
      (figure.one === a && figure.other === b && figure.metric === metric) ||
      (figure.one === b && figure.other === a && figure.metric === (EXCHANGED[metric] ?? metric)),
  );
}

const EXCHANGED: Partial<Record<MatrixMetric, MatrixMetric>> = {
  first_right: 'second_right',
  second_right: 'first_right',
};
