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
  'over other boxes',
  'source',
  'mirror error',
  'unfolded error',
  'follow',
  'odds',
  'likeliest',
] as const;

/** Titles of the figures that are followed through the layers. `of` is an object's role, or a part of the text. */
const THROUGH: Partial<Record<(typeof FIGURES)[number], (of: string | null) => string>> = {
  odds: () => 'Log-odds of the right answer',
  likeliest: () => 'Right answer likeliest, %',
  picture: () => 'Attention on the image, %',
  mass: (what) => `Attention on ${what}, % of image attention`,
  source: (what) => `Attention on ${what}, %`,
};

/** The title of a figure that is followed through the layers; null for others. */
export const throughTitle = (figure: {
  figure: (typeof FIGURES)[number];
  of: string | null;
}): string | null => THROUGH[figure.figure]?.(figure.of) ?? null;

/** Names looks by what they differ in. @param told what can be said of each look, in the same order */
export function nameLooks(told: readonly (readonly string[])[]): string[] {
  const differs = (i: number) => new Set(told.map((parts) => parts[i])).size > 1;
  return told.map((parts) => parts.filter((part, i) => part !== '' && differs(i)).join(', '));
}

/** How a count compares with the right one. */
export const COUNT_VERDICTS = ['right', 'off by one', 'wrong'] as const;
export type CountVerdict = (typeof COUNT_VERDICTS)[number];
