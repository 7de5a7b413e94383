import { bleuCounts, bleuTokens, sentenceBleu } from '../answers/bleu.ts';
import { parseCount } from '../answers/read-count.ts';
import { referenceOf } from '../answers/score-row.ts';
import { scoredText } from '../answers/verdict.ts';
import type { Task } from '../answers/score.ts';
import type { Score, TaskScores } from '../answers/score-schema.ts';
import { indexOfLetter } from '../../base/item-names.ts';
import { possible, type Range } from './bounds.ts';
import type { COMMON_NAMES, MeasureName, TEXT_NAMES } from './measure-names.ts';
import type { Unit } from './metric.ts';
import type { Span } from './statistics.ts';
import { verdictOf, type ScoredRow } from '../evaluation/scored-row.ts';

/** Returns the symmetric error |p − g| / ((|p| + |g|)/2), 0–200% (R12; the ×100 in the paper is misplaced). */
export function smape(predicted: number, reference: number): number {
  const scale = (Math.abs(predicted) + Math.abs(reference)) / 2;
  return scale === 0 ? 0 : (100 * Math.abs(predicted - reference)) / scale;
}

/**
 * Returns the relative accuracy of VSI-Bench, 0–1: the share of thresholds t = 0.50, 0.55 … 0.95 with |p − g|/g ≤ 1 −
 * t. The mean over rows is MRA. The reference answer must be positive.
 */
export function relativeAccuracy(predicted: number, reference: number): number {
  // Compares rounded twentieths, because 1 − 0.95 is not exactly 0.05.
  const error = Number(((20 * Math.abs(predicted - reference)) / reference).toPrecision(12));
  let passed = 0;
  for (let twentieths = 1; twentieths <= 10; twentieths++) if (error <= twentieths) passed += 1;
  return passed / 10;
}

/** Returns 1 if a measurement is within a tenth of the reference answer, otherwise 0. */
const withinTenth = (predicted: number | null, reference: number): number =>
  Number(predicted !== null && Number((Math.abs(predicted - reference) / reference).toPrecision(12)) <= 0.1);

/** Contribution of an unscored row, which could be 0 or 1. */
export const NOT_KNOWN = 'not known';

/**
 * Metric that is a mean over rows. `of` returns a row's contribution in the metric's unit, or null to exclude the row
 * from the denominator also. A row whose answer must be right or wrong is never excluded, even if unscored.
 */
export interface Measure<S = Score> {
  of: (score: S, row: ScoredRow) => number | typeof NOT_KNOWN | null;
  /** Unit of the metric; `share` if absent. */
  unit?: Unit;
  /** Lowest and highest possible contribution of a row, if other than 0 and 1. */
  span?: Span;
  /** True if the values are 0 and 1 for wrong and right answers, so that chance and McNemar's test apply. */
  accuracy?: true;
}

/** Returns a contribution as a range: 0 to 1 for an unscored row. */
export const rangeOf = (value: number | typeof NOT_KNOWN): Range =>
  value === NOT_KNOWN ? possible(null) : { low: value, high: value };

type ScoreOf<T extends Task> = Extract<Score, { task: T }>;

/** Share of parsed rows within a tolerance window. In contrast, the denominator of `success` is all rows (R13). */
const inWindow = (window: TaskScores['distance']['in_range']): Measure<TaskScores['distance']> => ({
  of: (score) => (score.completed ? Number(score.in_range === window) : null),
});

/** Scores of a judge, and the judge's failure rate [B-43]. These add to the scores by rules, if any (R43). */
const judged = {
  judge: { of: ({ judge }: Score) => (judge === undefined ? null : (judge ?? NOT_KNOWN)), accuracy: true },
  judge_failed: { of: ({ judge }: Score) => (judge === undefined ? null : Number(judge === null)) },
} satisfies Record<string, Measure>;

/** Accuracy by the rules, or by a judge if the rules do not decide. */
const freely = {
  accuracy: {
    of: (score: Score) => {
      const right = verdictOf({ score });
      return right === null ? NOT_KNOWN : Number(right);
    },
    accuracy: true,
  },
} satisfies Record<string, Measure>;

export const MEASURES: { [T in Task]: Record<MeasureName<T>, Measure<ScoreOf<T>>> } = {
  format: {},
  distance: {
    success: { of: ({ success }) => Number(success), accuracy: true },
    completed: { of: ({ completed }) => Number(completed) },
    smape: {
      of: ({ parsed_m, gt_m }) => (parsed_m === null ? null : smape(parsed_m, gt_m!)),
      unit: 'percent',
      span: [0, 200],
    },
    in_range_50_100: inWindow('50-100'),
    in_range_100_150: inWindow('100-150'),
    in_range_150_200: inWindow('150-200'),
    within_50_200: { of: ({ within_50_200 }) => Number(within_50_200), accuracy: true },
    within_10: { of: ({ parsed_m, gt_m }) => withinTenth(parsed_m, gt_m!), accuracy: true },
    mra: { of: ({ parsed_m, gt_m }) => (parsed_m === null ? 0 : relativeAccuracy(parsed_m, gt_m!)) },
  },
  area: {
    success: { of: ({ success }) => Number(success), accuracy: true },
    within_10: { of: ({ parsed_m2, gt_m2 }) => withinTenth(parsed_m2, gt_m2!), accuracy: true },
    mra: { of: ({ parsed_m2, gt_m2 }) => (parsed_m2 === null ? 0 : relativeAccuracy(parsed_m2, gt_m2!)) },
  },
  yesno: { ...freely, ...judged },
  mcq: {
    accuracy: { of: ({ correct }) => Number(correct), accuracy: true },
    /** Metric `close_call` for choices that are numbers, as for counts. */
    close_call: {
      of: ({ parsed, gt_parsed, correct }, { choices = [] }) => {
        const counts = choices.map((text) => parseCount(text));
        if (correct || counts.length === 0 || counts.includes(null)) return null;
        const countAt = (letter: string | null) => (letter === null ? NaN : counts[indexOfLetter(letter)]!);
        return Number(Math.abs(countAt(parsed) - countAt(gt_parsed)) === 1);
      },
    },
  },
  number: {
    ...freely,
    /** Share of answers within 10%, only for measurements such as weights and speeds. */
    within_10: {
      of: ({ within_10 }) => (within_10 === undefined ? null : Number(within_10)),
      accuracy: true,
    },
  },
  side: { ...freely, ...judged },
  choice: { ...freely, ...judged },
  name: { ...freely, ...judged },
  open: judged,
  untyped: {
    // If a row declares the task `untyped`, only the text is compared.
    accuracy: {
      of: (score) => (score.correct === undefined ? null : freely.accuracy.of(score)),
      accuracy: true,
    },
    ...judged,
  },
  count: {
    ...freely,
    close_call: { of: ({ correct, close_call }) => (correct === false ? Number(close_call) : null) },
    mra: {
      of: ({ parsed, gt_parsed }) => {
        if (parsed === null) return 0;
        return gt_parsed === 0 ? Number(parsed === 0) : relativeAccuracy(parsed, gt_parsed!);
      },
    },
  },
  bbox: {
    miou: { of: ({ iou }) => iou },
    acc75: { of: ({ acc75 }) => Number(acc75), accuracy: true },
  },
  point: {
    accuracy: { of: ({ inside }) => (inside === undefined ? null : Number(inside)), accuracy: true },
    inside_share: {
      of: ({ inside, inside_share }) => (inside === undefined ? null : (inside_share ?? Number(inside))),
    },
  },
  judge: { accuracy: { of: ({ parsed }) => parsed ?? NOT_KNOWN, accuracy: true } },
  scenegraph: {
    found: { of: ({ source }) => Number(source !== 'raw') },
    valid_json: { of: ({ valid_json }) => Number(valid_json) },
    objects: { of: ({ objects }) => objects, unit: 'count' },
    relations: { of: ({ relations }) => relations, unit: 'count' },
  },
  flipjson: {
    ok: { of: ({ ok }) => Number(ok) },
    verified: { of: ({ verified }) => Number(verified), accuracy: true },
  },
};

/** Metrics of every completion, regardless of its task. */
export const COMMON: Record<(typeof COMMON_NAMES)[number], Measure> = {
  format_ok: { of: ({ format_ok }) => Number(format_ok) },
  /** Share of answers that strict extraction found. Text metrics of other answers do not measure meaning (R19). */
  extracted: { of: ({ answer_text_strict }) => Number(answer_text_strict !== null) },
  credit: { of: ({ credit }) => credit ?? null },
  answer_words: { of: (score) => bleuTokens(scoredText(score)).length, unit: 'count' },
  reference_words: { of: (_, row) => bleuTokens(referenceOf(row)).length, unit: 'count' },
  reasoning_words: { of: (_, row) => row.reasoning_words, unit: 'count' },
  ...judged,
};

/** Metrics of answers that are sentences, with one value per row. */
export const TEXT: Record<(typeof TEXT_NAMES)[number], Measure> = {
  bleu1: { of: (score, row) => sentenceBleu(bleuCounts(scoredText(score), referenceOf(row)), 1) },
  bleu2: { of: (score, row) => sentenceBleu(bleuCounts(scoredText(score), referenceOf(row)), 2) },
  sbert: { of: ({ sbert }) => sbert ?? null },
};
