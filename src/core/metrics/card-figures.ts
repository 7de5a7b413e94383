import type { FrameControl } from '../prompts/frame-controls.ts';
import { ORIGINAL, REVERSE, type ViewId } from '../../rows/view-list.ts';
import type { SetCard } from './card.ts';
import { allRight, gainOfOrder } from './motion-metrics.ts';
import type { EvaluationResult } from '../evaluation/results.ts';
import type { ScoredRow } from '../evaluation/scored-row.ts';
import { matrixOf } from './view-matrix.ts';

interface Answered {
  results: readonly EvaluationResult[];
  rows: readonly ScoredRow[];
}

/**
 * Returns the metrics of a set for a benchmark card.
 * @param controls evaluations under frame controls
 * @param frame for clips: image-free bound of original and reverse from one frame, if known
 */
export function setFigures(
  name: string,
  views: SetCard['views'],
  { results, rows }: Answered,
  controls: readonly (Answered & { control: FrameControl })[],
  frame?: number,
): Pick<SetCard, 'figures' | 'controls'> {
  const others = views.filter(({ view, rows }) => view !== ORIGINAL && rows > 0).map(({ view }) => view);
  const ownRows = ofSet(rows, name);
  const shown = [ORIGINAL, ...others];
  const figures = figuresOf(name, results, ownRows, frame);
  if (controls.length === 0) return { figures };
  return {
    figures: [...figures, ...wholeOf(name, ownRows, shown)],
    controls: controls.map(({ control, ...under }) => {
      const itsRows = ofSet(under.rows, name);
      return {
        control,
        figures: [...figuresOf(name, under.results, itsRows), ...wholeOf(name, itsRows, shown)],
        gains: others.map((view) => ({ view, ...gainOfOrder(ownRows, itsRows, view) })),
      };
    }),
  };
}

const ofSet = (rows: readonly ScoredRow[], name: string): ScoredRow[] =>
  rows.filter(({ set }) => set === name);

function wholeOf(set: string, rows: readonly ScoredRow[], views: readonly ViewId[]): EvaluationResult[] {
  const figure = allRight(rows, views);
  return figure ? [{ set, view: null, task: 'views', metric: 'all_right', ...figure }] : [];
}

function figuresOf(
  name: string,
  results: readonly EvaluationResult[],
  rows: readonly ScoredRow[],
  frame?: number,
): EvaluationResult[] {
  const accuracies = results.filter(
    ({ set, task, metric, slice, view }) =>
      set === name && task === 'all' && metric === 'accuracy' && !slice && view !== null,
  );
  const matrix = matrixOf(name, rows).map((figure) =>
    figure.floor?.order !== undefined && figure.view === REVERSE && frame !== undefined
      ? { ...figure, floor: { ...figure.floor, frame } }
      : figure,
  );
  return [...accuracies, ...matrix];
}
