import { percentText } from '../../base/format.ts';
import { letterOf } from '../../base/item-names.ts';
import { choiceIndex } from '../../rows/sample/choices.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { taskOf } from '../answers/score-row.ts';
import { parseYesNo } from '../answers/yes-no.ts';
import { QuestionOnly } from './question-only.ts';

/** Bias in the right answers of a set that a model can exploit without the image. Shares are 0–1. */
interface GiveAway {
  kind: 'place' | 'side' | 'yes_no' | 'words';
  /** Most frequent position, side or yes/no answer; absent for `words`. */
  answer?: string;
  /** Share of the rows for which this answer, or the guess from words, is right. */
  share: number;
  chance: number;
  n: number;
}

/** Maximum number of rows, from the start of a set, from which the predictive words are learned. */
const HELD = 20_000;
/** Minimum number of rows that are needed to report a bias. */
const FEWEST = 20;
/** Minimum excess over chance of a reported bias, as a share and in standard deviations. */
const [GAP, DEVIATIONS] = [0.1, 4];

/** Right answer of one row: index and number of options, side, or yes/no answer. */
type GivenRow = ReturnType<typeof givenIn>;

/**
 * Returns the side in the right answer of a row, which a mirror swaps; null if it has none. A word such as "left" counts
 * in a choice, or if the whole answer is a side: in "TURN LEFT" on a sign, it is only text.
 */
export function sideInAnswer({
  question,
  answer,
  choices,
}: Pick<Sample, 'question' | 'answer' | 'choices'>): 'left' | 'right' | 'both' | null {
  const index = choices ? choiceIndex(answer, choices) : null;
  const text = (index === null ? answer : choices![index]!).toLowerCase();
  const [side, other] = new Set(Array.from(text.matchAll(/\b(left|right)(?:most)?\b/g), ([, word]) => word));
  if (side === undefined || (index === null && taskOf({ question, answer }) !== 'side')) return null;
  return other === undefined ? (side as 'left' | 'right') : 'both';
}

/** Reads the right answer of one row. @param isHeld whether words are still being learned (`GiveAways.isLearning`) */
function givenIn({ id, question, answer, choices, task, images }: Sample, isHeld: boolean) {
  const place = choices && choices.length > 1 ? choiceIndex(answer, choices) : null;
  const text = place === null ? answer : choices![place]!;
  const side = sideInAnswer({ question, answer, ...(choices && { choices }) });
  const isSide = side === 'left' || side === 'right';
  const row = { id, question, answer: text, images: images.slice(0, 1), ...(choices && { choices }) };
  return {
    place: place === null ? null : ([place, choices!.length] as const),
    side: isSide ? side : null,
    verdict: isSide ? null : parseYesNo(text),
    ...(isHeld && { held: { ...row, task: task ?? taskOf({ ...row, answer }) } }),
  };
}

/** Collects rows to detect whether the position, the side, or the words of the question predict the right answer. */
export class GiveAways {
  private readonly tallies = { place: new Tally(), side: new Tally(), yes_no: new Tally() };
  private readonly held: Sample[] = [];

  /** Reads the right answer of one row independently of other rows, as input for `take`. */
  static readonly look = givenIn;

  get isLearning(): boolean {
    return this.held.length < HELD;
  }

  take({ place, side, verdict, held }: GivenRow): void {
    if (place)
      this.tallies.place.add(
        letterOf(place[0]),
        Array.from({ length: place[1] }, (_, i) => letterOf(i)),
      );
    if (side !== null) this.tallies.side.add(side, ['left', 'right']);
    else if (verdict) this.tallies.yes_no.add(verdict, ['yes', 'no']);
    if (held && this.isLearning) this.held.push(held);
  }

  /** Returns one line per bias; an empty list without a bias. @param file file of the rows */
  lines(file: string): string[] {
    return this.all().map((giveAway) => textOf(giveAway, file));
  }

  /** Returns all biases with their values. */
  all(): GiveAway[] {
    const skewed = Object.entries(this.tallies).flatMap(([kind, tally]) =>
      tally.skewed(kind as GiveAway['kind']),
    );
    return [...skewed, ...this.words()];
  }

  /** Tests whether the words of a question predict its answer better than the most frequent answer does. */
  private words(): GiveAway[] {
    const reader = new QuestionOnly();
    const frequent = new Map<string, Map<string, number>>();
    for (const row of this.held) {
      reader.learn(row);
      const answers = frequent.get(row.task!) ?? new Map<string, number>();
      frequent.set(row.task!, answers.set(row.answer, (answers.get(row.answer) ?? 0) + 1));
    }
    const n = this.held.length;
    const constant =
      [...frequent.values()].reduce((sum, answers) => sum + Math.max(...answers.values()), 0) / n;
    const guessed = this.held.reduce(
      (sum, { choices = [] }) => sum + (choices.length > 1 ? 1 / choices.length : 0),
      0,
    );
    const right = this.held.filter((row) => reader.answer(row, row) === row.answer).length;
    const chance = Math.max(constant, guessed / n);
    return standsOut(right, n * chance, n * chance * (1 - chance), n)
      ? [{ kind: 'words', share: right / n, chance, n }]
      : [];
  }
}

const standsOut = (right: number, expected: number, variance: number, n: number): boolean =>
  n >= FEWEST && right - expected >= GAP * n && right - expected >= DEVIATIONS * Math.sqrt(variance);

class Tally {
  private readonly right = new Map<string, number>();
  private readonly expected = new Map<string, number>();
  private readonly variance = new Map<string, number>();
  private n = 0;

  add(answer: string, among: readonly string[]): void {
    this.n += 1;
    const p = 1 / among.length;
    this.right.set(answer, (this.right.get(answer) ?? 0) + 1);
    for (const each of among) {
      this.expected.set(each, (this.expected.get(each) ?? 0) + p);
      this.variance.set(each, (this.variance.get(each) ?? 0) + p * (1 - p));
    }
  }

  skewed(kind: GiveAway['kind']): GiveAway[] {
    const { n } = this;
    const [[answer, right] = ['', 0]] = [...this.right].sort(([, a], [, b]) => b - a);
    const expected = this.expected.get(answer) ?? 0;
    return standsOut(right, expected, this.variance.get(answer) ?? 0, n)
      ? [{ kind, answer, share: right / n, chance: expected / n, n }]
      : [];
  }
}

/** Describes a bias in one line. @param file file of the rows */
function textOf({ kind, answer = '', share, chance, n }: GiveAway, file: string): string {
  const figures = `${percentText(share)} of ${n} rows (chance: ${percentText(chance)})`;
  if (kind === 'words')
    return `The words of the question alone predict the answer of ${figures.replace('chance', 'most frequent answers')}. See chirality data audit ${file}.`;
  if (kind !== 'place') return `The answer is ${answer} in ${figures}.`;
  return `Option ${answer} is correct in ${figures}. To balance the positions of options, add --shuffle-options SEED to chirality convert.`;
}
