import type { Values } from '../base/numbers.ts';
import { cellShares, type Grid } from '../core/seen/token-grid.ts';
import type { Prompt } from '../core/prompts/message.ts';
import type { Xyxy } from '../rows/sample/boxes.ts';
import { assertSupported } from './features.ts';
import type { Feature, SamplerInfo } from './sampler.ts';

/**
 * A model with access to its internals. Samplers and trainers can implement this interface; the features `inspect-…`
 * list the supported requests. Texts are given, not sampled, and inspection does not change log-probabilities.
 */
export interface Inspector {
  /**
   * Returns one result per case. A signal aborts the call between two passes.
   * @throws if a case or a request is not supported, before any computation
   */
  inspect(cases: InspectCase[], wanted: Wanted, signal?: AbortSignal): Promise<Inspected[]>;
}

/** Whether an engine can inspect its model's internals. */
export const isInspector = <E extends object>(engine: E): engine is E & Inspector => 'inspect' in engine;

/** A prompt with its continuation, as in a row of an evaluation or a trace. */
export interface InspectCase {
  prompt: Prompt;
  /** Text of the model, read unchanged with the end of sequence. If empty, only the prompt is read. */
  completion: string;
  model: 'policy' | 'reference';
  /** Positions whose attention is requested. The attention of a position's tokens is averaged. */
  queries: { name: string; at: TextPosition }[];
  /** Named parts of the text, which are separate sources in `sources`. Parts must not overlap. */
  parts: { name: string; span: TextSpan }[];
  /** Boxes in fractions of the width and height (0–1) of the first image, in the view of this case. */
  boxes: { name: string; box: Xyxy }[];
}

/** Characters of a text in a prompt or in the completion. The completion's message number follows the prompt's last. */
export interface TextSpan {
  message: number;
  part: number;
  start: number;
  end: number;
}

/**
 * `last-prompt`: the last token of the prompt, which predicts the first word of the completion. `before`: the token
 * before a span, which predicts the span's first token.
 */
export type TextPosition = TextSpan | 'last-prompt' | { before: TextSpan };

export interface Wanted {
  /** Numbers of the layers to inspect, from 0. */
  layers: 'all' | number[];
  /** `mass`: only each box's attention share; `heads`: also every head's map; `mean`: also the heads' mean map. */
  attention: 'none' | 'mass' | 'mean' | 'heads';
  sources: boolean;
  /** Names of queries and boxes whose hidden states are read: a query's last token, the mean of a box's cells. */
  hidden: string[];
  /**
   * Words whose log-probability as the next token is read at `wordsAt`, after every layer. Only the first token of a
   * word counts.
   */
  lens: string[];
  /** Name of the query at which the next word is predicted. Required with `lens`, `block` and `patch`. */
  wordsAt: string | null;
  /** Inputs to hide from the model. Each block takes a separate forward pass. */
  block: Block[];
  /** Replaces hidden states of this case with hidden states of the case at index `from`, in one layer at a time. */
  patch: { from: number; positions: PatchPositions } | null;
}

/** `queries`: the tokens of all queries except `wordsAt`, unless another query has the same token. */
export type PatchPositions = 'queries' | 'text' | 'picture' | 'all';

/** Keys that are hidden from all tokens after the images, in the layers from `layers[0]` to `layers[1]`. */
export interface Block {
  /** `box`: every cell that the box touches; `rest`: every other cell; `picture`: all cells of all images. */
  keys: 'nothing' | 'box' | 'rest' | 'picture' | 'part';
  /** Name of the box or part. For `rest`, name of the box that stays visible. */
  name?: string;
  layers: 'all' | [number, number];
}

/** Results of one case. `layer` is an index into the requested layers. */
export interface Inspected {
  /** Text tokens of prompt and completion, in order. */
  tokens: InspectedToken[];
  /** Image grid. Null if the prompt has no image. */
  grid: Grid | null;
  /** Tokens of each query, as indices into `tokens`. */
  queries: number[][];
  /** Log-probability of each token of the completion, at temperature 1. */
  logprobs: number[];
  /** Attention on the cells [layer, head, query, cell], as a share of all attention, not of attention on the image. */
  weights: Values | null;
  /** Attention on all images of the prompt [layer, head, query]. */
  share: Values | null;
  /** Share of the attention on the image inside each box [layer, head, query, box]. */
  mass: Values | null;
  /** Attention by source [layer, head, query, source]: image, the parts in order, completion, other. Sums to 1. */
  sources: Values | null;
  /** Hidden states [0 to all layers, name, width], also of layers not requested. 0 is the input of the first layer. */
  hidden: Values | null;
  /** Log-probabilities of the words [layer, word]. After the last layer, they equal the model's prediction. */
  lens: Values | null;
  /** Log-probabilities of the words while each block hides its keys [block, word]. */
  blocked: Values | null;
  /** Log-probabilities of the words while each layer is patched [layer, word]. */
  patched: Values | null;
}

export interface InspectedToken extends TextSpan {
  text: string;
}

/** Returns the features that a request needs. */
export function featuresOfWanted({ attention, sources, hidden, lens, block, patch }: Wanted): Feature[] {
  return [
    ...(attention !== 'none' || sources ? (['inspect-attention'] as const) : []),
    ...(hidden.length > 0 ? (['inspect-hidden'] as const) : []),
    ...(lens.length > 0 ? (['inspect-lens'] as const) : []),
    ...(block.length > 0 ? (['inspect-block'] as const) : []),
    ...(patch ? (['inspect-patch'] as const) : []),
  ];
}

/** Returns the requested layers as numbers. @throws if a layer does not exist */
export function layersOf({ layers }: Pick<Wanted, 'layers'>, count: number): number[] {
  if (layers === 'all') return Array.from({ length: count }, (_, i) => i);
  const wrong = layers.find((layer) => !Number.isInteger(layer) || layer < 0 || layer >= count);
  if (wrong !== undefined)
    throw new Error(`Layer ${wrong} does not exist. The model has layers 0 to ${count - 1}.`);
  return layers;
}

/**
 * Checks features, layers and names of a request before any computation.
 * @param count number of layers of the model
 * @throws an error with all features that the engine lacks, or with the first mistake
 */
export function checkWanted(
  info: Pick<SamplerInfo, 'engine' | 'features'>,
  cases: readonly InspectCase[],
  wanted: Wanted,
  count: number,
): void {
  assertSupported(info, featuresOfWanted(wanted));
  layersOf(wanted, count);
  const { lens, wordsAt, block, patch } = wanted;
  if ((block.length > 0 || patch) && lens.length === 0)
    throw new Error('Blocking and patching require words to measure.');
  if (lens.length > 0 && wordsAt === null) throw new Error('Reading words requires a query.');
  if (patch && !(patch.from in cases)) throw new Error(`Case ${patch.from} of the patch does not exist.`);
  for (const { layers } of block)
    if (layers !== 'all' && !(layers[0] >= 0 && layers[0] <= layers[1] && layers[1] < count))
      throw new Error(`Layers ${layers.join(' to ')} do not exist. The model has layers 0 to ${count - 1}.`);
  for (const inspectCase of cases) checkNames(inspectCase, wanted);
}

function checkNames({ queries, boxes, parts }: InspectCase, { hidden, wordsAt, block }: Wanted): void {
  const named = { query: queries, box: boxes, part: parts };
  const isNamed = (kind: keyof typeof named, name: string | null | undefined) =>
    named[kind].some((span) => span.name === name);
  for (const name of hidden)
    if (!isNamed('query', name) && !isNamed('box', name))
      throw new Error(`Cannot show the hidden state of "${name}": the query or box does not exist.`);
  if (wordsAt !== null && !isNamed('query', wordsAt))
    throw new Error(`Cannot read words at "${wordsAt}": the query does not exist.`);
  for (const { keys, name } of block) {
    const kind = keys === 'part' ? 'part' : keys === 'box' || keys === 'rest' ? 'box' : null;
    if (kind && !isNamed(kind, name))
      throw new Error(`Cannot block ${kind} "${name ?? ''}": the ${kind} does not exist.`);
  }
}

/** Positions of a case's texts and image among the model's tokens. */
export interface Located {
  /** Text tokens of prompt and completion, in order. */
  tokens: InspectedToken[];
  /** Number of tokens in the prompt. */
  prompt: number;
  /** Image grid. Null if the prompt has no image. */
  grid: Grid | null;
}

/**
 * Returns the tokens of each query and, for each box, the covered share of every cell. @throws if a query or a box is
 * not in the prompt
 */
export function resolve(
  { queries, boxes }: InspectCase,
  { tokens, prompt, grid }: Located,
): { queries: number[][]; boxes: Float32Array[] } {
  if (!grid && boxes.length > 0) throw new Error('Boxes require a prompt with an image.');
  return {
    queries: queries.map(({ name, at }) => tokensAt(tokens, prompt, at, name)),
    boxes: boxes.map(({ box }) => cellShares(grid!, box)),
  };
}

/** Throws an error if the positions of one case do not match the hidden states of the other case. */
export function checkAligned(
  located: Pick<Located, 'tokens' | 'grid'>,
  donor: Pick<Located, 'tokens' | 'grid'>,
): void {
  const [here, there] = [located, donor].map(({ tokens }) => tokens.length);
  if (here !== there)
    throw new Error(
      `Cannot exchange hidden states between texts of ${here} and ${there} tokens. The lengths must be equal.`,
    );
  const cells = ({ pictures = 1, rows, cols }: Grid) =>
    `${pictures > 1 ? `${pictures} × ` : ''}${rows} × ${cols}`;
  const [ours, theirs] = [located, donor].map(({ grid }) => (grid ? cells(grid) : 'no'));
  if (ours !== theirs)
    throw new Error(
      `Cannot exchange hidden states between images of ${ours} and ${theirs} cells. The sizes must be equal.`,
    );
}

/**
 * Returns the tokens of a position, as indices of `tokens`; the first `prompt` tokens are the prompt's. The last token
 * of a completion is never read, so it cannot be requested.
 * @throws if the position contains no token
 */
function tokensAt(
  tokens: readonly InspectedToken[],
  prompt: number,
  position: TextPosition,
  name: string,
): number[] {
  if (position === 'last-prompt') return [prompt - 1];
  if ('before' in position) {
    const first = tokensIn(tokens, position.before)[0];
    if (first === undefined || first === 0) throw new Error(`No token precedes "${name}".`);
    return [first - 1];
  }
  const places = tokensIn(tokens, position);
  if (places.length === 0) throw new Error(`No token of the text is at "${name}".`);
  return places;
}

export function tokensIn(tokens: readonly InspectedToken[], span: TextSpan): number[] {
  const places: number[] = [];
  tokens.forEach(({ message, part, start, end }, i) => {
    if (message === span.message && part === span.part && start < span.end && end > span.start)
      places.push(i);
  });
  return places;
}
