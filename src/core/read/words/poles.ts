/**
 * Axes along which things are compared. `size` refers to the whole thing; height, length and width are its dimensions.
 */
export type Axis =
  | 'near_far'
  | 'left_right'
  | 'above_below'
  | 'front_behind'
  | 'size'
  | 'height'
  | 'length'
  | 'width'
  | 'quantity'
  | 'containment';

/**
 * `comparative`: closer to. `superlative`: closest, or "from the left" after an ordinal. `position`: left of, behind,
 * inside. `contrary`: near and far from, between which there is a middle.
 */
export type Form = 'comparative' | 'superlative' | 'position' | 'contrary';

/** A phrase that names one pole, and what turns it into its opposite. */
export interface Pole {
  axis: Axis;
  form: Form;
  pole: 0 | 1;
  /** Where the phrase stands (../patterns.ts); `phrase` is what `@` stands for. */
  pattern: string;
  phrase?: string;
  /** What takes the phrase's place; or, word by word, what takes the place of each ('' removes it). */
  opposite: string | Readonly<Record<string, string>>;
}

/**
 * Phrases for both poles, by frames, in which `@` stands for the phrase of a pole. Each phrase is written with its
 * opposite, those of the lower pole first: "less: more, lesser: greater / greater: less"; "left = right" goes both ways.
 */
export const poles = (axis: Axis, form: Form, frames: Readonly<Record<string, string>>): Pole[] =>
  Object.entries(frames).flatMap(([pattern, phrases]) => {
    const one = (pole: 0 | 1, phrase: string, opposite: string): Pole[] =>
      opposite === '' ? [] : [{ axis, form, pole, pattern, phrase, opposite }];
    return phrases.split(' / ').flatMap((list, pole) =>
      list.split(', ').flatMap((entry) => {
        const [phrase = '', joint, opposite = ''] = entry.split(/(: | = )/);
        return [
          ...one(pole as 0 | 1, phrase, opposite),
          ...(joint === ' = ' ? one(1, opposite, phrase) : []),
        ];
      }),
    );
  });

/** Phrases of one pole that are turned word by word, with other words between. */
export function wordByWord(
  axis: Axis,
  form: Form,
  pole: 0 | 1,
  patterns: readonly string[],
  opposites: Record<string, string>,
): Pole[] {
  return patterns.map((pattern) => ({ axis, form, pole, pattern, opposite: opposites }));
}

/** The phrase must not be followed by a side or direction: "further to the left" is about left. */
const NO_SIDE =
  '!{ to|on|at|toward|towards|in? the? left*|right*|back*|front*|forward*|top*|bottom*|up*|down*|along*|behind|above|below|ahead|apart|together }';
const NO_IDIOM =
  '!look|inspection|view|examination|information|detail|details|notice|question|questions|attention';
const DETERMINER = 'the|a|an|my|your|his|her|its|our|their|this|that|me|you|us';
const NO_EDGE = '!{ the left|right|top|bottom|front|back }';
/** One word between "closest" and its particle. */
const BETWEEN = '{ !to|from|away|is|are|of|in|on|<possessive> _ }?';
const IN = 'to|on|at|in|toward|towards';
/** A side phrase that is not followed by a noun ("on the left shelf" only says which shelf). */
const side = (frame: string): string[] => [`[ ${frame} of ]`, `[ ${frame} ] <sideend>`, `[ ${frame} ] $$`];
const framed = (frames: readonly string[], phrases: string): Record<string, string> =>
  Object.fromEntries(frames.map((frame) => [frame, phrases]));
const FROM_SIDE = '<nth> _? _? [ from the @ ]';

const CLOSE = { closer: 'farther', nearer: 'farther' };
const FAR = { farther: 'closer', further: 'closer', away: '', off: '' };
const CLOSEST = { closest: 'farthest', nearest: 'farthest' };
const FARTHEST = { farthest: 'closest', furthest: 'closest', away: '', off: '' };

/** Phrases that name a pole of a position: near and far, left and right, above and below, in front and behind. */
export const PLACES: readonly Pole[] = [
  // Near and far. One data set writes "further to the camera".
  poles('near_far', 'comparative', {
    '@': 'closer together = farther apart, nearer together: farther apart / further apart: closer together',
  }),
  poles('near_far', 'superlative', {
    '@': 'closest together = farthest apart, nearest together: farthest apart / furthest apart: closest together',
  }),
  poles('near_far', 'contrary', { '@': 'close together = far apart' }),
  wordByWord('near_far', 'comparative', 0, ['[ @closer|nearer { in distance }? to ]'], {
    ...CLOSE,
    to: 'from',
  }),
  // "Which is closer the cup or the plate?" only lacks a comma.
  wordByWord('near_far', 'comparative', 0, [`[ @closer|nearer ] !{ ~ or } ${DETERMINER}`], {
    closer: 'farther from',
    nearer: 'farther from',
  }),
  wordByWord('near_far', 'comparative', 0, [`[ @closer|nearer ] ${NO_IDIOM} ${NO_SIDE}`], CLOSE),
  wordByWord(
    'near_far',
    'comparative',
    1,
    [
      '[ @farther|further away|off? { in distance }? from ]',
      `[ @farther|further away|off? { in distance }? to ] ${NO_EDGE}`,
    ],
    { ...FAR, from: 'to' },
  ),
  wordByWord('near_far', 'comparative', 1, [`[ @farther|further away|off? ] ${NO_IDIOM} ${NO_SIDE}`], FAR),
  poles('near_far', 'comparative', { '[ @ distant ]': 'less = more' }),
  poles('near_far', 'superlative', { '[ @ distant ]': 'least = most' }),
  poles('near_far', 'comparative', {
    '[ @ distance ]': 'smaller = greater, shorter = longer, lesser: greater / larger: smaller',
  }),
  wordByWord('near_far', 'superlative', 0, [`[ @closest|nearest ${BETWEEN} ${BETWEEN} to ] ${NO_EDGE}`], {
    ...CLOSEST,
    to: 'from',
  }),
  wordByWord('near_far', 'superlative', 0, [`[ @closest|nearest ] ${DETERMINER}`], {
    closest: 'farthest from',
    nearest: 'farthest from',
  }),
  poles('near_far', 'superlative', { '@': 'closest: farthest, nearest: farthest' }),
  wordByWord(
    'near_far',
    'superlative',
    1,
    [
      `[ @farthest|furthest away? ${BETWEEN} ${BETWEEN} away? from ]`,
      `[ @farthest|furthest away? ${BETWEEN} ${BETWEEN} away? to ] ${NO_EDGE}`,
    ],
    { ...FARTHEST, from: 'to' },
  ),
  wordByWord('near_far', 'superlative', 1, [`[ @farthest|furthest away|off? ] ${NO_SIDE}`], FARTHEST),
  // Only with an object: in "near and far", "far from" would lack one.
  poles('near_far', 'contrary', {
    '@ !-_ !miss|future|and|or|but|nor|yet|while|to|$':
      'near: far from, near to: far from, close to: far from',
    '@': ' / far from: near, far away from: near',
  }),

  // Left and right.
  poles('left_right', 'superlative', {
    '@': 'leftmost = rightmost',
    '[ @ most ]': 'left = right',
    '[ farthest|furthest|most { to|on|at the }? @ { hand? side }? ]': 'left = right',
  }),
  poles('left_right', 'comparative', {
    [`[ more|farther|further { ${IN} the }? @ hand? side? of? ]`]: 'left = right, lefthand = righthand',
  }),
  poles('left_right', 'position', {
    ...framed(
      side(`${IN} <owner> far|very|extreme? @ hand? side|half|part|edge?`),
      'left = right, lefthand = righthand',
    ),
    '!the [ @ hand? side of ]': 'left = right, lefthand = righthand',
    '!the [ @ of ] !way': 'left = right',
  }),

  // Above and below.
  poles('above_below', 'comparative', {
    '@ !{ than? #|education|quality }': 'higher = lower, higher up = lower down',
  }),
  poles('above_below', 'superlative', {
    '@': 'highest = lowest, topmost = bottommost, uppermost = lowermost',
    '[ @ most ]': 'top = bottom',
  }),
  poles('above_below', 'position', {
    '@': 'on top of = underneath, above = below, over = under / beneath: above',
    ...framed(side(`${IN} the very? @ side|half|part|edge?`), 'top = bottom'),
  }),

  // In front and behind.
  poles('front_behind', 'comparative', {
    '[ farther|further|more @ ]':
      'forward = back, in front = behind, to the front = to the back, towards the front = towards the back',
  }),
  poles('front_behind', 'superlative', {
    '[ farthest|furthest @ ]': 'forward = back, to the front = to the back',
    '@': 'frontmost = rearmost, front -most: rearmost, foremost: rearmost / backmost: frontmost, back -most: frontmost, hindmost: frontmost',
  }),
  poles('front_behind', 'position', {
    '@': 'in front of = behind, ahead of: behind, in front: behind / in back of: in front of',
    ...framed(
      side(`${IN} the very? @ side|half|part?`),
      'front = back, foreground = background / rear: front',
    ),
    'positioned|located|placed|standing|sitting @': 'before: behind',
  }),

  // An ordinal counts from one side: "second from the left".
  poles('left_right', 'superlative', { [FROM_SIDE]: 'left = right' }),
  poles('above_below', 'superlative', { [FROM_SIDE]: 'top = bottom' }),
  poles('front_behind', 'superlative', { [FROM_SIDE]: 'front = back' }),
].flat();

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

/** Phrases that look like a pole of an axis but are not, in the pattern language (../patterns.ts). */
export const NO_POLES: readonly string[] = [
  'by|so|thus @far',
  'as @far as',
  'as @near|close|far … as',
  'near future',
  'nearby',
  'over there|here|time',
  'over and over',
  'over the course|year|years',
  'all @over',
  '[ @over ] #',
  '[ @over ] a|an hour|year|day|period',
  'under construction|repair|renovation|control|way|attack|pressure|maintenance|cover',
  '[ @under|above|below ] #',
  '[ @above|below ] zero',
  'above all|average|mentioned',
  'the @above',
  'below average',
  'see @below',
  'behind the scenes',
  'inside out',
  'more or less',
  'once|any|no @more',
  'anymore',
  'at @most|least',
  '@most of',
  'most|least|more|less likely',
  'no|any @longer',
  // Naming both poles together names no pole.
  ...[
    'left right',
    'right left',
    'top bottom',
    'front back',
    'near far',
    'above below',
    'inside outside',
  ].map((both) => {
    const [one, other] = both.split(' ') as [string, string];
    return `{ on|to|at the }? @${one} and the? ${other} { side|sides|end|ends of? }?`;
  }),
  // Directions of movement.
  '<motion> <manner>? { to|toward|towards <owner> }? @left|right !of|side',
  // "upper" and "lower" before a noun only say which one.
  '[ @upper|lower ] shelf|shelves|row|level|floor|deck|drawer|cabinet|half|part|body|bunk|window|corner',
];
