import { readSaid } from '../../rows/read/said.ts';
import { plainText } from './plain-text.ts';
import { meetsLimit } from './asked-limit.ts';
import { agrees, agreesInComparison } from './restated.ts';

/** Reads the score 0 or 1 of a judge. Null unless exactly one of them occurs as a number (not in 10, 0.5 or -1). */
export function parseJudge(text: string): 0 | 1 | null {
  const found = new Set(text.match(/(?<![\w.,-])[01](?![\w%]|[.,]\d)/g));
  return found.size === 1 ? (Number([...found][0]) as 0 | 1) : null;
}

export type YesNo = 'yes' | 'no';
const verdictOf = (agrees: boolean | null): YesNo | null => (agrees === null ? null : agrees ? 'yes' : 'no');

/**
 * First words that decide the answer, and phrases that mean both or neither. "Actually," and "In fact," begin
 * VQASynth's negative answers; a yes or no after these words, or after "indeed", takes precedence.
 */
const LEADING: readonly [RegExp, YesNo | null][] = [
  [
    /^(?:yes|no|true|false)(?: ?\/ ?| or | and )(?:yes|no|true|false)\b|\bmaybe\b.*\bmaybe\b|\bcould be\b.*\bcould be\b|^no (?:idea|way to|less|fewer|wonder|matter)\b/,
    null,
  ],
  [
    /^(?:no (?:doubt|question)|yes|yeah|yep|yup|true|correct|(?:i (?:believe|think|suppose|would say)|(?:it )?(?:appears|seems)) so|(?:it )?(?:looks|seems|appears) (?:like it|that way|to be(?: so| the case)?)$|i agree$|there (?:is|are) (?:one|two|three|four|five|several|some|many|\d+)$|indeed(?!,? (?:no|not|false|incorrect)\b)|(?:actually|in fact),? (?:yes|true|correct)|y$|(?:(?:most|very|quite) )?(?:likely|probably)$|t$|i (?:can )?see (?:one|two|three|some|several)$|(?:the|this) (?:statement|caption|description|claim|sentence) (?:(?:accurately|correctly) )?(?:holds|matches|fits|applies|describes)(?: (?:the|this|it)\b.*)?$)\b|^(?:it|he|she|they|there|that) (?:(?:sure|\w+ly) )?(?:is|are|was|were|does|do|did|has|have|can)(?=$|,? by\b)|^(?:sure|absolutely|certainly|of course|definitely|exactly|affirmative|for sure|without (?:a |any )?(?:doubt|question)|undoubtedly|you bet|that(?:'s| is) (?:right|correct|true))(?=[,.!;:-]|$| (?:it|he|she|they|there) (?:is|are|does|do)\b)(?!, not\b)/,
    'yes',
  ],
  [
    /^(?:no|nope|nah|false|incorrect|not (?:true|correct|right|really|at all|so|quite|yet$)|i doubt (?:it|that|so)\b|i'm afraid not|(?:unfortunately|sadly|apparently|obviously|surely) not?$|(?:(?:very|quite|highly) )?unlikely$|probably not$|f$|(?:the|this) (?:statement|caption|description|claim|sentence) (?:is wrong$|(?:does not|doesn't) (?:hold|match|fit|apply|describe)\b)|(?:absolutely|certainly|definitely|surely|clearly|obviously|of course) not|by no means|on the contrary|hardly$|i (?:don't|do not) (?:think|believe|suppose) (?:so|(?:it|there) (?:is|are|does)$)|there (?:is|are)(?:n't| not| none)$|there (?:does|do)(?:n't| not) (?:appear|seem) to be (?:one|any)$|(?:it )?(?:doesn't|does not) (?:look|seem|appear) (?:like it|that way|to be(?: so| the case)?)$|never$|not all(?: of (?:them|these|those))?$|i (?:disagree|wouldn't say (?:so|that)|would not say (?:so|that))$|(?:(?:it is|it's|quite|just|rather) )?(?:the )?(?:other way a?round|opposite|reverse|contrary)$|(?:(?:it|that|this)(?: is|'s) )?(?:not possible|impossible)$|indeed,? (?:no|not|false|incorrect)|negative$|actually|in fact|n$)\b/,
    'no',
  ],
];

/** Abstaining phrases that contain a negation, such as "I don't know". */
const ABSTAINS =
  /\b(?:can't|cannot|can not|unable to|not able to) (?:(?:actually|directly|currently) )?(?:assist|help|determine|tell|judge|confirm|(?:see|view|access|open|process|analy[sz]e) (?:(?:the|this|that|your|any|an?) )?(?:\w+ )?(?:images?|pictures?|photos?|photographs?))\b|(?:\bnot|n't) (?:be |quite |entirely )?(?:sure|certain|clear)\b|(?:n't|\bnot) know\b|\b(?:can't|cannot|can not) (?:be )?(?:tell|determined?|judged?|answered)\b|\b(?:(?:impossible|hard|difficult) to (?:tell|say|determine|judge)|unclear|unsure|unknown)\b/;

/** The paper's NO_ALIASES with other contractions of "not", its YES_ALIASES, and decisive first words. */
const NEGATIVE =
  /\b(?:i don't think|i doubt|probably not|unlikely|hardly|(?:it is|it's|it would be|that is|that's) (?:wrong|untrue|inaccurate|mistaken|misleading)|incorrect|false|cannot|never|not|no|(?:is|are|was|were|do|does|did|has|have|had|would|could|should|ca|wo)n't)\b/;
const POSITIVE =
  /\b(?:yes|it is|it's|appears to be|looks like|seems like|definitely|likely|indeed|true|correct)\b/;
const ALIAS = new RegExp(`${NEGATIVE.source}|${POSITIVE.source}`, 'g');

/**
 * Returns the yes or no of an answer: an explicit word, or a restatement of the question. With aliases, paper B's lists
 * apply if neither decides (R30). In paper B, "likely" before a word expresses certainty and is not a yes.
 */
export const yesNoSaid = (text: string, question: string, withAliases: boolean): YesNo | null =>
  readSaid(
    text,
    (stretch) => plainYesNo(stretch, question) ?? (withAliases ? byAliases(stretch, question) : null),
  ) ?? verdictOf(agreesInComparison(text, question));

/** Returns the yes or no of a reference answer, also of a statement that repeats the question. */
export const yesNoOf = (reference: string, question: string): YesNo | null =>
  parseYesNo(reference) ?? yesNoSaid(reference, question, false);

function byAliases(stretch: string, question: string): YesNo | null {
  const said = parseYesNo(stretch);
  if (said !== 'yes') return said;
  return (
    parseYesNo(stretch.replace(/\blikely (?=\p{L})/giu, '')) ?? verdictOf(agrees(stretch, question, true))
  );
}

/** Word that decides, and the negation before it: "not correct", "wrong to say yes", "the opposite is true". */
const VERDICT =
  /(?:(?<not>\bnot|n't|\bnever|\bwrong|\b(?:opposite|reverse|contrary)) (?:(?:at all|be|is|quite|really|entirely|exactly|strictly|necessarily|to|say|a|an) )*)?\b(?<word>yes|no|true|accurate|correct|(?<=\b(?:is|be|'s|n't|not) )the case|false|untrue|inaccurate|incorrect)\b(?! that [^.;!?\n]*[.;!?\n]\W*\p{L})/gu;
const isNo = ({ groups }: RegExpMatchArray): boolean =>
  /^(?:no|false|untrue|in)/.test(groups!.word!) !== (groups!.not !== undefined);

function plainYesNo(stretch: string, question: string): YesNo | null {
  const text = withoutConditions(stretch, question).replace(SURELY, '');
  const verdict = decided(text, (plain) => {
    const said = new Set([...plain.replace(/\bno (?!,)\p{L}+/gu, ' ').matchAll(VERDICT)].map(isNo));
    if (said.size > 0) return said.size > 1 ? null : said.has(true) ? 'no' : 'yes';
    return verdictOf(meetsLimit(text, question) ?? agrees(text, question));
  });
  // "In fact, it is taller" begins like VQASynth's negative answers, but says yes.
  if (verdict === 'no' && WEAK.test(text)) {
    const rest = text.replace(WEAK, '');
    if (agrees(rest, question, true) ?? agreesInComparison(rest, question)) return 'yes';
  }
  const opposite = verdict === null ? null : oppositeIn(text, verdict, question);
  return opposite === null ? verdict : leadingYesNo(text) === undefined ? opposite : null;
}

const WEAK = /^\W*(?:actually|in fact),? /i;
const SURELY =
  /(?<=\p{L}), (?:(?:there is|there's) )?(?:no|without(?: any| a)?) (?:doubt|question)(?: about (?:it|that))?/giu;

/** Returns the opposite of a verdict if a later clause says it: "Yes, the door is taller", for "Is the door lower?" */
function oppositeIn(text: string, verdict: YesNo, question: string): YesNo | null {
  const [, ...clauses] = text.split(CLAUSE);
  const said = clauses.map((clause) => {
    if (!MAY_OPPOSE.test(clause)) return verdict;
    return verdictOf(agrees(clause, question) ?? agreesInComparison(clause, question)) ?? verdict;
  });
  return said.find((other) => other !== verdict) ?? null;
}
const CLAUSE =
  /[.;:!?\n](?!\d)\W*(?:(?:but|however|and|though),? )?|,? \b(?:but|however|though|although|and|except that)\b,? |, (?=(?:the|an?|it|he|she|they|there|so|this|that)\b)/i;
/** Matches words for a relation, a negation or a progressive, without which a clause says no opposite. */
const MAY_OPPOSE =
  /er\b|ing\b|\b(?:no|not|left|right|front|behind|above|below|over|under|on|off|in|inside|outside|near|far|same|more|less|open|closed)\b|n't\b/i;
/** Removes what would hold under a condition that the question does not set: "Yes, if mirrored; as it stands, no." */
const withoutConditions = (text: string, question: string): string =>
  /\b(?:if|unless)\b/i.test(text) && !/\bif\b/i.test(question) ? text.replace(CONDITIONAL, ' ') : text;
const CONDITIONAL =
  /[^.;:!?\n]*?(?<!\bas )\b(?:if|unless) (?!(?:you|i|we)\b)[^.;:!?\n]*?(?=[.;:!?\n]|,? but\b|$)/gi;

/**
 * Reads an answer as yes or no (R30). The first word decides if possible, otherwise the words and phrases of the alias
 * lists. A phrase next to a negation counts as negative ("it is definitely not"). Null if both or neither occur.
 */
export const parseYesNo = (text: string): YesNo | null =>
  decided(text, (plain) => {
    const [side = null, ...others] = new Set(aliasRuns(plain));
    return others.length === 0 ? side : null;
  });

/** Returns the answer by the first words, otherwise by the rest of the text; null if the text abstains. */
function decided(text: string, byRest: (plain: string) => YesNo | null): YesNo | null {
  const lead = leadingYesNo(text);
  if (lead !== undefined) return lead;
  const plain = withoutLabel(text);
  return ABSTAINS.test(plain) ? null : byRest(plain);
}

const withoutLabel = (text: string): string =>
  plainText(text)
    .toLowerCase()
    .replace(/^[^\p{L}]+/u, '')
    .replace(/^(?:(?:my |the )?(?:final )?answer(?: is)?:?\s?)+["']?/, '');

/** Returns the answer by the first words; null for both or neither, undefined if the first words do not decide. */
export function leadingYesNo(text: string): YesNo | null | undefined {
  const bare = withoutLabel(text).replace(/[^\p{L}]+$/u, '');
  return LEADING.find(([pattern]) => pattern.test(bare))?.[1];
}

/** Returns yes or no for each run of adjacent aliases: "no" if an alias is negative. An adverb can separate aliases. */
function aliasRuns(text: string): YesNo[] {
  const runs: YesNo[] = [];
  let end = -1;
  for (const match of text.matchAll(ALIAS)) {
    const side: YesNo = NEGATIVE.test(match[0]) ? 'no' : 'yes';
    const joined =
      end >= 0 && /^,? ?(?:(?:\w+ly|also|just|still|really) )?$/.test(text.slice(end, match.index));
    if (!joined) runs.push(side);
    else if (side === 'no') runs[runs.length - 1] = 'no';
    end = match.index + match[0].length;
  }
  return runs;
}
