import { optionsOf, readQuestion, type Question } from './question.ts';
import type { Form, Row } from './row.ts';
import { Phrases } from './rules.ts';
import { askingSentence } from './sentence.ts';
import type { Text } from './tokens.ts';
import { wanted, type Wanted } from './wanted.ts';

const MENU = new Phrases(
  'left|leftmost .. @or|/|vs .. right|rightmost',
  'right|rightmost .. @or|/|vs .. left|leftmost',
);
const ASKS = new Phrases(
  'which|what _? @side|direction|way|hand|arm|eye|ear|foot|leg|lane|half|shoulder|knee|wing|corner|turn',
  'which|what @part of the|this <picture>',
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

/**
 * What a row asks: the only place that classifies a question. Each part is read when it is first wanted, since a mirror
 * needs the form alone.
 */
export class Asked {
  private read: Question | undefined;

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
    const { question, answer, choices } = this.row;
    const { words } = question;
    const lone = new Set([answer, ...choices].flatMap((text) => loneSide(text) ?? []));
    const menu = MENU.in(words);
    const which = WHICH.in(words);
    return {
      asksSide:
        menu ||
        ASKS.in(words) ||
        lone.size === 2 ||
        (lone.size === 1 && choices.some((choice) => PLACE.in(choice.words))) ||
        (which && loneSide(answer) !== undefined),
      menu,
      which: which && !CHOOSE.in(words),
      yesNo: (YES_NO.in(words) && !OR.in(words)) || TAG.in(words),
    };
  }
}

/** The side, if a text consists only of it: "Left.", "(A) on the right side". */
function loneSide({ words }: Text): string | undefined {
  const match = LONE.find(words);
  return match ? words[match.target.first]!.lower : undefined;
}
