import { isRecord } from '../../base/json.ts';
import { choiceIndex, lettersOf } from './choices.ts';
import { listedOptions } from './option-list.ts';

/**
 * Rows with several right answers. Of accepted answers (`answers`) any one is right; of several right options, a reference
 * such as "A, D", exactly these are.
 */

/** The text of an entry: itself, or what an annotator said (`{"answer": "brown", "answer_confidence": "yes"}`). */
const textOf = (entry: unknown): string | null =>
  typeof entry === 'string'
    ? entry
    : Number.isFinite(entry) || typeof entry === 'boolean'
      ? String(entry)
      : isRecord(entry) && 'answer' in entry
        ? textOf(entry.answer)
        : null;

/** The texts of a list, or of one that is written as a text (`['brown', 'dark brown']`); null if it is none. */
function listOf(value: unknown): string[] | null {
  const list = typeof value === 'string' && /^\s*\[\s*['"]/.test(value) ? listedOptions(value) : value;
  const texts = Array.isArray(list) ? list.map(textOf) : [];
  return texts.length > 0 && texts.every((text) => text?.trim()) ? (texts as string[]) : null;
}

/** Whether a value is a list of texts or of what annotators said, and no box or point. */
const isOfTexts = (list: readonly unknown[]): boolean =>
  list.some((entry) => typeof entry === 'string' || isRecord(entry));

/** The text that a list has most often, the first of equals. */
function mostFrequent(texts: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].reduce((most, entry) => (entry[1] > most[1] ? entry : most))[0];
}

/**
 * What a row says of its right answers, as `answer` and `answers`: a list under `answer` is one of accepted answers or, if
 * the row has choices, of right options, which are named by their letters; a list under `answers` or `extra_answers` is one
 * of accepted answers, and the most frequent is `answer` if the row names none. Null if it has no such list.
 */
export function answersOf(
  row: Readonly<Record<string, unknown>>,
): { answer: string; answers?: string[] } | null {
  const listed = Array.isArray(row.answer) && isOfTexts(row.answer) ? listOf(row.answer) : null;
  if (listed && Array.isArray(row.choices) && row.choices.length > 0) {
    const choices = row.choices.map(String);
    const places = listed.map((text) => choiceIndex(text, choices));
    if (listed.length === 1 || places.includes(null)) return { answer: listed.join(', ') };
    return { answer: lettersOf(places as number[]) };
  }
  const more = listOf(row.answers) ?? listOf(row.extra_answers);
  if (listed === null && more === null) return null;
  const all = [...(listed ?? []), ...(more ?? [])];
  const answer = textOf(row.answer) ?? mostFrequent(all);
  return { answer, answers: all.includes(answer) ? all : [answer, ...all] };
}

/** Every answer that a row accepts, its own first. */
export const acceptedAnswers = ({ answer, answers }: { answer: string; answers?: string[] }): string[] => [
  ...new Set([answer, ...(answers ?? [])]),
];
