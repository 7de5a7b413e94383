import { THING } from './picture-words.ts';
import { partners } from './sets.ts';

/* Questions about which objects move, how fast and when they move, and whether they come closer to each other. */

const MENU = `(?:\\s*,\\s*(?<a>${THING}) or (?<b>${THING}))?`;
const WHICH =
  'which(?: one| (?:one )?of the(?: two| three| four)?(?: [\\p{L}-]+){1,2}| of the(?: two| three| four)(?: [\\p{L}-]+){1,2}| [\\p{L}-]+)?';
const PACE = '(?:faster|slower|more quickly|more slowly|the fastest|the slowest|fastest|slowest)';
const RESTS =
  "(?:stays? still|stayed still|(?:does|did|do) not move|(?:doesn|didn|don)[’']t move|(?:is|was|are|were) not moving)";
const STATIC = '(?:static|stationary|still)';

const form = (text: string): RegExp => new RegExp(`^${text}$`, 'iu');

/** Questions that have the same answer in both directions of the clip. `x` and `y` are plain names. */
export const EITHER_WAY: readonly RegExp[] = [
  // Question: which object moves, or is faster?
  form(
    `${WHICH} (?:(?:is |are |was |were )?(?:moves?|moved|moving)(?: ${PACE})?|(?:is|are|was|were) ${PACE}|${RESTS})${MENU}`,
  ),
  form(`which (?:moves?|moved|is moving|is)(?: ${PACE}) ?, (?<a>${THING}) or (?<b>${THING})`),
  // Question: how many objects move?
  form(
    `how many (?:of the )?(?<n>[\\p{L}-]+(?: [\\p{L}-]+)?) (?:move|moved|are moving|were moving|${RESTS})`,
  ),
  // Question: does an object move, faster than another object, straight, or past another object?
  form(
    `(?:does|do|did) (?<x>.+?) (?:move|not move|stay still|move ${PACE} than (?<y>.+)|move in (?:the same direction|opposite directions|a straight line)|move at (?:a constant|the same) speed|change (?:its|their|his|her) (?:direction|speed)|pass (?:in front of or behind|behind or in front of|in front of|behind) (?<z>.+))`,
  ),
  form(
    `(?:is|are|was|were) (?<x>.+?) (?:moving|${STATIC}|moving or ${STATIC}|${STATIC} or moving|moving ${PACE} than (?<y>.+)|moving in (?:the same direction|opposite directions|a straight line)|moving in the same direction as (?<z>.+))`,
  ),
  // Question: does the camera move, or do the objects?
  form('(?:does|do) (?<x>the \\p{L}+) move ?,? or (?:does|do) (?<y>the \\p{L}+)'),
  // Question: how fast or how far does an object move?
  form(
    'how (?:fast|far|quickly) (?:does|do|did|is|are|was|were) (?<x>.+?) (?:move|moving|travel|travelling|traveling)(?:, in \\p{L}+(?: per \\p{L}+)?)?',
  ),
  form('what (?:is|was) the (?:average |constant )?speed of (?<x>.+)'),
];

/** Words that make an answer or option more than a name, a number or a speed. */
export const SAYS_WAY =
  /\b(?:left|right|towards?|away|forwards?|backwards?|up|upwards?|down|downwards?|(?:counter-?|anti)?clockwise|start\w*|beg[aiu]n\w*|end\w*|first|(?<!per )second|last|then|before|after\w*|while|until|closer|farther|further|apart)\b/i;

/** Matches questions about which of several objects, and how many, move in a direction. */
export const WHICH_GOES = new RegExp(
  `^(?<lead>${WHICH} (?:(?:is|are|was|were) )?|how many (?<n>[\\p{L}-]+(?: [\\p{L}-]+)?) (?:(?:are|were) )?)(?<does>(?:mov|go|come|com|turn|rotat|slid|roll|drift|spin|travel)\\p{L}* .+?)(?<menu>${MENU})$`,
  'iu',
);

/** Matches questions about which of several objects begins, ends or crosses the middle first or last. */
export const TIMING = new RegExp(
  `^${WHICH} (?:(?<begins>(?:starts?|begins?|started|began)(?: to move| moving)?)|(?<ends>(?:stops?|stopped)(?: moving)?)|(?<crosses>cross(?:es|ed)? the middle(?: of the (?:picture|image|frame))?)) (?<which>first|last)${MENU}$`,
  'iu',
);

const CLOSING = [
  'closer together',
  'closer to each other',
  'closer',
  'towards each other',
  'toward each other',
];
const PARTING = [
  'farther apart',
  'further apart',
  'apart',
  'away from each other',
  'farther away from each other',
  'further away from each other',
];
const TO_EACH_OTHER = [...CLOSING, ...PARTING].sort((a, b) => b.length - a.length).join('|');

/** Matches questions about whether objects come closer to each other: `one` and, in a list of options, `other`. */
export const TO_EACH = new RegExp(
  `^(?<lead>(?:do|did|are|were) (?<x>.+?) (?:move|moving|come|coming|get|getting) )(?<one>${TO_EACH_OTHER})(?: or (?:(?:move|moving|come|coming|get|getting) )?(?<other>${TO_EACH_OTHER}))?$`,
  'iu',
);
export const SAID_TO_EACH = new RegExp(
  `^(?:they |it )?(?:(?:move|moving|come|coming|get|getting) )?(${TO_EACH_OTHER})\\.?$`,
  'iu',
);

export const isClosing = (words: string): boolean => CLOSING.includes(words.toLowerCase());

/** Opposites of words about distance between objects, for questions without a list of options. */
export const OTHER_TO_EACH: ReadonlyMap<string, string> = new Map([
  ...partners('closer_together farther_apart, towards_each_other away_from_each_other').map(
    ([a, b]): [string, string] => [a.replaceAll('_', ' '), b.replaceAll('_', ' ')],
  ),
  ['toward each other', 'away from each other'],
  ['closer to each other', 'farther away from each other'],
  ['farther away from each other', 'closer to each other'],
  ['further away from each other', 'closer to each other'],
  ['further apart', 'closer together'],
  ['apart', 'closer together'],
]);
