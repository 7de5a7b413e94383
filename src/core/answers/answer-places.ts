import { DENIES, askedThing, headOf, isContent, isVerb, mayBeSame, wordsOf } from './answer-words.ts';
import { remembered } from '../../base/recent-map.ts';

/** Reads places by an object in answers: "in the pot" and "inside the pot" are one place, "under the pot" is another. */

/** Prepositions of the same place; the first one of each group names the place. */
const kindOf: ReadonlyMap<string, string> = new Map(
  (
    'on|on top of|atop, in|inside|inside of|within, under|underneath|beneath|below, above|over, behind, in front of, ' +
    'beside|next to, outside|outside of, at, facing|faces|face|facing towards|facing toward|looking at|looks at|looking towards|' +
    'looking toward|turned towards|turned toward, facing away from|faces away from|face away from|looking away from|' +
    'looks away from|turned away from|with its back to'
  )
    .split(', ')
    .flatMap((group) => group.split('|').map((word, _, [kind]) => [word, kind!] as const)),
);
const PLACE = new RegExp(
  String.raw`\b(${[...kindOf.keys()].sort((a, b) => b.length - a.length).join('|')}) (?=\p{L})([^.,;:!?\n]*)`,
  'iu',
);

/** Places that one object cannot have at the same time by the same anchor. */
const APART =
  /^(?:(?:on|in) (?:under|behind|in front of|beside|outside)|under (?:on|in|above|behind|in front of|beside)|(?:behind|in front of|beside|outside) (?:on|in|under)|above under|behind in front of|in front of behind|facing facing away from|facing away from facing)$/;

const BACK_TO = /\b(?:has|have|with) (?:his|her|its|their) backs? (?:turned )?(?:to|towards?)\b/i;

interface Place {
  kind: string;
  /** Words of the object that the place is by. */
  anchor: readonly string[];
  /** Text before the preposition, and words after the anchor. */
  before: string;
  after: readonly string[];
}

const placeIn = remembered(50, (text: string): Place | null => {
  const match = PLACE.exec(text.replace(BACK_TO, 'with its back to'));
  if (match === null) return null;
  const words = wordsOf(match[2]!);
  const end = words.findIndex((word) => !isContent(word));
  const anchor = words.slice(0, end < 0 ? undefined : end);
  const kind = kindOf.get(match[1]!.toLowerCase())!;
  return { kind, anchor, before: text.slice(0, match.index), after: words.slice(anchor.length) };
});

/**
 * Whether a clause says the place of the reference answer: false for another place by the same object, and null if it
 * says another object's place, or none.
 */
export function isPlace(clause: string, reference: string, question: string): boolean | null {
  const wanted = /^\W*where\b/i.test(question) ? placeIn(reference) : null;
  if (!wanted || wanted.before.trim() !== '' || wanted.anchor.length === 0 || wanted.after.length > 0)
    return null;
  const words = wordsOf(clause);
  // "The airport" answers where the picture was taken, "at the airport".
  if (words.join(' ') === wanted.anchor.join(' ')) return /^(?:on|in|at)$/.test(wanted.kind) || null;
  const told = placeIn(clause);
  if (!told || words.some((word) => DENIES.test(word)) || told.after.some(isVerb)) return null;
  const head = headOf(told.before);
  if (head.length > 0 && !mayBeSame(head, askedThing(question))) return null;
  const isIt = told.anchor.length === 0 && /^(?:it|them)$/.test(told.after[0] ?? '');
  const isSame = isIt
    ? wordsOf(question).includes(wanted.anchor.at(-1)!)
    : mayBeSame(told.anchor, wanted.anchor);
  if (!isSame) return null;
  // "On the table" can be another place than "on the coffee table".
  return (
    isSameKind(told, wanted) && (isIt || wanted.anchor.every((word) => told.anchor.includes(word)) || null)
  );
}

const isSameKind = (told: Place, wanted: Place): boolean | null =>
  told.kind === wanted.kind || (APART.test(`${told.kind} ${wanted.kind}`) ? false : null);

/** Whether a clause says the place in a yes/no question: false for "It is under the table", for "Is it on the table?" */
export function isPlaceAsked(clause: string, asked: string): boolean | null {
  const [told, wanted] = [clause, asked].map(placeIn);
  if (!told || !wanted || told.after.length + wanted.after.length > 0) return null;
  const head = headOf(told.before);
  const isOfThing =
    head.length > 0
      ? [askedThing(wanted.before), headOf(wanted.before)].some((thing) => mayBeSame(head, thing))
      : /^\W*(?:it|he|she|they)\b/i.test(clause);
  return isOfThing && told.anchor.join(' ') === wanted.anchor.join(' ') ? isSameKind(told, wanted) : null;
}
