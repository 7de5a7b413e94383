import { isRecord } from '../../../base/json.ts';
import type { ImageRef } from '../../../rows/sample/sample.ts';
import { PAIR, type PairView } from '../../../rows/view-list.ts';

/** A completion as a trainer logged it, before its group is known. */
export interface LoggedRow {
  prompt: unknown;
  completion: unknown;
  /** All other columns, by their names in the log. */
  columns: Readonly<Record<string, unknown>>;
  advantage: number | null;
  /** Total reward, if the trainer stores the total. Otherwise null. */
  reward: number | null;
  /** Name of the group in the trainer's log. Null if the trainer logs no groups. */
  group: string | null;
  reference: string | null;
  images: ImageRef[];
  /** Tokens that the model sampled, if the trainer stores tokens. */
  sampled?: SampledTokens;
}

export interface SampledTokens {
  tokens: number[];
  logprobs: number[];
}

/** Returns a finite number, or null. trackio writes NaN as the string `"NaN"`. */
export const numberOf = (value: unknown): number | null =>
  typeof value === 'boolean'
    ? Number(value)
    : typeof value === 'bigint'
      ? Number(value)
      : typeof value === 'number' && Number.isFinite(value)
        ? value
        : null;

/** Whether a column can be a reward, because all its values are numbers or missing. */
export const isNumeric = (rows: readonly LoggedRow[], column: string): boolean => {
  const values = rows.map(({ columns }) => columns[column] ?? null);
  const isGap = (value: unknown) => value === null || Number.isNaN(value) || value === 'NaN';
  return values.every((value) => isGap(value) || numberOf(value) !== null) && !values.every(isGap);
};

/** Columns in which trainers can be configured to store the reference answer. */
const REFERENCES = ['solution', 'answer', 'ground_truth'];

/** Columns in which trainers can be configured to store a row's id. In Chirality's datasets, this column is `pair`. */
const IDS = ['pair', 'sample_id', 'id'];

/** Returns an id or index as a string. Null for any value except a string or a number. */
export const idText = (value: unknown): string | null =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : null;

/** Returns the id of a row in the other program. Null if the program logs no id. */
export const idOf = ({ columns }: LoggedRow): string | null =>
  IDS.map((name) => idText(columns[name])).find((id) => id !== null) ?? null;

/** Returns the view of a row from a column of Chirality's datasets for trainers. Null if no view is logged. */
export const viewIn = ({ columns: { view } }: LoggedRow): PairView | null =>
  PAIR.find((known) => known === view) ?? null;

/** Reads a completion from a table row whose columns have TRL's names. */
export function rowOfColumns(columns: Readonly<Record<string, unknown>>): LoggedRow {
  const { prompt, completion, advantage, reward } = columns;
  const reference = REFERENCES.map((name) => columns[name]).find((value) => typeof value === 'string');
  return {
    prompt,
    completion,
    columns,
    group: null,
    images: [],
    advantage: numberOf(advantage),
    reward: numberOf(reward),
    reference: reference ?? null,
  };
}

/** Returns the text of a message's content, which is a text or a list of parts. Skips images. */
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
/** Matches an image in a decoded prompt: the tag of ms-swift, or a number of tokens in brackets. */
const PICTURE = /<image>|\[\d+ \* \d+\]/g;

/**
 * Returns the question of a prompt: the text of the last user message. From a prompt that was decoded to text, returns
 * the part between the last lines `user` and `assistant` if both exist, otherwise the whole text.
 */
export function questionOf(prompt: unknown): string {
  if (isMessages(prompt)) {
    const message = prompt.findLast(({ role }) => role === 'user') ?? prompt.at(-1);
    return contentText(message?.content).trim();
  }
  const text = contentText(prompt).replace(SPECIAL_TOKEN, '');
  const lines = text.split('\n');
  const [from, to] = [lines.lastIndexOf('user'), lines.lastIndexOf('assistant')];
  const question = from >= 0 && to > from ? lines.slice(from + 1, to).join('\n') : text;
  return question.replace(PICTURE, '[picture]').trim();
}

/** Returns the text of the assistant's message. Several messages (of a run with tools) are joined with role names. */
export function completionText(completion: unknown): string {
  if (!isMessages(completion)) return contentText(completion);
  if (completion.length === 1) return contentText(completion[0]!.content);
  return completion.map(({ role, content }) => `${role}: ${contentText(content)}`).join('\n\n');
}
