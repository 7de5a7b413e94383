import { alternativesOf, inlineOptions, isOpenOption, type Alternative } from './alternatives.ts';
import { HEDGE, verdictClause, type Clause } from './clause.ts';
import { mainPhrase } from './main-phrase.ts';
import { POSTURE_BEFORE } from './noun-phrase.ts';
import { bareName, nameKey } from './names.ts';
import { afterPreamble, askingSentence, numberOf, referent } from './sentence.ts';
import { polarPhrases, type PolarPhrase } from './polar.ts';
import { verdictOf } from './verdict.ts';

/** What a question asks, as far as its main predicate goes. Places are character ranges in the question. */
export type Question =
  | {
      /** Yes or no: does the subject lie at the phrase's pole? */
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
      /** `reference`: "Is it closer to A or to B?" asks about what the distance is measured to. */
      role: 'subject' | 'reference';
      /** What the order is taken from or relative to: "the camera", "the table"; '' when unsaid. */
      anchor: string;
      /** The candidates are held against a third thing ("left of the table", "taller than the lamp"). */
      third: boolean;
      /** The thing stands, sits or moves there, so that "not" may be about that. */
      posture: boolean;
      /** Options that name no candidate: "the same". */
      openOptions: string[];
    }
  | {
      /** About the thing that the phrase picks out, without a list to pick from. */
      kind: 'object';
      main: PolarPhrase;
      rank: number;
      anchor: string;
      /** How many things there are to pick from, when the question says so. */
      of: number | null;
      /** What is asked is the thing itself, not its colour, count or box. */
      identity: boolean;
    }
  | { kind: 'none'; reason: string }
  | { kind: 'unclear'; reason: string };

export interface Candidate {
  text: string;
  /** Index among the options, when the row has options. */
  option: number | null;
}

/** The words of the poles that a menu can offer, per axis. */
const POLE_WORDS: Record<string, [RegExp, RegExp]> = {
  near_far: [/\b(?:closer|nearer|near|close)\b/i, /\b(?:farther|further|far)\b/i],
  left_right: [/\bleft\b/i, /\bright\b/i],
  above_below: [/\b(?:above|over|higher|on top)\b/i, /\b(?:below|under|beneath|underneath|lower)\b/i],
  front_behind: [/\b(?:in )?front\b/i, /\b(?:behind|back)\b/i],
  'size height length width': [
    /\b(?:smaller|shorter|narrower|thinner)\b/i,
    /\b(?:bigger|larger|taller|longer|wider)\b/i,
  ],
  quantity: [/\b(?:fewer|less)\b/i, /\bmore\b/i],
  containment: [/\binside\b/i, /\boutside\b/i],
};

/** The options of a row: its `choices`, else a list written after the question. */
export function optionsOf(question: string, choices: readonly string[] | undefined): string[] {
  if (choices && choices.length > 0) return [...choices];
  return inlineOptions(question);
}

/**
 * Understands a question about an order in space: which phrase is its main predicate, and what is asked of it. Polar
 * words inside names and referring phrases are not the main predicate. What cannot be told is `unclear`, never guessed.
 */
export function readQuestion(
  question: string,
  choices: readonly string[] | undefined,
  answer: string,
): Question {
  const none = (reason: string): Question => ({ kind: 'none', reason });
  const unclear = (reason: string): Question => ({ kind: 'unclear', reason });
  const sentence = askingSentence(question);
  const text = question.slice(sentence.start, sentence.end);
  const options = optionsOf(question, choices);
  const phrases = polarPhrases(text);

  if (/\bhow (?:close|near|far|distant|much|tall|big|large|small|wide|long|high|deep)\b/i.test(text))
    return none('asks for a magnitude');
  if (/\bhow many (?:more|fewer|less)\b/i.test(text)) return none('asks for a magnitude');
  if (
    /\b(?:distance|gap|spacing)\b/i.test(text) &&
    !phrases.some((p) => / distance$/i.test(p.text)) &&
    isMeasurement(text)
  )
    return none('asks for a magnitude');
  if (/\bwhat (?:is|was) (?:the|its) (?:\w+ )?(?:height|width|length|size|depth)\b/i.test(text))
    return none('asks for a magnitude');
  const menuAxes = axesOffered(text, options);
  if (
    /^(?:\W*)(?:where|(?:on |to |in )?(?:which|what) (?:side|direction|way|part))\b/i.test(
      afterPreamble(text),
    )
  )
    return none('asks for the relation itself');
  if (phrases.length === 0) {
    if (menuAxes.length > 0) return none('offers both poles');
    return /\b(?:top|bottom|upper|lower)[- ](?:left|right)\b/i.test(text)
      ? unclear('a corner has no single opposite')
      : none('has no predicate with an opposite');
  }
  if (/\b(?:not|never|neither|nor|except|without)\b|n['’]t\b/i.test(text)) return unclear('is negated');

  if (HEDGE.test(text)) return unclear('hedges');

  const full = phrases.map((p) => shift(p, sentence.start));
  const said = verdictOf(answerText(answer, options));
  const things = options.flatMap((text, option) =>
    isOpenOption(text) || verdictOf(text) ? [] : [{ text, option }],
  );
  const ends = { question, start: sentence.start, end: sentence.end };
  if (said) {
    if (menuAxes.length > 0) return none('offers both poles');
    const clause = verdictClause(ends, full, statedSubject(said.explanation));
    if (typeof clause === 'string')
      return clause === 'reference only' ? none('only a referring phrase has a pole') : unclear(clause);
    if ('refers' in clause)
      return {
        kind: 'object',
        main: clause.refers,
        rank: clause.rank,
        anchor: '',
        of: null,
        identity: false,
      };
    return { kind: 'verdict', main: clause.main, rank: clause.rank, clause };
  }

  const mentioned = things.flatMap((thing) => mentionsOf(thing.text, question, sentence));
  const listed = alternativesOf(text, cutOf(full, sentence)).map((a) => ({
    ...a,
    start: a.start + sentence.start,
    end: a.end + sentence.start,
  }));
  const blocked = [...listed, ...mentioned];
  const main = mainPhrase(ends, full, blocked);
  // "Which is closer, the left or the right one?" compares; "Is the taller man on the left or the right?" does not.
  const compares =
    typeof main !== 'string' &&
    (main.phrase.form === 'comparative' || main.phrase.form === 'superlative') &&
    !menuAxes.includes(main.phrase.axis);
  if (menuAxes.length > 0 && !compares) return none('offers both poles');
  if (typeof main === 'string')
    return main === 'reference only' ? none('only a referring phrase has a pole') : unclear(main);
  const anchor = anchorOf(question, main.phrase, sentence.end, blocked);
  const candidates: Candidate[] =
    things.length >= 2 ? things : listed.map(({ text: name }) => ({ text: name, option: null }));
  const inverted = /^(?:is|are|was|were|does|do|would|will)\b/i.test(afterPreamble(text));
  if (candidates.length < 2 && inverted) return unclear('is answered by neither yes, no nor a candidate');
  if (candidates.length < 2 || main.asksAbout) {
    return {
      kind: 'object',
      main: main.phrase,
      rank: main.rank,
      anchor,
      of: numberOf(text),
      identity: !main.asksAbout,
    };
  }
  const role =
    inverted &&
    main.phrase.axis !== 'quantity' &&
    listed.every((a) => a.start > main.phrase.end) &&
    listed.length > 0
      ? 'reference'
      : 'subject';
  return {
    kind: 'choice',
    main: main.phrase,
    rank: main.rank,
    candidates,
    role,
    anchor,
    third: againstThird(main.phrase, anchor, question.slice(main.phrase.end, sentence.end)),
    posture: POSTURE_BEFORE.test(question.slice(sentence.start, main.phrase.start)),
    openOptions: options.filter(isOpenOption),
  };
}

/** "Left of the table", "on his left", "taller than the lamp": the other candidate is only known not to be so. */
function againstThird(main: PolarPhrase, anchor: string, after: string): boolean {
  if (main.form === 'position')
    return anchor !== '' || /\b(?:his|her|its|their|my|your|our)\b/i.test(main.text);
  return main.form === 'comparative' && /\bthan (?!the other\b)/i.test(after);
}

/** The subject of an explanation that is a sentence of its own: "Yes, the cup is left of the plate." */
function statedSubject(explanation: string): string | undefined {
  const clause = verdictClause(
    { question: explanation, start: 0, end: explanation.length },
    polarPhrases(explanation),
  );
  return typeof clause === 'string' || 'refers' in clause || clause.subject === ''
    ? undefined
    : clause.subject;
}

const shift = (phrase: PolarPhrase, by: number): PolarPhrase => ({
  ...phrase,
  start: phrase.start + by,
  end: phrase.end + by,
});

function cutOf(phrases: readonly PolarPhrase[], { start }: { start: number }) {
  const [first] = phrases;
  return first ? { start: first.start - start, end: first.end - start } : null;
}

const isMeasurement = (text: string) =>
  /^(?:what|could|can|tell|give|measure|estimate|determine|provide|find|how)\b/i.test(afterPreamble(text)) &&
  !/\b(?:which|who)\b/i.test(text);

/** The axes of which a question or its options offer both poles. */
function axesOffered(text: string, options: readonly string[]): string[] {
  const offered = ([low, high]: [RegExp, RegExp]): boolean => {
    const [inLow, inHigh] = [options.some((o) => low.test(o)), options.some((o) => high.test(o))];
    if (
      inLow &&
      inHigh &&
      options.every((o) => low.test(o) || high.test(o) || isOpenOption(o) || verdictOf(o))
    )
      return true;
    return [...text.matchAll(/\s*(?:,\s*)?(?:\bor\b|\/)\s*/gi)].some(({ 0: or, index }) => {
      const before = text.slice(0, index);
      const after = text.slice(index + or.length);
      // A pole before a noun ("the left chair or the right chair") only says which chair.
      const ends = (pole: RegExp) =>
        new RegExp(
          `${pole.source}(?:[- ]hand)?(?: side)?(?:,? (?:of|to|from|than|the|it)\\b(?: \\S+){0,3})?$`,
          'i',
        ).test(before);
      const opens = (pole: RegExp) =>
        new RegExp(
          `^(?:(?:is|are|more|to|on|at|in|the|its|it|they) )*${pole.source}(?=[- ]hand|,? (?:side|of|to|from|than|the|it|him|her|them|me|you)\\b|\\s*[?.,;:)]|\\s*$)`,
          'i',
        ).test(after);
      return (ends(low) && opens(high)) || (ends(high) && opens(low));
    });
  };
  return Object.entries(POLE_WORDS).flatMap(([axes, words]) => (offered(words) ? axes.split(' ') : []));
}

/** The text of an answer that is a letter, else the answer. */
function answerText(answer: string, options: readonly string[]): string {
  const letter = /^\s*\(?([A-Ha-h])\)?[.):]?\s*$/.exec(answer)?.[1]?.toUpperCase();
  return (letter && options[letter.charCodeAt(0) - 65]) ?? answer.replace(/^\s*\(?[A-H][).:]\s+/, '');
}

function mentionsOf(
  name: string,
  question: string,
  { start, end }: { start: number; end: number },
): Alternative[] {
  const key = nameKey(name);
  if (key.length < 2 || polarPhrases(bareName(name)).some((p) => p.end - p.start >= key.length - 4))
    return [];
  const lower = question.toLowerCase();
  const out: Alternative[] = [];
  for (let at = lower.indexOf(key, start); at >= 0 && at < end; at = lower.indexOf(key, at + key.length))
    out.push({ text: name, start: at, end: at + key.length });
  return out;
}

/** What follows the phrase up to a comma, a comparison or the candidates: "the camera" in "closer to the camera than". */
export function anchorOf(
  question: string,
  main: PolarPhrase,
  end: number,
  blocked: readonly Alternative[],
): string {
  const stops = blocked.map((a) => a.start).filter((start) => start >= main.end);
  const tail = question.slice(main.end, Math.min(end, ...stops)).replace(/\([^()]*\)/g, '');
  return referent(
    tail.split(/[,:;?]|\s(?:than|compared|as compared|among|amongst|out of|between)\b|\s[–—-]\s/)[0]!,
  );
}
