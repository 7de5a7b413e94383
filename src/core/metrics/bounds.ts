import { mean } from '../../base/numbers.ts';
import type { Metric } from '../evaluation/results.ts';
import { chanceOf, meanChance } from './chance.ts';
import { shareWithInterval } from './share.ts';
import { groupBy, problemKey, type ScoredRow } from '../evaluation/scored-row.ts';
import { compare, type Compare, type Comparison, type Value } from './statistics.ts';

/** What something adds to a figure: from `low` to `high`, which are equal where it is known. */
export interface Range {
  low: number;
  high: number;
}

/** What one row adds, and the image that it is about. */
export interface Possible extends Range {
  cluster: string;
}

/** What a verdict adds to a share: 1 if right, 0 if wrong, anything between where it is not known. */
export const possible = (right: boolean | null): Range =>
  right === null ? { low: 0, high: 1 } : { low: Number(right), high: Number(right) };

/**
 * The share of a question's answers that are right: what one more answer of the same model is expected to add, whatever
 * the number of answers. `low` counts those that are not scored as wrong, `high` as right. The list must not be empty.
 */
export const shareRight = (verdicts: readonly (boolean | null)[]): Range =>
  meanRange(verdicts.map(possible))!;

/** The mean of what may not be known; null without any. */
export function meanRange(ranges: readonly Range[]): Range | null {
  const [low, high] = [mean(ranges.map((range) => range.low)), mean(ranges.map((range) => range.high))];
  return low === null || high === null ? null : { low, high };
}

/** The chance that an answer to each of two questions is right: (c/n)(c′/n′), over all their pairs of answers. */
export const both = (one: Range, other: Range): Range => ({
  low: one.low * other.low,
  high: one.high * other.high,
});

export const exactly = (value: number): Range => ({ low: value, high: value });

/** The number of answers that a figure of questions is of, where it is not one answer each. */
export const ofAnswers = (answers: number, questions: number): Pick<Metric, 'answers'> =>
  answers === questions ? {} : { answers };

export const wrong = ({ low, high }: Range): Range => ({ low: 1 - high, high: 1 - low });

/** What a difference adds, one less the other. */
export const less = (range: Range, other: Range): Range => ({
  low: range.low - other.high,
  high: range.high - other.low,
});

/**
 * A figure of rows of which some are not known. Where all are, it is the figure itself; else only `bounds` of it are
 * known: what it would be if everything unknown came out low, and if it came out high. Every other completion lies
 * between. The interval goes from the low end of the one's to the high end of the other's.
 * @param figure of known values; must not fall where a value rises
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

/** What an answer adds. */
export interface PossibleAnswer extends Possible {
  row: ScoredRow;
}

/** Answers by question: the first of each, with the mean over all of them. */
export const byQuestion = <A extends PossibleAnswer>(answers: readonly A[]): A[] =>
  [...groupBy(answers, ({ row }) => problemKey(row)).values()].map((all) => ({
    ...all[0]!,
    ...meanRange(all)!,
  }));

/**
 * A figure of questions, each by the mean over its answers: that of one answer to each, whatever the number of answers, as
 * is Pass@1, with the same interval. `n` counts the answers.
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

/** What guessing reaches in the same questions. */
export const chanceOfAnswers = (answers: readonly PossibleAnswer[]): Pick<Metric, 'chance' | 'chance_n'> =>
  meanChance(
    answers.map(({ row }) => chanceOf(row)),
    byQuestion(answers).map(({ row }) => chanceOf(row)),
  );

/** The figure that lies between two, of the same rows. */
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
 * Compares what may be not known, second minus first. Where all is, this is `compare`; else only the least and the
 * greatest difference can be told, and there is no test.
 * @param options as of `compare`
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
    // What the first has right even if its unknown ones are wrong, and the second wrong even if its are right.
    ...(options.binary && { only_first: most.only_first!, only_second: least.only_second! }),
  };
}

/** The least and the greatest share of right answers, among verdicts of which some are not known; null without any. */
export function shareBounds(verdicts: readonly (boolean | null)[]): [low: number, high: number] | null {
  const range = meanRange(verdicts.map(possible));
  return range && [range.low, range.high];
}

/** The mean of what may not be known, as a figure has it: a value, or its bounds. The list must not be empty. */
export function valueOrBounds(ranges: readonly Range[]): Pick<Metric, 'value' | 'bounds'> {
  const { low, high } = meanRange(ranges)!;
  return low === high ? { value: low } : { value: null, bounds: [low, high] };
}

/** The value between bounds, if there is only one. */
export const valueWithin = ([low, high]: readonly [number, number]): number | null =>
  low === high ? low : null;

/** Whether it does not hold; null if that is not known. */
export const not = (holds: boolean | null): boolean | null => (holds === null ? null : !holds);

/** Whether both are right: wrong if one surely is, whatever the other is. */
export const bothRight = (one: boolean | null, other: boolean | null): boolean | null =>
  one === false || other === false ? false : one === null || other === null ? null : true;
