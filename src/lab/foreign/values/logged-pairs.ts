import { sum } from '../../../base/numbers.ts';
import type { ArrayRef, TracedPair } from '../../../core/run-data/trace.ts';
import type { Group } from './cut-groups.ts';
import type { Interpretation } from '../../../core/run-data/interpretation.ts';
import { completionText, idOf, numberOf, questionOf, type LoggedRow } from './logged-row.ts';
import { ORIGINAL } from '../../../rows/view-list.ts';

export interface RewardColumns {
  names: readonly string[];
  /** Weights of the rewards by name; null if unknown. */
  weights: Readonly<Record<string, number>> | null;
}

/**
 * Returns the total reward of a row: the stored total, else the weighted sum of the parts that have a value. Null if
 * both are unknown.
 */
export function totalOf(
  reward: number | null,
  partOf: (name: string) => number | null,
  { names, weights }: RewardColumns,
): number | null {
  if (reward !== null || !weights) return reward;
  const parts = names.flatMap((name) => {
    const value = partOf(name);
    return value === null ? [] : [value * (weights[name] ?? 0)];
  });
  return parts.length === 0 ? null : sum(parts);
}

/** Storage for the tokens and log-probabilities of completions. */
export interface ArrayWriter {
  int32(values: readonly number[]): ArrayRef;
  float32(values: readonly number[]): ArrayRef;
}

interface PairsOptions {
  rewards: RewardColumns;
  right: Interpretation['right'];
  /** Number of the first pair in the step. */
  from: number;
  /** Storage to which tokens and log-probabilities are written. Without storage, pairs have none. */
  arrays?: ArrayWriter | undefined;
}

/** Returns the groups of a step as pairs that have only one view. Values that the trainer did not store are null. */
export function pairsOf(
  step: number,
  rows: readonly LoggedRow[],
  groups: readonly Group[],
  options: PairsOptions,
): TracedPair[] {
  return groups.map(({ at, phase, isUncertain }, i): TracedPair => {
    const first = rows[at[0]!]!;
    const { reference } = first;
    const pair = options.from + i;
    return {
      step,
      pair,
      sample: idOf(first) ?? `${step}/${pair}`,
      kept: null,
      why: null,
      delta: null,
      penalised: null,
      effect: null,
      verdict: null,
      ...(phase && { logged_by: phase }),
      ...(isUncertain && { group_uncertain: true }),
      views: [
        {
          view: ORIGINAL,
          question: questionOf(first.prompt),
          answer: at.every((i) => rows[i]!.reference === reference) ? reference : null,
          images: first.images,
          group: at.map((i) => completionOf(rows[i]!, options)),
        },
      ],
    };
  });
}

function completionOf(row: LoggedRow, { rewards, right, arrays }: PairsOptions) {
  const partOf = (name: string) => numberOf(row.columns[name]);
  const parts = rewards.names.flatMap((name) => {
    const value = partOf(name);
    return value === null ? [] : [[name, { value, why: null }] as const];
  });
  const sampled = arrays &&
    row.sampled && {
      tokens: arrays.int32(row.sampled.tokens),
      logprobs: arrays.float32(row.sampled.logprobs),
    };
  const judged = right === null ? null : partOf(right);
  return {
    segments: [{ stage: 'answer', text: completionText(row.completion), stop_reason: null, ...sampled }],
    answer_text: null,
    right: judged === null ? null : judged === 1,
    rewards: Object.fromEntries(parts),
    penalty: null,
    reward: totalOf(row.reward, partOf, rewards),
    advantage: row.advantage,
  };
}
