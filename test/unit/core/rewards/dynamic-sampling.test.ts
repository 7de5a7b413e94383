import { describe, expect, it } from 'vitest';
import { judgePair as judgePairBy } from '../../../../src/core/rewards/dynamic-sampling.ts';

type Asked = Parameters<typeof judgePairBy>;
const judgePair = (...[reward_V_G, right_V_G, sampling]: [Asked[0], Asked[1], Asked[2]]) =>
  judgePairBy(reward_V_G, right_V_G, sampling, 'group');

const byReward = { signal: 'reward', min_std: 1e-5 } as const;
const yes = [true, true];
const no = [false, false];

describe('judgePair', () => {
  it('keeps both views if the rewards of either view vary (R50)', () => {
    expect(
      judgePair(
        [
          [0.5, 0.5],
          [0.2, 0.4],
        ],
        [yes, no],
        byReward,
      ),
    ).toEqual({ varies: true, why: 'varies' });
  });

  it('measures the variance over all rewards that are normalised together (R50)', () => {
    const apart = [
      [1, 1],
      [0, 0],
    ];
    for (const signal of ['reward', 'accuracy'] as const) {
      const asked = [apart, [yes, no], { signal, min_std: 1e-5 }] as const;
      expect(judgePairBy(...asked, 'pair')).toEqual({ varies: true, why: 'varies' });
      expect(judgePairBy(...asked, 'group')).toEqual({ varies: false, why: 'no_spread' });
    }
  });

  it('reports the reason for the zero variance of a pair', () => {
    const flat = [
      [0.5, 0.5],
      [0.5, 0.5],
    ];
    expect(judgePair(flat, [yes, yes], byReward).why).toBe('all_right');
    expect(judgePair(flat, [no, no], byReward).why).toBe('all_wrong');
    expect(judgePair(flat, [yes, no], byReward).why).toBe('no_spread');
  });

  it('requires an std above min_std, which continuous rewards usually exceed (R25)', () => {
    const nearly = [[0.9, 0.901]];
    expect(judgePair(nearly, [yes], byReward).varies).toBe(true);
    expect(judgePair(nearly, [yes], { signal: 'reward', min_std: 0.01 }).varies).toBe(false);
    expect(judgePair([[0, 2 ** 0.5]], [yes], { signal: 'reward', min_std: 1 }).varies).toBe(false);
  });

  it('treats rounding differences as zero variance, even for a min_std of 0', () => {
    const rounded = [[0.1 + 0.2, 0.3]];
    const any = { signal: 'reward', min_std: 0 } as const;
    expect(judgePair(rounded, [no], any)).toEqual({ varies: false, why: 'all_wrong' });
  });

  it('uses binary accuracy for variance if configured', () => {
    expect(judgePair([[0.9, 0.2]], [yes], { signal: 'accuracy', min_std: 1e-5 })).toEqual({
      varies: false,
      why: 'all_right',
    });
    expect(judgePair([[0.9, 0.9]], [[true, false]], { signal: 'accuracy', min_std: 1e-5 }).varies).toBe(true);
  });
});
