import type { TracedPair } from '../trace.ts';
import type { Group } from './groups.ts';
import { completionText, numberOf, questionOf, type LoggedRow } from './logged-row.ts';
import { ORIGINAL } from '../../spatial/views/list.ts';

/** The reward that means "right", as chosen by a person: value 1 is right, every other value wrong. */
export type RightReward = string | null;

/** The columns that are rewards, and their weights. */
export interface RewardColumns {
  names: readonly string[];
  /** Weights by name; null if unknown. */
  weights: Readonly<Record<string, number>> | null;
}

/**
 * Returns the total reward of a row: the stored one, else the weighted sum of the parts that have a value; null if
 * neither is known.
 */
export function totalOf({ reward, columns }: LoggedRow, { names, weights }: RewardColumns): number | null {
  if (reward !== null || !weights) return reward;
  const parts = names.flatMap((name) => {
    const value = numberOf(columns[name]);
    return value === null ? [] : [value * (weights[name] ?? 0)];
  });
  return parts.length === 0 ? null : parts.reduce((sum, part) => sum + part, 0);
}

/** Returns the groups of a step as pairs with one view. Values that the trainer did not keep are null. */
export function pairsOf(
  step: number,
  rows: readonly LoggedRow[],
  groups: readonly Group[],
  rewards: RewardColumns,
  right: RightReward,
): TracedPair[] {
  return groups.map(({ at, of, isUncertain }, pair): TracedPair => {
    const first = rows[at[0]!]!;
    const { reference } = first;
    return {
      ...{ step, pair, sample: `${step}/${pair}`, kept: null, why: null },
      ...{ delta: null, penalised: null, effect: null, verdict: null },
      ...(of && { logged_by: of }),
      ...(isUncertain && { group_uncertain: true }),
      views: [
        {
          view: ORIGINAL,
          question: questionOf(first.prompt),
          answer: at.every((i) => rows[i]!.reference === reference) ? reference : null,
          images: first.images,
          group: at.map((i) => completionOf(rows[i]!, rewards, right)),
        },
      ],
    };
  });
}

function completionOf(row: LoggedRow, rewards: RewardColumns, right: RightReward) {
  const parts = rewards.names.flatMap((name) => {
    const value = numberOf(row.columns[name]);
    return value === null ? [] : [[name, { value, why: null }] as const];
  });
  const judged = right === null ? null : numberOf(row.columns[right]);
  return {
    segments: [{ stage: 'answer', text: completionText(row.completion), stop_reason: null }],
    answer_text: null,
    right: judged === null ? null : judged === 1,
    rewards: Object.fromEntries(parts),
    penalty: null,
    reward: totalOf(row, rewards),
    advantage: row.advantage,
  };
}

/**
 * Proposes the reward that means "right": one with only 0 and 1 as values and a suitable name; null if there is none.
 */
export function proposedRight(names: readonly string[], rows: readonly LoggedRow[]): string | null {
  const isBinary = (name: string) => {
    const values = rows.flatMap(({ columns }) => numberOf(columns[name]) ?? []);
    return values.length > 0 && values.every((value) => value === 0 || value === 1);
  };
  return names.find((name) => /acc|correct|exact|match/i.test(name) && isBinary(name)) ?? null;
}
