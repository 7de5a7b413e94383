import { imagesOf, type ImagePart, type Message, type Prompt } from '../../core/prompts/message.ts';
import { RecentMap } from '../../base/recent-map.ts';
import type { InspectedToken } from '../inspector.ts';
import { NoRoom } from '../features.ts';
import type { FlatGroup } from '../segments.ts';
import { firstWritten, imageTokens, type ModelShape, mostPictures, patchFloats } from './shape.ts';
import type { EncodedGroup, EncodedPrompt } from './packing.ts';
import { SPECIAL, type Tokenizer } from './tokenizer.ts';
import type { Size } from '../../rows/sample/boxes.ts';
import type { PixelView } from '../../rows/view-list.ts';
import { sizeIn, turnPixels } from '../../rows/symmetry.ts';

/** Returns the number of images to cache: 75 MB at 64 × 64, and as many bytes for smaller images. */
export const imagesKept = ({ imageSize }: ModelShape): number =>
  Math.floor(6144 * Math.max(1, (64 / imageSize) ** 2));

/** A prompt whose images are not yet cut into patches. */
interface ReadPrompt extends Omit<EncodedPrompt, 'pictures'> {
  images: ImagePart[];
}

/** Converts prompts and completions to the model's input, and caches their images. */
export class Reader {
  private readonly images: RecentMap<string, DecodedImage>;

  constructor(
    private readonly shape: ModelShape,
    private readonly tokenizer: Tokenizer,
    /** Mean image of the training data (`Model.mean`). */
    public mean: Float32Array,
    private readonly symmetric = false,
  ) {
    this.images = new RecentMap(imagesKept(shape));
  }

  /** Marks a cached image as the newest. Returns false if no image with this hash is cached. */
  recall(hash: string): boolean {
    const rgb = this.images.get(hash);
    if (rgb) this.put(hash, rgb);
    return rgb !== undefined;
  }

  /** Caches an image in the model's form. If the cache is full, drops the oldest image. */
  put(hash: string, rgb: DecodedImage): void {
    const { imageSize: side, fill } = this.shape;
    const { width, height, data } = rgb;
    const [least, most] = [Math.min(width, height), Math.max(width, height)];
    if (data.length !== width * height * 3 || most !== side || (!fill && least !== side))
      throw new Error(
        `The decoded image has ${data.length} bytes of ${width} × ${height} pixels instead of ${side} × ${side} × 3.`,
      );
    this.images.set(hash, rgb);
  }

  /**
   * Encodes a conversation: each turn is its role and its words, and a finished assistant turn has an end token. The
   * prompt ends inside the assistant's turn, which the completion continues. Positions count within a turn, so that a
   * completion's first word is at the same position for any question. All images come first, in order. Throws if there
   * are too many images, or if a completion of `room` tokens does not fit.
   */
  encodePrompt(prompt: Prompt, room: number): EncodedPrompt {
    const { images, tokens, positions } = this.readPrompt(prompt, room);
    return { pictures: images.map((image) => this.patches(image)), tokens, positions };
  }

  /** Encodes a prompt without cutting its images into patches, because cutting takes most of the time. */
  readPrompt(prompt: Prompt, room: number): ReadPrompt {
    const open: Prompt =
      prompt.at(-1)?.role === 'assistant' ? prompt : [...prompt, { role: 'assistant', content: [] }];
    const read: ReadPrompt = { images: imagesOf(prompt), tokens: [], positions: [] };
    const most = mostPictures(this.shape);
    if (read.images.length > most)
      throw new Error(
        `The prompt has ${read.images.length} images, but the model accepts at most ${most}. To raise the limit, set engine.frames for a new model.`,
      );
    for (const image of read.images) this.pixels(image);
    for (const [i, { role, content }] of open.entries()) {
      const words = content.flatMap((part) => (typeof part === 'string' ? this.tokenizer.encode(part) : []));
      const last = i === open.length - 1;
      const turn = [SPECIAL[role], ...words, ...(role === 'assistant' && !last ? [SPECIAL.end] : [])];
      const first = this.firstPosition(role, turn.length + (last ? room - 1 : 0));
      read.tokens.push(...turn);
      read.positions.push(...turn.map((_, at) => first + at));
    }
    return read;
  }

  /**
   * Returns the locations of the tokens of a prompt and of the completion `text`, in the order of the token ids. Tokens
   * that are not text have the part -1.
   */
  tokenPlaces(prompt: Prompt, text: string): InspectedToken[] {
    const turns: Prompt = [
      ...(prompt.at(-1)?.role === 'assistant' ? prompt.slice(0, -1) : prompt),
      { role: 'assistant', content: prompt.at(-1)?.role === 'assistant' ? prompt.at(-1)!.content : [] },
    ];
    const wordsOf = (message: number, content: Message['content']) =>
      content.flatMap((piece, part) =>
        typeof piece === 'string'
          ? this.tokenizer.places(piece).map(({ text, start, end }) => ({ text, message, part, start, end }))
          : [],
      );
    const sign = (message: number, name: string) => ({
      text: `<${name}>`,
      message,
      part: -1,
      start: 0,
      end: 0,
    });
    return [
      ...turns.flatMap(({ role, content }, i) => [
        sign(i, role),
        ...wordsOf(i, content),
        ...(role === 'assistant' && i < turns.length - 1 ? [sign(i, 'end')] : []),
      ]),
      ...wordsOf(prompt.length, [text]),
      sign(prompt.length, 'end'),
    ];
  }

  /** Encodes a group. Throws if a token is not an id of the vocabulary. */
  encodeGroup({ prompt, rows }: FlatGroup): EncodedGroup {
    const { vocabulary } = this.shape;
    for (const { tokens } of rows) {
      const wrong = tokens.find((id) => !(Number.isInteger(id) && id >= 0 && id < vocabulary));
      if (wrong !== undefined)
        throw new Error(`Tokens must be ids from 0 to ${vocabulary - 1}, not ${wrong}.`);
    }
    return { prompt: this.encodePrompt(prompt, Math.max(...rows.map(({ tokens }) => tokens.length))), rows };
  }

  placeholders({ images }: ReadPrompt): number[] {
    return new Array<number>(images.length * imageTokens(this.shape)).fill(SPECIAL.image);
  }

  /** Returns the position at which a turn starts. Throws if fewer than `places` positions are left for the turn. */
  private firstPosition(role: Message['role'], places: number): number {
    const { promptTokens, completionTokens } = this.shape;
    const written = role === 'assistant';
    if (written && places > completionTokens)
      throw new Error(`A completion of up to ${places} tokens exceeds the maximum of ${completionTokens}.`);
    if (!written && places > promptTokens + 1)
      throw new NoRoom(`A question of ${places - 1} tokens exceeds the maximum of ${promptTokens}.`);
    return written ? firstWritten(this.shape) : 0;
  }

  /** Returns left, top, right and bottom of the model's square, in fractions of an image's width and height. */
  placeOf(part: ImagePart): [number, number, number, number] {
    const { width, height } = this.pixels(part);
    const { w, h } = sizeIn(part.view, { w: width, h: height });
    const { imageSize: side } = this.shape;
    const [left, top] = this.symmetric ? [(side - w) / 2, (side - h) / 2] : [0, 0];
    // Subtracts from 0, because `-left` could be −0, which is written to files as 0.
    return [(0 - left) / w, (0 - top) / h, (side - left) / w, (side - top) / h];
  }

  private patches(part: ImagePart): Float32Array {
    return cutPatches(this.pixels(part), this.mean, this.shape, part.view, this.symmetric);
  }

  private pixels({ image }: ImagePart): DecodedImage {
    const rgb = this.images.get(image);
    if (!rgb)
      throw new Error(
        `Image ${image} is not loaded. The engine keeps the last ${imagesKept(this.shape)} images.`,
      );
    return rgb;
  }
}

/** A decoded image: red, green and blue of each pixel, 8 bits each, row by row. */
export interface DecodedImage {
  width: number;
  height: number;
  data: Uint8Array;
}

/** Square to which images of a model are scaled: stretched, or `within`, with their aspect ratio. */
export interface ImageForm {
  side: number;
  within: boolean;
}

export const imageForm = ({ imageSize, fill }: Pick<ModelShape, 'imageSize' | 'fill'>): ImageForm => ({
  side: imageSize,
  within: fill !== undefined,
});

/** Decodes an image file and scales it to a form. The caller passes it, so engines import no image library. */
export type DecodeImage = (file: Uint8Array, form: ImageForm) => Promise<DecodedImage>;

/** Red, green and blue of the padding around an image; equal to the padding of the torch engine's worker. */
const FILLER = 127;

/**
 * Pads an image to a larger canvas.
 * @param at position of the image: the middle, a whole number of pixels from the edges, or the upper left corner
 */
export function surrounded<T extends { width: number; height: number; data: Uint8Array }>(
  picture: T,
  canvas: Size,
  at: 'middle' | 'corner',
): T {
  const { width, height, data } = picture;
  if (width === canvas.w && height === canvas.h) return picture;
  const [left, top] = at === 'middle' ? [(canvas.w - width) / 2, (canvas.h - height) / 2] : [0, 0];
  const filled = new Uint8Array(canvas.w * canvas.h * 3).fill(FILLER);
  for (let y = 0; y < height; y++)
    filled.set(data.subarray(y * width * 3, (y + 1) * width * 3), ((top + y) * canvas.w + left) * 3);
  return { ...picture, width: canvas.w, height: canvas.h, data: filled };
}

/** Factor of the model's input, because differences from the mean image rarely exceed a third of the range. */
const CONTRAST = 3;

/**
 * Returns the patches of an image, row by row: [image tokens, patch floats], minus the mean image of the training data
 * ([side, side, 3], 0–255). The view is applied before the image is padded and cut.
 */
export function cutPatches(
  rgb: DecodedImage,
  mean: Float32Array,
  shape: ModelShape,
  view: PixelView,
  symmetric = false,
): Float32Array {
  const { imageSize: side, patchSize: patch } = shape;
  const out = new Float32Array(side * side * 3);
  const floats = patchFloats(shape);
  const at = symmetric ? 'middle' : 'corner';
  const { data } = surrounded(turnPixels(rgb, view), { w: side, h: side }, at);
  const across = side / patch;
  const run = patch * 3;
  for (let y = 0; y < side; y++) {
    for (let column = 0; column < across; column++) {
      const to = (Math.floor(y / patch) * across + column) * floats + (y % patch) * run;
      const at = y * side * 3 + column * run;
      for (let i = 0; i < run; i++) out[to + i] = ((data[at + i]! - mean[at + i]!) / 255) * CONTRAST;
    }
  }
  return out;
}
