import type { Random } from '../../base/random.ts';
import type { Arrays } from './weights.ts';

/** Sizes of the model. Lengths of images are in pixels. Other fields are counts. */
export interface ModelShape {
  vocabulary: number;
  width: number;
  layers: number;
  heads: number;
  /** Side of the square images, and of their square patches. */
  imageSize: number;
  patchSize: number;
  /** `right`: images keep their aspect ratio and are padded on the right and below. Default: stretched to a square. */
  fill?: 'right';
  /** Maximum number of images in a prompt. Default: 1. */
  frames?: number;
  /** Maximum length of question and answer, in words. The end token of the answer counts as a word. */
  promptTokens: number;
  completionTokens: number;
}

export const imageTokens = ({ imageSize, patchSize }: ModelShape) => (imageSize / patchSize) ** 2;
/** Returns the number of values in an image patch: red, green and blue of each pixel. */
export const patchFloats = ({ patchSize }: ModelShape) => patchSize * patchSize * 3;

/** Returns the maximum number of images in a prompt. */
export const mostPictures = ({ frames = 1 }: Pick<ModelShape, 'frames'>) => frames;

/** Returns the first position of the model's own turns. Positions of system and user turns precede it. */
export const firstWritten = ({ promptTokens }: ModelShape) => promptTokens + 1;

export function weightShapes(shape: ModelShape): Record<string, number[]> {
  const { vocabulary, width, layers, imageSize, patchSize } = shape;
  const side = imageSize / patchSize;
  const shapes: Record<string, number[]> = {
    patch: [patchFloats(shape), width],
    row: [side, width],
    column: [side, width],
    // Time embedding. Models for one image have none, so that their parameters stay the same.
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
 * Returns initial weights: uniform, with the variance of Glorot's scheme for a forward pass. Matrices that write to the
 * residual stream are smaller by √(2·layers), so that the stream's size is independent of depth. Positions weigh more
 * than words, because spatial questions are about positions.
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

/** A group's prompt, with `prefix` tokens after the images, and `size` completions of `length` tokens each. */
export interface PackedShape {
  groups: number;
  pictures: number;
  prefix: number;
  size: number;
  length: number;
}

/** Returns the number of tokens of all images of a prompt and of the prompt's prefix. */
export const prefixTokens = (
  shape: ModelShape,
  { pictures, prefix }: Pick<PackedShape, 'pictures' | 'prefix'>,
) => pictures * imageTokens(shape) + prefix;
