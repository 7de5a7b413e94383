import { inflect, partners, words } from './sets.ts';

/** Signs of what a question about several pictures asks, and whether their order matters for it. */
export const ORDERS = {
  /** Words that may say when, or that something happens. */
  time: /\b(?:before|after\w*|then|while|when\w*|during|until|till|first|second|third|last|next|previous\w*|later|earlier|again|now|current\w*|still|already|final\w*|initial\w*|start\w*|beg[aiu]n\w*|end|ends|ended|ending|becom\w+|chang\w+|mov\w+|motion|turn\w*|rotat\w*|appear\w*|disappear\w*|happen\w*|enter\w*|leav\w+|opens|opened|opening|closes|closed|closing|go|goes|going|went|com(?:e|es|ing)|came|walk\w*|run\w*|driv\w+|fl(?:y|ies|ying)|jump\w*|grow\w*|shrink\w*|frames?|images?|pictures?|photos?|times?|often|speed\w*|fast\w*|slow\w*)\b/i,
  /** Actions, which may have a direction in time; states and names of things in -ing are excluded. */
  action:
    /\b(?!(?:holding|missing|wearing|standing|sitting|lying|hanging|facing|leaning|touching|building|ceiling|painting|clothing|thing|something|anything|string|ring|wing|king|sibling)s?\b)\w{2,}ing\b/i,
  viewer: /\b(?:camera|viewer|observer|you|your|me)\b/i,
  /** What runs in one direction of time only. */
  oneWay:
    /\b(?:why|because|caus\w+|reasons?|purpose|in order to|pour\w*|spill\w*|break\w*|broke|shatter\w*|burn\w*|melt\w*|fall\w*|fell|drop\w*|explo\w+|sp(?:eak|oke)\w*|speech|talk\w*|say|says|said|sing|sings|sang|walk(?:s|ed|ing)? (?:for|back)wards?)\b/i,
  /** It asks about the clip itself. */
  ofClip:
    /\b(?:how many (?:frames|images|pictures|photos)|how long is (?:the|this) (?:clip|video|sequence)|(?:duration|length) of (?:the|this) (?:clip|video|sequence)|frame rate)\b/i,
  clipLength: /\bhow long|duration|length of\b/i,
  appears:
    /\bappears? (first|last)\b|\b(?:first[- ]time )?(?:appearance order|order of (?:first )?appearances?)\b/i,
  /** Distances, sizes, numbers, colours: what all pictures of a sequence show of things together. */
  ofThings:
    /^(?:measuring from [^,]+, )?(?:how (?:far|close|tall|high|wide|long|deep|big|large|thick)\b|what (?:is|are) the (?:approximate )?(?:distance|height|width|length|size|depth|diameter|thickness|area|colou?r|material|shape)\b|what colou?r (?:is|are)\b|how many (?:different )?[\p{L}\p{N}() -]+? (?:are (?:there|in|on|visible|shown)|can be seen|do you see)\b|(?:is there an?|are there(?: any)?)\b)/iu,
  ofNumber: /^(?:how many\b|is there\b|are there\b)/i,
  duration: /^how long\b/i,
  lengthUnit: /\b(?:m|cm|mm|km|ft|in|inch(?:es)?|feet|foot|yards?|(?:centi|milli|kilo)?met(?:er|re)s?)\b/i,
} as const satisfies Record<string, RegExp>;

/** Words for motion and change, and what they become when pictures are seen in the other order. */

/** Base, s-form, past and ing-form, written out if they are irregular; what follows the verb follows each of them. */
function forms(text: string): string[] {
  const [verb = '', ...rest] = words(text);
  return (verb.includes(',') ? verb.split(',') : inflect(verb)).map((form) => [form, ...rest].join(' '));
}

export const COME = forms('come,comes,came,coming');
export const MOVE = forms('move');
/** Verbs whose direction another word gives. */
export const DIRECTED: readonly (readonly string[])[] = [
  MOVE,
  COME,
  ...words('go,goes,went,going travel slide,slides,slid,sliding roll drift shift').map(forms),
  ...words('turn rotate spin,spins,spun,spinning pan tilt zoom').map(forms),
];

export const THING = '(?:the|a|an|this|that|my|your|his|her|its|their) [\\p{L}\\p{N}][\\p{L}\\p{N} -]*';
const PLACE =
  '(?:the|a|this|that) (?:[\\p{L}]+ )?(?:room|house|building|picture|image|frame|view|scene|screen|kitchen|garage|shop|store|hall|office|tunnel|station)';
const GET = 'get,gets,got,getting';

/** Verbs that change places, with what may follow them. */
export const CHANGES: readonly [string[], string[], after: string][] = [
  [forms('approach'), forms('recede from'), ` ${THING}`],
  [forms('enter'), forms('leave,leaves,left,leaving'), `(?: ${PLACE})?`],
  [forms('open'), forms('close'), ''],
  [forms('rise,rises,rose,rising'), forms('sink,sinks,sank,sinking'), ''],
  [forms('grow,grows,grew,growing'), forms('shrink,shrinks,shrank,shrinking'), ''],
  [forms(`${GET} larger`), forms(`${GET} smaller`), ''],
  [forms(`${GET} bigger`), forms(`${GET} smaller`), ''],
  [['larger'], ['smaller'], ''],
  [['bigger'], ['smaller'], ''],
  [forms('speed,speeds,sped,speeding up'), forms('slow down'), ''],
  [forms('accelerate'), forms('decelerate'), ''],
];

/** Events that are the same in the other order. */
export const SYMMETRIC = new RegExp(
  `^(?:blink|flash|wave|nod|clap|bounce|pass|cross|touch|meet)(?:s|es|ed|ing)?(?: ${THING})?$`,
  'iu',
);

export const WAYS: ReadonlyMap<string, string> = new Map([
  ...partners('left right, leftward rightward, leftwards rightwards, up down, upward downward'),
  ...partners('upwards downwards, clockwise counterclockwise, forward backward, forwards backwards, in out'),
  ['anticlockwise', 'clockwise'],
  ['counter-clockwise', 'clockwise'],
]);

/** "It does not move", and other ways to say it. */
export const STILL =
  /^(?:(?:it )?(?:does not|doesn[’']t|did not|didn[’']t) (?:move|turn)|(?:it )?(?:is|was) not moving|not moving|stationary|static|(?:it )?(?:stays|stayed|stay) (?:still|in place)|no (?:motion|movement))\.?$/i;
