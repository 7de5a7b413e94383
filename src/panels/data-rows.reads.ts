import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { thousands } from '../base/format.ts';
import { isRecord } from '../base/json.ts';
import type { Problem } from '../base/problem.ts';
import type { ImageBytes, PairImage, PairRow } from './pair/pair.contract.ts';
import { withMisfit } from '../core/answers/set-misfits.ts';
import { checkSample } from '../rows/sample/check-sample.ts';
import { mirrorSample } from '../rows/views/mirror/mirror-sample.ts';
import type { ParsedSample } from '../rows/sample/parse-sample.ts';
import type { ImageRef, Sample } from '../rows/sample/sample.ts';
import { checkGraphOf } from '../rows/views/check-row.ts';
import { inView } from '../rows/views/view.ts';
import { MIRROR } from '../rows/view-list.ts';
import { DataError } from '../lab/datasets/data-error.ts';
import { ImageFiles } from '../lab/datasets/image-files.ts';
import { parseJson } from '../lab/datasets/parse-json.ts';
import { pictureFormat } from '../lab/datasets/picture-file.ts';
import { readQaJsonl, toSample } from '../lab/datasets/rows.ts';
import { sharedRows } from '../lab/datasets/shared-rows.ts';
import { versionIn } from '../lab/files/version.ts';
import { RowFile } from '../lab/datasets/row-file.ts';
import { sha256 } from '../lab/files/atomic.ts';
import { openParquet } from '../lab/datasets/parquet/file.ts';
import { ifMissing } from '../lab/files/disk-error.ts';
import { readText, streamFile } from '../lab/files/regular.ts';

/** Row found by its line number. `lines` is the line number of the last row. */
export interface FoundRow {
  line: number;
  lines: number;
  text: string;
}

/** Rows of the last file that was read. After a change of the file, its rows are indexed again. */
export class Rows {
  private current: { path: string; version: string; file: Promise<RowFile> } | null = null;

  /** Returns the row at or below `line` (or else the last row), moved by `by` rows; null if the file has no rows. */
  async find({ path, line, by }: { path: string; line: number; by: number }): Promise<FoundRow | null> {
    const file = await this.open(path);
    if (file.count === 0) return null;
    const last = file.count - 1;
    const index = Math.max(0, Math.min(Math.min(file.indexAt(line), last) + by, last));
    return { line: file.line(index), lines: file.line(last), text: await file.text(index) };
  }

  private async open(path: string): Promise<RowFile> {
    const version = versionIn(await stat(path));
    if (this.current?.path !== path || this.current.version !== version) {
      await this.current?.file.then((file) => file.close()).catch(() => undefined);
      this.current = { path, version, file: RowFile.open(path) };
    }
    return this.current.file;
  }
}

/** Maximum size of text files whose rows are counted, in bytes. Counting larger files would keep the disk busy. */
const MAX_BYTES = 256 * 2 ** 20;

export interface RowCount {
  /** Number of rows; null for a text file that is too large to count. */
  rows: number | null;
  bytes: number;
  /** Names of the top-level columns of a table. */
  columns: string[];
}

/** Returns the number of rows of a data file. @throws if the file is unreadable */
export async function countRows({ path }: { path: string }): Promise<RowCount> {
  const { size: bytes } = await stat(path);
  if (path.endsWith('.parquet')) {
    const { rows, schema, close } = await openParquet(path);
    await close();
    return { rows, bytes, columns: schema.children.map(({ element }) => element.name) };
  }
  return { rows: bytes > MAX_BYTES ? null : await countLines(path), bytes, columns: [] };
}

/** Returns whether any row of a data file has reasoning, and whether any has a stored mirror that training can use. */
export async function rowParts({ path }: { path: string }) {
  const parts = { reasoning: false, mirrors: false };
  for await (const { sample } of readQaJsonl(await streamFile(path))) {
    parts.reasoning ||= Boolean(sample?.reasoning?.trim());
    parts.mirrors ||= Boolean(sample?.variants?.mirror && inView(sample, MIRROR));
    if (parts.reasoning && parts.mirrors) break;
  }
  return parts;
}

/** Pattern of words with letters, as the embedded engine splits texts (engines/embedded/tokenizer.ts). */
const WORDS = /\p{L}[\p{L}\p{N}]*(?:[-'’_][\p{L}\p{N}]+)*/gu;

/**
 * Returns the words of a file's questions and choices that the embedded model in a folder does not know; none for a
 * large file, which would delay lists.
 */
export async function unknownWords({ model, path }: { model: string; path: string }): Promise<string[]> {
  const config = parseJson(await readText(join(model, 'config.json')).catch(ifMissing('{}'))).value;
  // Other models know all words.
  if (!isRecord(config) || !Array.isArray(config.words)) return [];
  if ((await stat(path)).size > MAX_COMPARED) return [];
  const words = new Set<string>();
  for await (const { sample } of readQaJsonl(await streamFile(path)))
    for (const [word] of [sample?.question, ...(sample?.choices ?? [])].join(' ').matchAll(WORDS))
      if (!config.words.includes(word)) words.add(word);
  return [...words];
}

/** Maximum size of files whose rows are compared, in bytes. Larger files would delay lists. */
const MAX_COMPARED = 128 * 2 ** 20;

/** Returns, for each other file, the share of its rows that the file at `path` also contains. */
export const sharedWith = ({ path, others }: { path: string; others: string[] }) =>
  sharedRows(path, others, MAX_COMPARED);

/** Returns the number of lines that are not blank. */
async function countLines(path: string): Promise<number> {
  let count = 0;
  let blank = true;
  for await (const chunk of await streamFile(path)) {
    for (const byte of chunk) {
      if (byte === 10) {
        if (!blank) count += 1;
        blank = true;
      } else if (byte > 32) blank = false;
    }
  }
  return blank ? count : count + 1;
}

/**
 * Maximum length of a row that rules and checks process, in characters. Longer rows would block the service: a million
 * characters take about three seconds.
 */
export const LONGEST = 1 << 18;

export function checkRow(text: string): ParsedSample {
  const parsed = toSample(parseJson(text));
  if (!parsed.sample) return parsed;
  const { sample, problems } = parsed;
  return {
    sample,
    problems: [...problems, ...withMisfit(checkSample(sample), sample), ...checkGraphOf(sample)],
  };
}

/** Location of a data file's images: references are relative to `folder`, and files outside `root` are not read. */
export interface ImageFolders {
  folder: string;
  root: string;
}

export class PairRows {
  private current: { place: ImageFolders; files: ImageFiles } | null = null;

  /** Returns a row with its mirror, from the file or, if the file lacks the mirror, from the rules. */
  async read({ text, place }: { text: string; place: ImageFolders | null }): Promise<PairRow> {
    const long = text.length > LONGEST;
    const { sample, problems } = long ? unchecked(text) : checkRow(text);
    if (!sample) return { sample, problems, mirror: null, mirrorFrom: 'rules', images: [], viewImages: {} };
    const stored = sample.variants?.mirror;
    const mirror = stored ?? (long ? null : mirrorSample(sample));
    return {
      sample,
      problems,
      mirror,
      mirrorFrom: stored ? 'file' : 'rules',
      images: await this.images(sample, place),
      viewImages: await this.viewImages(sample, mirror, place),
    };
  }

  private async viewImages(
    sample: Sample,
    mirror: PairRow['mirror'],
    place: ImageFolders | null,
  ): Promise<PairRow['viewImages']> {
    const located: PairRow['viewImages'] = {};
    for (const [view, { images }] of Object.entries({ ...sample.variants?.views, ...(mirror && { mirror }) }))
      if (Array.isArray(images)) located[view] = await this.images({ ...sample, images }, place);
    return located;
  }

  images(sample: Sample, place: ImageFolders | null): Promise<PairImage[]> {
    return Promise.all(sample.images.map((ref) => this.locate(ref, place)));
  }

  /** Returns images as `images` does, and additionally reports truncated images and unsupported formats. */
  looked(sample: Sample, place: ImageFolders | null): Promise<PairImage[]> {
    return Promise.all(
      sample.images.map(async (ref) => {
        const located = await this.locate(ref, place);
        if (!place || 'problem' in located || located.key === null || isInside(ref)) return located;
        return this.files(place)
          .look(ref)
          .then(
            () => located,
            (error: unknown) => ({ ref, problem: problemOf(error) }),
          );
      }),
    );
  }

  async image({ image, place }: { image: ImageRef; place: ImageFolders }): Promise<ImageBytes> {
    const inside = isInside(image) ? Buffer.from(image.slice(image.indexOf(',') + 1), 'base64') : null;
    return imageBytes(inside ?? (await this.files(place).bytes(image)));
  }

  private async locate(ref: ImageRef, place: ImageFolders | null): Promise<PairImage> {
    const path = typeof ref === 'string' ? ref : (ref.video ?? ref.parquet ?? ref.path);
    if (path === undefined) return { ref, key: null };
    if (isInside(ref)) return { ref, key: sha256(path) };
    try {
      if (!place)
        throw new DataError('image-place', 'Cannot show images of a data file that is not on disk.');
      const real = await this.files(place).resolve(path);
      const { mtimeMs, size } = await stat(real);
      const depth = await this.files(place).depthRange(ref);
      return { ref, key: JSON.stringify([real, mtimeMs, size, ref, depth]) };
    } catch (error) {
      return { ref, problem: problemOf(error) };
    }
  }

  private files(place: ImageFolders): ImageFiles {
    const current = this.current;
    if (current?.place.folder === place.folder && current.place.root === place.root) return current.files;
    void current?.files.close();
    this.current = { place, files: new ImageFiles(place.folder, place.root) };
    return this.current.files;
  }
}

/** Returns whether the row itself contains an image, as base64 text. */
const isInside = (image: ImageRef): image is string =>
  typeof image === 'string' && /^data:image\/[\w.+-]+;base64,/.test(image);

function unchecked(text: string): ParsedSample {
  const { sample, problems } = toSample(parseJson(text));
  const long: Problem = {
    severity: 'warning',
    code: 'long-row',
    message: `The row is too long to check or mirror in the panel (${thousands(text.length)} characters).`,
    fix: 'For rows of any length, run “Chirality: Check Data File” or “Chirality: Mirror Dataset”.',
  };
  return { sample, problems: [...problems, long] };
}

/** Replaces a fix that contains a command-line option, because the data root of an editor is the open folder. */
function problemOf(error: unknown): Problem {
  if (!(error instanceof DataError)) {
    return { severity: 'error', code: 'image', message: (error as Error).message };
  }
  const { problem } = error;
  if (problem.code !== 'image-outside') return problem;
  return { ...problem, fix: 'Open a folder that contains both the data file and the images.' };
}

/** Image formats that browsers can show. */
const SHOWN = ['PNG', 'JPEG', 'GIF', 'WebP', 'BMP', 'AVIF'];

/** Returns an image for a page. Copies the bytes, because transfers move whole buffers. */
export const imageBytes = (bytes: Uint8Array): ImageBytes => ({
  bytes: new Uint8Array(bytes),
  type: imageType(bytes),
});

/** Returns the media type of an encoded image. @throws with the reason if a browser cannot show it */
export function imageType(bytes: Uint8Array): string {
  if (bytes.length === 0) throw new Error('The image file is empty.');
  const name = pictureFormat(bytes);
  if (name === undefined) throw new Error('Unknown image format. Convert the image to PNG or JPEG.');
  if (SHOWN.includes(name)) return `image/${name.toLowerCase()}`;
  throw new Error(`Cannot show ${name} images. Convert the image to PNG or JPEG.`);
}
