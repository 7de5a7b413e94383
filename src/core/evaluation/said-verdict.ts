// Separate from the record of ratings (judgement.ts), because panels do not bundle zod.

/** Human ratings of an answer. */
export const SAID = ['right', 'wrong', 'cannot_tell'] as const;
export type Said = (typeof SAID)[number];
