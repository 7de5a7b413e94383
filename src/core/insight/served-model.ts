import type { Call } from '../../base/call.ts';
import type { ModelAnswers, FinishedStage, SamplingSettings } from '../metrics/model-answers.ts';
import type { MirrorVariant, Sample } from '../../rows/sample/sample.ts';
import type { Look } from './look.ts';

/** A question for a model that runs in its own process. */
export interface ServedQuestion {
  sample: Sample;
  /** Where its images are: references are relative to `folder`, and nothing outside `root` is read. */
  place: { folder: string; root: string };
  /** Null: ask only the original. */
  mirror: MirrorVariant | null;
  /** A name or a file; null: the strategy the model was trained with, else `direct`. */
  strategy: string | null;
  /** `max_tokens` null: the model's own maximum. */
  sampling: Omit<SamplingSettings, 'max_tokens'> & { max_tokens: number | null };
}

/** A row whose answer is to be looked into. */
export interface ServedLook extends Pick<ServedQuestion, 'sample' | 'place' | 'mirror' | 'strategy'> {
  /** Words whose attention is asked for, besides those that the row names. */
  queries: readonly string[];
}

/**
 * Calls that `chirality serve-model` handles over the IPC channel of the program that started it: newline-delimited
 * JSON on a separate pipe. Questions are answered one after the other.
 */
export interface ServedModel {
  /** Opens the model if it is not open yet, reporting what is being done. @returns the model's name. */
  open(args: null, call: Call<string>): Promise<string>;
  /** Reports every text as it is finished. Aborting ends it in the middle of a text. */
  ask(args: ServedQuestion, call: Call<FinishedStage>): Promise<ModelAnswers>;
  /** Looks where the model looks while it answers. Reports what is being done. */
  look(args: ServedLook, call: Call<string>): Promise<Look>;
}
