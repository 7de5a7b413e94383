import { singular } from '../language/names.ts';
import { Phrases } from '../language/rules.ts';
import type { Text } from '../language/tokens.ts';
import { inPhrase, isCommon, SEEN, SUPPORT, unseen } from './asked.ts';
import type { Note } from './edits.ts';
import type { Row } from './surroundings.ts';

/**
 * Decides whether an answer may have been read in the picture, where mirrored writing is unreadable. No list could
 * cover everything that may bear writing: a plate, a badge, a station. So the test is the opposite: what is asked for
 * must be of a kind that is recognised without reading, or the answer must pick from what the question names; and the
 * answer must not look like a code or a name that is not in the question. All other rows are deferred.
 */

/** Example: "What is on the badge? → Anna" */
const ON_SURFACE = new Phrases(
  'what|which _? _? is|are|was|were _? @on|across the|a|an|his|her|its|their|this|that',
  'what can|do|does _ _ @on|across the|a|an|his|her|its|their|this|that',
);
/** Example: "What does his badge tell?" */
const TELLER = new Phrases('what @do|does|did the|his|her|its|their|this|that _ _? _?');
const WHERE_WHO = new Phrases(
  '^^ @where|who|whose|when',
  '<mark> @where|who|whose|when',
  'to|from|at|in @where|whom|when',
);
/** Words that show that an answer is a thing and not a name. */
const BRINGS_A_THING = new Phrases(
  'the|a|an|his|her|its|their|your|my|our|this|that|these|those|no|none|other|another|<be>|<quantity>|<remaining>|<before>',
  'one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|several|couple',
);

/** Letters and at least two digits in one word: N738SW, AB-12. Not 20cm, 4x4, 1990s, 3-seater, object12. */
const CODE =
  /(?<![\p{L}\p{N}<\\=_-])(?=[\p{L}-]*\d[\p{L}-]*\d)(?=[\d-]*\p{L})[\p{L}\d]+(?:-[\p{L}\d]+)*(?![\p{L}\p{N}_])/gu;
const NO_CODE = /^(?:\d+(?:-?\p{Ll}+)+|\d+[x×]\d+|\p{Ll}{3,}-?\d{1,2})$|^\d+[A-Z]{1,2}$/u;
/** Numbers that are not counts: 12345, 978-3-16-148410-0, 020 7946 0958. */
const FIGURES = /(?<![\d.,])\d{5,}(?![\d.])|(?<![\d.,])\d+(?:[- ]\d+){2,}(?![\d.])/g;
const CAPITALS =
  /(?<!\p{L})(?!(?:YES|NO|NOT|LEFT|RIGHT|TRUE|FALSE|SUV|BMX|LED|DVD|ATM|USB|LCD|AND|THE)(?!\p{L}))\p{Lu}{3,}(?!\p{L})/gu;
/** A capital in the middle of a sentence, except I and the letter of an option. */
// Tests the capital first: looking back from each space of a long gap would take quadratic time.
const NAME = /(?=\p{Lu})(?<=[\p{L}\p{N},;’'-]['"“(]*\s+['"“(]*)\p{Lu}\p{Ll}+/gu;

/** Words of an answer that look as if they were read in the picture and are not in the question. */
function readWords(answer: string, question: string): string[] {
  if (/^\s*(?:```|[[{])/.test(answer)) return [];
  const plain = /[<\\]/.test(answer) ? answer.replace(/<[^<>\n]*>|\\\w+/g, ' ') : answer;
  const found: string[] = [];
  if (/\d/.test(plain)) {
    const listed = /^[\s\d.,;:()[\]{}<>/_a-z"-]*$/.test(plain) && /[[({,]/.test(plain);
    found.push(...codesIn(plain), ...(listed ? [] : (plain.match(FIGURES) ?? [])));
  }
  // Looks for a capital after the first character.
  if (/\p{Lu}/u.test(plain.trim().slice(1))) {
    const shouted = plain === plain.toUpperCase() && /\s/.test(plain.trim());
    const names = plain.match(NAME) ?? [];
    found.push(
      ...(shouted ? [] : (plain.match(CAPITALS) ?? [])),
      ...names.filter((word) => !isCommon(singular(word.toLowerCase()))),
    );
  }
  if (found.length === 0) return found;
  const known = question.toLowerCase();
  return found.filter((word) => !known.includes(word.toLowerCase()));
}

const codesIn = (text: string): string[] =>
  /\d/.test(text) ? (text.match(CODE) ?? []).filter((word) => !NO_CODE.test(word)) : [];

/** Yes/no questions about writing: "Is this Waterloo?", "is it from Texas?", "is the plate N738SW?" */
const IDENTIFIES = new Phrases(
  '^^ <mark>* is|are|was|were this|that|it|these|those|they the|a|an? @<name>',
  '^^ <mark>* is|are|was|were the|his|her|its|their _ @<name> ?',
  '^^ <mark>* is|are|was|were|do|does|did|has … from|called|named|for|to @<name>',
);

/** Says why a row may need reading; empty if nothing suggests it. */
export function mayBeRead({ question, answer, choices }: Row): Note[] {
  const note = (message: string): Note[] => [{ level: 'review', rule: 'text.unsure', message }];
  const named = /\s\p{Lu}\p{Ll}/u.test(question.text) && IDENTIFIES.in(question.tokens);
  if (named || codesIn(question.text).length > 0)
    return note('Whether it is so may have to be read in the picture.');
  const given = chosen(answer, choices);
  const noun = unseen(question, given);
  if (noun !== null) return note(`What "${noun}" it is may have been read in the picture.`);
  if (isBareName(given, question) && standsOnIt(question)) return note(`"${given.text}" may be lettering.`);
  const read = [answer, ...choices].flatMap(({ text }) => readWords(text, question.text))[0];
  return read === undefined ? [] : note(`"${read}" may have been read in the picture.`);
}

/** The choice that an answer names by its letter or number, else the answer itself. */
function chosen(answer: Text, choices: readonly Text[]): Text {
  const [, letter, number] = /^\W*(?:([A-H])|(\d))\W*$/.exec(answer.text) ?? [];
  return choices[letter ? letter.charCodeAt(0) - 65 : Number(number ?? NaN)] ?? answer;
}

/** Whether an answer is up to three words without an article: "Anna", "stop", but also "vase". */
function isBareName({ words: tokens }: Text, question: Text): boolean {
  const said = tokens.filter(({ kind }) => kind !== 'mark').map(({ lower }) => singular(lower));
  if (said.length === 0 || said.length > 3 || said.every(isCommon) || BRINGS_A_THING.in(tokens)) return false;
  const known = new Set(question.words.map(({ lower }) => singular(lower)));
  return !said.every((word) => isCommon(word) || known.has(word));
}

/**
 * Whether the question is about something that may bear writing: what is on a thing, what a thing says, who or where.
 */
function standsOnIt({ words: tokens }: Text): boolean {
  const surface = ON_SURFACE.find(tokens);
  if (surface) {
    let end = surface.end;
    while (inPhrase(tokens[end])) end++;
    return !SUPPORT.has(tokens[end - 1]!.lower);
  }
  if (WHERE_WHO.in(tokens)) return true;
  const teller = TELLER.find(tokens);
  return (
    teller !== null &&
    !tokens.slice(teller.target.first, teller.end).some(({ lower }) => SEEN.has(singular(lower)))
  );
}
