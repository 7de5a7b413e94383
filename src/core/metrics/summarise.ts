import { bleuCounts, corpusBleu, sentenceBleu } from '../answers/bleu.ts';
import { referenceOf } from '../answers/score-row.ts';
import { scoredText } from '../answers/verdict.ts';
import { OPEN_TASKS, TEXT_TASKS, type Task } from '../answers/score.ts';
import { viewConsistency } from './consistency.ts';
import { CV_TASKS, cvBench, cvTaskOf } from './cv-bench.ts';
import { answersWithBounds, chanceOfAnswers, withBounds } from './bounds.ts';
import { COMMON, MEASURES, rangeOf, TEXT, type Measure } from './measures.ts';
import type { Metric } from '../evaluation/results.ts';
import {
  groupBy,
  imageKey,
  isByJudge,
  isScorable,
  isUnparsed,
  problemKey,
  verdictOf,
  type ScoredRow,
} from '../evaluation/scored-row.ts';
import { chanceOf, meanChance } from './chance.ts';
import { shareWithInterval, withinShare } from './share.ts';
import { jackknife, meanWithInterval } from './statistics.ts';
import type { EvaluationRow } from '../evaluation/evaluation-row.ts';

/**
 * Returns pass@k of one problem with `n` completions, `c` of them right: 1 − C(n−c, k) / C(n, k), as a product to avoid
 * overflow: the unbiased estimate of the probability that at least one of k is right, 0–1; null if k > n.
 */
export function passAtK(n: number, c: number, k: number): number | null {
  if (k > n || k < 1) return null;
  let allWrong = 1;
  for (let i = n - c + 1; i <= n; i++) allWrong *= 1 - k / i;
  return 1 - allWrong;
}

/**
 * Returns the probability that at least one of k guesses is right, each with probability p (R53: two choices and k = 4
 * give 93.75%).
 */
export const chanceAtK = (p: number, k: number): number => 1 - (1 - p) ** k;

/** Metric of one group of rows: all rows, or the rows with one value of the grouping field. */
export interface MetricRow extends Metric {
  group: string;
  /** Task of the rows of the metric; or `text`, `cv-bench`, `views`, or `all` for metrics of every completion. */
  task: Task | 'text' | 'cv-bench' | 'views' | 'all';
  metric: string;
}

/**
 * Computes every metric of the rows, by group. A group has the metrics of its tasks and of every completion. Open
 * answers add text metrics, and several answers per question add pass@k. Excludes rows that cannot be scored
 * (`problem`). The same rows always have the same interval.
 */
export function summarise(rows: readonly ScoredRow[], groupOf: (row: ScoredRow) => string): MetricRow[] {
  return [...groupBy(rows, groupOf)].flatMap(([group, all]) => {
    const usable = all.filter(({ score }) => score.problem === undefined);
    const labelled = (task: MetricRow['task'], metrics: Record<string, Metric>): MetricRow[] =>
      Object.entries(metrics).map(([metric, figures]) => ({ group, task, metric, ...figures }));
    const tasks = [...groupBy(usable, ({ score }) => score.task)] as [Task, ScoredRow[]][];
    const text = tasks.some(([task]) => OPEN_TASKS.some((open) => open === task))
      ? usable.filter(({ score }) => TEXT_TASKS.includes(score.task))
      : [];
    return [
      ...tasks.flatMap(([task, ofTask]) =>
        labelled(task, { ...means(ofTask, measuresOf(task)), ...passMetrics(ofTask) }),
      ),
      ...labelled('cv-bench', { ...cvBench(usable), ...cvPasses(usable) }),
      ...labelled('views', viewConsistency(usable)),
      ...labelled('text', textMetrics(text)),
      ...labelled('all', means(usable, COMMON)),
    ];
  });
}

/** Computes pass@k of each task of CV-Bench, such as `count_pass@4`. */
const cvPasses = (rows: readonly ScoredRow[]): Record<string, Metric> =>
  Object.fromEntries(
    CV_TASKS.flatMap((task) =>
      Object.entries(passMetrics(rows.filter((row) => cvTaskOf(row) === task))).map(([name, metric]) => [
        `${task.toLowerCase()}_${name}`,
        metric,
      ]),
    ),
  );

/** Returns the metrics of a task, typed for scores of any task. The caller must pass only rows of this task. */
export const measuresOf = (task: Task): Record<string, Measure> => MEASURES[task] as Record<string, Measure>;

function means(rows: readonly ScoredRow[], measures: Record<string, Measure>): Record<string, Metric> {
  const metrics: Record<string, Metric> = {};
  for (const [name, measure] of Object.entries(measures)) {
    const metric = measured(rows, measure, name);
    if (metric) metrics[name] = metric;
  }
  return metrics;
}

/** Computes the mean of a metric, or its bounds; null if the metric includes no row. */
function measured(
  rows: readonly ScoredRow[],
  // A metric that is a count has no upper limit.
  { of, unit = 'share', span = unit === 'count' ? [0, Infinity] : undefined, accuracy }: Measure,
  name: string,
): Metric | null {
  const counted = rows.flatMap((row) => {
    const value = of(row.score, row);
    return value === null ? [] : [{ row, cluster: imageKey(row), ...rangeOf(value) }];
  });
  if (counted.length === 0) return null;
  const unparsed = rows.map(isUnparsed);
  const by_judge = name === 'accuracy' ? counted.filter(({ row }) => isByJudge(row)).length : 0;
  return {
    ...answersWithBounds(
      counted,
      unit === 'share' ? shareWithInterval : (values) => meanWithInterval(values, unit, span),
    ),
    ...(!unparsed.includes(null) && { unparsed: unparsed.filter(Boolean).length }),
    ...(by_judge > 0 && { by_judge }),
    ...(accuracy && chanceOfAnswers(counted)),
  };
}

/**
 * Computes pass@1, 2, 4 … up to the number of completions per question, for questions that can be right or wrong. {} if
 * every question has one completion. All values use only questions with enough completions for the largest k, so that
 * pass@k never decreases with k. With unscored answers, the bounds assume that all of these are wrong, or all right.
 * @param verdict returns the score of a row; `undefined` if the row can be neither right nor wrong
 */
export function passMetrics<R extends ScoredRow>(
  rows: readonly R[],
  verdict: (row: R) => boolean | null | undefined = (row) => (isScorable(row) ? verdictOf(row) : undefined),
): Record<string, Metric> {
  const problems = [...groupBy(rows, problemKey).values()].flatMap((group) => {
    const verdicts = (group as R[]).map(verdict);
    if (verdicts.includes(undefined)) return [];
    const count = (which: boolean | null) => verdicts.filter((each) => each === which).length;
    return [{ row: group[0]!, n: group.length, right: count(true), unknown: count(null) }];
  });
  const most = problems.reduce((greatest, { n }) => Math.max(greatest, n), 1);
  const last = 2 ** Math.floor(Math.log2(most));
  const metrics: Record<string, Metric> = {};
  for (let k = 1; most > 1 && k <= last; k *= 2) {
    const tried = problems
      .filter(({ n }) => n >= last)
      .map(({ row, n, right, unknown }) => {
        const [low, high] = [passAtK(n, right, k)!, passAtK(n, right + unknown, k)!];
        return { row, cluster: imageKey(row), low, high };
      });
    const chances = tried.map(({ row }) => chanceOf(row)).map((p) => (p === null ? null : chanceAtK(p, k)));
    metrics[`pass@${k}`] = { ...withBounds(tried), ...meanChance(chances) };
  }
  return metrics;
}

/**
 * Computes text metrics over all answers that are sentences, regardless of their task: mean sentence BLEU (smoothing
 * 1), corpus BLEU, and SBERT.
 */
function textMetrics(rows: readonly ScoredRow[]): Record<string, Metric> {
  if (rows.length === 0) return {};
  const counted = rows.map((row) => ({
    cluster: imageKey(row),
    sums: bleuCounts(scoredText(row.score), referenceOf(row)),
  }));
  const sentence = (n: number): Metric =>
    shareWithInterval(counted.map(({ cluster, sums }) => ({ cluster, value: sentenceBleu(sums, n) })));
  const corpus = (n: number): Metric => {
    const { value, interval } = jackknife(counted, (sums) => corpusBleu(sums, n));
    return { value, unit: 'share', n: rows.length, ...(interval && { interval: withinShare(interval) }) };
  };
  return {
    bleu1: sentence(1),
    bleu2: sentence(2),
    corpus_bleu1: corpus(1),
    corpus_bleu2: corpus(2),
    ...means(rows, { sbert: TEXT.sbert }),
  };
}

/** Name for custom metrics in place of a task. */
export const OWN = 'own';

type Row = ScoredRow & Pick<EvaluationRow, 'metrics'>;

/** Computes the means of custom metrics, by name. @param shares names of metrics whose values are within 0–1 */
export function ownMetrics(rows: readonly Row[], shares: ReadonlySet<string>): Record<string, Metric> {
  const names = new Set(rows.flatMap(({ metrics = {} }) => Object.keys(metrics)));
  const valuesOf = (name: string) =>
    rows.flatMap((row) => {
      const value = row.metrics?.[name]?.value;
      return value === undefined ? [] : [{ cluster: imageKey(row), value }];
    });
  return Object.fromEntries(
    [...names].map((name) => [
      name,
      shares.has(name) ? shareWithInterval(valuesOf(name)) : meanWithInterval(valuesOf(name), 'count'),
    ]),
  );
}

/** Returns the names of custom metrics whose values are all within 0–1. */
export function ownShares(rows: readonly Row[]): Set<string> {
  const all = rows.flatMap(({ metrics = {} }) => Object.entries(metrics));
  const outside = new Set(all.flatMap(([name, { value }]) => (value < 0 || value > 1 ? [name] : [])));
  return new Set(all.map(([name]) => name).filter((name) => !outside.has(name)));
}
