import { partners, sign } from '../../read/words/sets.ts';
import { bareName, isPlural, nameKey, withoutArticle } from '../../read/names.ts';
import { type PolarPhrase, polarPhrases } from '../../read/polar-phrases.ts';
import { Sentence } from '../../read/sentence.ts';
import { applyEdits, type Edit, Text } from '../../read/tokens.ts';
import { FUNCTION_WORDS } from '../../read/words/lists.ts';
import { type Clause, verdictClause, oppositeHead, type YesNo } from '../../read/clause.ts';
import { isCamera } from '../../scene-graph/facts.ts';
import { answerFor, choiceIndex } from '../../sample/choices.ts';
import type { Question } from '../../read/asked.ts';

/** Meaning of the words about the subject that follow a yes or no. */
type Explanation =
  | { says: 'nothing' }
  /** "It is." and "It does not." only repeat the answer. */
  | { says: 'echo' }
  /** The subject is at the requested pole, or at the other one. `negated`: it is not. */
  | { says: 'pole'; pole: 'asked' | 'other'; negated: boolean }
  /** The other pole and a tie both remain possible, or the words are about something else. */
  | { says: 'open' };

const ECHO =
  /^(?:it|they|he|she|that|this|there)\s+(?:is|are|does|do|was|were|did|has|have)(?:n['’]t| not)?[.!]?$/i;
const TIE = /\b(?:either|neither|same|aligned|equal|equally|level|might|may|could|or|at least|both)\b/i;
const PRONOUN = /^(?:it|they|he|she|this|that)$/i;

/** Reads the explanation in an answer to a yes/no question. */
export function explanationOf({ explanation }: YesNo, asked: Clause): Explanation {
  const text = explanation.trim();
  if (text === '') return { says: 'nothing' };
  if (ECHO.test(text)) return { says: 'echo' };
  if (TIE.test(text)) return { says: 'open' };
  const negated = /\bnot\b|n['’]t\b/i.test(text);
  const clause = verdictClause(new Sentence(new Text(text)));
  if (typeof clause === 'string' || 'refers' in clause) return { says: 'open' };
  if (scaleOf(clause) !== scaleOf(asked)) return { says: 'open' };
  const is = (name: string, other: string) => other !== '' && nameKey(name) === nameKey(other);
  const straight = PRONOUN.test(clause.subject) || is(clause.subject, asked.subject);
  // "The plate is behind the cup" also implies that the cup is in front of the plate.
  const turned = is(clause.subject, asked.other);
  if (straight === turned) return { says: 'open' };
  if (clause.other !== '' && !is(clause.other, straight ? asked.other : asked.subject))
    return { says: 'open' };
  const same = (clause.main.pole === asked.main.pole) === straight;
  return { says: 'pole', pole: same ? 'asked' : 'other', negated };
}

/** Returns the scale of a comparison, which is the same for "in front of" and for "near the camera". */
function scaleOf({ main, anchor }: Clause): string {
  if (main.axis === 'front_behind' || (main.axis === 'near_far' && isCamera(anchor))) return 'depth';
  return main.axis === 'near_far' ? `near ${nameKey(anchor)}` : main.axis;
}

export const opposed = (text: string, { start, end, opposite }: PolarPhrase): string =>
  applyEdits(text, [{ start, end, to: opposite }]);

/** Returns the answer to the flipped question: the opposite yes/no, and all words that are still true. */
export function oppositeAnswer(answer: string, verdict: YesNo, explanation: Explanation): string {
  const head = oppositeHead(verdict.head);
  const text = verdict.explanation.trim();
  const lead = /^\s*/.exec(answer)![0];
  const stop = /[.!]\s*$/.test(answer) ? '.' : '';
  if (explanation.says === 'echo') return `${lead}${head}${verdict.joint || ', '}${oppositeEcho(text)}`;
  if (explanation.says === 'pole') {
    if (!explanation.negated) return `${lead}${head}${verdict.joint}${text}`;
    const [phrase] = polarPhrases(text);
    const plain = phrase && opposed(text, phrase).replace(/\b(is|are|was|were)(?: not|n['’]t)\b/i, '$1');
    if (plain && !/\bnot\b|n['’]t\b/i.test(plain)) return `${lead}${head}${verdict.joint}${plain}`;
  }
  return `${lead}${head}${stop}`;
}

/** Negates a repetition of the question: "it is." ↔ "it is not." */
function oppositeEcho(echo: string): string {
  if (/ not\b|n['’]t\b/i.test(echo)) return echo.replace(/ not\b|n['’]t\b/i, '');
  return echo.replace(/([.!]?)$/, ' not$1');
}

interface NamedAnswer {
  index: number;
  /**
   * Returns the answer in the same words for candidate `to`, with the predicate reversed. Null if the words are
   * unsuitable.
   */
  say: (to: number) => string | null;
}

type Choice = Question & { kind: 'choice' };

/**
 * Finds the candidate in an answer: as a letter, an option, a bare name or a sentence. `options` are the row's options,
 * `flippedOptions` the options after the flip (they differ if they contain the predicate). Null if the answer contains
 * no candidate, or contains more than the predicate.
 */
export function namedAnswer(
  answer: string,
  question: Choice,
  stem: string,
  options: readonly string[],
  flippedOptions: readonly string[],
): NamedAnswer | null {
  const { candidates, main } = question;
  const option = choiceIndex(stripLead(answer), options);
  if (option !== null) {
    const index = candidates.findIndex((candidate) => candidate.option === option);
    if (index < 0) return null;
    return {
      index,
      say: (to) => answerFor(answer, option, candidates[to]!.option!, options, flippedOptions),
    };
  }
  // A letter that refers to no option would precede another name.
  if (/^\(?[A-Ha-h][).:]/.test(stripLead(answer))) return null;
  const key = nameKey(stripLead(answer));
  const bare = candidates.findIndex(
    ({ text }) => nameKey(text) === key || nameKey(withoutRole(text, main)) === key,
  );
  if (bare >= 0) {
    const name = candidates[bare]!.text;
    const place = spanOf(answer, name);
    const say = (to: number) => {
      const edit = place && renamed(answer, place, name, candidates[to]!.text);
      return edit && applyEdits(answer, [edit]);
    };
    return { index: bare, say };
  }
  return sentence(answer, question, stem);
}

/** Removes the start of answers such as "Answer: (B)", "It is the cup.", "The answer is B." */
function stripLead(answer: string): string {
  return answer
    .trim()
    .replace(/^(?:the )?(?:correct )?(?:answer|option|choice)(?: is)?\s*:?\s*/i, '')
    .replace(/^(?:it|that)(?:'s|’s| is| would be) /i, '')
    .replace(/(?<=[\w)])\.$/, '');
}

/** Reduces an option such as "The cup is closer" to the name of its object. */
function withoutRole(text: string, main: PolarPhrase): string {
  return text.replace(
    sign`\s+(?:is|are|appears?|stands?|looks?)\b.*\b${escape(main.text.split(' ')[0]!)}\b.*$`,
    '',
  );
}

const escape = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

type TextEdit = Pick<Edit, 'start' | 'end' | 'to'>;

interface NameSpan {
  start: number;
  end: number;
  full: boolean;
}

/** Finds a name in a text, with or without the remark in brackets that belongs to the name. */
function spanOf(text: string, name: string): NameSpan | null {
  for (const [form, full] of [
    [name.trim(), true],
    [bareName(name), false],
  ] as const) {
    const core = withoutArticle(form.replace(/[\s.,;:!?]+$/, ''));
    const match = sign`(?<![\w-])${escape(core).replace(/ /g, '\\s+')}(?![\w-])`.exec(text);
    if (match) return { start: match.index, end: match.index + match[0].length, full };
  }
  return null;
}

/** Replaces the candidate in an answer, with article and verb. Null if article or verb cannot fit the new name. */
function renamed(text: string, { start, end, full }: NameSpan, from: string, to: string): TextEdit | null {
  const bareOf = (name: string) => withoutArticle(full ? name.trim() : bareName(name));
  const bare = bareOf(to);
  // A capital that only marks the start of the sentence is transferred to the new name.
  const capital = /^\p{Lu}/u.test(text.slice(start)) && !/^\p{Lu}/u.test(bareOf(from));
  const name = capital ? bare[0]!.toUpperCase() + bare.slice(1) : bare;
  const [before, after] = [text.slice(0, start), text.slice(end)];
  // Avoid "the one in the first box box" for "The one in the second box."
  if (after.trim().startsWith(bare.split(' ').at(-1)!)) return null;
  const [article = '', a, space] = /\b(a)n?(\s+)$/i.exec(before) ?? [];
  const edit = {
    start: start - article.length,
    end,
    to: `${a ? `${a}${/^[aeiou]/i.test(bare) ? 'n' : ''}${space}` : ''}${name}`,
  };
  if (isPlural(from) === isPlural(to)) return edit;
  if (/\b(?:an?|this|these|that|those)\s+$/i.test(before)) return null;
  const [verb, gap, number] = /^(\s+)(is|are|was|were|has|have)\b/i.exec(after) ?? [];
  if (verb)
    return { ...edit, end: end + verb.length, to: edit.to + gap + OTHER_NUMBER.get(number!.toLowerCase()) };
  return /^\s+[a-z]/i.test(after) ? null : edit;
}

const OTHER_NUMBER = new Map(partners('is are, was were, has have'));

function sentence(answer: string, question: Choice, stem: string): NamedAnswer | null {
  const { candidates, main } = question;
  // Search for the longest name first, so that "chair" is not found inside "red chair".
  const order = candidates
    .map((_, i) => i)
    .sort((a, b) => bareName(candidates[b]!.text).length - bareName(candidates[a]!.text).length);
  let open = answer;
  const places: { index: number; place: NameSpan }[] = [];
  for (const index of order) {
    const place = spanOf(open, candidates[index]!.text);
    if (!place) continue;
    places.push({ index, place });
    open = open.slice(0, place.start) + '\uE000'.repeat(place.end - place.start) + open.slice(place.end);
    if (spanOf(open, candidates[index]!.text)) return null;
  }
  places.sort((a, b) => a.place.start - b.place.start);
  const inName = (at: number) => places.some(({ place }) => at >= place.start && at < place.end);
  const phrases = polarPhrases(answer).filter((phrase) => !inName(phrase.start));
  if (places.length === 0 || places.length > 2 || phrases.length > 1) return null;
  const [phrase] = phrases;
  if (phrase && (phrase.axis !== main.axis || phrase.pole !== main.pole)) return null;
  const words = (text: string) => text.toLowerCase().match(/[\p{L}\p{N}'’]+/gu) ?? [];
  // Words of the question add no information to an answer, unless they belong to a predicate.
  const keys = new Set(
    words(
      polarPhrases(stem).reduceRight((text, { start, end }) => text.slice(0, start) + text.slice(end), stem),
    ),
  );
  const left = phrase ? open.slice(0, phrase.start) + open.slice(phrase.end) : open;
  if (words(left).some((word) => !FUNCTION_WORDS.empty.has(word) && !keys.has(word))) return null;
  if (/\b(?:than|compared)\b/i.test(left) !== (places.length === 2) && !/\bother\b/i.test(left)) return null;
  if (
    places.length === 2 &&
    (question.role === 'reference' ||
      (phrase && phrase.axis !== 'quantity' && places[0]!.place.start > phrase.start))
  )
    return null;

  return {
    index: places[0]!.index,
    say: (to) => {
      if (places.length === 2 && to !== places[1]!.index) return null;
      const others = [to, places[0]!.index];
      const edits = places.map(({ index, place }, k) =>
        renamed(answer, place, candidates[index]!.text, candidates[others[k]!]!.text),
      );
      if (phrase) edits.push({ ...phrase, to: phrase.opposite });
      return edits.every((edit) => edit !== null) ? applyEdits(answer, edits) : null;
    },
  };
}
