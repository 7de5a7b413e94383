import { imagesOf, type ImagePart } from '../../core/prompts/message.ts';
import type { Grid } from '../../core/seen/token-grid.ts';
import {
  checkAligned,
  layersOf,
  type InspectCase,
  type Inspected,
  type Wanted,
  resolve,
} from '../inspector.ts';
import { Pass, type Prepared, zeros } from './inspect-pass.ts';
import type { Network } from './network.ts';
import { batches, type Feed } from './packing.ts';
import { imageTokens, type ModelShape } from './shape.ts';
import type { Arrays } from './weights.ts';
import { sum, type Values } from '../../base/numbers.ts';
import type { Reader } from './image-reader.ts';
import { SPECIAL, type Tokenizer } from './tokenizer.ts';

/**
 * Runs cases through the model and reads the requested values. Batches are formed as in scoring, so that reading
 * attention masses takes little longer than scoring.
 * @param weightsOf returns the weights for a case. @throws before any pass, if a case is not supported
 */
export async function inspectCases(
  machine: Machine,
  weightsOf: (asked: InspectCase) => Arrays,
  cases: InspectCase[],
  wanted: Wanted,
  signal?: AbortSignal,
): Promise<Inspected[]> {
  const { network, tokenizer } = machine;
  const layers = layersOf(wanted, network.shape.layers);
  const words = wanted.lens.map((word) => firstToken(tokenizer, word));
  const prepared = cases.map((asked) => prepare(machine, asked, wanted));
  const donor = wanted.patch && prepared[wanted.patch.from]!;
  for (const receiver of donor ? prepared : []) checkAligned(receiver, donor!);
  const inspected: Inspected[] = [];
  for (const models of ['policy', 'reference'] as const) {
    const mine = prepared.flatMap(({ asked }, i) => (asked.model === models ? [i] : []));
    const order = batches(
      mine.map((i) => prepared[i]!.group),
      network.shape,
    ).map((indices) => indices.map((i) => mine[i]!));
    for (const indices of order) {
      signal?.throwIfAborted();
      const batch = indices.map((i) => prepared[i]!);
      const pass = new Pass(network, weightsOf(batch[0]!.asked), batch, wanted);
      const read = await pass.read(layers, words);
      for (const block of wanted.block) {
        signal?.throwIfAborted();
        await pass.addBlocked(read, block, words);
      }
      read.forEach((result, b) => (inspected[indices[b]!] = result));
    }
  }
  for (const [i, receiver] of donor ? prepared.entries() : []) {
    signal?.throwIfAborted();
    inspected[i]!.patched = await patched(network, weightsOf, donor!, receiver, wanted, layers, words);
  }
  return inspected;
}

/** Returns log-probabilities of words with the donor case's hidden states at some positions, one layer at a time. */
async function patched(
  network: Network,
  weightsOf: (asked: InspectCase) => Arrays,
  donor: Prepared,
  prepared: Prepared,
  wanted: Wanted,
  layers: number[],
  words: number[],
): Promise<Values> {
  const { shape } = network;
  const whole = await new Pass(network, weightsOf(donor.asked), [donor], wanted).run({ whole: true });
  const pass = new Pass(network, weightsOf(prepared.asked), [prepared], wanted);
  const masks = swapMasks(pass, prepared, wanted);
  const values = zeros([layers.length, words.length]);
  for (const [l, layer] of layers.entries()) {
    const gates = Float32Array.from({ length: shape.layers }, (_, i) => (i === layer ? 1 : 0));
    const donated = (part: 'prefix' | 'completion') => {
      const data = whole[`whole${layer + 1}.${part}`]!;
      return { data, dims: [data.length / shape.width, shape.width] };
    };
    const out = await pass.run(
      { change: 'swap' },
      {
        ...masks,
        swapLayers: { data: gates, dims: [shape.layers] },
        'donor.prefix': donated('prefix'),
        'donor.completion': donated('completion'),
      },
    );
    words.forEach((word, w) => (values.data[l * words.length + w] = out[`words${shape.layers}`]![word]!));
  }
  return values;
}

function swapMasks(pass: Pass, prepared: Prepared, { patch, wordsAt }: Wanted): Record<string, Feed> {
  const { image, packed } = pass;
  const { groups, prefix, length } = packed;
  const { positions } = patch!;
  const masks = {
    prefix: new Float32Array(groups * (image + prefix)),
    completion: new Float32Array(groups * length),
  };
  if (positions === 'picture' || positions === 'all') masks.prefix.fill(1, 0, image);
  const inTokens =
    positions === 'queries'
      ? prepared.queries.filter((_, q) => prepared.asked.queries[q]!.name !== wordsAt).flat()
      : positions === 'picture'
        ? []
        : [...prepared.tokens.keys()].slice(0, -1);
  for (const token of inTokens) {
    const { part, at } = pass.where(token, prepared.prompt);
    masks[part][at] = 1;
  }
  return {
    'swap.prefix': { data: masks.prefix, dims: [masks.prefix.length, 1] },
    'swap.completion': { data: masks.completion, dims: [masks.completion.length, 1] },
  };
}

/** Encoders of the model for texts and images, and the network. */
export interface Machine {
  network: Network;
  reader: Reader;
  tokenizer: Tokenizer;
}

/** Returns the first token of a word. @throws if the word has no token */
function firstToken(tokenizer: Tokenizer, word: string): number {
  const [first] = tokenizer.encode(word);
  if (first === undefined) throw new Error(`The text "${word}" has no token.`);
  return first;
}

/** Encodes a case. @throws if a query, a box or a part is not in the prompt of the case */
export function prepare(
  { network, reader, tokenizer }: Machine,
  asked: InspectCase,
  wanted: Wanted,
): Prepared {
  const completion = [...tokenizer.encode(asked.completion), SPECIAL.end];
  const prompt = reader.encodePrompt(asked.prompt, completion.length);
  const tokens = reader.tokenPlaces(asked.prompt, asked.completion);
  const grid = gridOf(network.shape, imagesOf(asked.prompt), reader);
  const located = { tokens, grid, prompt: prompt.tokens.length };
  const { queries, boxes } = resolve(asked, located);
  const place = (name: string | null) => {
    const q = asked.queries.findIndex((query) => query.name === name);
    const b = asked.boxes.findIndex((box) => box.name === name);
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

/** Returns the grid of image patches, or null without images. Images fill a square or a part of it. */
function gridOf(shape: ModelShape, images: readonly ImagePart[], reader: Reader): Grid | null {
  const [first] = images;
  if (!first) return null;
  const side = Math.sqrt(imageTokens(shape));
  const piece = reader.placeOf(first);
  return { rows: side, cols: side, piece, ...(images.length > 1 && { pictures: images.length }) };
}

function normalised(shares: Float32Array): Float32Array {
  const total = sum(shares);
  return total > 0 ? shares.map((share) => share / total) : shares;
}
