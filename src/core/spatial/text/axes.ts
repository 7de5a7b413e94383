import { isPlural } from './names.ts';

/** Scales on which things can be compared. `size` is the whole thing; height, length and width are its dimensions. */
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
 * inside. `contrary`: near and far from, which leave a middle.
 */
export type Form = 'comparative' | 'superlative' | 'position' | 'contrary';

/** How one kind of phrase is found and turned to its opposite. */
export interface Rule {
  axis: Axis;
  form: Form;
  pole: 0 | 1;
  pattern: RegExp;
  /** The opposite of a match, or null when the words around it show that it is none. */
  opposite: (match: RegExpExecArray, after: string) => string | null;
}

/** The axis table: every phrase that names a pole, with its opposite (docs/polarity.md). */
export const RULES: Rule[] = [];

/** A rule whose opposite is a replacement text with `$1` groups. */
function rule(axis: Axis, form: Form, pole: 0 | 1, source: string, opposite: string): void {
  const pattern = new RegExp(`\\b(?:${source})`, 'gi');
  RULES.push({ axis, form, pole, pattern, opposite: (match) => opposite.replace('$1', match[1] ?? '') });
}

/** Both poles of a pair: in `frame` the sign % stands for the phrases of one pole; each names its opposite. */
function pair(
  axis: Axis,
  form: Form,
  frame: string,
  low: Record<string, string>,
  high: Record<string, string>,
): void {
  [low, high].forEach((phrases, pole) => {
    const names = Object.keys(phrases).sort((a, b) => b.length - a.length);
    const pattern = new RegExp(`\\b${frame.replace('%', `(${names.join('|')})`)}`, 'gi');
    const opposite = (match: RegExpExecArray) =>
      match[0].replace(match[1]!, phrases[match[1]!.toLowerCase().replace(/\s+/g, ' ')]!);
    RULES.push({ axis, form, pole: pole as 0 | 1, pattern, opposite });
  });
}

/** A pair whose words swap in both directions. */
function swap(axis: Axis, form: Form, frame: string, low: string, high: string): void {
  pair(axis, form, frame, { [low]: high }, { [high]: low });
}

/** The phrase does not lead on to a side or direction: "further to the left" is about left. */
const NO_SIDE =
  '(?! (?:to |on |at |towards? |in )?(?:the )?(?:left|right|back|front|forwards?|top|bottom|up|down|along|behind|above|below|ahead|apart|together))';
const NO_IDIOM =
  '(?! (?:look|inspection|view|examination|information|details?|notice|questions?|attention)\\b)';
const DETERMINER = '(?= (?:the|an?|my|your|his|her|its|our|their|this|that|me|you|us)\\b)';
/** A side phrase ends here: what follows is no noun ("on the left shelf" only says which shelf). */
const SIDE_END =
  '(?: of\\b|(?=\\s*(?:$|[?.,;:!)\\]\\u2014-]|(?:than|or|and|but|in|on|at|from|compared|according|when|if|as|to|with|relative|while|that|which|who|is|are|was|were|does|do|has|have|after|before|looking|seen)\\b)))';
const OWNER = '(?:the|its|his|her|their|my|your|our)';
const IN = '(?:to|on|at|in|towards?)';

// Near and far. "further to the camera" is how one data set writes it.
pair(
  'near_far',
  'comparative',
  '%\\b',
  { 'closer together': 'farther apart', 'nearer together': 'farther apart' },
  { 'farther apart': 'closer together', 'further apart': 'closer together' },
);
pair(
  'near_far',
  'superlative',
  '%\\b',
  { 'closest together': 'farthest apart', 'nearest together': 'farthest apart' },
  { 'farthest apart': 'closest together', 'furthest apart': 'closest together' },
);
swap('near_far', 'contrary', '%\\b', 'close together', 'far apart');
rule('near_far', 'comparative', 0, `(?:closer|nearer)( in distance)? to\\b`, 'farther$1 from');
rule('near_far', 'comparative', 0, `(?:closer|nearer)${DETERMINER}`, 'farther from');
rule('near_far', 'comparative', 0, `(?:closer|nearer)\\b${NO_IDIOM}${NO_SIDE}`, 'farther');
rule(
  'near_far',
  'comparative',
  1,
  `(?:farther|further)(?: away| off)?( in distance)? (?:from|to)\\b(?! the (?:left|right|top|bottom|front|back)\\b)`,
  'closer$1 to',
);
rule('near_far', 'comparative', 1, `(?:farther|further)(?: away| off)?\\b${NO_IDIOM}${NO_SIDE}`, 'closer');
swap('near_far', 'comparative', '% distant\\b', 'less', 'more');
swap('near_far', 'superlative', '% distant\\b', 'least', 'most');
pair(
  'near_far',
  'comparative',
  '% distance\\b',
  { smaller: 'greater', shorter: 'longer', lesser: 'greater' },
  { greater: 'smaller', larger: 'smaller', longer: 'shorter' },
);
rule(
  'near_far',
  'superlative',
  0,
  `(?:closest|nearest)((?: (?!to\\b|from\\b|is\\b|are\\b|of\\b|in\\b|on\\b)\\w+){0,2}) to\\b(?! the (?:left|right|top|bottom|front|back)\\b)`,
  'farthest$1 from',
);
rule('near_far', 'superlative', 0, `(?:closest|nearest)${DETERMINER}`, 'farthest from');
rule('near_far', 'superlative', 0, `(?:closest|nearest)\\b`, 'farthest');
rule(
  'near_far',
  'superlative',
  1,
  `(?:farthest|furthest)(?: away)?((?: (?!to\\b|from\\b|away\\b|is\\b|are\\b|of\\b|in\\b|on\\b)\\w+){0,2})(?: away)? (?:from|to)\\b(?! the (?:left|right|top|bottom|front|back)\\b)`,
  'closest$1 to',
);
rule('near_far', 'superlative', 1, `(?:farthest|furthest)(?: away| off)?\\b${NO_SIDE}`, 'closest');
rule('near_far', 'contrary', 0, `(?:near(?: to)?|close to)\\b(?! (?:miss|future)\\b)`, 'far from');
rule('near_far', 'contrary', 1, `far(?: away)? from\\b`, 'near');

// Left and right.
swap('left_right', 'superlative', '%[- ]?most\\b', 'left', 'right');
swap(
  'left_right',
  'superlative',
  '(?:farthest|furthest|most)(?: (?:to|on|at) the)? %(?:[- ]hand side| side)?\\b',
  'left',
  'right',
);
swap(
  'left_right',
  'comparative',
  `(?:more|farther|further)(?: ${IN} the)? %(?:[- ]?hand)?(?: side)?(?: of)?\\b`,
  'left',
  'right',
);
swap(
  'left_right',
  'position',
  `${IN} ${OWNER} (?:far |very |extreme )?%(?:[- ]?hand)?(?: (?:side|half|part|edge))?${SIDE_END}`,
  'left',
  'right',
);
swap('left_right', 'position', '(?<!\\bthe )%(?:[- ]?hand)? side of\\b', 'left', 'right');
swap('left_right', 'position', '(?<!\\bthe )% of\\b(?! way\\b)', 'left', 'right');

// Above and below.
pair(
  'above_below',
  'comparative',
  '%\\b(?! (?:than )?(?:\\d|education|quality))',
  { higher: 'lower', 'higher up': 'lower down' },
  { lower: 'higher', 'lower down': 'higher up' },
);
swap('above_below', 'superlative', '%\\b', 'highest', 'lowest');
swap('above_below', 'superlative', '%[- ]?most\\b', 'top', 'bottom');
swap('above_below', 'superlative', '%most\\b', 'upper', 'lower');
swap('above_below', 'position', '%\\b', 'on top of', 'underneath');
pair(
  'above_below',
  'position',
  '%\\b',
  { above: 'below', over: 'under' },
  { below: 'above', beneath: 'above', under: 'over' },
);
swap(
  'above_below',
  'position',
  `${IN} the (?:very )?%(?: (?:side|half|part|edge))?${SIDE_END}`,
  'top',
  'bottom',
);

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
);
pair(
  'front_behind',
  'superlative',
  '(?:farthest|furthest) %\\b',
  { forward: 'back', 'to the front': 'to the back' },
  { back: 'forward', 'to the back': 'to the front' },
);
pair(
  'front_behind',
  'superlative',
  '%\\b',
  { frontmost: 'rearmost', 'front-most': 'rearmost', foremost: 'rearmost' },
  { rearmost: 'frontmost', backmost: 'frontmost', 'back-most': 'frontmost', hindmost: 'frontmost' },
);
pair(
  'front_behind',
  'position',
  '%\\b',
  { 'in front of': 'behind', 'ahead of': 'behind', 'in front': 'behind' },
  { behind: 'in front of', 'in back of': 'in front of' },
);
pair(
  'front_behind',
  'position',
  `${IN} the (?:very )?%(?: (?:side|half|part))?${SIDE_END}`,
  { front: 'back', foreground: 'background' },
  { back: 'front', rear: 'front', background: 'foreground' },
);
rule(
  'front_behind',
  'position',
  0,
  `(?<=\\b(?:positioned|located|placed|standing|sitting) )before\\b`,
  'behind',
);

// An ordinal counts from one side: "second from the left".
for (const [axis, low, high] of [
  ['left_right', 'left', 'right'],
  ['above_below', 'top', 'bottom'],
  ['front_behind', 'front', 'back'],
] as const)
  swap(
    axis,
    'superlative',
    `(?<=\\b(?:first|second|third|fourth|fifth|sixth|seventh|last|\\d(?:st|nd|rd|th))(?: \\w+){0,2} )from the %\\b`,
    low,
    high,
  );

// Size. "shorter" is turned to "longer" where the things are long rather than tall.
for (const [noun, axis] of [
  ['(?:size|volume|area)', 'size'],
  ['height', 'height'],
  ['length', 'length'],
  ['(?:width|breadth)', 'width'],
] as const) {
  pair(
    axis,
    'comparative',
    `% ${noun}\\b`,
    { smaller: 'larger', lesser: 'greater', less: 'more', lower: 'greater', shorter: 'greater' },
    { larger: 'smaller', bigger: 'smaller', greater: 'lesser', more: 'less', higher: 'lower' },
  );
  pair(
    axis,
    'superlative',
    `% ${noun}\\b`,
    { smallest: 'largest', least: 'greatest', lowest: 'greatest', shortest: 'greatest' },
    { largest: 'smallest', biggest: 'smallest', greatest: 'least', most: 'least', highest: 'lowest' },
  );
}
pair('size', 'comparative', '%\\b', { smaller: 'larger' }, { larger: 'smaller', bigger: 'smaller' });
pair('size', 'superlative', '%\\b', { smallest: 'largest' }, { largest: 'smallest', biggest: 'smallest' });
pair('height', 'comparative', '%\\b', { shorter: 'taller' }, { taller: 'shorter' });
pair('height', 'superlative', '%\\b', { shortest: 'tallest' }, { tallest: 'shortest' });
pair(
  'length',
  'comparative',
  '%\\b',
  { 'shorter in length': 'longer in length' },
  { longer: 'shorter', 'longer in length': 'shorter in length' },
);
pair('length', 'superlative', '%\\b', { 'shortest in length': 'longest in length' }, { longest: 'shortest' });
pair(
  'width',
  'comparative',
  '%\\b',
  { narrower: 'wider', thinner: 'wider' },
  { wider: 'narrower', thicker: 'thinner', broader: 'narrower' },
);
pair(
  'width',
  'superlative',
  '%\\b',
  { narrowest: 'widest', thinnest: 'widest' },
  { widest: 'narrowest', thickest: 'thinnest', broadest: 'narrowest' },
);

// Quantity. "more" counts only before a plural or a mass noun; elsewhere it is an adverb.
const NUMBER = '(?:number|amount|quantity|count) of\\b';
pair(
  'quantity',
  'comparative',
  `% ${NUMBER}`,
  { smaller: 'larger', lower: 'higher', lesser: 'greater' },
  { larger: 'smaller', greater: 'smaller', higher: 'lower', bigger: 'smaller' },
);
pair(
  'quantity',
  'superlative',
  `% ${NUMBER}`,
  { smallest: 'largest', lowest: 'highest', fewest: 'largest', least: 'greatest' },
  { largest: 'smallest', greatest: 'smallest', highest: 'lowest', most: 'least' },
);
pair(
  'quantity',
  'comparative',
  '%\\b',
  { 'fewer in number': 'more in number', 'less numerous': 'more numerous' },
  { 'more in number': 'fewer in number', 'more numerous': 'less numerous' },
);
pair(
  'quantity',
  'comparative',
  '% than\\b',
  { less: 'more', fewer: 'more', lesser: 'greater' },
  { greater: 'less', more: 'fewer' },
);
pair('quantity', 'comparative', '% of(?=\\s*[,?])', { fewer: 'more', less: 'more' }, { more: 'fewer' });
pair(
  'containment',
  'position',
  '(?<!\\bthe )%\\b',
  { inside: 'outside', 'inside of': 'outside of', within: 'outside' },
  { outside: 'inside', 'outside of': 'inside of' },
);

const MASS =
  /^(?:water|milk|juice|coffee|tea|wine|beer|liquid|food|rice|sand|snow|grass|space|room|light|traffic|furniture|bread|cheese|butter|sugar|salt|soup|smoke|ice|dirt|paint|paper|fruit|luggage|greenery|vegetation|clutter|hair|land|sky|shade|area)$/;

/** The noun that `more` or `most` counts: the last word before the clause goes on. */
function countedNoun(after: string): string | null {
  const phrase =
    /^\s+((?:[\w'-]+\s+){0,4}?[\w'-]+)(?=\s*(?:$|[?.,;:]|\b(?:than|or|in|on|at|to|is|are|does|do|has|have|there|visible|shown|present|compared|inside|outside|of|with|near|next|behind|under|above|below)\b))/i.exec(
      after,
    )?.[1];
  return phrase?.toLowerCase().split(/\s+/).at(-1) ?? null;
}

for (const [form, words] of [
  ['comparative', { more: 1, fewer: 0, less: 0 }],
  ['superlative', { most: 1, fewest: 0, least: 0 }],
] as const) {
  for (const [word, pole] of Object.entries(words)) {
    const [few, little, many] =
      form === 'comparative' ? ['fewer', 'less', 'more'] : ['fewest', 'least', 'most'];
    const opposite = (_: RegExpExecArray, after: string) => {
      const noun = countedNoun(after);
      if (noun === null || !(isPlural(noun) || MASS.test(noun))) return null;
      if (pole === 0) return many;
      return isPlural(noun) ? few : little;
    };
    RULES.push({
      axis: 'quantity',
      form,
      pole,
      pattern: new RegExp(`\\b${word}\\b(?! than\\b)`, 'gi'),
      opposite,
    });
  }
}
