import { describe, expect, it } from 'vitest';
import {
  lossMetrics,
  type LossFigures,
  mismatchMetrics,
  readMetricsRow,
  rolloutMetrics,
} from '../../../../src/core/rewards/metrics-row.ts';
import type { Pair, Rollout, SampledSegment } from '../../../../src/core/rewards/rollout.ts';

const segment = (tokens: number, over: Partial<SampledSegment> = {}): SampledSegment => ({
  stage: 'answer',
  text: '',
  stop_reason: 'end',
  tokens: new Array<number>(tokens).fill(1),
  logprobs: new Array<number>(tokens).fill(-1),
  entropies: new Array<number>(tokens).fill(0.5),
  ...over,
});

const rollout = (reward: number, right: boolean, tokens: number, over: Partial<Rollout> = {}): Rollout => ({
  segments: [segment(tokens)],
  answer_text: right ? 'left' : 'right',
  right,
  rewards: { semantic: { value: reward, why: '' } },
  penalty: 0,
  reward,
  advantage: 0,
  ...over,
});

const pair = (over: Partial<Pair>, answer: string, ...views: Rollout[][]): Pair => ({
  sample: { id: 'a', question: 'q', answer, images: [] },
  views: views.map((group, v) => ({
    view: v === 0 ? 'original' : 'mirror',
    sample: { id: 'a', question: 'q', answer, images: [] },
    group,
  })),
  delta: null,
  agreement: null,
  penalised: null,
  effect: null,
  verdict: null,
  kept: true,
  why: 'varies',
  ...over,
});

const rounded = (metrics: Record<string, number | null>) =>
  Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => [name, value === null ? null : +value.toFixed(6)]),
  );

describe('rolloutMetrics, computed by hand', () => {
  it('returns the metrics of one pair', () => {
    const coupled = pair(
      { delta: -0.5, penalised: 'mirror', effect: 'scaled', verdict: 'only_mirror' },
      'left',
      [rollout(0, false, 2), rollout(0.5, false, 4, { segments: [segment(4, { stop_reason: 'length' })] })],
      [
        rollout(1, true, 3, { penalty: 0.25 }),
        rollout(1, true, 5, { segments: [segment(5, { entropies: [1, 1, 1, 1, 1] })] }),
      ],
    );
    expect(rounded(rolloutMetrics([coupled]))).toEqual({
      reward: 0.25,
      reward_std: 0.353553,
      group_reward_std: 0.353553,
      accuracy: 0,
      'rewards/semantic/mean': 0.25,
      'rewards/semantic/std': 0.353553,
      reward_mirror: 1,
      reward_std_mirror: 0,
      group_reward_std_mirror: 0,
      accuracy_mirror: 1,
      'rewards/semantic/mean_mirror': 1,
      'rewards/semantic/std_mirror': 0,
      // Nine tokens at 0.5 and five at 1.
      entropy: 0.678571,
      'completions/mean_length': 3.5,
      'completions/min_length': 2,
      'completions/max_length': 5,
      'completions/mean_terminated_length': 3.333333,
      'completions/min_terminated_length': 2,
      'completions/max_terminated_length': 5,
      'completions/clipped_ratio': 0.25,
      frac_reward_zero_std: 0.5,
      'by_group/frac_all_good': 0.5,
      'by_group/frac_all_bad': 0.5,
      'by_group/frac_mixed': 0,
      'answers/top_share': 0.5,
      'answers/reference_top_share': 1,
      'spatial/delta': -0.5,
      'spatial/delta_abs': 0.5,
      'spatial/penalised_frac': 0.25,
      'spatial/penalised_original': 0,
      'spatial/penalised_mirror': 1,
      'spatial/effect_none': 0,
      'spatial/effect_scaled': 1,
      'spatial/effect_inverted': 0,
      'spatial/effect_erased': 0,
      'spatial/verdict_consistent': 0,
      'spatial/verdict_only_original': 0,
      'spatial/verdict_only_mirror': 1,
      'spatial/verdict_neither': 0,
    });
  });

  it('returns metrics over all partner views, and per partner view', () => {
    const turned = (over: Partial<Pair>, ...views: Rollout[][]): Pair => {
      const { views: made, ...rest } = pair(over, 'left', ...views);
      return { ...rest, views: made.map((view, v) => (v === 0 ? view : { ...view, view: 'rotate:180' })) };
    };
    const [right, wrong] = [() => rollout(1, true, 1), () => rollout(0, false, 1)];
    const pairs = [
      pair(
        { delta: 0.4, agreement: 1, penalised: 'original', effect: 'none', verdict: 'consistent' },
        'left',
        [right(), right()],
        [right(), wrong(), wrong(), wrong()],
      ),
      turned(
        { delta: -0.2, agreement: 0.5, penalised: 'rotate:180', effect: 'scaled', verdict: 'only_view' },
        [wrong()],
        [right(), right(), right()],
      ),
      turned({ verdict: 'neither' }, [wrong()], [wrong()]),
    ];
    const partners = ['mirror', 'rotate:180'] as const;
    expect(rounded(rolloutMetrics(pairs, partners))).toMatchObject({
      accuracy: 0.5,
      accuracy_mirror: 0.25,
      accuracy_view: 0.75,
      reward_view: 0.75,
      'spatial/delta': 0.1,
      'spatial/label_free_agreement': 0.75,
      'spatial/penalised_original': 0.333333,
      'spatial/penalised_mirror': 0,
      'spatial/penalised_view': 0.333333,
      'spatial/verdict_only_view': 0.333333,
      'views/mirror/n': 1,
      'views/mirror/accuracy': 0.25,
      'views/mirror/delta': 0.4,
      'views/mirror/both_right': 1,
      'views/mirror/agree': 1,
      'views/mirror/penalised': 0,
      'views/rotate:180/n': 2,
      'views/rotate:180/accuracy': 0.75,
      'views/rotate:180/delta': -0.2,
      'views/rotate:180/both_right': 0,
      'views/rotate:180/agree': 0.5,
      'views/rotate:180/penalised': 0.5,
    });
    // With the mirror alone they are not told, and agreement only where it is rewarded.
    const alone = Object.keys(rolloutMetrics(pairs.slice(0, 1)));
    const told = (name: string) => /^views|_view$|label_free/.test(name);
    expect(alone.filter(told)).toEqual([]);
    const rewarded = rolloutMetrics(pairs.slice(0, 1), ['mirror'], true);
    expect(Object.keys(rewarded).filter(told)).toEqual(['spatial/label_free_agreement']);
  });

  it('omits metrics of mirrors and coupling for rows without mirrors', () => {
    const metrics = rolloutMetrics([
      pair({}, 'left', [rollout(1, true, 1), rollout(0, false, 1)]),
      pair({}, 'right', [
        rollout(1, true, 1, { answer_text: null }),
        rollout(1, true, 1, { answer_text: null }),
      ]),
    ]);
    expect(metrics).toMatchObject({
      accuracy: 0.75,
      'by_group/frac_mixed': 0.5,
      frac_reward_zero_std: 0.5,
      'answers/top_share': 0.5,
      'answers/reference_top_share': 0.5,
    });
    expect(Object.keys(metrics).filter((name) => /_mirror|spatial|graph/.test(name))).toEqual([]);
    // Over the batch and over groups, spreads differ.
    expect(metrics.reward_std).toBe(0.5);
    expect(metrics.group_reward_std).toBeCloseTo(Math.SQRT1_2 / 2, 12);
  });

  it('counts both stages of a completion, and graphs with valid JSON', () => {
    const after = (graph: Partial<SampledSegment>) => ({
      segments: [segment(3, { stage: 'graph', entropies: [2, 2, 2], ...graph }), segment(2)],
    });
    const group = [
      rollout(1, true, 2, after({ source: 'whole' })),
      rollout(1, true, 2, after({ source: 'raw', stop_reason: 'length' })),
    ];
    const metrics = rolloutMetrics([pair({}, 'left', group)]);
    expect(metrics).toMatchObject({
      'graph/json_frac': 0.5,
      'completions/mean_length': 5,
      'completions/clipped_ratio': 0.5,
      'completions/max_terminated_length': 5,
      entropy: 1.4,
    });
  });

  it('rolloutMetrics returns null for all metrics without pairs', () => {
    expect(new Set(Object.values(rolloutMetrics([])))).toEqual(new Set([null]));
    expect(Object.keys(rolloutMetrics([]))).toHaveLength(14);
  });
});

describe('lossMetrics, computed by hand', () => {
  const weighted = (over: Partial<LossFigures>): LossFigures => ({
    loss: 0,
    tokens: 0,
    kl: null,
    clippedLow: 0,
    clippedHigh: 0,
    rewardPull: 0,
    referencePull: 0,
    ...over,
  });

  it('lossMetrics averages over tokens, with minimum and maximum over completions', () => {
    const step = [
      weighted({
        loss: 0.5,
        tokens: 8,
        kl: 2,
        clippedLow: 2,
        clippedHigh: 4,
        rewardPull: 1,
        referencePull: 2,
      }),
      weighted({ loss: -0.25, tokens: 2, kl: 1, clippedLow: 1, rewardPull: 1 }),
      weighted({ kl: 0 }),
    ];
    expect(lossMetrics(step)).toEqual({
      loss: 0.25,
      kl: 0.3,
      'clip_ratio/low_mean': 0.3,
      'clip_ratio/low_min': 0.25,
      'clip_ratio/high_mean': 0.4,
      'clip_ratio/high_max': 0.5,
      'clip_ratio/region_mean': 0.7,
      kl_share: 0.5,
    });
  });

  it('lossMetrics returns null for metrics without tokens or reference model', () => {
    expect(lossMetrics([weighted({ kl: 0 })])).toEqual({
      loss: 0,
      kl: null,
      'clip_ratio/low_mean': null,
      'clip_ratio/low_min': null,
      'clip_ratio/high_mean': null,
      'clip_ratio/high_max': null,
      'clip_ratio/region_mean': null,
      kl_share: null,
    });
    expect(lossMetrics([weighted({ tokens: 1, kl: 1 }), weighted({ tokens: 1 })]).kl).toBeNull();
  });
});

it('mismatchMetrics: averages over all trained tokens', () => {
  const found = mismatchMetrics([
    [{ logprobs: [-1, -2] }, [-1, -1]],
    [{ logprobs: [-1, -9] }, [-1.5]],
  ]);
  expect(rounded(found)).toEqual({
    'sampling/sampling_logp_difference/mean': 0.5,
    'sampling/sampling_logp_difference/max': 1,
    'sampling/importance_sampling_ratio/min': 0.606531,
    'sampling/importance_sampling_ratio/mean': 1.441604,
    'sampling/importance_sampling_ratio/max': 2.718282,
  });
  expect(new Set(Object.values(mismatchMetrics([])))).toEqual(new Set([null]));
});

describe('readMetricsRow', () => {
  const read = (value: unknown) => {
    const left: string[] = [];
    const row = readMetricsRow(value, { file: 'metrics.jsonl', line: 3 }, ({ message }) =>
      left.push(message),
    );
    return { row, left };
  };

  it('readMetricsRow accepts a row of this program unchanged', () => {
    const row = { step: 0, loss: null, kl: -0.5 };
    expect(read(row).row).toBe(row);
    expect(read(row).left).toEqual([]);
  });

  it('drops values that are not numbers, and reports the names of these metrics', () => {
    const { row, left } = read({ step: 4, loss: 'x', kl: Infinity, reward: 1 });
    expect(row).toEqual({ step: 4, reward: 1 });
    expect(left).toEqual([expect.stringContaining('loss')]);
  });

  it.each([null, 5, [[1]], {}, { step: -1 }, { step: 1.5 }, { step: '3' }, { step: 2 ** 60 }])(
    'readMetricsRow rejects %j, without a valid step',
    (value) => {
      expect(() => read(value)).toThrow('metrics.jsonl:3');
    },
  );
});
