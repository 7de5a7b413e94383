import type { Sign } from '../words.ts';

/** How coordinates are written. */
export const COORDINATE_SIGNS = {
  /** Numbers in brackets, including adjacent and nested ones: (1,2),(3,4), [[1, 2, 3, 4], [5, 6, 7, 8]]. */
  group: {
    pattern: /(?<![[(]\s*)(?:[[(]\s*)+[-−\d.][-−\d.,;\s()[\]]*[\])]/g,
    example: 'the box [1, 2, 3, 4]',
    counterExample: 'the box [1, 2, a]',
  },
  tagged: {
    pattern: /(?<=<(box|bbox|point|points|poly)>)[-−\d.,;\s]+(?=<\/\1>)/g,
    example: '<point>1 2</point>',
    counterExample: '<p>1 2</p>',
  },
  /** Nothing but numbers. */
  bare: {
    pattern: /^\s*[-−\d.]+(?:\s*[,;\s]\s*[-−\d.]+)+[.\s]*$/,
    example: '1, 2, 3',
    counterExample: '3',
  },
  /** Named numbers in the order of the format. */
  named: {
    pattern:
      /\bx(?:1|_?min)?\s*[=:]\s*[\d.]+\W{1,3}y(?:1|_?min)?\s*[=:]\s*[\d.]+(?:\W{1,3}(?:x(?:2|_?max)|w(?:idth)?)\s*[=:]\s*[\d.]+\W{1,3}(?:y(?:2|_?max)|h(?:eight)?)\s*[=:]\s*[\d.]*\d)?/gi,
    example: 'x1=120, y1=80, x2=300, y2=240',
    counterExample: 'y1=80, x1=120',
  },
  /** Other ways to write a coordinate. */
  other: {
    pattern:
      /\bx(?:[12]|_?min|_?max)?(?:[- ](?:coordinate|position|value))?["']?(?:\s*[=:≈]\s*|\s+(?:is|of|at)\s+|\s+)["']?[-−]?\.?\d|<(?:loc|bin|x|y|coord)_?\d+>|\bcoords=/i,
    example: 'its x is 120, or <loc0123>',
    counterExample: 'the box is 120 wide',
  },
  /** The points of Molmo, in percent of the picture. */
  molmo: {
    pattern: /<points?(?=\s)[^<>\n]*>/g,
    example: '<point x="10.0" y="20.0" alt="cup">',
    counterExample: '<point>1 2</point>',
  },
  /** A box of PaliGemma. */
  paligemma: {
    pattern: /(?:<loc\d{4}>){4}/g,
    example: '<loc0010><loc0020><loc0030><loc0040> cup',
    counterExample: '<loc0010><loc0020>',
  },
  /** A range, as in "normalised to [0, 1]". */
  range: { pattern: /^0(?:\.0)? [-−]?(?:1|1\.0|100|999|1000)$/, example: '0 1000', counterExample: '0 500' },
} as const satisfies Record<string, Sign>;
