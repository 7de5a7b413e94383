/** Role of an object in the question of its row. In counting rows, objects are counted or not. */
export const ROLES = ['first named', 'second named', 'counted', 'other'] as const;
export type Role = (typeof ROLES)[number];

/** Rows of a metric: all, right, off by one, or wrong. */
export const AMONG = ['all', 'right', 'off by one', 'wrong'] as const;
export type Among = (typeof AMONG)[number];

/** Kinds of metrics of a set; `SetFigure` explains each. */
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

/** Titles of the metrics by layer. `of` is an object's role, or a part of the text. */
const THROUGH: Partial<Record<(typeof FIGURES)[number], (of: string | null) => string>> = {
  odds: () => 'Log-odds of the right answer',
  likeliest: () => 'Right answer likeliest, %',
  picture: () => 'Attention on the image, %',
  mass: (what) => `Attention on ${what}, % of image attention`,
  source: (what) => `Attention on ${what}, %`,
};

/** Returns the title of a metric by layer; null for others. */
export const throughTitle = (figure: {
  figure: (typeof FIGURES)[number];
  of: string | null;
}): string | null => THROUGH[figure.figure]?.(figure.of) ?? null;

/** Names analyses by their differences. @param told descriptions of each analysis, in the same order */
export function nameLooks(told: readonly (readonly string[])[]): string[] {
  const differs = (i: number) => new Set(told.map((parts) => parts[i])).size > 1;
  return told.map((parts) => parts.filter((part, i) => part !== '' && differs(i)).join(', '));
}

/** Distance of a count from the right one. */
export const COUNT_VERDICTS = ['right', 'off by one', 'wrong'] as const;
export type CountVerdict = (typeof COUNT_VERDICTS)[number];
