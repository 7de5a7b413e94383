import { readdir } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import { isRecord } from '../../base/json.ts';
import type { Problem } from '../../base/problem.ts';
import { moveOptions } from '../../rows/read/move-options.ts';
import { parseSample, type ParsedSample } from '../../rows/sample/parse-sample.ts';
import { chooseMapping, isNative, NATIVE } from './choose-mapping.ts';
import { DataError } from './data-error.ts';
import { openTable, readLines } from './open-table.ts';
import { openLabels } from './label-files.ts';
import { labelFormat } from './label-formats/detect-labels.ts';
import { heldPictures, optionsOfCell, untagged, type Mapping, type Row } from './mappings/mapping.ts';
import { isEmpty } from './mappings/named-columns.ts';
import { isVideoName, withVideo } from './mappings/video-mapping.ts';
import { type DataRow, type OpenDataset, type RowNumber, type RawRow } from './rows.ts';
import { MovedImages, relocateImages, relocatePath, withDownloads } from './image-files.ts';
import { ifMissing } from '../files/disk-error.ts';
import { isInside } from '../files/inside.ts';
import { byNumber } from '../files/folders.ts';

export interface ReadOptions {
  /** Name of the mapping to use, or `auto` to detect it. */
  from?: string;
  /** A column mapping (mappings/column-mapping.ts). It takes precedence over `from`. */
  map?: string;
  /** Folder to which image paths in the file are relative. Default: the folder of the file. */
  imageFolder?: string;
  /** Folder to which image paths in the returned rows are made relative. Default: the folder of the file. */
  relativeTo?: string;
  /** Rows that can lack texts: `labels`: rows of label files, and rows without question and answer; `all`: all rows. */
  blank?: 'labels' | 'all';
  /** Whether to read rotated boxes of label files as axis-aligned bounding boxes. Default: omitted. */
  boundTurned?: boolean;
  /** Encoding of a CSV or TSV table. Default: detected from the bytes (encoding.ts). */
  encoding?: string;
  /** Table with further columns, joined by the key that both tables contain (join-tables.ts). */
  join?: string;
}

/**
 * Opens a dataset of any known format, from a file or standard input, as a stream of rows. Bad rows become rows with
 * errors. The call throws an error only if the file is unreadable.
 * @throws DataError with a fix if the format is not recognised or the file is unreadable.
 */
export async function openDataset(
  input: string | AsyncIterable<Buffer>,
  options: ReadOptions = {},
): Promise<OpenDataset> {
  const path = typeof input === 'string' ? input : undefined;
  const folder = path === undefined ? '.' : dirname(path);
  const imageFolder = options.imageFolder ?? folder;
  const labels = await labelFormat(input, options);
  if (labels !== null)
    return openLabels(input as string, labels, {
      imageFolder,
      relativeTo: options.relativeTo ?? folder,
      blank: options.blank !== undefined,
      boundTurned: options.boundTurned ?? false,
    });
  const nameOf = (file: string) => relocatePath(basename(file), dirname(file), imageFolder);
  const source = await openTable(input, options, nameOf);
  let mapping: Mapping;
  try {
    mapping = await chooseMapping(options, source, path);
  } catch (error) {
    await source.close?.();
    throw error;
  }
  // Rows in Chirality's own format, and rows from pipes, are not rewritten while they are read.
  const isOurs = isNative(mapping) && (path === undefined || path.endsWith(NATIVE));
  const stem = path === undefined ? 'row' : basename(path).replace(/(\.qa)?\.\w+$/, '');
  const told = new Set<string>();
  const images = options.imageFolder === undefined ? null : new MovedImages(imageFolder);
  async function* read(
    source: AsyncIterable<RawRow>,
    { n = 0, isThread = false }: { n?: number; isThread?: boolean } = {},
  ): AsyncGenerator<DataRow> {
    for await (const raw of source) {
      const { lost, ...parsed } = await mapRow(raw, mapping, `${stem}-${n++}`, {
        blank: options.blank,
        isOurs,
        imageFolder,
        told,
      });
      const place: RowNumber = raw.line === undefined ? { row: raw.row } : { line: raw.line };
      const moved = isOurs || !parsed.sample ? null : moveOptions(parsed.sample);
      const row: DataRow = { ...place, ...parsed, ...(isThread && lost && { lost }) };
      if (!isThread && lost) row.problems = settle({ ...row, lost });
      const sample = moved ?? row.sample;
      const located = sample && images ? await images.locate(sample, imageFolder) : sample;
      if (located) row.sample = relocateImages(located, imageFolder, options.relativeTo ?? folder);
      yield moved ? { ...row, moved_options: true } : row;
    }
  }
  const settle = ({ problems, lost }: Pick<DataRow, 'problems' | 'lost'>): Problem[] => {
    const columns = lost?.columns.filter((column) => !told.has(column)) ?? [];
    for (const column of columns) told.add(column);
    return columns.length === 0 ? problems : problems.toSpliced(lost!.after, 0, lostImages(columns));
  };
  return {
    mapping,
    ...(source.total !== undefined && { total: source.total }),
    ...(source.encoding && { encoding: source.encoding }),
    ...(source.close && { close: source.close }),
    rows: read(source.rows),
    ...(source.readChunk && {
      readChunk: (chunk) => read(readLines(chunk), { n: chunk.rows, isThread: true }),
      settle,
    }),
  };
}

/** Whether a row has neither question nor answer, like labels that have just become rows. */
const isUnasked = (row: Row): boolean => row.question === '' && row.answer === '';

async function mapRow(
  { value, problem }: RawRow,
  mapping: Mapping,
  id: string,
  {
    blank,
    isOurs,
    imageFolder,
    told,
  }: { blank: ReadOptions['blank']; isOurs: boolean; imageFolder: string; told: Set<string> },
): Promise<ParsedSample & Pick<DataRow, 'lost'>> {
  const before = problem ? [problem] : [];
  if (value === undefined) return { sample: null, problems: before };
  const isList = Array.isArray(value) && !isNative(mapping);
  if (typeof value !== 'object' || value === null || (Array.isArray(value) && !isList))
    return parseSample(value);
  const row = { ...value } as Row;
  const missing = isNative(mapping) ? [] : mapping.columns.filter((column) => row[column] == null);
  if (missing.length > 0) {
    const message = `A ${mapping.name} row requires the column${missing.length > 1 ? 's' : ''} ${missing.join(', ')}.`;
    return { sample: null, problems: [...before, { severity: 'error', code: 'missing-column', message }] };
  }
  try {
    const mapped = mapping.sample(row, id);
    if (!isNative(mapping)) {
      Object.assign(mapped, untagged(mapped.answer));
      if (typeof mapped.choices === 'string')
        mapped.choices = optionsOfCell(mapped.choices) ?? mapped.choices;
      refuseUnreadable(mapped);
    }
    const local = isOurs ? mapped : await withDownloads(mapped, imageFolder);
    const moving = isOurs ? mapped : withVideo({ ...local, ...(await framesOf(local, imageFolder)) });
    const isGraph = mapped.scene_graph !== undefined;
    const mayBeBlank = blank === 'all' ? isNative(mapping) : blank === 'labels' && isUnasked(mapped);
    const parsed = parseSample(moving, { blank: mayBeBlank && (isNative(mapping) || isGraph) });
    const columns = parsed.sample && !isOurs ? lostColumns(row, moving, told) : [];
    const lost = columns.length > 0 && { lost: { after: before.length, columns } };
    return { ...parsed, problems: [...before, ...parsed.problems], ...lost };
  } catch (error) {
    const fault = error instanceof TypeError ? misshapen(mapping) : error;
    if (!(fault instanceof DataError)) throw error;
    return { sample: null, problems: [...before, fault.problem] };
  }
}

const misshapen = ({ name }: Mapping): DataError =>
  new DataError('row', `A cell of the row does not have the format of ${name} rows.`, {
    fix: 'Pass the columns with --map.',
  });

/** Returns columns with images that a row does not show. @param told columns that earlier warnings already contain */
function lostColumns(row: Row, { images, video, mask_image, depth_map }: Row, told: Set<string>): string[] {
  const shown = JSON.stringify([images, video, mask_image, depth_map]);
  return Object.keys(row).filter((column) => {
    const held = told.has(column) ? [] : heldPictures(row[column]);
    return held.length > 0 && held.every((image) => !shown.includes(JSON.stringify(image).slice(1, -1)));
  });
}

const lostImages = (columns: readonly string[]): Problem => ({
  severity: 'warning',
  code: 'image-column',
  message: `Excluded the images of ${columns.map((column) => `"${column}"`).join(', ')}. To include these images, pass --map with images=${columns[0]!}.`,
});

/** @throws DataError if a question needs sound or refers to masks, because engines cannot show these to a model */
function refuseUnreadable({ question, meta }: Row): void {
  if (/<audio>/i.test(String(question)) || (isRecord(meta) && !isEmpty(meta.audios)))
    throw new DataError('audio', 'The question requires sound, but models receive only images.', {
      fix: 'Remove the row.',
    });
  if (/<(?:mask|depth|region)\d*>/i.test(String(question)))
    throw new DataError('mask-prompt', 'The question refers to regions by <mask>, which models cannot see.', {
      fix: 'Write the regions as boxes in the question.',
    });
}

/** Maximum number of frames that are used of a video. */
const MAX_FRAMES = 128;
const PICTURE = /\.(?:png|jpe?g|webp|gif|bmp|tiff?|avif)$/i;

/**
 * Expands a single image reference that ends in `/*` to all images of the folder, sorted by name. If the folder is
 * missing, the reference is replaced by the video with the folder's name.
 */
async function framesOf({ images }: Row, imageFolder: string): Promise<Row> {
  const [only] = Array.isArray(images) && images.length === 1 ? (images as unknown[]) : [];
  if (typeof only !== 'string' || !only.endsWith('/*')) return {};
  const folder = only.slice(0, -2);
  const path = resolve(imageFolder, folder);
  const fix = 'Add the video or its frames, and pass the parent folder with --image-folder.';
  if (!isInside(resolve(imageFolder), path))
    throw new DataError('image-outside', `${folder} is outside the image folder.`);
  const names = (await readdir(path).catch(ifMissing([]))).filter((name) => PICTURE.test(name));
  if (names.length > MAX_FRAMES)
    throw new DataError(
      'no-frames',
      `${folder} contains ${names.length} images, but a clip can have at most ${MAX_FRAMES}.`,
    );
  if (names.length > 0) return { images: names.sort(byNumber).map((name) => `${folder}/${name}`), clip: {} };
  const beside = (await readdir(dirname(path)).catch(ifMissing([]))).find(
    (name) => isVideoName(name) && basename(name, extname(name)) === basename(path),
  );
  if (beside === undefined)
    throw new DataError('no-frames', `${folder} has no images, and no video with this name exists.`, { fix });
  return { images: [`${dirname(folder)}/${beside}`] };
}
