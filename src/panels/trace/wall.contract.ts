/** Kind of the originals' partners in a list: only mirrors, also other views, or null without partners. */
export type Partners = 'mirrors' | 'views' | null;

/**
 * Correct sides of a pair. The sides are the original and the mirror or, in a comparison, the first and the second
 * evaluation. A single row is `both` or `neither`; in a list with pairs, its state is `unknown` without an outcome.
 */
export const WALL_STATES = ['both', 'first', 'second', 'neither', 'unknown'] as const;
/** Type of the states, for the page's own list of the states, because the page cannot load this file. */
export type WallStates = typeof WALL_STATES;
export type WallState = WallStates[number];

export const WALL_GROUPS = ['relation', 'verdict', 'outcome', 'set', 'task'] as const;
export type WallGroup = (typeof WALL_GROUPS)[number];

/** All pairs of a list in the list's order, stored in a few bytes each. */
export interface Wall {
  steps: Float64Array;
  pairs: Float64Array;
  /** State of each pair, as an index into `WALL_STATES`. */
  states: Uint8Array;
  /** Groups of consecutive pairs with the same value of the grouping field; one group if there is no grouping field. */
  groups: {
    /** Value of the grouping field; null for pairs without a value, or if there is no grouping field. */
    value: string | null;
    count: number;
  }[];
}
