import { imagesOf, type ImagePart, type Message, type Prompt } from '../../core/prompts/message.ts';
import { RecentMap } from '../../base/recent-map.ts';
import type { InspectedToken } from '../inspector.ts';
import { NoRoom } from '../features.ts';
import type { FlatGroup } from '../segments.ts';
import { firstWritten, imageTokens, type ModelShape, mostPictures, patchFloats } from './shape.ts';
import type { EncodedGroup, EncodedPrompt } from './packing.ts';
import { SPECIAL, type Tokenizer } from './tokenizer.ts';
import type { PixelView } from '../../rows/view-list.ts';
import { turnPixels } from '../../rows/symmetry.ts';

/** How many images to remember: 75 MB at 64 × 64, and as much of smaller ones, such as the frames of clips. */
export const imagesKept = ({ imageSize }: ModelShape): number =>
  Math.floor(6144 * Math.max(1, (64 / imageSize) ** 2));

/** A prompt whose images have not been cut into patches. */
interface ReadPrompt extends Omit<EncodedPrompt, 'pictures'> {
  images: ImagePart[];
}

/** Turns prompts and completions into the model's input, and keeps the images that they name. */
export class Reader {
  private readonly images: RecentMap<string, Uint8Array>;

  constructor(
    private readonly shape: ModelShape,
    private readonly tokenizer: Tokenizer,
    /** See Model.mean. */
    public mean: Float32Array,
  ) {
    this.images = new RecentMap(imagesKept(shape));
  }

  /** Makes a remembered image the newest; false if it is not remembered. */
  recall(hash: string): boolean {
    const rgb = this.images.get(hash);
    if (rgb) this.put(hash, rgb);
    return rgb !== undefined;
  }

  /** Remembers an image [side, side, 3], 0–255, and forgets the oldest if there are too many. */
  put(hash: string, rgb: Uint8Array): void {
    const { imageSize: side } = this.shape;
    if (rgb.length !== side * side * 3)
      throw new Error(`The decoded image has ${rgb.length} bytes instead of ${side} × ${side} × 3.`);
    this.images.set(hash, rgb);
  }

  /**
   * A conversation as tokens: each turn is its role and its words, a finished turn of the assistant also its end; the
   * prompt ends inside the assistant's turn, which the completion continues. Positions count within a turn, so that a
   * completion's first word is at the same place however long the question was. All images are read first, in their
   * order. Throws if there are too many, or a completion of `room` tokens does not fit after the words.
   */
  encodePrompt(prompt: Prompt, room: number): EncodedPrompt {
    const { images, tokens, positions } = this.readPrompt(prompt, room);
    return { pictures: images.map((image) => this.patches(image)), tokens, positions };
  }

  /** The same without cutting the images, which takes most of the time. */
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
   * The places of the tokens of a prompt and of the completion `text`, in the order of their ids. Tokens that are not
   * text have the part -1.
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

  /** Throws if tokens break the contract. */
  encodeGroup({ prompt, rows }: FlatGroup): EncodedGroup {
    const { vocabulary } = this.shape;
    for (const { tokens } of rows)
      if (!tokens.every((id) => Number.isInteger(id) && id >= 0 && id < vocabulary))
        throw new Error(`Tokens must be ids from 0 to ${vocabulary - 1}.`);
    return { prompt: this.encodePrompt(prompt, Math.max(...rows.map(({ tokens }) => tokens.length))), rows };
  }

  placeholders({ images }: ReadPrompt): number[] {
    return new Array<number>(images.length * imageTokens(this.shape)).fill(SPECIAL.image);
  }

  /** The position in the table at which a turn starts; throws if `places` positions do not fit from there. */
  private firstPosition(role: Message['role'], places: number): number {
    const { promptTokens, completionTokens } = this.shape;
    const written = role === 'assistant';
    if (written && places > completionTokens)
      throw new Error(`A completion of up to ${places} tokens exceeds the maximum of ${completionTokens}.`);
    if (!written && places > promptTokens + 1)
      throw new NoRoom(`A question of ${places - 1} tokens exceeds the maximum of ${promptTokens}.`);
    return written ? firstWritten(this.shape) : 0;
  }

  private patches(part: ImagePart): Float32Array {
    return cutPatches(this.pixels(part), this.mean, this.shape, part.view);
  }

  private pixels({ image }: ImagePart): Uint8Array {
    const rgb = this.images.get(image);
    if (!rgb)
      throw new Error(
        `Image ${image} is not loaded. The engine keeps the last ${imagesKept(this.shape)} images.`,
      );
    return rgb;
  }
}

/**
 * Decodes an image file and scales it to exactly this size: red, green and blue of each pixel, 8 bits each, row by
 * row. Passed in when the engine is opened, so that engines import no image library.
 */
export type DecodeImage = (file: Uint8Array, size: { width: number; height: number }) => Promise<Uint8Array>;

/** Contrast of the model's input, because differences from the mean image rarely exceed a third of the range. */
const CONTRAST = 3;

/**
 * The patches of an image, row by row: [image tokens, patch floats], minus the mean image of the training data (both
 * [side, side, 3], 0–255). For a turned view, the image is turned before it is cut.
 */
export function cutPatches(
  rgb: Uint8Array,
  mean: Float32Array,
  shape: ModelShape,
  view: PixelView,
): Float32Array {
  const { imageSize: side, patchSize: patch } = shape;
  const out = new Float32Array(side * side * 3);
  const floats = patchFloats(shape);
  const { data } = turnPixels({ width: side, height: side, data: rgb }, view);
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
