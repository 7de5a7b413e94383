import type { Sign } from '../words.ts';

/** What the spelling of an answer or a word says. */
export const LETTERING = {
  /** Letters and at least two digits in one word. */
  code: {
    pattern:
      /(?<![\p{L}\p{N}<\\=_-])(?=[\p{L}-]*\d[\p{L}-]*\d)(?=[\d-]*\p{L})[\p{L}\d]+(?:-[\p{L}\d]+)*(?![\p{L}\p{N}_])/gu,
    example: 'tail number N738SW',
    counterExample: 'box B2',
  },
  /** Words that have the form of a code: 20cm, 4x4, 1990s, 3-seater, object12. */
  noCode: {
    pattern: /^(?:\d+(?:-?\p{Ll}+)+|\d+[x×]\d+|\p{Ll}{3,}-?\d{1,2})$|^\d+[A-Z]{1,2}$/u,
    example: 'object12',
    counterExample: 'AB-12',
  },
  /** Numbers that are not counts: 978-3-16-148410-0, 020 7946 0958. */
  figures: {
    pattern: /(?<![\d.,])(?:\d{5,}|\d+(?:[- ]\d+){2,})(?!\.?\d)/g,
    example: 'It is 12345.',
    counterExample: 'It is 1234.5 wide.',
  },
  /** A whole answer that is a size of clothes. */
  size: { pattern: /^\W*(?:X{0,3}[SL]|M)\W*$/, example: 'XL', counterExample: 'SUV' },
  capitals: {
    pattern:
      /(?<!\p{L})(?!(?:YES|NO|NOT|LEFT|RIGHT|TRUE|FALSE|SUV|BMX|LED|DVD|ATM|USB|LCD|AND|THE)(?!\p{L}))\p{Lu}{3,}(?!\p{L})/gu,
    example: 'the EXIT sign',
    counterExample: 'the LEFT sign',
  },
  /** A capital in the middle of a sentence, except I and the letter of an option. */
  // Tests the capital first: looking back from each space of a long gap would take quadratic time.
  name: {
    pattern: /(?=\p{Lu})(?<=[\p{L}\p{N},;’'-]['"“(]*\s+['"“(]*)\p{Lu}\p{Ll}+/gu,
    example: 'It is Anna.',
    counterExample: 'It is. Then I go.',
  },
} as const satisfies Record<string, Sign>;

/** What the ending of a word says. */
export const ENDINGS = {
  /** A word in -ing for an action, not for a thing. */
  doing: {
    pattern:
      /^(?!(?:build|ceil|paint|rail|light|w|r|k|str|th|someth|land|cross|draw|open|earr|stock|rat|read|mean|head|spell|rank|tim|greet|word|mark|letter|book)ings?$)\p{L}{2,}ing$/u,
    example: 'holding',
    counterExample: 'heading',
  },
  participle: {
    pattern: /(?:[^e]ed|worn|held|made|taken|broken|hidden|cut|shown|seen|built|put|kept|written|drawn)$/,
    example: 'printed',
    counterExample: 'seed',
  },
  superlative: { pattern: /(?:est|most)$/, example: 'nearest', counterExample: 'nearer' },
} as const satisfies Record<string, Sign>;

/** What the spelling of a name says. */
export const NAME_SIGNS = {
  article: {
    pattern: /^(?:the|a|an|this|that|these|those|my|your|his|her|its|our|their|either)\s+/i,
    example: 'an apple',
    counterExample: 'ant',
  },
  /** A singular that ends in s. */
  singularS: {
    pattern: /(?:ss|us|is|ous|lens|gas|bus|series|species|canvas|atlas|chess|news)$/,
    example: 'glass',
    counterExample: 'cups',
  },
  /** A thing, although its name ends in -ing. */
  thingIng: {
    pattern:
      /^(?:building|ceiling|painting|railing|awning|clothing|lighting|wing|ring|king|string|swing|sibling|duckling|wedding|bedding|evening|morning|parking|drawing|opening|landing|crossing|thing|something|covering|frosting|icing|earring|stocking|pudding|dumpling|sling)s?$/,
    example: 'earrings',
    counterExample: 'wearing',
  },
  /** A thing or a colour, although its name ends in -ed. */
  thingEd: {
    pattern: /^(?:red|bed|shed|sled|seed|weed|speed|reed)s?$/,
    example: 'seeds',
    counterExample: 'parked',
  },
  /** A remark about the picture, with all that follows it. */
  inPicture: {
    pattern: /\b(?:in|within|of) (?:the|this) (?:image|picture|photo|photograph|scene|view|frame)\b.*$/i,
    example: 'the cup in this scene',
    counterExample: 'the cup in its frame',
  },
  /** A remark about the point of view, with all that follows it. */
  fromView: {
    pattern:
      /\b(?:from|in) (?:the|your|my) (?:viewer|camera|observer)?(?:['’]s)? ?(?:perspective|point of view|view|viewpoint|side)\b.*$/i,
    example: "the cup from the viewer's side",
    counterExample: 'the cup on the side',
  },
  participle: {
    pattern: /(?:ing|ed|worn|held|made|taken|broken|hidden|left|cut|shown|seen|built|put|kept|lost)$/,
    example: 'parked',
    counterExample: 'park',
  },
} as const satisfies Record<string, Sign>;
