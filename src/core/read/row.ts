import { Phrases } from './rules.ts';
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

/** What the rest of a row says about one of its texts. */
export interface Surroundings {
  role: Role;
  /** True if the question asks for a side, or offers both, so that a lone "right" answers it. */
  asksSide: boolean;
  /** True if the question offers both sides: "left or right?". */
  menu: boolean;
  /** True if the question asks for one of several things. */
  which: boolean;
  /** True if the question is answered by yes or no. */
  yesNo: boolean;
  /** How the question uses *left* and *right* itself, if all its uses agree. */
  echo: (word: 'left' | 'right') => Sense | undefined;
  /** True if the row grounds a phrase ("blue shirt left" with a box), which is not a sentence and has no verbs. */
  refers: boolean;
  /** The side words of the row, with the word after each: "left chair", "right of", "lefts". */
  phrases: ReadonlySet<string>;
  /** How the row spells the opposite of clockwise. */
  counter: () => string;
  row: Row;
  coordinates: Coordinates;
}

const MENU = new Phrases(
  'left|leftmost .. @or|/|vs .. right|rightmost',
  'right|rightmost .. @or|/|vs .. left|leftmost',
);
const ASKS = new Phrases(
  'which|what _? @side|direction|way|hand|arm|eye|ear|foot|leg|lane|half|shoulder|knee|wing|corner|turn',
  'where',
  'how should|do|must|can|would i|you|we|he|she|it @turn|move|rotate|get|go',
  'how should|do|must|can|would the _ @turn|move|rotate|get|go',
);
const YES_NO = new Phrases(
  "^^ <mark>* @is|are|was|were|do|does|did|can|could|has|have|had|will|would|should|may|might|isn't|aren't|doesn't|don't",
);
const OR = new Phrases('or');
const TAG = new Phrases(', @right|correct ? $$');
const WHICH = new Phrases('which|who');
const CHOOSE = new Phrases('correct|choose|pick|select');
const LONE = new Phrases(
  '^^ <mark>* { <lone> .|:|) }? <mark>* on|to|at? the? @left|right side|hand? <mark>* $$',
);
const PLACE = new Phrases(
  '^^ <mark>* @up|down|above|below|behind|top|bottom|front|straight|forward|center|middle',
  '^^ <mark>* in @front',
);
const QUESTION_END = /[.?!]\s*$/;

/** An answer that consists of two or more numbers, with only brackets and tags around them. */
const COORDINATES = /^(?=\D*\d+(?:\.\d+)?\D+\d)(?:<\/?\w+>|[-−\d.,;:\s()[\]{}"]|bbox_2d|point_2d)*$/;

/** The surroundings of one row's texts. `beside` is a row about the same things: its other view. */
export function surroundings(row: Row, coordinates: Coordinates, beside?: Row): Omit<Surroundings, 'role'> {
  const { question, answer, choices } = row;
  const known = beside ? [...row.texts, ...beside.texts] : row.texts;
  const lone = new Set([answer, ...choices].flatMap((text) => loneSide(text) ?? []));
  const asked = question.words;
  const menu = MENU.in(asked);
  const which = WHICH.in(asked);
  const readings = new Map<string, Sense | undefined>();
  return {
    asksSide:
      menu ||
      ASKS.in(asked) ||
      lone.size === 2 ||
      (lone.size === 1 && choices.some(({ words }) => PLACE.in(words))) ||
      (which && loneSide(answer) !== undefined),
    menu,
    which: which && !CHOOSE.in(asked),
    yesNo: (YES_NO.in(asked) && !OR.in(asked)) || TAG.in(asked),
    echo: (word) => {
      if (!readings.has(word)) readings.set(word, readingOf(word, question.tokens));
      return readings.get(word);
    },
    refers: !QUESTION_END.test(question.text) && COORDINATES.test(answer.text),
    phrases: sidePhrases(known),
    counter: () => counterSpelling(known),
    row,
    coordinates,
  };
}

/** The side, if a text consists only of it: "Left.", "(A) on the right side". */
function loneSide({ words }: Text): string | undefined {
  const match = LONE.find(words);
  return match ? words[match.target.first]!.lower : undefined;
}

function sidePhrases(texts: readonly Text[]): Set<string> {
  const found = new Set<string>();
  for (const { tokens } of texts) {
    tokens.forEach(({ lower }, i) => {
      const next = tokens[i + 1];
      if (lower === 'lefts') found.add('lefts');
      else if ((lower === 'left' || lower === 'right') && next?.kind === 'word')
        found.add(`${lower} ${next.lower}`);
    });
  }
  return found;
}

function readingOf(word: 'left' | 'right', tokens: readonly Token[]): Sense | undefined {
  const readings = new Set(
    tokens.flatMap(({ lower }, at) => (lower === word ? [weigh(observations(tokens, at)).reading] : [])),
  );
  const [only, ...others] = readings;
  return others.length === 0 && (only === 'side' || only === 'kept') ? only : undefined;
}
