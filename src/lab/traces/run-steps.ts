import type { RecordError } from '../../base/record.ts';
import type { CallOptions } from '../../base/call.ts';
import { assess } from '../../core/rewards/assess.ts';
import type { RecordedPair, TracedPair } from '../../core/run-data/trace.ts';
import { otherSettings as settingsWith, type WhatIfReport } from '../../core/run-data/what-if.ts';
import { assessmentBy } from '../../core/config/run-config.ts';
import { WhatIfError, type WhatIfConfig } from '../../core/run-data/what-if-settings.ts';
import { readImport } from '../runs/listed-runs.ts';
import { readInPlace } from '../foreign/known.ts';
import { originIn, pairsOfStep, type RunOrigin } from '../foreign/foreign-run.ts';
import { readTraces, tracedSteps, whatIfConfig, whatIfRun, type Steps } from '../runs/trace-files.ts';

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
  /**
   * Returns the pairs of a step, each with the same pair under other settings of the run; null without other settings.
   * @throws WhatIfError
   */
  trained(step: number, settings?: string): Promise<{ pair: RecordedPair; after: TracedPair | null }[]>;
  /** Computes how the advantages of the run change under other settings. @throws WhatIfError */
  under(
    settings: string,
    options?: CallOptions<number>,
  ): Promise<WhatIfReport & Pick<ReturnType<typeof settingsWith>, 'changed'>>;
}

/** @param leaveOut called for each invalid line of own traces. Default: the error is thrown */
export function stepsOf(run: string, leaveOut?: (why: RecordError) => void): RunSteps {
  const ofRun: RunSteps = {
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
    async trained(step, text) {
      const pairs = await ofRun.pairs(step);
      const other = text === undefined ? null : await otherSettings(ofRun, pairs, text);
      const after = other && assess(pairs, other.settings);
      return pairs.map((pair, i) => ({ pair: { kind: 'trained', ...pair }, after: after?.[i] ?? null }));
    },
    async under(text, options) {
      const [first] = await ofRun.steps();
      if (first === undefined) throw new WhatIfError('The run has no traces.');
      const { settings, changed } = await otherSettings(ofRun, await ofRun.pairs(first), text);
      return { changed, ...(await whatIfRun(ofRun, settings, options)) };
    },
  };
  return ofRun;
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
async function otherSettings(run: RunSteps, step: readonly TracedPair[], text: string) {
  const config = await run.whatIfConfig();
  if (!config) throw new WhatIfError(await run.whyNoWhatIf());
  return settingsWith(config, step, text);
}
