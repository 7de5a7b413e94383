import { bareName } from './names.ts';
import { polarPhrases } from './polar.ts';

const ABOUT_STATEMENT =
  /^(?:true or false|yes or no|(?:is|was) (?:this|that|it|the (?:statement|sentence|claim|description|caption)) (?:statement |sentence |claim |description |caption )?(?:true|correct|right|accurate)(?: or (?:false|incorrect|wrong|not))?|right|correct|agree(?:d)?)\s*\?$/i;

/**
 * The sentence that the answer belongs to: the last with a question mark, else the last with a predicate. Bare
 * alternatives belong to the question before them ("Which is taller? The cup or the lamp?").
 */
export function askingSentence(question: string): { start: number; end: number } {
  const sentences: { start: number; end: number; text: string }[] = [];
  for (const match of question.matchAll(/[^.?!\n]+(?:[.?!](?!\s|$)[^.?!\n]*)*[.?!]*/g)) {
    const lead = /^\s*/.exec(match[0])![0].length;
    const [start, end] = [match.index + lead, match.index + match[0].length];
    const last = sentences.at(-1);
    if (last?.text.includes('?') && ALTERNATIVES.test(match[0].trim())) last.end = end;
    else sentences.push({ start, end, text: match[0] });
  }
  // "The cup is left of the plate. True or false?" asks about the statement before it.
  const asking = sentences.filter(({ text }) => text.includes('?') && !ABOUT_STATEMENT.test(text.trim()));
  const { start, end } = asking.at(-1) ??
    sentences.findLast(({ text }) => polarPhrases(text).length > 0) ??
    sentences[0] ?? { start: 0, end: question.length };
  return { start, end };
}

/** "The cup or the lamp?", "Yes or no?": no verb, no question word. */
const ALTERNATIVES =
  /^(?!(?:is|are|was|were|do|does|did|can|could|will|would|has|have|which|what|who|whose|where|how|if|in|given)\b)(?:(?!\b(?:is|are|was|were|does|do)\b)[^?])+\bor\b(?:(?!\b(?:is|are|was|were|does|do)\b)[^?])+\?$/i;

/** "In the image," and "From the viewer's perspective," say nothing about the predicate. */
export function afterPreamble(text: string): string {
  return text
    .replace(/^(?:\s*<(?:image|video)>|\s*(?:question|q)\s*:)+\s*/i, '')
    .replace(
      /^\s*(?:(?:in|from|looking|considering|based|given|according|judging|with|as|if|when|assuming|relative|suppose|please|and|so|then|now)\b[^,?]*,\s*)+(?=\w)/i,
      '',
    );
}

/** A noun phrase without particles and without remarks on the picture or the point of view. */
export function referent(text: string): string {
  return bareName(text)
    .replace(/\b(?:in|within|of) (?:the|this) (?:image|picture|photo|photograph|scene|view|frame)\b.*$/i, '')
    .replace(
      /\b(?:from|in) (?:the|your|my) (?:viewer|camera|observer)?(?:['’]s)? ?(?:perspective|point of view|view|viewpoint|side)\b.*$/i,
      '',
    )
    .replace(/^(?:to|from|of|than|with)\s+/i, '')
    .replace(/\s+(?:is|are|was|were|does|do|did)$/i, '')
    .trim();
}

const NUMBERS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

/** `three`, `3` → 3; null for other words and for numbers above ten in words. */
export function smallNumber(word: string): number | null {
  if (/^\d+$/.test(word)) return Number(word);
  const n = NUMBERS.indexOf(word.toLowerCase());
  return n < 0 ? null : n;
}

/** "of the three cups", "among these 4 objects". */
export function numberOf(text: string): number | null {
  const word =
    /\b(?:of|among|amongst|out of|between) (?:the |these |those |all )?(two|three|four|five|six|seven|eight|nine|ten|\d+)\b/i.exec(
      text,
    )?.[1];
  return word === undefined ? null : smallNumber(word);
}

const ORDINALS = [
  'first',
  'second',
  'third',
  'fourth',
  'fifth',
  'sixth',
  'seventh',
  'eighth',
  'ninth',
  'tenth',
];

/**
 * The rank that an ordinal right before `end` gives: "the second [closest]" is 2, none is 1. Null for ranks that need
 * the number of things ("last", "next").
 */
export function rankBefore(text: string, end: number): number | null {
  const before = text.slice(0, end);
  if (/\b(?:last|next|penultimate|middle)(?: \w+)?[- ]$/i.test(before)) return null;
  const word = new RegExp(
    `\\b(${ORDINALS.join('|')}|\\d+(?:st|nd|rd|th))(?:[- ](?:\\w+ ){0,2}|-)$`,
    'i',
  ).exec(before)?.[1];
  if (word === undefined) return 1;
  const n = ORDINALS.indexOf(word.toLowerCase());
  return n >= 0 ? n + 1 : parseInt(word, 10);
}
