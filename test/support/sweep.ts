import { Random } from '../../src/base/random.ts';
import type { SweepRun } from '../../src/core/reports/sweep/arm-results.ts';
import type { SweepPlan } from '../../src/core/config/sweep-plan.ts';

const CELLS = ['eta-0', 'eta-1', 'eta-10'];
const ETA = [0, 1, 10];
const STEPS = 60;

/** The plan of a sweep over η on `seeds` seeds, whose figures are right on pairs and on mirrors. */
export const planOf = (seeds: number): SweepPlan => ({
  file: '/w/eta.sweep.yaml',
  small: false,
  about: 'What does η do?\n\nA paper says\n  nothing of it.',
  seeds: Array.from({ length: seeds }, (_, i) => i + 1),
  devices: ['any'],
  make: {},
  compare: { set: 'val', view: 'original', metric: 'consistent' },
  also: [{ set: 'val', view: 'mirror', metric: 'accuracy' }],
  cells: CELLS,
  labels: {},
  published: {},
  show: [],
  runs: [],
});

/** Runs in which a cell answers a share of 200 rows right that grows with training; the last one of all has failed. */
export function runsOf(plan: SweepPlan, shares: readonly number[]): SweepRun[] {
  return plan.cells.flatMap((cell, c) =>
    plan.seeds.map((seed): SweepRun => {
      const random = Random.from(`${cell}/${seed}`);
      const failed = c === plan.cells.length - 1 && seed === plan.seeds.at(-1);
      const share = (step: number) =>
        shares[c]! * (0.6 + (0.4 * step) / STEPS) + 0.03 * (random.uniform() - 0.5);
      const values = (right: number) =>
        Array.from({ length: 200 }, (_, i) => ({
          id: `r${i}`,
          cluster: `image ${i}`,
          value: Number(i < 200 * right),
          chance: 0.25,
          unparsed: Number(i % 50 === 0),
        }));
      return {
        cell,
        seed,
        steps: STEPS,
        eta: ETA[c]!,
        trainable: 400_000,
        status: failed ? 'failed' : 'finished',
        message: failed ? 'The <b>disk</b> is full.' : '',
        evaluations: (failed ? [20] : [20, 40, 60]).map((step) => ({
          step,
          values: [values(share(step)), values(Math.min(1, share(step) + 0.1))],
        })),
        metrics: Array.from({ length: failed ? 25 : STEPS }, (_, i) => ({
          step: i + 1,
          reward: share(i),
          reward_mirror: share(i) - 0.1,
          kl: 0.001 * i,
          'spatial/effect_none': 1 - 0.1 * c,
          'spatial/effect_inverted': 0.1 * c,
          'spatial/delta_abs': 0.2,
          frac_reward_zero_std: 0.3,
          'dynamic_sampling/groups_drawn': 32,
          'dynamic_sampling/groups_kept': 32,
        })),
        seconds: Array.from({ length: STEPS }, () => 1.5),
        peakMemory: 0.3 + 0.01 * c + 0.001 * seed,
        spreads: Array.from({ length: 100 }, () => Math.max(0, 0.3 * random.normal())),
        alarm: null,
        leftOut: [],
      };
    }),
  );
}
