/** Patterns for options inside a question (../inline-options.ts). */

/** Announcement of options: "Options:", "The answer choices are:", "Choose one of the following:". */
const KINDS = String.raw`(?:(?:answer|possible|available|following|given|candidate|response)[ -])*(?:options?|choices?|answers|candidates)(?: are| list)?(?: below| as follows)?`;
const CALLS = String.raw`(?:please )?(?:select|choose|pick)(?: (?:one|an? (?:answer|option)|the (?:most )?(?:correct|best|right|appropriate|suitable) (?:answer|option|choice|one|response)s?))?(?:(?: (?:from|of|among|between|out of|below))?(?: (?:the )?(?:following|these|given|available|below|options|choices|answers|listed)){0,3})`;
/** Matches a place where a sentence can start. */
const FRESH = String.raw`(?:^|\n|(?<=[.?!:;)\]"'”？。]))\s*`;

/** Instructions to the person or model that answers. They contain words that no option contains. */
const TO_ANSWERER = [
  'Answer (?:with|using|by|in|only|directly|the question)',
  'Please',
  '(?:Select|Choose|Pick) (?:one|only|from|among|an? (?:option|letter|answer)|the (?:most |single )?(?:correct|right|best|letter|option|answer|appropriate))',
  '(?:Respond|Reply)',
  '(?:Give|Output|Provide|Return|Write|Put|Enclose|State|Indicate) (?:only|just|your|the (?:letter|option|answer|final|correct))',
  'Your (?:answer|response|final|task|output)',
  'You (?:must|should|may|can|need|are)',
  '(?:Only|Just) (?:answer|output|give|respond|reply|write|return|the (?:letter|option|answer))',
  'Do not',
  "Don['’]t",
  'Think (?:step|carefully|about|first|through)',
  'First,? (?:think|output|reason)',
  "Let['’]s think",
  '(?:Note|Hint|Answer|Final answer|The answer|Assistant|Response) ?[:：]',
  'The (?:final )?answer should',
  'End your',
  '(?:Answer|答案?|A[:：])\\s*$',
  '请',
  '答案?[:：]',
].join('|');

export const OPTION_SIGNS = {
  /** Quick test for any of the signs in this table. */
  any: /[([（【]\s?[Aa1]\s?[)\]）】]|(?:^|[\s,;?!*.？。])[Aa1]\*{0,2}(?:[).:、．：）]|\s[-–—]\s)|\b(?:options|choices|answers|choose|select|pick)\b/i,
  /**
   * Letter before an option: "(A)", "[B]", "A.", "b)", "C:", "Option A:", "**A.**", "A、". The letter is followed by
   * spaces or, in a list without spaces, by the option.
   */
  letter:
    /(?:(?<open>[([（【])\s?(?<label>[A-Za-z])\s?(?<close>[)\]）】])[.:]?|(?<=^|[\s,;?!*？。])(?:(?:option|choice) )?(?<bare>[A-Za-z])\*{0,2}(?:(?<sign>\.\)|[).:])\*{0,2}(?:(?=\s|$)|(?<=[A-Z].)(?=\p{L}\p{Ll}|\d))|(?<wide>[、．：）])|(?<=(?:^|\n)[A-Z])\s(?<dash>[-–—])(?=\s)))[ \t]*/giu,
  /** Number before an option: "1.", "(2)". */
  number:
    /(?:(?<open>[([（])\s?(?<label>\d{1,2})\s?(?<close>[)\]）])|(?<=^|[\s,;?!*？。])(?:(?:option|choice) )?(?<bare>\d{1,2})(?:(?<sign>[).:])(?=\s|$)|(?<wide>[、．：）])))[ \t]*/giu,
  /** Separator between an option and the next option. */
  joint: /[\s,;*]+(?:(?:or|and)\s*)?$/i,
  /** Signs after an option that does not belong to a sentence. */
  end: /[.;,?!\s*]+$/,
  /** Start of an instruction after the options. */
  instruction: new RegExp(String.raw`(?:\s+|(?<=[.?!,;)\]。]))(?:${TO_ANSWERER})`),
  /** Boundary between a sentence and the next sentence. */
  sentence: /(?<=[.?!])\s+(?=\p{Lu})/u,
  /** Introduction of options at the end of the text before the options. */
  announces: new RegExp(
    String.raw`${FRESH}[*#]*(?:${KINDS}|the ${KINDS}|${CALLS}|选项)\s*[*]*\s*[:：.]?[*]*\s*$`,
    'i',
  ),
  /** Introduction before a list of options without letters. */
  before: new RegExp(
    String.raw`\b(?:options|choices|(?:possible|candidate|allowed) answers|(?:choose|select|pick) (?:between|from|one of))\b[^:\n]{0,80}[:：]\s*`,
    'i',
  ),
  /** Object whose name is a letter, before "A". A letter after the word for this object begins no options. */
  bearer:
    /\b(?:point|box|object|image|picture|photo|figure|frame|view|camera|marker|region|area|position|spot|person|player|room|vitamin|plan|group|type|class|team|route|path|label|letter|arrow|dot|circle)s?\s*$/i,
  /** Text that cannot be an option in a list, because it only joins two names. */
  joins: /^(?:[:,;)\]?!]|(?:and|or|than|which)\b)/i,
} as const satisfies Record<string, RegExp>;
