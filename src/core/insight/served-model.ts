import type { Call } from '../../base/call.ts';
import type { ModelAnswers, FinishedStage, SamplingSettings } from '../metrics/model-answers.ts';
import type { MirrorVariant, Sample } from '../../rows/sample/sample.ts';
import type { Look } from './look.ts';

/** A question for a model that runs in a separate process. */
export interface ServedQuestion {
  sample: Sample;
  /** Location of its images: references are relative to `folder`, and files outside `root` are not read. */
  place: { folder: string; root: string };
  /** Null to ask only the original. */
  mirror: MirrorVariant | null;
  /** Name or file; null for the strategy of the model's training, otherwise `direct`. */
  strategy: string | null;
  /** `max_tokens`: null for the model's own maximum. */
  sampling: Omit<SamplingSettings, 'max_tokens'> & { max_tokens: number | null };
}

/** A row for an attention analysis. */
export interface ServedLook extends Pick<ServedQuestion, 'sample' | 'place' | 'mirror' | 'strategy'> {
  /** Additional words to query for their attention, besides those that the row names. */
  queries: readonly string[];
}

/**
 * Calls that `chirality serve-model` handles over the IPC channel of its parent process: newline-delimited JSON on a
 * separate pipe. Questions are answered in sequence.
 */
export interface ServedModel {
  /** Opens the model unless it is open, reporting progress. @returns the model's name. */
  open(args: null, call: Call<string>): Promise<string>;
  /** Reports every finished text. Aborting stops in the middle of a text. */
  ask(args: ServedQuestion, call: Call<FinishedStage>): Promise<ModelAnswers>;
  /** Analyses the attention of the model while it answers, reporting progress. */
  look(args: ServedLook, call: Call<string>): Promise<Look>;
}
