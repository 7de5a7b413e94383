import { counterSpelling } from './turns.ts';
import type { Coordinates } from './coordinates.ts';
import { observations, weigh } from './readings.ts';
import { tokenise } from './tokens.ts';

export type Role = 'question' | 'answer' | 'reasoning' | 'choice' | 'label';

/** What the rest of a row tells about one of its texts. */
export interface Surroundings {
  role: Role;
  /** The question asks for a side, or offers both: a lone "right" answers it. */
  asksSide: boolean;
  /** The question is answered by yes or no. */
  yesNo: boolean;
  /** The question speaks of a side itself, and uses left and right in no other sense. */
  sided: boolean;
  /** "left chair", "right of": every side word of the row with the word after it. */
  phrases: ReadonlySet<string>;
  /** How the row spells the opposite of clockwise. */
  counter: string;
  /** All texts of the row. */
  text: string;
  coordinates: Coordinates;
}

const MENU =
  /\b(left|right)(?:most)?\b[^.?!]{0,40}\b(?:or|\/|vs)\b[^.?!]{0,40}\b(left|right)(?:most)?\b|\bleft\s?\/\s?right\b|\bright\s?\/\s?left\b/i;
const ASKS =
  /\b(?:which|what) (?:\w+ )?(?:side|direction|way|hand|arm|eye|ear|foot|leg|lane|half|shoulder|knee|wing|corner|turn)\b|\bwhere\b|\bhow (?:should|do|must|can|would) (?:I|you|we|he|she|it|the \w+) (?:turn|move|rotate|get|go)\b/i;
const YES_NO =
  /^\W*(?:is|are|was|were|do|does|did|can|could|has|have|had|will|would|should|may|might|isn't|aren't|doesn't|don't)\b/i;
const LONE = /^\W*(?:[A-Z][.):]\s*)?\W*(?:on |to |at )?(?:the )?(left|right)(?: side| hand)?\W*$/i;

/** The surroundings of the texts of one row. */
export function surroundings(
  row: {
    question: string;
    answer: string;
    reasoning?: string | undefined;
    choices?: readonly string[] | undefined;
  },
  coordinates: Coordinates,
): Omit<Surroundings, 'role'> {
  const choices = row.choices ?? [];
  const all = [row.question, row.answer, row.reasoning ?? '', ...choices];
  const lone = new Set([row.answer, ...choices].flatMap((text) => LONE.exec(text)?.[1]?.toLowerCase() ?? []));
  const menu = MENU.exec(row.question);
  const both = menu !== null && menu[1]?.toLowerCase() !== menu[2]?.toLowerCase();
  const directions = choices.some((c) =>
    /^\W*(?:up|down|above|below|behind|top|bottom|(?:in )?front|straight|forward|center|middle)\b/i.test(c),
  );
  return {
    asksSide:
      both ||
      (menu !== null && !menu[1]) ||
      ASKS.test(row.question) ||
      lone.size === 2 ||
      (lone.size === 1 && directions),
    yesNo: YES_NO.test(row.question) && !/\bor\b/i.test(row.question),
    sided: speaksOfSides(row.question),
    phrases: new Set(all.flatMap(sidePhrases)),
    counter: counterSpelling(all.join('\n')),
    text: all.join('\n'),
    coordinates,
  };
}

function sidePhrases(text: string): string[] {
  const tokens = tokenise(text);
  return tokens.flatMap((token, i) => {
    const next = tokens[i + 1];
    return /^(?:left|right)$/.test(token.lower) && next?.kind === 'word'
      ? [`${token.lower} ${next.lower}`]
      : [];
  });
}

function speaksOfSides(text: string): boolean {
  const tokens = tokenise(text);
  const readings = tokens.flatMap((token, at) =>
    /^(?:left|right)$/.test(token.lower) ? [weigh(observations(tokens, at)).reading] : [],
  );
  return readings.length > 0 && readings.every((reading) => reading === 'side');
}
