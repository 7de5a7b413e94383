import type { Direction } from '../../symmetry.ts';
import { inflect, partners, SETS, sign, words } from './sets.ts';

export const PICTURE = '(?:image|picture|photo|photograph)';
export const PART = '(?:side|half|third|quarter|corner|edge|part|portion)';

/** Words that form a place with a following "of the image", but not "the frame of the picture". */
const IN_PART = `(?<!of the )\\b(?:left|right|top|bottom|upper|lower|cent(?:er|re)|middle|${PART})`;

/** Matches an object's or person's own side, or a place in front of or behind the object or person. */
const OWN = '(?:(?:front|back|rear)[- ])?(?:left|right|front|back|behind)\\b';
const POLE = '(?:left|right|top|bottom|upper|lower)';

const VIEWER = '(?:viewer|camera|observer|photographer|image|picture|photo)';
const POINT_OF_VIEW = '(?:point of view|perspective|viewpoint)';

const DIRECTION_PAIRS = {
  'left right': 'left right, leftmost rightmost',
  'above below':
    'above below, up down, top bottom, topmost bottommost, uppermost lowermost, highest lowest, upper lower, higher lower',
};
/** Words for directions in an image, each with its direction and its opposite. */
export const DIRECTIONS: ReadonlyMap<string, { direction: Direction; opposite: string }> = new Map(
  Object.entries(DIRECTION_PAIRS).flatMap(([directions, pairs]) =>
    pairs.split(', ').flatMap((pair) =>
      words(pair).map((word, i) => {
        const direction = words(directions)[i] as Direction;
        return [word, { direction, opposite: words(pair)[1 - i]! }] as const;
      }),
    ),
  ),
);

/** Patterns that determine what directions in a text refer to, and therefore which ones an image transform changes. */
export const SIGNS = {
  /** Introduction "In the image as shown, …". All text after the introduction refers to the image's own axes. */
  lead: sign`^\s*(?:considering the (?:relative )?positions? of [^,.?]+ )?in (?:the|this) ${PICTURE}(?: (?:as shown|shown|provided|given))?,`,
  /** Phrase "… in the image?" at the end of a clause. Excludes "in the picture on the wall", an image in the image. */
  within: sign`\b(?:in|${IN_PART} of) (?:the|this) ${PICTURE}(?: (?:as shown|provided|shown|given|above|below))?(?=\s*(?:[?.,!;:]|$|than\b))`,
  /** Text after a side that makes the side a part of the image: "half of the image are" after "in the left". */
  partOfPicture: sign`^[-\s]*(?:hand\s+)?(?:(?:left|right)[-\s]*)?${PART}(?: or (?:(?:on|in|at) )?(?:the )?${POLE} ${PART})? of (?:the|this) ${PICTURE}(?=\s*(?:[?.,!;:)]|$)|\s+(?:is|are|was|were|has|have|do|does|can|or|than|and)\b)`,
  /** Question about a part of the image. */
  asksPart: sign`\b(?:which|what) ${PART} of (?:the|this) ${PICTURE}\b`,
  /** List of sides at the end of a question about parts of the image, starting at one side in the list. */
  menuOfParts: sign`^${POLE}(?: ${PART})?(?:,? or (?:(?:to|on|in|at) )?(?:the )?${POLE}(?: ${PART})?)*\s*[?.]?\s*$`,
  /** Text after a direction that belongs to a part of the image. */
  ofPicture: sign`^[-\s]*(?:hand\s+)?(?:(?:left|right)[-\s]*)?(?:${PART}(?: or (?:(?:on|in|at) )?(?:the )?${POLE} ${PART})?\s+)?(?:to the ${POLE}[- ]${POLE}(?: ${PART})? )?(?:in|of) (?:the|this) ${PICTURE}\b`,
  /** Text that consists only of a position. */
  lone: sign`^\W*(?:\(?[A-H][).:]\s*)?(?:(?:on|in|at|to|from)\s+)?(?:the\s+)?(?:far\s+)?(?:(?:top|bottom|upper|lower|above|below)[-\s]*)?(?:left|right|top|bottom|above|below)?(?:[-\s]+${PART})?(?:\s+(?:of|in) (?:the|this) ${PICTURE})?\W*$`,
  /** Hands and other paired body parts. Excludes "left hand side". */
  body: /^(?!-hand \p{L})[-\s]+(?:hands?|arms?|eyes?|ears?|foot|feet|legs?|shoulders?|knees?|elbows?|wrists?|ankles?|thumbs?|cheeks?|hips?|shoes?|gloves?|boots?|sleeves?|paws?|handed|handers?|footed|indicators?|blinkers?|turn signals?)\b(?![-\s]*side)/iu,
  /** Question about a paired body part. */
  asksBody:
    /\b(?:which|what)\b[^?]*\b(?:hand|arm|eye|ear|foot|leg|shoulder|knee|elbow|wrist|ankle|thumb|shoe|glove|paw)s?\b/i,
  /** Point of view of an object, so that sides are the object's. A camera's point of view has the viewer's sides. */
  ownView: sign`\b(?:from the (?!${VIEWER})[^,?]{1,60}['’]s?(?: own)? ${POINT_OF_VIEW}|from the ${POINT_OF_VIEW} of (?:the|an?) (?!${VIEWER})|from (?:his|her|their|its)(?: own)? ${POINT_OF_VIEW}|if you were (?:the|an?) (?!${VIEWER})|side of (?:it|him|her|them)sel(?:f|ves)\b)`,
  /** Question that places a person in the scene, so that sides are this person's own. */
  imagined:
    /\b(?:(?:if|when|while|suppose|assume|imagine|say)(?: that)? (?:i|you)(?: am| are|['’]m|['’]re| were| was)? (?:stand(?:ing)?|stood|sat|sitt?(?:ing)?|positioned|placed|at|by)|(?:^|[.:]\s*)standing)\b[^.?]*\b(?:fac(?:e|es|ed|ing)|look(?:s|ed|ing)?)\b/i,
  /** Sides of a person that a question places in the scene. */
  ofImagined: new RegExp(
    `\\b(?:my|your) ${OWN}(?:(?:,? (?:or |and )?(?:(?:to|on) )?(?:(?:my|your) )?)${OWN})*|\\b(?:(?:to|on) the )?${OWN}(?: or (?:(?:to|on) )?(?:the )?${OWN})* of (?:me|you)\\b`,
    'gi',
  ),
  /** Text that is only an object's or person's own side. */
  ownSide: sign`^\W*(?:\(?[A-H][).:]\s*)?(?:(?:to|on|at) )?(?:(?:the|my|your) )?${OWN}(?: side)?\W*$`,
  /** Places in the real world. Their heights differ from heights in the image. */
  inWorld: /\breal(?:-world 3D (?:locations?|positions?)| (?:3D )?world| 3D space)\b/i,
  /** Statement that an object faces or points to a side; within the image's own axes, no other point of view. */
  pointsToSide: new RegExp(
    `\\b(?:fac(?:es?|ed|ing)|(?:look|point)(?:s|ed|ing)?) (?:to(?:wards)? the )?(?:left|right)(?: or (?:to(?:wards)? the )?(?:left|right))?(?=\\s*(?:[?.,!;:)]|$)| in (?:the|this) ${PICTURE}\\b)`,
    'gi',
  ),
  /** Words that suggest another point of view, so that left and right might not be sides of the image. */
  framed:
    /\b(?:perspective|point of view|viewpoint|fac(?:e|es|ed|ing)|look(?:s|ed|ing)?|point(?:s|ed|ing)?|turn(?:s|ed|ing)?|imagine|standing at|if (?:i|you)|my|your)\b/i,
  /** Words whose meaning depends on gravity. Rotating the image does not change their meaning. */
  support:
    /\b(?:on top of|atop|over|under|underneath|beneath|overhead|underside|upright(?! (?:pianos?|bass|vacuum|freezers?)\b)|upwards?|downwards?|up|down|hang(?:s|ing)?|hung|suspended|fall(?:s|ing|en)?|fell|float(?:s|ing)|hover(?:s|ing)?|climb(?:s|ing)?|ris(?:es?|en|ing)|rose|ascend(?:s|ed|ing)?|descend(?:s|ed|ing)?|sank|sinking|drop(?:s|ped|ping)|soar(?:s|ed|ing)?|(?:raised|lowered) or (?:raised|lowered)|lift(?:s|ed|ing)? off|tak(?:es?|ing) off|took off|(?:is|are|was) landing|(?:stand|sit|lie|rest|lean|perch)(?:s|ting|ing|ed)?(?: up)?on|(?:stands?|standing|sits?|sitting|lies?|lying|rests?|resting|leans?|leaning|perched) on|upside)\b/gi,
  /** Question whether or where an object is, or statement about the object's place. */
  asksPlace:
    /^\W*(?:in (?:the|this) \w+(?: as shown)?,\s*)?(?:(?:is|are|was|were|does|do|where|what is|what's)\b|(?:the|an?) [\p{L} -]{1,40}? (?:(?:is|are) )?on\b)/iu,
  /** Word "on" for an object that is on top of another object. */
  on: /(?<!\bturn(?:s|ed|ing)? )\bon (?!the (?:left|right|top|bottom|side|other|same|opposite)\b)(?:the|a|an|his|her|its|their)\b/i,
  /** Words for the image's vertical axis. Excludes other uses, such as "none of the above". */
  vertical:
    /(?<!\b(?:none|all|both|any|either|neither|one) of the )\b(above|below|top-?most|bottom-?most|uppermost|lowermost|top|bottom|upper|lower|higher|highest|lowest)(?=\b|(?:left|right)\b)/gi,
  /** Words about height and width, which a rotation by 90° exchanges. */
  uprightSize:
    /\b(?:wide|wider|widest|width|narrow(?:er|est)?|tall|taller|tallest|high|height|short(?:er|est)?|horizontal\w*|vertical\w*|rows?|columns?|[xy]1?2?)\b/i,
  /** Question about the shape of the image. */
  aspect: /\b(?:landscape|portrait|aspect(?: ratio)?|wider (?:image|picture|photo))\b/i,
  /** Question about the orientation of the image. */
  aboutTurning:
    /\b(?:upside[- ]down|rotated|which way up|right way up|orientation of (?:the|this) (?:image|picture|photo))\b/i,
  /** Reference to the image in a text. */
  inPicture: sign`\bin (?:the|this) ${PICTURE}\b`,
  /** Question about a direction, expressed as on the dial of a clock. */
  pointsToHour: /\b(?:hour|o['’]clock)\b/i,
} as const satisfies Record<string, RegExp>;

/** Patterns for rows that depend on the borders, the light or the axes of the image. */
export const FRAMES = {
  /** Name of a colour, or the word "colour" itself. */
  colour:
    /\b(?:red|green|blue|yellow|orange|purple|violet|pink|brown|black|white|gr[ae]y|cyan|magenta|beige|golden|silver|turquoise|teal|maroon|navy|blond\w*|colou?r\w*)\b/i,
  /** Question about colour, brightness or light. */
  asksLight:
    /\b(?:colou?rs?|coloured|colored|bright\w*|dark\w*|light|lit|lights|lighting|lamps?|shad(?:e|es|ow|ows|owed)|sun\w*|day(?:time|light)?|night|morning|evening|noon|time of)\b/i,
  /** Question about the image as an object. */
  aboutPicture:
    /\b(?:landscape|portrait|aspect(?: ratio)?|resolution|pixels?|(?:image|picture|photo) (?:wide|tall|large|big)\w*|(?:wide|tall|large|big|size|width|height)\w* (?:is|of) (?:the|this) (?:image|picture|photo))\b/i,
  aboutAngle:
    /\b(?:vertical\w*|horizontal\w*|level|tilt\w*|slant\w*|upright|straight|angles?|degrees|lean\w*|slop\w*|parallel|perpendicular|o['’]clock)\b/i,
  framePart:
    /\b(?:corners?|thirds?|quarters?|quadrants?|edges?|borders?|middle|cent(?:er|re)) (?:of|in) (?:the|this) (?:image|picture|photo)/i,
  /** Half of the image, such as "in the left half of the image". */
  half: /\bin the (left|right|top|bottom|upper|lower) half of the (?:image|picture|photo|photograph)\b/i,
  anyHalf: /\bhalf|halves\b/i,
  /** Words such as "how many", "any" and "all", which can apply to every object in the image. */
  count:
    /\b(?:how many|number of|count|any|all|every|each|only|none|other|alone|order|list|from (?:the )?(?:left|right|top|bottom|near|far)\w*)\b/i,
  /** Words that compare an object with all other objects. */
  superlative:
    /\b(?:\w+most|closest|nearest|farthest|furthest|largest|biggest|smallest|tallest|shortest|highest|lowest|widest|thinnest)\b/i,
  side: /\b(?:left|right)/i,
  height: /\b(?:above|below|higher|lower|highest|lowest|top\w*|bottom\w*|upper\w*|under|over|beneath)\b/i,
  /** Word "middle" or "centre", which can refer to the middle of the image. */
  middle:
    /\bin the middle\b(?! of the (?!image|picture|photo))|(?<!\bcent(?:er|re) to )\bcent(?:er|re)s?\b(?! (?:to cent(?:er|re)|of the (?!image|picture|photo))\b)/i,
  /** Measure relative to the size of the image. */
  share: /% of the (?:width|height)|\b(?:left|right)-\d/i,
  /** Question whose answer is an object, with or without an article. */
  asksThing:
    /^(?:which|who|what (?:object|thing|item|person|animal|(?:is|are|stands?|lies?|sits?) (?!the\b|this\b|its?\b)))/i,
  /** Name of an object without an article. */
  bareName: /^(?!(?:the|an?|this|that)\b)[\p{L}-]{2,}(?: [\p{L}-]+){0,3}\.?$/iu,
  /** Reference to the camera's viewing axis, which a pan turns. */
  alongAxis: /\b(?:in front of|behind|facing|fac(?:es|ed)|look(?:s|ing)|point(?:s|ing))\b/i,
} as const satisfies Record<string, RegExp>;

/** Patterns for the content of a question about several images, and for the relevance of the images' order. */
export const ORDERS = {
  /** Words that can refer to a time or an event. */
  time: /\b(?:before|after\w*|then|while|when\w*|during|until|till|first|second|third|last|next|previous\w*|later|earlier|again|now|current\w*|still|already|final\w*|initial\w*|start\w*|beg[aiu]n\w*|end|ends|ended|ending|becom\w+|chang\w+|mov\w+|motion|turn\w*|rotat\w*|appear\w*|disappear\w*|happen\w*|enter\w*|leav\w+|opens|opened|opening|closes|closed|closing|go|goes|going|went|com(?:e|es|ing)|came|walk\w*|run\w*|driv\w+|fl(?:y|ies|ying)|jump\w*|grow\w*|shrink\w*|frames?|images?|pictures?|photos?|times?|often|speed\w*|fast\w*|slow\w*)\b/i,
  /** Actions, which can have a direction in time. Excludes states, and names of objects in -ing. */
  action:
    /\b(?!(?:holding|missing|wearing|standing|sitting|lying|hanging|facing|leaning|touching|building|ceiling|painting|clothing|thing|something|anything|string|ring|wing|king|sibling)s?\b)\w{2,}ing\b/i,
  viewer: /\b(?:camera|viewer|observer|you|your|me)\b/i,
  /** Events that have only one direction in time. */
  oneWay:
    /\b(?:why|because|caus\w+|reasons?|purpose|in order to|pour\w*|spill\w*|break\w*|broke|shatter\w*|burn\w*|melt\w*|fall\w*|fell|drop\w*|explo\w+|sp(?:eak|oke)\w*|speech|talk\w*|say|says|said|sing|sings|sang|walk(?:s|ed|ing)? (?:for|back)wards?)\b/i,
  /** Question about the clip as a whole. */
  ofClip:
    /\b(?:how many (?:frames|images|pictures|photos)|how long is (?:the|this) (?:clip|video|sequence)|(?:duration|length) of (?:the|this) (?:clip|video|sequence)|frame rate)\b/i,
  clipLength: /\bhow long|duration|length of\b/i,
  appears:
    /\bappears? (first|last)\b|\b(?:first[- ]time )?(?:appearance order|order of (?:first )?appearances?)\b/i,
  /** Distances, sizes, numbers and colours: properties of objects that are the same in all images of a sequence. */
  ofThings:
    /^(?:measuring from [^,]+, )?(?:how (?:far|close|tall|high|wide|long|deep|big|large|thick)\b|what (?:is|are) the (?:approximate )?(?:distance|height|width|length|size|depth|diameter|thickness|area|colou?r|material|shape)\b|what colou?r (?:is|are)\b|how many (?:different )?[\p{L}\p{N}() -]+? (?:are (?:there|in|on|visible|shown)|can be seen|do you see)\b|(?:is there an?|are there(?: any)?)\b)/iu,
  ofNumber: /^(?:how many\b|is there\b|are there\b)/i,
  duration: /^how long\b/i,
  lengthUnit: /\b(?:m|cm|mm|km|ft|in|inch(?:es)?|feet|foot|yards?|(?:centi|milli|kilo)?met(?:er|re)s?)\b/i,
} as const satisfies Record<string, RegExp>;

/** Words for motion and change, with their opposites for images in the opposite order. */

/** Returns a verb's base, s-form, past and ing-form (listed if irregular), with the words after the verb. */
function forms(text: string): string[] {
  const [verb = '', ...rest] = words(text);
  return (verb.includes(',') ? verb.split(',') : inflect(verb)).map((form) => [form, ...rest].join(' '));
}

export const COME = forms('come,comes,came,coming');
export const MOVE = forms('move');
/** Verbs of motion that need another word for the direction. */
export const DIRECTED: readonly (readonly string[])[] = [
  MOVE,
  COME,
  ...words('go,goes,went,going travel slide,slides,slid,sliding roll drift shift').map(forms),
  ...words('turn rotate spin,spins,spun,spinning pan tilt zoom').map(forms),
];

/** Words that introduce the time or the condition of an event. */
const WHEN =
  '\\b(?:before|after|when|while|until|till|then|again|during|since|because|if|once|first|last|finally)\\b';
export const THING = `(?:the|a|an|this|that|my|your|his|her|its|their) (?![\\p{L}\\p{N} -]*${WHEN})[\\p{L}\\p{N}][\\p{L}\\p{N} -]*`;
const ENTERED =
  '(?:the|a|this|that) (?:[\\p{L}]+ )?(?:room|house|building|picture|image|frame|view|scene|screen|kitchen|garage|shop|store|hall|office|tunnel|station)';
const GET = 'get,gets,got,getting';

/** Verbs for changes of place or state, with words that can follow the verbs. */
export const CHANGES: readonly [string[], string[], after: string][] = [
  [forms('approach'), forms('recede from'), ` ${THING}`],
  [forms('enter'), forms('leave,leaves,left,leaving'), `(?: ${ENTERED})?`],
  [forms('open'), forms('close'), ''],
  [forms('rise,rises,rose,rising'), forms('sink,sinks,sank,sinking'), ''],
  [forms('grow,grows,grew,growing'), forms('shrink,shrinks,shrank,shrinking'), ''],
  [forms(`${GET} larger`), forms(`${GET} smaller`), ''],
  [forms(`${GET} bigger`), forms(`${GET} smaller`), ''],
  [['larger'], ['smaller'], ''],
  [['bigger'], ['smaller'], ''],
  [forms('speed,speeds,sped,speeding up'), forms('slow down'), ''],
  [forms('accelerate'), forms('decelerate'), ''],
  [forms('increase'), forms('decrease'), ''],
  [forms('ascend'), forms('descend'), ''],
  [forms('expand'), forms('contract'), ''],
  [forms('widen'), forms('narrow'), ''],
  [forms(`${GET} brighter`), forms(`${GET} darker`), ''],
  [forms(`${GET} longer`), forms(`${GET} shorter`), ''],
];

/** Events that look the same if the images are in the opposite order. */
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

/** Phrase "it does not move", and other phrases with this meaning. */
export const STILL =
  /^(?:(?:it )?(?:does not|doesn[’']t|did not|didn[’']t) (?:move|turn)|(?:it )?(?:is|was) not moving|not moving|stationary|static|(?:it )?(?:stays|stayed|stay) (?:still|in place)|no (?:motion|movement|change)|(?:it )?(?:stays|stayed|remains|remained) (?:the same|constant|unchanged)|(?:it )?(?:does not|doesn[’']t|did not|didn[’']t) change|remaining constant|constant|unchanged)\.?$/i;

const ORDINAL = `${SETS.ordinals!.filter((word) => !word.startsWith('/')).join('|')}|last`;
const FRAME = '(?:image|picture|photo|frame)';
const CLIP = '(?:clip|video|sequence)';
const ALL_PICTURES = `(?:(?:the|this|these|both|all) ${CLIP}|(?:the|these|both|all)(?: the| these)?(?: two| three| four)? ${FRAME}s)`;
const SPAN = `(?:from the first (?:${FRAME} )?to the (?:second|last)(?: (?:one|${FRAME}))?|between the (?:two ${FRAME}s|first and (?:the )?(?:second|last) ${FRAME}s?))`;
/** Point of view for left and right in a clip. */
const SEEN =
  "(?:(?:as )?seen from above|from the (?:camera|viewer|observer)(?:[’']s (?:point of view|perspective)))";
const END = String.raw`(?<!\s)\s*\?\s*$`;

/** Words for one end of a clip, each with the word for the opposite end. */
export const ENDS: ReadonlyMap<string, string> = new Map([
  ...partners('before after, start end'),
  ['beginning', 'end'],
]);

/** Returns a pattern for words that an answer can repeat from its question before a motion. */
export const saidOf = (subject: string): RegExp => sign`^(?:(?:it|${subject}) (?:is |was )?)?`;

/** Patterns of questions about the images of a row, about motion in them, and about their times. */
export const SEQUENCE_FORMS = {
  /** Question such as "In which image is the cup larger?", with or without a list of options. */
  whichPicture: sign`^(?:in )?(?:which|what) ${FRAME} (?:is|are|was|were|shows|has|contains) ([^]+?)(, (?:in )?the first or (?:in )?the second(?: one| ${FRAME})?)?${END}`,
  /** Question such as "Is the cup larger in the first or the second image?" */
  firstOrSecond: sign`^(?:is|are|was|were) ([^]+?)( in the (?:first or (?:in )?(?:the )?second|second or (?:in )?(?:the )?first)(?: one| ${FRAME}))${END}`,
  /** Answer that consists only of a reference to one image of the row. */
  saidPicture: sign`^((?:in )?(?:the )?|${FRAME} )(${ORDINAL}|\d+)((?: (?:one|${FRAME}))?\.?)$`,
  /** Question such as "Was the first image taken before or after the second?" */
  taken: sign`^((?:was|is) the (?:${ORDINAL}) ${FRAME} (?:taken |shot |captured )?)(before|after)( or (?:before|after))?( the (?:${ORDINAL})(?: one| ${FRAME})?\s*\?\s*)$`,
  /** Ordinal of an image that is neither the first nor the last. */
  middle: sign`\b(?:${ORDINAL.replace(/^first\||\|last$/g, '')})\b`,
  /** Question such as "Is the cup left of the plate in both images?" */
  throughout: sign`^((?:is|are|was|were) [^]+?) in (both|all)(?: of)?(?: the| these)?(?: two)? ${FRAME}s${END}`,
  /** Question such as "At the start, is the lamp on?" */
  atMoment: sign`^(?:at the (?:start|beginning|end)(?: of (?:the|this) ${CLIP})?|in the (?:${ORDINAL}) ${FRAME}), ([^]+)$`,
  atMomentLast: sign`^([^]+) (?:at the (?:start|beginning|end) of (?:the|this) ${CLIP}|in the (?:${ORDINAL}) ${FRAME})\s*\?\s*$`,
  moment: sign`\b(at the (?=start|beginning|end)|in the (?=(?:${ORDINAL}) ${FRAME}\b))(\w+)`,
  start: /^(?:start|beginning|first)$/i,
  beforeAfter: /^(?:before|after)$/i,
  onlyThen: /\bappears only$/,
  asksState: /^(?:is|are|was|were|which|what|who|where|how)\b/i,
  inAll: sign`^(?:in|across) ${ALL_PICTURES}, `,
  inAllLast: sign`( appear)? (?:in|across) ${ALL_PICTURES}(?=\s*\?)`,
  youSee: /\bdo you see\b/i,
  /** Question such as "How often does the door open?" */
  events:
    /^(how (?:often|many times) (does|do|did|is|are|was|were) )(.+?)((?: in (?:the|this) (?:clip|video|sequence))?\s*\?\s*)$/is,
  times: /^\d+(?: times)?\.?$/i,
  /** Question such as "At what second does the door open?" */
  stamp: /^(at (?:what|which) (?:second|time) (does|do|did|is|are|was|were) )(.+?)(\s*\?\s*)$/is,
  seconds: /^(\d+(?:\.\d+)?) ?(?:s|sec|seconds?)?\.?$/i,
  /** Words before or after a question that specify the images between which an object moves. */
  span: sign`^(?:${SPAN}|(?:in|over the course of) (?:the|this) ${CLIP}|${SEEN}), `,
  spanLast: sign`,? (?:${SPAN}|(?:in|during|over the course of) (?:the|this) (?:${CLIP}|scene)|${SEEN})$`,
  toMark: /^(.+?)((?<!\s)\s*\?\s*)$/s,
  ofTwo: /\b(?:second|two)\b/i,
  /** Question such as "In which direction does the car move?" or "How did the camera move?" */
  whichWay:
    /^(?:in )?(?:which|what) (?:direction|way) (?:does|do|did|is|are|was|were) (.+) (\S+)$|^how (?:does|do|did|is|are|was|were) (.+) (\S+)$|^where (?:does|do|did) (.+) (move)$/i,
  /** Question such as "How does the distance change?" */
  howChanges: /^how (?:does|did|is|was|has|do|did|are|were|have) (.+) (?:change|changed|changing)$/i,
  /** Question such as "Does the car move to the left?" */
  moves: /^((does|do|did|is|are|was|were|has|have) )(.+)$/is,
  /** Two directions, such as "to the left or the right". The second direction omits words of the first one. */
  bothSides: /\b(to the (?:left|right) or) (?=the (?:left|right)$)/i,
  bothWays: /\b(towards?|closer to|away from) or (towards?|closer to|away from) (.+)$/i,
  menuJoint: /,\s*(?:or\s+)?|\s+or\s+/,
  listJoint: /\s*,\s*(?:and\s+)?|\s+and\s+/,
  isCamera: / (?:camera|observer)$/i,
  ofCamera: /^(?:pan|tilt|zoom)/i,
  /** Verbs of turning. In the reversed clip, a car that turns left turns neither left nor right. */
  turns: /^(?:turn|rotat|spin|spun)/i,
  clockwise: /clockwise/i,
  inOrOut: /^(?:in|out)$/i,
  /**
   * Words that change to their opposite for the camera. For an object, the words describe its orientation while it
   * moves, which makes no sense in the opposite order.
   */
  ahead: /^(?:for|back)wards?$/i,
  way: sign`^((?:(?:to|towards?) the )?)(${[...WAYS.keys()].join('|')})((?: side)?)$`,
  toThing: new RegExp(`^(towards?|away from|closer to|nearer to) (${THING})$`, 'iu'),
  /** Directions such as "from left to right" or "from the left to the right". */
  across: /^(from (?:the )?)(left|right|up|down)( to (?:the )?)(left|right|up|down)$/i,
  /** Distance between two objects with plain names. The distance can grow and shrink. */
  distance: /^the (?:distance|gap|space) between (.+?)(?: and (.+))?$/i,
  /** Objects such as roads, which lead somewhere without moving. */
  wayItself:
    /\b(?:roads?|streets?|paths?|lanes?|trails?|tracks?|rails?|stairs?|staircases?|rivers?|lines?|arrows?|signs?|pipes?|cables?|wires?|bridges?|walls?|fences?|corridors?|hallways?|ropes?|slopes?)$/i,
  away: /^away/i,
  thing: new RegExp(`^${THING}$`, 'iu'),
  /** Word "towards" or "away", for one of two motions in the question. */
  oneWay: /^(?:towards?|away(?: from)?)$/i,
} as const satisfies Record<string, RegExp>;
