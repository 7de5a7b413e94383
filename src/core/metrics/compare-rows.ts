import type { Task } from '../answers/score.ts';
import { isNotJudged } from '../answers/verdict.ts';
import {
  type Range,
  both,
  compareWithBounds,
  less,
  meanRange,
  ofAnswers,
  shareRight,
  valueOrBounds,
  withBounds,
} from './bounds.ts';
import { NOT_KNOWN, rangeOf } from './measures.ts';
import type { Unit } from './metric.ts';
import type { Metric } from '../evaluation/results.ts';
import {
  type QuestionPair,
  type ScoredRow,
  groupBy,
  imageKey,
  isScorable,
  pairedQuestions,
  problemKey,
  verdictOf,
} from '../evaluation/scored-row.ts';
import { shareWithInterval } from './share.ts';
import { type Comparison, gapWithInterval } from './statistics.ts';
import { measuresOf } from './summarise.ts';
import { mean, sum } from '../../base/numbers.ts';
import { ORIGINAL, POLARITY, viewOfRow, type ViewId } from '../../rows/view-list.ts';

/** Comparison of two runs by one metric, on the rows that the metric includes for both runs. */
export interface ComparisonRow extends Comparison {
  task: Task;
  metric: string;
  unit: Unit;
  /** Value of the first run. Null if some rows are not scored; then the bounds contain the value. */
  first: number | null;
  second: number | null;
  first_bounds?: [number, number];
  second_bounds?: [number, number];
}

/**
 * Compares two runs by every metric of their tasks, on questions with the same set, view and id. Each question counts
 * by the mean over its answers, regardless of the number of answers. A metric over parsed answers uses questions with
 * parsed answers in both runs.
 */
export function compareRuns(first: readonly ScoredRow[], second: readonly ScoredRow[]): ComparisonRow[] {
  const pairs = pairedQuestions(first, second).flatMap(({ rows, others }) => {
    const task = [...rows, ...others].some(({ score }) => score.problem)
      ? null
      : taskOfPair(rows[0], others[0]);
    return task === null ? [] : [{ rows, others, task }];
  });
  return [...groupBy(pairs, ({ task }) => task)].flatMap(([task, ofTask]) =>
    Object.entries(measuresOf(task as Task)).flatMap(([metric, { of, unit = 'share', span, accuracy }]) => {
      const meanOfAnswers = (rows: readonly ScoredRow[]): Range | null => {
        const ranges = rows.flatMap((row) => {
          const value = row.score.task === task ? of(row.score, row) : accuracy ? NOT_KNOWN : null;
          return value === null ? [] : [rangeOf(value)];
        });
        return meanRange(ranges);
      };
      const values = ofTask.flatMap(({ rows, others }) => {
        const [a, b] = [meanOfAnswers(rows), meanOfAnswers(others)];
        return a && b ? [{ cluster: imageKey(rows[0]), first: a, second: b }] : [];
      });
      if (values.length === 0) return [];
      const [a, b] = (['first', 'second'] as const).map((side) =>
        valueOrBounds(values.map((pair) => pair[side])),
      ) as [Pick<Metric, 'value' | 'bounds'>, Pick<Metric, 'value' | 'bounds'>];
      return [
        {
          task: task as Task,
          metric,
          unit,
          first: a.value,
          second: b.value,
          ...(a.bounds && { first_bounds: a.bounds }),
          ...(b.bounds && { second_bounds: b.bounds }),
          ...compareWithBounds(values, {
            binary: accuracy,
            most: span?.[1] ?? (unit === 'share' ? 1 : Infinity),
          }),
        },
      ];
    }),
  );
}

/**
 * Returns the task of a question; null if the runs disagree. If an external program did not score an answer
 * (`judgedRow`), the other run determines the task.
 */
function taskOfPair(row: ScoredRow, other: ScoredRow): Task | null {
  const [a, b] = [row.score.task, other.score.task];
  if (a === b) return a;
  if (a === 'untyped' && isNotJudged(row.score)) return b;
  return b === 'untyped' && isNotJudged(other.score) ? a : null;
}

/**
 * Change from a set (in distribution, ID) to its modified form (out of distribution, OOD), in points and in two
 * percentages that are easily confused (R20): relative to ID, and relative to a base model's OOD score.
 */
export interface Gap {
  /** OOD accuracy minus ID accuracy, in points. A negative value is a loss. */
  points: number;
  /** OOD accuracy / ID accuracy − 1, in percent; null if the latter is 0. */
  relative: number | null;
  /** OOD / base model's OOD − 1, in percent (paper A's −4.5% and +19.5%); present only with a base model. */
  relative_to_base?: number | null;
}

/** Computes the OOD gap from two or three accuracies, as shares 0–1. */
export function oodGap(id: number, ood: number, baseOod?: number): Gap {
  const over = (reference: number) => (reference === 0 ? null : 100 * (ood / reference - 1));
  return {
    points: 100 * (ood - id),
    relative: over(id),
    ...(baseOod !== undefined && { relative_to_base: over(baseOod) }),
  };
}

type ShiftPair = QuestionPair<ScoredRow>;

/** Returns the questions of two files as pairs with the same view and id; the evaluation sets can differ. */
export const shiftPairs = (id: readonly ScoredRow[], ood: readonly ScoredRow[]): ShiftPair[] =>
  pairedQuestions(id, ood, (row) => problemKey({ ...row, set: '' }));

export const oppositePairs = (rows: readonly ScoredRow[]): ShiftPair[] => {
  const ofView = (view: ViewId) => rows.filter((row) => viewOfRow(row) === view);
  return shiftPairs(
    ofView(ORIGINAL),
    ofView(POLARITY).map((row) => ({ ...row, view: ORIGINAL })),
  );
};

/**
 * Computes metrics of questions in both forms, over all their answers: accuracies, gap, pair accuracy, and inversion
 * rate. The inversion rate is the share of OOD answers that equal an ID answer, among questions with two possible
 * answers whose right answer has changed. It measures insensitivity to wording directly.
 */
export function shiftMetrics(pairs: readonly ShiftPair[]): Record<string, Metric> {
  const scorable = pairs.filter(({ rows, others }) => [...rows, ...others].every(isScorable));
  const answers = ofAnswers(
    sum(scorable.map(({ rows, others }) => rows.length + others.length)),
    2 * scorable.length,
  );
  const twoChoice = scorable.flatMap(({ rows, others }) => {
    const [before, after] = [rows, others].map((all) => all.flatMap((row) => twoChoiceAnswer(row) ?? []));
    const changes = before![0] && after![0] && before![0].right !== after![0].right;
    return changes ? [{ cluster: imageKey(rows[0]), before: before!, after: after! }] : [];
  });
  const repeated = twoChoice.flatMap(({ cluster, before, after }) => {
    const read = (all: typeof before) => all.flatMap(({ given }) => given ?? []);
    const repeats = read(before).flatMap((given) => read(after).map((other) => Number(given === other)));
    return repeats.length > 0 ? [{ cluster, value: mean(repeats)! }] : [];
  });
  const shares = scorable.map(({ rows, others }) => ({
    cluster: imageKey(rows[0]),
    id: shareRight(rows.map(verdictOf)),
    ood: shareRight(others.map(verdictOf)),
  }));
  const figure = (of: (id: Range, ood: Range) => Range, interval = shareWithInterval): Metric => ({
    ...withBounds(
      shares.map(({ cluster, id, ood }) => ({ cluster, ...of(id, ood) })),
      interval,
    ),
    ...answers,
  });
  return {
    id: figure((id) => id),
    ood: figure((_, ood) => ood),
    gap: figure((id, ood) => less(ood, id), gapWithInterval),
    both_right: figure(both),
    inversion: { ...shareWithInterval(repeated), unparsed: twoChoice.length - repeated.length },
  };
}

/**
 * Returns the model's answer and the reference answer to a question with two possible answers, as a letter or yes/no;
 * null for other questions.
 */
function twoChoiceAnswer({
  score,
  choices,
}: ScoredRow): { given: string | null; right: string | null } | null {
  const twoChoice = score.task === 'yesno' || (score.task === 'mcq' && choices?.length === 2);
  return twoChoice ? { given: score.parsed, right: score.gt_parsed } : null;
}
