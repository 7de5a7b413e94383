import { stat } from 'node:fs/promises';
import { dirname, relative, sep } from 'node:path';
import type { TablePreview, TableRow } from './table.contract.ts';
import type { ColumnChoice } from '../../rows/sample/column-choice.ts';
import { tableColumns } from '../../lab/datasets/mappings/guess-columns.ts';
import { isRecord } from '../../base/json.ts';
import { isClip } from '../../rows/sample/clip.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { DataError } from '../../lab/datasets/data-error.ts';
import { ImageFiles, relocateImages } from '../../lab/datasets/image-files.ts';
import { labelFormat } from '../../lab/datasets/label-formats/detect-labels.ts';
import { openDataset, type ReadOptions } from '../../lab/datasets/open-dataset.ts';
import { openTable } from '../../lab/datasets/open-table.ts';
import type { DataRow } from '../../lab/datasets/rows.ts';
import { isOfRun } from '../../lab/foreign/find.ts';
import type { PairImage } from '../pair/pair.contract.ts';
import type { ImageFolders, PairRows } from '../data-rows.reads.ts';

/** Number of rows in the preview. */
const SHOWN = 3;
/** Maximum length of an example cell, and of a displayed question or answer, in characters. */
const EXAMPLE = 60;
const TEXT = 500;
/** Maximum size of tables that `isTable` examines, in bytes. */
const MAX_BYTES = 64 * 2 ** 20;

/** Calls of the service about tables that are not datasets yet. */
export const tableService = (pairs: PairRows) => ({
  /**
   * Returns whether a file seems to contain questions with answers about images, or labels of images. Returns false for
   * unreadable files, and for the output of a run or an evaluation.
   */
  isTable: async ({ path }: { path: string }): Promise<boolean> => {
    try {
      if (await isOfRun(path)) return false;
      const labels = await labelFormat(path, {});
      // Require one row with an image, because many unrelated files begin like label files.
      if (labels !== null) return (await taken((await openDataset(path, LABELS)).rows, 1)).length > 0;
      if ((await stat(path)).size > MAX_BYTES) return false;
      const { rows } = await firstRows(path);
      return rows.length > 0 && (tableColumns(rows).isOffered || (await formatOf(path)) !== null);
    } catch {
      return false;
    }
  },
  /**
   * Returns the first rows of a table. Reads the table with the given columns, else in a recognised format, else with
   * guessed columns. @throws if the file is unreadable
   */
  previewTable: async ({
    paths,
    choice: chosen,
    images,
    encoding: named,
    place,
  }: TableQuestion): Promise<TablePreview> => {
    const [first = ''] = paths;
    const labels = await labelFormat(first, {});
    const { inputs, join } = labels === null ? await tablesOf(paths) : { inputs: [...paths] };
    const [path = first] = inputs;
    const files = { inputs, join: join ?? null };
    const source = { ...(join !== undefined && { join }), ...(named != null && { encoding: named }) };
    if (labels !== null) {
      const { mapping: format, rows: all } = await openDataset(path, LABELS);
      const rows = await taken(all);
      const names = rows.flatMap(({ sample }) => sample?.images.map(nameOf) ?? []);
      const folder = images ?? (await ImageFiles.folderOf(names[0], path, place.root));
      const moved = rows.map((row): DataRow => {
        if (!row.sample || folder === null) return row;
        return { ...row, sample: relocateImages(row.sample, folder, dirname(path)) };
      });
      return {
        ...files,
        ...NO_COLUMNS,
        format,
        imageFolder: fromFile(path, folder),
        rows: await Promise.all(moved.map((row) => shownRow(row, (sample) => pairs.images(sample, place)))),
      };
    }
    const { rows: raw, encoding } = await firstRows(path, source);
    const { columns, choice, references, rules: ownRules } = tableColumns(raw, chosen);
    if (columns.length === 0)
      throw new DataError('format', 'The file does not contain a table.', { file: path });
    const format = chosen ? null : await formatOf(path, source);
    const [name] = choice.images === undefined ? [] : [firstCell(raw, choice.images)].flat();
    const folder = images ?? (await ImageFiles.folderOf(name, path, dirname(path)));
    const rules = format === null ? ownRules : '';
    const options = {
      ...(rules !== '' && { map: rules }),
      ...(folder && { imageFolder: folder }),
      ...source,
      ...LABELS,
    };
    const isChosen = format !== null || rules !== '';
    const rows = isChosen ? await taken((await openDataset(path, options)).rows) : [];
    return {
      ...files,
      columns: columns.map((name) => ({ name, example: shown(firstCell(raw, name)) })),
      choice,
      format,
      encoding: /\.[ct]sv$/i.test(path) ? (encoding ?? 'utf-8') : null,
      cells: raw.slice(0, SHOWN).map((row) => columns.map((name) => shown(row[name]))),
      references,
      rules,
      imageFolder: fromFile(path, folder),
      rows: await Promise.all(rows.map((row) => shownRow(row, (sample) => pairs.images(sample, place)))),
    };
  },
});

export interface TableQuestion {
  /** Parts of one table, or two tables to join. */
  paths: readonly string[];
  choice: ColumnChoice | null;
  /** Image folder; null to search for the image folder. */
  images: string | null;
  /** Encoding of a CSV or TSV file; null or undefined to detect the encoding. */
  encoding?: string | null;
  place: ImageFolders;
}

type Row = Record<string, unknown>;

const NO_COLUMNS = { columns: [], choice: {}, encoding: null, cells: [], references: [], rules: '' };

/** Allows rows of label files without a question. */
const LABELS = { blank: 'labels' } as const;

type Source = Pick<ReadOptions, 'encoding' | 'join'>;

/**
 * Decides how two tables belong together: parts with the same columns, or tables to join, if each has columns that the
 * other lacks and they share one. The first input can be joined with `join`.
 * @throws DataError if tables to join have no common key
 */
async function tablesOf(paths: readonly string[]): Promise<{ inputs: string[]; join?: string }> {
  if (paths.length !== 2) return { inputs: [...paths] };
  const [first = [], second = []] = await Promise.all(
    paths.map(async (path) => (await closed(openTable(path))).columns),
  );
  const shared = first.filter((name) => second.includes(name)).length;
  if (shared === 0 || shared === Math.min(first.length, second.length)) return { inputs: [...paths] };
  const tried = async ([input, join]: readonly string[]) => {
    await closed(openTable(input!, { join: join! }));
    return { inputs: [input!], join: join! };
  };
  return tried(paths).catch((error: unknown) =>
    tried(paths.toReversed()).catch(() => Promise.reject(error as Error)),
  );
}

async function closed<T extends { close?: () => Promise<unknown> }>(opening: Promise<T>): Promise<T> {
  const table = await opening;
  await table.close?.();
  return table;
}

async function firstRows(path: string, source: Source = {}) {
  const { first, encoding = null } = await closed(openTable(path, source));
  return { rows: await first(), encoding };
}

async function taken<T>(rows: AsyncIterable<T>, most = SHOWN): Promise<T[]> {
  const first: T[] = [];
  for await (const row of rows) {
    first.push(row);
    if (first.length === most) break;
  }
  return first;
}

/** Returns the recognised format of a file; null if there is none or two columns could be the answer. */
async function formatOf(path: string, source: Source = {}): Promise<TablePreview['format']> {
  try {
    const { mapping, rows } = await openDataset(path, source);
    await taken(rows, 1); // a generator that has not started closes no file
    return { name: mapping.name, about: mapping.about };
  } catch (error) {
    if (error instanceof DataError && ['format', 'reference'].includes(error.problem.code)) return null;
    throw error;
  }
}

const firstCell = (rows: readonly Row[], column: string): unknown =>
  rows.find((row) => row[column] != null)?.[column];

const nameOf = (image: unknown): unknown => (isRecord(image) ? image.path : image);

/** Returns the image folder relative to the file's folder; '' if both are the same. */
const fromFile = (path: string, folder: string | null): string =>
  folder === null ? '' : relative(dirname(path), folder).split(sep).join('/');

async function shownRow(
  { sample, problems }: DataRow,
  imagesOf: (sample: Sample) => Promise<PairImage[]>,
): Promise<TableRow> {
  const problem = problems.find(({ severity }) => severity === 'error')?.message ?? null;
  if (!sample) return { question: '', answer: '', choices: [], labels: [], images: [], problem };
  const { question, answer, choices = [], scene_graph: graph } = sample;
  const images = await imagesOf(sample);
  const labels = graph?.objects.map(({ label }) => label) ?? [];
  return {
    question: question.slice(0, TEXT),
    answer: answer.slice(0, TEXT),
    choices,
    labels,
    images: isClip(sample) ? images.slice(0, 1) : images,
    ...(isClip(sample) && { frames: sample.images }),
    problem,
  };
}

function shown(cell: unknown): string {
  if (cell == null) return '';
  const text = typeof cell === 'string' ? cell : (JSON.stringify(cell) ?? '');
  return text.length > EXAMPLE ? `${text.slice(0, EXAMPLE)}…` : text;
}
