/** What readers of free text return, and the answers that are none. */

/** What an answer of free text comes to: the text that was read, and whether it is right (null: rules cannot tell). */
export interface FreeReading {
  parsed: string | null;
  correct: boolean | null;
}

/** No answer, or one that does not commit itself; it is wrong. */
export const NO_ANSWER: FreeReading = { parsed: null, correct: false };
export const NOT_JUDGED: FreeReading = { parsed: null, correct: null };

/** "I don't know", and answers without a word. */
export const abstains = (text: string): boolean =>
  !/[\p{L}\p{N}]/u.test(text) ||
  /\b(?:not|n't|cannot|can't|unable to|impossible to|hard to|difficult to) (?:be |quite |really |clearly |reliably )?(?:sure|certain|clear|know|tell|say|see|determined?|judged?|answer(?:ed)?|identify|find|locate|discern|detect|ma[dk]e out|spot|view|assist|help)\b|\b(?:not possible|impossible) to \p{L}+|\btoo (?:blurry|dark|small|unclear|far|low) to (?:read|see|tell|identify|make)|\b(?:not able|unable) to (?:give|provide|diagnose)|\bi (?:cannot|can't) (?:measure|give|provide|read)|\bnot able to (?:see|view|compare|assist|help|tell|determine|identify)\b|\b(?:do not|don't) see (?:an?|any|the) [^,.;!?]{1,60} in (?:the|this) (?:image|picture|photo|photograph)\b|\b(?:unsure|unclear|unknown|no idea|undetermined)\b/iu.test(
    text,
  );

/** "Nothing", "both", "She isn't holding anything" and the like. */
export const namesNothing = (text: string): boolean =>
  /^\W*(?:nothing|nobody|no one|none|neither(?! [^.;]{1,60} nor [^.;]{1,60}[;.] *\p{L})|both)\b(?! (?:but|except)\b)|^[^.;!?]*(?:\bnot|n't)\b[^.;!?]*\b(?:anything|anybody|anyone)\b[^\p{L}]*$|^\W*(?:there (?:is|are) )?no \p{L}+ (?:is|are|was|were|can be)\b[^,;.]*\W*$|^\W*(?:i (?:can )?see|there(?: is| are|'s)) no(?:thing|body| one)?\b[^,;]*$/iu.test(
    text,
  );

/** "Left, right or behind", "(A) or (B)": the question's own list again. */
export const isEcho = (text: string, question: string): boolean => {
  const [said, asked] = [text, question].map(
    (of) =>
      of
        .toLowerCase()
        .match(/[\p{L}\p{N}]+/gu)
        ?.join(' ') ?? '',
  );
  return /,| or /i.test(text) && said!.includes(' ') && ` ${asked} `.includes(` ${said} `);
};

const GLOSS = /\((?![^()]*\b(?:or|not|maybe|perhaps|possibly)\b)[^()]*\)/gi;
/** "Silver (metallic gray)", "left (her own right)": without what only explains, in parentheses that take nothing back. */
export const withoutGloss = (text: string): string => text.replace(GLOSS, ' ');
