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
