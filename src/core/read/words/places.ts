import { poles, wordByWord, type Pole } from './axes.ts';

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
