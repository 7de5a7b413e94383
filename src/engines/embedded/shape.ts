import type { Random } from '../../base/random.ts';
import type { Arrays } from './weights.ts';

/** Sizes of the model. Lengths of images are in pixels, all others are counts. */
export interface ModelShape {
  vocabulary: number;
  width: number;
  layers: number;
  heads: number;
  /** Images are squares of this side, cut into patches of that side. */
  imageSize: number;
  patchSize: number;
  /** Images keep their proportions and are filled up on the right and below; stretched to the square if absent. */
  fill?: 'right';
  /** Most images in a prompt; 1 if absent. */
  frames?: number;
  /** Longest question and longest answer, in words; the answer's end counts as one. */
  promptTokens: number;
  completionTokens: number;
}

export const imageTokens = ({ imageSize, patchSize }: ModelShape) => (imageSize / patchSize) ** 2;
/** Numbers in a patch: red, green and blue of each pixel. */
export const patchFloats = ({ patchSize }: ModelShape) => patchSize * patchSize * 3;

/** Most images in a prompt. */
export const mostPictures = ({ frames = 1 }: Pick<ModelShape, 'frames'>) => frames;

/** In the table of positions, turns that are read come first; turns that the model writes start here. */
export const firstWritten = ({ promptTokens }: ModelShape) => promptTokens + 1;

export function weightShapes(shape: ModelShape): Record<string, number[]> {
  const { vocabulary, width, layers, imageSize, patchSize } = shape;
  const side = imageSize / patchSize;
  const shapes: Record<string, number[]> = {
    patch: [patchFloats(shape), width],
    row: [side, width],
    column: [side, width],
    // A place in time. A model of one image has none, and so the numbers that it always had.
    ...(mostPictures(shape) > 1 && { frame: [mostPictures(shape), width] }),
    token: [vocabulary, width],
    position: [firstWritten(shape) + shape.completionTokens, width],
    gain: [width],
  };
  for (let i = 0; i < layers; i++) {
    for (const name of ['query', 'key', 'value', 'out']) shapes[`${i}.${name}`] = [width, width];
    shapes[`${i}.up`] = [width, 4 * width];
    shapes[`${i}.down`] = [4 * width, width];
  }
  return shapes;
}

/**
 * Uniform with the variance of Glorot's scheme for a forward pass; matrices that write to the residual stream are
 * smaller by √(2·layers), so that the stream starts with the same size in models of any depth. Positions have more
 * weight than words at first: a spatial question is about places.
 */
export function initialWeights(shape: ModelShape, random: Random): Arrays {
  const spread = (name: string, [rows]: number[]) => {
    if (name === 'token') return 0.05;
    if (['row', 'column', 'frame', 'position'].includes(name)) return 0.7;
    return Math.sqrt(3 / rows!) / (/out|down/.test(name) ? Math.sqrt(2 * shape.layers) : 1);
  };
  return Object.fromEntries(
    Object.entries(weightShapes(shape)).map(([name, dims]) => {
      const length = dims.reduce((a, b) => a * b, 1);
      const value = dims.length === 1 ? () => 1 : () => random.between(-1, 1) * spread(name, dims);
      return [name, Float32Array.from({ length }, value)];
    }),
  );
}

/** A group's prompt: `prefix` tokens after the images; then `size` completions of `length` tokens each. */
export interface PackedShape {
  groups: number;
  pictures: number;
  prefix: number;
  size: number;
  length: number;
}

/** Tokens of all images of a prompt, and of its prefix. */
export const prefixTokens = (
  shape: ModelShape,
  { pictures, prefix }: Pick<PackedShape, 'pictures' | 'prefix'>,
) => pictures * imageTokens(shape) + prefix;
