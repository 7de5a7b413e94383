import { isPlural } from './names.ts';
import { Pattern, matchAt } from './patterns.ts';
import { pair, type Axis, type Form, type PolarRule } from './axes.ts';
import type { Token } from './tokens.ts';
import { CLASSES } from './words.ts';

/** Rules for a dimension named by its noun: "greater height", "the least width". */
function dimension(noun: string, axis: Axis): PolarRule[] {
  return [
    ...pair(
      axis,
      'comparative',
      `[ @ ${noun} ]`,
      { smaller: 'larger', lesser: 'greater', less: 'more', lower: 'greater', shorter: 'greater' },
      { larger: 'smaller', bigger: 'smaller', greater: 'lesser', more: 'less', higher: 'lower' },
    ),
    ...pair(
      axis,
      'superlative',
      `[ @ ${noun} ]`,
      { smallest: 'largest', least: 'greatest', lowest: 'greatest', shortest: 'greatest' },
      { largest: 'smallest', biggest: 'smallest', greatest: 'least', most: 'least', highest: 'lowest' },
    ),
  ];
}

const STOP = new Set(
  'than or and in on at to of is are was does do has its as the a an between around with near by'.split(' '),
);
const MASS = CLASSES.get('mass')!.words;
const HAVING = new Pattern('<having> is|are? the? @');
const TAKES_UP = new Pattern('take|takes up the? @');

/** Up to three words from a token on; hyphenated words are joined. */
function wordsAfter(tokens: readonly Token[], from: number): string[] {
  const words: string[] = [];
  for (const token of tokens.slice(from)) {
    if (/^['’]$/.test(token.text)) continue;
    if (token.kind !== 'word') break;
    if (token.joined && words.length > 0) words.push(`${words.pop()!}-${token.lower}`);
    else if (words.length === 3) break;
    else words.push(token.lower);
  }
  return words;
}

/**
 * Whether the noun that `more` or `most` counts, within three words, is a plural or a mass noun. Null if there is none,
 * or if `more` may modify an adjective ("more colourful clothes").
 */
function countedNoun(tokens: readonly Token[], at: number): 'plural' | 'mass' | null {
  const words = wordsAfter(tokens, at + 1);
  const stop = words.findIndex((word) => STOP.has(word));
  const nouns = stop < 0 ? words : words.slice(0, stop);
  const noun = nouns.findIndex((word) => isPlural(word) || MASS.has(word));
  const isHad = matchAt(HAVING, tokens, at) ?? matchAt(TAKES_UP, tokens, at);
  const graded = /(?:ful|ous|ive|al|ic|ing|ed|able|ible|ant|ent|ly|less|ish)$/.test(nouns[0] ?? '');
  if (isHad ? nouns.length === 0 : noun < 0 || (noun > 0 && graded)) return null;
  return noun >= 0 && isPlural(nouns[noun]!) ? 'plural' : 'mass';
}

/** Rules for "more cups": `many` becomes `few` before plurals and `little` before mass nouns; both become `many`. */
function quantifiers(form: Form, many: string, few: string, little: string): PolarRule[] {
  const of = (word: string, pole: 0 | 1): PolarRule => ({
    axis: 'quantity',
    form,
    pole,
    pattern: new Pattern(`@${word} !than`),
    turn: (_phrase, _target, tokens, { first }) => {
      const noun = countedNoun(tokens, first);
      if (noun === null) return null;
      return pole === 0 ? many : noun === 'plural' ? few : little;
    },
  });
  return [of(many, 1), of(few, 0), of(little, 0)];
}

const NUMBER = 'number|amount|quantity|count of';
const MORE_OF = ['[ @ of ] ,|?|:|;|—', '[ @ of ] in the|this'];
const LENGTH_AHEAD = '# m|cm|mm|km|ft|in|met*|cent*|feet|foot|inch*|yard*|mile*|percent|%';

/** Phrases that name a pole of size, quantity or containment. */
export const MEASURES: PolarRule[] = [
  dimension('size|volume|area', 'size'),
  dimension('height', 'height'),
  dimension('length', 'length'),
  dimension('width|breadth', 'width'),
  pair('size', 'comparative', '@', { smaller: 'larger' }, { larger: 'smaller', bigger: 'smaller' }),
  pair('size', 'superlative', '@', { smallest: 'largest' }, { largest: 'smallest', biggest: 'smallest' }),
  // For things that are long rather than tall, the opposite of "shorter" is "longer" (polar.ts).
  pair('height', 'comparative', '@', { shorter: 'taller' }, { taller: 'shorter' }),
  pair('height', 'superlative', '@', { shortest: 'tallest' }, { tallest: 'shortest' }),
  pair(
    'length',
    'comparative',
    '@',
    { 'shorter in length': 'longer in length' },
    { longer: 'shorter', 'longer in length': 'shorter in length' },
  ),
  pair('length', 'superlative', '@', { 'shortest in length': 'longest in length' }, { longest: 'shortest' }),
  pair(
    'width',
    'comparative',
    '@',
    { narrower: 'wider', thinner: 'wider' },
    { wider: 'narrower', thicker: 'thinner', broader: 'narrower' },
  ),
  pair(
    'width',
    'superlative',
    '@',
    { narrowest: 'widest', thinnest: 'widest' },
    { widest: 'narrowest', thickest: 'thinnest', broadest: 'narrowest' },
  ),
  pair(
    'quantity',
    'comparative',
    `[ @ ${NUMBER} ]`,
    { smaller: 'larger', lower: 'higher', lesser: 'greater' },
    { larger: 'smaller', greater: 'smaller', higher: 'lower', bigger: 'smaller' },
  ),
  pair(
    'quantity',
    'superlative',
    `[ @ ${NUMBER} ]`,
    { smallest: 'largest', lowest: 'highest', fewest: 'largest', least: 'greatest' },
    { largest: 'smallest', greatest: 'smallest', highest: 'lowest', most: 'least' },
  ),
  pair(
    'quantity',
    'comparative',
    '@',
    { 'fewer in number': 'more in number', 'less numerous': 'more numerous' },
    { 'more in number': 'fewer in number', 'more numerous': 'less numerous' },
  ),
  pair(
    'quantity',
    'comparative',
    `[ @ than ] ${LENGTH_AHEAD}`,
    { less: 'more' },
    { more: 'less', greater: 'less' },
  ),
  pair(
    'quantity',
    'comparative',
    '[ @ than ]',
    { less: 'more', fewer: 'more', lesser: 'greater' },
    { greater: 'less', more: 'fewer' },
  ),
  pair('quantity', 'comparative', MORE_OF, { fewer: 'more', less: 'more' }, { more: 'fewer' }),
  pair('quantity', 'superlative', MORE_OF, { fewest: 'most', least: 'most' }, { most: 'fewest' }),
  // "Which colour appears the most?"
  pair(
    'quantity',
    'superlative',
    ['the [ @ often|frequently? ] ?|.|,|;|:|in|among', 'the [ @ often|frequently? ] $$'],
    { least: 'most' },
    { most: 'least' },
  ),
  quantifiers('comparative', 'more', 'fewer', 'less'),
  quantifiers('superlative', 'most', 'fewest', 'least'),
  pair(
    'containment',
    'position',
    '!the @',
    { inside: 'outside', 'inside of': 'outside of' },
    { outside: 'inside', 'outside of': 'inside of' },
  ),
  pair(
    'containment',
    'position',
    '@ !#|reach|sight|view|walking|arm|a|an !{ the image|picture|photo|frame|scene }',
    { within: 'outside' },
    {},
  ),
].flat();
