import { isRecord } from '../../base/json.ts';

/**
 * Names of columns with row ids, completions and reference answers in files of other programs, most certain first. Only
 * the names of reference columns are case-sensitive.
 */
export const READ_COLUMNS = {
  id: ['id', 'sample_id', 'question_id', 'index', 'idx', 'qid', 'uid', 'key'],
  completion:
    'completion prediction pred response output raw_output model_output model_answer generated_text text answer'.split(
      ' ',
    ),
  reference: ['answer', 'ground_truth', 'reference'],
} as const;

/** Returns the first value of a row under one of these names, in any case; undefined if the row lacks all names. */
export const cellOf = (row: Record<string, unknown>, names: readonly string[]): unknown => {
  const columns = new Map(Object.keys(row).map((column) => [column.trim().toLowerCase(), column]));
  return names.map((name) => row[columns.get(name) ?? '']).find((value) => value != null);
};

const textOf = (value: unknown): string | null =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : null;

/** Returns the last of a row's `segments`, which has the answer in a row of an evaluation; null without segments. */
export function lastSegment(row: Record<string, unknown>): Record<string, unknown> | null {
  const last: unknown = Array.isArray(row.segments) ? row.segments.at(-1) : undefined;
  return isRecord(last) ? last : null;
}

/**
 * Returns the id and the answer in a row of predictions; null for a missing value. In a row of an evaluation,
 * `segments` contains the model's answer, and `answer` the reference answer.
 */
export function predictionOf(row: Record<string, unknown>): { id: string | null; text: string | null } {
  const last = lastSegment(row);
  return {
    id: textOf(cellOf(row, READ_COLUMNS.id))?.trim() ?? null,
    text: textOf(last ? last.text : cellOf(row, READ_COLUMNS.completion)),
  };
}
