import { readdir, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { TablePreview, TableRow } from '../core/protocol/table-panel.ts';
import { columnRules, guessColumns, isWhole, type ColumnChoice } from '../core/sample/guess-columns.ts';
import { DataError } from '../lab/datasets/data-error.ts';
import { openDataset, openTable } from '../lab/datasets/read.ts';
import type { DataRow } from '../lab/datasets/rows.ts';
import type { ImageFolders, PairRows } from './pair-row.ts';

/** How many rows to show. */
const SHOWN = 3;
/** How many characters of a cell to show. */
const EXAMPLE = 60;
const TEXT = 500;
/** Workbooks and lists of objects above this size are not read to see whether they could be a data set. */
const MAX_BYTES = 64 * 2 ** 20;

/** What the service does with tables that are not data sets yet. */
interface TableService {
  /**
   * The first rows of a table, read with the given columns, or else as the format that it is recognised as, or else with
   * guessed columns. @throws if it cannot be read
   */
  previewTable(args: {
    path: string;
    choice: ColumnChoice | null;
    /** The folder of the pictures; null to look for it. */
    images: string | null;
    place: ImageFolders;
  }): Promise<TablePreview>;
  /** Whether a file looks like questions with answers about pictures. False if it cannot be read. */
  isTable(args: { path: string }): Promise<boolean>;
}

export const tableService = (pairs: PairRows): TableService => ({
  isTable: async ({ path }) => {
    try {
      if ((await stat(path)).size > MAX_BYTES) return false;
      const rows = await firstRows(path);
      return (
        rows.length > 0 && (isWhole(guessColumns(columnsOf(rows), rows)) || (await formatOf(path)) !== null)
      );
    } catch {
      return false;
    }
  },
  previewTable: async ({ path, choice: chosen, images, place }) => {
    const raw = await firstRows(path);
    const columns = columnsOf(raw);
    if (columns.length === 0)
      throw new DataError('format', 'There is no table in this file.', { file: path });
    const choice = chosen ?? guessColumns(columns, raw);
    const format = chosen ? null : await formatOf(path);
    const folder =
      images ?? (choice.images === undefined ? null : await pictureFolder(path, raw, choice.images));
    const rules = format === null ? columnRules(choice) : '';
    const options = {
      ...(rules !== '' && { map: rules }),
      ...(folder && { imageFolder: folder }),
      blank: 'labels' as const,
    };
    const isChosen = format !== null || rules !== '';
    const rows = isChosen ? await taken((await openDataset(path, options)).rows) : [];
    return {
      columns: columns.map((name) => ({
        name,
        example: shown(raw.find((row) => row[name] != null)?.[name]),
      })),
      choice,
      format,
      rules,
      imageFolder: folder === null ? '' : relative(dirname(path), folder).split(sep).join('/'),
      rows: await Promise.all(rows.map((row) => shownRow(row, (sample) => pairs.images(sample, place)))),
    };
  },
});

type Row = Record<string, unknown>;

async function firstRows(path: string): Promise<Row[]> {
  const rows = await taken(await openTable(path));
  return rows.flatMap(({ value }) => (value instanceof Object ? [value as Row] : []));
}

async function taken<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const first: T[] = [];
  for await (const row of rows) {
    first.push(row);
    if (first.length === SHOWN) break;
  }
  return first;
}

const columnsOf = (rows: readonly Row[]): string[] => [...new Set(rows.flatMap((row) => Object.keys(row)))];

/** What a file is recognised as; null if it is not. */
async function formatOf(path: string): Promise<TablePreview['format']> {
  try {
    const { mapping, rows } = await openDataset(path);
    await rows.return(undefined);
    return { name: mapping.name, about: mapping.about };
  } catch (error) {
    if (error instanceof DataError && error.problem.code === 'format') return null;
    throw error;
  }
}

/** The folder that the first picture's name is relative to: that of the table, or one of those in it. */
async function pictureFolder(path: string, rows: readonly Row[], column: string): Promise<string | null> {
  const [first] = [rows.find((row) => row[column] != null)?.[column]].flat();
  if (typeof first !== 'string') return null;
  const here = dirname(path);
  const below = (await readdir(here, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  for (const folder of [here, ...below.map(({ name }) => join(here, name))])
    if (await stat(join(folder, first)).catch(() => null)) return folder === here ? null : folder;
  return null;
}

async function shownRow(
  { sample, problems }: DataRow,
  imagesOf: (sample: NonNullable<DataRow['sample']>) => ReturnType<PairRows['images']>,
): Promise<TableRow> {
  const problem = problems.find(({ severity }) => severity === 'error')?.message ?? null;
  if (!sample) return { question: '', answer: '', choices: [], image: null, problem };
  const { question, answer, choices = [] } = sample;
  const [image = null] = await imagesOf(sample);
  return { question: question.slice(0, TEXT), answer: answer.slice(0, TEXT), choices, image, problem };
}

/** The beginning of a cell. */
function shown(cell: unknown): string {
  if (cell == null) return '';
  const text = typeof cell === 'string' ? cell : (JSON.stringify(cell) ?? '');
  return text.length > EXAMPLE ? `${text.slice(0, EXAMPLE)}…` : text;
}
