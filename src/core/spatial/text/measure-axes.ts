import { pair, rule, type Axis, type Form, type Rule } from './axes.ts';
import { isPlural } from './names.ts';

/** "Greater height", "the least width": a dimension named by its noun. */
function dimension(noun: string, axis: Axis): Rule[] {
  return [
    ...pair(
      axis,
      'comparative',
      `% ${noun}\\b`,
      { smaller: 'larger', lesser: 'greater', less: 'more', lower: 'greater', shorter: 'greater' },
      { larger: 'smaller', bigger: 'smaller', greater: 'lesser', more: 'less', higher: 'lower' },
    ),
    ...pair(
      axis,
      'superlative',
      `% ${noun}\\b`,
      { smallest: 'largest', least: 'greatest', lowest: 'greatest', shortest: 'greatest' },
      { largest: 'smallest', biggest: 'smallest', greatest: 'least', most: 'least', highest: 'lowest' },
    ),
  ];
}

/** What comes before a quantity and never before a graded adjective: "is there more", "which has the most". */
const HAVING =
  /\b(?:there(?: (?:is|are))?|has|have|had|contains?|containing|holds?|holding|shows?|gets?|receives?|needs?|uses?|carries|carry|takes? up|occup(?:y|ies)|covers?|casts?)(?: the)? $/i;
const MASS =
  /^(?:water|milk|juice|coffee|tea|wine|beer|liquid|food|rice|sand|snow|grass|space|room|light|traffic|furniture|bread|cheese|butter|sugar|salt|soup|smoke|ice|dirt|paint|paper|fruit|luggage|greenery|vegetation|clutter|hair|land|sky|shade|area)$/;
const STOP =
  /^(?:than|or|and|in|on|at|to|of|is|are|was|does|do|has|its|as|the|a|an|between|around|with|near|by)$/;

/**
 * Whether the noun that `more` or `most` counts, within three words, is a plural or a mass. Null when there is none,
 * or when `more` may grade an adjective ("more colourful clothes").
 */
function countedNoun(before: string, after: string): 'plural' | 'mass' | null {
  const words = /^(?:\s+[\p{L}'’-]+){1,3}/u.exec(after)?.[0].trim().toLowerCase().split(/\s+/) ?? [];
  const stop = words.findIndex((word) => STOP.test(word));
  const nouns = stop < 0 ? words : words.slice(0, stop);
  const at = nouns.findIndex((word) => isPlural(word) || MASS.test(word));
  if (HAVING.test(before)) {
    if (nouns.length === 0) return null;
    return at >= 0 && isPlural(nouns[at]!) ? 'plural' : 'mass';
  }
  const graded = /(?:ful|ous|ive|al|ic|ing|ed|able|ible|ant|ent|ly|less|ish)$/.test(nouns[0] ?? '');
  if (at < 0 || (at > 0 && graded)) return null;
  return isPlural(nouns[at]!) ? 'plural' : 'mass';
}

/** "More cups": `many` turns to `few` before plurals and to `little` before masses; these two turn to `many`. */
function quantifiers(form: Form, many: string, few: string, little: string): Rule[] {
  const of = (word: string, pole: 0 | 1): Rule => ({
    axis: 'quantity',
    form,
    pole,
    pattern: new RegExp(`\\b${word}\\b(?! than\\b)`, 'gi'),
    opposite: (_, before, after) => {
      const noun = countedNoun(before, after);
      if (noun === null) return null;
      return pole === 0 ? many : noun === 'plural' ? few : little;
    },
  });
  return [of(many, 1), of(few, 0), of(little, 0)];
}

const NUMBER = '(?:number|amount|quantity|count) of\\b';
const MORE_OF = '% of(?=\\s*(?:[,?:;\u2014]|in (?:the|this)\\b))';
const LENGTH_AHEAD = '(?=\\s[\\d.,]+\\s?(?:m|cm|mm|km|ft|in|met|cent|feet|foot|inch|yard|mile|percent|%))';

/** Phrases that name a pole of a size, of a quantity or of containment. */
export const MEASURE_RULES: Rule[] = [
  dimension('(?:size|volume|area)', 'size'),
  dimension('height', 'height'),
  dimension('length', 'length'),
  dimension('(?:width|breadth)', 'width'),
  pair('size', 'comparative', '%\\b', { smaller: 'larger' }, { larger: 'smaller', bigger: 'smaller' }),
  pair('size', 'superlative', '%\\b', { smallest: 'largest' }, { largest: 'smallest', biggest: 'smallest' }),
  // Where the things are long rather than tall, "shorter" is turned to "longer" (polar.ts).
  pair('height', 'comparative', '%\\b', { shorter: 'taller' }, { taller: 'shorter' }),
  pair('height', 'superlative', '%\\b', { shortest: 'tallest' }, { tallest: 'shortest' }),
  pair(
    'length',
    'comparative',
    '%\\b',
    { 'shorter in length': 'longer in length' },
    { longer: 'shorter', 'longer in length': 'shorter in length' },
  ),
  pair(
    'length',
    'superlative',
    '%\\b',
    { 'shortest in length': 'longest in length' },
    { longest: 'shortest' },
  ),
  pair(
    'width',
    'comparative',
    '%\\b',
    { narrower: 'wider', thinner: 'wider' },
    { wider: 'narrower', thicker: 'thinner', broader: 'narrower' },
  ),
  pair(
    'width',
    'superlative',
    '%\\b',
    { narrowest: 'widest', thinnest: 'widest' },
    { widest: 'narrowest', thickest: 'thinnest', broadest: 'narrowest' },
  ),
  pair(
    'quantity',
    'comparative',
    `% ${NUMBER}`,
    { smaller: 'larger', lower: 'higher', lesser: 'greater' },
    { larger: 'smaller', greater: 'smaller', higher: 'lower', bigger: 'smaller' },
  ),
  pair(
    'quantity',
    'superlative',
    `% ${NUMBER}`,
    { smallest: 'largest', lowest: 'highest', fewest: 'largest', least: 'greatest' },
    { largest: 'smallest', greatest: 'smallest', highest: 'lowest', most: 'least' },
  ),
  pair(
    'quantity',
    'comparative',
    '%\\b',
    { 'fewer in number': 'more in number', 'less numerous': 'more numerous' },
    { 'more in number': 'fewer in number', 'more numerous': 'less numerous' },
  ),
  pair(
    'quantity',
    'comparative',
    `% than${LENGTH_AHEAD}`,
    { less: 'more' },
    { more: 'less', greater: 'less' },
  ),
  pair(
    'quantity',
    'comparative',
    '% than\\b',
    { less: 'more', fewer: 'more', lesser: 'greater' },
    { greater: 'less', more: 'fewer' },
  ),
  pair('quantity', 'comparative', MORE_OF, { fewer: 'more', less: 'more' }, { more: 'fewer' }),
  pair('quantity', 'superlative', MORE_OF, { fewest: 'most', least: 'most' }, { most: 'fewest' }),
  // "Which colour appears the most?"
  pair(
    'quantity',
    'superlative',
    '(?<=\\bthe )%(?: often| frequently)?(?=\\s*(?:[?.,;:]|in\\b|among\\b|$))',
    { least: 'most' },
    { most: 'least' },
  ),
  quantifiers('comparative', 'more', 'fewer', 'less'),
  quantifiers('superlative', 'most', 'fewest', 'least'),
  pair(
    'containment',
    'position',
    '(?<!\\bthe )%\\b',
    { inside: 'outside', 'inside of': 'outside of' },
    { outside: 'inside', 'outside of': 'inside of' },
  ),
  rule(
    'containment',
    'position',
    0,
    'within\\b(?! (?:\\d|reach|sight|view|walking|arm|an? |the (?:image|picture|photo|frame|scene)))',
    'outside',
  ),
].flat();
