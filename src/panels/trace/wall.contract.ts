/** Partners of the originals in a list: only mirrors, also other views, or none. */
export type Partners = 'mirrors' | 'views' | null;

/**
 * Correct sides of a pair: the original and the mirror or, in a comparison of two evaluations, the first and the
 * second. A single row is `both` or `neither`; among pairs, it is `unknown` without an outcome.
 */
export const WALL_STATES = ['both', 'first', 'second', 'neither', 'unknown'] as const;
/** Type for the page's own copy, because the page cannot load this file. */
export type WallStates = typeof WALL_STATES;
export type WallState = WallStates[number];

export const WALL_GROUPS = ['relation', 'place', 'verdict', 'outcome', 'set', 'task'] as const;
export type WallGroup = (typeof WALL_GROUPS)[number];

/** All pairs of a list, in its order, in a few bytes each. */
export interface Wall {
  steps: Float64Array;
  pairs: Float64Array;
  /** Indices into `WALL_STATES`. */
  states: Uint8Array;
  /** Runs of consecutive pairs with the same value of the grouping field; one group without such a field. */
  groups: {
    /** Null for pairs without a value, or without a grouping field. */
    value: string | null;
    count: number;
  }[];
}
