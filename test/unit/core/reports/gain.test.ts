import { describe, expect, it } from 'vitest';
import { measuredRow } from '../../../../src/core/evaluation/evaluation-row.ts';
import { withoutGain } from '../../../../src/core/reports/gain.ts';
import { rowOf } from '../../../support/evaluation.ts';

/** An evaluation of 60 questions, each about its own image, by whether the model is right in both views. */
const evaluated = (isRight: (i: number) => boolean, views = ['original', 'mirror'] as const) =>
  Array.from({ length: 60 }, (_, i) =>
    views.map((view) => {
      const completion = isRight(i) || view === 'original' ? 'left' : 'right';
      const row = { id: `q${i}`, task: 'mcq', answer: 'left', choices: ['left', 'right'] };
      return measuredRow({ ...rowOf({ ...row, completion, view }), images: [`${i}.png`] });
    }),
  ).flat();

describe('withoutGain', () => {
  // Three questions lost, three gained: s² = 6 / 59, and t(59) = 2.001 gives ±2.001 · √(6 / 59 / 60) = ±8.24 points.
  const text = (share: string) =>
    `No clear gain in pair accuracy on own: ${share}% at the start, ${share}% at the end, difference 0.0 [−8.2, +8.2] points. `;

  it('reports a set whose paired difference can be zero, with advice for a strong start', () => {
    const [start, end] = [evaluated((i) => i < 54), evaluated((i) => i >= 3 && i < 57)];
    expect(withoutGain(start, end)).toEqual([
      `${text('90.0')}Such a strong start leaves little to gain: use harder rows, or start from an earlier checkpoint.`,
    ]);
  });

  it('suggests to compare with the reward after a weaker start', () => {
    const [start, end] = [evaluated((i) => i < 30), evaluated((i) => i >= 3 && i < 33)];
    expect(withoutGain(start, end)).toEqual([
      expect.stringContaining(`${text('50.0')}Check whether the reward`),
    ]);
  });

  it('reports a loss, but no clear gain and no evaluation without a start', () => {
    const [low, high] = [evaluated((i) => i < 30), evaluated((i) => i < 50)];
    // Of 60 questions, 20 lost: s² = 60 · 1/3 · 2/3 / 59, and t(59) = 2.001 gives ±12.28 points.
    expect(withoutGain(high, low)).toEqual([
      expect.stringContaining(
        'Loss in pair accuracy on own: 83.3% at the start, 50.0% at the end, difference −33.3 [−45.6, −21.1] points. Check whether the reward',
      ),
    ]);
    expect(withoutGain(low, high)).toEqual([]);
    expect(withoutGain([], high)).toEqual([]);
  });

  it('reports nothing for too few questions to exclude a gain of ten points', () => {
    // Of 40 questions, three lost and three gained: s² = 6 / 39, and t(39) = 2.023 gives ±12.5 points.
    const [start, end] = [evaluated((i) => i < 30), evaluated((i) => i >= 3 && i < 33)];
    const few = (rows: typeof start) => rows.slice(0, 80);
    expect(withoutGain(few(start), few(end))).toEqual([]);
  });
});
