import fc from 'fast-check';
import { expect, it } from 'vitest';
import { curveTurns } from '../../../../src/lab/agent/curve-turns.ts';
import { Random } from '../../../../src/base/random.ts';
import { property } from '../../../support/property.ts';

const noise = (seed: string, level: (step: number) => number, steps = 300) => {
  const random = Random.from(seed);
  return Array.from({ length: steps }, (_, i) => ({
    step: i + 1,
    reward: level(i + 1) + 0.05 * (random.uniform() + random.uniform() - 1),
    learning_rate: 1 / (i + 1),
  }));
};

property(
  'curveTurns: finds a collapse at its step, and none in noise or a slow rise',
  [fc.integer({ min: 30, max: 270 }), fc.integer()],
  { numRuns: 30 },
  (at, seed) => {
    const [turn, ...others] = curveTurns(noise(`${seed}`, (step) => (step < at ? 0.7 : 0.2)));
    expect(turn!.metric).toBe('reward');
    expect(Math.abs(turn!.step - at)).toBeLessThanOrEqual(2);
    expect(turn!.size).toBeLessThan(-10);
    expect(turn!.before).toBeCloseTo(0.7, 1);
    expect(turn!.after).toBeCloseTo(0.2, 1);
    expect(others.every(({ step }) => Math.abs(step - turn!.step) >= 20)).toBe(true);
    expect(curveTurns(noise(`${seed}`, () => 0.5))).toEqual([]);
    expect(curveTurns(noise(`${seed}`, (step) => step / 3000))).toEqual([]);
  },
);

it('curveTurns skips steps without a value, and returns nothing for short runs', () => {
  expect(curveTurns([])).toEqual([]);
  expect(curveTurns(noise('short', (step) => (step < 10 ? 1 : 0), 19))).toEqual([]);
  const gaps = noise('gaps', (step) => (step < 100 ? 1 : 0)).map((row) =>
    row.step % 2 === 0 ? row : { ...row, reward: null },
  );
  expect(curveTurns(gaps)[0]).toMatchObject({ metric: 'reward', step: 100 });
});
