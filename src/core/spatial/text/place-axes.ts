import { pair, rule, swap, type Rule } from './axes.ts';

/** The phrase does not lead on to a side or direction: "further to the left" is about left. */
const NO_SIDE =
  '(?! (?:to |on |at |towards? |in )?(?:the )?(?:left|right|back|front|forwards?|top|bottom|up|down|along|behind|above|below|ahead|apart|together))';
const NO_IDIOM =
  '(?! (?:look|inspection|view|examination|information|details?|notice|questions?|attention)\\b)';
const DETERMINER = '(?= (?:the|an?|my|your|his|her|its|our|their|this|that|me|you|us)\\b)';
/** A side phrase ends here: what follows is no noun ("on the left shelf" only says which shelf). */
const SIDE_END =
  '(?: of\\b|(?=\\s*(?:$|[?.,;:!)\\]\\u2014]|(?:than|or|and|but|yet|in|on|at|from|compared|according|when|if|as|to|with|relative|while|that|which|who|is|are|was|were|does|do|has|have|after|before|looking|seen)\\b)))';
const OWNER = '(?:the|its|his|her|their|my|your|our)';
const IN = '(?:to|on|at|in|towards?)';

const FROM_SIDE =
  '(?<=\\b(?:first|second|third|fourth|fifth|sixth|seventh|last|\\d(?:st|nd|rd|th))(?: \\w+){0,2} )from the %\\b';

/** Phrases that name a pole of a place: near and far, left and right, above and below, in front and behind. */
export const PLACE_RULES: Rule[] = [
  // Near and far. "further to the camera" is how one data set writes it.
  pair(
    'near_far',
    'comparative',
    '%\\b',
    { 'closer together': 'farther apart', 'nearer together': 'farther apart' },
    { 'farther apart': 'closer together', 'further apart': 'closer together' },
  ),
  pair(
    'near_far',
    'superlative',
    '%\\b',
    { 'closest together': 'farthest apart', 'nearest together': 'farthest apart' },
    { 'farthest apart': 'closest together', 'furthest apart': 'closest together' },
  ),
  swap('near_far', 'contrary', '%\\b', 'close together', 'far apart'),
  rule('near_far', 'comparative', 0, `(?:closer|nearer)( in distance)? to\\b`, 'farther$1 from'),
  rule('near_far', 'comparative', 0, `(?:closer|nearer)${DETERMINER}`, 'farther from'),
  rule('near_far', 'comparative', 0, `(?:closer|nearer)\\b${NO_IDIOM}${NO_SIDE}`, 'farther'),
  rule(
    'near_far',
    'comparative',
    1,
    `(?:farther|further)(?: away| off)?( in distance)? (?:from|to(?! the (?:left|right|top|bottom|front|back)\\b))\\b`,
    'closer$1 to',
  ),
  rule('near_far', 'comparative', 1, `(?:farther|further)(?: away| off)?\\b${NO_IDIOM}${NO_SIDE}`, 'closer'),
  swap('near_far', 'comparative', '% distant\\b', 'less', 'more'),
  swap('near_far', 'superlative', '% distant\\b', 'least', 'most'),
  pair(
    'near_far',
    'comparative',
    '% distance\\b',
    { smaller: 'greater', shorter: 'longer', lesser: 'greater' },
    { greater: 'smaller', larger: 'smaller', longer: 'shorter' },
  ),
  rule(
    'near_far',
    'superlative',
    0,
    `(?:closest|nearest)((?: (?!to\\b|from\\b|is\\b|are\\b|of\\b|in\\b|on\\b)\\w+){0,2}) to\\b(?! the (?:left|right|top|bottom|front|back)\\b)`,
    'farthest$1 from',
  ),
  rule('near_far', 'superlative', 0, `(?:closest|nearest)${DETERMINER}`, 'farthest from'),
  rule('near_far', 'superlative', 0, `(?:closest|nearest)\\b`, 'farthest'),
  rule(
    'near_far',
    'superlative',
    1,
    `(?:farthest|furthest)(?: away)?((?: (?!to\\b|from\\b|away\\b|is\\b|are\\b|of\\b|in\\b|on\\b)\\w+){0,2})(?: away)? (?:from|to(?! the (?:left|right|top|bottom|front|back)\\b))\\b`,
    'closest$1 to',
  ),
  rule('near_far', 'superlative', 1, `(?:farthest|furthest)(?: away| off)?\\b${NO_SIDE}`, 'closest'),
  // Of something: "near and far" has nothing that "far from" could take.
  rule(
    'near_far',
    'contrary',
    0,
    `(?:near(?: to)?|close to)(?= )(?! (?:miss|future|and|or|but|nor|yet|while)\\b)`,
    'far from',
  ),
  rule('near_far', 'contrary', 1, `far(?: away)? from\\b`, 'near'),

  // Left and right.
  swap('left_right', 'superlative', '%[- ]?most\\b', 'left', 'right'),
  swap(
    'left_right',
    'superlative',
    '(?:farthest|furthest|most)(?: (?:to|on|at) the)? %(?:[- ]hand side| side)?\\b',
    'left',
    'right',
  ),
  swap(
    'left_right',
    'comparative',
    `(?:more|farther|further)(?: ${IN} the)? %(?:[- ]?hand)?(?: side)?(?: of)?\\b`,
    'left',
    'right',
  ),
  swap(
    'left_right',
    'position',
    `${IN} ${OWNER} (?:far |very |extreme )?%(?:[- ]?hand)?(?: (?:side|half|part|edge))?${SIDE_END}`,
    'left',
    'right',
  ),
  swap('left_right', 'position', '(?<!\\bthe )%(?:[- ]?hand)? side of\\b', 'left', 'right'),
  swap('left_right', 'position', '(?<!\\bthe )% of\\b(?! way\\b)', 'left', 'right'),

  // Above and below.
  pair(
    'above_below',
    'comparative',
    '%\\b(?! (?:than )?(?:\\d|education|quality))',
    { higher: 'lower', 'higher up': 'lower down' },
    { lower: 'higher', 'lower down': 'higher up' },
  ),
  swap('above_below', 'superlative', '%\\b', 'highest', 'lowest'),
  swap('above_below', 'superlative', '%[- ]?most\\b', 'top', 'bottom'),
  swap('above_below', 'superlative', '%most\\b', 'upper', 'lower'),
  swap('above_below', 'position', '%\\b', 'on top of', 'underneath'),
  pair(
    'above_below',
    'position',
    '%\\b',
    { above: 'below', over: 'under' },
    { below: 'above', beneath: 'above', under: 'over' },
  ),
  swap(
    'above_below',
    'position',
    `${IN} the (?:very )?%(?: (?:side|half|part|edge))?${SIDE_END}`,
    'top',
    'bottom',
  ),

  // In front and behind.
  pair(
    'front_behind',
    'comparative',
    '(?:farther|further|more) %\\b',
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
    '(?:farthest|furthest) %\\b',
    { forward: 'back', 'to the front': 'to the back' },
    { back: 'forward', 'to the back': 'to the front' },
  ),
  pair(
    'front_behind',
    'superlative',
    '%\\b',
    { frontmost: 'rearmost', 'front-most': 'rearmost', foremost: 'rearmost' },
    { rearmost: 'frontmost', backmost: 'frontmost', 'back-most': 'frontmost', hindmost: 'frontmost' },
  ),
  pair(
    'front_behind',
    'position',
    '%\\b',
    { 'in front of': 'behind', 'ahead of': 'behind', 'in front': 'behind' },
    { behind: 'in front of', 'in back of': 'in front of' },
  ),
  pair(
    'front_behind',
    'position',
    `${IN} the (?:very )?%(?: (?:side|half|part))?${SIDE_END}`,
    { front: 'back', foreground: 'background' },
    { back: 'front', rear: 'front', background: 'foreground' },
  ),
  rule(
    'front_behind',
    'position',
    0,
    `(?<=\\b(?:positioned|located|placed|standing|sitting) )before\\b`,
    'behind',
  ),

  // An ordinal counts from one side: "second from the left".
  swap('left_right', 'superlative', FROM_SIDE, 'left', 'right'),
  swap('above_below', 'superlative', FROM_SIDE, 'top', 'bottom'),
  swap('front_behind', 'superlative', FROM_SIDE, 'front', 'back'),
].flat();
