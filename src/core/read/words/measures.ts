import { poles, type Axis, type Pole } from './axes.ts';

/** Phrases of a dimension named by its noun: "greater height", "the least width". */
function dimension(noun: string, axis: Axis): readonly Pole[] {
  return [
    ...poles(axis, 'comparative', {
      [`[ @ ${noun} ]`]:
        'smaller = larger, lesser = greater, less = more, lower: greater, shorter: greater / bigger: smaller, higher: lower',
    }),
    ...poles(axis, 'superlative', {
      [`[ @ ${noun} ]`]:
        'smallest = largest, least = greatest, lowest: greatest, shortest: greatest / biggest: smallest, most: least, highest: lowest',
    }),
  ];
}

const NUMBER = 'number|amount|quantity|count of';
const MORE_OF = ['[ @ of ] ,|?|:|;|—', '[ @ of ] in the|this'] as const;
const LENGTH_AHEAD = '# m|cm|mm|km|ft|in|met*|cent*|feet|foot|inch*|yard*|mile*|percent|%';

/** Phrases that name a pole of size, quantity or containment. */
export const MEASURES: readonly Pole[] = [
  dimension('size|volume|area', 'size'),
  dimension('height', 'height'),
  dimension('length', 'length'),
  dimension('width|breadth', 'width'),
  poles('size', 'comparative', { '@': 'smaller = larger / bigger: smaller' }),
  poles('size', 'superlative', { '@': 'smallest = largest / biggest: smallest' }),
  // For things that are long rather than tall, the opposite of "shorter" is "longer" (polar.ts).
  poles('height', 'comparative', { '@': 'shorter = taller' }),
  poles('height', 'superlative', { '@': 'shortest = tallest' }),
  poles('length', 'comparative', { '@': 'shorter in length = longer in length / longer: shorter' }),
  poles('length', 'superlative', { '@': 'shortest in length: longest in length / longest: shortest' }),
  poles('width', 'comparative', {
    '@': 'narrower = wider, thinner: wider / thicker: thinner, broader: narrower',
  }),
  poles('width', 'superlative', {
    '@': 'narrowest = widest, thinnest: widest / thickest: thinnest, broadest: narrowest',
  }),
  poles('quantity', 'comparative', {
    [`[ @ ${NUMBER} ]`]:
      'smaller = larger, lower = higher, lesser: greater / greater: smaller, bigger: smaller',
  }),
  poles('quantity', 'superlative', {
    [`[ @ ${NUMBER} ]`]:
      'smallest = largest, lowest = highest, fewest: largest, least: greatest / greatest: smallest, most: least',
  }),
  poles('quantity', 'comparative', {
    '@': 'fewer in number = more in number, less numerous = more numerous',
    [`[ @ than ] ${LENGTH_AHEAD}`]: 'less = more / greater: less',
    '[ @ than ]': 'less: more, fewer = more, lesser: greater / greater: less',
    [MORE_OF[0]]: 'fewer = more, less: more',
    [MORE_OF[1]]: 'fewer = more, less: more',
  }),
  poles('quantity', 'superlative', {
    [MORE_OF[0]]: 'fewest = most, least: most',
    [MORE_OF[1]]: 'fewest = most, least: most',
    // "Which colour appears the most?"
    'the [ @ often|frequently? ] ?|.|,|;|:|in|among': 'least = most',
    'the [ @ often|frequently? ] $$': 'least = most',
  }),
  poles('containment', 'position', {
    '!the @': 'inside = outside, inside of = outside of',
    '@ !#|reach|sight|view|walking|arm|a|an !{ the image|picture|photo|frame|scene }': 'within: outside',
  }),
].flat();
