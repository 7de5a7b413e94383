/** The role of an object in the question of its row. In counting rows, objects are counted or not. */
export const ROLES = ['first named', 'second named', 'counted', 'other'] as const;
export type Role = (typeof ROLES)[number];

/** Which rows a figure is about: all, those that were answered right or wrong, or counted wrong by one. */
export const AMONG = ['all', 'right', 'off by one', 'wrong'] as const;
export type Among = (typeof AMONG)[number];

/** The kinds of figures of a set; `SetFigure` explains each. */
export const FIGURES = [
  'picture',
  'mass',
  'lift',
  'source',
  'mirror error',
  'follow',
  'odds',
  'likeliest',
] as const;
