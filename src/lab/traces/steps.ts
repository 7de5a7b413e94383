import { LATEST_RULES, type ConventionName } from '../../core/grpo/advantages.ts';
import type { Origin } from '../../core/run-data/foreign/origin.ts';
import type { RecordError } from '../../core/record.ts';
import { AdvantagesConfig, DynamicSamplingConfig, LossConfig } from '../../core/config/grpo.ts';
import { CouplingConfig, RewardsConfig } from '../../core/config/rewards.ts';
import type { WhatIfConfig } from '../../core/run-data/what-if/settings.ts';
import { readImport } from '../runs/list.ts';
import { foreignRun, mayBeForeign } from '../foreign/known.ts';
import { readTraces, tracedSteps, whatIfConfig, type Steps } from '../runs/trace.ts';

/** The traced steps of a run of any program, and what is needed to recompute its advantages. */
export interface RunSteps extends Steps {
  /** Null if its advantages cannot be recomputed. */
  whatIfConfig(): Promise<WhatIfConfig | null>;
  /** The reason for that, in a sentence. */
  whyNoWhatIf(): Promise<string>;
}

/** @param leaveOut called for each line of the program's own traces that is not a pair; by default, it is thrown */
export function stepsOf(run: string, leaveOut?: (why: RecordError) => void): RunSteps {
  if (mayBeForeign(run)) return foreignSteps(run);
  return {
    steps: () => tracedSteps(run),
    pairs: (step) => readTraces(run, step, leaveOut),
    async whatIfConfig() {
      const imported = await readImport(run);
      if (!imported) return whatIfConfig(run);
      return foreignConfig(imported.convention, imported.origin.reward_weights.value);
    },
    whyNoWhatIf: async () => whyNot((await readImport(run))?.origin),
  };
}

/**
 * The settings with which another program computed advantages; null if they are unknown, or do not give what it stored.
 */
function foreignConfig(
  convention: ConventionName | null,
  weights: Readonly<Record<string, number>> | null,
): WhatIfConfig | null {
  if (convention === null || !weights) return null;
  return {
    coupling: CouplingConfig.parse({}),
    dynamic_sampling: DynamicSamplingConfig.parse({}),
    loss: LossConfig.parse({}),
    rules: LATEST_RULES,
    advantages: AdvantagesConfig.parse({ convention }),
    rewards: {
      ...RewardsConfig.parse({}),
      ...Object.fromEntries(Object.entries(weights).map(([name, weight]) => [name, { weight }])),
    },
  };
}

const whyNot = (origin: Origin | undefined): string =>
  origin?.missing.find(({ field }) => field === 'what_if')?.why ?? 'What if is offered for GRPO runs.';

function foreignSteps(dir: string): RunSteps {
  const run = foreignRun(dir);
  return {
    steps: async () => [...new Set((await run.read()).batches.map(({ batch }) => batch.step))],
    pairs: async (step) => {
      const batches = (await run.read()).batches.filter(({ batch }) => batch.step === step);
      return (await Promise.all(batches.map((batch) => run.pairs(batch)))).flat();
    },
    async whatIfConfig() {
      const { convention, origin } = await run.read();
      return foreignConfig(convention, origin.reward_weights.value);
    },
    whyNoWhatIf: async () => whyNot((await run.read()).origin),
  };
}
