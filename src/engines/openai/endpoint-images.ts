import { createHash } from 'node:crypto';
import { imagesOf, type ImagePart, type MessagePart, type Prompt } from '../../core/prompts/message.ts';
import type { ChatPart } from '../../base/chat.ts';
import { RecentMap } from '../../base/recent-map.ts';
import type { PixelView } from '../../rows/view-list.ts';
import type { PutImage } from '../sampler.ts';

/**
 * Encoder of images for requests. Both views of an image use the same decoder and encoder, so that compression does not
 * reveal the view. The caller passes an encoder, so that engines import no image library.
 */
export interface ImageCodec {
  /** Name of the pixel changes that `encode` makes. Part of the hash that identifies an answer. */
  name: string;
  /** Whether `encode` pads images so that original and mirror are processed alike. */
  symmetric?: boolean;
  /** Returns the size at which an image is sent. @throws if the file cannot be decoded */
  measure(file: Uint8Array): Promise<{ width: number; height: number }>;
  encode(file: Uint8Array, view: PixelView): Promise<{ bytes: Uint8Array; type: string }>;
  /** Encodes the frames of a clip as one video, for servers that accept videos. @param fps frames per second */
  video?: (frames: readonly Uint8Array[], fps: number) => Promise<{ bytes: Uint8Array; type: string }>;
}

/** Maximum number of cached image files. The oldest files are dropped first. */
export const IMAGES_KEPT = 256;
/** Maximum number of cached encoded images. All completions of a prompt, and retries, send the same images. */
const ENCODED_KEPT = 16;

/** Cached images for prompts. */
export class EndpointImages {
  private readonly files = new RecentMap<string, Uint8Array>(IMAGES_KEPT);
  /** Sizes of cached files, because measuring decodes the whole image, and every view and question passes it again. */
  private readonly sizes = new RecentMap<string, Promise<Omit<PutImage, 'hash'>>>(IMAGES_KEPT);
  private readonly encoded = new RecentMap<string, Promise<{ type: string; data: string }>>(ENCODED_KEPT);

  constructor(private readonly codec: ImageCodec) {}

  async put(file: Uint8Array): Promise<PutImage> {
    const hash = createHash('sha256').update(file).digest('hex');
    const measured = this.sizes.get(hash) ?? this.codec.measure(file);
    measured.catch(() => this.sizes.delete(hash));
    this.sizes.set(hash, measured);
    const size = await measured;
    this.files.set(hash, this.files.get(hash) ?? file);
    return { hash, ...size };
  }

  /** Returns the image files of prompts, kept during the request. @throws if the engine lacks an image file */
  of(prompts: readonly Prompt[]): ReadonlyMap<string, Uint8Array> {
    const hashes = prompts.flatMap(imagesOf).map(({ image }) => image);
    const missing = hashes.find((hash) => !this.files.has(hash));
    if (missing !== undefined)
      throw new Error(`Image ${missing} is not loaded. The engine keeps the last ${IMAGES_KEPT} images.`);
    return new Map(hashes.map((hash) => [hash, this.files.get(hash)!]));
  }

  /** Converts a prompt to the chat completions protocol, with images as data URLs. */
  messages(prompt: Prompt, files: ReadonlyMap<string, Uint8Array>) {
    const partOf = async (part: MessagePart | readonly ImagePart[]): Promise<ChatPart> => {
      if (isClip(part)) return this.clip(part, files);
      if (typeof part === 'string') return { type: 'text', text: part };
      const { type, data } = await this.encode(part.image, files.get(part.image)!, part.view);
      return { type: 'image_url', image_url: { url: `data:${type};base64,${data}` } };
    };
    return Promise.all(
      prompt.map(async ({ role, content }) => ({
        role,
        content: await Promise.all((this.codec.video ? withClips(content) : content).map(partOf)),
      })),
    );
  }

  /**
   * Encodes the frames of a clip, in their view, as one video. Omits the middle frame of an odd number of frames:
   * models that read frames in pairs would repeat the last frame, which differs in the reversed clip.
   */
  private async clip(all: readonly ImagePart[], files: ReadonlyMap<string, Uint8Array>): Promise<ChatPart> {
    const frames = all.filter((_, i) => 2 * i !== all.length - 1);
    const pictures = await Promise.all(
      frames.map(async ({ image, view }) => (await this.codec.encode(files.get(image)!, view)).bytes),
    );
    const [first, last] = [frames[0]!.at_s!, frames.at(-1)!.at_s!];
    const { bytes, type } = await this.codec.video!(pictures, (frames.length - 1) / (last - first));
    const data = Buffer.from(bytes).toString('base64');
    return { type: 'video_url', video_url: { url: `data:${type};base64,${data}` } };
  }

  private encode(hash: string, file: Uint8Array, view: PixelView): Promise<{ type: string; data: string }> {
    const key = `${hash} ${view}`;
    const kept = this.encoded.get(key);
    if (kept) return kept;
    const encoded = this.codec
      .encode(file, view)
      .then(({ bytes, type }) => ({ type, data: Buffer.from(bytes).toString('base64') }));
    encoded.catch(() => this.encoded.delete(key));
    this.encoded.set(key, encoded);
    return encoded;
  }
}

/** Returns the parts of a message, with consecutive frames of one clip merged into one part. */
function withClips(content: readonly MessagePart[]): (MessagePart | ImagePart[])[] {
  const parts: (MessagePart | ImagePart[])[] = [];
  for (const part of content) {
    const clip = parts.at(-1);
    const isFrame = typeof part !== 'string' && part.at_s !== undefined;
    if (!isFrame) parts.push(part);
    // Times increase within a clip, so an earlier time starts another clip.
    else if (Array.isArray(clip) && clip.at(-1)!.at_s! < part.at_s!) clip.push(part);
    else parts.push([part]);
  }
  return parts.map((part) => (Array.isArray(part) && part.length === 1 ? part[0]! : part));
}

const isClip = (part: MessagePart | readonly ImagePart[]): part is readonly ImagePart[] =>
  Array.isArray(part);
