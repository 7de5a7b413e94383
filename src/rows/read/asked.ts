import { indexOfLetter } from '../../base/item-names.ts';
import type { Sample } from '../sample/sample.ts';
import { alternativesOf, axesOffered, isOpenOption, type Alternative } from './alternatives.ts';
import { inlineOptions } from './inline-options.ts';
import { verdictClause, type Clause, verdictOf } from './clause.ts';
import { SAYS } from './patterns.ts';
import { askingRange, askingSentence, mainPhrase, numberOf, REFERENCE_ONLY, Sentence } from './sentence.ts';
import { bareName, nameKey, placesOf, referent } from './names.ts';
import { polarPhrases, withoutFalseFriends, type PolarPhrase } from './polar-phrases.ts';
import { Text, type Token } from './tokens.ts';
import { FUNCTION_WORDS } from './words/lists.ts';
import { ALTERNATIVES } from './words/signs.ts';
import { wanted, type Wanted } from './lettering.ts';

/** Texts of a row. Each text is tokenised once for all rules. */
export interface Row {
  question: Text;
  answer: Text;
  reasoning: Text | undefined;
  choices: readonly Text[];
  /** All texts of the row, in the order of the fields above. */
  texts: readonly Text[];
  /** Words of all texts, where each text counts as a line. */
  words: readonly Token[];
}

const LINE: Token = { text: '\n', lower: '\n', start: -1, end: -1, kind: 'mark', joined: false };

const NO_TEXT = new Text('');

export function readRow(sample: Pick<Sample, 'question' | 'answer' | 'reasoning' | 'choices'>): Row {
  const question = sample.question === '' ? NO_TEXT : new Text(sample.question);
  const answer = sample.answer === '' ? NO_TEXT : new Text(sample.answer);
  const reasoning = sample.reasoning ? new Text(sample.reasoning) : undefined;
  const choices = sample.choices?.map((choice) => new Text(choice)) ?? [];
  const texts = [question, answer, ...(reasoning ? [reasoning] : []), ...choices];
  const words: Token[] = [];
  for (const text of texts) {
    if (text !== question) words.push(LINE);
    for (const word of text.words) words.push(word);
  }
  return { question, answer, reasoning, choices, texts, words };
}

export type Role = 'question' | 'answer' | 'reasoning' | 'choice' | 'label';

/** Expected kind of answer. This part of `Asked` determines the meaning of the single word "right". */
export interface Form {
  /** Whether the question asks for a side, or lists both sides, so that the single word "right" is an answer. */
  asksSide: boolean;
  /** Whether the question lists both sides: "left or right?". */
  menu: boolean;
  /** Whether the question asks for one of several objects ("which …"). */
  which: boolean;
  /** Whether the answer to the question is yes or no. */
  yesNo: boolean;
}

/** Content of a question about its main predicate. Positions are character ranges in the question. */
export type Question =
  | {
      /** Yes/no question: is the subject at the phrase's pole? */
      kind: 'verdict';
      main: PolarPhrase;
      rank: number;
      clause: Clause;
    }
  | {
      /** Choice: which candidate is farthest (or `rank`-th farthest) towards the phrase's pole? */
      kind: 'choice';
      main: PolarPhrase;
      rank: number;
      candidates: Candidate[];
      /** Role of the candidates. `reference`: the question compares distances to them: "closer to A or to B?" */
      role: 'subject' | 'reference';
      /** Origin or reference of the order, such as "the camera" or "the table"; '' if the question contains neither. */
      anchor: string;
      /** Whether the question compares candidates with a third object ("left of the table", "taller than the lamp"). */
      third: boolean;
      /** Whether the object has a posture or motion at the place. If so, "not" can refer to the posture or motion. */
      posture: boolean;
      /** Options that are no candidates, such as "the same". */
      openOptions: string[];
    }
  | {
      /** Question about the object that the phrase identifies, without a list of candidates. */
      kind: 'object';
      main: PolarPhrase;
      rank: number;
      anchor: string;
      /** Number of objects to choose from; null if the question does not contain this number. */
      of: number | null;
      /** Whether the question asks for the object itself, not for its colour, count or box. */
      identity: boolean;
    }
  | { kind: 'none'; reason: string }
  | { kind: 'unclear'; reason: string };

export interface Candidate {
  text: string;
  /** Index of the option that contains the candidate; null if the row has no options. */
  option: number | null;
}

/** Returns the options of a row: its `choices`, or else a list at the end of the question. */
export function optionsOf(question: string, choices: readonly string[] | undefined): string[] {
  if (choices && choices.length > 0) return [...choices];
  return inlineOptions(question);
}

/**
 * Reads a question about an order in space: its main predicate, and what it asks about this predicate. Polar words
 * inside names and referring phrases are not the main predicate. Ambiguous questions are `unclear`; rules never guess.
 */
export function readQuestion(
  text: string | Text,
  choices: readonly string[] | undefined,
  answer: string,
): Question {
  const question = typeof text === 'string' ? new Text(text) : text;
  const sentence = askingSentence(question);
  const options = optionsOf(question.text, choices);
  const menuAxes = axesOffered(sentence.words, options);
  const early = withoutPredicate(sentence, menuAxes);
  if (early) return early;
  const verdict = verdictOf(answerText(answer, options));
  return verdict ? asVerdict(sentence, menuAxes, verdict.explanation) : asChoice(sentence, menuAxes, options);
}

const none = (reason: string): Question => ({ kind: 'none', reason });
const unclear = (reason: string): Question => ({ kind: 'unclear', reason });
const notRead = (reason: string) => (reason === REFERENCE_ONLY ? none(reason) : unclear(reason));

/** Reads questions that need no main predicate: measurements, lists of poles, negation, hedges. */
function withoutPredicate(sentence: Sentence, menuAxes: string[]): Question | null {
  const { text, words, phrases } = sentence;
  const core = sentence.part(sentence.core);
  const distance =
    SAYS.distance.in(words) &&
    SAYS.order.in(core) &&
    !SAYS.which.in(words) &&
    !phrases.some((p) => / distance$/i.test(p.text));
  if (distance || SAYS.magnitude.in(words)) return none('asks for a magnitude');
  if (SAYS.relation.in(core)) return none('asks for the relation itself');
  if (menuAxes.length === 0 && SAYS.bareContrary.in(withoutFalseFriends(text, words)))
    return unclear('says near or far of nothing');
  if (phrases.length === 0) {
    if (menuAxes.length > 0) return none('offers both poles');
    return SAYS.corner.in(words)
      ? unclear('asks for a corner, which has no single opposite')
      : none('has no predicate with an opposite');
  }
  if (SAYS.negation.in(words)) return unclear('is negated');
  return SAYS.hedge.in(words) ? unclear('hedges') : null;
}

function asVerdict(sentence: Sentence, menuAxes: string[], explanation: string): Question {
  if (menuAxes.length > 0) return none('offers both poles');
  const clause = verdictClause(sentence, statedSubject(explanation));
  if (typeof clause === 'string') return notRead(clause);
  if ('refers' in clause) {
    const { refers: main, rank } = clause;
    return { kind: 'object', main, rank, anchor: '', of: null, identity: false };
  }
  return { kind: 'verdict', main: clause.main, rank: clause.rank, clause };
}

function asChoice(sentence: Sentence, menuAxes: string[], options: readonly string[]): Question {
  const { text: question, start, end, phrases } = sentence;
  const things = options.flatMap((name, option) =>
    isOpenOption(name) || verdictOf(name) ? [] : [{ text: name, option }],
  );
  const cut = phrases[0] && { start: phrases[0].start - start, end: phrases[0].end - start };
  const listed = alternativesOf(question.slice(start, end), cut ?? null).map((a) => shift(a, start));
  const blocked = [...listed, ...things.flatMap((thing) => mentionsOf(thing.text, sentence))];
  const main = mainPhrase(sentence, blocked);
  // "Which is closer, the left or the right one?" compares; "Is the taller man on the left or the right?" does not.
  const compares =
    typeof main !== 'string' &&
    (main.phrase.form === 'comparative' || main.phrase.form === 'superlative') &&
    !menuAxes.includes(main.phrase.axis);
  if (menuAxes.length > 0 && !compares) return none('offers both poles');
  if (typeof main === 'string') return notRead(main);

  const { phrase, rank, asksAbout } = main;
  if (!compares && listed.some(({ text }) => ALTERNATIVES.place.test(text))) return unclear('lists places');
  const anchor = anchorOf(question, phrase, end, blocked);
  const candidates: Candidate[] =
    things.length >= 2 ? things : listed.map(({ text: name }) => ({ text: name, option: null }));
  const inverted = FUNCTION_WORDS.inverted.has(sentence.part(sentence.core)[0]?.lower ?? '');
  if (candidates.length < 2 && inverted) return unclear('is answered by neither yes, no nor a candidate');
  if (candidates.length < 2 || asksAbout)
    return { kind: 'object', main: phrase, rank, anchor, of: numberOf(sentence), identity: !asksAbout };
  const after = inverted && phrase.axis !== 'quantity' && listed.length > 0;
  return {
    kind: 'choice',
    main: phrase,
    rank,
    candidates,
    role: after && listed.every((a) => a.start > phrase.end) ? 'reference' : 'subject',
    anchor,
    third: againstThird(phrase, anchor, sentence.part(phrase.end)),
    posture: SAYS.inPosture.in(sentence.part(start, phrase.start)),
    openOptions: options.filter(isOpenOption),
  };
}

/**
 * Returns whether a question compares candidates with a third object: "left of the table", "on his left", "taller than
 * the lamp". If so, the answer implies only that the other candidate is not at this place.
 */
function againstThird(main: PolarPhrase, anchor: string, after: readonly Token[]): boolean {
  if (main.form === 'position')
    return anchor !== '' || /\b(?:his|her|its|their|my|your|our)\b/i.test(main.text);
  return main.form === 'comparative' && SAYS.thanThird.in(after);
}

/** Returns the subject of an explanation that is a full sentence: "the cup" in "Yes, the cup is left of the plate." */
function statedSubject(explanation: string): string | undefined {
  const clause = verdictClause(new Sentence(new Text(explanation)));
  return typeof clause === 'string' || 'refers' in clause || clause.subject === ''
    ? undefined
    : clause.subject;
}

const shift = <T extends { start: number; end: number }>(span: T, by: number): T => ({
  ...span,
  start: span.start + by,
  end: span.end + by,
});

/** Returns the text of the chosen option if the answer is a letter; otherwise the answer itself. */
function answerText(answer: string, options: readonly string[]): string {
  const letter = /^\s*\(?([A-Ha-h])\)?[.):]?\s*$/.exec(answer)?.[1]?.toUpperCase();
  return (letter && options[indexOfLetter(letter)]) ?? answer.replace(/^\s*\(?[A-H][).:]\s+/, '');
}

function mentionsOf(name: string, { text: question, start, end }: Sentence): Alternative[] {
  const key = nameKey(name);
  if (key.length < 2 || polarPhrases(bareName(name)).some((p) => p.end - p.start >= key.length - 4))
    return [];
  return placesOf(question, key)
    .filter((place) => place.start >= start && place.start < end)
    .map((place) => ({ text: name, ...place }));
}

/** Returns the text before a comma, comparison or candidate: "the camera" of "closer to the camera than". */
function anchorOf(question: string, main: PolarPhrase, end: number, blocked: readonly Alternative[]): string {
  const stops = blocked.map((a) => a.start).filter((start) => start >= main.end);
  const tail = question.slice(main.end, Math.min(end, ...stops)).replace(/\([^()]*\)/g, '');
  return referent(tail.split(ALTERNATIVES.anchorEnd)[0]!);
}

/**
 * Question of a row. Only this class classifies questions. Each part is read on first use, because a mirror needs only
 * the form.
 */
export class Asked {
  private read: Question | undefined;
  private looked: Form | undefined;

  constructor(
    private readonly row: Row,
    private readonly choices: readonly string[] | undefined,
  ) {}

  /** Returns the options of the row, from its choices or from the end of the question. */
  get options(): string[] {
    return optionsOf(this.row.question.text, this.choices);
  }

  /** Returns the range of the question's sentence that the answer refers to. */
  get sentence(): { start: number; end: number } {
    return askingRange(this.row.question);
  }

  get predicate(): Question {
    const { question, answer } = this.row;
    return (this.read ??= readQuestion(question, this.choices, answer.text));
  }

  /** Returns the nouns whose object the answer must name or choose. */
  get nouns(): Wanted[] {
    return wanted(this.row.question);
  }

  /** Returns whether the question expects a side, one of several objects, or yes or no. */
  get form(): Form {
    return (this.looked ??= this.lookAtForm());
  }

  private lookAtForm(): Form {
    const { question, answer, choices } = this.row;
    const { words } = question;
    const lone = new Set([answer, ...choices].flatMap((text) => loneSide(text) ?? []));
    const menu = SAYS.menu.in(words);
    const which = SAYS.which.in(words);
    return {
      asksSide:
        menu ||
        SAYS.asks.in(words) ||
        lone.size === 2 ||
        (lone.size === 1 && choices.some((choice) => SAYS.lonePlace.in(choice.words))) ||
        (which && loneSide(answer) !== undefined),
      menu,
      which: which && !SAYS.choose.in(words),
      yesNo: (SAYS.yesNo.in(words) && !SAYS.or.in(words) && !SAYS.request.in(words)) || SAYS.tag.in(words),
    };
  }
}

/** Returns the side if a text consists only of a side: "Left.", "(A) on the right side". */
export function loneSide({ words }: Text): string | undefined {
  const match = SAYS.lone.find(words);
  return match ? words[match.target.first]!.lower : undefined;
}
