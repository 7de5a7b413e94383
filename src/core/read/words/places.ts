import { pair, swap, wordByWord, type Pole } from './axes.ts';

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
const FROM_SIDE = '<nth> _? _? [ from the @ ]';

const LEFT = { left: 'right', lefthand: 'righthand' };
const RIGHT = { right: 'left', righthand: 'lefthand' };
const CLOSE = { closer: 'farther', nearer: 'farther' };
const FAR = { farther: 'closer', further: 'closer', away: '', off: '' };
const CLOSEST = { closest: 'farthest', nearest: 'farthest' };
const FARTHEST = { farthest: 'closest', furthest: 'closest', away: '', off: '' };

/** Phrases that name a pole of a position: near and far, left and right, above and below, in front and behind. */
export const PLACES: readonly Pole[] = [
  // Near and far. One data set writes "further to the camera".
  pair(
    'near_far',
    'comparative',
    '@',
    { 'closer together': 'farther apart', 'nearer together': 'farther apart' },
    { 'farther apart': 'closer together', 'further apart': 'closer together' },
  ),
  pair(
    'near_far',
    'superlative',
    '@',
    { 'closest together': 'farthest apart', 'nearest together': 'farthest apart' },
    { 'farthest apart': 'closest together', 'furthest apart': 'closest together' },
  ),
  swap('near_far', 'contrary', '@', 'close together', 'far apart'),
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
  swap('near_far', 'comparative', '[ @ distant ]', 'less', 'more'),
  swap('near_far', 'superlative', '[ @ distant ]', 'least', 'most'),
  pair(
    'near_far',
    'comparative',
    '[ @ distance ]',
    { smaller: 'greater', shorter: 'longer', lesser: 'greater' },
    { greater: 'smaller', larger: 'smaller', longer: 'shorter' },
  ),
  wordByWord('near_far', 'superlative', 0, [`[ @closest|nearest ${BETWEEN} ${BETWEEN} to ] ${NO_EDGE}`], {
    ...CLOSEST,
    to: 'from',
  }),
  wordByWord('near_far', 'superlative', 0, [`[ @closest|nearest ] ${DETERMINER}`], {
    closest: 'farthest from',
    nearest: 'farthest from',
  }),
  pair('near_far', 'superlative', '@', CLOSEST, {}),
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
  pair(
    'near_far',
    'contrary',
    '@ !-_ !miss|future|and|or|but|nor|yet|while|to|$',
    { near: 'far from', 'near to': 'far from', 'close to': 'far from' },
    {},
  ),
  pair('near_far', 'contrary', '@', {}, { 'far from': 'near', 'far away from': 'near' }),

  // Left and right.
  swap('left_right', 'superlative', '@', 'leftmost', 'rightmost'),
  swap('left_right', 'superlative', '[ @ most ]', 'left', 'right'),
  swap(
    'left_right',
    'superlative',
    '[ farthest|furthest|most { to|on|at the }? @ { hand? side }? ]',
    'left',
    'right',
  ),
  pair('left_right', 'comparative', `[ more|farther|further { ${IN} the }? @ hand? side? of? ]`, LEFT, RIGHT),
  pair(
    'left_right',
    'position',
    side(`${IN} <owner> far|very|extreme? @ hand? side|half|part|edge?`),
    LEFT,
    RIGHT,
  ),
  pair('left_right', 'position', '!the [ @ hand? side of ]', LEFT, RIGHT),
  swap('left_right', 'position', '!the [ @ of ] !way', 'left', 'right'),

  // Above and below.
  pair(
    'above_below',
    'comparative',
    '@ !{ than? #|education|quality }',
    { higher: 'lower', 'higher up': 'lower down' },
    { lower: 'higher', 'lower down': 'higher up' },
  ),
  swap('above_below', 'superlative', '@', 'highest', 'lowest'),
  swap('above_below', 'superlative', '@', 'topmost', 'bottommost'),
  swap('above_below', 'superlative', '[ @ most ]', 'top', 'bottom'),
  swap('above_below', 'superlative', '@', 'uppermost', 'lowermost'),
  swap('above_below', 'position', '@', 'on top of', 'underneath'),
  pair(
    'above_below',
    'position',
    '@',
    { above: 'below', over: 'under' },
    { below: 'above', beneath: 'above', under: 'over' },
  ),
  swap('above_below', 'position', side(`${IN} the very? @ side|half|part|edge?`), 'top', 'bottom'),

  // In front and behind.
  pair(
    'front_behind',
    'comparative',
    '[ farther|further|more @ ]',
    {
      forward: 'back',
      'in front': 'behind',
      'to the front': 'to the back',
      'towards the front': 'towards the back',
    },
    {
      back: 'forward',
      behind: 'in front',
      'to the back': 'to the front',
      'towards the back': 'towards the front',
    },
  ),
  pair(
    'front_behind',
    'superlative',
    '[ farthest|furthest @ ]',
    { forward: 'back', 'to the front': 'to the back' },
    { back: 'forward', 'to the back': 'to the front' },
  ),
  pair(
    'front_behind',
    'superlative',
    '@',
    { frontmost: 'rearmost', 'front -most': 'rearmost', foremost: 'rearmost' },
    { rearmost: 'frontmost', backmost: 'frontmost', 'back -most': 'frontmost', hindmost: 'frontmost' },
  ),
  pair(
    'front_behind',
    'position',
    '@',
    { 'in front of': 'behind', 'ahead of': 'behind', 'in front': 'behind' },
    { behind: 'in front of', 'in back of': 'in front of' },
  ),
  pair(
    'front_behind',
    'position',
    side(`${IN} the very? @ side|half|part?`),
    { front: 'back', foreground: 'background' },
    { back: 'front', rear: 'front', background: 'foreground' },
  ),
  pair('front_behind', 'position', 'positioned|located|placed|standing|sitting @', { before: 'behind' }, {}),

  // An ordinal counts from one side: "second from the left".
  swap('left_right', 'superlative', FROM_SIDE, 'left', 'right'),
  swap('above_below', 'superlative', FROM_SIDE, 'top', 'bottom'),
  swap('front_behind', 'superlative', FROM_SIDE, 'front', 'back'),
].flat();
