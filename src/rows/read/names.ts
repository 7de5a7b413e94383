import { Pattern, CLASSES, SAYS } from './patterns.ts';
import { Text, type Token } from './tokens.ts';
import { NAME_SIGNS } from './words/signs.ts';

/** Functions for names of objects in questions, and for comparing their meanings. */

/** Removes remarks in brackets and outer punctuation: `The chair (highlighted by a red box).` → `The chair`. */
export function bareName(name: string): string {
  return name
    .normalize('NFKC')
    .replace(/\s*\([^()]*\)/g, '')
    .replace(/\s+/g, ' ')
    .replace(/^[\s"'“”‘’*.,:;-]+|[\s"'“”‘’*.,:;!?-]+$/g, '');
}

/** Returns the ranges of a name in a text, ignoring case. Ends are exclusive. */
export function placesOf(text: string, name: string): { start: number; end: number }[] {
  const places = [];
  const [lower, key] = [text.toLowerCase(), name.toLowerCase()];
  for (let at = lower.indexOf(key); key !== '' && at >= 0; at = lower.indexOf(key, at + key.length))
    places.push({ start: at, end: at + key.length });
  return places;
}

export function withoutArticle(name: string): string {
  return name.replace(NAME_SIGNS.article, '');
}

/** Returns the comparison key of a name, without case, articles, brackets, punctuation and underscores. */
export function nameKey(name: string): string {
  return withoutArticle(bareName(name.replace(/_/g, ' '))).toLowerCase();
}

/** Plurals without a regular ending, with their singulars. */
const IRREGULAR: ReadonlyMap<string, string> = new Map(
  'people:person men:man women:woman children:child feet:foot mice:mouse geese:goose knives:knife shelves:shelf leaves:leaf'
    .split(' ')
    .map((pair) => pair.split(':') as [string, string]),
);
/** Plurals that comparisons of names leave unchanged. */
const UNMARKED = new Set('teeth sheep fish deer cattle persons policemen firemen dice'.split(' '));

/** Returns whether a name's head (last word before a preposition) is plural: `cups on the table`, `people`. */
export function isPlural(name: string): boolean {
  const head = headWord(name);
  return (
    IRREGULAR.has(head) || UNMARKED.has(head) || (/[a-z]s$/.test(head) && !NAME_SIGNS.singularS.test(head))
  );
}

const HEAD_ENDS = CLASSES.get('headend')!.words;

/** Returns the last word of a name before a preposition or participle: `the man in a red shirt` → `man`. */
export function headWord(name: string): string {
  const words = nameKey(name).split(' ');
  const end = words.findIndex((word, i) => HEAD_ENDS.has(word) && i > 0 && i + 1 < words.length);
  return words.at(end < 0 ? -1 : end - 1)!;
}

/** Returns the singular of a word: `cup` for `cups`, `box` for `boxes`, `person` for `people`. */
export function singular(word: string): string {
  const irregular = IRREGULAR.get(word);
  if (irregular !== undefined) return irregular;
  if (NAME_SIGNS.singularS.test(word) || !word.endsWith('s')) return word;
  if (/(?:ch|sh|x|z|ss)es$/.test(word)) return word.slice(0, -2);
  if (word.endsWith('ies') && word.length > 4) return `${word.slice(0, -3)}y`;
  return word.slice(0, -1);
}

/** Returns a noun phrase without particles and without remarks about the image or the point of view. */
export function referent(text: string): string {
  return bareName(text)
    .replace(NAME_SIGNS.inPicture, '')
    .replace(NAME_SIGNS.fromView, '')
    .replace(/^(?:to|from|of|than|with)\s+/i, '')
    .replace(/\s+(?:is|are|was|were|does|do|did)$/i, '')
    .trim();
}

/** Words between a subject and a polar phrase that belong to neither: "positioned directly", "the second", "a lot". */
const LEAD_IN = [
  '@<placing>|<posture>|<graded>|<ordinals>|more|the|a|an|have',
  'a @lot|bit|little',
  'one @of',
].map((source) => new Pattern(source));

/** Returns the number of words at the start that form the subject: 2 for "the cup positioned directly". */
export function subjectLength(words: readonly Token[]): number {
  let end = words.length;
  for (;;) {
    const leadIn = LEAD_IN.map((pattern) => end > 0 && pattern.matchAt(words, end - 1)).find(Boolean);
    if (!leadIn) return end;
    end = leadIn.first;
  }
}

/**
 * Returns whether a text is a single noun phrase without a hidden predicate. The rules have no parser, so participles,
 * states at the end and definite places ("on the table") count as predicates, unless they clearly precede a noun.
 */
export function isNounPhrase(phrase: string, role: 'subject' | 'other'): boolean {
  const { words } = new Text(referent(phrase.replace(/\([^()]*\)/g, '').split(/[,;?:]/)[0]!));
  if (SAYS.stateLast.in(words) || SAYS.verbInName.in(words) || SAYS.shared.in(words) || SAYS.action.in(words))
    return false;
  // In a subject, "on the table" only identifies the cup. After the predicate, it can be the content of the question.
  if (role === 'other' && SAYS.atPlace.in(words)) return false;
  return words.every(({ lower }, i) => {
    const participle =
      NAME_SIGNS.participle.test(lower) &&
      !NAME_SIGNS.thingIng.test(lower) &&
      !NAME_SIGNS.thingEd.test(lower);
    // A noun follows the participle in "the parked car".
    return !participle || (i + 1 < words.length && !SAYS.newPhrase.in(words.slice(i + 1)));
  });
}
