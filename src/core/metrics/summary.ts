import { bleuCounts, corpusBleu, sentenceBleu } from '../answers/bleu.ts';
import { isRight, referenceOf, scoredText } from '../answers/score-row.ts';
import type { Task } from '../answers/score.ts';
import type { Random } from '../random.ts';
import { viewConsistency } from './consistency.ts';
import { cvBench } from './cv-bench.ts';
import { COMMON, type Measure, MEASURES } from './measures.ts';
import { mean, type Metric, withWidth } from './metric.ts';
import { chanceOf, groupBy, imageKey, isUnparsed, problemKey, type ScoredRow } from './scored-row.ts';
import { shareWithInterval } from './share.ts';
import { bootstrapInterval, meanWithInterval } from './statistics.ts';

/**
 * Pass@k of one problem with `n` completions of which `c` are right: 1 − C(n−c, k) / C(n, k), as a product so that
 * nothing overflows. The unbiased estimate of "at least one of k is right"; null when k > n. 0–1.
 */
export function passAtK(n: number, c: number, k: number): number | null {
  if (k > n || k < 1) return null;
  let allWrong = 1;
  for (let i = n - c + 1; i <= n; i++) allWrong *= 1 - k / i;
  return 1 - allWrong;
}

/** What k guesses reach, each right with probability p (R53: two choices and k = 4 give 93.75 %). */
export function chanceAtK(p: number, k: number): number {
  return 1 - (1 - p) ** k;
}

/** A metric of one group of rows: of all rows, or of one value of what they are grouped by. */
export interface MetricRow extends Metric {
  group: string;
  /** The task whose metric it is; or `text`, `cv-bench`, `views`, and `all` for what every completion has. */
  task: Task | 'text' | 'cv-bench' | 'views' | 'all';
  metric: string;
}

/** Tasks whose answers are sentences: BLEU of a letter or a number says nothing. */
export const TEXT_TASKS: readonly Task[] = ['open', 'untyped', 'distance', 'yesno', 'bbox'];

/**
 * Every metric of the rows: for each group the metrics of each task in it, the text metrics where open answers occur,
 * pass@k where questions were answered several times, and those that every completion has. Rows that cannot be judged
 * (`problem`) are left out. All intervals are of the same resamples: the same rows have the same one.
 */
export function summarise(
  rows: readonly ScoredRow[],
  groupOf: (row: ScoredRow) => string,
  random: Random,
): MetricRow[] {
  return [...groupBy(rows, groupOf)].flatMap(([group, all]) => {
    const usable = all.filter(({ score }) => score.problem === undefined);
    const labelled = (task: MetricRow['task'], metrics: Record<string, Metric>): MetricRow[] =>
      Object.entries(metrics).map(([metric, figures]) => ({ group, task, metric, ...figures }));
    const tasks = [...groupBy(usable, ({ score }) => score.task)] as [Task, ScoredRow[]][];
    const text = tasks.some(([task]) => task === 'open' || task === 'untyped')
      ? usable.filter(({ score }) => TEXT_TASKS.includes(score.task))
      : [];
    return [
      ...tasks.flatMap(([task, ofTask]) =>
        labelled(task, {
          ...means(ofTask, measuresOf(task), random),
          ...passMetrics(ofTask, random),
        }),
      ),
      ...labelled('cv-bench', cvBench(usable, random)),
      ...labelled('views', viewConsistency(usable, random)),
      ...labelled('text', textMetrics(text, random)),
      ...labelled('all', means(usable, COMMON, random)),
    ];
  });
}

/** The measures of a task, for scores of any task: the caller passes only rows of this one. */
export const measuresOf = (task: Task): Record<string, Measure> =>
  (MEASURES[task] ?? {}) as Record<string, Measure>;

function means(
  rows: readonly ScoredRow[],
  measures: Record<string, Measure>,
  random: Random,
): Record<string, Metric> {
  const metrics: Record<string, Metric> = {};
  for (const [name, measure] of Object.entries(measures)) {
    const metric = measured(rows, measure, random);
    if (metric) metrics[name] = metric;
  }
  return metrics;
}

/** The mean of a measure; null where no row is of it at all. */
function measured(
  rows: readonly ScoredRow[],
  { of, unit = 'share', accuracy }: Measure,
  random: Random,
): Metric | null {
  const counted = rows.flatMap((row) => {
    const value = of(row.score, row);
    return value === null ? [] : [{ row, cluster: imageKey(row), value }];
  });
  if (counted.length === 0) return null;
  const unparsed = rows.map(isUnparsed);
  const chances = counted.map(({ row }) => chanceOf(row));
  return {
    ...(unit === 'share' ? shareWithInterval(counted, random) : meanWithInterval(counted, random, unit)),
    ...(!unparsed.includes(null) && { unparsed: unparsed.filter(Boolean).length }),
    ...(accuracy && !chances.includes(null) && { chance: mean(chances as number[])! }),
  };
}

/** pass@1, 2, 4 … up to the completions per question, for questions that can be right or wrong; {} for one each. */
export function passMetrics<R extends ScoredRow>(
  rows: readonly R[],
  random: Random,
  rightOf: (row: R) => boolean | null = ({ score }) => isRight(score),
): Record<string, Metric> {
  const problems = [...groupBy(rows, problemKey).values()].flatMap((group) => {
    const right = (group as R[]).map(rightOf);
    return right.includes(null) ? [] : [{ row: group[0]!, n: group.length, c: right.filter(Boolean).length }];
  });
  const most = Math.max(0, ...problems.map(({ n }) => n));
  const metrics: Record<string, Metric> = {};
  for (let k = 1; most > 1 && k <= most; k *= 2) {
    const tried = problems.flatMap(({ row, n, c }) => {
      const value = passAtK(n, c, k);
      return value === null ? [] : [{ row, cluster: imageKey(row), value }];
    });
    const chances = tried.map(({ row }) => chanceOf(row));
    metrics[`pass@${k}`] = {
      ...shareWithInterval(tried, random),
      ...(!chances.includes(null) && {
        chance: mean((chances as number[]).map((p) => chanceAtK(p, k)))!,
      }),
    };
  }
  return metrics;
}

/** BLEU over all sentence answers, whatever their type: mean sentence BLEU (smoothing 1) and corpus BLEU; SBERT. */
function textMetrics(rows: readonly ScoredRow[], random: Random): Record<string, Metric> {
  if (rows.length === 0) return {};
  const counted = rows.map((row) => ({
    cluster: imageKey(row),
    sums: bleuCounts(scoredText(row.score), referenceOf(row)),
  }));
  const sentence = (n: number): Metric =>
    shareWithInterval(
      counted.map(({ cluster, sums }) => ({ cluster, value: sentenceBleu(sums, n) })),
      random,
    );
  const corpus = (n: number): Metric => {
    const statistic = (sums: readonly number[]) => corpusBleu(sums, n);
    const total = counted[0]!.sums.map((_, i) => counted.reduce((sum, { sums }) => sum + sums[i]!, 0));
    const interval = withWidth(bootstrapInterval(counted, statistic, random));
    return { value: statistic(total), unit: 'share', n: rows.length, ...(interval && { interval }) };
  };
  return {
    bleu1: sentence(1),
    bleu2: sentence(2),
    corpus_bleu1: corpus(1),
    corpus_bleu2: corpus(2),
    ...means(rows, { sbert: SBERT }, random),
  };
}

const SBERT: Measure = { of: (score) => score.sbert ?? null };
