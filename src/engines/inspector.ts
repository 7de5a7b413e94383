import type { Grid } from '../core/insight/grid.ts';
import type { Values } from '../core/insight/values.ts';
import type { Prompt } from '../core/prompts/message.ts';
import type { Xyxy } from '../core/spatial/boxes.ts';

/**
 * A model that shows its inside: optional beside Sampler and Trainer, by the features `inspect-…`. Nothing is sampled:
 * given texts are read, and what is read changes no log-probability.
 */
export interface Inspector {
  /**
   * One result per case. A signal ends it between two passes.
   * @throws where a case or a wish cannot be served, before any is computed.
   */
  inspect(cases: InspectCase[], wanted: Wanted, signal?: AbortSignal): Promise<Inspected[]>;
}

/** Whether an opened engine can show its inside. */
export const isInspector = <E extends object>(engine: E): engine is E & Inspector => 'inspect' in engine;

/** A prompt with the text that continues it, as a row of an evaluation or a trace has them. */
export interface InspectCase {
  prompt: Prompt;
  /** What the model wrote, read as given with the end of sequence. Empty: the prompt alone. */
  completion: string;
  model: 'policy' | 'reference';
  /** Whose attention is asked for. Of several tokens, the mean. */
  queries: { name: string; at: Place }[];
  /** Named parts of the text, told apart in `sources`; they must not overlap. */
  parts: { name: string; span: Span }[];
  /** In shares of the picture's width and height (0–1), as this view shows it. */
  boxes: { name: string; box: Xyxy }[];
}

/**
 * `last-prompt`: the last token of the prompt, where the first word of the completion is predicted. `before`: the token
 * before a span, from which the span's first token is predicted.
 */
export type Place = Span | 'last-prompt' | { before: Span };

/** Characters of one text part. The message after the prompt's last one is the completion. */
export interface Span {
  message: number;
  part: number;
  start: number;
  end: number;
}

export interface Wanted {
  /** From 0. */
  layers: 'all' | number[];
  /** `mass`: shares of boxes only; `heads`: every head's map; `mean`: the mean of the heads. Masses come with all. */
  attention: 'none' | 'mass' | 'mean' | 'heads';
  sources: boolean;
  /** Names of queries (their last token) and boxes (the mean of their cells). */
  hidden: string[];
  /** Words whose log-probability as the next token is read at `wordsAt`, after every layer. The first token decides. */
  lens: string[];
  /** The name of a query; needed with `lens`, `block` and `patch`. */
  wordsAt: string | null;
  /** Each is a pass of its own. */
  block: Block[];
  /** Hidden states of this case replaced by those of the case at index `from`, in one layer at a time. */
  patch: { from: number; positions: PatchPositions } | null;
}

export type PatchPositions = 'queries' | 'text' | 'picture' | 'all';

/** Keys that tokens after the picture may not see, in the layers from `layers[0]` to `layers[1]`. */
export interface Block {
  /** `box`: every cell that it touches; `rest`: every other cell. */
  keys: 'nothing' | 'box' | 'rest' | 'picture' | 'part';
  /** Of the box or part; of `rest`, the box that stays visible. */
  name?: string;
  layers: 'all' | [number, number];
}

/** What one case showed. Layers are those asked for, in their order. */
export interface Inspected {
  /** The text tokens of prompt and completion, in order. */
  tokens: InspectedToken[];
  /** null: the prompt has no picture. */
  grid: Grid | null;
  /** Of each query: its tokens, as indices of `tokens`. */
  queries: number[][];
  /** Of each token of the completion, at temperature 1. */
  logprobs: number[];
  /** Attention on the cells [layer, head, query, cell], a share of all attention: not divided by the picture's share. */
  weights: Values | null;
  /** Attention on the whole picture [layer, head, query]. */
  share: Values | null;
  /** Of the attention on the picture, the share inside each box [layer, head, query, box]. */
  mass: Values | null;
  /** Attention by source [layer, head, query, source]: picture, the parts in their order, completion, other. Sums to 1. */
  sources: Values | null;
  /** [0 to all layers, name, width]: 0 is what enters the first layer. Of every layer. */
  hidden: Values | null;
  /** Log-probabilities of the words [layer, word]; those of the last layer are the model's own. */
  lens: Values | null;
  /** Those of the model with each block [block, word]. */
  blocked: Values | null;
  /** Those of the model with each layer patched [layer, word]. */
  patched: Values | null;
}

export interface InspectedToken extends Span {
  text: string;
}
