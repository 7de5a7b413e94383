import { sum } from '../../../base/numbers.ts';
import type { JudgedRow } from '../outcomes.ts';
import { auditOf, type Audit } from './audit.ts';
import { drawOrder, firstAnswers, strataOf } from './draw-order.ts';
import { answerKey, saidOf, type Judgement } from '../../evaluation/judgement.ts';
import type { Said } from '../../evaluation/said-verdict.ts';
import { unitsOf, type AuditUnit } from './units.ts';

/** One evaluation, or two that are compared, with what people judged of them. */
export class Audited {
  private readonly units: AuditUnit[];
  /** What people said, by side and answer; only of what still reads as it did. */
  private readonly said: readonly Map<string, Map<string, Said>>[];
  /** Judgements of what reads otherwise now; they are not counted. */
  readonly outdated: number;
  /** The seed with which the order was drawn; null before anything is judged. */
  readonly seed: number | null;

  /**
   * @param rows of each side, as its judgements
   * @param hashOf a hash of what a person judges of a row
   */
  constructor(
    rows: readonly (readonly JudgedRow[])[],
    judgements: readonly (readonly Judgement[])[],
    hashOf: (row: JudgedRow) => string,
  ) {
    let outdated = 0;
    this.said = rows.map((ofSide, side) => {
      const hashes = new Map(ofSide.map((row) => [answerKey(row as never), hashOf(row)]));
      const fitting = judgements[side]!.filter((judgement) => {
        const hash = hashes.get(answerKey(judgement));
        if (hash !== undefined && hash !== judgement.hash) outdated += 1;
        return hash === judgement.hash;
      });
      return saidOf(fitting);
    });
    this.units = unitsOf(rows[0]!, rows[1]);
    this.outdated = outdated;
    this.seed = judgements.flat()[0]?.seed ?? null;
  }

  saidBy(person: string, side: 0 | 1, key: string): Said | undefined {
    return this.said[side]!.get(key)?.get(person);
  }

  /** @param verdict null withdraws what this person said before */
  say(person: string, side: 0 | 1, key: string, verdict: Said | null): void {
    const words = this.said[side]!;
    const people = new Map(words.get(key));
    if (verdict === null) people.delete(person);
    else people.set(person, verdict);
    if (people.size > 0) words.set(key, people);
    else words.delete(key);
  }

  /**
   * The sample that a person judges, in order.
   * @param size how many answers; a pair has two, and is not divided
   * @param more how many to add as often as this person has judged all of them; 0 for none
   * @returns the units' answers, the size with what was added, and how many answers are not in the sample
   */
  sampleFor(
    person: string,
    size: number,
    more: number,
    seed: number,
  ): { units: AuditUnit['answers'][]; size: number; left: number } {
    const order = drawOrder(strataOf(this.units, seed), seed);
    const isJudged = ({ answers }: AuditUnit) =>
      answers.every(({ side, key }) => this.saidBy(person, side, key) !== undefined);
    let units = firstAnswers(order, size);
    while (more > 0 && units.length < order.length && units.every(isJudged))
      units = firstAnswers(order, (size += more));
    const count = (some: readonly AuditUnit[]) => sum(some.map(({ answers }) => answers.length));
    return { units: units.map(({ answers }) => answers), size, left: count(order) - count(units) };
  }

  /** What the judgements come to. */
  audit(seed = this.seed ?? 0): Audit {
    return auditOf(this.units, ({ side, key }) => this.said[side]!.get(key), seed);
  }
}
