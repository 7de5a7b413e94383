import { remembered } from '../../base/recent-map.ts';
import { isBareAnswer } from '../../rows/read/said.ts';
import { ORDINALS, withDigits } from './number-words.ts';
import { singular } from '../../rows/read/names.ts';
import { polarPhrases } from '../../rows/read/polar-phrases.ts';
import { plainText } from './plain-text.ts';

/** Vocabulary for comparing answers: synonyms, function words, and words that exclude each other. */

const set = (words: string): ReadonlySet<string> => new Set(words.split(' '));

/** Groups of synonyms and spellings; the first word of each group represents the group. */
const ALIKE =
  'gray grey, sofa couch settee, bicycle bike, television tv telly, picture photo photograph image, ' +
  'color colour, wood wooden timber, metal metallic, refrigerator fridge, car automobile, ' +
  'plane airplane aeroplane, phone cellphone smartphone, woman lady women, man men, ' +
  'child children kid, person people, center middle centre, bookshelf bookcase, ' +
  'camera viewer observer photographer, backpack rucksack knapsack, faucet tap, sweater jumper pullover, curtain drape, ' +
  'first 1st, second 2nd, third 3rd, fourth 4th, fifth 5th, sixth 6th, seventh 7th, eighth 8th, cabinet cupboard, taxi cab, ' +
  'elevator lift, tire tyre, truck lorry, sidewalk pavement, pants trousers';
const SYNONYMS: ReadonlyMap<string, string> = new Map(
  ALIKE.split(', ').flatMap((group) => {
    const [plain, ...others] = group.split(' ') as [string, ...string[]];
    return others.map((word) => [word, plain] as const);
  }),
);

/** Prefix that changes the meaning of a word: "non-white" is not white. */
const PREFIX = /\b(anti|counter|non|off|un|semi|half|pseudo|ex)[- ]?-(?=\p{L})/giu;

const articles = set('a an the');

/** Returns the singular of a word, in one spelling for all its synonyms. */
function plainWord(word: string): string {
  const bare = word.replace(/'s$/, '');
  const plain = SYNONYMS.has(bare) || CLOSED.has(bare) || VERBS.has(bare) ? bare : singular(bare);
  return SYNONYMS.get(plain) ?? plain;
}

/** Returns lower-case words in the singular, without articles, with numbers in digits. Preserves signs of numbers. */
export const wordsOf = remembered(300, (text: string): readonly string[] => {
  const plain = plainText(text)
    .toLowerCase()
    .replace(LETTER_A, 'A')
    .replace(PREFIX, '$1')
    .replace(/\b(it|he|she|that|there|what|here)'s\b/g, '$1 is')
    .replace(/\b(they|we|you)'re\b/g, '$1 are');
  const tokens =
    plain.match(
      /\d+(?:st|nd|rd|th)\b|\d+(?:[.,:]\d+)*|[\p{L}\p{M}]+(?:'\p{L}+)?|(?<![\p{L}\p{N}] ?)[+-](?=\d)|[°%√]/gu,
    ) ?? [];
  const content = tokens.filter((word) => !articles.has(word));
  return withDigits(content.length > 0 ? content : tokens).map(plainWord);
});
/** Article before a word that is not a verb. In "Point A" and "A is nearer", A is a letter. */
export const BEFORE_NOUN = String.raw`\b(?= ?["'(]?[\p{L}\p{N}])(?! (?:is|are|was|has|seems?|appears?|looks?|and|or|in|on|over|beats|than)\b)`;
const LETTER_A = new RegExp(String.raw`\ba\b(?!')(?!${BEFORE_NOUN})`, 'gu');

/** Matches "one" instead of a noun: "the red one". */
const ONE = /(?<=\b(?:the|an?) (?:\p{L}+ )?\p{L}+) ones?\b|(?<=\bthe) ones? (?=\p{L})/giu;
/** Returns the words of a name without "one" instead of a noun. */
export const nameOf = (text: string): readonly string[] => wordsOf(withoutOne(text));
export const withoutOne = (text: string): string => (text.includes('one') ? text.replace(ONE, ' ') : text);

/** Returns the index of the reference answer's words in an answer; -1 if they are absent or occur twice. */
export function unitIn(words: readonly string[], unit: readonly string[]): number {
  const found = words.flatMap((_, i) => (unit.every((word, k) => words[i + k] === word) ? [i] : []));
  return found.length === 1 && unit.length > 0 ? found[0]! : -1;
}

/** Words that any answer can contain, because they neither deny, weaken nor describe anything. */
const CLOSED = set(
  'this that these those it he she they there here we i you one them him me us itself its their his her some ' +
    'is are am was were be been being do does did has have had can will would of in on at to with by as and from for ' +
    'also just only very quite really clearly definitely certainly surely exactly directly simply precisely currently ' +
    'actually fully completely entirely totally then therefore thus so hence indeed visible located situated positioned placed standing sitting lying ' +
    'hanging seen shown depicted appear appears appearing seem seems look looks see say says read reads show answer final correct option choice ' +
    'call called picture scene photo frame view object item thing color side hand position direction which who what where',
);

const VERBS = set(
  'is are am was were be been being has have had do does did can could would should will may might must stand sit lie hold ' +
    'show see seem look appear wear contain face touch carry turn go move walk drive think count say read hang rest ' +
    'reach overlap extend exceed surpass surround hide fly swim float lean',
);
const PREPOSITIONS = set(
  'of to in on at from with by near under over above below behind beside between inside outside beneath underneath ' +
    'against along among around next across through toward towards into onto for than within relative and or but',
);

export const isVerb = (word: string): boolean => VERBS.has(word) || VERBS.has(word.replace(/s$/, ''));
/** Whether a word has no content of its own. */
export const isClosed = (word: string): boolean => CLOSED.has(word);
/** Whether a word is the name or the description of something. */
export const isContent = (word: string): boolean =>
  !CLOSED.has(word) && !isVerb(word) && !PREPOSITIONS.has(word) && !DENIES.test(word);

/** Words that negate or weaken an answer, or introduce an alternative. */
export const DENIES =
  /^(?:not|no|never|neither|nor|without|cannot|hardly|scarcely|barely|nothing|nobody|none|almost|nearly|partly|partially|rather|instead|unlike|except|but|or|either|both|maybe|perhaps|possibly|might|could|may|if|unless|wrong|false|incorrect|opposite|toy|fake)$|n't$/;

export const COLOR =
  /^(?:red|orange|yellow|green|blue|purple|violet|pink|brown|black|white|gray|beige|gold|golden|silver|turquoise|teal|cyan|magenta|cream|tan|navy|maroon)$/;
/** Groups of colours that can describe the same object. */
const NEAR_COLORS =
  'brown tan beige, purple violet, blue turquoise teal cyan navy, pink magenta, white cream beige, gray silver, yellow gold golden, red maroon, orange gold'
    .split(', ')
    .map(set);

/** Words that describe any object, so that an answer may add or omit them. */
export const DESCRIBES =
  /^(?:large|big|small|little|tiny|huge|tall|short|long|young|old|new|modern|empty|single|dark|light|bright|pale|deep|vivid|potted|cell)$/;

export const TONE = /^(?:dark|light|bright|pale|deep|vivid)$/;
/** Verbs that only say that something is somewhere; at the end they are nouns: "an umbrella stand". */
export const RESTS = /^(?:stand|sit|lie|hang|rest)$/;

/** Groups of words that exclude each other, such as man and woman. */
const RIVALS = ['man woman boy girl', 'adult child baby', ORDINALS.join(' ')].map(set);

/** States that exclude each other. */
export const STATES =
  'open closed, open shut, on off, full empty, occupied empty, occupied free, occupied vacant, standing sitting, wet dry, asleep awake, moving parked, inside outside, lit unlit, indoors outdoors'
    .split(', ')
    .map((pair) => pair.split(' '));

/** Returns the states that exclude a state: "closed" and "shut" for "open". */
export const statesAgainst = (state: string): readonly string[] =>
  STATES.flatMap((pair) => (pair.includes(state) ? pair.filter((other) => other !== state) : []));

/** Whether two words cannot describe the same object: two colours, a man and a woman, a word and its negation. */
export const exclude = (a: string, b: string): boolean =>
  a !== b &&
  ((COLOR.test(a) && COLOR.test(b) && !NEAR_COLORS.some((near) => near.has(a) && near.has(b))) ||
    RIVALS.some((rivals) => rivals.has(a) && rivals.has(b)) ||
    denialOf(a) === b ||
    denialOf(b) === a);
const denialOf = (word: string): string => word.replace(/^(?:anti|counter|non|off|un)(?=\p{L}{3})/u, '');

/** Whether an answer abstains ("I don't know", "I cannot see the picture") or has no word. */
export const abstains = (text: string): boolean =>
  !/[\p{L}\p{N}]/u.test(text) || ABSTAINS.test(plainText(text));
const ABSTAINS =
  /^\W*(?:(?:sorry|unfortunately|i apologi[sz]e|i'm sorry|i am sorry|apologies|as an ai)\b[^]*|(?:i (?:really )?)?(?:don't|do not|can't|cannot|can not|couldn't|could not|am unable to|am not able to|'m unable to|'m not able to) (?:know|tell|say|determine|see|identify|answer|assist|help|view|access|judge)\b[^,;]*|(?:it is|it's|that is|that's)? ?(?:not (?:possible|clear|visible)|impossible|unclear|unknown|undetermined)\b[^,;]*|(?:unknown|unclear|unsure|n\/a|not sure|no idea|cannot be determined|can't be determined))\W*$/i;

/** Matches "not" and its contractions. */
export const NOT = /\bnot\b|n't\b/i;
/** Words that negate a clause. */
export const NEGATION =
  /\b(?:no|not|never|cannot|hardly|scarcely|doubtful|false|wrong|nothing|nobody|none|anything but|(?:opposite|reverse|contrary) of|other (?:than|side from)|rather than|instead of|as opposed to|unlike|neither|nor|unclear|uncertain|unsure|undetermined|impossible|(?:hard|difficult) to (?:say|tell|see|judge|determine))\b|n't\b/i;
const WITHIN = String.raw`(?:[^,.;:!?\n]|(?<=\d)[.,:](?=\d))`;
const DENIED = new RegExp(
  String.raw`(?:(?<=^|[,.;:!?\n]|\b(?:but|and|so)\b)${WITHIN}*?\b(?:is|are|was|were|does|do)(?: |(?=n't)))?(?:${NEGATION.source})${WITHIN}*?(?=[,.:](?!\d)|[;!?\n]|\bbut\b|$)`,
  'gi',
);

/** Removes negated parts of a text: "not right" in "left, not right"; with their subject in "the jug is not close". */
export const withoutDenied = (text: string): string =>
  NEGATION.test(text) ? text.replace(DENIED, ' ') : text;

export const CLAUSE_END =
  /(?:[;!?\n]|\.(?!\d))+ ?|,? (?:and(?! (?:up|down|forward|backward))|but|while|whereas|although|though|yet) |, (?=(?:the|an?(?! (?:little|bit|few)\b)|its|his|her) )/i;

/** Returns the subject of a clause: "red cup" for "the red cup on the shelf", "jug" for "it has a jug on its left". */
export function headOf(clause: string): readonly string[] {
  const words = wordsOf(clause.replace(LEADS_TO_HEAD, ''));
  // "Can" is a noun unless a bare verb follows: "The trash can has …".
  const isThing = (i: number) =>
    words[i] === 'can' && !isVerb((words[i + 1] ?? '').replace(/^(?:is|are|was|has)$/, ''));
  const end = words.findIndex(
    (word, i) => (isVerb(word) && !isThing(i)) || PREPOSITIONS.has(word) || SIDE_WORD.test(word),
  );
  return words.slice(0, end < 0 ? undefined : end).filter((word, i) => isContent(word) || isThing(i));
}
const LEADS_TO_HEAD =
  /^\W*(?:(?:there|here) (?:is|are)|i (?:can )?see)\b|^.*?\b(?:has|have) (?=its |(?:the|an?) .*\bits?\b)/i;
const SIDE_WORD = /^(?:left|right|top|bottom|front|back|upper|lower|ahead)$/;

const AUXILIARY = /\b(?:is|are|was|were|do|does|did|should|can|could|would|will|has|have)\b(?:n't)?/i;

const SENTENCE = /[^.?!\n]+(?:[.?!](?!\s|$)[^.?!\n]*)*[.?!]*/g;

/** Returns the sentence that asks the question: the second one in "This is a kitchen. Is the cup left of the plate?" */
export const askingPart = (question: string): string =>
  question
    .match(SENTENCE)
    ?.findLast((sentence) => sentence.includes('?') && AUXILIARY.test(sentence))
    ?.trim() ?? question;

/** Returns the words of a question's subject: "boat" for "What color is the boat behind the buoy?" */
export const askedThing = remembered(50, (question: string): readonly string[] => {
  const plain = question
    .replace(CONDITION, '')
    .replace(POLITE, '')
    .replace(/\b(what|who|where|which)'?s\b/i, '$1 is');
  if (plain !== question && !/^(?:which|what|who|whose|where|how|whether|if)\b/i.test(plain))
    return headOf(plain.replace(RELATION_OF, ''));
  const verb = AUXILIARY.exec(plain);
  if (verb === null) return [];
  const after = plain.slice(verb.index + verb[0].length).replace(RELATION_OF, '');
  // "The mug, is it left of the bowl?" has its subject before the verb.
  return headOf(/^ (?:it|he|she|they)\b/i.test(after) ? plain.slice(0, verb.index) : after);
});
const CONDITION = /^\W*if (?:the|an?)\b[^,?]*, (?:then )?(?=\p{L})/iu;
/** Matches polite phrases before the question itself. */
export const POLITE =
  /^\W*(?:[^,.?]{1,80}, )?(?:(?:would|could|can|do) you (?:say|think|tell(?: me)?)(?:,? please,?)?|please tell me)(?: that)? |^\W*(?:please )?(?:give|state|tell me|name|describe|report|specify|determine|identify|indicate|provide) (?=the (?:\p{L}+ )?(?:relation(?:ship)?|position|location) (?:of|between) )/iu;
const RELATION_OF =
  /^ ?(?:the )?(?:\p{L}+ )?(?:relation(?:ship)?|position|location|colou?r|shape|material|size|type|kind) (?:of|between) /iu;

/** Returns the kind of thing that a question asks for: "shape" for "What shape is the rug?" */
export const askedKind = (question: string): string | undefined =>
  wordsOf(
    /\b(?:what|which)(?: is the| of the(?: (?:two|three|four|five|\d+))?)? (\p{L}+)/iu.exec(question)?.[1] ??
      '',
  )[0];

/** "From the viewer's perspective" means the reference frame of the image. */
export const OF_VIEWER =
  /,? ?\(?\b(?:from|in) (?:the |my |our |your )?(?:viewer|camera|observer|photographer)(?:'s)? (?:perspective|viewpoint|point of view|view)\)?|\bfrom (?:my|our|your|this) (?:perspective|viewpoint|point of view)\b/gi;

/** Whether two names can refer to the same object: the same noun, and no contradicting words. */
export const mayBeSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.at(-1) === b.at(-1) && !a.some((word) => b.some((other) => exclude(word, other)));

/** Whether a clause is about another object: "The plate is left of the apple", for "What is left of the plate?" */
export function isOfOther(
  clause: string,
  wanted: readonly string[],
  question: string,
  others: readonly (readonly string[])[] = [],
): boolean {
  const head = headOf(clause);
  if (isBareAnswer(clause) || head.length === 0 || !wordsOf(question).includes(head.at(-1)!)) return false;
  // "Is the door open or closed?" asks about the door, and "What is the man holding?" about the man.
  const asked = askedThing(question).filter((word) => ![wanted, ...others].flat().includes(word));
  const isAsked =
    (/\bwhat\b/i.test(question) && head.at(-1) === askedKind(question)) ||
    [asked, withoutParticiple(asked)].some((name) => name.length > 0 && mayBeSame(head, name));
  // "The tallest of them is the lamp" names the lamp.
  const isNamed = () => head.some((word) => polarPhrases(word).length === 0 && !/^\d+$/.test(word));
  return !isAsked && !mayBeSame(head, headOf(wanted.join(' '))) && isNamed();
}

/** Returns a name without the participle after it: "bicycle" for "bicycle leaning". */
export const withoutParticiple = (name: readonly string[]): readonly string[] =>
  name.length > 1 && PARTICIPLE.test(name.at(-1)!) ? name.slice(0, -1) : name;
const PARTICIPLE = /ing$|ed$|^(?:made|held|worn|shown|hung|built|drawn|written)$/;

/** Returns clauses about the question's subject: for a boat, the second in "The buoy is red and the boat is white". */
export function aboutAsked(text: string, question: string): string {
  const clauses = text.split(CLAUSE_END).filter((clause) => /[\p{L}\p{N}]/u.test(clause));
  if (clauses.length < 2) return text;
  const asked = askedThing(question);
  if (asked.length === 0) return text;
  let isAsked = false;
  const ofAsked = clauses.filter((clause, i) => {
    const head = headOf(clause);
    if (head.length > 0) return (isAsked = mayBeSame(head, asked));
    // A pronoun, and a clause without a verb, have the subject of the clause before: "left of the cup and right of it".
    return PRONOUN_START.test(clause) ? (isAsked ||= i === 0) : isAsked && !wordsOf(clause).some(isVerb);
  });
  return ofAsked.length > 0 ? ofAsked.join('. ') : text;
}
const PRONOUN_START = /^\W*(?:it|he|she|they)\b/i;
