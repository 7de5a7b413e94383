/** Patterns for the task of a question (task.ts). */
export const ASKS = {
  count: /\bhow (?:many|often)\b|\bnumber of\b|^\W*count\b/i,
  /** Question such as "How many feet away is the door?" */
  units: /\bhow many (?:milli|centi|kilo)?(?:met(?:er|re)s|feet|foot|inches|yards|miles|[mck]m|m|ft)\b/i,
  area: /\b(?:area|size|how (?:big|large)|square (?:met|feet|foot))/i,
  length:
    /\bhow (?:far|wide|tall|long|high|deep|thick|big|large|close|much (?:space|distance))\b|\b(?:distance|width|height|length|depth|size|gap)\b/i,
  place:
    /\b(?:where|(?:which|what) (?:side|direction|way|corner|position|half|part)|position|located|location|direction|relation(?:ship)?|relative|side)\b|\b(?:left|right|above|below|front|behind)\b.*\bor\b|\bor away\b|\baway\b.*\bor\b/i,
  text: /^\W*(?:describe|explain|why|how (?:is|are|was|were|do|does|did|can|could|would)|tell|summari[sz]e|compare|discuss|write|give)\b/i,
} as const satisfies Record<string, RegExp>;

/** Patterns that determine the kinds of answers to the questions of a whole dataset (set-forms.ts). */
export const SET_SIGNS = {
  /** Start of a question with the answer yes or no, but not of an instruction such as "Do not explain." */
  opening:
    /^\W*(?:(?:is|are|was|were|does|did|can|could|has|have|had|will|would|should|isn't|aren't|wasn't|weren't|doesn't|didn't)\b|do(?!n['’]t)\b(?! (?:not|your|only|nothing|it)\b))/i,
  /** Words before the start of the question. */
  preamble:
    /^\W*(?:(?:in|from|on|at|based on|according to|looking at|given|if|when)\b[^,?.]{0,120},|question:?|then|so|and)\s*/i,
  /** Words that request more than yes or no: "Can you tell how many …?" */
  asks: /\b(?:what|which|who|whom|whose|how|where|when|why|tell|describe|explain|count|estimate|give|provide|name|identify|measure|find|list|locate|point)\b/i,
  either: /\bor\b|\//i,
  /** Options with which a question allows a yes/no answer. */
  verdicts:
    /\(?\b(?:yes|no|true|false|right|wrong|correct|incorrect|0|1) ?(?:or|\/) ?(?:yes|no|not|true|false|right|wrong|correct|incorrect|0|1)\b\)?|\b(?:or not|more or less)\b/gi,
  /** Words of a question that allow a yes/no answer, even if the question also requests something else. */
  verdict: /\b(?:true|false|yes)\b/i,
  /** Yes/no question inside another question. */
  clause: /[,:;"“(–—]\s*(?:is|are|was|were|do|does|did|can|has|have)\b|\bwhat about\b/i,
  angle: /\bangle\b|\bhow many degrees\b|\bin degrees\b/i,
  count:
    /\bhow many\b|^\W*(?:what(?:'s| is) the|give the|count|state the)(?: total)? (?:number of\b|.{0,20}\bcount\b)|^\W*count\b/i,
  place:
    /^\W*where\b|^\W*(?:on|in|to|at|from)? ?(?:which|what) (?:side|direction|way|corner|position|half|part|relative)\b/i,
  which: /^\W*(?:(?:of|in|on|at|to|from|with|among|between)\b[^?]{0,80}?[, ])?(?:which|what|who|whose)\b/i,
  /** Questions whose answer can be a word in the image: "What does the sign say?" "No." */
  reads:
    /\b(?:say|says|said|read|reads|written|write|word|words|text|letters?|sign|label|labell?ed|sticker|name|named|called|title|brand|logo|print(?:ed)?|marked)\b/i,
} as const satisfies Record<string, RegExp>;
