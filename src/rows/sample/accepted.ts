import { countsOf } from '../../base/numbers.ts';
import { isRecord } from '../../base/json.ts';
import { lettersOf } from '../../base/item-names.ts';
import { choiceIndex } from './choices.ts';
import { listedOptions } from './option-list.ts';

/**
 * Rows with several right answers. Any accepted answer (`answers`) is right. If several options are right together, as
 * in the reference answer "A, D", exactly these options are right.
 */

/** Returns the text of a list entry or of an annotator's answer (`{"answer": "brown", "answer_confidence": "yes"}`). */
const textOf = (entry: unknown): string | null =>
  typeof entry === 'string'
    ? entry
    : Number.isFinite(entry) || typeof entry === 'boolean'
      ? String(entry)
      : isRecord(entry) && 'answer' in entry
        ? textOf(entry.answer)
        : null;

/** Returns the texts of a list, or of a list written as text (`['brown', 'dark brown']`). Null for other values. */
function listOf(value: unknown): string[] | null {
  const list = typeof value === 'string' && /^\s*\[\s*['"]/.test(value) ? listedOptions(value) : value;
  const texts = Array.isArray(list) ? list.map(textOf) : [];
  return texts.length > 0 && texts.every((text) => text?.trim()) ? (texts as string[]) : null;
}

/** Returns whether a list contains texts or annotators' answers, and is therefore no box or point. */
const isOfTexts = (list: readonly unknown[]): boolean =>
  list.some((entry) => typeof entry === 'string' || isRecord(entry));

/** Returns the most frequent text in a list, or the first of several equally frequent texts. */
const mostFrequent = (texts: readonly string[]): string =>
  [...countsOf(texts)].reduce((most, entry) => (entry[1] > most[1] ? entry : most))[0];

/**
 * Returns the right answers of a row as `answer` and `answers`. A list under `answer` contains accepted answers or, if
 * the row has choices, the right options by letter. A list under `answers` or `extra_answers` contains accepted
 * answers, of which the most frequent becomes `answer` if the row has no `answer`. Null without such a list.
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
