import type { Asked, AskedStage, AskSampling } from '../metrics/asked.ts';
import type { MirrorVariant, Sample } from '../spatial/sample.ts';
import type { Call } from './channel.ts';

/** A question as it is put to a model in a process of its own. */
export interface ServedQuestion {
  sample: Sample;
  /** Where its pictures are: references are relative to `folder`, and nothing outside `root` is read. */
  place: { folder: string; root: string };
  /** null: only the original is asked. */
  mirror: MirrorVariant | null;
  /** A name or a file; null: as the model was trained, else directly. */
  strategy: string | null;
  /** Without a longest text: that of the model. */
  sampling: Omit<AskSampling, 'max_tokens'> & { max_tokens: number | null };
}

/**
 * What `chirality serve-model` offers over the IPC channel of the program that started it: newline JSON on a pipe of
 * its own. Questions are answered one after the other.
 */
export interface ServedModel {
  /** Opens the model, where it is not open yet. Reports what is being done. @returns the model's name. */
  open(args: null, call: Call<string>): Promise<string>;
  /** Reports every text as it comes; aborted, it ends in the midst of one. */
  ask(args: ServedQuestion, call: Call<AskedStage>): Promise<Asked>;
}
