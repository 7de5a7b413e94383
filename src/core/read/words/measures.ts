import { pair, type Axis, type Pole } from './axes.ts';

/** Phrases of a dimension named by its noun: "greater height", "the least width". */
function dimension(noun: string, axis: Axis): readonly Pole[] {
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

const NUMBER = 'number|amount|quantity|count of';
const MORE_OF = ['[ @ of ] ,|?|:|;|—', '[ @ of ] in the|this'];
const LENGTH_AHEAD = '# m|cm|mm|km|ft|in|met*|cent*|feet|foot|inch*|yard*|mile*|percent|%';

/** Phrases that name a pole of size, quantity or containment. */
export const MEASURES: readonly Pole[] = [
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
