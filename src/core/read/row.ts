import { Text, type Token } from './tokens.ts';
import type { Sample } from '../sample/sample.ts';
import type { Coordinates } from './coordinates.ts';
import { observations, weigh, type Sense } from './senses.ts';
import { counterSpelling } from './side-words.ts';

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

/** What the rest of a row says about one of its texts. */
export interface Surroundings extends Form {
  role: Role;
  /** How the question uses *left* and *right* itself, if all its uses agree. */
  echo: (word: 'left' | 'right') => Sense | undefined;
  /** True if the row grounds a phrase ("blue shirt left" with a box), which is not a sentence and has no verbs. */
  refers: boolean;
  /** The side words of the row, with the word after each: "left chair", "right of", "lefts". */
  phrases: () => ReadonlySet<string>;
  /** How the row spells the opposite of clockwise. */
  counter: () => string;
  row: Row;
  coordinates: Coordinates;
}

const QUESTION_END = /[.?!]\s*$/;

/** An answer that consists of two or more numbers, with only brackets and tags around them. */
const COORDINATES = /^(?=\D*\d+(?:\.\d+)?\D+\d)(?:<\/?\w+>|[-−\d.,;:\s()[\]{}"]|bbox_2d|point_2d)*$/;

/** The surroundings of one row's texts. `beside` is a row about the same things: its other view. */
export function surroundings(
  row: Row,
  form: Form,
  coordinates: Coordinates,
  beside?: Row,
): Omit<Surroundings, 'role'> {
  const { question, answer } = row;
  const texts = beside ? [...row.texts, ...beside.texts] : row.texts;
  const readings = new Map<string, Sense | undefined>();
  let pairs: Set<string> | undefined;
  return {
    ...form,
    echo: (word) => {
      if (!readings.has(word)) readings.set(word, readingOf(word, question.tokens));
      return readings.get(word);
    },
    refers: !QUESTION_END.test(question.text) && COORDINATES.test(answer.text),
    phrases: () => (pairs ??= sidePhrases(texts)),
    counter: () => counterSpelling(texts),
    row,
    coordinates,
  };
}

function sidePhrases(texts: readonly Text[]): Set<string> {
  const sidePairs = new Set<string>();
  for (const { tokens } of texts) {
    tokens.forEach(({ lower }, i) => {
      const next = tokens[i + 1];
      if (lower === 'lefts') sidePairs.add('lefts');
      else if ((lower === 'left' || lower === 'right') && next?.kind === 'word')
        sidePairs.add(`${lower} ${next.lower}`);
    });
  }
  return sidePairs;
}

function readingOf(word: 'left' | 'right', tokens: readonly Token[]): Sense | undefined {
  const readings = new Set(
    tokens.flatMap(({ lower }, at) => (lower === word ? [weigh(observations(tokens, at)).reading] : [])),
  );
  const [only, ...others] = readings;
  return others.length === 0 && (only === 'side' || only === 'kept') ? only : undefined;
}
