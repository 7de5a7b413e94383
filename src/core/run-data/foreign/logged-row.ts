import { isRecord } from '../../json.ts';
import type { ImageRef } from '../../spatial/sample.ts';

/** A completion as a trainer logged it, before it is known which others were sampled with it. */
export interface LoggedRow {
  prompt: unknown;
  completion: unknown;
  /** Every other column, by the name that it has there. */
  columns: Readonly<Record<string, unknown>>;
  advantage: number | null;
  /** The total, where the trainer keeps it; else null. */
  reward: number | null;
  /** What the trainer calls its group; null where it says nothing of groups. */
  group: string | null;
  reference: string | null;
  images: ImageRef[];
}

/** A finite number, or null. trackio writes `"NaN"` as text. */
export const numberOf = (value: unknown): number | null =>
  typeof value === 'boolean'
    ? Number(value)
    : typeof value === 'bigint'
      ? Number(value)
      : typeof value === 'number' && Number.isFinite(value)
        ? value
        : null;

/** Whether a column may be that of a reward: numbers, or nothing. */
export const isNumeric = (rows: readonly LoggedRow[], column: string): boolean => {
  const values = rows.map(({ columns }) => columns[column] ?? null);
  const isGap = (value: unknown) => value === null || Number.isNaN(value) || value === 'NaN';
  return values.every((value) => isGap(value) || numberOf(value) !== null) && !values.every(isGap);
};

/** The columns in which trainers keep the reference, where somebody asked them to. */
const REFERENCES = ['solution', 'answer', 'ground_truth'];

/** The row of a table whose columns are named as TRL names them. */
export function rowOfColumns(columns: Readonly<Record<string, unknown>>): LoggedRow {
  const { prompt, completion, advantage, reward } = columns;
  const reference = REFERENCES.map((name) => columns[name]).find((value) => typeof value === 'string');
  return {
    ...{ prompt, completion, columns, group: null, images: [] },
    advantage: numberOf(advantage),
    reward: numberOf(reward),
    reference: reference ?? null,
  };
}

/** The text of a message's content: a text, or parts of which pictures have none. */
function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return content == null ? '' : JSON.stringify(content);
  return content
    .flatMap((part) => (isRecord(part) && typeof part.text === 'string' ? [part.text] : []))
    .join('');
}

const isMessages = (value: unknown): value is { role: string; content: unknown }[] =>
  Array.isArray(value) && value.every((each) => isRecord(each) && typeof each.role === 'string');

const SPECIAL_TOKEN = /<\|[\w-]{1,40}\|>/g;
/** A picture in a decoded prompt: as ms-swift writes it, or as a number of tokens. */
const PICTURE = /<image>|\[\d+ \* \d+\]/g;

/**
 * The question of a prompt: the text of the last message of the user. A prompt that was decoded to text has what stands
 * between its last line `user` and its last line `assistant`, if both are there; else it is the whole text.
 */
export function questionOf(prompt: unknown): string {
  if (isMessages(prompt)) {
    const asked = prompt.findLast(({ role }) => role === 'user') ?? prompt.at(-1);
    return contentText(asked?.content).trim();
  }
  const text = contentText(prompt).replace(SPECIAL_TOKEN, '');
  const lines = text.split('\n');
  const [from, to] = [lines.lastIndexOf('user'), lines.lastIndexOf('assistant')];
  const asked = from >= 0 && to > from ? lines.slice(from + 1, to).join('\n') : text;
  return asked.replace(PICTURE, '[picture]').trim();
}

/** What was written: the assistant's message; several, as of a run with tools, one below the other with their roles. */
export function completionText(completion: unknown): string {
  if (!isMessages(completion)) return contentText(completion);
  if (completion.length === 1) return contentText(completion[0]!.content);
  return completion.map(({ role, content }) => `${role}: ${contentText(content)}`).join('\n\n');
}
