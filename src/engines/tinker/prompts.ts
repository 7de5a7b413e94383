import { imagesOf, type Prompt } from '../../core/prompts/message.ts';
import { EndpointImages, type ImageCodec } from '../openai/images.ts';
import { NoRoom } from '../features.ts';
import type { PutImage } from '../sampler.ts';
import type { Processor } from './processor.ts';
import { chunkLength, type Chunk } from './rows.ts';

/** Converts prompts, with the pictures they show, to the form of the server. */
export class TinkerPrompts {
  private readonly images: EndpointImages;
  /** How many tokens each picture takes. */
  private readonly tokens = new Map<string, number>();

  /** @param contextTokens how many the server's model reads; null if it does not say */
  constructor(
    private readonly processor: Processor,
    codec: ImageCodec,
    private readonly contextTokens: number | null,
  ) {
    this.images = new EndpointImages(codec);
  }

  async putImage(file: Uint8Array): Promise<PutImage> {
    const put = await this.images.put(file);
    const tokens = this.processor.imageTokens({ w: put.width, h: put.height });
    this.tokens.set(put.hash, tokens);
    return { ...put, ...(tokens > 0 && { tokens }) };
  }

  /** @param room tokens that must fit after the prompt. @throws NoRoom if they do not */
  async chunks(prompt: Prompt, room = 1): Promise<Chunk[]> {
    const files = this.images.of([prompt]);
    const pictures = await Promise.all(
      imagesOf(prompt).map(async ({ image, view }) => ({
        data: await this.images.base64(image, files.get(image)!, view),
        // A quarter turn exchanges the sides, which does not change the number of tokens.
        tokens: this.tokens.get(image)!,
      })),
    );
    const chunks = this.processor.encode(prompt).map((part): Chunk => {
      if ('tokens' in part) return { type: 'encoded_text', tokens: part.tokens };
      const { data, tokens } = pictures[part.image]!;
      return { type: 'image', data, format: 'png', expected_tokens: tokens };
    });
    const length = chunks.reduce((n, chunk) => n + chunkLength(chunk), 0) + room;
    if (this.contextTokens !== null && length > this.contextTokens)
      throw new NoRoom(
        `A prompt with its completion may take ${length} tokens; the server's model reads ${this.contextTokens}.`,
      );
    return chunks;
  }
}
