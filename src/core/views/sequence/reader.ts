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

/** Words that may say when, or that something happens. */
const TIME =
  /\b(?:before|after\w*|then|while|when\w*|during|until|till|first|second|third|last|next|previous\w*|later|earlier|again|now|current\w*|still|already|final\w*|initial\w*|start\w*|beg[aiu]n\w*|end|ends|ended|ending|becom\w+|chang\w+|mov\w+|motion|turn\w*|rotat\w*|appear\w*|disappear\w*|happen\w*|enter\w*|leav\w+|opens|opened|opening|closes|closed|closing|go|goes|going|went|com(?:e|es|ing)|came|walk\w*|run\w*|driv\w+|fl(?:y|ies|ying)|jump\w*|grow\w*|shrink\w*|frames?|images?|pictures?|photos?|times?|often|speed\w*|fast\w*|slow\w*)\b/i;
/** Actions, which may have a direction in time; states and names of things in -ing are excluded. */
const ACTION =
  /\b(?!(?:holding|missing|wearing|standing|sitting|lying|hanging|facing|leaning|touching|building|ceiling|painting|clothing|thing|something|anything|string|ring|wing|king|sibling)s?\b)\w{2,}ing\b/i;
export const VIEWER = /\b(?:camera|viewer|observer|you|your|me)\b/i;

/** Whether a text is about things, and neither about time nor about what happens. */
export const isTimeless = (text: string): boolean => !TIME.test(text) && !ACTION.test(text);

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
