/** Dimensions of an object that a length measures, with the words for each dimension. */

const DIMENSIONS: Readonly<Record<string, string>> = {
  distance: 'far distance away apart from between gap close near space spacing clearance separation',
  height: 'tall high height rise rises h',
  width: 'wide width broad breadth across span spans w',
  length: 'long length',
  depth: 'deep depth',
  thickness: 'thick thickness',
  diameter: 'diameter',
  radius: 'radius radii',
  circumference: 'circumference perimeter',
};
const dimensionOf: ReadonlyMap<string, string> = new Map(
  Object.entries(DIMENSIONS).flatMap(([dimension, words]) =>
    words.split(' ').map((word): [string, string] => [word, dimension]),
  ),
);

/** Returns the dimension that a word measures, such as height for "tall"; null for other words. */
export const measuredBy = (word: string): string | null => dimensionOf.get(word) ?? null;

/** Horizontal dimensions, which people exchange: the length of a sofa is its width. */
const ALIKE = [
  ['width', 'length', 'depth'],
  ['distance', 'length', 'depth'],
];
export const areAlike = (a: string, b: string): boolean =>
  ALIKE.some((group) => group.includes(a) && group.includes(b));

export const MEASURED = {
  /** Dimension that is stated before its quantity: "the height of the door is". */
  stated:
    /\b(distance|height|width|breadth|length|depth|thickness|diameter|radius|circumference|perimeter)(?: of (?:the|an?|its) \p{L}+(?: \p{L}+)?)?(?:[ ,]*(?:is|was|of|would be|measures|about|around|approximately|roughly|estimated|[:=≈~]))*\W*$/iu,
  /** Words at the start of a clause about a different subject. */
  asides: 'which given considering judging assuming compared using since because as if although though'.split(
    ' ',
  ),
  thing: /\b(?:the|an?|its|this|that) (\p{L}+(?: \p{L}+)?)/gu,
  /** Matches the text before the clause that contains a quantity. A denial in this text does not deny the quantity. */
  earlier: /^[^]*(?:[,;:.!?\n]|(?<!\banything )\bbut\b|\b(?:and|while|though|although)\b)/,
  /** "Not more than 2 m" is a bound, and does not deny the length. */
  bound: /\b(?:no|not|n't|cannot)\b[^,.;]*\bthan\b|n't [^,.;]*\bthan\b/,
} as const;
