import { plainText } from './plain-text.ts';

/**
 * The sentences of an answer that say what it comes to: without introductions, without who says it, and with "not" in
 * front of what is denied.
 */

/** "Based on the image, …", "Judging by the shadows, …", "From what I can tell, …" say nothing of what is asked. */
const INTRODUCTION =
  /^\W*(?:(?:based on|according to|judging (?:by|from)|given|considering) [^;.]{1,120}?(?=, (?:it|this|that|the (?:room|place|image|picture|photo|photograph|scene)) (?:is|was|must|seems|looks|appears)\b)|(?:based on|according to|judging (?:by|from)|looking at|given|considering|(?:if|when) (?:you|we|i|one) (?:look|zoom)s?) [^,;.]{1,60}|(?:from|in) (?:the|this) (?:(?:provided|given) )?(?:image|picture|photo|photograph|scene)(?: provided| given)?|(?:from what|as far as|as) (?:i|we|you|one) can (?:see|tell|judge|make out)(?: (?:here|from|in) [^,;.]{1,40})?|as (?:is )?(?:shown|seen|depicted|visible)(?: [^,;.]{1,40})?|in my (?:opinion|view)|to me|honestly|to be honest|upon [^,;.]{1,40}), /i;

/** "I can see that …", "It is clear that …" say only how it is known, unless they deny what follows. */
const REPORT =
  /^[^.;]{0,80}?\b(?:(?:see|say|think|believe|notice|observe|claim|state|conclude|suggest|assume|argue|confirm|doubt|deny|appears?|seems?|shows?|indicates?|true|false|wrong|untrue|incorrect|inaccurate|correct|right|clear|obvious|evident|likely|unlikely|case|fact|mistake|stretch) that|(?:say|think|believe|claim|doubt|suppose|guess)(?= (?:the|it|he|she|they|there|this|its|his|her)\b)) /i;

/** What else may stand before "that", if it denies what follows: "It is doubtful that the …". */
const REMARK =
  /^(?:it|i|we|one|you|nobody|no one|nothing|there|this|the (?:image|picture|photo|scene))\b[^.;]{0,60}? that (?=(?:the|it|he|she|they|there|a|an|this|its|his|her)\b)/i;

const DENIAL =
  /\b(?:not|no|never|neither|nor|cannot|nothing|nobody|none|hardly|scarcely|barely|doubt|doubtful|deny|wrong|false|incorrect|untrue|inaccurate|mistake|mistaken|misleading|impossible|unlikely|improbable|questionable|dispute|disagree|reject|stretch)\b|n't\b/gi;

/** ", unlike the cup on the left": what is told of another thing for contrast. */
const CONTRAST = /,? (?:unlike|in contrast to|as opposed to) [^,.;:!?]+/gi;

/** ", while the one by the door is yellow": of another one than the one that was asked about. */
const OTHER_ONE = /,? (?:while|whereas|but|and) (?:the|that|those) (?:ones?|others?)\b[^.;!?]*/gi;

/** "At first glance it looks like the left, but …", "I first thought of a cat, but …": taken back by what follows. */
const FIRST_GLANCE =
  /(?<=^|[.!?]\s)(?:at first\b|i (?:first|initially) |initially\b|(?:it|this|that) (?:may|might|could) (?:look|seem|appear)\b)[^.;!?]*? but /gi;

/** "A newspaper, it seems." */
const AFTERTHOUGHT =
  /,? (?:it seems|it appears|i (?:think|believe|guess|suppose|would say)|apparently|as far as i can (?:see|tell)|most likely|probably)(?=\W*$)/i;

/** An even number of denials affirms: "I cannot deny that …". */
function withoutOpening(sentence: string): string {
  const rest = sentence.replace(INTRODUCTION, '').replace(AFTERTHOUGHT, '');
  const report = REPORT.exec(rest)?.[0] ?? '';
  const isDenial = (opening: string) => (opening.match(DENIAL) ?? []).length % 2 === 1;
  const remark = REMARK.exec(rest)?.[0] ?? '';
  if (isDenial(report)) return `not ${rest.slice(report.length)}`;
  return isDenial(remark) ? `not ${rest.slice(remark.length)}` : rest.slice(report.length);
}

const CONCLUSION =
  /(?:^|[,;:] )(?:and )?(?:so|therefore|thus|hence|overall|consequently|in (?:conclusion|summary|short)|to (?:summarize|summarise|conclude)|(?:this|that|which) (?:means|makes|implies)(?: that)?|(?:that|which) leaves|(?:(?:all|everything|both) (?:of )?(?:this|that|these)|these|this|that|which) (?:points? to|suggests?|indicates?)(?: that)?|meaning(?: that)?),? (.+)$/is;

/** "The laptop is in the foreground, so it is closer": the laptop is. */
const SUBJECT =
  /^\W*((?:the|an?|this|that|his|her|its) [\p{L} ]{1,40}?) (?=(?:is|are|was|were|appears?|seems?|looks?|stands?|sits?|lies?) )/iu;
const PRONOUN =
  /^(?:it|he|she|they)(?=(?: is| are|'s|'re| appears?| seems?| looks?| stands?| sits?| lies?| hangs?) (?!the |an? ))|^(?:it|he|she)(?='s (?!the |an? ))/i;

/** "Answer: above. The lamp hangs …": what follows a few words elaborates. */
const ELABORATION =
  /(?<=^\W*(?:[\p{L}\p{N}'-]+ ){0,3}[\p{L}\p{N}'-]+\W?\. )(?:the|it|he|she|they|this|there|as|since|because)\b.*$/iu;

/** The parts of a text that give its answer: what it boxes or calls its answer; else its conclusion; else all of it. */
export function answerSentences(text: string): string[] {
  const boxed = [...text.matchAll(/\\boxed\s*\{((?:[^{}]|\{[^{}]*\})*)\}/g)].at(-1)?.[1];
  const field = /^\W*(?:json)?\s*\{[^]*"(?:final_?)?(?:answer|label|result|response)"\s*:\s*"([^"]+)"/i.exec(
    text,
  )?.[1];
  if (field) return [plainText(field)];
  if (boxed) return [plainText(boxed.replace(/\\text\s*\{([^{}]*)\}/g, '$1'))];
  const plain = plainText(text)
    .replace(/(?<=\p{L})-(?=\p{L})/gu, ' ')
    .replace(/\b(?:i\.e\.|e\.g\.),?/gi, '; ')
    .replace(CONTRAST, '')
    .replace(OTHER_ONE, '')
    .replace(FIRST_GLANCE, '');
  const stated = [
    ...plain.matchAll(
      /\b(?:answer|conclusion)(?: is|:| would be)+:? ?(?:that )?\n?([^\n]*)|(?:^|\n)#+ ?(?:final )?answer\W*\n([^\n]*)/gi,
    ),
  ]
    .at(-1)
    ?.slice(1)
    .find((one) => one !== undefined);
  const said = (stated?.trim() ? stated.replace(ELABORATION, '') : plain).replace(
    /^.*[.,;!?] ?(?:no|wait|actually), /is,
    '',
  );
  const sentences = said
    .split(/(?<=[.!?;])\s+|\n+|;\s*|\s*—\s*/)
    .filter((sentence) => /[\p{L}\p{N}]/u.test(sentence))
    .map(withoutOpening);
  const concluding = sentences.flatMap((sentence) => {
    const conclusion = CONCLUSION.exec(sentence)?.[1] ?? [];
    const subject = SUBJECT.exec(sentence)?.[1];
    return typeof conclusion === 'string' && subject ? conclusion.replace(PRONOUN, subject) : conclusion;
  });
  return concluding.length > 0 ? [concluding.at(-1)!] : sentences;
}
