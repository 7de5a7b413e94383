import { answerSpread } from './answer-spread.ts';
import { attributionMetrics } from './attribution.ts';
import { rowsByField } from './by-field.ts';
import { viewConsistency } from './consistency.ts';
import { labelFreeAgreement, matrixResults } from './view-matrix.ts';
import type { EvaluationResult, Metric } from '../evaluation/results.ts';
import { groupBy, imageKey, isByJudge, isUnparsed, type ScoredRow } from '../evaluation/scored-row.ts';
import { OWN, ownMetrics, ownShares, passMetrics, summarise as metricsOf } from './summarise.ts';
import { answersWithBounds, chanceOfAnswers, possible } from './bounds.ts';
import { rightOf } from './outcomes.ts';
import { oppositePairs, shiftMetrics } from './compare-rows.ts';
import type { MeasuredRow } from '../evaluation/evaluation-row.ts';
import { PAIR, POLARITY, type ViewId } from '../../rows/view-list.ts';

/**
 * Computes the results of each set and view: accuracy over all rows, every metric of every task, results by kind of
 * row, distribution of answers, and causes of wrong answers. For each set, adds the comparison of both views and of
 * opposite questions. If the set has other views, adds their view matrix and the agreement without labels. Equal rows
 * always give equal values, including intervals.
 * @param options_hidden whether the prompts lacked the options of the rows
 */
export function summarise(rows: readonly MeasuredRow[], options_hidden = false): EvaluationResult[] {
  const scored = rows.map((row) => ({ ...row, options_hidden }));
  const shares = ownShares(scored);
  return [...groupBy(scored, (row) => row.set!)].flatMap(([set, ofSet]) => {
    const views = [...groupBy(ofSet, viewOf)] as [ViewId, ScoredEvaluation[]][];
    const labelled = (view: ViewId | null, task: string, metrics: Record<string, Metric>) =>
      Object.entries(metrics).map(([metric, figures]) => ({ set, view, task, metric, ...figures }));
    const overall = views.flatMap(([view, ofView]) =>
      labelled(view, 'all', { accuracy: accuracy(ofView), ...passMetrics(ofView, rightOf) }),
    );
    const detail = metricsOf(ofSet, viewOf).map(({ group, ...figures }) => ({
      set,
      view: group as ViewId,
      ...figures,
    }));
    const more = views.flatMap(([view, ofView]) => {
      const judged = ofView.filter(({ score }) => score.problem === undefined);
      return [
        ...slices(ofView).map((figure) => ({ set, view, ...figure })),
        ...labelled(view, OWN, ownMetrics(ofView, shares)),
        ...labelled(view, 'attribution', attributionMetrics(judged)),
        ...answerSpread(judged).map((figure) => ({ set, view, ...figure })),
      ];
    });
    return [
      ...overall,
      ...detail,
      ...more,
      ...labelled(null, 'all', viewConsistency(ofSet)),
      ...pairsByKind(ofSet).map((figure) => ({ set, view: null, ...figure })),
      ...labelled(null, POLARITY, opposites(ofSet)),
      ...ofViews(set, ofSet),
    ];
  });
}

function ofViews(set: string, rows: readonly ScoredEvaluation[]): EvaluationResult[] {
  const matrix = matrixResults(set, rows);
  const agreement = matrix.length > 0 ? labelFreeAgreement(rows) : null;
  if (!agreement) return matrix;
  return [...matrix, { set, view: null, task: 'all', metric: 'label_free_agreement', ...agreement }];
}

const viewOf = (row: ScoredRow): string => row.view!;

type ScoredEvaluation = ScoredRow & Pick<MeasuredRow, 'right' | 'attribution' | 'metrics'>;

/** Computes the accuracy over all rows of all tasks. Open answers must equal the reference answer. */
function accuracy(rows: readonly ScoredEvaluation[]): Metric {
  const by_judge = rows.filter(isByJudge).length;
  const answers = rows.map((row) => ({ row, cluster: imageKey(row), ...possible(rightOf(row)) }));
  return {
    ...answersWithBounds(answers),
    unparsed: rows.filter(isUnparsed).length,
    ...(by_judge > 0 && { by_judge }),
    ...chanceOfAnswers(answers),
  };
}

const OF_SLICES: Record<string, string[]> = {
  text: ['bleu1', 'bleu2', 'sbert'],
  all: ['judge', 'judge_failed'],
};

/** Computes accuracy and judge scores for each kind of row, and text metrics if some rows have no other metric. */
function slices(rows: readonly ScoredEvaluation[]): Omit<EvaluationResult, 'set' | 'view'>[] {
  return rowsByField(rows).flatMap(({ field, groups }) =>
    [...groups].flatMap(([value, ofValue]) => {
      const slice = { field, value };
      const metrics = metricsOf(ofValue, () => '').flatMap((row) => {
        const { group, ...figure } = row;
        return group === '' && OF_SLICES[row.task]?.includes(row.metric) ? [{ slice, ...figure }] : [];
      });
      return [{ slice, task: 'all', metric: 'accuracy', ...accuracy(ofValue) }, ...metrics];
    }),
  );
}

/** Computes, by kind of row, the accuracy in each view and the pair accuracy, all over the same rows. */
function pairsByKind(rows: readonly ScoredEvaluation[]): Omit<EvaluationResult, 'set' | 'view'>[] {
  return rowsByField(rows).flatMap(({ field, groups }) =>
    [...groups].flatMap(([value, ofValue]) =>
      Object.entries(viewConsistency(ofValue))
        .filter(([metric]) => [...PAIR, 'consistent', 'view_gap'].includes(metric))
        .map(([metric, figures]) => ({ slice: { field, value }, task: 'all', metric, ...figures })),
    ),
  );
}

/** Compares each original with its opposite question; {} if the set lacks originals or opposite questions. */
function opposites(rows: readonly ScoredEvaluation[]): Record<string, Metric> {
  const pairs = oppositePairs(rows);
  return pairs.length > 0 ? shiftMetrics(pairs) : {};
}
