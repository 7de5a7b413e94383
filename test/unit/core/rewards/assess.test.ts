import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CouplingConfig } from '../../../../src/core/config/rewards-config.ts';
import { ADVANTAGE_CONVENTIONS } from '../../../../src/core/rewards/advantages.ts';
import { assess, type Assessment } from '../../../../src/core/rewards/assess.ts';
import { rolloutMetrics } from '../../../../src/core/rewards/metrics-row.ts';
import type { SampledSegment, ScoredPair, ScoredRollout } from '../../../../src/core/rewards/rollout.ts';
import { forAll } from '../../../support/property.ts';

/** The paper's values are the defaults. */
const PAPER_COUPLING = CouplingConfig.parse({});

const settings: Assessment = {
  weights: { format: { weight: 0.5 }, semantic: { weight: 0.5 } },
  coupling: PAPER_COUPLING,
  advantages: ADVANTAGE_CONVENTIONS.trl,
  dynamic_sampling: { mode: 'off', signal: 'reward', min_std: 1e-5 },
  truncated: 'keep',
};

const segment = (over: Partial<SampledSegment> = {}): SampledSegment => ({
  stage: 'answer',
  text: '',
  stop_reason: 'end',
  tokens: [1],
  logprobs: [-1],
  entropies: [0.5],
  ...over,
});

function rollout(semantic: number, format = 1, over: Partial<ScoredRollout> = {}): ScoredRollout {
  return {
    segments: [segment()],
    answer_text: 'x',
    right: semantic > 0.5,
    rewards: { format: { value: format, why: '' }, semantic: { value: semantic, why: '' } },
    ...over,
  };
}

function pair(...views: ScoredRollout[][]): ScoredPair {
  const sample = { id: 'a', question: 'q', answer: 'x', images: [] };
  return {
    sample,
    views: views.map((group, v) => ({ view: v === 0 ? 'original' : 'mirror', sample, group })),
    agreement: null,
  };
}

describe('assess: rewards and advantages of a pair', () => {
  it('assesses a varying pair as one set in pair scope, with zero-variance counts per view (R50)', () => {
    const six = (value: number) => Array.from({ length: 6 }, () => rollout(value));
    const weights = { semantic: { weight: 1 } };
    const skipping: Assessment = {
      ...settings,
      weights,
      coupling: { ...PAPER_COUPLING, eta: 0 },
      advantages: { ...settings.advantages, scope: 'pair' },
      dynamic_sampling: { ...settings.dynamic_sampling, mode: 'skip' },
    };
    const pairs = assess([pair(six(1), six(0))], skipping);
    // Six ones and six zeros: mean 1/2, sample variance 12/4/11.
    const std = Math.sqrt(3 / 11);
    const advantage = expect.closeTo(0.5 / (std + 1e-4), 12) as number;
    expect(pairs[0]).toMatchObject({ kept: true, why: 'varies' });
    expect(pairs[0]!.views[0]!.group[0]).toMatchObject({ advantage });
    expect(rolloutMetrics(pairs, ['mirror'], false, 'pair')).toMatchObject({
      frac_reward_zero_std: 0,
      group_reward_std: expect.closeTo(std, 12) as number,
      group_reward_std_mirror: expect.closeTo(std, 12) as number,
      reward_std: 0,
    });
  });

  it('property: a truncation penalty never raises a reward, and removes positive rewards', () => {
    const value = fc.double({ min: -2, max: 2, noNaN: true });
    forAll([value, value], (semantic, format) => {
      const cut = { segments: [segment({ stop_reason: 'length' })] };
      const rewardOf = (truncated: Assessment['truncated']) =>
        assess([pair([rollout(semantic, format, cut), rollout(0)])], { ...settings, truncated })[0]!.views[0]!
          .group[0]!.reward;
      const sum = 0.5 * format + 0.5 * semantic;
      expect(rewardOf('keep')).toBeCloseTo(sum, 12);
      expect(rewardOf('penalise')).toBeCloseTo(sum < 0 ? sum : 0, 12);
    });
  });

  it('applies the view penalty, then the weighted sum, then the normalisation (R4)', () => {
    const [out] = assess([pair([rollout(0.9), rollout(0.3)], [rollout(0.2), rollout(0.2)])], settings);
    // Means 0.6 and 0.2: Δ = 0.4 falls on the completion above 0.5.
    expect(out!.delta).toBeCloseTo(0.4, 12);
    const [good, poor] = out!.views[0]!.group;
    expect(good!.penalty).toBeCloseTo(0.4, 12);
    expect(good!.reward).toBeCloseTo(0.5 + 0.5 * 0.5, 12);
    expect(poor!.reward).toBeCloseTo(0.5 + 0.5 * 0.3, 12);
    expect(good!.rewards.semantic!.value).toBe(0.9);
    // Two levels whose order survives: no advantage changed (R3).
    expect(out).toMatchObject({ penalised: 'original', effect: 'none', verdict: 'neither', kept: true });
  });

  it('subtracts the view penalty from the coupled reward part by its weight (R4)', () => {
    const weights = { format: { weight: 0.2 }, semantic: { weight: 0.8 } };
    const views = pair([rollout(0.9), rollout(0.3)], [rollout(0.2), rollout(0.2)]);
    const [good] = assess([views], { ...settings, weights })[0]!.views[0]!.group;
    expect(good!.reward).toBeCloseTo(0.2 * 1 + 0.8 * (0.9 - 0.4), 12);
  });

  it('ignores effects of the divisor’s ε on advantages', () => {
    // 0.9 loses Δ = 0.59 and stays above 0.3: without ε every advantage is what it was. Next to ε, the spread is now small.
    const close = pair([rollout(0.9), rollout(0.3)], [rollout(0.01), rollout(0.01)]);
    expect(assess([close], settings)[0]).toMatchObject({ penalised: 'original', effect: 'none' });
    // Three levels do not stay in proportion.
    const three = pair([rollout(0.9), rollout(0.45), rollout(0.1)], [rollout(0.3), rollout(0.3)]);
    expect(assess([three], settings)[0]!.effect).toBe('scaled');
  });

  it('couples only by the semantic reward, and only if the semantic reward has a weight', () => {
    const views = () => pair([rollout(0.9, 0), rollout(0.7, 1)], [rollout(0.1, 1), rollout(0.1, 0)]);
    const unweighted = { ...settings, weights: { format: { weight: 1 } } };
    const [out] = assess([views()], unweighted);
    expect(out).toMatchObject({ delta: null, penalised: null, effect: null });
    expect(out!.views.map(({ group }) => group.map(({ reward, penalty }) => [reward, penalty]))).toEqual([
      [
        [0, 0],
        [1, 0],
      ],
      [
        [1, 0],
        [0, 0],
      ],
    ]);
    const [nought] = assess([views()], { ...settings, weights: { semantic: { weight: 0 } } });
    expect(nought).toMatchObject({ delta: null, penalised: null });
    // Parts that no weight names count nothing.
    const [only] = assess([views()], { ...settings, weights: { semantic: { weight: 1 } } });
    expect(only!.views[1]!.group.map(({ reward }) => reward)).toEqual([0.1, 0.1]);
    const bare = rollout(0, 0, { rewards: { format: { value: 1, why: '' } } });
    expect(assess([pair([bare, bare], [rollout(0.9), rollout(0.9)])], settings)[0]).toMatchObject({
      delta: -0.9,
      penalised: 'mirror',
    });
  });

  it('computes the effect over both views in pair scope, and the outcome by majority', () => {
    const views = pair([rollout(1), rollout(1)], [rollout(0), rollout(0)]);
    const together = { ...settings, advantages: { ...settings.advantages, scope: 'pair' as const } };
    expect(assess([views], together)[0]).toMatchObject({ effect: 'erased', verdict: 'only_original' });
    expect(assess([views], settings)[0]).toMatchObject({ effect: 'none', verdict: 'only_original' });
    const swapped = pair([rollout(0), rollout(0)], [rollout(1), rollout(1), rollout(0)]);
    expect(assess([swapped], settings)[0]!.verdict).toBe('only_mirror');
  });

  it('keeps a varying pair in every sampling mode, and reports the reason', () => {
    const varied = pair([rollout(0.9), rollout(0.1)], [rollout(0.9), rollout(0.9)]);
    for (const mode of ['off', 'skip', 'refill'] as const) {
      const sampling = { ...settings.dynamic_sampling, mode };
      const out = assess([varied], { ...settings, dynamic_sampling: sampling });
      expect(out[0]).toMatchObject({ kept: true, why: 'varies' });
    }
  });

  it('treats a completion with a truncated graph as truncated', () => {
    const graph = { stage: 'graph', source: 'raw' } as const;
    const cut = rollout(0.9, 1, { segments: [segment({ ...graph, stop_reason: 'length' }), segment()] });
    const whole = rollout(0.9, 1, { segments: [segment(graph), segment()] });
    const [out] = assess([pair([cut, whole])], { ...settings, truncated: 'penalise' });
    expect(out!.views[0]!.group.map(({ reward }) => reward)).toEqual([0, 0.95]);
    const [masked] = assess([pair([cut, whole])], { ...settings, truncated: 'mask' });
    expect(masked!.views[0]!.group.map(({ reward }) => reward)).toEqual([0.95, 0.95]);
  });

  it('leaves a row without a mirror uncoupled (R44)', () => {
    const [out] = assess([pair([rollout(0.9), rollout(0.1)])], settings);
    expect(out).toMatchObject({ delta: null, penalised: null, effect: null, verdict: null });
    expect(out!.views[0]!.group[0]!.advantage).toBeGreaterThan(0);
  });

  it('sets the reward of a truncated completion to 0 if truncation is penalised', () => {
    const cut = rollout(0.9, 1, { segments: [segment({ stop_reason: 'length' })] });
    const [kept] = assess([pair([cut, rollout(0.1)])], settings);
    const [penalised] = assess([pair([cut, rollout(0.1)])], { ...settings, truncated: 'penalise' });
    expect(kept!.views[0]!.group[0]!.reward).toBeGreaterThan(0);
    expect(penalised!.views[0]!.group[0]!.reward).toBe(0);
  });

  it('drops zero-variance pairs only with dynamic sampling', () => {
    const flat = pair([rollout(0.9), rollout(0.9)], [rollout(0.9), rollout(0.9)]);
    expect(assess([flat], settings)[0]).toMatchObject({ kept: true, why: 'all_right' });
    const skip = { ...settings, dynamic_sampling: { ...settings.dynamic_sampling, mode: 'skip' as const } };
    expect(assess([flat], skip)[0]).toMatchObject({ kept: false, why: 'all_right' });
  });

  describe('assess with a joint reward', () => {
    const joint: Assessment = {
      ...settings,
      coupling: { ...PAPER_COUPLING, mode: 'joint' },
      advantages: { ...settings.advantages, scope: 'pair' },
    };
    const advantagesOf = (pairs: ReturnType<typeof assess>) =>
      pairs.flatMap(({ views }) => views.flatMap(({ group }) => group.map(({ advantage }) => advantage)));

    it('a joint reward pays completions that are right in both views, but not in only one view', () => {
      const views = pair([rollout(0.9), rollout(0.9)], [rollout(0.9), rollout(0.1)]);
      const [out] = assess([views], joint);
      expect(out).toMatchObject({ joint: 1, penalised: null, effect: null, verdict: 'only_original' });
      const group = out!.views.flatMap((view) => view.group);
      // Half of the format reward, and of a value of 0.9.
      expect(group.map(({ reward }) => reward)).toEqual([0.95, 0.5, 0.95, 0.5]);
      const [up, down] = group.map(({ advantage }) => advantage);
      expect(up).toBeGreaterThan(0);
      expect(group.map(({ advantage }) => advantage)).toEqual([up, down, up, down]);
      expect(down).toBeCloseTo(-up!, 12);
    });

    it('a joint reward requires agreement in addition to right answers', () => {
      const told = (agrees: boolean) => rollout(0.9, 1, { agrees });
      const [out] = assess([pair([told(false), told(true)], [told(false), told(true)])], joint);
      expect(out!.joint).toBe(1);
      expect(out!.views.map(({ group }) => group.map(({ penalty }) => penalty))).toEqual([
        [0.9, 0],
        [0.9, 0],
      ]);
    });

    it('property: joint reward: gives zero advantages if no completions are right together', () => {
      const values = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 });
      forAll([values, values, fc.boolean()], (one, other, isOriginalRight) => {
        const group = (all: number[], right: boolean) => all.map((value) => rollout(value, 1, { right }));
        const views = pair(group(one, isOriginalRight), group(other, false));
        const out = assess([views], joint);
        expect(out[0]!.joint).toBe(0);
        expect(advantagesOf(out).every((advantage) => advantage === 0)).toBe(true);
      });
    });

    it('what-if analysis recomputes a joint reward with the view penalty', () => {
      const views = pair([rollout(0.9), rollout(0.7)], [rollout(0.9), rollout(0.1)]);
      const once = assess([views], joint);
      expect(assess(once, settings)).toEqual(assess([views], settings));
      const metrics = rolloutMetrics(once);
      expect(metrics['spatial/joint']).toBe(0.5);
      expect(metrics).not.toHaveProperty('spatial/effect_none');
      expect(metrics).not.toHaveProperty('spatial/penalised_original');
      expect(rolloutMetrics(assess(once, settings))).not.toHaveProperty('spatial/joint');
    });

    it('a joint reward keeps the own reward of a row without a mirror (R44)', () => {
      const [out] = assess([pair([rollout(0.9), rollout(0.1)])], joint);
      expect(out!.joint).toBeUndefined();
      expect(out!.views[0]!.group[0]!.advantage).toBeGreaterThan(0);
    });
  });

  it('property: a what-if starts from stored values, so it is idempotent', () => {
    const value = fc.double({ min: -0.2, max: 1, noNaN: true });
    const group = fc.array(
      value.map((v) => rollout(v)),
      { minLength: 2, maxLength: 4 },
    );
    forAll(
      [
        fc.array(
          fc.tuple(group, group).map((views) => pair(...views)),
          { minLength: 1, maxLength: 4 },
        ),
      ],
      (pairs) => {
        const once = assess(pairs, settings);
        expect(assess(once, settings)).toEqual(once);
        const other = { ...settings, coupling: { ...PAPER_COUPLING, eta: 2 } };
        expect(assess(once, other)).toEqual(assess(pairs, other));
      },
    );
  });
});

describe('rolloutMetrics', () => {
  it('separates the views, and counts groups by variance and correctness', () => {
    const pairs = assess(
      [
        pair([rollout(0.9), rollout(0.9)], [rollout(0.1), rollout(0.1)]),
        pair([rollout(0.9), rollout(0.1)], [rollout(0.9), rollout(0.9)]),
      ],
      settings,
    );
    const metrics = rolloutMetrics(pairs);
    expect(metrics.accuracy).toBe(0.75);
    expect(metrics.accuracy_mirror).toBe(0.5);
    expect(metrics['by_group/frac_all_good']).toBe(0.5);
    expect(metrics['by_group/frac_all_bad']).toBe(0.25);
    expect(metrics['by_group/frac_mixed']).toBe(0.25);
    expect(metrics['rewards/semantic/mean']).toBeCloseTo(0.7, 12);
    expect(metrics['spatial/verdict_only_original']).toBe(0.5);
    // Δ is 0.8 and −0.4.
    expect(metrics['spatial/delta']).toBeCloseTo(0.2, 12);
    expect(metrics['spatial/delta_abs']).toBeCloseTo(0.6, 12);
  });

  it('counts a group of equal continuous rewards as zero-variance, despite rounding', () => {
    // A tenth, three times: their mean is another number.
    const same = () => [rollout(0.2, 0), rollout(0.2, 0), rollout(0.2, 0)];
    const fallen = { ...settings, dynamic_sampling: { ...settings.dynamic_sampling, min_std: 0 } };
    const pairs = assess([pair(same(), same())], fallen);
    expect(pairs[0]).toMatchObject({ why: 'all_wrong' });
    const { frac_reward_zero_std, reward_std, group_reward_std } = rolloutMetrics(pairs);
    expect({ frac_reward_zero_std, reward_std, group_reward_std }).toEqual({
      frac_reward_zero_std: 1,
      reward_std: 0,
      group_reward_std: 0,
    });
  });

  it('rolloutMetrics never returns NaN', () => {
    for (const pairs of [[], assess([pair([rollout(0.5)])], settings)]) {
      for (const value of Object.values(rolloutMetrics(pairs))) expect(Number.isNaN(value)).toBe(false);
    }
  });
});

// docs/findings.md#when-does-the-penalty-have-an-effect
it('property: the view penalty changes binary rewards only if η|Δ| reaches 1 (R3)', () => {
  const group = fc
    .integer({ min: 2, max: 12 })
    .chain((n) => fc.array(fc.boolean(), { minLength: n, maxLength: n }));
  forAll([group, group, fc.double({ min: 0, max: 20, noNaN: true })], (one, other, eta) => {
    const share = (view: boolean[]) => view.filter(Boolean).length / view.length;
    const delta = share(one) - share(other);
    fc.pre(Math.abs(eta * Math.abs(delta) - 1) > 1e-6);
    const values = (view: boolean[]) => view.map((right) => rollout(right ? 1 : 0));
    const [out] = assess([pair(values(one), values(other))], {
      ...settings,
      weights: { semantic: { weight: 1 } },
      coupling: { ...PAPER_COUPLING, eta },
    });
    const better = delta > 0 ? one : other;
    const turns = eta * Math.abs(delta) > 1 && share(better) < 1;
    expect(out!.effect).toBe(turns ? 'inverted' : 'none');
    // |Δ| = 1 leaves no wrong completion in the better view, so the paper's η changes nothing.
    if (eta <= 1) expect(turns).toBe(false);
  });
});
