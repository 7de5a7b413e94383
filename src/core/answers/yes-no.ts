import { readSaid } from '../../rows/read/said.ts';
import { plainText } from './plain-text.ts';
import { oppositesOf, sideIn } from './answer-sides.ts';
import { DENIES, askedThing, isVerb, wordsOf } from './answer-words.ts';

/**
 * Reads the verdict of a judge that was asked for 0 or 1. Returns the number if only one of the two occurs by itself in
 * the text (not as part of 10, 0.5 or -1), else null, so that the caller can ask again and then count a failure.
 */
export function parseJudge(text: string): 0 | 1 | null {
  const found = new Set(text.match(/(?<![\w.,-])[01](?![\w%]|[.,]\d)/g));
  return found.size === 1 ? (Number([...found][0]) as 0 | 1) : null;
}

export type YesNo = 'yes' | 'no';

/**
 * First words that decide the answer, and those that say both or neither. "Actually," and "In fact," begin VQASynth's
 * negative answers; a yes or no after them, or after "indeed", takes precedence.
 */
const LEADING: readonly [RegExp, YesNo | null][] = [
  [
    /^(?:yes|no|true|false)(?: ?\/ ?| or | and )(?:yes|no|true|false)\b|\bmaybe\b.*\bmaybe\b|\bcould be\b.*\bcould be\b|^no (?:idea|way to|less|fewer|wonder|matter)\b/,
    null,
  ],
  [
    /^(?:no (?:doubt|question)|yes|yeah|yep|yup|true|correct|i (?:believe|think|suppose|would say) so|indeed(?!,? (?:no|not|false|incorrect)\b)|(?:actually|in fact),? (?:yes|true|correct)|y$)\b|^(?:it|he|she|they|there|that) (?:is|are|was|were|does|do|did|has|have|can)$|^(?:sure|absolutely|certainly|of course|definitely|exactly|affirmative|that(?:'s| is) (?:right|correct|true))(?=[,.!;:-]|$)(?!, not\b)/,
    'yes',
  ],
  [
    /^(?:no|nope|nah|false|incorrect|not (?:true|correct|right|really)|(?:(?:it|that|this)(?: is|'s) )?(?:not possible|impossible)$|indeed,? (?:no|not|false|incorrect)|negative$|actually|in fact|n$)\b/,
    'no',
  ],
];

/** "I don't know" and "I can't see the image" mean neither, although they contain a negation. */
const ABSTAINS =
  /\b(?:can't|cannot|can not|unable to|not able to) (?:(?:actually|directly|currently) )?(?:assist|help|(?:see|view|access|open|process|analy[sz]e) (?:(?:the|this|that|your|any|an?) )?(?:\w+ )?(?:images?|pictures?|photos?|photographs?))\b|(?:\bnot|n't) (?:be |quite |entirely )?(?:sure|certain|clear)\b|(?:n't|\bnot) know\b|\b(?:can't|cannot|can not) (?:be )?(?:tell|determined?|judged?|answered)\b|\b(?:(?:impossible|hard|difficult) to (?:tell|say|determine|judge)|unclear|unsure|unknown)\b/;

/**
 * The paper's NO_ALIASES with the other contractions of "not", its YES_ALIASES, and the words that decide as first
 * words.
 */
const NEGATIVE =
  /\b(?:i don't think|i doubt|probably not|unlikely|hardly|(?:it is|it's|it would be|that is|that's) (?:wrong|untrue|inaccurate|mistaken|misleading)|incorrect|false|cannot|never|not|no|(?:is|are|was|were|do|does|did|has|have|had|would|could|should|ca|wo)n't)\b/;
const POSITIVE =
  /\b(?:yes|it is|it's|appears to be|looks like|seems like|definitely|likely|indeed|true|correct)\b/;
const ALIAS = new RegExp(`${NEGATIVE.source}|${POSITIVE.source}`, 'g');

/**
 * The yes or no that an answer gives to a question: it says so in so many words, or repeats the question as a statement.
 * Where it does neither, a row that declares its task is read with the aliases of paper B (R30); "likely to the right"
 * alone says no yes, but how sure another statement is.
 */
export const yesNoSaid = (text: string, question: string, withAliases: boolean): YesNo | null =>
  readSaid(
    text,
    (stretch) => plainYesNo(stretch, question) ?? (withAliases ? byAliases(stretch, question) : null),
  );

function byAliases(stretch: string, question: string): YesNo | null {
  const said = parseYesNo(stretch);
  if (said !== 'yes') return said;
  return parseYesNo(stretch.replace(/\blikely (?=\p{L})/giu, '')) ?? restated(stretch, question, true);
}

const VERDICT = /\b(?:yes|no|true|false|correct|incorrect)\b/g;
const isNo = (word: string): boolean => /^(?:no|false|incorrect)$/.test(word);

const plainYesNo = (stretch: string, question: string): YesNo | null =>
  decided(stretch, (plain) => {
    const said = new Set((plain.replace(/\bno (?!,)\p{L}+/gu, ' ').match(VERDICT) ?? []).map(isNo));
    if (said.size > 0) return said.size > 1 ? null : said.has(true) ? 'no' : 'yes';
    return restated(stretch, question);
  });

/**
 * "The cup is not left of the plate." repeats its question word for word, and denies it.
 * @param mayBeBare whether "on the left" alone is left of what the question names
 */
function restated(statement: string, question: string, mayBeBare = false): YesNo | null {
  const asked = question.replace(/^[^]*?(?=\b(?:is|are|was|were|does|do|did|has|have|can)\b)/i, '');
  const first = statement.split(/(?:[;!\n]|\.(?!\d)) ?/).find((part) => /\p{L}/u.test(part)) ?? '';
  // The question again states nothing.
  if (first.trim().endsWith('?')) return null;
  // "Not right of it", after a comma, is not a denial of what stands before.
  const clause = THERE.test(asked)
    ? first
    : first.replace(/, (?:and |but )?(?:not|rather than|instead of) [^,]*$/i, '');
  const words = wordsOf(clause);
  const negations = words.filter((word) => NEGATES.test(word)).length;
  if (words.some((word) => DENIES.test(word) && !NEGATES.test(word) && !wordsOf(question).includes(word)))
    return null;
  if (PAST.test(clause) && !PAST.test(question)) return null;
  const told = negations % 2 === 1 ? 'no' : 'yes';
  const thing = askedThing(asked.replace(THERE, 'is '));
  const said = matter(words);
  if (THERE.test(asked)) {
    const isTold =
      thing.length > 0 && words.includes(thing.at(-1)!) && (told === 'no' || /\bthere\b/i.test(clause));
    return isTold ? told : null;
  }
  const isPronoun = /^(?:it|he|she|they|this|that)$/.test(words[0] ?? '');
  const sought = matter(wordsOf(asked));
  const rest = sought.slice(thing.length);
  // "It is not empty", "It does not."
  if (isPronoun && said.length === 1) return told === 'no' ? 'no' : null;
  if (isPronoun && said.slice(1).join(' ') === rest.join(' ')) return told;
  if (!isPronoun && sought.length > 1 && ` ${said.join(' ')} `.includes(` ${sought.join(' ')} `)) return told;
  if (told === 'yes' && sought.includes('than') && said.join(' ') === exchanged(sought)) return 'no';
  const isAbout = isPronoun || said.slice(0, thing.length).join(' ') === thing.join(' ');
  const isSame =
    isAbout && thing.length > 0
      ? isSameSide(said.slice(isPronoun ? 1 : thing.length), rest, mayBeBare)
      : null;
  return isSame === null ? null : isSame ? told : told === 'yes' ? 'no' : null;
}

/**
 * Whether a statement gives the side that is asked about, of the same thing, or the opposite one: "to the right of it", of
 * "left of the plate"; null for all else. What is not on the opposite side need not be on this one.
 */
function isSameSide(told: readonly string[], asked: readonly string[], mayBeBare: boolean): boolean | null {
  const [[side, ...rest], [wanted, ...ofAsked]] = [told, asked].map((words) =>
    words.filter((word) => !AROUND_SIDE.test(word)),
  ) as [string[], string[]];
  const poles = oppositesOf(sideIn(wanted ?? ''));
  const pole = sideIn(side ?? '');
  // "It is right" may be a verdict.
  if (told.length === 1 && side === 'right') return null;
  const isOfSame =
    rest.join(' ') === ofAsked.join(' ') ||
    (ofAsked.length > 0 && IT.test(rest.join(' '))) ||
    (mayBeBare && rest.length === 0);
  if (poles === null || pole === null || !poles.includes(pole) || !isOfSame) return null;
  return pole === sideIn(wanted!);
}
/** "Crane taller than tower", of "tower taller than crane": both cannot be. */
function exchanged(words: readonly string[]): string {
  const than = words.indexOf('than');
  return [...words.slice(than + 1), ...words.slice(than - 1, than + 1), ...words.slice(0, than - 1)].join(
    ' ',
  );
}
const AROUND_SIDE = /^(?:to|on|in|at|side|hand)$/;
const IT = /^(?:of )?(?:it|him|her|them)$/;

const PAST = /\b(?:was|were|had)\b/i;
const NEGATES = /^(?:not|no|never|cannot|neither)$|n't$/;
const THERE = /^(?:is|are|was|were) there (?:any |an? |some )?|^(?:can|do) you see (?:any |an? |some )?/i;
const matter = (words: readonly string[]): string[] =>
  words.filter(
    (word) =>
      !isVerb(word) && !DENIES.test(word) && word !== 'there' && !/\wly$/.test(word) && !SURE.test(word),
  );
const SURE = /^(?:indeed|also|just|very|quite|really|any|some|yet)$/;

/**
 * Reads an answer as yes or no (R30). The first word decides if it can; else whole words and phrases of the alias lists
 * do, where a phrase next to a negation counts as negative ("it is definitely not"). Returns null if the text says both
 * or neither.
 */
export const parseYesNo = (text: string): YesNo | null =>
  decided(text, (plain) => {
    const [side = null, ...others] = new Set(aliasRuns(plain));
    return others.length === 0 ? side : null;
  });

/** What the first words decide, or else the rest of an answer that does not abstain. */
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

/** What the first words decide, null if they say both or neither; undefined if they decide nothing. */
export function leadingYesNo(text: string): YesNo | null | undefined {
  const bare = withoutLabel(text).replace(/[^\p{L}]+$/u, '');
  return LEADING.find(([pattern]) => pattern.test(bare))?.[1];
}

/** One verdict for each run of adjacent aliases: "no" if one is negative. An adverb may stand between two. */
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
