/** Patterns that distinguish the alternatives of a question from its other words. */
export const ALTERNATIVES = {
  /** Words that always belong to the question itself, and never to the name of an alternative. */
  orderWord:
    /\b(?:which|who|what|whose)\b|^\s*(?:please |can you |could you )?(?:name|choose|pick|select|identify|state|tell|say|indicate|decide|determine|compare|answer)\b/i,
  openOption:
    /\b(?:same|equal(?:ly)?|both|neither|none|nothing|nobody|no one|tie|tied|cannot|can't|not sure|not visible|unsure|unclear|unknown|don['’]t know|identical|undetermined)\b/i,
  /** Words for places, which can be alternatives: "in the left half, the right half or the middle". */
  place:
    /\b(?:left|right|top|bottom|front|back|rear|middle|cent(?:er|re)|half|third|quarter|part|side|corner|end|edge)$/i,
  /** End of the name of the object to which a question measures a distance. */
  anchorEnd: /[,:;?]|\s(?:than|compared|as compared|among|amongst|out of|between)\b|\s[–—-]\s/,
  /** List before the question: "Between A and B, which …". */
  listBefore:
    /^(?:between|out of|among|amongst|of|comparing|compare|considering|given) (.+?)[,:;]? (?=(?:which|who|what)\b)/di,
  /** List in the question: "Which of A, B and C is …". */
  listWithin:
    /\b(?:which|who|what)(?: (?:one|object|item|thing|person))? (?:out of|of|among|amongst|between) (?!(?:these|the (?:two|three|four|five|\d))\b)(.+?)(?=,? (?:is|are|was|were|has|have|appears?|stands?|sits?|lies?|looks?|seems?|comes?|would|will)\b)/di,
  /** List of single objects after the question: "Which is second among the pot, the mug and the fan?" */
  listAfter:
    /^(?:which|who|what)\b.*?\b(?:among|amongst|out of) ((?:the|an?) (?!(?:two|three|four|five|\d))[\p{L} -]*[^s\P{L}](?:, (?:the|an?) [\p{L} -]*[^s\P{L}])*,? and (?:the|an?) [\p{L} -]*[^s\P{L}])\s*\?/diu,
  /** Two subjects, as in "Is A or B" before the main phrase, or "A or B" after it. */
  subjects: /^(?:is|are|was|were|does|do|would|will)\s+(.+?)\sor\s(.+)$/di,
  references: /^([^,:;]+?)\sor\s(?:to |from |than )?(.+?)(?:[?.!,]|$)/di,
  /** Verbs, which no name contains. The next pattern matches words that no bare name in a list contains. */
  verb: /\b(?:is|are|was|were|does|do)\b/i,
  noName: /\b(?:is|are|was|were|does|do|has|have|appears?|than)\b/i,
  adverbial: /^\s*(?:in|from|to|on|at|if|when)\s/i,
  trailingVerb:
    /\s+(?:(?:that|which|who)\s+)?(?:is|are|positioned|located|placed|situated|standing|sitting|appear|stand|sit|lie|be|look|seem)?\s*(?:more|the)?\s*$/i,
} as const satisfies Record<string, RegExp>;

/** Words that can precede or follow the name of an alternative. */
export const AROUND_NAMES = {
  lead: /^[\s,:;]*(?:(?:either|it|or|and|but|yet|to|from|than|of)\s+)*/i,
  trail: /(?:\s+in (?:the|this) (?:image|picture|photo|photograph|scene)\b[^]*)?[\s,:;?.!]*$/i,
} as const satisfies Record<string, RegExp>;

type ImageAxis = 'left_right' | 'above_below' | 'front_behind' | 'near_far';
/**
 * Words for the poles of an image's axes, in lists of options and in edges of scene graphs. The value of a word is its
 * opposite in a reversed edge; edges with other words are not reversed.
 */
export const AXIS_WORDS: Record<ImageAxis, Record<string, string | null>[]> = {
  left_right: [{ left: 'right' }, { right: 'left' }],
  above_below: [
    { above: 'below', over: 'under', higher: 'lower' },
    { below: 'above', under: 'over', beneath: 'above', underneath: 'above', lower: 'higher' },
  ],
  front_behind: [{ front: 'behind' }, { behind: 'in front of', back: null }],
  near_far: [
    { closer: null, nearer: null },
    { farther: null, further: null },
  ],
};

const wordsOf = (axis: ImageAxis, pole: 0 | 1): string => Object.keys(AXIS_WORDS[axis][pole]!).join('|');

/** Words for the poles of each axis in a list of options. */
export const MENU_POLES: Record<string, [low: string[], high: string[]]> = {
  near_far: [[`${wordsOf('near_far', 0)}|near|close`], [`${wordsOf('near_far', 1)}|far`]],
  left_right: [[wordsOf('left_right', 0)], [wordsOf('left_right', 1)]],
  above_below: [[wordsOf('above_below', 0), 'on top'], [wordsOf('above_below', 1)]],
  front_behind: [['in front', wordsOf('front_behind', 0)], [wordsOf('front_behind', 1)]],
  'size height length width': [['smaller|shorter|narrower|thinner'], ['bigger|larger|taller|longer|wider']],
  quantity: [['fewer|less'], ['more']],
  containment: [['inside'], ['outside']],
};

/** Patterns for names and relations that are not plain. */
export const RELATIONS = {
  /** Name with a relation that identifies the object. The question asks about another relation. */
  referring:
    /\b(?:that|which|who|whose|with|of|on|in|at|by|from|and|or|near|next|beside|behind|between|holding|wearing|facing|looking|left|right|above|below|under|front|other|same)\b/i,
  /** Objects without a front. */
  frontless:
    /\b(?:ball|sphere|cube|cylinder|cone|block|box|cup|mug|glass|bowl|plate|bottle|jar|vase|can|pot|bucket|barrel|tree|pole|post|rock|stone|candle|apple|orange|coin)s?$/i,
  /** Words in reasoning that refer to the question or its answer instead of the image. */
  ofQuestion:
    /\b(?:yes|no|not|true|false|correct|incorrect|right answer|question|asked|answers?|statement|first|second|former|latter|options?|choices?)\b|\([A-H]\)|\b[A-H]\)/i,
} as const satisfies Record<string, RegExp>;

const FREE = String.raw`[-−]?(?:\d+(?:\.\d+)?|\.\d+)`;
/** Patterns for forms of coordinates. */
export const COORDINATE_SIGNS = {
  /** Numbers in brackets, including adjacent and nested ones: (1,2),(3,4), [[1, 2, 3, 4], [5, 6, 7, 8]]. */
  group: /(?<![[(]\s*)(?:[[(]\s*)+[-−\d.][-−\d.,;\s()[\]]*[\])]/g,
  tagged: /(?<=<([a-z_|]+)>)[-−\d.,;\s]+(?=<\/\1>)/gi,
  /** Text that consists only of numbers. */
  bare: /^\s*[-−\d.]+(?:\s*[,;\s]\s*[-−\d.]+)+[.\s]*$/,
  /** Numbers with their names, in the order of the format. */
  named:
    /\bx(?:1|_?min)?\s*[=:]\s*[\d.]+\W{1,3}y(?:1|_?min)?\s*[=:]\s*[\d.]+(?:\W{1,3}(?:x(?:2|_?max)|w(?:idth)?)\s*[=:]\s*[\d.]+\W{1,3}(?:y(?:2|_?max)|h(?:eight)?)\s*[=:]\s*[\d.]*\d)?/gi,
  /** Other forms of a coordinate, but not an object called X with a measure: "is X 2 m away", "X is 3rd". */
  other:
    /\bx(?:[12]|_?min|_?max)?(?:[- ](?:coordinate|position|value))?["']?(?:\s*[=:≈]\s*|\s+(?:is|of|at)\s+|\s+)(?!\d+(?:\.\d+)?(?:st|nd|rd|th|\s?(?:[cmk]?m|met(?:er|re)s?|centimet(?:er|re)s?|f(?:oo|ee)?t|inch(?:es)?|steps?|times|years?|seconds?|minutes?|degrees))\b)["']?[-−]?\.?\d|<(?:loc|bin|x|y|coord)_?\d+>|\bcoords=/i,
  /** Points in Molmo's format, in percent of the image. */
  molmo: /<points?(?=\s)[^<>\n]*>/g,
  paligemma: /(?:<loc\d{4}>){4}/g,
  /**
   * Tokens of models for places with a scale that the rules do not know, such as `<patch_index_0101>`, `<seg012>` or
   * `<25>`. Excludes numbered names of objects, such as `<region1>`.
   */
  token:
    /<(?!\|?\/?(?:regions?|reg|masks?|obj|objects?|im|img|image|pic|picture|photo|frame|video|view|person|h[1-6]\b)[\s_-]*\d*\b)\|?[a-z_]*\d+(?:\|)?>/gi,
  /** Brackets of any kind, together with their content. */
  bracketed:
    /<[^<>\n]+>|\{[^{}\n]+\}|\[[^[\]\n]+\]|\([^()\n]+\)|⟨[^⟨⟩\n]+⟩|«[^«»\n]+»|【[^【】\n]+】|\|[^|\n]+\||\/[^/\s]+(?:\/[\d.]+)+\/?/g,
  /** Possible place, in brackets or after "at": two numbers without units, possibly in a field of a tag. */
  pair: new RegExp(
    `(?<![\\p{L}\\p{N}_.])(?!\\d?\\d:\\d\\d(?!\\d))${FREE}(?:px)?(?:\\s*[,;:|×x/]\\s*|\\s+)${FREE}(?![\\p{L}\\p{N}_.]|\\s?(?:m|cm|mm|km|ft|am|pm)\\b)`,
    'u',
  ),
  field: new RegExp(`^<[^<>]*[,;|]\\s*${FREE}\\s*[,;|>]`, 'u'),
  at: new RegExp(
    `\\b(?:at|position|location|point|pixel) ${FREE}(?:,\\s*|\\s+)${FREE}(?![\\p{L}\\p{N}:]|,? \\p{L})`,
    'gu',
  ),
  /** Number after the name of an edge, a row or a column: `"left": 12`, `top=20`, `col: 4`. */
  keyed:
    /(?:\b(?:left|right|top|bottom|rows?|cols?|columns?|[uv])["']?|["'][rc]["'])\s*[=:]\s*["']?[-−]?\.?\d[\d.]*(?:px|%)?(?![\d.]|px|\s*\p{L})/giu,
  list: /(?<![\d.,])[-−]?(?:\d+(?:\.\d+)?|\.\d+)(?:\s*[,;]\s*[-−]?(?:\d+(?:\.\d+)?|\.\d+))+/g,
  /** List of the names of numbers, in the order of the numbers: "[ymin, xmin, ymax, xmax]", "cx, cy, w, h". */
  order:
    /\b(?:[xy](?:_?(?:min|max|c|center|centre|[0-2]))?|c[xy]|w|h|width|height|row|col(?:umn)?)\b(?:\s*[,;]\s*\b(?:[xy](?:_?(?:min|max|c|center|centre|[0-2]))?|c[xy]|w|h|width|height|row|col(?:umn)?)\b)+/gi,
  /** Gemini's key for a box. The box starts with y. */
  yFirst: /\bbox_2d\b/,
  /** Range of numbers, as in "normalised to [0, 1]". */
  range: /^0(?:\.0)? [-−]?(?:1|1\.0|100|999|1000)$/,
} as const satisfies Record<string, RegExp>;

/** Patterns for the spelling of an answer or a word. */
export const LETTERING = {
  /** Word with letters and at least two digits. */
  code: /(?<![\p{L}\p{N}<\\=_-])(?=[\p{L}-]*\d[\p{L}-]*\d)(?=[\d-]*\p{L})[\p{L}\d]+(?:-[\p{L}\d]+)*(?![\p{L}\p{N}_])/gu,
  /** Words that only look like a code: 20cm, 4x4, 1990s, 3-seater, object12. */
  noCode: /^(?:\d+(?:-?\p{Ll}+)+|\d+[x×]\d+|\p{Ll}{3,}-?\d{1,2})$|^\d+[A-Z]{1,2}$/u,
  /** Numbers that are not counts: 978-3-16-148410-0, 020 7946 0958. */
  figures: /(?<![\d.,])(?:\d{5,}|\d+(?:[- ]\d+){2,})(?!\.?\d)/g,
  /** Answer that consists only of a clothing size. */
  size: /^\W*(?:X{0,3}[SL]|M)\W*$/,
  capitals:
    /(?<!\p{L})(?!(?:YES|NO|NOT|LEFT|RIGHT|TRUE|FALSE|SUV|BMX|LED|DVD|ATM|USB|LCD|AND|THE)(?!\p{L}))\p{Lu}{3,}(?!\p{L})/gu,
  /** Capitalised word in the middle of a sentence, except I and the letter of an option. */
  // Test for the capital first: a look-behind from each space of a long gap would take quadratic time.
  name: /(?=\p{Lu})(?<=[\p{L}\p{N},;’'-]['"“(]*\s+['"“(]*)\p{Lu}\p{Ll}+/gu,
} as const satisfies Record<string, RegExp>;

export const ENDINGS = {
  /** Word in -ing for an action, but not for an object. */
  doing:
    /^(?!(?:build|ceil|paint|rail|light|w|r|k|str|th|someth|land|cross|draw|open|earr|stock|rat|read|mean|head|spell|rank|tim|greet|word|mark|letter|book)ings?$)\p{L}{2,}ing$/u,
  participle: /(?:[^e]ed|worn|held|made|taken|broken|hidden|cut|shown|seen|built|put|kept|written|drawn)$/,
  superlative: /(?:est|most)$/,
} as const satisfies Record<string, RegExp>;

/** Patterns for the spelling of a name. */
export const NAME_SIGNS = {
  article: /^(?:the|a|an|this|that|these|those|my|your|his|her|its|our|their|either)\s+/i,
  /** Verb, conjunction or punctuation mark, which no plain name contains. */
  sentence: /\b(?:is|are|was|were|be|has|have|because|since|if|then|than|and|or|but)\b|[,;:]|\.\s/i,
  singularS: /(?:ss|us|is|ous|lens|gas|bus|series|species|canvas|atlas|chess|news)$/,
  /** Word for an object that ends in -ing. */
  thingIng:
    /^(?:building|ceiling|painting|railing|awning|clothing|lighting|wing|ring|king|string|swing|sibling|duckling|wedding|bedding|evening|morning|parking|drawing|opening|landing|crossing|thing|something|covering|frosting|icing|earring|stocking|pudding|dumpling|sling)s?$/,
  /** Word for an object or a colour that ends in -ed. */
  thingEd: /^(?:red|bed|shed|sled|seed|weed|speed|reed)s?$/,
  /** Remark about the image, including all text after the remark. */
  inPicture: /\b(?:in|within|of) (?:the|this) (?:image|picture|photo|photograph|scene|view|frame)\b.*$/i,
  /** Remark about the point of view, including all text after the remark. */
  fromView:
    /\b(?:from|in) (?:the|your|my) (?:viewer|camera|observer)?(?:['’]s)? ?(?:perspective|point of view|view|viewpoint|side)\b.*$/i,
  participle: /(?:ing|ed|worn|held|made|taken|broken|hidden|left|cut|shown|seen|built|put|kept|lost)$/,
} as const satisfies Record<string, RegExp>;

/** Patterns for words that are not a side, or that might be a side unknown to the rules. */
export const EXCEPTIONS = {
  /** Words before a quotation that mark the quoted text as readable in the image. */
  read: /\b(?:says?|saying|said|reads?|reading|written|writes?|words?|text|letters?|lettering|labell?ed|labels?|signs?|marked|named|name|called|titled|title|spells?|spelled|logo|brand|printed|inscribed|inscription|message|song|movie|film|book|band|album|game)\W*$/i,
  /** Words after a quotation that mark the quoted text as readable in the image. */
  bearer:
    /^\s+(?:signs?|labels?|buttons?|posters?|boards?|notices?|banners?|stickers?|tags?|badges?|lettering)\b/i,
  /** Quotations that contain only directions, and are therefore lists of options: answer "left" or "right". */
  directionOnly:
    /^\W*(?:\b(?:to|on|at|in|the|of|and|or|far|top|bottom|upper|lower|front|back|rear|side|hand|corner|turn|left|right|leftmost|rightmost|clockwise|counterclockwise|yes|no|above|below|behind|center|middle)\b\W*)+$/i,
  textKey: /^(?:text|ocr|words?|content|transcription)$/i,
  signLike:
    /^(?=[^\p{L}]*\p{L})(?:[^\p{Ll}]*|(?:\p{Lu}[\p{L}'’]*|\d+)(?:\s+(?:\p{Lu}[\p{L}'’]*|\d+|of|the|and))*)$/u,
  format:
    /\b(?:format(?:ted)?|form|represent\w*|specif\w+|express\w*|defin\w+|denot\w+|encoded|normali[sz]ed|given (?:as|by)|origin|convention|starting (?:from|at)|(?:return|output|provide|give|answer|list)\b[^.]*\b(?:as|with))\b/i,
  coordinateWord: /\b(?:[xy][12]?|xmin|ymin|coordinates?|pixels?|width|height|box|bbox|0\s?,\s?0)\b/i,
  compass:
    /^(?:north|south|east|west|northeast|northwest|southeast|southwest|(?:north|south|east|west)(?:ern|erly|ward|wards|bound)|eastern|western|compass)$/,
  compassLetters: /^(?:[NS]{1,2}[EW]|[EW](?:NE|NW|SE|SW))$/,
  /** Words after a compass point that make it no direction: western films, saddles, hats; northern lights. */
  compassPhrase:
    /^(?:film|films|movie|movies|saddle|style|hat|boots|lights|toilet|food|clothes|world|cardinals?|right whales?)\b/,
  /** Letter of a non-Latin script, except a single Greek letter as a name: "angle α". */
  nonLatin:
    /(?!\p{Script=Greek}(?<!\p{L}\p{L})(?!\p{L}))[^\P{L}\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]|[Ａ-Ｚａ-ｚ]/u,
  /** Arrow made of ASCII characters, such as "->". */
  asciiArrow: /(?:^|\s)(?:<-+|-+>)(?=\s|$|[?.,])/,
  /** Words that contain "left" or "right" but are not sides. */
  unsided:
    /^(?:leftovers?|leftists?|leftism|righteous\w*|rightful\w*|rightly|rightists?|rightness|righted|righting|rightsiz\w+|righto)$|(?:b|f|w|up|out|down|forth|birth|copy|al|a)right|cleft/,
  /** Words whose meaning ../sides.ts decides: left, leftmost, topleft, right-handers … */
  sideWord:
    /^(?:top|bottom|upper|lower|mid|middle|center|centre|front|back|rear|far)?(?:left|right)(?:most|wards?|hand|handed|handedness|handers?|sides?|sided|footed|wing|wingers?|field|fielder|y|ies|est|s|'s)?$/,
} as const satisfies Record<string, RegExp>;
