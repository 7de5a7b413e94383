import type { Sign } from '../words.ts';

/** Signs that a word is not a side, or may be one that the rules do not know. */
export const EXCEPTIONS = {
  /** Words before a quotation which say that it can be read in the picture. */
  read: {
    pattern:
      /\b(?:says?|saying|said|reads?|reading|written|writes?|words?|text|letters?|lettering|labell?ed|labels?|signs?|marked|named|name|called|titled|title|spells?|spelled|logo|brand|printed|inscribed|inscription|message|song|movie|film|book|band|album|game)\W*$/i,
    example: 'the sign says ',
    counterExample: 'the sign beside ',
  },
  /** Words after a quotation which say so, too. */
  bearer: {
    pattern:
      /^\s+(?:signs?|labels?|buttons?|posters?|boards?|notices?|banners?|stickers?|tags?|badges?|lettering)\b/i,
    example: ' sign',
    counterExample: ' cup',
  },
  /** Quotations of directions only, which are menus: answer "left" or "right". */
  directionOnly: {
    pattern:
      /^\W*(?:\b(?:to|on|at|in|the|of|and|or|far|top|bottom|upper|lower|front|back|rear|side|hand|corner|turn|left|right|leftmost|rightmost|clockwise|counterclockwise|yes|no|above|below|behind|center|middle)\b\W*)+$/i,
    example: 'to the left',
    counterExample: 'to the cup',
  },
  textKey: {
    pattern: /^(?:text|ocr|words?|content|transcription)$/i,
    example: 'transcription',
    counterExample: 'label',
  },
  signLike: {
    pattern: /^(?:[^\p{Ll}]*|(?:\p{Lu}[\p{L}'’]*|\d+)(?:\s+(?:\p{Lu}[\p{L}'’]*|\d+|of|the|and))*)$/u,
    example: 'Left of Centre',
    counterExample: 'left of the cup',
  },
  format: {
    pattern:
      /\b(?:format(?:ted)?|form|represent\w*|specif\w+|express\w*|defin\w+|denot\w+|encoded|normali[sz]ed|given (?:as|by)|origin|convention|starting (?:from|at)|(?:return|output|provide|give|answer|list)\b[^.]*\b(?:as|with))\b/i,
    example: 'Give it in the format top-left, width',
    counterExample: 'Is it far from the top-left corner?',
  },
  coordinateWord: {
    pattern: /\b(?:[xy][12]?|xmin|ymin|coordinates?|pixels?|width|height|box|bbox|0\s?,\s?0)\b/i,
    example: 'the pixels of its corner',
    counterExample: 'the corner of the room',
  },
  compass: {
    pattern:
      /^(?:north|south|east|west|northeast|northwest|southeast|southwest|(?:north|south|east|west)(?:ern|erly|ward|wards|bound)|eastern|western|compass)$/,
    example: 'northbound',
    counterExample: 'northing',
  },
  /** Words after which a compass point is no direction: western films, saddles, hats; northern lights. */
  compassPhrase: {
    pattern:
      /^(?:film|films|movie|movies|saddle|style|hat|boots|lights|toilet|food|clothes|world|cardinals?|right whales?)\b/,
    example: 'lights',
    counterExample: 'light',
  },
  nonLatin: {
    pattern:
      /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Cyrillic}\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Devanagari}\p{Script=Thai}\p{Script=Greek}]{2}|[左右]/u,
    example: '在哪里',
    counterExample: 'señor',
  },
  /** Arrows made of ASCII characters. */
  asciiArrow: {
    pattern: /(?:^|\s)(?:<-+|-+>)(?=\s|$|[?.,])/,
    example: 'go -> there',
    counterExample: 'a->b',
  },
  /** Words that contain left or right only by their spelling. */
  unsided: {
    pattern:
      /^(?:leftovers?|leftists?|leftism|righteous\w*|rightful\w*|rightly|rightists?|rightness|righted|righting|rightsiz\w+|righto)$|(?:b|f|w|up|out|down|forth|birth|copy|al|a)right|cleft/,
    example: 'upright',
    counterExample: 'top-right',
  },
  /** Words that text.ts reads: left, leftmost, topleft, right-handers … */
  sideWord: {
    pattern:
      /^(?:top|bottom|upper|lower|mid|middle|center|centre|front|back|rear|far)?(?:left|right)(?:most|wards?|hand|handed|handedness|handers?|sides?|sided|footed|wing|wingers?|field|fielder|y|ies|est|s|'s)?$/,
    example: 'rightmost',
    counterExample: 'rightly',
  },
} as const satisfies Record<string, Sign>;
