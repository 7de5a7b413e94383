import { fillPromptFile, parsePrompt } from '../core/prompts/prompt-file.ts';
import { AS_TRAINED, type Strategy } from '../core/prompts/strategy.ts';
import type { Sampler } from '../engines/sampler.ts';
import { DataError } from '../lab/datasets/data-error.ts';
import { findModel, type ModelSource } from '../lab/models/open-model.ts';
import { openPrompt } from '../lab/library.ts';
import { openStrategy } from '../lab/strategies.ts';
import { openEndpoint } from './open-endpoint.ts';
import { UsageError } from './errors.ts';
import { otherRunsHint } from './find-runs.ts';
import type { ModelFlags } from './command-options.ts';
import type { MirrorVariant, Sample } from '../rows/sample/sample.ts';
import { applyVariant, isTrusted } from '../rows/sample/variant.ts';
import { MIRROR, ORIGINAL } from '../rows/view-list.ts';
import type { ViewedSample } from '../rows/views/view.ts';

export interface OpenModel {
  name: string;
  sampler: Sampler;
  trained: ModelSource['trained'];
  close(): Promise<void>;
}

/** Opens a local model or a model behind an endpoint. */
export async function openModel(
  model: string | undefined,
  flags: ModelFlags,
  onPhase: (phase: string) => void,
): Promise<OpenModel> {
  if (flags.endpoint !== undefined) {
    const { sampler, close } = openEndpoint(flags.endpoint, model, flags);
    return { name: sampler.info().model, sampler, trained: null, close };
  }
  if (model === undefined) throw new UsageError('No model is set. Pass --model NAME.');
  const { name, trained, open } = await findLocalModel(model, flags);
  const sampler = await open({ onPhase });
  return { name, sampler, trained, close: () => sampler.close() };
}

/** Finds a model as `findModel` does, with a hint about the demo's runs. @throws UsageError if no such model exists */
export async function findLocalModel(
  model: string,
  { runs, step }: Pick<ModelFlags, 'runs' | 'step'>,
): Promise<ModelSource> {
  return findModel(model, runs, step).catch(async (error: unknown) => {
    const hint = await otherRunsHint(runs);
    if (hint === null || !(error instanceof DataError) || error.problem.code !== 'no-model') throw error;
    throw new UsageError(error.problem.message, { fix: hint });
  });
}

/** Maximum number of tokens of an answer, for a model without recorded settings. */
const LONGEST = 1024;

/**
 * Returns the strategy and token limit for a model. If `strategy` is null or `trained`, prefers the training settings.
 */
export function askingDefaults(
  { trained }: Pick<OpenModel, 'trained'>,
  strategy: string | null,
  maxTokens: number | null,
): { strategy: Strategy; maxTokens: number } {
  const asTrained = strategy === null || strategy === AS_TRAINED ? trained : null;
  return {
    strategy: asTrained?.strategy ?? openStrategy(strategy ?? 'direct'),
    // Use the token limit of training, unless the strategy differs, because training taught the model where to stop.
    maxTokens: maxTokens ?? asTrained?.maxTokens ?? LONGEST,
  };
}

/** Returns the prompt for relative attention maps, built in or from a file. @throws DataError for a missing file */
export const openGeneral = (nameOrPath = 'general'): string =>
  fillPromptFile(
    openPrompt(nameOrPath, (name, file) => parsePrompt<never>(name, file, [], [])),
    {},
  );

/** Returns the views to evaluate: the original, and the mirror if it is trusted. */
export function viewsToAsk(sample: Sample, mirror: MirrorVariant | null): ViewedSample[] {
  const seen = mirror && isTrusted(mirror) ? [{ view: MIRROR, sample: applyVariant(sample, mirror) }] : [];
  return [{ view: ORIGINAL, sample }, ...seen];
}
