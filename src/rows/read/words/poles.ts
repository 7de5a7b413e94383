import { entries, lines } from './sets.ts';

/** Axes of comparison. `size` refers to the whole object; height, length and width refer to its dimensions. */
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
 * Form of a phrase. `comparative`: "closer to". `superlative`: "closest", or "from the left" after an ordinal.
 * `position`: "left of", "behind", "inside". `contrary`: "near" and "far from", with a middle between the two poles.
 */
export type Form = 'comparative' | 'superlative' | 'position' | 'contrary';

/** Phrase for one pole of an axis, with its opposite. */
export interface Pole {
  axis: Axis;
  form: Form;
  pole: 0 | 1;
  /** Context of the phrase (../patterns.ts), in which `phrase` replaces `@`. */
  pattern: string;
  phrase?: string;
  /** Replacement of the phrase, or of each word in the phrase ('' removes the word). */
  opposite: string | Readonly<Record<string, string>>;
}

/** Returns the phrases of an entry; phrases of the lower pole come first. "left = right" applies in both directions. */
const bothWays = (phrases: string): Pick<Pole, 'pole' | 'phrase' | 'opposite'>[] =>
  phrases.split(' / ').flatMap((list, i) =>
    list.split(', ').flatMap((entry) => {
      const [phrase = '', joint, opposite = ''] = entry.split(/( > | = )/);
      const pole = i as 0 | 1;
      if (opposite === '') return [];
      return [
        { pole, phrase, opposite },
        ...(joint === ' = ' ? [{ pole: 1 as const, phrase: opposite, opposite: phrase }] : []),
      ];
    }),
  );

/**
 * Reads poles from a table. The head of an entry contains an axis, a form and phrases for both poles, each with its
 * opposite. Below the head are the contexts in which `@` is the phrase, if the phrase needs a context. An entry for a
 * single pole contains words with their replacements, and whole patterns.
 */
const poles = (text: TemplateStringsArray, ...parts: readonly string[]): Pole[] =>
  entries(String.raw(text, ...parts)).flatMap(({ head, lines }) => {
    const [names = '', phrases = ''] = head.split(': ');
    const [axis, form, pole] = names.split(' ') as [Axis, Form, 'low' | 'high' | undefined];
    if (pole === undefined) {
      const sides = bothWays(phrases);
      return (lines.length > 0 ? lines : ['@']).flatMap((pattern) =>
        sides.map((phrase) => ({ axis, form, pattern, ...phrase })),
      );
    }
    const opposite = Object.fromEntries(
      phrases.split(', ').map((entry) => entry.split(/ ?> ?/) as [string, string]),
    );
    return lines.map((pattern) => ({ axis, form, pole: pole === 'low' ? 0 : 1, pattern, opposite }));
  });

/** Condition that no side or direction follows the phrase: "further to the left" is about left. */
const NO_SIDE =
  '!{ to|on|at|toward|towards|in? the? left*|right*|back*|front*|forward*|top*|bottom*|up*|down*|along*|behind|above|below|ahead|apart|together }';
const NO_IDIOM =
  '!look|inspection|view|examination|information|detail|details|notice|question|questions|attention';
const DETERMINER = 'the|a|an|my|your|his|her|its|our|their|this|that|me|you|us';
const NO_EDGE = '!{ the left|right|top|bottom|front|back }';
/** Optional word between "closest" and the particle that follows. */
const BETWEEN = '{ !to|from|away|is|are|of|in|on|<possessive> _ }?';
const IN = 'to|on|at|in|toward|towards';
/** Returns patterns of a side phrase without a following noun ("on the left shelf" only identifies the shelf). */
const side = (frame: string): string => `
    [ ${frame} of ]
    [ ${frame} ] <sideend>
    [ ${frame} ] $$`;
const FROM_SIDE = '<nth> _? _? [ from the @ ]';
const FARTHER = 'farther > closer, further > closer, away >, off >';
const FARTHEST = 'farthest > closest, furthest > closest, away >, off >';

/** Phrases for the poles of positions: near and far, left and right, above and below, in front and behind. */
export const PLACES: readonly Pole[] = poles`
  // One data set writes "further to the camera".
  near_far comparative: closer together = farther apart, nearer together > farther apart / further apart > closer together
  near_far superlative: closest together = farthest apart, nearest together > farthest apart / furthest apart > closest together
  near_far contrary: close together = far apart
  near_far comparative low: closer > farther, nearer > farther, to > from
    [ @closer|nearer { in distance }? to ]
  near_far comparative low: closer > farther from, nearer > farther from
    // "Which is closer the cup or the plate?" only lacks a comma.
    [ @closer|nearer ] !{ ~ or } ${DETERMINER}
  near_far comparative low: closer > farther, nearer > farther
    [ @closer|nearer ] ${NO_IDIOM} ${NO_SIDE}
  near_far comparative high: ${FARTHER}, from > to
    [ @farther|further away|off? { in distance }? from ]
    [ @farther|further away|off? { in distance }? to ] ${NO_EDGE}
  near_far comparative high: ${FARTHER}
    [ @farther|further away|off? ] ${NO_IDIOM} ${NO_SIDE}
  near_far comparative: less = more
    [ @ distant ]
  near_far superlative: least = most
    [ @ distant ]
  near_far comparative: smaller = greater, shorter = longer, lesser > greater / larger > smaller
    [ @ distance ]
  near_far superlative low: closest > farthest, nearest > farthest, to > from
    [ @closest|nearest ${BETWEEN} ${BETWEEN} to ] ${NO_EDGE}
  near_far superlative low: closest > farthest from, nearest > farthest from
    [ @closest|nearest ] ${DETERMINER}
  near_far superlative: closest > farthest, nearest > farthest
  near_far superlative high: ${FARTHEST}, from > to
    [ @farthest|furthest away? ${BETWEEN} ${BETWEEN} away? from ]
    [ @farthest|furthest away? ${BETWEEN} ${BETWEEN} away? to ] ${NO_EDGE}
  near_far superlative high: ${FARTHEST}
    [ @farthest|furthest away|off? ] ${NO_SIDE}
  near_far contrary: near > far from, near to > far from, close to > far from
    // Only with an object: in "near and far", "far from" would lack one.
    @ !-_ !miss|future|and|or|but|nor|yet|while|to|$
  near_far contrary: - / far from > near, far away from > near

  left_right superlative: leftmost = rightmost
  left_right superlative: left = right
    [ @ most ]
    [ farthest|furthest|most { to|on|at the }? @ { hand? side }? ]
  left_right comparative: left = right, lefthand = righthand
    [ more|farther|further { ${IN} the }? @ hand? side? of? ]
  left_right position: left = right, lefthand = righthand${side(`${IN} <owner> far|very|extreme? @ hand? side|half|part|edge?`)}
    !the [ @ hand? side of ]
  left_right position: left = right
    !the [ @ of ] !way

  above_below comparative: higher = lower, higher up = lower down
    @ !{ than? #|education|quality }
  above_below superlative: highest = lowest, topmost = bottommost, uppermost = lowermost
  above_below superlative: top = bottom
    [ @ most ]
  above_below position: on top of = underneath, above = below, over = under / beneath > above
  above_below position: top = bottom${side(`${IN} the very? @ side|half|part|edge?`)}

  front_behind comparative: forward = back, in front = behind, to the front = to the back, towards the front = towards the back
    [ farther|further|more @ ]
  front_behind superlative: forward = back, to the front = to the back
    [ farthest|furthest @ ]
  front_behind superlative: frontmost = rearmost, front -most > rearmost, foremost > rearmost / backmost > frontmost, back -most > frontmost, hindmost > frontmost
  // "Which is behind, the cup or the plate?" has no object for "in front of".
  front_behind position high: behind > in front
    [ @behind ] $|is|are
  front_behind position: in front of = behind, ahead of > behind, in front > behind / in back of > in front of
  front_behind position: front = back, foreground = background / rear > front${side(`${IN} the very? @ side|half|part?`)}
  front_behind position: before > behind
    positioned|located|placed|standing|sitting @

  // An ordinal counts from one side: "second from the left".
  left_right superlative: left = right
    ${FROM_SIDE}
  above_below superlative: top = bottom
    ${FROM_SIDE}
  front_behind superlative: front = back
    ${FROM_SIDE}
`;

/** Returns phrases for a dimension that name its noun: "greater height", "the least width". */
const dimension = (axis: Axis, noun: string): string => `
  ${axis} comparative: smaller = larger, lesser = greater, less = more, lower > greater, shorter > greater / bigger > smaller, higher > lower
    [ @ ${noun} ]
  ${axis} superlative: smallest = largest, least = greatest, lowest > greatest, shortest > greatest / biggest > smallest, most > least, highest > lowest
    [ @ ${noun} ]`;

const NUMBER = 'number|amount|quantity|count of';
const LENGTH_AHEAD = '# m|cm|mm|km|ft|in|met*|cent*|feet|foot|inch*|yard*|mile*|percent|%';

/** Phrases for the poles of size, quantity and containment. */
export const MEASURES: readonly Pole[] = poles`${dimension('size', 'size|volume|area')}${dimension('height', 'height')}${dimension('length', 'length')}${dimension('width', 'width|breadth')}
  size comparative: smaller = larger / bigger > smaller
  size superlative: smallest = largest / biggest > smallest
  // For things that are long rather than tall, the opposite of "shorter" is "longer" (polar-phrases.ts).
  height comparative: shorter = taller
  height superlative: shortest = tallest
  length comparative: shorter in length = longer in length / longer > shorter
  length superlative: shortest in length > longest in length / longest > shortest
  width comparative: narrower = wider, thinner > wider / thicker > thinner, broader > narrower
  width superlative: narrowest = widest, thinnest > widest / thickest > thinnest, broadest > narrowest
  quantity comparative: smaller = larger, lower = higher, lesser > greater / greater > smaller, bigger > smaller
    [ @ ${NUMBER} ]
  quantity superlative: smallest = largest, lowest = highest, fewest > largest, least > greatest / greatest > smallest, most > least
    [ @ ${NUMBER} ]
  quantity comparative: fewer in number = more in number, less numerous = more numerous
  quantity comparative: less = more / greater > less
    [ @ than ] ${LENGTH_AHEAD}
  quantity comparative: less > more, fewer = more, lesser > greater / greater > less
    [ @ than ]
  quantity comparative: fewer = more, less > more
    [ @ of ] ,|?|:|;|—
    [ @ of ] in the|this
  quantity superlative: fewest = most, least > most
    [ @ of ] ,|?|:|;|—
    [ @ of ] in the|this
  quantity superlative: least = most
    // "Which colour appears the most?"
    the [ @ often|frequently? ] ?|.|,|;|:|in|among
    the [ @ often|frequently? ] $$
  containment position: inside = outside, inside of = outside of
    !the @
  containment position: within > outside
    @ !#|reach|sight|view|walking|arm|a|an !{ the image|picture|photo|frame|scene }
`;

/** Returns patterns of both poles together, as in "left and right". Together, they express neither pole. */
const both = (pairs: string): string[] =>
  pairs.split(', ').map((pair) => {
    const [one, other] = pair.split(' ') as [string, string];
    return `{ on|to|at the }? @${one} and the? ${other} { side|sides|end|ends of? }?`;
  });

/** Phrases in the pattern language (../patterns.ts) that only look like a pole of an axis. */
export const NO_POLES: readonly string[] = [
  ...lines(`
    by|so|thus @far
    as @near|close|far … as
    over there|here|time
    over and over
    over the course|year|years
    all @over
    [ @over ] #
    [ @over ] a|an hour|year|day|period
    under construction|repair|renovation|control|way|attack|pressure|maintenance|cover
    [ @under|above|below ] #
    [ @above|below ] zero
    above all|average|mentioned
    the @above
    below average
    see @below
    behind the scenes
    inside out
    more or less
    once|any|no @more
    at @most|least
    @most of
    most|least|more|less likely
    no|any @longer
    // Directions of movement.
    <motion> <manner>? { to|toward|towards <owner> }? @left|right !of|side
    // "upper" and "lower" before a noun only say which one.
    [ @upper|lower ] shelf|shelves|row|level|floor|deck|drawer|cabinet|half|part|body|bunk|window|corner`).map(
    (line) => line.trim(),
  ),
  ...both('left right, right left, top bottom, front back, near far, above below, inside outside'),
];
