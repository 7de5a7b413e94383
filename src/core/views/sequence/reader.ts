import { ORDERS } from '../../read/words/orders.ts';
import { choiceIndex, letterOf } from '../../sample/choices.ts';
import type { Sample } from '../../sample/sample.ts';
import type { Refusal } from '../view-variant.ts';
import type { Sequence } from '../../view-parts.ts';

/** What question and answer become in another order; absent where they stay. */
export interface Read {
  rule: string;
  question?: string;
  answer?: string;
}

/** Reads one kind of question; null if it is none of this kind. */
export type Reader = (sample: Sample, one: Sequence) => Read | Refusal | null;

export const turnsRound = ({ op }: Sequence): boolean => op === 'reverse' || op === 'exchange';

/** Words for one of several pictures, and for all of them, in patterns. */
export const PICTURE = '(?:image|picture|photo|frame)';
export const CLIP = '(?:clip|video|sequence)';

/** Whether a text is about things, and neither about time nor about what happens. */
export const isTimeless = (text: string): boolean =>
  !ORDERS.time.pattern.test(text) && !ORDERS.action.pattern.test(text);

/** The option that is the answer, or the answer itself; null if it is none of the options. */
export function givenAnswer({ answer, choices }: Sample): string | null {
  return choices ? (choices[choiceIndex(answer, choices) ?? -1] ?? null) : answer;
}

/** Another text as the answer: the option that says it, by its text or its letter as before; null if there is none. */
export function answerWith({ answer, choices }: Sample, text: string): string | null {
  if (!choices) return text;
  const lower = (one: string) => one.trim().toLowerCase();
  const at = choices.findIndex((choice) => lower(choice) === lower(text));
  if (at < 0) return null;
  return choices.some((choice) => lower(choice) === lower(answer))
    ? choices[at]!
    : answer.replace(/[A-Za-z]+/, letterOf(at));
}
