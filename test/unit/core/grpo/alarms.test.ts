import { describe, expect, it } from 'vitest';
import { alarms, evaluationAlarms } from '../../../../src/core/grpo/alarms.ts';
import type { MetricsRow } from '../../../../src/core/grpo/metrics.ts';

/** Forty steps in which each named figure goes from its first to its second value. */
const history = (figures: Record<string, [number, number]>): MetricsRow[] =>
  Array.from({ length: 40 }, (_, i) => ({
    step: i + 1,
    ...Object.fromEntries(Object.entries(figures).map(([name, [a, b]]) => [name, a + ((b - a) * i) / 39])),
  }));
const kinds = (figures: Record<string, [number, number]>) => alarms(history(figures)).map(({ kind }) => kind);

describe('alarms', () => {
  it.each<[string, Record<string, [number, number]>]>([
    ['reward-collapse', { frac_reward_zero_std: [0.2, 1] }],
    ['kl-dominated', { kl_share: [0.4, 1] }],
    [
      'flat-reward',
      { reward: [0.5, 0.4], group_reward_std: [0.4, 0.05], 'by_group/frac_all_good': [0.2, 0.4] },
    ],
    ['all-right', { 'by_group/frac_all_good': [0.7, 1] }],
    ['all-wrong', { 'by_group/frac_all_bad': [1, 1] }],
    ['falling-length', { 'completions/mean_length': [100, 20] }],
    ['format-only', { 'rewards/format/mean': [0.1, 1.1], accuracy: [0.5, 0.5] }],
    ['answer-collapse', { 'answers/top_share': [0.5, 1], 'answers/reference_top_share': [0.5, 0.5] }],
    ['shortcut', { accuracy: [0.5, 0.8], accuracy_mirror: [0.5, 0.2] }],
  ])('%s', (kind, figures) => {
    expect(kinds(figures)).toEqual([kind]);
    expect(alarms(history(figures).slice(0, 12))).toEqual([]);
  });

  it('stay silent over a healthy run and over missing figures', () => {
    expect(kinds({ accuracy: [0.5, 0.8], accuracy_mirror: [0.5, 0.8], kl_share: [0, 0.2] })).toEqual([]);
    expect(
      kinds({ reward: [0.5, 0.9], group_reward_std: [0.4, 0.05], 'by_group/frac_all_good': [0.2, 0.7] }),
    ).toEqual([]);
    expect(kinds({})).toEqual([]);
  });

  it('notice that originals rise while mirrors or polarity flips fall', () => {
    const point = (view: string, accuracy: number) => ({ set: 'val', view, accuracy });
    const first = [point('original', 0.6), point('mirror', 0.6), point('polarity', 0.6)];
    const latest = [point('original', 0.8), point('mirror', 0.4), point('polarity', 0.61)];
    expect(evaluationAlarms(first, latest).map(({ kind }) => kind)).toEqual(['falling-on-mirror']);
    expect(evaluationAlarms(first, first)).toEqual([]);
  });
});
