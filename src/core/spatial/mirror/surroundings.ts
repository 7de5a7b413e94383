import type { Sample } from '../sample.ts';
import { counterSpelling } from './rotations.ts';
import type { Coordinates } from './coordinates.ts';
import { observations, weigh, type Reading } from './readings.ts';
import { tokenise } from '../language/tokens.ts';

export type Role = 'question' | 'answer' | 'reasoning' | 'choice' | 'label';

/** What the rest of a row tells about one of its texts. */
export interface Surroundings {
  role: Role;
  /** The question asks for a side, or offers both: a lone "right" answers it. */
  asksSide: boolean;
  /** The question offers both sides: "left or right?". */
  menu: boolean;
  /** The question asks for one of several. */
  which: boolean;
  /** The question is answered by yes or no. */
  yesNo: boolean;
  /** How the question reads its own *left* and *right*, where all its uses agree. */
  echo: (word: 'left' | 'right') => Reading | undefined;
  /** The row grounds a phrase ("blue shirt left" with a box): no sentence, so there are no verbs. */
  refers: boolean;
  /** "left chair", "right of", "lefts": the side words of the row, with the word after them. */
  phrases: ReadonlySet<string>;
  /** How the row spells the opposite of clockwise. */
  counter: string;
  /** All texts of the row. */
  text: string;
  coordinates: Coordinates;
}

const MENU =
  /\b(left|right)(?:most)?\b[^.?!]{0,40}(?:\bor\b|\/|\bvs\b)[^.?!]{0,40}\b(left|right)(?:most)?\b/i;
const ASKS =
  /\b(?:which|what) (?:\w+ )?(?:side|direction|way|hand|arm|eye|ear|foot|leg|lane|half|shoulder|knee|wing|corner|turn)\b|\bwhere\b|\bhow (?:should|do|must|can|would) (?:I|you|we|he|she|it|the \w+) (?:turn|move|rotate|get|go)\b/i;
const YES_NO =
  /^\W*(?:is|are|was|were|do|does|did|can|could|has|have|had|will|would|should|may|might|isn't|aren't|doesn't|don't)\b/i;
const WHICH = /\b(?:which|who)\b/i;
const LONE = /^\W*(?:[A-Z][.):]\s*)?\W*(?:on |to |at )?(?:the )?(left|right)(?: side| hand)?\W*$/i;

/** An answer of two numbers or more and nothing else but brackets and tags. */
const COORDINATES = /^(?=\D*\d+(?:\.\d+)?\D+\d)(?:<\/?\w+>|[-−\d.,;:\s()[\]{}"]|bbox_2d|point_2d)*$/;

type Row = Pick<Sample, 'question' | 'answer' | 'reasoning' | 'choices'>;

const textsOf = (row: Row): string[] => [
  row.question,
  row.answer,
  row.reasoning ?? '',
  ...(row.choices ?? []),
];

/** The surroundings of the texts of one row. `beside` is a row that speaks of the same things, its other view. */
export function surroundings(row: Row, coordinates: Coordinates, beside?: Row): Omit<Surroundings, 'role'> {
  const choices = row.choices ?? [];
  const all = textsOf(row);
  const known = beside ? [...all, ...textsOf(beside)] : all;
  const lone = new Set([row.answer, ...choices].flatMap((text) => LONE.exec(text)?.[1]?.toLowerCase() ?? []));
  const offered = MENU.exec(row.question);
  const menu = offered !== null && offered[1]?.toLowerCase() !== offered[2]?.toLowerCase();
  const directions = choices.some((c) =>
    /^\W*(?:up|down|above|below|behind|top|bottom|(?:in )?front|straight|forward|center|middle)\b/i.test(c),
  );
  return {
    asksSide:
      menu ||
      ASKS.test(row.question) ||
      lone.size === 2 ||
      (lone.size === 1 && directions) ||
      (WHICH.test(row.question) && LONE.test(row.answer)),
    menu,
    which: WHICH.test(row.question) && !/\b(?:correct|choose|pick|select)\b/i.test(row.question),
    yesNo:
      (YES_NO.test(row.question) && !/\bor\b/i.test(row.question)) ||
      /, (?:right|correct)\s*\?\s*$/i.test(row.question),
    echo: (word) => readingOf(word, row.question),
    refers: !/[.?!]\s*$/.test(row.question) && COORDINATES.test(row.answer),
    phrases: new Set(known.flatMap(sidePhrases)),
    counter: counterSpelling(known.join('\n')),
    text: all.join('\n'),
    coordinates,
  };
}

const SIDE = /left|right/i;

function sidePhrases(text: string): string[] {
  if (!SIDE.test(text)) return [];
  const tokens = tokenise(text);
  return tokens.flatMap((token, i) => {
    const next = tokens[i + 1];
    if (token.lower === 'lefts') return ['lefts'];
    return /^(?:left|right)$/.test(token.lower) && next?.kind === 'word'
      ? [`${token.lower} ${next.lower}`]
      : [];
  });
}

function readingOf(word: 'left' | 'right', text: string): Reading | undefined {
  if (!SIDE.test(text)) return undefined;
  const tokens = tokenise(text);
  const readings = new Set(
    tokens.flatMap((token, at) => (token.lower === word ? [weigh(observations(tokens, at)).reading] : [])),
  );
  const [only, ...others] = readings;
  return others.length === 0 && (only === 'side' || only === 'kept') ? only : undefined;
}
