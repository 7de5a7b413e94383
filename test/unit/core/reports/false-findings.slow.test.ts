import { describe, expect, it } from 'vitest';
import { measuredRow, type EvaluationRow } from '../../../../src/core/evaluation/evaluation-row.ts';
import { holm, studentP } from '../../../../src/core/metrics/statistics.ts';
import { Random } from '../../../../src/base/random.ts';
import { compareSection } from '../../../../src/core/reports/sections/comparison-section.ts';
import { outcomeOf } from '../../../../src/core/reports/sections/outcome-section.ts';
import { evaluationOf, OPTIONS, rowOf } from '../../../support/evaluation.ts';

const REPORTS = 200;

/** Yes/no rows in both views, right by `chance(kind, view)`; the rows of a kind come one after the other. */
function rowsOf(
  random: Random,
  { kinds, perKind, set = 'own' }: { kinds: number; perKind: number; set?: string },
  chance: (kind: number, view: 'original' | 'mirror') => number,
): EvaluationRow[] {
  return Array.from({ length: kinds * perKind }, (_, i) => {
    const kind = Math.floor(i / perKind);
    return (['original', 'mirror'] as const).map((view) =>
      rowOf({
        id: `${set}${i}`,
        set,
        view,
        task: 'yesno',
        question: `Is it | the ${i}th?`,
        answer: 'yes',
        completion: random.chance(chance(kind, view)) ? 'yes' : 'no',
        meta: { relation: `relation ${kind}` },
      }),
    );
  }).flat();
}

const share = (found: readonly boolean[]) => found.filter(Boolean).length / found.length;
const times = (n: number, of: (random: Random, i: number) => boolean): number =>
  share(Array.from({ length: n }, (_, i) => of(Random.from(`findings ${i}`), i)));

const FINDING = / answers .* and .* of (?:their )?mirrors correctly\.$/;

describe('first sentence of a report', () => {
  it(
    'names a finding for at most 8% of three random models over 60 relations',
    { timeout: 3_600_000 },
    () => {
      const found = times(REPORTS, (random) => {
        const models = ['a', 'b', 'c'].map((subject) =>
          evaluationOf(
            rowsOf(random, { kinds: 60, perKind: 25 }, () => 0.5),
            { subject },
          ),
        );
        return FINDING.test(outcomeOf(models, OPTIONS)!.sentences[0]!);
      });
      console.log(`finding of coin flippers: ${100 * found}%`);
      expect(found).toBeLessThanOrEqual(0.08);
    },
  );

  it(
    'reports 70 against 60% of 400 rows, and a kind as often as a corrected test',
    { timeout: 3_600_000 },
    () => {
      const main = times(REPORTS, (random) => {
        const rows = rowsOf(random, { kinds: 1, perKind: 400 }, (_, view) =>
          view === 'original' ? 0.7 : 0.6,
        );
        return FINDING.test(outcomeOf([evaluationOf(rows)], OPTIONS)!.sentences[0]!);
      });
      let [named, corrected] = [0, 0];
      for (let i = 0; i < REPORTS; i++) {
        const random = Random.from(`kind ${i}`);
        const rows = rowsOf(random, { kinds: 10, perKind: 60 }, (kind, view) =>
          kind === 3 ? (view === 'original' ? 0.8 : 0.45) : 0.6,
        );
        const { sentences } = outcomeOf([evaluationOf(rows)], OPTIONS)!;
        named += Number(sentences.some((text) => text.includes('relation 3 questions')));
        // The paired t test of each kind, by its formula, then Holm's.
        const ps = Array.from({ length: 10 }, (_, kind) => {
          const of = rows.filter(({ meta }) => meta!.relation === `relation ${kind}`);
          const differences = of.flatMap((row, r) =>
            r % 2 === 0 ? [Number(row.right) - Number(of[r + 1]!.right)] : [],
          );
          const n = differences.length;
          const mean = differences.reduce((a, b) => a + b) / n;
          const variance = differences.reduce((sum, d) => sum + (d - mean) ** 2, 0) / (n - 1);
          return studentP(mean / Math.sqrt(variance / n), n - 1);
        });
        corrected += Number(holm(ps)[3]! < 0.05);
      }
      console.log(`found: all questions ${100 * main}%, one kind ${named} of ${corrected} by the test alone`);
      expect(main).toBeGreaterThanOrEqual(0.8);
      expect(corrected).toBeGreaterThan(REPORTS / 4);
      expect(Math.abs(named - corrected)).toBeLessThanOrEqual(0.03 * REPORTS);
    },
  );
});

describe('comparison of two evaluations', () => {
  it(
    'finds a difference between equal models in at most 8% of comparisons over 12 sets',
    { timeout: 3_600_000 },
    () => {
      const [first, any] = [[] as boolean[], [] as boolean[]];
      for (let i = 0; i < REPORTS; i++) {
        const random = Random.from(`equal ${i}`);
        const one = () => ({
          name: 'a model',
          key: 'a',
          rules: null,
          rows: Array.from({ length: 12 }, (_, s) =>
            rowsOf(random, { kinds: 1, perKind: 40, set: `set ${s}` }, () => 0.6),
          )
            .flat()
            .map(measuredRow),
        });
        const { text } = compareSection(one(), one());
        first.push(text[0]!.includes('is better'));
        any.push(text.slice(1).some((line) => line.includes('is better')));
      }
      console.log(`equal models differ: main ${100 * share(first)}%, any other ${100 * share(any)}%`);
      expect(share(first)).toBeLessThanOrEqual(0.08);
      expect(share(any)).toBeLessThanOrEqual(0.08);
    },
  );
});
