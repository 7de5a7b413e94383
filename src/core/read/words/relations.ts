import type { Sign } from '../words.ts';

/** Signs that a name or a relation is not plain. */
export const RELATIONS = {
  /** A name that uses a relation to say which thing is meant; that relation is not the question's. */
  referring: {
    pattern:
      /\b(?:that|which|who|whose|with|of|on|in|at|by|from|and|or|near|next|beside|behind|between|holding|wearing|facing|looking|left|right|above|below|under|front|other|same)\b/i,
    example: 'the cup that stands',
    counterExample: 'the cup',
  },
  /** Things that have no front of their own. */
  frontless: {
    pattern:
      /\b(?:ball|sphere|cube|cylinder|cone|block|box|cup|mug|glass|bowl|plate|bottle|jar|vase|can|pot|bucket|barrel|tree|pole|post|rock|stone|candle|apple|orange|coin)s?$/i,
    example: 'the red cubes',
    counterExample: 'the red car',
  },
  /** Words with which reasoning refers to the question or its answer instead of the picture. */
  ofQuestion: {
    pattern:
      /\b(?:yes|no|not|true|false|correct|incorrect|right answer|question|asked|answers?|statement|first|second|former|latter|options?|choices?)\b|\([A-H]\)|\b[A-H]\)/i,
    example: 'The first statement is so.',
    counterExample: 'The cup stands there.',
  },
} as const satisfies Record<string, Sign>;
