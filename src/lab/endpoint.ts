import type { Size } from '../rows/sample/boxes.ts';
import type { ImageCodec } from '../engines/openai/endpoint-images.ts';
import { decodeImage, encodeImage, imageSize, type Pixels, validateImage } from './images/decode.ts';
import { RecentMap } from '../base/recent-map.ts';
import { familyOf } from '../core/seen/families.ts';
import { symmetricCanvas } from '../core/seen/symmetric-canvas.ts';
import { surrounded } from '../engines/embedded/image-reader.ts';
import { MIRROR, ORIGINAL, type PixelView } from '../rows/view-list.ts';
import { sizeIn, turnPixels } from '../rows/symmetry.ts';
import { dirname, join } from 'node:path';
import type { AnswerCache } from '../engines/openai/endpoint-sampler.ts';
import { ifMissing } from './files/disk-error.ts';
import { writeAtomically } from './files/atomic.ts';
import { makeFolder } from './files/folders.ts';
import { readText, readBytes } from './files/regular.ts';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fixed } from '../base/format.ts';
import { nameOf } from './datasets/frame-cache.ts';
import { QUIET, run } from './images/ffmpeg.ts';

/** Environment variables: the key for any endpoint, and the key that is only sent to OpenAI's own servers. */
const OURS = 'CHIRALITY_API_KEY';
const OPENAI = 'OPENAI_API_KEY';
const TINKER = 'TINKER_API_KEY';
const HOSTED_TINKER = 'https://tinker.thinkingmachines.dev';

/** Returns the environment variable for a server whose key must not be sent to other servers. */
function ownKey(url: string, env: NodeJS.ProcessEnv): string | undefined {
  const { origin } = new URL(url);
  if (origin === 'https://api.openai.com') return OPENAI;
  return origin === originOf(env.TINKER_API_URL ?? HOSTED_TINKER) ? TINKER : undefined;
}

const originOf = (url: string): string | null => (URL.canParse(url) ? new URL(url).origin : null);

/**
 * Returns the key for an endpoint, only from the environment. Undefined without a key, as for most local servers.
 * @param name variable that the user chose
 * @throws if that variable is empty, or the key cannot be sent
 */
export function keyFor(baseUrl: string, env: NodeJS.ProcessEnv, name?: string): string | undefined {
  const keyName = ownKey(baseUrl, env);
  const chosen = name ?? (env[OURS] || keyName === undefined ? OURS : keyName);
  const key = keyIn(env, chosen);
  if (key === undefined && name !== undefined) throw new Error(`Environment variable ${name} is not set.`);
  return key;
}

/**
 * Returns the key for a server in a config. Other people can write a config, so users allow a server with
 * TINKER_API_URL (default: Thinking Machines) or CHIRALITY_API_URL.
 * @throws if the key cannot be sent
 */
export function keyForConfig(url: string, env: NodeJS.ProcessEnv): string | undefined {
  const key = ownKey(url, env);
  if (key !== undefined) return keyIn(env, key);
  return originOf(env.CHIRALITY_API_URL ?? '') === new URL(url).origin ? keyIn(env, OURS) : undefined;
}

function keyIn(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const key = env[name]?.trim();
  if (!key) return undefined;
  if (!/^[\x21-\x7e]+$/.test(key))
    throw new Error(`${name} is not a valid key, because it contains unexpected characters.`);
  return key;
}

interface CodecOptions {
  /** Format in which images are sent. PNG is lossless. JPEG takes a fifth of the bytes. */
  format: 'png' | 'jpeg';
  /** Maximum number of pixels of an image. Larger images are downscaled. */
  maxPixels: number | null;
  /** Model family for which images are padded so that original and mirror are processed alike. */
  symmetric?: string | undefined;
  /** Whether to send the frames of a clip as one video. */
  video?: boolean;
}

/** Maximum number of decoded images that a codec caches, and their maximum size in pixels, for up to 64 MB. */
const [PIXELS_KEPT, SMALL_PIXELS] = [64, 2 ** 20 / 3];

/** Returns a codec that decodes, scales, transforms and encodes images. All views are processed in the same way. */
export function imageCodec({ format, maxPixels, symmetric, video = false }: CodecOptions): ImageCodec {
  const scaled = ({ w, h }: Size): Size => {
    const factor = Math.min(1, Math.sqrt((maxPixels ?? Infinity) / (w * h)));
    return factor === 1 ? { w, h } : { w: atLeastOne(w * factor), h: atLeastOne(h * factor) };
  };
  const family = symmetric === undefined ? null : familyOf(symmetric);
  /** Returns the unpadded and the padded size of a view's image, in the orientation of the image file. */
  const fittedSize = (size: Size, view: PixelView): { size: Size; canvas: Size } => {
    if (!family) return { size, canvas: size };
    const shown = sizeIn(view, size);
    const fit = symmetricCanvas(family, shown);
    // A second application of `sizeIn` for the same view returns the size in the file.
    if (fit) return { size: sizeIn(view, fit.size), canvas: sizeIn(view, fit.canvas) };
    throw new Error(
      `Images of ${shown.w} × ${shown.h} pixels cannot be kept mirror-symmetric for ${symmetric}. Remove --symmetric.`,
    );
  };
  /** Pixels of small images that are sent unscaled, because measuring and each view would decode the image. */
  const decoded = new RecentMap<Uint8Array, Pixels>(PIXELS_KEPT);
  return {
    name: [
      format,
      ...(maxPixels === null ? [] : [maxPixels]),
      ...(video ? ['video, even'] : []),
      ...(symmetric === undefined ? [] : ['symmetric', symmetric]),
    ].join(' '),
    symmetric: family !== null,
    async measure(file) {
      const size = await imageSize(file);
      // Decodes the image, because a header does not reveal truncation.
      if (size.w * size.h > SMALL_PIXELS || scaled(size).w !== size.w) await validateImage(file);
      else decoded.set(file, await decodeImage(file));
      const { w, h } = fittedSize(scaled(size), ORIGINAL).canvas;
      return { width: w, height: h };
    },
    async encode(file, view) {
      const kept = decoded.get(file);
      const size = kept ? { w: kept.width, h: kept.height } : await imageSize(file);
      const { size: target, canvas } = fittedSize(scaled(size), view);
      const isWhole = target.w === size.w && target.h === size.h;
      const pixels = kept && isWhole ? kept : await decodeImage(file, isWhole ? undefined : target);
      const padded = surrounded(pixels, canvas, 'middle');
      const bytes = await (view === MIRROR
        ? encodeImage(padded, format, true)
        : encodeImage(turnPixels(padded, view), format));
      return { bytes, type: `image/${format}` };
    },
    ...(video && {
      video: async (frames, fps) => ({ bytes: await encodeVideo(frames, fps), type: 'video/mp4' }),
    }),
  };
}

const atLeastOne = (pixels: number): number => Math.max(1, Math.floor(pixels));

/** Caches answers in a folder, one file each, named by the request's hash. Several programs can share the folder. */
export function folderCache(folder: string): AnswerCache {
  const pathOf = (key: string) => join(folder, key.slice(0, 2), `${key}.json`);
  return {
    read: (key) => readText(pathOf(key)).catch(ifMissing(null)),
    async write(key, text) {
      const path = pathOf(key);
      await makeFolder(dirname(path));
      await writeAtomically(path, `${text}\n`, { durable: false });
    },
  };
}

/**
 * Encodes images of one size as a video (MP4, H.264). Equal images give equal bytes, and every view of a clip uses this
 * encoder, so that compression does not reveal the view.
 * @param fps frames per second @throws DataError without ffmpeg, or if ffmpeg lacks the encoder
 */
async function encodeVideo(frames: readonly Uint8Array[], fps: number): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'chirality-clip-'));
  try {
    for (const [i, frame] of frames.entries()) await writeFile(join(folder, nameOf(i)), frame);
    const to = join(folder, 'clip.mp4');
    await run(to, [
      ...QUIET,
      '-protocol_whitelist',
      'file',
      '-framerate',
      fixed(fps, 6),
      '-i',
      join(folder.replaceAll('%', '%%'), '%03d.png'),
      // H.264 does not support odd widths and heights.
      '-vf',
      'pad=ceil(iw/2)*2:ceil(ih/2)*2',
      '-pix_fmt',
      'yuv420p',
      '-c:v',
      'libx264',
      '-crf',
      '12',
      '-threads',
      '1',
      '-fflags',
      '+bitexact',
      '-flags:v',
      '+bitexact',
      to,
    ]);
    return await readBytes(to);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
