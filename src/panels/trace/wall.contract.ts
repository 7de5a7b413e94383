/** With what the originals of a list are paired: their mirrors alone, also other views, or nothing. */
export type Partners = 'mirrors' | 'views' | null;

/**
 * Who is right about a pair: the original and the mirror, or, if two evaluations are compared, the first and the
 * second. A row in a single view has `both` or `neither`; among pairs, where it has no verdict, `unknown`.
 */
export const WALL_STATES = ['both', 'first', 'second', 'neither', 'unknown'] as const;
/** The page, which cannot load this file, writes them once more. */
export type WallStates = typeof WALL_STATES;
export type WallState = WallStates[number];

export const WALL_GROUPS = ['relation', 'place', 'verdict', 'outcome', 'set', 'task'] as const;
export type WallGroup = (typeof WALL_GROUPS)[number];

/** All pairs of a list, in its order, in a few bytes each. */
export interface Wall {
  steps: Float64Array;
  pairs: Float64Array;
  /** Indices in `WALL_STATES`. */
  states: Uint8Array;
  /** Consecutive pairs with the same value of the field that groups them; one group if nothing does. */
  groups: {
    /** Null for pairs without a value, or if nothing groups them. */
    value: string | null;
    count: number;
  }[];
}
