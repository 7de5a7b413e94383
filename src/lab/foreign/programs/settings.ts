import type { ConventionName } from '../../../core/grpo/advantages.ts';
import type { Settings } from '../reader.ts';

const count = (value: unknown): number | null =>
  Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : null;

/** The meaning of `scale_rewards`; older versions use true and false. */
const CONVENTIONS: Readonly<Record<string, ConventionName>> = {
  group: 'trl',
  true: 'trl',
  batch: 'trl-batch',
  none: 'dr-grpo',
  false: 'dr-grpo',
};

/** Settings that hold nothing but how many completions a group has; null if they do not. */
export const groupsOf = (size: unknown, from: string): Settings | null =>
  Number.isSafeInteger(size)
    ? { groupSize: size as number, evaluationGroupSize: null, weights: null, convention: null, from }
    : null;

/** The arguments of TRL and ms-swift that determine groups and rewards. */
export function grpoSettings(args: Readonly<Record<string, unknown>>, from: string): Settings | null {
  const groupSize = count(args.num_generations);
  if (groupSize === null) return null;
  const { reward_weights: weights, multi_objective_aggregation: aggregation } = args;
  const isList = Array.isArray(weights) && weights.every((weight) => typeof weight === 'number');
  return {
    groupSize,
    evaluationGroupSize: count(args.num_generations_eval) ?? groupSize,
    weights: isList ? weights : null,
    convention:
      aggregation === undefined || aggregation === 'sum_then_normalize'
        ? (CONVENTIONS[String(args.scale_rewards ?? 'group')] ?? null)
        : null,
    from,
  };
}
