import { letterOf } from '../../../base/item-names.ts';

/** Fields that a column of the same name fills, in any case, singular or plural. */
const FIELDS = [
  'id',
  'question',
  'answer',
  'image',
  'choice',
  'option',
  'candidate',
  'reasoning',
  'task',
  'source',
] as const;
export type Field = (typeof FIELDS)[number];

/** VQAv2's column for the most frequent answer of the annotators. */
export const CHOSEN_ANSWER = /^multiple[_ ]?choice[_ ]?answer$/i;

/**
 * Returns the columns with names of fields, by field. Null if two columns match the same field. If a column `answer`
 * exists, a column `answers` contains all accepted answers.
 */
export function namedColumns(columns: readonly string[]): ReadonlyMap<Field, string> | null {
  const names = new Map<Field, string>();
  const plainOf = (column: string) => column.trim().toLowerCase().replace(CHOSEN_ANSWER, 'answer');
  const hasAnswer = columns.some((column) => plainOf(column) === 'answer');
  for (const column of columns) {
    const plain = plainOf(column);
    const field = FIELDS.find((name) => plain === name || plain === `${name}s`);
    if (field === undefined || (hasAnswer && plain === 'answers')) continue;
    if (names.has(field)) return null;
    names.set(field, column);
  }
  return names;
}

export const acceptedColumn = (columns: readonly string[]): string | undefined =>
  columns.find((column) => /^(?:answers|(?:extra|accepted|all)_answers)$/i.test(column.trim()));

/** Prefixes of names of columns that contain one option each, in English and other languages. */
const OPTION =
  'option|choice|opt|candidate|answer|antwort|auswahl|réponse|reponse|choix|respuesta|opción|opcion|risposta|opzione|resposta|opção|opcao|antwoord|optie|svar|alternativ|odpowiedź|вариант|ответ|选项|選項|選択肢';
/**
 * Names of columns that contain one option each: A, B …; A), B) …; option_a, option_b …; choice1, choice2 … Numbered
 * answers are excluded, because they can be answers of several people.
 */
const ONE_OPTION = new RegExp(
  `^(|(?:${OPTION})[_ -]?)([a-z]|(?<=^(?:option|choice|opt|candidate)[_ -]?)\\d{1,2})[).:]?$`,
  'iu',
);

/** Returns the columns that contain one option each, in the order of letters or numbers. Empty without such columns. */
export function optionColumns(columns: readonly string[]): string[] {
  const families = new Map<string, Map<string, string>>();
  for (const column of columns) {
    const [, lead, name] = ONE_OPTION.exec(column.trim()) ?? [];
    if (name === undefined) continue;
    const family = `${lead}${/[A-Z]/.test(name) ? 'A' : /[a-z]/.test(name) ? 'a' : '1'}`;
    families.set(family, (families.get(family) ?? new Map<string, string>()).set(name.toUpperCase(), column));
  }
  for (const family of families.values()) {
    for (const names of [letterOf, String, (i: number) => String(i + 1)]) {
      const members: string[] = [];
      while (family.has(names(members.length))) members.push(family.get(names(members.length))!);
      if (members.length > 1) return members;
    }
  }
  return [];
}

/** Returns the options in columns of a row. The first empty column, such as `nan` from Pandas, ends the list. */
export function optionCells(row: Readonly<Record<string, unknown>>, columns: readonly string[]): string[] {
  const end = columns.findIndex((column) => isEmpty(row[column]));
  return columns.slice(0, end < 0 ? columns.length : end).map((column) => String(row[column]));
}

export const isEmpty = (cell: unknown): boolean =>
  cell == null ||
  Number.isNaN(cell) ||
  (Array.isArray(cell) ? cell.length === 0 : /^(?:nan|\[\s*\])?$/.test(String(cell)));
