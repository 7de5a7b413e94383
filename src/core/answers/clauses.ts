import { RecentMap } from '../recent-map.ts';
import { plainText } from './plain-text.ts';

/**
 * What an answer of free text asserts, clause by clause: enough English to tell the thing that a sentence names from
 * those that it only mentions. Whatever these rules cannot tell is left to the caller to call *not judged*.
 */

/** A noun phrase, or an adjective in its place, with the words around it that decide what it does in its clause. */
export interface Phrase {
  /** Content words in lower case, without articles; synonyms as one of them. */
  words: string[];
  /** The preposition that it depends on. */
  preposition: string | null;
  /** Whether it stands before the verb of its clause. */
  isSubject: boolean;
  isNegated: boolean;
  /** Whether its noun was left out as the question's own: of "a glass table", asked what is on the table, "glass". */
  isCut?: boolean;
  /** Joined to the phrase before it by this word. */
  joint: 'and' | 'or' | null;
}

export interface Clause {
  words: string[];
  phrases: Phrase[];
  hasVerb: boolean;
  /** Whether the clause begins with "there is" or the like, or its subject is a pronoun or a picture that shows things. */
  isImpersonal: boolean;
  /** Whether its verb is negated. */
  isNegated: boolean;
}

const SYNONYMS: Readonly<Record<string, string>> = {
  grey: 'gray',
  couch: 'sofa',
  settee: 'sofa',
  bike: 'bicycle',
  tv: 'television',
  telly: 'television',
  photo: 'picture',
  photograph: 'picture',
  image: 'picture',
  colour: 'color',
  wooden: 'wood',
  metallic: 'metal',
  fridge: 'refrigerator',
  automobile: 'car',
  airplane: 'plane',
  aeroplane: 'plane',
  cellphone: 'phone',
  smartphone: 'phone',
  lady: 'woman',
  men: 'man',
  women: 'woman',
  children: 'child',
  kid: 'child',
  people: 'person',
  middle: 'center',
  centre: 'center',
  bookcase: 'bookshelf',
  rucksack: 'backpack',
  knapsack: 'backpack',
  tap: 'faucet',
  jumper: 'sweater',
  pullover: 'sweater',
  drape: 'curtain',
  '1st': 'first',
  '2nd': 'second',
  '3rd': 'third',
  '4th': 'fourth',
  '5th': 'fifth',
  timber: 'wood',
  cupboard: 'cabinet',
  closet: 'wardrobe',
  cab: 'taxi',
  lift: 'elevator',
  overcast: 'cloudy',
  tyre: 'tire',
  little: 'small',
  big: 'large',
  lorry: 'truck',
  pavement: 'sidewalk',
  trousers: 'pants',
  two: '2',
  three: '3',
  four: '4',
  five: '5',
  six: '6',
  seven: '7',
  eight: '8',
  nine: '9',
  ten: '10',
  eleven: '11',
  twelve: '12',
};

/** Several words, or words of another kind, for the same thing; read before the words one by one. */
const PHRASES = (
  [
    ['police ?(?:officer|man|men|woman|women)s?|cops?', 'policeman'],
    ['fire ?(?:fighters?|man|men)', 'fireman'],
    ['motor ?(?:bikes?|cycles?)', 'motorcycle'],
    ['traffic signals?|stop ?lights?', 'traffic light'],
    ['(?:cell|mobile) phones?', 'phone'],
    ['(?:trash|garbage|rubbish|waste|dust|litter) ?(?:cans?|bins?|baskets?)', 'bin'],
    ['(?:tv|television) sets?', 'television'],
    ['navy(?: blue)?', 'dark blue'],
    ['towards', 'toward'],
    ['coffee machines?', 'coffee maker'],
    ['lounges?|sitting rooms?', 'living room'],
    ['stand(?:ing|ard) lamps?', 'floor lamp'],
    ['trainers|running shoes|tennis shoes|gym shoes', 'sneakers'],
    ['(?:notebook|laptop) computers?', 'laptop'],
    ['(?:computer|pc) (?:screen|monitor|display)s?', 'monitor'],
    ['bedside tables?|night tables?', 'nightstand'],
    ['(?:zebra|pedestrian) crossings?', 'crosswalk'],
    ['street ?lights?|street lamps?|lamp ?posts?', 'street lamp'],
    // "a deep, dark shade of brown"
    ['(light|dark|pale|bright|deep|rich|soft|vivid), (?=light|dark|pale|bright|deep|rich|soft|vivid)', '$1 '],
    ['(\\p{L}+) (?:shade|tone|hue|tint) of', '$1'],
    ['(oct|hex|pent)agonal', '$1agon'],
    ['circular|circles?|rounded', 'round'],
    ['rectangular', 'rectangle'],
    ['triangular', 'triangle'],
    ['spherical', 'sphere'],
    ['cylindrical', 'cylinder'],
    ['cubic', 'cube'],
    ['(farther|further|farthest|furthest) (?:away|off)', '$1'],
    ['more distant', 'farther'],
    ['towers? (?:over|above)', 'is taller than'],
    ['dwarfs?', 'is bigger than'],
    ['outnumbers?', 'are more than'],
    // "a flock of birds"
    ['(?:flock|herd|group|pair|couple|bunch|pile|stack|row|set|piece|cluster|collection|crowd)s? of', ''],
    ['far (left|right|top|bottom|corner|end|side|wall)', '$1'],
    ['(is|are|was|were|be) made (?:up |out )?of', '$1'],
    // "a wall made of brick"
    [
      '(?!(?:is|are|was|were|be|been|it|they|that)\\b)(\\p{L}+)(?: which is)? made (?:out )?of (\\p{L}+)',
      '$2 $1',
    ],
  ] as const
).map(([words, as]): [RegExp, string] => [
  new RegExp(`(?<![\\p{L}\\p{N}])(?:${words})(?![\\p{L}\\p{N}])`, 'giu'),
  as,
]);
/** Few texts have any: one look is cheaper than one for each. */
const HAS_PHRASE = new RegExp(PHRASES.map(([{ source }]) => source).join('|'), 'iu');
const plainPhrases = (text: string): string =>
  HAS_PHRASE.test(text) ? PHRASES.reduce((said, [words, as]) => said.replace(words, as), text) : text;

const set = (words: string): ReadonlySet<string> => new Set(words.split(' '));

const DETERMINERS = set('the a an this that these those his her its their my your our some one');
const PREPOSITIONS = set(
  'of to in on at from with by near under over above below behind beside between inside outside beneath underneath ' +
    'against along among around next across through toward towards into onto for than within relative compared ' +
    'opposite front left right top bottom upper lower out about',
);
/** Prepositions of several words are read as the last of them: "in front of", "to the left of". */
const BE = set("is are am was were be been being isn't aren't wasn't weren't");
const VERBS = set(
  'has have had shows show see seems seem looks look appears appear stands stand sits sit lies lie holds hold rests ' +
    'rest hangs hang wears wear contains contain faces face touches touch carries carry turn turns go goes move moves walk walks drive drives does do can could would will ' +
    'should may might must depicts know think believe count say find notice observe spot reads says',
);
const PRONOUNS = set('it he she they there we i you here this that these those him them');
const NEGATIONS = set(
  "not no never isn't aren't wasn't weren't doesn't don't neither nor without cannot can't instead rather hardly scarcely barely",
);
const FILLERS = set(
  'drawn depicted displayed located positioned placed situated visible shown seen standing sitting lying hanging leaning resting parked mounted attached painted held taken captured photographed pictured color shade colored hue clearly ' +
    'definitely directly just also probably likely perhaps maybe made facing holding side hand position direction ' +
    'picture scene photo object item thing way very slightly currently actually simply like looking several various many different some other',
);

const NOUNS_IN_LY = set('family fly butterfly dragonfly lily jelly belly bully gully ally assembly');

/** Whether a word says something: neither grammar nor one of the words with which any answer may be put. */
export const isContent = (word: string): boolean =>
  !DETERMINERS.has(word) &&
  !PREPOSITIONS.has(word) &&
  !BE.has(word) &&
  !VERBS.has(word) &&
  !PRONOUNS.has(word) &&
  !NEGATIONS.has(word) &&
  !FILLERS.has(word) &&
  (!/\wly$/.test(word) || NOUNS_IN_LY.has(word)) &&
  !['and', 'or', 'but', 'so', 'as', 'which', 'what', 'who', 'where', 'how', 'either', 'both'].includes(word);

/** Singular, and one spelling of words for the same thing. */
function plainWord(word: string): string {
  const bare = word.replace(/'s$/, '');
  const synonym = SYNONYMS[bare];
  if (synonym) return synonym;
  const singular = /(?:ss|us|is)$/.test(bare) ? bare : bare.replace(/(?<=(?:s|x|ch|sh))es$|(?<=\w{2})s$/, '');
  return SYNONYMS[singular] ?? singular;
}

const CONTRACTIONS = { s: 'is', re: 'are', m: 'am', d: 'would', ll: 'will', ve: 'have' } as const;

/** Texts that were read last: the rules ask for the words of question, reference and answer many times over. */
const lastRead = new RecentMap<string, readonly string[]>(200);
const lastWords = new RecentMap<string, readonly string[]>(200);
/** Longer ones, in characters, are not kept. */
const MOST_KEPT = 1000;

/** Words in lower case, and the marks that end clauses. "There's", "I'd" and the like are two words. */
function tokensOf(text: string): readonly string[] {
  const known = lastRead.get(text);
  if (known) return known;
  const tokens =
    plainPhrases(text.toLowerCase())
      .replace(
        /\b(it|he|she|they|there|we|i|you|here|this|that|these|those)'(s|re|m|d|ll|ve)\b/g,
        (_, word: string, rest: keyof typeof CONTRACTIONS) => `${word} ${CONTRACTIONS[rest]}`,
      )
      .match(/[\p{L}\p{M}\p{N}]+(?:'\p{L}+)?|[.,;:!?]/gu) ?? [];
  if (text.length <= MOST_KEPT) lastRead.set(text, tokens);
  return tokens;
}

/** The words of a text in the forms that phrases have. */
export function plainWords(text: string): string[] {
  const known = lastWords.get(text);
  if (known) return [...known];
  const words = tokensOf(plainText(text).replaceAll('-', ' '))
    .filter((token) => /[\p{L}\p{N}]/u.test(token))
    .map(keepWord);
  if (text.length <= MOST_KEPT) lastWords.set(text, words);
  return [...words];
}

const keepWord = (word: string): string =>
  DETERMINERS.has(word) || BE.has(word) || VERBS.has(word) || PRONOUNS.has(word) || NEGATIONS.has(word)
    ? word
    : PREPOSITIONS.has(word)
      ? word
      : plainWord(word);

/** The content words of a text, in order. */
export const contentWords = (text: string): string[] => plainWords(text).filter(isContent);

/**
 * Splits a sentence where a new clause begins, and drops what only describes a thing on the way (", which …,"). At the
 * end of a sentence, what describes a thing is a clause about that thing.
 */
export function clausesOf(sentence: string): Clause[] {
  return sentence
    .replace(/,? (?:which|who) [^,.;]*,/gi, '')
    .replace(/(\p{L}+),? (?:which|who) (?=(?:is|are|was|were|has|have) )/giu, '$1: the $1 ')
    .split(
      /,? but |,? yet (?=the )|,? while |,? whereas |: |, (?=not )|, (?=(?:it|he|she|they)(?:'s|'re| is| are) )|,? which |(?:, and|, | and) (?=(?:the|a|an|his|her|its|their) [\p{L} ]{1,60}? (?:is|are|was|were) |(?:it|he|she|they|there)(?:'s| is| are) )/iu,
    )
    .map((part) => clauseOf(part))
    .filter(({ words }) => words.length > 0);
}

function clauseOf(text: string): Clause {
  const tokens = tokensOf(text);
  // "The spot", "a stand" are nouns.
  const isNoun = (i: number) =>
    /^(?:the|a|an|his|her|its|their)$/.test(tokens[i - 1] ?? '') && VERBS.has(tokens[i]!);
  const verbAt = tokens.findIndex((token, i) => isVerb(token) && !isNoun(i));
  const phrases: Phrase[] = [];
  let open: Phrase | null = null;
  let preposition: string | null = null;
  let negated = false;
  let joint: Phrase['joint'] = null;
  tokens.forEach((token, i) => {
    const close = () => (open = null);
    if (/^[.,;:!?]$/.test(token)) {
      close();
      preposition = null;
    } else if (NEGATIONS.has(token)) {
      close();
      negated = true;
    } else if (token === 'and' || token === 'or') {
      close();
      joint = token;
    } else if (isPlaceOf(tokens, i)) {
      close();
    } else if (PREPOSITIONS.has(token)) {
      close();
      // "On top of the table" is on it.
      preposition = token === 'of' && tokens.slice(i - 2, i).join(' ') === 'on top' ? 'on' : token;
      joint = null;
    } else if ((isVerb(token) && !isNoun(i)) || i === verbAt) {
      close();
      preposition = null;
      joint = null;
      if (token.endsWith("n't")) negated = true;
    } else if (DETERMINERS.has(token)) close();
    else if (isContent(token) || isNoun(i)) {
      const word = plainWord(token);
      // "wearing a hat": what is done to a thing; of somebody named before ("a man wearing a hat"), it only describes.
      const isDone =
        /ing$/.test(token) &&
        i > verbAt &&
        verbAt >= 0 &&
        /^(?:a|an|the|his|her|its)$/.test(tokens[i + 1] ?? '');
      if (isDone) {
        if (open) preposition = word;
        close();
      } else if (open) open.words.push(word);
      else {
        open = { words: [word], preposition, isSubject: i < verbAt, isNegated: negated, joint };
        phrases.push(open);
        joint = null;
      }
    }
  });
  const lead = tokens.slice(0, verbAt < 0 ? 0 : verbAt + 1);
  const subject = phrases.find(({ isSubject, preposition: p }) => isSubject && p === null);
  return {
    words: tokens.filter((token) => /[\p{L}\p{N}]/u.test(token)).map(keepWord),
    phrases,
    hasVerb: verbAt >= 0,
    isImpersonal:
      verbAt >= 0 && !subject && lead.some((token) => PRONOUNS.has(token) || FILLERS.has(plainWord(token))),
    isNegated: negated && !phrases.some(({ isNegated, isSubject }) => isNegated && isSubject),
  };
}

/** "The top drawer": which drawer it is, and no preposition. */
const isPlaceOf = (tokens: readonly string[], i: number): boolean =>
  /^(?:left|right|top|bottom|upper|lower|front|back)$/.test(tokens[i]!) &&
  DETERMINERS.has(tokens[i - 1] ?? '') &&
  /^\p{L}/u.test(tokens[i + 1] ?? '') &&
  isContent(tokens[i + 1]!);

const isVerb = (token: string): boolean => BE.has(token) || VERBS.has(token);
