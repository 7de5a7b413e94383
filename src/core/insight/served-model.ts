import type { Call } from '../../base/call.ts';
import type { ModelAnswers, FinishedStage, SamplingSettings } from '../metrics/model-answers.ts';
import type { MirrorVariant, Sample } from '../../rows/sample/sample.ts';
import type { Look } from './look.ts';

/** A question to a model that runs in a separate process. */
export interface ServedQuestion {
  sample: Sample;
  /** Location of the images: image references are relative to `folder`, and files outside `root` are not read. */
  place: { folder: string; root: string };
  /** Mirror variant of the row; null to answer only the original. */
  mirror: MirrorVariant | null;
  /** Name or file of a strategy; null for the strategy of the model's training, or `direct` for other models. */
  strategy: string | null;
  /** Sampling settings. A `max_tokens` of null means the model's own maximum. */
  sampling: Omit<SamplingSettings, 'max_tokens'> & { max_tokens: number | null };
}

/** A row for attention analysis in a separate process. */
export interface ServedLook extends Pick<ServedQuestion, 'sample' | 'place' | 'mirror' | 'strategy'> {
  /** Additional words whose attention is analysed, besides the named objects of the row. */
  queries: readonly string[];
}

/**
 * Calls that `chirality serve-model` handles over the IPC channel to its parent process: newline-delimited JSON on a
 * separate pipe. The process answers questions in sequence.
 */
export interface ServedModel {
  /** Opens the model if it is not open, and reports progress. @returns the model's name. */
  open(args: null, call: Call<string>): Promise<string>;
  /** Answers a question, and reports every finished text. An abort takes effect even in the middle of a text. */
  ask(args: ServedQuestion, call: Call<FinishedStage>): Promise<ModelAnswers>;
  /** Analyses the attention of the model while it answers, and reports progress. */
  look(args: ServedLook, call: Call<string>): Promise<Look>;
}
