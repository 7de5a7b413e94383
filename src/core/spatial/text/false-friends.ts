/** Words that look like a pole of an axis and are none, with what they look like. */
const FALSE_FRIENDS: RegExp[] = [
  // Remarks, tags and quoted text are not the question's own words.
  /\([^()]*\)|<[^<>]*>|"[^"]*"|“[^”]*”/g,
  // far, close
  /\b(?:by far|so far|as far as|thus far|near future|nearby)\b/gi,
  // over, under
  /\bover (?:there|here|time|and over|the (?:course|years?))\b|\ball over\b|\bover (?=\d|an? (?:hour|year|day|period))/gi,
  /\bunder (?:construction|repair|renovation|control|way|attack|pressure|maintenance|cover)\b|\bunder (?=\d)/gi,
  // above, below, behind, inside
  /\b(?:above all|the above|above average|above[- ]mentioned|below average|see below|behind the scenes|inside out)\b|\b(?:above|below) (?=\d|zero)/gi,
  // more, most, less, least
  /\b(?:more or less|once more|any ?more|no more|at most|at least|most of|most likely|least likely|more likely|less likely)\b/gi,
  // Both poles of a pair name no pole.
  /\b(?:(?:on|to|at) the )?(?:left and (?:the )?right|right and (?:the )?left|top and (?:the )?bottom|front and (?:the )?back|near and far|above and below|inside and outside)(?: (?:sides?|ends?)(?: of)?)?\b/gi,
  // longer
  /\b(?:no|any) longer\b/gi,
  // left and right as directions of movement
  /\b(?:turn|move|rotate|go|look|walk|step|shift|drive|steer|lean|head|bend|face)(?:s|d|ed|ing|ning)? (?:\w+ly )?(?:(?:to|towards?) (?:the|my|your|his|her|its|their) )?(?:left|right)\b(?! of| side)/gi,
  // "upper" and "lower" before a noun only say which one
  /\b(?:upper|lower) (?=(?:shelf|shelves|row|level|floor|deck|drawer|cabinet|half|part|body|bunk|window|corner)\b)/gi,
];

/** A letter that is neither a word character nor white space, so that no rule matches across it. */
const FILLER = '\uE000';

/** The text with false friends blotted out, character for character, so that places stay the same. */
export function withoutFalseFriends(text: string): string {
  return FALSE_FRIENDS.reduce(
    (clean, pattern) => clean.replace(pattern, (match) => FILLER.repeat(match.length)),
    text,
  );
}
