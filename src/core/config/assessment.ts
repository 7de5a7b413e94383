import { ADVANTAGE_CONVENTIONS } from '../grpo/advantages.ts';
import type { Assessment } from '../grpo/assess.ts';
import type { GrpoConfig } from './run.ts';

/** What a run config says about the way from reward parts to advantages. */
export function assessmentOf(
  config: Pick<GrpoConfig, 'rewards' | 'coupling' | 'advantages' | 'dynamic_sampling' | 'loss'>,
): Assessment {
  const { convention, scope, ddof, epsilon } = config.advantages;
  return {
    weights: config.rewards,
    coupling: config.coupling,
    advantages: {
      ...ADVANTAGE_CONVENTIONS[convention],
      scope,
      ...(ddof !== undefined && { ddof }),
      ...(epsilon !== undefined && { epsilon }),
    },
    dynamic_sampling: config.dynamic_sampling,
    truncated: config.loss.truncated,
  };
}
