/** The kinds of things that an agent can name. */
export const PLACE_KINDS = ['run', 'sweep', 'evaluation', 'config', 'data'] as const;
export type PlaceKind = (typeof PLACE_KINDS)[number];
