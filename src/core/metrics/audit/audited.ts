import { sum } from '../../../base/numbers.ts';
import type { JudgedRow } from '../outcomes.ts';
import { auditOf, type Audit } from './audit.ts';
import { drawOrder, firstAnswers, strataOf } from './draw-order.ts';
import { answerKey, saidOf, type Judgement } from '../../evaluation/judgement.ts';
import type { Said } from '../../evaluation/said-verdict.ts';
import { unitsOf, type AuditUnit } from './units.ts';

/** One evaluation, or two compared evaluations, with their human ratings. */
export class Audited {
  private readonly units: AuditUnit[];
  /** Ratings by side (first or second evaluation) and answer, only for answers whose text is unchanged. */
  private readonly said: readonly Map<string, Map<string, Said>>[];
  /** Number of ratings of answers whose text has changed since the rating; such ratings do not count. */
  readonly outdated: number;
  /** Seed of the order in which answers are rated; null without ratings. */
  readonly seed: number | null;

  /**
   * @param rows rows of each side, in the same order as the ratings
   * @param hashOf returns a hash of everything in a row that a person rates
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

  /** Records a rating. @param verdict null withdraws this person's earlier rating */
  say(person: string, side: 0 | 1, key: string, verdict: Said | null): void {
    const words = this.said[side]!;
    const people = new Map(words.get(key));
    if (verdict === null) people.delete(person);
    else people.set(person, verdict);
    if (people.size > 0) words.set(key, people);
    else words.delete(key);
  }

  /**
   * Returns the answers that a person rates, in order.
   * @param size number of answers; a pair has two answers and is not split
   * @param more number of answers to add when this person has rated all answers; 0 to add none
   * @returns answers by unit, the extended size, and the number of answers outside the sample
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

  /** Computes the results of the audit from all ratings. */
  audit(seed = this.seed ?? 0): Audit {
    return auditOf(this.units, ({ side, key }) => this.said[side]!.get(key), seed);
  }
}
