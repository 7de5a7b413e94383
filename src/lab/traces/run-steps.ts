import type { RecordError } from '../../base/record.ts';
import type { TracedPair } from '../../core/run-data/trace.ts';
import { otherSettings as settingsWith } from '../../core/run-data/what-if.ts';
import { assessmentBy } from '../../core/config/run-config.ts';
import { WhatIfError, type WhatIfConfig } from '../../core/run-data/what-if-settings.ts';
import { readImport } from '../runs/listed-runs.ts';
import { readInPlace } from '../foreign/known.ts';
import { originIn, pairsOfStep, type RunOrigin } from '../foreign/foreign-run.ts';
import { readTraces, tracedSteps, whatIfConfig, type Steps } from '../runs/trace-files.ts';

/**
 * Returns the origin of an external run, which is read in place or copied. Null for an own run.
 * @throws an error with a message for users, if the origin is unreadable
 */
export async function readOrigin(dir: string): Promise<RunOrigin | null> {
  const state = await readInPlace(dir);
  return state ? originIn(state) : readImport(dir);
}

/** Traced steps of a run of any program, with the settings for recomputing its advantages. */
export interface RunSteps extends Steps {
  /** Returns the config for the what-if analysis. Null if the run's advantages cannot be recomputed. */
  whatIfConfig(): Promise<WhatIfConfig | null>;
  /** Returns the reason why `whatIfConfig` returns null, as a sentence. */
  whyNoWhatIf(): Promise<string>;
}

/** @param leaveOut called for each invalid line of own traces. Default: the error is thrown */
export function stepsOf(run: string, leaveOut?: (why: RecordError) => void): RunSteps {
  return {
    steps: async () => (await readInPlace(run))?.steps ?? tracedSteps(run),
    async pairs(step) {
      const theirs = await readInPlace(run);
      return theirs ? pairsOfStep(theirs, step) : readTraces(run, step, leaveOut);
    },
    async whatIfConfig() {
      const from = await readOrigin(run);
      return from ? foreignConfig(from) : whatIfConfig(run);
    },
    async whyNoWhatIf() {
      const missing = (await readOrigin(run))?.origin.missing;
      return (
        missing?.find(({ field }) => field === 'what_if')?.why ?? 'What-if analysis supports only GRPO runs.'
      );
    },
  };
}

/** Returns another program's advantage settings. Null if unknown, or if they do not give the program's values. */
function foreignConfig({ convention, origin }: RunOrigin): WhatIfConfig | null {
  const weights = origin.reward_weights.value;
  if (convention === null || !weights) return null;
  return assessmentBy(convention, weights);
}

/**
 * Returns the settings of a run with replacements from a text such as `eta=2,scope=pair`.
 * @param step any traced step, which determines the available rewards
 * @throws WhatIfError
 */
export async function otherSettings(run: RunSteps, step: readonly TracedPair[], text: string) {
  const config = await run.whatIfConfig();
  if (!config) throw new WhatIfError(await run.whyNoWhatIf());
  return settingsWith(config, step, text);
}
