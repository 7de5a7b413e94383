import { ADVANTAGE_CONVENTIONS } from '../rewards/advantages.ts';
import type { Assessment } from '../rewards/assess.ts';
import { partnersOf } from '../rewards/draws.ts';
import type { OwnProgram } from '../rewards/own.ts';
import { sum } from '../../base/numbers.ts';
import { planQuick, questionsOf } from '../psychophysics/plan-stimuli.ts';
import type { AssessmentConfig, RunConfig } from './run-config.ts';

/** Returns the run settings that determine how reward parts become advantages. */
export function assessmentOf(config: AssessmentConfig): Assessment {
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

/**
 * Returns the learning rate of an optimiser step, from 1 to `steps`. Without a final share, a falling rate would reach
 * 0 only after the last step, as in Hugging Face's schedules, so every step trains. With N steps and a warm-up of W,
 * the linear schedule ends at 1/(N − W) of the peak. With a final share, the last step has that share of the peak.
 */
export function learningRate(
  step: number,
  steps: number,
  optimizer: {
    learning_rate: number;
    schedule: 'constant' | 'linear' | 'cosine';
    warmup_steps: number;
    final_share: number;
  },
): number {
  const { learning_rate, schedule, warmup_steps, final_share } = optimizer;
  if (step <= warmup_steps) return (learning_rate * step) / warmup_steps;
  if (schedule === 'constant') return learning_rate;
  const taken = final_share > 0 ? step : step - 1;
  const progress = (taken - warmup_steps) / Math.max(1, steps - warmup_steps);
  const left = schedule === 'linear' ? 1 - progress : (1 + Math.cos(Math.PI * progress)) / 2;
  return learning_rate * (final_share + (1 - final_share) * left);
}

/** Computes values that follow from a config, for comparison with the papers (R11). */
export function derivedNumbers(config: RunConfig): Record<string, number> {
  const { acuity } = config.evaluate;
  const evaluation = acuity && {
    acuity_questions: sum(acuity.map((axis) => questionsOf(planQuick(axis, config.engine.kind)))),
  };
  if (config.recipe === 'sft') return { samples_per_step: config.batch.samples, ...evaluation };
  const views = partnersOf(config.views).length > 0 ? 2 : 1;
  const groups = config.batch.rows * views;
  return {
    ...(views === 2 ? { pairs_per_step: config.batch.rows } : { rows_per_step: config.batch.rows }),
    groups_per_step: groups,
    completions_per_step: groups * config.sampling.group_size,
    completions_in_all: groups * config.sampling.group_size * config.steps,
    updates: config.steps * config.loss.iterations,
    ...evaluation,
  };
}

/** Returns the programs of a config: custom rewards with a weight, and custom metrics. */
export function ownPrograms(config: RunConfig): { rewards: OwnProgram[]; metrics: OwnProgram[] } {
  return {
    rewards: Object.entries(config.recipe === 'grpo' ? config.rewards : {}).flatMap(([name, part]) =>
      'command' in part && part.weight !== 0 ? [programAt(name, `rewards.${name}`, part)] : [],
    ),
    metrics: ownMetrics(config.evaluate.metrics, 'evaluate.metrics'),
  };
}

/** Returns the programs of custom metrics. @param section path of the metrics section in the config */
export const ownMetrics = (metrics: RunConfig['evaluate']['metrics'], section: string): OwnProgram[] =>
  Object.entries(metrics ?? {}).map(([name, metric]) => programAt(name, `${section}.${name}`, metric));

const programAt = (
  name: string,
  section: string,
  { command, timeout }: { command: string[]; timeout: number },
): OwnProgram => ({ name, at: section, command, timeout });
