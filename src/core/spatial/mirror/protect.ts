/** A stretch of text in which nothing is swapped, with the rule that protects it. */
export interface Span {
  start: number;
  end: number;
  rule: string;
}

const spanOf = (match: RegExpExecArray) => ({
  start: match.index,
  end: match.index + match[0].length,
});

/** Markup and names, which are not language. */
// A name is only searched for where it begins; trying each of its letters would take quadratic time.
const MACHINE: readonly RegExp[] = [
  /<\/?[a-zA-Z|][^<>\n]*>/g,
  /\{[\w .]+\}|\[(?:IMG|IMAGE|INST|MASK)\w*\]/g,
  /\b(?:https?:\/\/|www\.)\S+/g,
  /(?<![\w.-])[\w.-]+@[\w-]+\.\w+/g,
  /(?<![\w./\\-])[\w./\\-]*[\w-]\.(?:jpe?g|png|gif|webp|bmp|tiff?|mp4|json|txt|py)\b/gi,
  /\\(?:left|right)(?![a-z])[()[\].{}|]?/g,
];

/** Every form of markup contains one of these characters. */
const MAY_BE_MACHINE = /[<{[@\\/]|\.\S/;

const QUOTE = /"([^"\n]+)"|“([^”\n]+)”|‘([^’\n]+)’|(?<![\w'])'([^'\n]+)'(?!\w)/g;
/** Words before a quotation which say that it can be read in the picture. */
const READ =
  /\b(?:says?|saying|said|reads?|reading|written|writes?|words?|text|letters?|lettering|labell?ed|labels?|signs?|marked|named|name|called|titled|title|spells?|spelled|logo|brand|printed|inscribed|inscription|message|song|movie|film|book|band|album|game)\W*$/i;
/** Quotations of directions only, which are menus: answer "left" or "right". */
const DIRECTION_ONLY =
  /^\W*(?:\b(?:to|on|at|in|the|of|and|or|far|top|bottom|upper|lower|front|back|rear|side|hand|corner|turn|left|right|leftmost|rightmost|clockwise|counterclockwise|yes|no|above|below|behind|center|middle)\b\W*)+$/i;
/** A quoted value in JSON is language, unless its key says that it was read in the picture. */
const JSON_KEY = /["'](\w+)["']\s*:\s*$/;
const TEXT_KEY = /^(?:text|ocr|words?|content|transcription)$/i;
const SIGN_LIKE = /^(?:[^\p{Ll}]*|(?:\p{Lu}[\p{L}'’]*|\d+)(?:\s+(?:\p{Lu}[\p{L}'’]*|\d+|of|the|and))*)$/u;

/** Names of corners, as in the description of a format: "as top-left x, top-left y, width, height". */
const CORNER = /\b(?:top|upper|bottom|lower)[-\s]?(?:left|right)\b(?:[-\s]?(?:hand\s)?corners?)?/gi;
const FORMAT =
  /\b(?:format(?:ted)?|form|represent\w*|specif\w+|express\w*|defin\w+|denot\w+|encoded|normali[sz]ed|given (?:as|by)|origin|convention|starting (?:from|at)|(?:return|output|provide|give|answer|list)\b[^.]*\b(?:as|with))\b/i;
const COORDINATE_WORD = /\b(?:[xy][12]?|xmin|ymin|coordinates?|pixels?|width|height|box|bbox|0\s?,\s?0)\b/i;

/** Whether the corner named at `start`–`end` describes how numbers are written, instead of where something is. */
function describesFormat(text: string, start: number, end: number): boolean {
  const before = text.slice(0, start);
  const after = text.slice(end);
  if (/^\s*(?:corner)?\s*(?:point)?\s*\(?\s*[xy][12]?\b/i.test(after)) return true;
  if (/\b[xy][12]?\s*\)?\s*(?:of|is|are|=|:|for|denotes|being)?\s*(?:the)?\s*$/i.test(before)) return true;
  const from = Math.max(...['. ', '? ', '! ', '\n'].map((mark) => before.lastIndexOf(mark))) + 1;
  const until = after.search(/[.?!](?:\s|$)|\n/);
  const sentence = text.slice(from, until < 0 ? undefined : end + until);
  const opposite = [...sentence.matchAll(CORNER)].map((m) => m[0].toLowerCase().replace(/[^a-z]/g, ''));
  const pair =
    /^(?:top|upper)left/.test(opposite[0] ?? '') && /^(?:bottom|lower)right/.test(opposite[1] ?? '');
  return COORDINATE_WORD.test(sentence) && (FORMAT.test(sentence) || pair);
}

/**
 * Quotations of text that is visible in the picture, or of names. Other quotations (referring expressions, menus) are
 * language.
 */
function quotations(text: string): Span[] {
  return [...text.matchAll(QUOTE)].flatMap((match): Span[] => {
    const inner = match[1] ?? match[2] ?? match[3] ?? match[4]!;
    const before = text.slice(Math.max(0, match.index - 40), match.index);
    const key = JSON_KEY.exec(before)?.[1];
    const sign = SIGN_LIKE.test(inner.trim()) && !DIRECTION_ONLY.test(inner);
    const visible = key ? TEXT_KEY.test(key) : READ.test(before) || sign;
    return visible ? [{ ...spanOf(match), rule: 'kept.quote' }] : [];
  });
}

/** Everything in a text that must stay as it is, in no particular order. */
export function protectedSpans(text: string): Span[] {
  const machine = (MAY_BE_MACHINE.test(text) ? MACHINE : []).flatMap((pattern) =>
    [...text.matchAll(pattern)].map((match) => ({ ...spanOf(match), rule: 'kept.markup' })),
  );
  const corners = (/left|right/i.test(text) ? [...text.matchAll(CORNER)] : [])
    .map((match) => ({ ...spanOf(match), rule: 'kept.format' }))
    .filter(({ start, end }) => describesFormat(text, start, end));
  return [...machine, ...quotations(text), ...corners];
}
