import { letterOf } from './choices.ts';

/** The fields that a column may name by itself, in any case, singular or plural. */
const FIELDS = [
  'id',
  'question',
  'answer',
  'image',
  'choice',
  'option',
  'reasoning',
  'task',
  'source',
] as const;
type Field = (typeof FIELDS)[number];

/** Columns that are called as a field. Null if two are called as the same one. */
export function namedColumns(columns: readonly string[]): ReadonlyMap<Field, string> | null {
  const names = new Map<Field, string>();
  for (const column of columns) {
    const plain = column.trim().toLowerCase();
    const field = FIELDS.find((name) => plain === name || plain === `${name}s`);
    if (field && names.has(field)) return null;
    if (field) names.set(field, column);
  }
  return names;
}

/** Fields that a column may be for, and what such columns are often called, without spaces and signs. */
const ALIASES = {
  question: ['question', 'query', 'prompt', 'instruction', 'problem', 'questiontext', 'text', 'q'],
  answer: [
    'answer',
    'correctanswer',
    'groundtruth',
    'gt',
    'goldanswer',
    'label',
    'response',
    'output',
    'target',
    'solution',
    'a',
  ],
  images: [
    'image',
    'picture',
    'photo',
    'img',
    'imagepath',
    'imagefile',
    'imagename',
    'file',
    'filename',
    'path',
  ],
  choices: ['choice', 'option', 'candidate'],
  id: ['id'],
  reasoning: ['reasoning'],
  task: ['task'],
  source: ['source'],
} as const;

export type ColumnField = keyof typeof ALIASES;
const COLUMN_FIELDS = Object.keys(ALIASES) as ColumnField[];

/** The column of each field. Several columns with one choice each are joined by `+`. */
export type ColumnChoice = Partial<Record<ColumnField, string>>;

type Row = Readonly<Record<string, unknown>>;

/**
 * Guesses which columns hold a row's parts, from their names and some rows, for a person to confirm: a picture is a
 * column of picture files, a question one of sentences that end in a question mark.
 */
export function guessColumns(columns: readonly string[], rows: readonly Row[]): ColumnChoice {
  const choice: ColumnChoice = {};
  const free = () => columns.filter((column) => !Object.values(choice).includes(column));
  const take = (field: ColumnField, column: string | undefined) => {
    if (column !== undefined) choice[field] = column;
  };
  const all = (fits: (cell: unknown) => boolean) => (column: string) => {
    const cells = rows.map((row) => row[column]).filter((cell) => cell != null && cell !== '');
    return cells.length > 0 && cells.every(fits);
  };
  take('images', called('images', free().filter(all(isPicture))) ?? free().find(all(isPicture)));
  if (rows.length === 0) take('images', called('images', columns));
  take('question', called('question', free()) ?? free().find(all(isQuestion)));
  take('answer', called('answer', free()));
  const letters: string[] = [];
  while (columns.includes(letterOf(letters.length))) letters.push(letterOf(letters.length));
  if (letters.length > 1) choice.choices = letters.join('+');
  else take('choices', called('choices', free()) ?? free().find(all(Array.isArray)));
  for (const field of ['id', 'reasoning', 'task', 'source'] as const)
    take(field, called(field, free().filter(all((cell) => typeof cell === 'string' || field === 'id'))));
  const rest = free().filter((column) => !/^(?:id|index|nr|no|#)$/i.test(column) && all(isText)(column));
  // What is left of a question and its picture is the answer, in any language.
  if (choice.question !== undefined && choice.images !== undefined && rest.length === 1)
    choice.answer ??= rest[0]!;
  return choice;
}

/** The first column with the most usual name of a field. */
function called(field: ColumnField, columns: readonly string[]): string | undefined {
  const plain = (column: string) => column.toLowerCase().replace(/[^a-z]/g, '');
  for (const name of ALIASES[field]) {
    const column = columns.find((each) => [name, `${name}s`].includes(plain(each)));
    if (column !== undefined) return column;
  }
  return undefined;
}

const PICTURE = /\.(?:png|jpe?g|webp|gif|bmp|tiff?|avif)$|^data:image\//i;

const isText = (cell: unknown): boolean => typeof cell === 'string' || typeof cell === 'number';
const isQuestion = (cell: unknown): boolean => typeof cell === 'string' && /[?？]\s*$/.test(cell);

/** Whether a cell names a picture, holds one, or lists some. */
function isPicture(cell: unknown): boolean {
  if (Array.isArray(cell)) return cell.length > 0 && cell.every(isPicture);
  if (typeof cell === 'string') return PICTURE.test(cell);
  return (
    typeof cell === 'object' && cell !== null && ('parquet' in cell || 'path' in cell || 'bytes' in cell)
  );
}

/**
 * Whether a table is worth offering as a data set: it has questions about pictures. Which column holds the answers may be
 * left to a person.
 */
export const isOffered = ({ question, images }: ColumnChoice): boolean =>
  question !== undefined && images !== undefined;

/** The choice as `--map` takes it; a name with a comma or a quotation mark stands in quotation marks. */
export const columnRules = (choice: ColumnChoice): string =>
  COLUMN_FIELDS.flatMap((field) => {
    const column = choice[field];
    if (column === undefined) return [];
    return `${field}=${/[,"]|^\s|\s$/.test(column) ? `"${column.replaceAll('"', '""')}"` : column}`;
  }).join(',');
