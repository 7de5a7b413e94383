import type { Sign } from '../words.ts';

/** Signs that a row depends on the borders, the light or the axes of its picture. */
export const FRAMES = {
  /** A colour, or the word itself. */
  colour: {
    pattern:
      /\b(?:red|green|blue|yellow|orange|purple|violet|pink|brown|black|white|gr[ae]y|cyan|magenta|beige|golden|silver|turquoise|teal|maroon|navy|blond\w*|colou?r\w*)\b/i,
    example: 'the red cup',
    counterExample: 'the reduced cup',
  },
  /** It asks for a colour, for brightness, or for what gives light. */
  asksLight: {
    pattern:
      /\b(?:colou?rs?|coloured|colored|bright\w*|dark\w*|light|lit|lights|lighting|lamps?|shad(?:e|es|ow|ows|owed)|sun\w*|day(?:time|light)?|night|morning|evening|noon|time of)\b/i,
    example: 'Is it night?',
    counterExample: 'Is it large?',
  },
  /** It asks about the picture itself. */
  aboutPicture: {
    pattern:
      /\b(?:landscape|portrait|aspect(?: ratio)?|resolution|pixels?|(?:wide|tall|large|big|size|width|height)\w* (?:is|of) (?:the|this) (?:image|picture|photo))\b/i,
    example: 'How wide is the picture in pixels?',
    counterExample: 'Is the cup in the picture?',
  },
  /** It asks about an angle. */
  aboutAngle: {
    pattern:
      /\b(?:vertical\w*|horizontal\w*|level|tilt\w*|slant\w*|upright|straight|angles?|degrees|lean\w*|slop\w*|parallel|perpendicular|o['’]clock)\b/i,
    example: 'Is the pole vertical?',
    counterExample: 'Is the pole red?',
  },
  /** A part of the picture. */
  framePart: {
    pattern:
      /\b(?:corners?|thirds?|quarters?|quadrants?|edges?|borders?|middle|cent(?:er|re)) (?:of|in) (?:the|this) (?:image|picture|photo)/i,
    example: 'the corner of the image',
    counterExample: 'the corner of the table',
  },
  /** A half of the picture, named. */
  half: {
    pattern: /\bin the (left|right|top|bottom|upper|lower) half of the (?:image|picture|photo|photograph)\b/i,
    example: 'in the left half of the image',
    counterExample: 'in the left half of the table',
  },
  anyHalf: {
    pattern: /\bhalf|halves\b/i,
    example: 'which half',
    counterExample: 'the halo',
  },
  /** Any thing may count. */
  count: {
    pattern:
      /\b(?:how many|number of|count|any|all|every|each|only|none|other|alone|order|list|from (?:the )?(?:left|right|top|bottom|near|far)\w*)\b/i,
    example: 'How many cups are there?',
    counterExample: 'Is the cup red?',
  },
  /** All things are compared. */
  superlative: {
    pattern:
      /\b(?:\w+most|closest|nearest|farthest|furthest|largest|biggest|smallest|tallest|shortest|highest|lowest|widest|thinnest)\b/i,
    example: 'the closest cup',
    counterExample: 'the close cup',
  },
  side: {
    pattern: /\b(?:left|right)/i,
    example: 'the leftmost cup',
    counterExample: 'the cup',
  },
  height: {
    pattern: /\b(?:above|below|higher|lower|highest|lowest|top\w*|bottom\w*|upper\w*|under|over|beneath)\b/i,
    example: 'above the cup',
    counterExample: 'about the cup',
  },
  /** A middle that may be that of the picture. */
  middle: {
    pattern:
      /\bin the middle\b(?! of the (?!image|picture|photo))|(?<!\bcent(?:er|re) to )\bcent(?:er|re)s?\b(?! (?:to cent(?:er|re)|of the (?!image|picture|photo))\b)/i,
    example: 'in the middle',
    counterExample: 'in the middle of the table',
  },
  /** A measure relative to the picture. */
  share: {
    pattern: /% of the (?:width|height)|\b(?:left|right)-\d/i,
    example: 'at 30% of the width',
    counterExample: 'at 30% of the price',
  },
  /** Its answer names a thing, with or without an article. */
  asksThing: {
    pattern:
      /^(?:which|who|what (?:object|thing|item|person|animal|(?:is|are|stands?|lies?|sits?) (?!the\b|this\b|its?\b)))/i,
    example: 'Which is closer?',
    counterExample: 'Where is it?',
  },
  /** A name without an article. */
  bareName: {
    pattern: /^(?!(?:the|an?|this|that)\b)[\p{L}-]{2,}(?: [\p{L}-]+){0,3}\.?$/iu,
    example: 'red cup',
    counterExample: 'the red cup',
  },
  /** It refers to the camera's axis, which a pan turns. */
  alongAxis: {
    pattern: /\b(?:in front of|behind|facing|fac(?:es|ed)|look(?:s|ing)|point(?:s|ing))\b/i,
    example: 'in front of the cup',
    counterExample: 'left of the cup',
  },
} as const satisfies Record<string, Sign>;
