import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, sep } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { isRecord } from '../../base/json.ts';
import { asSeen, CocoReader } from './label-formats/coco.ts';
import { JPEG_HEAD, turnedJpegSize } from './label-formats/exif.ts';
import { cvatRows } from './label-formats/cvat.ts';
import { LabelStudioReader } from './label-formats/label-studio.ts';
import {
  type LabelledPicture,
  pictureFields,
  PLAIN_FORMATS,
  treeOf,
  yoloShapes,
} from './label-formats/plain-labels.ts';
import { holdsPicture, imageList } from './mappings/mapping.ts';
import { parseJson } from './parse-json.ts';
import { byNumber } from '../files/folders.ts';
import {
  boundsOfTurned,
  LABEL_FILES,
  type LabelFile,
  LabelError,
  TURNED,
  type LabelReading,
} from './label-formats/label-format.ts';
import type { Size } from '../../rows/sample/boxes.ts';
import type { SceneGraph } from '../../rows/scene-graph/scene-graph.ts';
import type { Problem } from '../../base/problem.ts';
import { readRange, readText, streamFile } from '../files/regular.ts';
import { cannotRead, DataError } from './data-error.ts';
import { jsonElements } from './json-elements.ts';
import { ImageFiles, relocateImages } from './image-files.ts';
import { toSample, type DataRow, type OpenDataset } from './rows.ts';
import { xmlElements } from './xml.ts';

/**
 * Opens a label file as a stream of rows. Question and answer can be empty if `blank` is set. Rotated boxes are
 * omitted, or replaced by axis-aligned bounding boxes.
 */
export function openLabels(
  path: string,
  format: LabelFile,
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
  // Pascal VOC has images and labels in folders next to each other.
  const files = new ImageFiles(imageFolder, format === 'voc' ? dirname(imageFolder) : imageFolder);
  const seenSize = seenSizes(files);
  async function* rows(): AsyncGenerator<DataRow> {
    for await (const { row, ...raw } of labelRows(path, format, { leave, upright, seenSize, files })) {
      const { sample, problems } = toSample(raw, { blank });
      if (sample) yield { row, sample: relocateImages(sample, imageFolder, relativeTo), problems };
      else yield { row, sample, problems };
    }
  }
  return { mapping: LABEL_FILES.find(({ name }) => name === format)!, leftOut, rows: rows() };
}

/** Function that returns the displayed size of an image file. Null for images that EXIF does not rotate. */
type SeenSize = (value: unknown) => Promise<Size | null>;

/** Reads the displayed size from the head of an image. Missing and unreadable images have no displayed size. */
function seenSizes(files: ImageFiles): SeenSize {
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
  /** Reader for the folder of images. It reads no file outside the folder. */
  files: ImageFiles;
}

async function* labelRows(path: string, format: LabelFile, reading: Reading): AsyncGenerator<LabelRow> {
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

const refused = (file: string, message: string, fix?: string): DataError =>
  new DataError('label', message, { file, ...(fix !== undefined && { fix }) });

/** Calls `take`, and converts a LabelError of core, or else a warning about the image's size, to the row's problem. */
function read(take: (warn: (message: string) => void) => Record<string, unknown>[]): LabelsOfRow {
  const warnings: Problem[] = [];
  const warn = (message: string) =>
    void warnings.push({ severity: 'warning', code: 'image-size', message, fix: UPRIGHT });
  try {
    const values = take(warn);
    return { values, ...(warnings[0] && { problem: warnings[0] }) };
  } catch (error) {
    return { problem: problemOf(error) };
  }
}

function problemOf(error: unknown): Problem {
  if (!(error instanceof LabelError)) throw error;
  const { message, path } = error;
  return { severity: 'error', code: 'label', message, path };
}

const READERS: Record<LabelFile, (path: string, reading: Reading) => AsyncGenerator<LabelsOfRow>> = {
  async *coco(path, { seenSize, ...reading }) {
    const reader = new CocoReader(reading);
    try {
      for await (const [i, value] of elements(path, 'categories')) reader.category(value, i);
      for await (const [i, value] of elements(path, 'annotations')) reader.annotation(value, i);
    } catch (error) {
      if (!(error instanceof LabelError)) throw error;
      throw refused(path, `${error.path}: ${error.message}`);
    }
    let pictures = 0;
    for await (const [i, value] of elements(path, 'images')) {
      pictures += 1;
      const seen = await seenSize(value);
      yield read((warn) => [reader.image(value, i, { seen, warn })]);
    }
    const fix = 'If the file is not in COCO format, pass its format with --from.';
    if (pictures === 0) throw refused(path, 'The file has no list "images" with images.', fix);
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
    const fix = 'Export the file from CVAT as "CVAT for images 1.1".';
    if (pictures === 0) throw refused(path, 'The file has no <image> elements.', fix);
  },

  async *labelme(path, reading) {
    yield* plainRows('labelme', await jsonFile(path), reading);
  },

  async *via(path, reading) {
    yield* plainRows('via', await jsonFile(path), reading);
  },

  async *voc(path, reading) {
    async function* wrapped() {
      yield Buffer.from('<file>');
      yield* await open(path);
      yield Buffer.from('</file>');
    }
    for await (const root of xmlElements(wrapped(), { root: 'file', name: 'annotation' })) {
      const tree = treeOf(root);
      yield* plainRows('voc', isRecord(tree) ? tree : {}, reading);
    }
  },

  async *yolo(path, reading) {
    const { names, splits, points } = yoloConfig(await readText(path).catch(cannotRead(path)), path);
    let pictures = 0;
    for (const [split, sources] of splits)
      for (const places of sources) {
        const images = await yoloImages(places, reading.files);
        if (images === null && splits !== USUAL)
          reading.leave(`images of ${places[0]!}, which does not exist`);
        for (const image of images ?? []) {
          pictures += 1;
          const label = image
            .replace(/(^|\/)images\/(?!.*\/images\/)/, '$1labels/')
            .replace(/\.\w+$/, '.txt');
          const text = await reading.files.resolve(label).then(readText, () => '');
          const shown = () => ({ names: [image], shapes: yoloShapes(text, names, points), meta: { split } });
          const { problem, ...rows } = read(() => [pictureFields(shown(), image, reading)]);
          yield problem ? { problem: { ...problem, path: `${label}, ${problem.path!}` } } : rows;
        }
      }
    const fix = 'Pass the folder of the images with --image-folder.';
    if (pictures === 0) throw refused(path, 'The image folders of the file do not exist.', fix);
  },
};

/** Reads the rows of all images that one label file lists. Images without a file on disk can be in the label file. */
async function* plainRows(
  format: keyof typeof PLAIN_FORMATS,
  file: Record<string, unknown>,
  reading: Reading,
): AsyncGenerator<LabelsOfRow> {
  const pictures: LabelledPicture[] = [];
  const { problem } = read(() => (pictures.push(...PLAIN_FORMATS[format].pictures(file)), []));
  if (problem) yield { problem };
  for (const picture of pictures) {
    let path: string | undefined;
    for (const name of picture.names)
      path ??= await reading.files.resolve(name).then(
        () => name,
        () => undefined,
      );
    const name = path ?? picture.names[0]!;
    const seen = path === undefined ? null : await reading.seenSize({ file_name: path });
    yield read((warn) => {
      const first = { upright: boundsOfTurned, leave: () => undefined };
      const whole = pictureFields({ ...picture, size: undefined }, name, first);
      const { objects = [] } = (whole.scene_graph ?? {}) as Partial<SceneGraph>;
      const corners = objects.map(({ box }) => [box![2], box![3]] as const);
      const fields = pictureFields(
        { ...picture, size: asSeen(picture.size, seen, corners, warn) },
        name,
        reading,
      );
      const [inside] = path === undefined ? imageList(picture.data) : [];
      return [inside !== undefined && holdsPicture(inside) ? { ...fields, images: [inside] } : fields];
    });
  }
}

/** Maximum size of a label file that is read as a whole, in bytes. Labelme files contain their images. */
const MOST_BYTES = 256 * 2 ** 20;

/** Reads a file that consists of one JSON object. @throws DataError */
async function jsonFile(path: string): Promise<Record<string, unknown>> {
  if ((await stat(path)).size > MOST_BYTES)
    throw refused(path, 'The file is larger than 256 MiB.', 'Export the labels as COCO.');
  const { value, problem } = parseJson((await readText(path)).replace('\uFEFF', ''));
  if (!isRecord(value)) throw refused(path, problem?.message ?? 'The file must be a JSON object.');
  return value;
}

/** Reads the YAML file of a YOLO dataset. @throws DataError if the file is not YAML, or has no list of names */
function yoloConfig(text: string, path: string) {
  const fail = (message: string, fix: string) => new DataError('yaml', message, { file: path, fix });
  let config: unknown;
  try {
    config = parseYaml(text);
  } catch (error) {
    throw fail((error as Error).message, 'Correct the YAML.');
  }
  if (!isRecord(config) || !(isRecord(config.names) || Array.isArray(config.names)))
    throw fail('The file has no list "names" of classes.', 'Add the list, for example names: [cup, plate].');
  const [count = 0, dims = 0] = Array.isArray(config.kpt_shape) ? config.kpt_shape.map(Number) : [];
  const base = typeof config.path === 'string' ? [config.path] : [];
  const named = ['train', 'val', 'test'].flatMap((split) => {
    const sources = [config[split]].flat().filter((source) => typeof source === 'string');
    // Tries the YAML file's folder first, because somebody might have moved the file together with its images.
    const places = sources.map((source) => [
      ...base.map((folder) => `${folder}/${source}`),
      source,
      source.replace(/^(?:\.\.?\/)+/, ''),
    ]);
    return sources.length > 0 ? [[split, places] as const] : [];
  });
  const splits = named.length > 0 ? named : USUAL;
  return { names: config.names, splits, points: count * dims };
}

/** Usual image folders, for a YAML file that lists none. */
const USUAL = [
  ['train', [['train/images', 'images/train', 'images']]],
  ['val', [['valid/images', 'val/images', 'images/val']]],
  ['test', [['test/images', 'images/test']]],
] as const;

/** Returns the images of the first existing place: a folder, or a file that lists images. Null if no place exists. */
async function yoloImages(places: readonly string[], files: ImageFiles): Promise<string[] | null> {
  for (const place of places) {
    const real = await files.resolve(place).catch(() => null);
    if (real === null) continue;
    const listed = place.endsWith('.txt')
      ? (await readText(real)).split('\n').map((line) => line.trim().replace(/^\.\//, ''))
      : (await readdir(real, { recursive: true }).catch(cannotRead(real))).map(
          (name) => `${place.replace(/^(?:\.\/)+/, '')}/${name.split(sep).join('/')}`,
        );
    return listed.filter((name) => PICTURE.test(name)).sort(byNumber);
  }
  return null;
}

const PICTURE = /\.(?:png|jpe?g|webp|gif|bmp|tiff?|avif|heic)$/i;

const UPRIGHT = 'Rotate the pixels, or declare the displayed size, with boxes in this size.';

const open = (path: string) => streamFile(path).catch(cannotRead(path));

/** Reads the elements of a list in the file, with their numbers. @throws DataError if an element cannot be decoded */
async function* elements(path: string, list: string): AsyncGenerator<[number, unknown]> {
  let i = 0;
  for await (const { value, problem } of jsonElements(await open(path), { member: list })) {
    if (value === undefined) throw refused(path, `${list}[${i}]: ${problem!.message}`);
    yield [i++, value];
  }
}

/** Assigns unique ids to rows without id: the name of the image, followed by a number if the name is already used. */
class Ids {
  /** Ids in use, each with the last number that was appended to the id. */
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
  return typeof path === 'string' && !path.startsWith('data:') ? path.replace(/\.\w+$/, '') : undefined;
};
