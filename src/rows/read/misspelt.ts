import { set } from './words/sets.ts';

/** Words for a side, a direction of rotation or a height. A typing error in one of them would hide the direction. */
export const DIRECTION_WORDS = {
  x: set(
    'left right leftmost rightmost leftward leftwards rightward rightwards clockwise counterclockwise anticlockwise',
  ),
  y: set(
    'above below bottom upper lower higher highest lowest topmost bottommost upward upwards downward downwards beneath underneath',
  ),
} as const;

/**
 * English words that are one typing error from a direction word. The list is complete and short, so no dictionary must
 * be loaded. A test compares the list with a dictionary (dictionary-en).
 */
export const NO_ERRORS = {
  x: set(
    `aright bight bright cleft deft eight fight fright heft lefts leftward leftwards lefty lent lest let lift light loft
    might night righto rights rightward rightwards sight tight weft wight wright`,
  ),
  y: set(
    `abode bellow blow blower bottoms bower cower dower downward downwards flower glower highers hither loner loser lover
    lowe lowed lowers lowery mower nigher nighest power rower slower slowest sower supper topmast tower underneaths upped
    uppers upward upwards`,
  ),
} as const;

/** Returns the direction word that a word with one typing error probably stands for; null if there is none. */
export function misspelt(word: string, axis: 'x' | 'y'): string | null {
  if (word.length < 3 || NO_ERRORS[axis].has(word) || DIRECTION_WORDS[axis].has(word)) return null;
  for (const meant of DIRECTION_WORDS[axis]) if (isOneError(word, meant)) return meant;
  return null;
}

/** Returns whether one letter is missing, added or different, or two neighbouring letters are swapped. */
export function isOneError(one: string, other: string): boolean {
  if (Math.abs(one.length - other.length) > 1 || one === other) return false;
  let at = 0;
  while (one[at] === other[at]) at++;
  const rests = (i: number, j: number) => one.slice(at + i) === other.slice(at + j);
  const exchanged = one[at] === other[at + 1] && one[at + 1] === other[at] && rests(2, 2);
  return rests(1, 0) || rests(0, 1) || rests(1, 1) || exchanged;
}
