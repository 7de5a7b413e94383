/** Kinds of relations with their words, starting with the most specific kinds. The first match counts. */
const WORDS = [
  ['distance', /\bhow (?:far|distant)\b|\bdistance\b|\bmet(?:re|er)s?\b/],
  ['count', /\bhow many\b|\bnumber of\b|\bcount\b/],
  ['left_right', /\b(?:left|right|leftmost|rightmost)\b/],
  ['above_below', /\b(?:above|below|under|underneath|beneath|over|on top|topmost|higher|lower)\b/],
  ['front_behind', /\b(?:behind|in front|front of)\b/],
  [
    'near_far',
    /\b(?:near|nearer|nearest|close|closer|closest|(?<!\bas )far|farther|farthest|further|furthest)\b/,
  ],
  ['inside', /\b(?:inside|outside|contains?|within)\b/],
  [
    'size',
    /\b(?:big|bigger|biggest|large|larger|largest|small|smaller|smallest|tall|taller|tallest|short|shorter|shortest|wide|wider|widest|narrower|longer|longest|height|width|size)\b/,
  ],
  ['direction', /\b(?:where|direction|facing|relation|relative|position)\b/],
] as const;

export type Relation = (typeof WORDS)[number][0];
export const RELATIONS: readonly Relation[] = WORDS.map(([name]) => name);

/**
 * Returns the kind of relation in a question; null if no kind matches. The kind is only for grouping and filtering,
 * because it is a rough match of English words.
 */
export function relationOf(question: string): Relation | null {
  const text = question.toLowerCase();
  return WORDS.find(([, words]) => words.test(text))?.[0] ?? null;
}

const LABELS: Record<Relation, string> = {
  distance: 'distance',
  count: 'count',
  left_right: 'left and right',
  above_below: 'above and below',
  front_behind: 'in front and behind',
  near_far: 'near and far',
  inside: 'inside',
  size: 'size',
  direction: 'direction',
};

/** Returns the label of a relation; an unknown name is returned unchanged. */
export const relationLabel = (name: string): string => LABELS[name as Relation] ?? name;
