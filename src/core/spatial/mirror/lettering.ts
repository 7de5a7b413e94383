import { singular } from '../language/names.ts';
import { Phrases } from '../language/rules.ts';
import { type Note, Text, type Token } from '../language/tokens.ts';
import { indexOfLetter } from '../choices.ts';
import type { Row } from './surroundings.ts';
import { CLASSES, type Sign } from '../language/words.ts';

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

/** What the spelling of an answer or a word says. */
export const LETTERING = {
  /** Letters and at least two digits in one word. */
  code: {
    pattern:
      /(?<![\p{L}\p{N}<\\=_-])(?=[\p{L}-]*\d[\p{L}-]*\d)(?=[\d-]*\p{L})[\p{L}\d]+(?:-[\p{L}\d]+)*(?![\p{L}\p{N}_])/gu,
    example: 'tail number N738SW',
    counterExample: 'box B2',
  },
  /** Words that have the form of a code: 20cm, 4x4, 1990s, 3-seater, object12. */
  noCode: {
    pattern: /^(?:\d+(?:-?\p{Ll}+)+|\d+[x×]\d+|\p{Ll}{3,}-?\d{1,2})$|^\d+[A-Z]{1,2}$/u,
    example: 'object12',
    counterExample: 'AB-12',
  },
  /** Numbers that are not counts: 978-3-16-148410-0, 020 7946 0958. */
  figures: {
    pattern: /(?<![\d.,])(?:\d{5,}|\d+(?:[- ]\d+){2,})(?!\.?\d)/g,
    example: 'It is 12345.',
    counterExample: 'It is 1234.5 wide.',
  },
  capitals: {
    pattern:
      /(?<!\p{L})(?!(?:YES|NO|NOT|LEFT|RIGHT|TRUE|FALSE|SUV|BMX|LED|DVD|ATM|USB|LCD|AND|THE)(?!\p{L}))\p{Lu}{3,}(?!\p{L})/gu,
    example: 'the EXIT sign',
    counterExample: 'the LEFT sign',
  },
  /** A capital in the middle of a sentence, except I and the letter of an option. */
  // Tests the capital first: looking back from each space of a long gap would take quadratic time.
  name: {
    pattern: /(?=\p{Lu})(?<=[\p{L}\p{N},;’'-]['"“(]*\s+['"“(]*)\p{Lu}\p{Ll}+/gu,
    example: 'It is Anna.',
    counterExample: 'It is. Then I go.',
  },
  /** A word in -ing for an action, not for a thing. */
  doing: {
    pattern:
      /^(?!(?:build|ceil|paint|rail|light|w|r|k|str|th|someth|land|cross|draw|open|earr|stock|rat|read|mean|head|spell|rank|tim|greet|word|mark|letter|book)ings?$)\p{L}{2,}ing$/u,
    example: 'holding',
    counterExample: 'heading',
  },
  participle: {
    pattern: /(?:[^e]ed|worn|held|made|taken|broken|hidden|cut|shown|seen|built|put|kept|written|drawn)$/,
    example: 'printed',
    counterExample: 'seed',
  },
  superlative: { pattern: /(?:est|most)$/, example: 'nearest', counterExample: 'nearer' },
} as const satisfies Record<string, Sign>;

/** Words of an answer that look as if they were read in the picture and are not in the question. */
function readWords(answer: string, question: string): string[] {
  if (/^\s*(?:```|[[{])/.test(answer)) return [];
  const plain = /[<\\]/.test(answer) ? answer.replace(/<[^<>\n]*>|\\\w+/g, ' ') : answer;
  const found: string[] = [];
  if (/\d/.test(plain)) {
    const listed = /^[\s\d.,;:()[\]{}<>/_a-z"-]*$/.test(plain) && /[[({,]/.test(plain);
    found.push(...codesIn(plain), ...(listed ? [] : (plain.match(LETTERING.figures.pattern) ?? [])));
  }
  // Looks for a capital after the first character.
  if (/\p{Lu}/u.test(plain.trim().slice(1))) {
    const shouted = plain === plain.toUpperCase() && /\s/.test(plain.trim());
    const names = plain.match(LETTERING.name.pattern) ?? [];
    found.push(
      ...(shouted ? [] : (plain.match(LETTERING.capitals.pattern) ?? [])),
      ...names.filter((word) => !isCommon(singular(word.toLowerCase()))),
    );
  }
  if (found.length === 0) return found;
  const known = question.toLowerCase();
  return found.filter((word) => !known.includes(word.toLowerCase()));
}

const codesIn = (text: string): string[] =>
  /\d/.test(text)
    ? (text.match(LETTERING.code.pattern) ?? []).filter((word) => !LETTERING.noCode.pattern.test(word))
    : [];

/** Yes/no questions about writing: "Is this Waterloo?", "is it from Texas?", "is the plate N738SW?" */
const IDENTIFIES = new Phrases(
  '^^ <mark>* is|are|was|were this|that|it|these|those|they the|a|an? @<name>',
  '^^ <mark>* is|are|was|were the|his|her|its|their _ @<name> ?',
  '^^ <mark>* is|are|was|were|do|does|did|has … from|called|named|for|to @<name>',
);

/** Says why a row may need reading; empty if nothing suggests it. */
export function reasonsToRead({ question, answer, choices }: Row): Note[] {
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
  return choices[letter ? indexOfLetter(letter) : Number(number ?? NaN)] ?? answer;
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

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Things that people recognise without reading, in the singular. A question for one of these does not need reading. */
const SEEN = words(`
  side direction way half third quarter part corner edge end middle top bottom left right front back rear center centre region area zone
  quadrant section position location place placement spot point order sequence arrangement alignment layout relation relationship
  orientation pose posture stance angle bearing heading perspective viewpoint viewer frame step turn move movement motion action activity
  distance height width depth length breadth thickness size dimension radius diameter gap spacing separation offset clearance
  proportion ratio count quantity difference extent sense
  color colour hue shade tone shape form outline pattern texture material fabric surface finish look appearance condition
  feature detail attribute property characteristic structure
  kind type sort category thing object item stuff element entity one two three four five rest other pair group set
  person people man woman men women boy girl child baby adult kid figure pedestrian rider runner animal bird fish insect pet dog cat horse creature
  fruit vegetable food dish meal ingredient plant tree flower furniture appliance device tool instrument utensil container
  vehicle toy weapon equipment piece clothing clothe garment outfit accessory hat footwear shoe sport weather season gesture emotion expression
  mood hand arm leg foot eye ear finger knee shoulder elbow hip head face body hair lane gender landmark room
  background foreground ground obstacle scene setting environment surrounding event
  box coordinate bbox x y pixel centroid midpoint mask polygon arrow
  option answer choice conclusion reason purpose function use role cause similarity image picture photo everything anything something nothing closest nearest farthest furthest opposite`);
/** In "Which caption fits?" some are offered; "what is the caption?" asks to read it. */
const OFFERED = words('statement sentence caption description');
/** In "What colour bag is it?" or "which side wall", the first noun is what is asked for. */
const ATTRIBUTES = words('color colour kind type sort size shape style material pattern part side');

const KINDS = words('kind type sort category');

/** The words of several sets of the pattern language. */
const sets = (names: string): string[] => names.split(' ').flatMap((name) => [...CLASSES.get(name)!.words]);
const PRONOUNS = words('it he she they we you i this that these those there');
const ORDINALS = new Set(sets('ordinal'));
const AUXILIARIES = words('do does did can could will would shall should may might must has have had');
const DETERMINERS = words('the a an his her its their your my our this that these those');
const PREPOSITIONS = new Set([
  ...sets('before preposition'),
  ...words('as during like into through up about'),
]);
/** Words at which a noun phrase ends. */
const STOPS = new Set([
  ...sets('be finite'),
  ...PREPOSITIONS,
  ...PRONOUNS,
  ...AUXILIARIES,
  ...words(`which who whose what when where while if and or not than happens happened then belong belongs according regarding concerning including me him us them
    took take takes brings brought leads led makes gets goes shows gives fits matches describes follows connects`),
]);
const BE = new Set(sets('be'));
const ORDER = words('name give tell state provide report identify specify');

/** "Which station is shown?" asks for its name, not which of several it is. */
const NAMED = words(
  'called named labelled labeled numbered marked tagged titled entitled spelled spelt read written printed shown pictured depicted displayed visible seen',
);
/**
 * What a question asks for: the noun, and whether one of several such things is to be picked, or the thing must be
 * known (null).
 */
interface Wanted {
  noun: string;
  pick: 'one' | 'any' | null;
}

/**
 * The nouns after "which", "what", "what is the", "name the", except those for kinds of things that are recognised
 * without reading.
 */
function wanted(question: Text): Wanted[] {
  const found: Wanted[] = [];
  question.words.forEach(({ lower }, i) => {
    const asks = lower === 'what' || lower === 'which';
    if (!asks && !(ORDER.has(lower) && startsSentence(question.words, i))) return;
    const one = wantedAt(question, i, !asks);
    if (one) found.push(one);
  });
  return found;
}

/** What the word at `i` asks for; `orders`: the word is an imperative such as "name". */
function wantedAt(question: Text, i: number, orders: boolean): Wanted | null {
  const { words: tokens } = question;
  const lower = (at: number) => tokens[at]?.lower ?? '';
  const word = lower(i);
  let from = i + 1;
  const contracted = question.tokens[i]!.lower.endsWith("'s");
  const defined = orders || contracted || BE.has(lower(from));
  if (orders && lower(from) === 'me') from++;
  if (!orders && !contracted && defined) from++;
  if (defined) {
    // "What is on the table?", "what is this?" ask for any thing.
    if (!DETERMINERS.has(lower(from))) return null;
    from++;
  }
  let end = from;
  while (inPhrase(tokens[end])) end++;
  // "what kind of beer is it?"
  const kind = KINDS.has(lower(end - 1)) && lower(end) === 'of';
  if (kind) for (from = ++end; inPhrase(tokens[end]);) end++;
  if (defined && asksForThing(tokens, from, end)) return null;
  // "the number printed on it"
  while (end - 1 > from && LETTERING.participle.pattern.test(lower(end - 1))) end--;
  const noun = singular(lower(end - 1));
  const next = lower(end);
  if (end === from || SEEN.has(noun) || ORDINALS.has(noun) || LETTERING.superlative.pattern.test(noun))
    return null;
  if (ATTRIBUTES.has(lower(from)) || (!defined && OFFERED.has(noun))) return null;
  // Excludes "which wing of the plane", "what time of day" and "the number of cups", but not "the number of the
  // locker".
  if (next === 'of' && (word === 'which' || noun === 'time')) return null;
  if (next === 'of' && noun === 'number' && !DETERMINERS.has(lower(end + 1))) return null;
  if (!defined && isVerb(tokens, from, end)) return null;
  const superlative = tokens
    .slice(from, end)
    .some(({ lower: one }) => LETTERING.superlative.pattern.test(one));
  const pick = superlative || kind ? 'one' : defined || word === 'what' ? null : picks(tokens, end);
  return { noun, pick };
}

/**
 * Whether the words after "what" or "which" are a verb: "what separates the lamp from the door", "what follows?",
 * "which caption fits?"
 */
function isVerb(tokens: readonly Token[], from: number, end: number): boolean {
  const lower = (i: number) => tokens[i]?.lower ?? '';
  const ends = (i: number) => /[^s]s$/.test(lower(i));
  if (end - from > 1 && ends(end - 1) && (SEEN.has(lower(end - 2)) || OFFERED.has(lower(end - 2))))
    return true;
  const next = lower(from + 1);
  return (
    lower(from - 1) === 'what' &&
    ends(from) &&
    (DETERMINERS.has(next) || (end === from + 1 && !BE.has(next) && !AUXILIARIES.has(next)))
  );
}

const inPhrase = (token: Token | undefined): boolean =>
  token !== undefined && token.kind !== 'mark' && !STOPS.has(token.lower);

const startsSentence = (tokens: readonly Token[], at: number): boolean =>
  at === 0 || /^[.?!:,\n]$/.test(tokens[at - 1]!.text) || /^(?:please|you|and)$/.test(tokens[at - 1]!.lower);

/**
 * Whether a question asks for something other than its noun: "What is the man holding?", "… made of?", "… looking at in
 * the mirror?" do not ask for the man.
 */
function asksForThing(tokens: readonly Token[], from: number, end: number): boolean {
  const lastWord = tokens.findLastIndex(({ kind }) => kind !== 'mark');
  const last = tokens[lastWord]!.lower;
  if (end - from > 1 && LETTERING.doing.pattern.test(tokens[end - 1]!.lower)) return true;
  return lastWord >= end && (LETTERING.doing.pattern.test(last) || PREPOSITIONS.has(last));
}

/** "Which cup is on the tray?" picks one; "which station is this?" and "… is shown?" pick none. */
function picks(tokens: readonly Token[], end: number): Wanted['pick'] {
  const [verb, next] = [tokens[end]?.lower ?? '', tokens[end + 1]?.lower ?? ''];
  if (AUXILIARIES.has(verb) && !/^(?:has|have|had)$/.test(verb)) return 'any';
  if (!BE.has(verb)) return 'one';
  if (PRONOUNS.has(next) || NAMED.has(next)) return null;
  return DETERMINERS.has(next) && !/^(?:one|last|next|\w+(?:st|nd|rd|th))$/.test(tokens[end + 2]?.lower ?? '')
    ? 'any'
    : 'one';
}

/** Answers like "Turn left at the sofa" need no reading, whatever was asked. */
const MOVES = new Phrases('<turn>|<move>|<face>|<lr>');
/** Words that distinguish one thing from others, and function words. */
const TELLING = new Set([
  ...sets('article det be have before preposition lr place corner modifier ordinal num'),
  ...sets('graded part posture placing letter turn move face'),
  ...words(`one ones other both neither none all it they them he she that which who same equal equally closer closest nearer nearest farther
    farthest further furthest far near left leftmost right rightmost more most less least hand side next
    red blue green yellow black white brown orange purple pink gray grey big bigger biggest small smaller smallest large
    larger largest tall taller tallest short shorter shortest long dark light and or than option choice no not`),
]);

/** Things on which other things stand or lie. On anything else, something may be written. */
const SUPPORT =
  words(`table desk floor shelf bed chair sofa couch roof ground street road grass counter bench tray rug carpet sill
  windowsill ledge stool left right side top bottom stove nightstand cabinet dresser lawn beach sand water`);

/** Whether a word cannot be a name. */
const isCommon = (word: string): boolean => TELLING.has(word) || SEEN.has(word) || SUPPORT.has(word);

/** Matches an answer that is a thing: "The church", "B) the church". */
const THING = new Phrases('^^ { (? <lone> )|.|: }? @the|a|an|one|his|her|its|their|both|neither|none');
/**
 * Returns the noun that a question asks for, if it cannot be recognised without reading and the answer does not pick
 * from what the question names; else null.
 */
function unseen(question: Text, answer: Text): string | null {
  const asked = wanted(question);
  if (asked.length === 0) return null;
  const known = new Set(question.words.map(({ lower }) => singular(lower)));
  const said = answer.words.filter(({ kind }) => kind !== 'mark').map(({ lower }) => singular(lower));
  const picks = said.every((word) => TELLING.has(word) || known.has(word));
  const [moves, thing] = [MOVES.in(answer.words), THING.in(answer.words)];
  const open = asked.find(({ pick }) => !(pick === 'one' && thing) && !(picks && (pick !== null || moves)));
  return open?.noun ?? null;
}
