import type { EvaluationResult } from './results.ts';

/**
 * The figures of versions that left out what no rule could judge, of all rows: such a share of the judged ones is not
 * shown as if it were one of all. What was left out is right or wrong, so that each figure has bounds. Its interval is
 * not known, nor is its floor, and chance stays that of the judged rows. A figure of which it is not known how many rows
 * it left out is dropped where its set has any. Other results are as they are.
 */
export function ofAllRows(results: readonly EvaluationResult[]): EvaluationResult[] {
  const old = new Set(results.filter(isOfJudged).map(({ set }) => set));
  if (old.size === 0) return [...results];
  return results.flatMap((result) => {
    if (!old.has(result.set)) return [result];
    if (isOfJudged(result)) return [ofAll(result, result.not_judged!)];
    if (UNCOUNTED.includes(result.metric) || result.task === 'polarity') return [];
    const left = leftOutOf(result, results);
    return [left === 0 ? result : ofAll(result, left)];
  });
}

/** Whether the figure is a share of the judged rows alone. */
const isOfJudged = ({ not_judged = 0, bounds }: EvaluationResult): boolean => not_judged > 0 && !bounds;

/** Figures that did not tell how many rows they left out. */
const UNCOUNTED = ['label_free_agreement'];

/** How many pairs a figure left out that is of the same pairs as both right, which alone told so. */
function leftOutOf(figure: EvaluationResult, results: readonly EvaluationResult[]): number {
  const isMatrix = figure.task === 'views' && figure.slice?.field === 'view';
  if (!isMatrix && figure.metric !== 'view_gap') return 0;
  const both = results.find(
    (result) =>
      result.metric === 'consistent' &&
      result.set === figure.set &&
      result.view === figure.view &&
      result.task === figure.task &&
      result.slice?.field === figure.slice?.field &&
      result.slice?.value === figure.slice?.value,
  );
  return both && isOfJudged(both) ? both.not_judged! : 0;
}

function ofAll(figure: EvaluationResult, left: number): EvaluationResult {
  const kept = { ...figure };
  delete kept.interval;
  delete kept.floor;
  const { value, n, metric, chance, chance_n } = kept;
  // Originals less mirrors may be −1 as well as 1.
  const least = metric === 'view_gap' ? -left : 0;
  const sum = (value ?? 0) * n;
  return {
    ...kept,
    value: null,
    n: n + left,
    bounds: [(sum + least) / (n + left), (sum + left) / (n + left)],
    not_judged: left,
    ...(chance !== undefined && { chance_n: chance_n ?? n }),
  };
}
