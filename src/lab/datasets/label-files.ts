import { basename, extname } from 'node:path';
import { isRecord } from '../../base/json.ts';
import { CocoReader } from './label-formats/coco.ts';
import { JPEG_HEAD, turnedJpegSize } from './label-formats/exif.ts';
import { cvatRows } from './label-formats/cvat.ts';
import { isTask, LabelStudioReader } from './label-formats/label-studio.ts';
import {
  boundsOfTurned,
  LABEL_FILES,
  LabelError,
  type LabelFormat,
  TURNED,
  type LabelReading,
} from './label-formats/label-format.ts';
import type { Size } from '../../rows/sample/boxes.ts';
import type { Problem } from '../../base/problem.ts';
import { readRange, streamFile } from '../files/regular.ts';
import { cannotRead, DataError } from './data-error.ts';
import { jsonElements, jsonMember } from './json-elements.ts';
import { ImageFiles, relocateImages } from './image-files.ts';
import { toSample, type DataRow, type OpenDataset } from './rows.ts';
import { xmlElements } from './xml.ts';

/**
 * How a COCO file begins: one object with lists of images, annotations and categories, perhaps after words about
 * itself. CLEVR's questions have such words, too, and our own rows may begin with their images.
 */
const COCO =
  /^\{\s*(?:"(?:info|type)"\s*:\s*(?:"(?:[^"\\]|\\.)*"|\{(?:[^{}[\]"]|"(?:[^"\\]|\\.)*")*\})\s*,\s*)*"(?:(?:licenses|categories|annotations)"\s*:\s*\[\s*[\]{]|images"\s*:\s*\[\s*(?:\]|\{[^{}]*"file_name"))/;

/** How much of a file to read to recognise it. */
const HEAD = 1 << 16;

/**
 * The format of a file of labels, by its ending and beginning; null for all others.
 * @throws DataError for --from a format, and standard input: such a file is read more than once
 */
export async function labelFormat(
  input: string | AsyncIterable<Buffer>,
  { from = 'auto', map }: { from?: string; map?: string },
): Promise<LabelFormat | null> {
  const named = LABEL_FILES.find(({ name }) => name === from)?.name ?? null;
  if (map !== undefined || (from !== 'auto' && named === null)) return null;
  if (typeof input !== 'string') {
    if (named === null) return null;
    throw new DataError('format', `--from ${named} does not read standard input.`, { fix: 'Pass a file.' });
  }
  const ending = extname(input).toLowerCase();
  if (named !== null) return named;
  if (ending === '.xml') return 'cvat';
  if (ending !== '.json') return null;
  const head = await readRange(input, 0, HEAD).catch(cannotRead(input));
  const start = head.toString('utf8').replace('\uFEFF', '').trimStart();
  if (!start.startsWith('[')) return COCO.test(start) ? 'coco' : null;
  for await (const { value } of jsonElements(await open(input))) return isTask(value) ? 'label-studio' : null;
  return null;
}

/**
 * Opens a file of labels as a stream of rows; their texts may be empty if `blank` is set. Turned boxes are left out, or
 * become the upright boxes around them.
 */
export function openLabels(
  path: string,
  format: LabelFormat,
  {
    imageFolder,
    relativeTo,
    blank,
    boundTurned,
  }: { imageFolder: string; relativeTo: string; blank: boolean; boundTurned: boolean },
): OpenDataset {
  const leftOut = new Map<string, number>();
  const leave = (what: string, count = 1) =>
    void (count > 0 && leftOut.set(what, (leftOut.get(what) ?? 0) + count));
  const upright = boundTurned ? boundsOfTurned : () => (leave(TURNED), null);
  const seenSize = seenSizes(imageFolder);
  async function* rows(): AsyncGenerator<DataRow> {
    for await (const { row, ...raw } of labelRows(path, format, { leave, upright, seenSize })) {
      const { sample, problems } = toSample(raw, { blank });
      if (sample) yield { row, sample: relocateImages(sample, imageFolder, relativeTo), problems };
      else yield { row, sample, problems };
    }
  }
  return { mapping: LABEL_FILES.find(({ name }) => name === format)!, leftOut, rows: rows() };
}

/** Sizes of images as they are seen, by their paths in the file; null for those that no orientation turns. */
type SeenSize = (value: unknown) => Promise<Size | null>;

/** Looks at the head of an image that lies in its folder; one that does not, or cannot be read, tells nothing. */
function seenSizes(imageFolder: string): SeenSize {
  const files = new ImageFiles(imageFolder, imageFolder);
  return async (image) => {
    const name = isRecord(image) ? image.file_name : undefined;
    if (typeof name !== 'string' || !/\.jpe?g$/i.test(name)) return null;
    const head = files.resolve(name).then((full) => readRange(full, 0, JPEG_HEAD));
    return head.then(turnedJpegSize, () => null);
  };
}

interface LabelRow {
  row: number;
  value?: unknown;
  problem?: Problem;
}

interface Reading extends LabelReading {
  seenSize: SeenSize;
}

async function* labelRows(path: string, format: LabelFormat, reading: Reading): AsyncGenerator<LabelRow> {
  const stem = basename(path).replace(/\.\w+$/, '');
  const ids = new Ids();
  let row = 0;
  for await (const { values = [], problem } of READERS[format](path, reading)) {
    if (problem && values.length === 0) yield { row: row++, problem };
    for (const value of values) {
      const { id = ids.free(pictureName(value) ?? `${stem}-${row}`), ...fields } = value;
      ids.take(String(id));
      const filled = { id, question: '', answer: '', ...fields };
      yield { row: row++, value: filled, ...(problem && { problem }) };
    }
  }
}

interface LabelsOfRow {
  values?: Record<string, unknown>[];
  problem?: Problem;
}

/** Calls a function of core; what it says about a value becomes a problem of the row. */
function read(take: () => Record<string, unknown>[]): LabelsOfRow {
  try {
    return { values: take() };
  } catch (error) {
    return { problem: problemOf(error) };
  }
}

function problemOf(error: unknown): Problem {
  if (!(error instanceof LabelError)) throw error;
  const { message, path } = error;
  return { severity: 'error', code: 'label', message, path };
}

const READERS: Record<LabelFormat, (path: string, reading: Reading) => AsyncGenerator<LabelsOfRow>> = {
  async *coco(path, { seenSize, ...reading }) {
    const reader = new CocoReader(reading);
    try {
      for await (const [i, value] of elements(path, 'categories')) reader.category(value, i);
      for await (const [i, value] of elements(path, 'annotations')) reader.annotation(value, i);
    } catch (error) {
      if (!(error instanceof LabelError)) throw error;
      throw new DataError('label', `${error.path}: ${error.message}`, { file: path });
    }
    let pictures = 0;
    for await (const [i, value] of elements(path, 'images')) {
      pictures += 1;
      const seen = await seenSize(value);
      const warnings: Problem[] = [];
      const warn = (message: string) =>
        void warnings.push({ severity: 'warning', code: 'image-size', message, fix: UPRIGHT });
      const rows = read(() => [reader.image(value, i, { seen, warn })]);
      yield { ...(warnings[0] && { problem: warnings[0] }), ...rows };
    }
    if (pictures === 0)
      throw new DataError('label', 'The file has no list "images" with images.', {
        file: path,
        fix: 'If the file is not in COCO format, pass its format with --from.',
      });
    for (const stray of reader.strays()) yield { problem: problemOf(stray) };
  },

  async *'label-studio'(path, reading) {
    const reader = new LabelStudioReader(reading);
    for await (const { value, problem } of jsonElements(await open(path)))
      yield value === undefined ? { problem: problem! } : read(() => reader.rows(value));
  },

  async *cvat(path, reading) {
    let pictures = 0;
    for await (const image of xmlElements(await open(path), { root: 'annotations', name: 'image' })) {
      pictures += 1;
      yield read(() => cvatRows(image, reading));
    }
    if (pictures === 0)
      throw new DataError('label', 'The file has no <image> elements.', {
        file: path,
        fix: 'Export the file from CVAT as "CVAT for images 1.1".',
      });
  },
};

const UPRIGHT = 'Rotate the pixels, or declare the displayed size, with boxes in it.';

const open = (path: string) => streamFile(path).catch(cannotRead(path));

/** The elements of one of a file's lists, with their numbers. @throws DataError if one cannot be decoded */
async function* elements(path: string, list: string): AsyncGenerator<[number, unknown]> {
  const bytes = jsonMember(await open(path), list);
  const first = await bytes.next();
  if (first.done) return;
  async function* all() {
    yield first.value as Buffer;
    yield* bytes;
  }
  let i = 0;
  for await (const { value, problem } of jsonElements(all())) {
    if (value === undefined)
      throw new DataError('label', `${list}[${i}]: ${problem!.message}`, { file: path });
    yield [i++, value];
  }
}

/** Ids of rows that have none: the name of the image, with a number where another row has it. */
class Ids {
  /** Every id, with the last number that was tried after it. */
  private readonly taken = new Map<string, number>();

  free(name: string): string {
    let n = this.taken.get(name) ?? 1;
    let id = name;
    while (this.taken.has(id)) id = `${name}-${++n}`;
    this.taken.set(name, n);
    return id;
  }

  take(id: string): void {
    if (!this.taken.has(id)) this.taken.set(id, 1);
  }
}

const pictureName = ({ images }: Record<string, unknown>): string | undefined => {
  const [image] = Array.isArray(images) ? (images as unknown[]) : [];
  const path = isRecord(image) ? image.path : image;
  return typeof path === 'string' ? path.replace(/\.\w+$/, '') : undefined;
};
