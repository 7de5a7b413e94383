import { indexOfLetter } from '../sample/choices.ts';
import type { Sample } from '../sample/sample.ts';
import { alternativesOf, axesOffered, isOpenOption, type Alternative } from './alternatives.ts';
import { inlineOptions } from './inline-options.ts';
import { verdictClause, type Clause, verdictOf } from './clause.ts';
import { SAYS } from './patterns.ts';
import { askingSentence, mainPhrase, numberOf, REFERENCE_ONLY, Sentence } from './sentence.ts';
import { bareName, nameKey, placesOf, referent } from './names.ts';
import { polarPhrases, withoutFalseFriends, type PolarPhrase } from './polar-phrases.ts';
import { Text, type Token } from './tokens.ts';
import { FUNCTION_WORDS } from './words/lists.ts';
import { ALTERNATIVES } from './words/signs.ts';
import { wanted, type Wanted } from './lettering.ts';

/** The texts of a sample, each tokenised once for all rules. */
export interface Row {
  question: Text;
  answer: Text;
  reasoning: Text | undefined;
  choices: readonly Text[];
  /** All texts, in the order above. */
  texts: readonly Text[];
  /** The words of all texts, one text per line. */
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

/** What kind of answer a question wants: the part of `Asked` by which a lone "right" is read. */
export interface Form {
  /** True if the question asks for a side, or offers both, so that a lone "right" answers it. */
  asksSide: boolean;
  /** True if the question offers both sides: "left or right?". */
  menu: boolean;
  /** True if the question asks for one of several things. */
  which: boolean;
  /** True if the question is answered by yes or no. */
  yesNo: boolean;
}

/** What a question asks about its main predicate. Positions are character ranges in the question. */
export type Question =
  | {
      /** Yes or no: does the subject lie towards the phrase's pole? */
      kind: 'verdict';
      main: PolarPhrase;
      rank: number;
      clause: Clause;
    }
  | {
      /** Which of the candidates lies (`rank`-th) farthest towards the phrase's pole? */
      kind: 'choice';
      main: PolarPhrase;
      rank: number;
      candidates: Candidate[];
      /** `reference`: the candidates are what the distance is measured to, as in "Is it closer to A or to B?". */
      role: 'subject' | 'reference';
      /** What the order starts from or is relative to: "the camera", "the table"; '' if not stated. */
      anchor: string;
      /** True if the candidates are compared with a third thing ("left of the table", "taller than the lamp"). */
      third: boolean;
      /** True if the thing stands, sits or moves there, so that "not" may refer to that. */
      posture: boolean;
      /** Options that name no candidate: "the same". */
      openOptions: string[];
    }
  | {
      /** About the thing that the phrase picks out, without a list of candidates. */
      kind: 'object';
      main: PolarPhrase;
      rank: number;
      anchor: string;
      /** How many things there are to pick from, if the question says so. */
      of: number | null;
      /** True if the thing itself is asked for, and not its colour, count or box. */
      identity: boolean;
    }
  | { kind: 'none'; reason: string }
  | { kind: 'unclear'; reason: string };

export interface Candidate {
  text: string;
  /** Index of the candidate's option, if the row has options. */
  option: number | null;
}

/** Returns the options of a row: its `choices`, else a list written after the question. */
export function optionsOf(question: string, choices: readonly string[] | undefined): string[] {
  if (choices && choices.length > 0) return [...choices];
  return inlineOptions(question);
}

/**
 * Reads a question about an order in space: which phrase is its main predicate, and what is asked about it. Polar words
 * inside names and referring phrases are not the main predicate. What cannot be determined is `unclear`, never guessed.
 */
export function readQuestion(
  text: string | Text,
  choices: readonly string[] | undefined,
  answer: string,
): Question {
  const question = typeof text === 'string' ? new Text(text) : text;
  const { start, end } = askingSentence(question);
  const sentence = new Sentence(question, start, end);
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

/** Cases that are decided without the main predicate: measurements, menus of poles, negation, hedges. */
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
 * Whether candidates are compared with a third thing: "left of the table", "on his left", "taller than the lamp". Then
 * the other candidate is only known not to be there.
 */
function againstThird(main: PolarPhrase, anchor: string, after: readonly Token[]): boolean {
  if (main.form === 'position')
    return anchor !== '' || /\b(?:his|her|its|their|my|your|our)\b/i.test(main.text);
  return main.form === 'comparative' && SAYS.thanThird.in(after);
}

/** The subject of an explanation that is a full sentence: "Yes, the cup is left of the plate." */
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

/** The option's text if the answer is a letter, else the answer. */
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

/**
 * The text after the phrase up to a comma, a comparison or the candidates: "the camera" in "closer to the camera than".
 */
function anchorOf(question: string, main: PolarPhrase, end: number, blocked: readonly Alternative[]): string {
  const stops = blocked.map((a) => a.start).filter((start) => start >= main.end);
  const tail = question.slice(main.end, Math.min(end, ...stops)).replace(/\([^()]*\)/g, '');
  return referent(tail.split(ALTERNATIVES.anchorEnd)[0]!);
}

/**
 * What a row asks: the only place that classifies a question. Each part is read when it is first wanted, since a mirror
 * needs the form alone.
 */
export class Asked {
  private read: Question | undefined;
  private looked: Form | undefined;

  constructor(
    private readonly row: Row,
    private readonly choices: readonly string[] | undefined,
  ) {}

  /** The options, as choices or written after the question. */
  get options(): string[] {
    return optionsOf(this.row.question.text, this.choices);
  }

  /** Where in the question the sentence stands that the answer refers to. */
  get sentence(): { start: number; end: number } {
    return askingSentence(this.row.question);
  }

  /** Which predicate is asked about, and over which candidates. */
  get predicate(): Question {
    const { question, answer } = this.row;
    return (this.read ??= readQuestion(question, this.choices, answer.text));
  }

  /** The nouns that the answer is to name or to pick. */
  get nouns(): Wanted[] {
    return wanted(this.row.question);
  }

  /** Whether a side, one of several things, or yes or no is asked for. */
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
      yesNo: (SAYS.yesNo.in(words) && !SAYS.or.in(words)) || SAYS.tag.in(words),
    };
  }
}

/** The side, if a text consists only of it: "Left.", "(A) on the right side". */
export function loneSide({ words }: Text): string | undefined {
  const match = SAYS.lone.find(words);
  return match ? words[match.target.first]!.lower : undefined;
}
