/** Role of an object in the question of its row. In rows with counting questions: `counted` or `other`. */
export const ROLES = ['first named', 'second named', 'counted', 'other'] as const;
export type Role = (typeof ROLES)[number];

/** Rows that a metric covers: all, or those with right answers, counts that are off by one, or wrong answers. */
export const AMONG = ['all', 'right', 'off by one', 'wrong'] as const;
export type Among = (typeof AMONG)[number];

/** Kinds of metrics of an analysed set; `setFigureSchema` explains each kind. */
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

/** Titles of the metrics by layer. `of` is the role of an object, or a part of the text. */
const THROUGH: Partial<Record<(typeof FIGURES)[number], (of: string | null) => string>> = {
  odds: () => 'Log-odds of the reference answer',
  likeliest: () => 'Reference answer ranked first, %',
  picture: () => 'Attention on the image, %',
  mass: (what) => `Attention on ${what}, % of image attention`,
  source: (what) => `Attention on ${what}, %`,
};

/** Returns the title of a metric by layer; null for all other metrics. */
export const throughTitle = (figure: {
  figure: (typeof FIGURES)[number];
  of: string | null;
}): string | null => THROUGH[figure.figure]?.(figure.of) ?? null;

/** Names analyses by their differing descriptions. @param told descriptions of each analysis, in equal order */
export function nameLooks(told: readonly (readonly string[])[]): string[] {
  const differs = (i: number) => new Set(told.map((parts) => parts[i])).size > 1;
  return told.map((parts) => parts.filter((part, i) => part !== '' && differs(i)).join(', '));
}

/** Distance of a count from the right count. */
export const COUNT_VERDICTS = ['right', 'off by one', 'wrong'] as const;
export type CountVerdict = (typeof COUNT_VERDICTS)[number];
