import { expect, it } from 'vitest';
import { allRight, gainOfOrder, leastGain } from '../../../../src/core/metrics/motion-metrics.ts';
import type { ScoredRow } from '../../../../src/core/evaluation/scored-row.ts';
import type { Comparison } from '../../../../src/core/metrics/statistics.ts';
import { scored } from './rows.ts';

const VIEWS = ['original', 'reverse', 'mirror'];

/** Rows by their verdicts in each view, "++-" for right, right, wrong; a view that a row does not have is ".". */
const rowsOf = (verdicts: readonly string[]): ScoredRow[] =>
  verdicts.flatMap((row, i) =>
    [...row].flatMap((sign, v) =>
      sign === '.'
        ? []
        : [
            {
              ...scored({ id: `c${i}`, completion: sign === '+' ? 'yes' : 'no', answer: 'yes' }),
              view: VIEWS[v]!,
            },
          ],
    ),
  );

it('gainOfOrder: compares pair accuracy in order and under a control, by clip', () => {
  const ordered = rowsOf(['++', '++', '++', '+-', '++', '+.']);
  const control = rowsOf(['+-', '++', '--', '++', '-+', '++']);
  const gain = gainOfOrder(ordered, control, 'reverse');
  // Pair accuracy in 4 of 5 in order, and in 2 of 5 under the control; the sixth has no reverse in order.
  expect(gain).toMatchObject({ n: 5, only_first: 1, only_second: 3 });
  expect(gain.difference).toBeCloseTo(2 / 5);
  expect(gainOfOrder(ordered, ordered, 'reverse').difference).toBe(0);
});

it('allRight: counts a clip as right only if each of its views is answered and right', () => {
  const rows = rowsOf(['+++', '++-', '-++', '++.', '+++']);
  expect(allRight(rows, VIEWS)).toMatchObject({ value: 2 / 4, n: 4 });
  expect(allRight(rows, ['original', 'reverse'])).toMatchObject({ value: 4 / 5, n: 5 });
  expect(allRight([], VIEWS)).toBeNull();
});

it('leastGain: picks the control with the smallest gain; is sure only if all are significant', () => {
  const gain = (difference: number, p: number): Comparison => ({ difference, n: 100, p });
  const sure = { control: 'shuffled-frames' as const, gain: gain(0.4, 0.001) };
  const smaller = { control: 'first-frame' as const, gain: gain(0.2, 0.001) };
  expect(leastGain([sure, smaller])).toMatchObject({ control: 'first-frame', isSure: true });
  const open = { control: 'blank-frames' as const, gain: gain(0.5, 0.2) };
  expect(leastGain([sure, smaller, open])).toMatchObject({ control: 'blank-frames', isSure: false });
  const worse = { control: 'blank-frames' as const, gain: gain(-0.5, 0.001) };
  expect(leastGain([sure, worse])).toMatchObject({ isSure: false });
  const lacking: Comparison = { difference: null, bounds: [0.1, 0.3], interval: [0.02, 0.4], n: 9, p: null };
  expect(leastGain([{ control: 'first-frame', gain: lacking }])).toMatchObject({ isSure: true });
  expect(leastGain([{ control: 'first-frame', gain: { difference: null, n: 0, p: null } }])).toBeNull();
});
