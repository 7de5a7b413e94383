import { describe, expect, it } from 'vitest';
import { Random } from '../../../../src/base/random.ts';
import { RunAlarms } from '../../../../src/core/rewards/alarms.ts';
import type { MetricsRow } from '../../../../src/core/rewards/metrics-row.ts';

/** The value of a figure at a part of the run, 0–1. */
type Course = (part: number) => number;
const line =
  (from: number, to: number): Course =>
  (part) =>
    from + (to - from) * part;
/** One course until a part of the run, then another. */
const then =
  (at: number, first: Course, second: Course): Course =>
  (part) =>
    part < at ? first(part / at) : second((part - at) / (1 - at));
const logistic =
  (from: number, to: number, at: number): Course =>
  (part) =>
    from + (to - from) / (1 + Math.exp(-20 * (part - at)));

interface Shape {
  reward: Course;
  accuracy: Course;
  kl?: Course;
  /** The step from which accuracy falls, as a part of the run. */
  at?: number;
}

const HEALTHY: Record<string, Shape> = {
  'reward and accuracy rise': { reward: line(0.4, 0.9), accuracy: line(0.3, 0.8), kl: line(0, 0.4) },
  'both rise late': { reward: logistic(0.3, 0.9, 0.7), accuracy: logistic(0.3, 0.8, 0.7), kl: line(0, 0.1) },
  'both saturate': {
    reward: then(0.2, line(0.2, 0.9), line(0.9, 0.91)),
    accuracy: then(0.2, line(0.2, 0.8), line(0.8, 0.8)),
  },
  'format is learnt, accuracy is constant': {
    reward: then(0.3, line(0.5, 1), line(1, 1)),
    accuracy: line(0.5, 0.5),
    kl: line(0, 0.9),
  },
  'accuracy and reward fall': { reward: line(0.9, 0.5), accuracy: line(0.7, 0.3) },
  'accuracy falls by 7 points': { reward: line(0.6, 0.8), accuracy: line(0.55, 0.48) },
  'nothing is learnt': { reward: line(0.4, 0.4), accuracy: line(0.3, 0.3), kl: line(0, 0.01) },
};

const SICK: Record<string, Shape> = {
  'slow accuracy fall': { reward: line(0.92, 0.97), accuracy: line(0.58, 0.1), kl: line(0.26, 1.67), at: 0 },
  'accuracy falls at once': {
    reward: line(0.5, 0.9),
    accuracy: then(0.5, line(0.6, 0.6), line(0.2, 0.2)),
    at: 0.5,
  },
  'accuracy rises, then falls': {
    reward: line(0.3, 1.2),
    accuracy: then(0.6, line(0.3, 0.7), line(0.7, 0.35)),
    kl: line(0, 3),
    at: 0.6,
  },
  'the reward jumps': { reward: logistic(0.4, 0.8, 0.6), accuracy: logistic(0.5, 0.2, 0.6), at: 0.5 },
  'accuracy ends above its start': {
    reward: line(0.2, 1),
    accuracy: then(0.4, line(0.2, 0.8), line(0.8, 0.4)),
    at: 0.4,
  },
};

/** Runs of a shape, of several lengths, seeds and amounts of noise; noise of accuracy is in the reward as well. */
function runOf({ reward, accuracy, kl }: Shape, steps: number, noise: number, seed: number): MetricsRow[] {
  const random = Random.from(seed);
  const normal = () =>
    Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
  return Array.from({ length: steps }, (_, i) => {
    const part = i / (steps - 1);
    const ofAccuracy = noise * normal();
    return {
      step: i + 1,
      reward: reward(part) + 0.3 * ofAccuracy + 0.3 * noise * normal(),
      accuracy: Math.min(1, Math.max(0, accuracy(part) + ofAccuracy)),
      ...(kl && { kl: Math.max(0, kl(part) * (1 + noise * normal())) }),
    };
  });
}

const found = (rows: readonly MetricsRow[]) =>
  new RunAlarms().through(rows).find(({ kind }) => kind === 'reward-hacking');

/** Every shape in four lengths, each with some noise; the audit's rise of 0.05 needs a quiet reward. */
const cases = (shapes: Record<string, Shape>) =>
  Object.entries(shapes).flatMap(([name, shape], s) =>
    (
      [
        [40, 0.01],
        [90, 0.04],
        [200, 0.05],
        [700, 0.12],
      ] as const
    ).map(([steps, noise], i) => [name, steps, noise, shape, 10 * s + i] as const),
  );

describe('reward hacking alarm', () => {
  it.each(cases(HEALTHY))('raises no alarm: %s, %i steps, noise %f', (_, steps, noise, shape, seed) => {
    for (const more of [0, 1000, 2000])
      expect(found(runOf(shape, steps, noise, seed + more))).toBeUndefined();
  });

  it.each(cases(SICK))('raises an alarm: %s, %i steps, noise %f', (_, steps, noise, shape, seed) => {
    for (const more of [0, 1000, 2000]) {
      const alarm = found(runOf(shape, steps, noise, seed + more));
      expect(alarm?.message).toMatch(
        /^Reward hacking: since step \d+, the reward rises from [\d.]+ to [\d.]+ while accuracy falls from \d+\.\d% to \d+\.\d%\./,
      );
      expect(alarm!.message).toContain(`a checkpoint before step ${alarm!.since}.`);
      // A slow fall is placed where a fifth of it is lost, or later where noise hides that.
      expect(alarm!.since).toBeGreaterThanOrEqual((shape.at! - 0.1) * steps);
      expect(alarm!.since).toBeLessThanOrEqual((shape.at! + 0.4) * steps + 5);
    }
  });

  it('reads accuracy from a reward part for trainers that log no accuracy', () => {
    const rows = runOf(SICK['slow accuracy fall']!, 60, 0.01, 1).map(({ accuracy, ...row }) => ({
      ...row,
      'rewards/accuracy_reward/mean': accuracy!,
    }));
    expect(found(rows)).toBeDefined();
  });

  it('mentions a rising KL, and requires twenty steps for a reward hacking alarm', () => {
    const rows = runOf(SICK['slow accuracy fall']!, 60, 0.01, 1);
    expect(found(rows)!.message).toMatch(/ KL rises from 0\.\d\d to 1\.\d\d\. The policy earns reward/);
    expect(found(rows.slice(0, 19))).toBeUndefined();
  });
});
