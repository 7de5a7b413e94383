import type { TextSpan } from '../core/insight/find-query.ts';
import type { Grid, Values } from '../core/insight/maps.ts';
import type { Prompt } from '../core/prompts/message.ts';
import type { Xyxy } from '../core/sample/boxes.ts';

/**
 * A model that shows what happens inside it. Sampler and Trainer may implement this too; the features `inspect-…` say
 * what they support. Nothing is sampled: given texts are read, and reading values does not change log-probabilities.
 */
export interface Inspector {
  /**
   * One result per case. A signal aborts between two passes.
   * @throws if a case or a request cannot be served, before anything is computed.
   */
  inspect(cases: InspectCase[], wanted: Wanted, signal?: AbortSignal): Promise<Inspected[]>;
}

/** Whether an engine can show what happens inside it. */
export const isInspector = <E extends object>(engine: E): engine is E & Inspector => 'inspect' in engine;

/** A prompt with the text that continues it, as in a row of an evaluation or a trace. */
export interface InspectCase {
  prompt: Prompt;
  /** The model's text, read as given with the end of sequence. If empty, only the prompt is read. */
  completion: string;
  model: 'policy' | 'reference';
  /** The places whose attention is requested. For several tokens, the mean. */
  queries: { name: string; at: TextPosition }[];
  /** Named parts of the text, which are separate sources in `sources`; they must not overlap. */
  parts: { name: string; span: TextSpan }[];
  /** In shares of the picture's width and height (0–1), in this view. */
  boxes: { name: string; box: Xyxy }[];
}

/**
 * `last-prompt`: the last token of the prompt, where the first word of the completion is predicted. `before`: the token
 * before a span, from which the span's first token is predicted.
 */
export type TextPosition = TextSpan | 'last-prompt' | { before: TextSpan };

export interface Wanted {
  /** From 0. */
  layers: 'all' | number[];
  /**
   * `mass`: only shares of boxes; `heads`: every head's map; `mean`: the mean of the heads. All of them include the
   * masses.
   */
  attention: 'none' | 'mass' | 'mean' | 'heads';
  sources: boolean;
  /** Names of queries (their last token) and boxes (the mean of their cells). */
  hidden: string[];
  /**
   * Words whose log-probability as the next token is read at `wordsAt`, after every layer. Only the first token of a
   * word counts.
   */
  lens: string[];
  /** The name of a query; needed with `lens`, `block` and `patch`. */
  wordsAt: string | null;
  /** Each block takes a pass of its own. */
  block: Block[];
  /** Replaces hidden states of this case by those of the case at index `from`, in one layer at a time. */
  patch: { from: number; positions: PatchPositions } | null;
}

/** `queries`: the tokens of all queries but `wordsAt`, unless another one has the same token. */
export type PatchPositions = 'queries' | 'text' | 'picture' | 'all';

/** Keys that tokens after the picture may not see, in the layers from `layers[0]` to `layers[1]`. */
export interface Block {
  /** `box`: every cell that it touches; `rest`: every other cell. */
  keys: 'nothing' | 'box' | 'rest' | 'picture' | 'part';
  /** The name of the box or part; for `rest`, the box that stays visible. */
  name?: string;
  layers: 'all' | [number, number];
}

/** The results for one case. Layers are the requested ones, in their order. */
export interface Inspected {
  /** The text tokens of prompt and completion, in order. */
  tokens: InspectedToken[];
  /** Null if the prompt has no picture. */
  grid: Grid | null;
  /** For each query, its tokens as indices of `tokens`. */
  queries: number[][];
  /** For each token of the completion, at temperature 1. */
  logprobs: number[];
  /** Attention on the cells [layer, head, query, cell], as a share of all attention, not of that on the picture. */
  weights: Values | null;
  /** Attention on the whole picture [layer, head, query]. */
  share: Values | null;
  /** Of the attention on the picture, the share inside each box [layer, head, query, box]. */
  mass: Values | null;
  /**
   * Attention by source [layer, head, query, source]: picture, the parts in their order, completion, other. Sums to 1.
   */
  sources: Values | null;
  /** [0 to all layers, name, width], for every layer; 0 is the input of the first layer. */
  hidden: Values | null;
  /** Log-probabilities of the words [layer, word]; after the last layer, they are the model's own. */
  lens: Values | null;
  /** Log-probabilities of the words with each block [block, word]. */
  blocked: Values | null;
  /** Log-probabilities of the words with each layer patched [layer, word]. */
  patched: Values | null;
}

export interface InspectedToken extends TextSpan {
  text: string;
}
