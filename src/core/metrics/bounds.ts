import { mean } from '../../base/numbers.ts';
import type { Metric } from '../evaluation/results.ts';
import { chanceOf, meanChance } from './chance.ts';
import { shareWithInterval } from './share.ts';
import { groupBy, problemKey, type ScoredRow } from '../evaluation/scored-row.ts';
import { compare, type Compare, type Comparison, type Value } from './statistics.ts';

/** Contribution to a metric, from `low` to `high`. Both ends are equal for a known contribution. */
export interface Range {
  low: number;
  high: number;
}

/** Contribution of one row to a metric, and the key of the row's image. */
export interface Possible extends Range {
  cluster: string;
}

/** Returns the contribution of an answer to a share: 1 if right, 0 if wrong, 0 to 1 if unknown. */
export const possible = (right: boolean | null): Range =>
  right === null ? { low: 0, high: 1 } : { low: Number(right), high: Number(right) };

/**
 * Returns the share of a question's answers that are right, which is the expected value of one more answer. For `low`,
 * unscored answers count as wrong; for `high`, as right. The list must not be empty.
 */
export const shareRight = (verdicts: readonly (boolean | null)[]): Range =>
  meanRange(verdicts.map(possible))!;

/** Returns the mean of ranges; null for an empty list. */
export function meanRange(ranges: readonly Range[]): Range | null {
  const [low, high] = [mean(ranges.map((range) => range.low)), mean(ranges.map((range) => range.high))];
  return low === null || high === null ? null : { low, high };
}

/** Returns the probability that answers to two questions are both right: (c/n)(c′/n′), over all answer pairs. */
export const both = (one: Range, other: Range): Range => ({
  low: one.low * other.low,
  high: one.high * other.high,
});

export const exactly = (value: number): Range => ({ low: value, high: value });

/** Returns the number of answers in a metric of questions; {} if each question has one answer. */
export const ofAnswers = (answers: number, questions: number): Pick<Metric, 'answers'> =>
  answers === questions ? {} : { answers };

export const wrong = ({ low, high }: Range): Range => ({ low: 1 - high, high: 1 - low });

/** Returns the range of the difference between two ranges, `range` minus `other`. */
export const less = (range: Range, other: Range): Range => ({
  low: range.low - other.high,
  high: range.high - other.low,
});

/**
 * Computes a metric of rows with possibly unknown contributions. If all contributions are known, returns the metric.
 * Otherwise returns only its `bounds`, with all unknown contributions at their low or at their high end. The interval
 * is from the lower end for the lower bound to the upper end for the upper bound.
 * @param figure metric of known values; must not decrease if a value increases
 */
export function withBounds(
  values: readonly Possible[],
  figure: (values: Value[]) => Metric = shareWithInterval,
): Metric {
  const [low, high] = (['low', 'high'] as const).map((end) =>
    figure(values.map((value) => ({ cluster: value.cluster, value: value[end] }))),
  ) as [Metric, Metric];
  const not_judged = values.filter((value) => value.low < value.high).length;
  return not_judged === 0 ? low : between(low, high, not_judged);
}

export interface PossibleAnswer extends Possible {
  row: ScoredRow;
}

/** Merges the answers to each question: the first answer, with the mean contribution of all. */
export const byQuestion = <A extends PossibleAnswer>(answers: readonly A[]): A[] =>
  [...groupBy(answers, ({ row }) => problemKey(row)).values()].map((all) => ({
    ...all[0]!,
    ...meanRange(all)!,
  }));

/**
 * Computes a metric of questions, each by the mean over its answers. As for pass@1, the number of answers per question
 * changes neither the expected value nor the kind of interval. `n` is the number of answers.
 */
export function answersWithBounds(
  answers: readonly PossibleAnswer[],
  figure?: (values: Value[]) => Metric,
): Metric {
  const not_judged = answers.filter(({ low, high }) => low < high).length;
  return {
    ...withBounds(byQuestion(answers), figure),
    n: answers.length,
    ...(not_judged > 0 && { not_judged }),
  };
}

export const chanceOfAnswers = (answers: readonly PossibleAnswer[]): Pick<Metric, 'chance' | 'chance_n'> =>
  meanChance(
    answers.map(({ row }) => chanceOf(row)),
    byQuestion(answers).map(({ row }) => chanceOf(row)),
  );

export function between(low: Metric, high: Metric, not_judged: number): Metric {
  const { unit, n } = low;
  return {
    value: null,
    unit,
    n,
    ...(low.value !== null && high.value !== null && { bounds: [low.value, high.value] }),
    ...(low.interval && high.interval && { interval: [low.interval[0], high.interval[1]] }),
    not_judged,
  };
}

/**
 * Compares possibly unknown contributions, second minus first. If all contributions are known, this is `compare`;
 * otherwise only the lowest and the highest difference are known, and there is no test.
 */
export function compareWithBounds(
  pairs: readonly { cluster: string; first: Range; second: Range }[],
  options: Compare = {},
): Comparison {
  const compared = (first: 'low' | 'high', second: 'low' | 'high') =>
    compare(
      pairs.map((pair) => ({ cluster: pair.cluster, first: pair.first[first], second: pair.second[second] })),
      options,
    );
  const least = compared('high', 'low');
  const unknown = pairs.filter(({ first, second }) => first.low < first.high || second.low < second.high);
  if (unknown.length === 0) return least;
  const most = compared('low', 'high');
  return {
    difference: null,
    n: pairs.length,
    bounds: [least.difference!, most.difference!],
    not_judged: unknown.length,
    ...(least.interval && most.interval && { interval: [least.interval[0], most.interval[1]] }),
    p: null,
    // Counts only certain cases: unknown answers of one run count as wrong, and of the other run as right.
    ...(options.binary && { only_first: most.only_first!, only_second: least.only_second! }),
  };
}

/** Returns the lowest and the highest possible share of right answers if some are unknown; null for an empty list. */
export function shareBounds(verdicts: readonly (boolean | null)[]): [low: number, high: number] | null {
  const range = meanRange(verdicts.map(possible));
  return range && [range.low, range.high];
}

/** Returns the mean of ranges as a value, or as bounds if unknown. The list must not be empty. */
export function valueOrBounds(ranges: readonly Range[]): Pick<Metric, 'value' | 'bounds'> {
  const { low, high } = meanRange(ranges)!;
  return low === high ? { value: low } : { value: null, bounds: [low, high] };
}

/** Returns the value if both bounds are equal; null if the bounds differ. */
export const valueWithin = ([low, high]: readonly [number, number]): number | null =>
  low === high ? low : null;

/** Negates a value; null if the value is unknown. */
export const not = (holds: boolean | null): boolean | null => (holds === null ? null : !holds);

/** Returns whether both answers are right: false if one is certainly wrong, null if unknown. */
export const bothRight = (one: boolean | null, other: boolean | null): boolean | null =>
  one === false || other === false ? false : one === null || other === null ? null : true;
