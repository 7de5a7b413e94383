import { sum } from '../../core/numbers.ts';
import type { Grid } from '../../core/insight/maps.ts';
import { resolve, type Located } from '../inspect-check.ts';
import type { InspectCase, Wanted } from '../inspector.ts';
import type { Network } from './network.ts';
import type { EncodedGroup } from './packing.ts';
import type { Reader } from './reader.ts';
import { imageTokens, type ModelShape } from './shape.ts';
import { SPECIAL, type Tokenizer } from './tokenizer.ts';

/** A case in the form that the graph reads. Tokens are given as indices of `tokens`, without the image's. */
export interface Prepared extends Located {
  asked: InspectCase;
  group: EncodedGroup;
  queries: number[][];
  /** For each box, the share of every cell that it covers. */
  boxes: Float32Array[];
  /** For each requested row of the residual stream, weights over cells and tokens. Words are read at the first row. */
  rows: { cells: Float32Array | null; tokens: number[] }[];
}

/** What turns texts and pictures into feeds, and runs them. */
export interface Machine {
  network: Network;
  reader: Reader;
  tokenizer: Tokenizer;
}

/** The token whose log-probability stands for a word. @throws if the word has no token */
export function firstToken(tokenizer: Tokenizer, word: string): number {
  const [first] = tokenizer.encode(word);
  if (first === undefined) throw new Error(`"${word}" is no word.`);
  return first;
}

/** Encodes a case. @throws if a query, a box or a part of it cannot be found in its prompt */
export function prepare(
  { network, reader, tokenizer }: Machine,
  asked: InspectCase,
  wanted: Wanted,
): Prepared {
  const completion = [...tokenizer.encode(asked.completion), SPECIAL.end];
  const prompt = reader.encodePrompt(asked.prompt, completion.length);
  const tokens = reader.tokenPlaces(asked.prompt, asked.completion);
  const grid = prompt.patches ? gridOf(network.shape) : null;
  const located = { tokens, grid, prompt: prompt.tokens.length };
  const { queries, boxes } = resolve(asked, located);
  const place = (name: string | null) => {
    const q = asked.queries.findIndex((one) => one.name === name);
    const b = asked.boxes.findIndex((one) => one.name === name);
    if (q >= 0) return { cells: null, tokens: queries[q]!.slice(-1) };
    return { cells: b >= 0 ? normalised(boxes[b]!) : null, tokens: [] };
  };
  return {
    asked,
    ...located,
    queries,
    boxes,
    group: { prompt, rows: [{ tokens: completion, weights: [] }] },
    rows:
      wanted.wordsAt === null && wanted.hidden.length === 0
        ? []
        : [place(wanted.wordsAt), ...wanted.hidden.map(place)],
  };
}

/** The picture is squashed to a square, all of which the model sees. */
function gridOf(shape: ModelShape): Grid {
  const side = Math.sqrt(imageTokens(shape));
  return { rows: side, cols: side, piece: [0, 0, 1, 1] };
}

function normalised(shares: Float32Array): Float32Array {
  const total = sum(shares);
  return total > 0 ? shares.map((share) => share / total) : shares;
}
