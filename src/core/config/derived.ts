import type { RunConfig } from './run.ts';

/** Numbers that follow from a config and that people compare with papers (R11). */
export function derivedNumbers(config: RunConfig): Record<string, number> {
  if (config.recipe === 'sft') return { samples_per_step: config.batch.samples };
  const views = config.views.mirror ? 2 : 1;
  const groups = config.batch.rows * views;
  return {
    ...(views === 2 ? { pairs_per_step: config.batch.rows } : { rows_per_step: config.batch.rows }),
    groups_per_step: groups,
    completions_per_step: groups * config.sampling.group_size,
    completions_in_all: groups * config.sampling.group_size * config.steps,
    updates: config.steps * config.loss.iterations,
  };
}
