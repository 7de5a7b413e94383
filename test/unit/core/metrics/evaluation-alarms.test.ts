import { describe, expect, it } from 'vitest';
import { summarise } from '../../../../src/core/metrics/evaluation-results.ts';
import { measuredRow } from '../../../../src/core/evaluation/evaluation-row.ts';
import { Random } from '../../../../src/base/random.ts';
import { EvaluationHistory } from '../../../../src/core/metrics/evaluation-alarms.ts';
import type { ViewId } from '../../../../src/rows/view-list.ts';
import { rowOf } from '../../../support/evaluation.ts';
import { few, isSlow } from '../../../support/slow.ts';

type Shares = Partial<Record<ViewId, number>>;

const scored = (completion: string) =>
  measuredRow(rowOf({ id: '', task: 'yesno', answer: 'yes', set: 'val', completion }));
/** The row of a right and of a wrong answer, each scored once. */
const SCORED = { yes: scored('yes'), no: scored('no') };

/** An evaluation of `n` questions, of which exactly so many are right in each view. */
const exactly = (step: number, n: number, shares: Shares) =>
  evaluationOf(step, n, shares, (share, i) => i < Math.round(share * n));

/** The same, each answer right by chance. */
function sampled(step: number, n: number, shares: Shares, random: Random) {
  return evaluationOf(step, n, shares, (share) => random.uniform() < share);
}

function evaluationOf(
  step: number,
  n: number,
  shares: Shares,
  isRight: (share: number, i: number) => boolean,
) {
  const views = Object.entries(shares) as [ViewId, number][];
  const rows = views.flatMap(([view, share]) =>
    Array.from({ length: n }, (_, i) => {
      const id = `q${i}`;
      return { ...SCORED[isRight(share, i) ? 'yes' : 'no'], id, images: [`${id}.png`], view };
    }),
  );
  return { step, results: summarise(rows) };
}

function evaluationAlarms(evaluated: readonly ReturnType<typeof evaluationOf>[]) {
  const history = new EvaluationHistory();
  for (const { step, results } of evaluated) history.add(step, results);
  return history.alarms();
}

const kinds = (...evaluated: Parameters<typeof evaluationAlarms>[0][number][]) =>
  evaluationAlarms(evaluated).map(({ kind }) => kind);

describe('linguistic overfitting alarm', () => {
  it('reports the values, the first step and a recommended action', () => {
    const steps = [0, 10, 20, 30].map((step, i) =>
      exactly(step, 200, { original: 0.5 + 0.15 * i, polarity: [0.5, 0.5, 0.2, 0.1][i]! }),
    );
    const [alarm, ...others] = evaluationAlarms(steps);
    expect(others).toEqual([]);
    expect(alarm).toEqual({
      kind: 'linguistic-overfitting',
      since: 10,
      message:
        'Linguistic overfitting: on "val", since step 10, 95.0% of originals are answered correctly and 10.0% of their opposite questions (200 pairs). The model responds to the usual wording, not to the relation (A-46 in docs/papers.md). Also train on opposite questions (`chirality view polarity`). Alternatively, use a checkpoint from before step 10.',
    });
  });

  it('raises an overfitting alarm for a model that overfitted before training', () => {
    const [alarm] = evaluationAlarms([exactly(0, 200, { original: 0.945, polarity: 0.098 })]);
    expect(alarm).toMatchObject({ since: 0 });
    expect(alarm!.message).toMatch(/\(`chirality view polarity`\)\.$/);
  });

  it('requires ten points, or two evaluations in a row if the intervals are close', () => {
    const at = (step: number, polarity: number, n = 600) => exactly(step, n, { original: 0.6, polarity });
    // Paper A's SFT and GRPO on CV-Bench Distance, of 600 questions.
    const sft = (step: number) => exactly(step, 600, { original: 0.595, polarity: 0.4747 });
    const grpo = (step: number) => exactly(step, 600, { original: 0.6267, polarity: 0.595 });
    expect(kinds(sft(10))).toEqual([]);
    expect(kinds(sft(10), sft(20))).toEqual(['linguistic-overfitting']);
    expect(kinds(grpo(10), grpo(20))).toEqual([]);
    expect(kinds(at(1, 0.51), at(2, 0.51))).toEqual([]);
    expect(kinds(at(1, 0.4))).toEqual(['linguistic-overfitting']);
    // What has ended is not named any more.
    expect(kinds(at(1, 0.2), at(2, 0.55))).toEqual([]);
  });

  it.each(
    few(
      [12, 20, 40, 100, 400].flatMap((n) => [0, 0.02, 0.04, 0.05].map((slip) => [n, slip] as const)),
      4,
    ),
  )('raises no alarm for noise: %i rows, opposite questions lower by %f', (n, slip) => {
    const random = Random.from(`${n} ${slip}`);
    for (let run = 0; run < (isSlow ? 4 : 1); run++) {
      const steps = Array.from({ length: 8 }, (_, i) => {
        const original = 0.5 + 0.05 * i;
        return sampled(10 * i, n, { original, mirror: original, polarity: original - slip }, random);
      });
      const history = new EvaluationHistory();
      for (const { step, results } of steps) {
        history.add(step, results);
        expect(history.alarms()).toEqual([]);
      }
    }
  });

  it.each(
    [30, 60, 100, 250].flatMap((n) =>
      (
        [
          [0.945, 0.098],
          [0.9, 0.35],
          [0.75, 0.2],
          [0.8, 0.4],
          [1, 0.5],
        ] as const
      ).map(([original, polarity]) => [n, original, polarity] as const),
    ),
  )('raises an alarm: %i rows, %f on originals, %f on opposite questions', (n, original, polarity) => {
    const random = Random.from(`${n} ${original} ${polarity}`);
    const healthy = [0, 10, 20].map((step) => exactly(step, n, { original: 0.5, polarity: 0.48 }));
    const sick = Array.from({ length: 3 }, (_, i) => sampled(30 + 10 * i, n, { original, polarity }, random));
    expect(evaluationAlarms([...healthy, ...sick])).toMatchObject([{ kind: 'linguistic-overfitting' }]);
  });
});

describe('accuracy that rises on originals and falls on another view', () => {
  it('raises an alarm if the decrease is significant', () => {
    const first = exactly(0, 200, { original: 0.6, mirror: 0.6, reverse: 0.6 });
    const latest = exactly(10, 200, { original: 0.8, mirror: 0.4, reverse: 0.61 });
    expect(evaluationAlarms([first, latest])).toEqual([
      {
        kind: 'falling-on-mirror',
        message:
          'On "val", accuracy rises on the originals and falls on the mirrors, so the model learns a shortcut.',
      },
    ]);
    expect(kinds(first, first)).toEqual([]);
    const few = (step: number, original: number, mirror: number) => exactly(step, 20, { original, mirror });
    expect(kinds(few(0, 0.6, 0.6), few(1, 0.65, 0.55))).toEqual([]);
  });

  it('compares accuracies within each set', () => {
    const one = exactly(0, 200, { original: 0.5 });
    const other = exactly(10, 200, { mirror: 0.1 });
    expect(kinds(one, other)).toEqual([]);
    expect(kinds(other, { ...one, step: 20 })).toEqual([]);
  });
});
