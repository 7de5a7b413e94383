import { MASKED } from './transformer.ts';
import { imageTokens, patchFloats, prefixTokens, type ModelShape, type PackedShape } from './shape.ts';
import { SPECIAL } from './tokenizer.ts';

/** Input array of a graph. Token ids are int32. */
export interface Feed {
  data: Float32Array | Int32Array;
  dims: number[];
}

/** A prompt in the model's form, with at least one token, because a completion starts from the prompt's last token. */
export interface EncodedPrompt {
  /** Patches of each image, [image tokens, patch floats]. */
  pictures: Float32Array[];
  tokens: number[];
  /** Row of each token in the table of positions. */
  positions: number[];
}

/** A prompt with the token sequences that continue the prompt. */
export interface EncodedGroup {
  prompt: EncodedPrompt;
  rows: { tokens: number[]; weights: number[] }[];
}

/**
 * Returns the smallest shape that holds the groups. Lengths are rounded up, so that batches of similar lengths share
 * one compiled graph.
 */
export function packedShape(groups: EncodedGroup[]): PackedShape {
  return {
    groups: roundUp(groups.length),
    ...prefixShape(groups.map(({ prompt }) => prompt)),
    size: roundUp(Math.max(...groups.map(({ rows }) => rows.length))),
    length: even(Math.max(...groups.map(longest))),
  };
}

/** Maximum number of tokens per pass, which limits memory. */
const TOKENS_AT_ONCE = 8192;
/** Maximum number of completions per pass. Larger passes are not faster, and need more padding. */
const COMPLETIONS_AT_ONCE = 64;

/**
 * Returns indices of groups to compute together: groups with similar numbers of rows, in batches of limited size.
 * Groups with long completions come last, so that one long completion pads only its batch.
 */
export function batches(groups: EncodedGroup[], shape: ModelShape): number[][] {
  const bySize = new Map<number, number[]>();
  groups.forEach(({ rows }, i) => {
    const size = roundUp(rows.length);
    bySize.set(size, [...(bySize.get(size) ?? []), i]);
  });
  return [...bySize.values()].flatMap((indices) => {
    const packed = packedShape(indices.map((i) => groups[i]!));
    const { size, length } = packed;
    const tokens = prefixTokens(shape, packed) + size * length;
    const count = Math.max(1, Math.floor(Math.min(TOKENS_AT_ONCE / tokens, COMPLETIONS_AT_ONCE / size)));
    if (indices.length <= count) return [indices];
    return chunks(
      indices.toSorted((a, b) => longest(groups[a]!) - longest(groups[b]!)),
      count,
    );
  });
}

const longest = ({ rows }: EncodedGroup): number => Math.max(...rows.map(({ tokens }) => tokens.length));

function chunks<T>(list: T[], length: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / length) }, (_, i) =>
    list.slice(i * length, (i + 1) * length),
  );
}

/** Returns the shape for the most images and for the longest prompt (without its last token) among `prompts`. */
export function prefixShape(prompts: EncodedPrompt[]): Pick<PackedShape, 'pictures' | 'prefix'> {
  return {
    pictures: Math.max(1, ...prompts.map(({ pictures }) => pictures.length)),
    prefix: roundUp(Math.max(1, ...prompts.map(({ tokens }) => tokens.length - 1))),
  };
}

const even = (n: number): number => 2 * Math.ceil(n / 2);

/** Rounds up to 1, 2, or a multiple of 4. */
export const roundUp = (n: number): number => (n <= 2 ? n : Math.ceil(n / 4) * 4);

/** Returns the input of the prefix pass: patches, all prompt tokens except the last, and a padding mask. */
export function packPrefix(
  prompts: EncodedPrompt[],
  packed: Omit<PackedShape, 'size' | 'length'>,
  shape: ModelShape,
): Record<string, Feed> {
  const { groups, pictures: most, prefix } = packed;
  const image = imageTokens(shape);
  const floats = image * patchFloats(shape);
  const time = prefixTokens(shape, packed);
  const patches = new Float32Array(groups * most * floats);
  const tokens = new Int32Array(groups * prefix).fill(SPECIAL.pad);
  const positions = new Int32Array(groups * prefix);
  const paddingBias = new Float32Array(groups * time).fill(MASKED);
  prompts.forEach((prompt, g) => {
    const length = prompt.tokens.length - 1;
    tokens.set(prompt.tokens.slice(0, -1), g * prefix);
    positions.set(prompt.positions.slice(0, -1), g * prefix);
    const start = g * time + most * image;
    paddingBias.fill(0, start, start + length);
    prompt.pictures.forEach((picture, p) => patches.set(picture, (g * most + p) * floats));
    paddingBias.fill(0, g * time, g * time + prompt.pictures.length * image);
  });
  return {
    patches: { data: patches, dims: [groups * most * image, patchFloats(shape)] },
    'prefix.tokens': list(tokens),
    'prefix.positions': list(positions),
    paddingBias: { data: paddingBias, dims: [groups, 1, 1, time] },
  };
}

/**
 * Returns the input of the completion pass: each completion shifted by one, its targets and weights. Empty positions
 * have weight 0.
 */
export function packRows(groups: EncodedGroup[], packed: PackedShape): Record<string, Feed> {
  const total = packed.groups * packed.size * packed.length;
  const tokens = new Int32Array(total).fill(SPECIAL.pad);
  const positions = new Int32Array(total);
  const targets = new Int32Array(total);
  const weights = new Float32Array(total);
  groups.forEach(({ prompt, rows }, g) =>
    rows.forEach((row, r) => {
      const at = rowStart(packed, g, r);
      const place = prompt.positions.at(-1)!;
      tokens.set([prompt.tokens.at(-1)!, ...row.tokens.slice(0, -1)], at);
      positions.set(
        row.tokens.map((_, i) => place + i),
        at,
      );
      targets.set(row.tokens, at);
      weights.set(row.weights, at);
    }),
  );
  return {
    'completion.tokens': list(tokens),
    'completion.positions': list(positions),
    targets: list(targets),
    weights: { data: weights, dims: [total, 1] },
  };
}

/** Splits a packed result into one list per token sequence of every group. */
export function unpackRows(values: Float32Array, groups: EncodedGroup[], packed: PackedShape): number[][][] {
  return groups.map(({ rows }, g) =>
    rows.map(({ tokens }, r) => {
      const at = rowStart(packed, g, r);
      return Array.from(values.subarray(at, at + tokens.length));
    }),
  );
}

function rowStart({ size, length }: PackedShape, group: number, row: number): number {
  return (group * size + row) * length;
}

function list(data: Int32Array): Feed {
  return { data, dims: [data.length] };
}
