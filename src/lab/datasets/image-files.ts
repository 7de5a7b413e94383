import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { DepthRange } from '../../base/depth-range.ts';
import { isRecord } from '../../base/json.ts';
import type { ImageRef, Sample, ViewVariant } from '../../rows/sample/sample.ts';
import { isFrame, withVideoLength } from '../../rows/sample/clip.ts';
import { judgedOf, olderText } from '../../rows/sample/judged.ts';
import { isDeepPng, scaledPng } from '../images/png.ts';
import { DataError } from './data-error.ts';
import { commonFolder, DEPTH_FILE, readDepthRange, storeDepthRange } from './depth-files.ts';
import { frameBytes, lookAtVideo, videoLength } from './frame-cache.ts';
import { ParquetImages } from './parquet/image-cells.ts';
import { isElsewhere, isInside, realPathInside } from '../files/inside.ts';
import { readBytes, readRange } from '../files/regular.ts';
import { UntilChanged } from '../files/version.ts';
import { isMissing, isUnreadable } from '../files/disk-error.ts';
import { checkPictureFile } from './picture-file.ts';

/** Maximum size of an image file, in bytes. Image files are read as a whole. */
const MAX_BYTES = 512 * 2 ** 20;

/** Depth range of 16-bit images for which no range is stored. */
export const UNDECIDED = 'upper (not chosen)';

/** Maximum size of the image cache, in bytes. */
const REMEMBERED_BYTES = 32 * 2 ** 20;

/** Shortens a path for a message, because the "path" of a base64 image can have megabytes. */
const short = (path: string): string => (path.length > 120 ? `${path.slice(0, 120)}…` : path);

/**
 * Returns the default data root of a file: the current folder if it contains the file, else the file's own folder.
 * Standard input counts as a file in the current folder.
 */
export function defaultDataRoot(file: string | undefined): string {
  const folder = file === undefined ? process.cwd() : dirname(resolve(file));
  return isInside(process.cwd(), folder) ? process.cwd() : folder;
}

/**
 * Reads the images of one data file. References are relative to the file's `folder`. Nothing outside `root` is opened,
 * not even through symbolic links. Only 16-bit grey images with a stored depth range (`DEPTH_FILE`) are decoded, and no
 * native module is needed.
 */
export class ImageFiles {
  private readonly cells = new ParquetImages();

  /** Cache of the first images, up to its maximum size. Without cache (null), every call reads the file. */
  private readonly remembered: Map<string, Uint8Array> | null;
  private room = REMEMBERED_BYTES;
  /** Facts about folders that are looked up once for all images, if images are cached. */
  private readonly looked = new UntilChanged<unknown>();
  /** Folders with 16-bit grey images without a stored depth range, which `look` has found. */
  readonly undecided = new Set<string>();

  /**
   * @param remember whether to cache images, which must not change while they are read repeatedly, as in a run
   * @param ignoresRanges whether to return 16-bit images unchanged, for a caller with its own range
   */
  constructor(
    private readonly folder: string,
    private readonly root: string,
    private readonly options: { remember?: boolean; ignoresRanges?: boolean } = {},
  ) {
    this.remembered = options.remember ? new Map() : null;
  }

  /** Returns the absolute path of an image file, without resolving links; undefined for a frame or a parquet cell. */
  pathOf(image: ImageRef): string | undefined {
    const { path, parquet, video } = typeof image === 'string' ? { path: image } : image;
    return path === undefined || parquet !== undefined || video !== undefined
      ? undefined
      : resolve(this.folder, path);
  }

  /** Returns the real path of a file. @throws DataError if the file is missing, not a file, or outside the data root */
  async resolve(path: string): Promise<string> {
    if (/^[a-z]{2,}:/i.test(path)) {
      throw new DataError('image-url', `Images and videos must be files, not URLs: ${short(path)}`, {
        fix: 'Download the file, keep its name, and pass its folder with --image-folder.',
      });
    }
    const outside = () =>
      new DataError('image-outside', `${short(path)} is outside the data root ${this.root}.`, {
        fix: 'Pass a folder that contains both the data and the images with --data-root.',
      });
    // Checks the path as text first: testing whether a file exists could reveal the user to another machine.
    if (isElsewhere(path)) throw outside();
    const { root, folder } = await this.places();
    const [named, resolved] = [resolve(this.folder, path), resolve(folder, path)];
    const at = isInside(resolve(this.root), named)
      ? join(root, relative(resolve(this.root), named))
      : resolved;
    if (!isInside(root, at)) throw outside();
    const real = await this.realPath(root, at).catch((error: unknown) => {
      if (isUnreadable(error)) throw error;
      // Paths from Windows have backslashes. Replaces them second, because file names can contain backslashes.
      if (sep === '/' && path.includes('\\')) return this.resolve(path.replaceAll('\\', '/'));
      if (path.includes('\uFFFD'))
        throw new DataError(
          'image-encoding',
          `The file name ${short(path)} contains a character that is not UTF-8.`,
          { fix: 'Convert the table again with its --encoding, or correct the name.' },
        );
      // A name with a NUL character causes a TypeError: no such file can exist.
      const isNone = isMissing(error) || error instanceof TypeError;
      const why = isNone ? 'does not exist' : 'leads through too many links';
      throw new DataError('image-missing', `Image file ${short(path)} ${why}.`);
    });
    if (real === null) throw outside();
    return real;
  }

  /** Like `realPathInside`, but follows the links of a folder once for all its images. */
  private async realPath(root: string, at: string): Promise<string | null> {
    const [above, named] = [dirname(at), resolve(this.root)];
    if (!isInside(root, above)) return realPathInside(root, at, named);
    const folder = await this.once(`real ${above}`, () => realPathInside(root, above, named));
    const real = folder && join(folder, basename(at));
    return real && (await lstat(real)).isSymbolicLink() ? realPathInside(root, at, named) : real;
  }

  /** Returns the real paths of root and folder. */
  private places(): Promise<{ root: string; folder: string }> {
    return this.once('places', async () => ({
      root: await realpath(this.root),
      folder: await realpath(this.folder).catch(() => this.folder),
    }));
  }

  private once<T>(key: string, look: () => Promise<T>): Promise<T> {
    return this.remembered ? (this.looked.of(key, '', look) as Promise<T>) : look();
  }

  /**
   * Returns the encoded bytes of an image. A 16-bit grey PNG with a stored depth range becomes an 8-bit grey PNG.
   * @throws DataError if the image is missing, its path leaves the data root, or its depth range cannot be applied
   */
  async bytes(image: ImageRef): Promise<Uint8Array> {
    const bytes = await this.stored(image);
    const range = !this.options.ignoresRanges && isDeepPng(bytes) ? await this.depthRange(image) : null;
    if (range === null || range === 'upper') return bytes;
    const scaled = await scaledPng(bytes, range);
    if (scaled) return scaled;
    throw new DataError('depth-image', 'Cannot apply the depth range to a damaged or interlaced PNG image.', {
      fix: 'Save the image as a PNG file without interlacing.',
    });
  }

  /** Returns the depth range that is stored for an image; null if none. */
  async depthRange(image: ImageRef): Promise<DepthRange | null> {
    const stored = await this.depthFile(image);
    return stored && readDepthRange(stored.path);
  }

  /**
   * Returns the file with the depth range nearest to an image, in its folder or in a folder above; null if none.
   * @returns the real path of the file, and its folder relative to the data root
   */
  async depthFile(image: ImageRef): Promise<{ path: string; folder: string } | null> {
    const ref = typeof image === 'string' ? { path: image } : image;
    const file = ref.path ?? ref.parquet;
    const root = resolve(this.root);
    if (file === undefined) return null;
    const folder = dirname(resolve(this.folder, file));
    return this.once(`depth ${folder}`, async () => {
      for (let at = folder; isInside(root, at); at = dirname(at)) {
        const path = await this.resolve(join(at, DEPTH_FILE)).catch((error: unknown) => {
          if (error instanceof DataError && error.problem.code === 'image-missing') return null;
          throw error;
        });
        if (path !== null) return { path, folder: relative(root, at) || '.' };
        if (at === dirname(at)) return null;
      }
      return null;
    });
  }

  /**
   * Adds the depth range of an image to ranges by folder: the stored range of any image, and `UNDECIDED` for a 16-bit
   * grey PNG without a stored range.
   */
  async noteDepth(image: ImageRef, ranges: Record<string, string>): Promise<void> {
    if (await this.noteStoredDepth(image, ranges)) return;
    const deep = await this.deepFolder(image);
    if (deep !== null) ranges[relative(resolve(this.root), deep) || '.'] ??= UNDECIDED;
  }

  /** Adds the stored depth range of an image to ranges by folder. @returns whether a range is stored */
  async noteStoredDepth(image: ImageRef, ranges: Record<string, string>): Promise<boolean> {
    const stored = await this.depthFile(image).catch(dataErrorIsNull);
    if (stored) ranges[stored.folder] ??= DepthRange.text(await readDepthRange(stored.path));
    return stored !== null;
  }

  /**
   * Stores a depth range in the deepest folder that contains the 16-bit grey PNG images among `images`.
   * @returns the file, and the previous range; null if no image has 16 bits
   */
  async storeDepth(
    images: AsyncIterable<ImageRef>,
    range: DepthRange,
  ): Promise<{ path: string; before: DepthRange | null } | null> {
    const folders = new Set<string>();
    const examined = new Set<string>();
    for await (const image of images) {
      const key = JSON.stringify(image);
      if (examined.has(key)) continue;
      examined.add(key);
      const folder = await this.deepFolder(image).catch(dataErrorIsNull);
      if (folder !== null) folders.add(folder);
    }
    return folders.size === 0 ? null : ImageFiles.storeDepthIn(commonFolder(folders), range);
  }

  static readonly storeDepthIn = storeDepthRange;

  /**
   * Finds the folder to which an image's name is relative: the file's folder, a subfolder, or a neighbouring folder. For
   * example, COCO has `annotations/` next to `val2017/`. Null for the file's own folder, or if no folder fits.
   * @param root folder outside of which nothing is read
   */
  static async folderOf(name: unknown, path: string, root: string): Promise<string | null> {
    if (typeof name !== 'string') return null;
    const here = dirname(path);
    for (const above of [here, dirname(here)]) {
      if (!isInside(root, above)) break;
      const below = (await readdir(above, { withFileTypes: true })).filter((entry) => entry.isDirectory());
      for (const folder of [above, ...below.map((entry) => join(above, entry.name))])
        if (await stat(join(folder, name)).catch(() => null)) return folder === here ? null : folder;
    }
    return null;
  }

  /** Returns the folder of a 16-bit grey PNG; null for any other image. */
  private async deepFolder(image: ImageRef): Promise<string | null> {
    const { path, parquet } = typeof image === 'string' ? { path: image } : image;
    if (path === undefined && parquet === undefined) return null;
    const isDeep =
      path === undefined
        ? isDeepPng(await this.stored(image))
        : isDeepPng(this.remembered?.get(path) ?? (await readRange((await this.file(path)).path, 0, 32)));
    return isDeep ? dirname(resolve(this.folder, path ?? parquet!)) : null;
  }

  /** Returns the bytes of an image as they are stored. */
  async stored(image: ImageRef): Promise<Uint8Array> {
    const ref = typeof image === 'string' ? { path: image } : image;
    if (isFrame(ref)) return frameBytes((await this.file(ref.video)).path, ref);
    if (ref.parquet !== undefined) {
      const { column = 'image', row = 0, index = 0 } = ref;
      return this.cells.bytes(await this.resolve(ref.parquet), { column, row, index });
    }
    if (ref.path === undefined)
      throw new DataError('image-none', 'The row has the size of an image, but no image file.');
    const kept = this.remembered?.get(ref.path);
    if (kept) return kept;
    const { path, size } = await this.file(ref.path);
    if (size > MAX_BYTES) throw new DataError('image-large', `${ref.path} is larger than 512 MiB.`);
    const bytes = await readBytes(path);
    if (this.remembered && bytes.length <= this.room) {
      this.room -= bytes.length;
      this.remembered.set(ref.path, bytes);
    }
    return bytes;
  }

  /** Checks that an image exists, without reading the file. @throws DataError like `bytes`, except for contents */
  async find(image: ImageRef): Promise<void> {
    const { path, parquet, video } = typeof image === 'string' ? { path: image } : image;
    const file = video ?? path ?? parquet;
    if (file !== undefined) await this.file(file);
  }

  /**
   * Checks that an image file exists and has a valid beginning and end, without decoding the image.
   * @param takesFrames whether to extract the frames of a video now
   * @throws DataError like `find`, and for a file that is damaged or not an image
   */
  async look(image: ImageRef, takesFrames = false): Promise<void> {
    const ref = typeof image === 'string' ? { path: image } : image;
    if (isFrame(ref)) return lookAtVideo((await this.file(ref.video)).path, ref, takesFrames);
    if (ref.parquet !== undefined || ref.path === undefined) return this.find(image);
    const { path, size } = await this.file(ref.path);
    const start = await checkPictureFile(path, size);
    if (isDeepPng(start) && (await this.depthRange(image)) === null)
      this.undecided.add(dirname(resolve(this.folder, ref.path)));
  }

  /** Returns the length of a video in seconds. @throws DataError like `bytes` */
  async videoLength(path: string): Promise<number> {
    return videoLength((await this.file(path)).path);
  }

  /** Adds the length of a row's video to the row, so that the times of the frames are known. */
  async withVideoLength(sample: Sample): Promise<Sample> {
    const { video } = sample;
    if (!video || video.end_s !== undefined) return sample;
    return withVideoLength(sample, video, await this.videoLength(video.path));
  }

  private async file(name: string): Promise<{ path: string; size: number }> {
    const path = await this.resolve(name);
    const stats = await stat(path);
    if (!stats.isFile()) throw new DataError('image-missing', `${name} is not a file.`);
    return { path, size: stats.size };
  }

  async close(): Promise<void> {
    await this.cells.close();
  }
}

/** An unreadable image has no depth range. Other code reports the image. */
function dataErrorIsNull(error: unknown): null {
  if (error instanceof DataError) return null;
  throw error;
}

const decodedName = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

/** Replaces the URLs of a row's images and video by files in a folder, named after the ends of the URLs. */
export async function withDownloads<Row extends { images?: unknown; video?: unknown }>(
  row: Row,
  folder: string,
): Promise<Row> {
  const downloaded = async (file: unknown): Promise<unknown> => {
    if (isRecord(file)) {
      const path = await downloaded(file.path);
      return path === file.path ? file : { ...file, path };
    }
    const steps = typeof file === 'string' ? /^https?:\/\/[^/?#]+\/([^?#]+)/i.exec(file)?.[1] : undefined;
    return (await endIn(folder, decodedName(steps ?? ''))) ?? file;
  };
  const { images, video } = row;
  return {
    ...row,
    ...(Array.isArray(images) && { images: await Promise.all(images.map(downloaded)) }),
    ...(video !== undefined && { video: await downloaded(video) }),
  };
}

/** Returns the longest end of a path that is a file in a folder; undefined if no end is. */
async function endIn(folder: string, path: string): Promise<string | undefined> {
  for (let end = path; end; end = end.includes('/') ? end.slice(end.indexOf('/') + 1) : '') {
    const file = resolve(folder, end);
    if (isInside(resolve(folder), file) && (await stat(file).catch(() => null))?.isFile()) return end;
  }
  return undefined;
}

/**
 * Finds images in the folder that now contains them. The first image found determines which folders to remove from the
 * start of all paths, so that different paths never become the same image.
 */
export class MovedImages {
  private before: string | undefined;

  constructor(private readonly folder: string) {}

  /** Returns a row with the images of the folder, relative to `to`. Other images stay as they are. */
  async locate(sample: Sample, to: string): Promise<Sample> {
    const paths = new Set<string>();
    withPaths(sample, (path) => (paths.add(path), path));
    const located = new Map<string, string>();
    for (const path of paths) {
      const end = await endIn(this.folder, path);
      if (end === undefined) continue;
      this.before ??= path.slice(0, -end.length);
      if (path === this.before + end) located.set(path, relocatePath(end, this.folder, to));
    }
    return located.size === 0 ? sample : withPaths(sample, (path) => located.get(path) ?? path);
  }
}

/** Converts a path relative to `from` to a path relative to `to`, with forward slashes as in data files. */
export function relocatePath(path: string, from: string, to: string): string {
  if (isAbsolute(path) || isElsewhere(path) || /^(?:[a-z]+:\/\/|data:)/i.test(path)) return path;
  return relative(resolve(to), resolve(from, path)).split(sep).join('/');
}

/** Makes the image references of a row relative to the folder to which the row moves. */
export function relocateImages(sample: Sample, from: string, to: string): Sample {
  return resolve(from) === resolve(to) ? sample : withPaths(sample, (path) => relocatePath(path, from, to));
}

/** Changes the paths of all image files of a row. */
function withPaths(sample: Sample, change: (path: string) => string): Sample {
  const moved = (image: ImageRef): ImageRef => {
    if (typeof image === 'string') return change(image);
    if (image.parquet !== undefined) return { ...image, parquet: change(image.parquet) };
    if (image.video !== undefined) return { ...image, video: change(image.video) };
    return image.path === undefined ? image : { ...image, path: change(image.path) };
  };
  const { depth_map: depthMap, mask_image: mask, video } = sample;
  return {
    ...renamed(sample, sample.images.map(moved), moved),
    ...(video && { video: { ...video, path: change(video.path) } }),
    ...(depthMap !== undefined && { depth_map: moved(depthMap) }),
    ...(mask !== undefined && { mask_image: moved(mask) }),
  };
}

/** Replaces the image references of a row, also in its variants. */
export function withImages(sample: Sample, images: ImageRef[]): Sample {
  const moved = new Map(sample.images.map((image, i) => [JSON.stringify(image), images[i]!]));
  return renamed(sample, images, (image) => moved.get(JSON.stringify(image)) ?? image);
}

/** Replaces the image references of a row and its variants. Reviews stay valid. */
function renamed(sample: Sample, images: ImageRef[], change: (image: ImageRef) => ImageRef): Sample {
  const after: Sample = { ...sample, images };
  if (!sample.variants) return after;
  const changed = (named: Record<string, ViewVariant>) =>
    Object.fromEntries(
      Object.entries(named).map(([id, variant]) => {
        const moved = variant.images ? { ...variant, images: variant.images.map(change) } : variant;
        const { review } = variant;
        const holds = review?.judged !== undefined && olderText(sample, variant) === null;
        return [
          id,
          holds ? { ...moved, review: { ...review, judged: judgedOf(after, moved) } } : moved,
        ] as const;
      }),
    );
  const { views, ...named } = sample.variants;
  const variants = changed(named as Record<string, ViewVariant>);
  return {
    ...after,
    variants: { ...variants, ...(views && { views: changed(views) }) } as Sample['variants'],
  };
}
