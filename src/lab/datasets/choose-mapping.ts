import { resolve } from 'node:path';
import { several } from '../../base/format.ts';
import {
  columnRules,
  guessColumns,
  isBoxColumn,
  isWhole,
  otherReferences,
} from './mappings/guess-columns.ts';
import { namedColumns } from './mappings/named-columns.ts';
import type { ColumnChoice } from '../../rows/sample/column-choice.ts';
import { printable } from '../../base/printable.ts';
import { SEPARATOR_NAMES, type Separator } from './csv.ts';
import { DataError } from './data-error.ts';
import { columnMapping, isOwnTable, plainTable, withFixed, withPictures } from './mappings/column-mapping.ts';
import { graphColumns, graphTable } from './mappings/graphs.ts';
import { FORMATS, mappingOf, recognise } from './mappings/index.ts';
import { native, type Mapping, type Row } from './mappings/mapping.ts';

export interface Table {
  columns: string[];
  /** Returns the first rows. For a pipe, returns only rows that were already read. */
  first: () => Promise<Row[]>;
  /** Separator of a CSV or TSV table. */
  separator?: Separator;
  /** Whether rows lack their empty cells. */
  omitsEmpty?: boolean;
  /** Key of the list of rows inside one JSON object, and number of rows in the list. */
  list?: string;
  total?: number;
}

/** Extension of Chirality's own dataset files. */
export const NATIVE = '.qa.jsonl';
/** Whether a mapping reads rows of Chirality's own format. */
export const isNative = ({ name }: Mapping): boolean => name === native.name;

/** Maximum number of column names in a message. */
const LISTED = 50;
const shortList = (names: readonly string[]): string =>
  names.length > LISTED
    ? `${names.slice(0, LISTED).join(', ')} and ${names.length - LISTED} more`
    : names.join(', ');
/**
 * Chooses the mapping of a table: the requested mapping, else the mapping of a published dataset or of a plain table.
 * @throws DataError with a fix if no mapping fits, or if two columns can be the reference answer
 */
export async function chooseMapping(
  { from = 'auto', map }: { from?: string; map?: string },
  table: Table,
  path?: string,
): Promise<Mapping> {
  const { columns, first, separator, list, total } = table;
  if (map !== undefined)
    return withFixed(map, () => chooseMapping({ from }, table, path)) ?? columnMapping(map);
  if (from !== 'auto') {
    const named = mappingOf(from);
    const fix = `Use one of auto, ${FORMATS.map(({ name }) => name).join(', ')}, or --map.`;
    if (!named) throw new DataError('format', `Format "${from}" does not exist.`, { fix });
    return named;
  }
  // An empty file is an empty dataset. A .qa.jsonl file has Chirality's format even if rows are invalid.
  if (columns.length === 0 || path?.endsWith(NATIVE)) return native;
  // Matches the whole path, because in a Hugging Face Hub download, a folder has the dataset's name.
  const mapping = recognise(columns, path === undefined ? '' : resolve(path));
  const rows = await first();
  if (mapping && mapping !== native) return withPictures(mapping, columns, rows);
  requireOneReference(columns, rows, path);
  // Cells of a CSV table are strings, but rows of Chirality's format contain lists.
  const isOwn = mapping === native && separator === undefined && isOwnTable(columns, rows);
  const plain = isOwn ? native : (plainTable(columns, rows) ?? (mapping === native ? native : null));
  if (plain) return withOptions(plain, columns, rows, path);
  const graphs = graphTable(columns, rows);
  if (graphs) return withPictures(graphs, columns, rows);
  const names = separator === undefined ? '' : `, separated by ${SEPARATOR_NAMES[separator]}`;
  const place =
    list === undefined
      ? ''
      : `The file is one JSON object with ${several(total!, 'row')} in its list "${list}". `;
  const rules = guessedRules(columns, rows);
  const missing = rules.includes('scene_graph') ? 'relations' : rules.includes('answer=…') ? 'answers' : null;
  const join = missing === null ? '' : ` If another file contains the ${missing}, add --join FILE.`;
  throw new DataError(
    'format',
    `${place}Cannot recognise the format from the columns${names}: ${shortList(columns)}.`,
    {
      ...(path !== undefined && { file: path }),
      fix: `Pass the format with --from, or the columns with ${rules}.${join}${previewOf(columns, rows)}`,
    },
  );
}

/** Maximum number of rows, of columns, and of characters per cell in a preview. */
const [SHOWN_ROWS, SHOWN_COLUMNS, SHOWN_CELL] = [3, 12, 40];

/** Returns a preview of the first rows, one line for each column, so that a person can assign the columns. */
function previewOf(columns: readonly string[], rows: readonly Row[]): string {
  const first = rows.slice(0, SHOWN_ROWS);
  if (first.length === 0) return '';
  const cell = (row: Row, name: string) => {
    const value = row[name];
    const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
    return printable(text, SHOWN_CELL);
  };
  const lines = columns
    .slice(0, SHOWN_COLUMNS)
    .map((name) => `    ${printable(name, SHOWN_CELL)}: ${first.map((row) => cell(row, name)).join(' | ')}`);
  return `\n  ${first.length === 1 ? 'The first row has' : `The first ${first.length} rows have`}:\n${lines.join('\n')}`;
}

/** Checks the answer columns. @throws DataError if different columns can be the reference answer */
function requireOneReference(columns: readonly string[], rows: readonly Row[], path?: string): void {
  const answer = namedColumns(columns)?.get('answer');
  const others = answer === undefined ? [] : otherReferences(answer, columns, rows);
  if (answer === undefined || others.length === 0) return;
  const names = [answer, ...others];
  const lines = names.map((name) => `  ${guessedRules(columns, rows, { answer: name })}`);
  throw new DataError(
    'reference',
    `The reference answer is ambiguous, because the columns ${names.join(' and ')} differ.`,
    {
      ...(path !== undefined && { file: path }),
      fix: `Pass one of these options:\n${lines.join('\n')}${previewOf(names, rows)}`,
    },
  );
}

/** Functions that return the option for a reference answer: the option's text, or its number from 0 or from 1. */
const NAMINGS: Readonly<Record<string, (answer: number, options: readonly string[]) => string | undefined>> =
  {
    answer: (answer, options) => options.find((option) => option.trim() === String(answer)),
    answer_index: (answer, options) => options[answer],
    answer_number: (answer, options) => options[answer - 1],
  };

/**
 * Returns a mapping whose reference answers are options. All rows decide the numbering (text, from 0 or from 1).
 * @throws DataError if several numberings are possible and give different answers
 */
function withOptions(
  mapping: Mapping,
  columns: readonly string[],
  rows: readonly Row[],
  path?: string,
): Mapping {
  const read = rows.flatMap((row) => {
    try {
      const { choices, answer } = mapping.sample(row, '');
      const options = Array.isArray(choices) && choices.length > 1 ? choices.map(String) : null;
      return options
        ? [{ options, answer: isWhole(answer) ? Number(answer) : null, isText: typeof answer === 'string' }]
        : [];
    } catch {
      return [];
    }
  });
  if (read.length === 0 || read.some(({ answer }) => answer === null)) return mapping;
  const namings = Object.entries(NAMINGS).map(([target, name]) => {
    const named = read.map(({ answer, options }) => name(answer!, options));
    return { target, named, broken: named.filter((option) => option === undefined).length };
  });
  const [text] = namings;
  const fitting = namings.filter(({ broken }) => broken === 0);
  const [fits, ...others] = fitting;
  const agrees = others.some(({ named }) => named.every((option, i) => option === fits!.named[i]));
  if (!fits || others.length === 0 || agrees)
    return fits && fits !== text ? namedBy(mapping, NAMINGS[fits.target]!) : mapping;
  // If a quoted reference answer equals an option, it is that option.
  if (text!.broken === 0 && read.every(({ isText }) => isText)) return mapping;
  const guess = guessColumns(columns, rows);
  const line = (target: string) =>
    guessedRules(columns, rows)
      .replace(/\banswer=/, `${target}=`)
      .replace(/,images=…/, '');
  throw new DataError(
    'index',
    `Column ${guess.answer ?? 'answer'} contains whole numbers, which can be option texts or positions: ${namings
      .map(
        ({ target, broken }) =>
          `${target === 'answer' ? 'as texts' : target === 'answer_index' ? 'from 0' : 'from 1'}, ${several(broken, 'row')} of ${read.length} ${broken === 1 ? 'matches' : 'match'} no option`,
      )
      .join('; ')}.`,
    {
      ...(path !== undefined && { file: path }),
      fix: `Pass one of these options:\n${fitting.map(({ target }) => `  ${line(target)}`).join('\n')}${previewOf(columns, rows)}`,
    },
  );
}

/** Returns a mapping that replaces an option's number by its text. */
const namedBy = (mapping: Mapping, name: (typeof NAMINGS)[string]): Mapping => ({
  ...mapping,
  sample(row, id) {
    const sample = mapping.sample(row, id);
    const { choices, answer } = sample;
    const option = Array.isArray(choices) ? name!(Number(answer), choices.map(String)) : undefined;
    return option === undefined ? sample : { ...sample, answer: option };
  },
});

/** Suggests a `--map` with the columns that resemble question, answer and images. */
function guessedRules(columns: readonly string[], first: readonly Row[], chosen: ColumnChoice = {}): string {
  const { objects, relations = '…' } = graphColumns(columns);
  const guess = { ...guessColumns(columns, first), ...chosen };
  if (objects !== undefined && guess.question === undefined)
    return `--map scene_graph.objects=${objects},scene_graph.relations=${relations}`;
  const named = columnRules({ question: '…', answer: '…', ...(!chosen.answer && { images: '…' }), ...guess });
  const isBox = guess.answer !== undefined && isBoxColumn(first)(guess.answer);
  const rules = isBox ? `${named},boxes=${guess.answer},task:=bbox,box_format:=…` : named;
  return `--map ${/[\s"'&|;<>()$`]/.test(rules) ? `'${rules.replaceAll("'", `'\\''`)}'` : rules}`;
}
