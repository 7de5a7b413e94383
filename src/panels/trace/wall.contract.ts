/** With what the originals of a list are paired: their mirrors alone, also other views, or nothing. */
export type Partners = 'mirrors' | 'views' | null;

/**
 * Who is right about a pair: the original and the mirror, or, if two evaluations are compared, the first and the
 * second. A row in a single view has `both` or `neither`; among pairs, where it has no verdict, `unknown`.
 */
export type WallStates = readonly ['both', 'first', 'second', 'neither', 'unknown'];
export type WallState = WallStates[number];

/** Fields by which the wall can be grouped. */
export type WallGroup = 'relation' | 'place' | 'verdict' | 'outcome' | 'set' | 'task';

/** All pairs of a list, in its order, in a few bytes each. */
export interface Wall {
  steps: Float64Array;
  pairs: Float64Array;
  /** Numbers of `WallStates`. */
  states: Uint8Array;
  /** Consecutive pairs with the same value of the field that groups them; one group if nothing does. */
  groups: {
    /** Null for pairs without a value, or if nothing groups them. */
    value: string | null;
    count: number;
  }[];
}
