import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alarms as alarmsOf, History, RunAlarms } from '../../../../src/core/rewards/alarms.ts';
import type { MetricsRow } from '../../../../src/core/rewards/metrics.ts';

/** Forty steps in which each named figure goes from its first to its second value. */
const history = (figures: Record<string, [number, number]>): MetricsRow[] =>
  Array.from({ length: 40 }, (_, i) => ({
    step: i + 1,
    ...Object.fromEntries(Object.entries(figures).map(([name, [a, b]]) => [name, a + ((b - a) * i) / 39])),
  }));
const alarms = (rows: readonly MetricsRow[]) => alarmsOf(History.of(rows));
const kinds = (figures: Record<string, [number, number]>) => alarms(history(figures)).map(({ kind }) => kind);

describe('alarms', () => {
  it.each<[string, Record<string, [number, number]>]>([
    ['reward-collapse', { frac_reward_zero_std: [0.2, 1] }],
    ['no-spread', { group_reward_std: [0, 0] }],
    ['all-cut', { 'completions/clipped_ratio': [0.9, 1] }],
    ['kl-explodes', { kl: [-4, 40] }],
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
    ['shortcut-rotate:180', { accuracy: [0.5, 0.8], 'views/rotate:180/accuracy': [0.5, 0.2] }],
  ])('%s', (kind, figures) => {
    expect(kinds(figures)).toEqual([kind]);
    expect(alarms(history(figures).slice(0, 12))).toEqual([]);
  });

  it('property: tell of no reward from the second step on, while the first two and the newest had none', () => {
    const step = fc.record({
      frac_reward_zero_std: fc.constantFrom(1, 1, 1, 0.9),
      reward_std: fc.constantFrom(0, 0, 0, 0.1),
      'by_group/frac_all_good': fc.constantFrom(0, 0.5, 0.9, 1),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), (steps) => {
        const history = new History();
        for (const [i, row] of steps.entries()) {
          history.add({ step: i + 1, ...row });
          const has = [steps[0], history.rows[1], row].every(
            (each) =>
              each?.frac_reward_zero_std === 1 &&
              each.reward_std === 0 &&
              each['by_group/frac_all_good'] !== 1,
          );
          const [found] = alarmsOf(history).filter(({ isVoid }) => isVoid);
          expect(found?.kind).toBe(has ? 'no-reward' : undefined);
        }
      }),
    );
    const none = { frac_reward_zero_std: 1, reward_std: 0, 'by_group/frac_all_good': 0, reward: 0 };
    const run = [1, 2, 3].map((step): MetricsRow => ({ step, ...none }));
    expect(new RunAlarms().through(run)).toMatchObject([{ kind: 'no-reward', since: 1 }]);
  });

  it('stay silent over a healthy run and over missing figures', () => {
    expect(kinds({ accuracy: [0.5, 0.8], accuracy_mirror: [0.5, 0.8], kl_share: [0, 0.2] })).toEqual([]);
    expect(
      kinds({ reward: [0.5, 0.9], group_reward_std: [0.4, 0.05], 'by_group/frac_all_good': [0.2, 0.7] }),
    ).toEqual([]);
    expect(kinds({})).toEqual([]);
  });

  it('of a whole run say once where each began, and pass over steps of evaluations', () => {
    const steps = history({ reward: [0.5, 0.9] });
    const cut = steps.map((row) => ({ ...row, 'completions/clipped_ratio': row.step > 20 ? 1 : 0 }));
    const rows = cut.flatMap((row): MetricsRow[] => [row, { step: row.step, eval_reward: 0.1 }]);
    expect(new RunAlarms().through(rows)).toMatchObject([{ kind: 'all-cut', since: 20 }]);
    expect(new RunAlarms().through(rows.slice(0, 40))).toEqual([]);
  });

  it('of a run that grows, and of which steps are written again, are those of the run as it is', () => {
    const figure = fc.constantFrom(0, 0.5, 1, null);
    const row = fc.record({
      reward: figure,
      accuracy: figure,
      'completions/clipped_ratio': figure,
      kl: figure,
    });
    const change = fc.record({
      from: fc.nat(80),
      rows: fc.array(row, { maxLength: 15 }),
      long: fc.integer({ min: 1, max: 8 }),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
        const growing = new RunAlarms();
        let rows: MetricsRow[] = [];
        for (const { from, rows: more, long } of changes) {
          const kept = rows.slice(0, from);
          const added = more.flatMap((one) => Array.from({ length: long }, () => one));
          rows = [...kept, ...added.map((one, i) => ({ step: kept.length + i + 1, ...one }))];
          expect(growing.through(rows)).toEqual(new RunAlarms().through(rows));
        }
      }),
    );
  });

  it('watch every partner by itself: the originals rise, and it falls, both by more than 0.05', () => {
    const turned = 'views/rotate:180/accuracy';
    const [alarm, ...others] = alarms(history({ accuracy: [0.5, 0.8], [turned]: [0.5, 0.2] }));
    expect(others).toEqual([]);
    expect(alarm!.message).toContain('falls on the half turns');
    expect(kinds({ accuracy: [0.5, 0.5], [turned]: [0.5, 0.2] })).toEqual([]);
    expect(kinds({ accuracy: [0.5, 0.54], [turned]: [0.5, 0.2] })).toEqual([]);
    expect(kinds({ accuracy: [0.5, 0.8], [turned]: [0.5, 0.5] })).toEqual([]);
    expect(kinds({ accuracy: [0.5, 0.8], [turned]: [0.5, 0.48] })).toEqual([]);
    // The mirror has a rule of its own.
    const mirror: [number, number] = [0.5, 0.2];
    expect(kinds({ accuracy: [0.5, 0.8], accuracy_mirror: mirror, 'views/mirror/accuracy': mirror })).toEqual(
      ['shortcut'],
    );
  });

  it('tell groups that lose their spread by being right from a flat reward', () => {
    const figures: Record<string, [number, number]> = { reward: [0.99, 0.99], group_reward_std: [0.4, 0.05] };
    expect(kinds({ ...figures, 'by_group/frac_all_good': [1, 1] })).toEqual(['all-right']);
  });

  /** Twenty steps, of which the first ten have one value and the last ten another. */
  const steps = (figures: Record<string, readonly [number, number]>): MetricsRow[] =>
    Array.from({ length: 20 }, (_, i) => ({
      step: i + 1,
      ...Object.fromEntries(Object.entries(figures).map(([name, values]) => [name, values[i < 10 ? 0 : 1]])),
    }));
  const rings = (figures: Record<string, readonly [number, number]>) =>
    alarms(steps(figures)).map(({ kind }) => kind);
  const good = 'by_group/frac_all_good';

  it.each<[string, Record<string, readonly [number, number]>, Record<string, readonly [number, number]>]>([
    ['reward-collapse', { frac_reward_zero_std: [0, 0.9] }, { frac_reward_zero_std: [1, 0.89] }],
    ['kl-dominated', { kl_share: [0, 0.9] }, { kl_share: [1, 0.89] }],
    [
      'flat-reward',
      { reward: [0.5, 0.505], group_reward_std: [0.5, 0.24], [good]: [0, 0.9] },
      { reward: [0.5, 0.505], group_reward_std: [0.5, 0.25], [good]: [0, 0.9] },
    ],
    [
      'flat-reward',
      { reward: [0.5, 0.5], group_reward_std: [0.5, 0.1], [good]: [1, 0] },
      { reward: [0.5, 0.52], group_reward_std: [0.5, 0.1], [good]: [1, 0] },
    ],
    ['all-right', { [good]: [0, 0.95] }, { [good]: [1, 0.94] }],
    ['all-wrong', { 'by_group/frac_all_bad': [0, 0.95] }, { 'by_group/frac_all_bad': [1, 0.94] }],
    ['falling-length', { 'completions/mean_length': [100, 49] }, { 'completions/mean_length': [100, 50] }],
    [
      'format-only',
      { 'rewards/format/mean': [0.89, 0.98], accuracy: [0.5, 0.505] },
      { 'rewards/format/mean': [0.9, 0.98], accuracy: [0.5, 0.5] },
    ],
    [
      'format-only',
      { 'rewards/format/mean': [0, 1], accuracy: [0.5, 0.4] },
      { 'rewards/format/mean': [0, 0.97], accuracy: [0.5, 0.4] },
    ],
    [
      'format-only',
      { 'rewards/format/mean': [0, 1], accuracy: [0.5, 0.5] },
      { 'rewards/format/mean': [0, 1], accuracy: [0.5, 0.52] },
    ],
    [
      'answer-collapse',
      { 'answers/top_share': [0, 0.9], 'answers/reference_top_share': [1, 0.69] },
      { 'answers/top_share': [0, 0.9], 'answers/reference_top_share': [1, 0.7] },
    ],
    [
      'answer-collapse',
      { 'answers/top_share': [0, 1], 'answers/reference_top_share': [0, 0] },
      { 'answers/top_share': [1, 0.89], 'answers/reference_top_share': [0, 0] },
    ],
    [
      'shortcut',
      { accuracy: [0.5, 0.56], accuracy_mirror: [0.5, 0.44] },
      { accuracy: [0.5, 0.54], accuracy_mirror: [0.5, 0.44] },
    ],
    [
      'shortcut',
      { accuracy: [0.5, 0.9], accuracy_mirror: [0.5, 0.1] },
      { accuracy: [0.5, 0.9], accuracy_mirror: [0.5, 0.46] },
    ],
  ])('%s rings at its limit, not short of it', (kind, at, short) => {
    expect([rings(at), rings(short)]).toEqual([[kind], []]);
  });

  it('are spelt out, with advice', () => {
    const all = {
      frac_reward_zero_std: [0, 1],
      kl_share: [0, 1],
      reward: [1, 0],
      group_reward_std: [1, 0],
      [good]: [0, 0],
      'by_group/frac_all_bad': [0, 1],
      'completions/mean_length': [9, 1],
      'rewards/format/mean': [0, 1],
      accuracy: [0.5, 0.5],
      accuracy_mirror: [0.5, 0.5],
      'answers/top_share': [0, 1],
      'answers/reference_top_share': [0, 0],
    } as Record<string, readonly [number, number]>;
    expect(alarms(steps(all)).map(({ kind, message }) => `${kind}: ${message}`)).toMatchInlineSnapshot(`
      [
        "reward-collapse: Nine of ten groups have no spread: there is almost nothing to learn from. Look at the reasons (all right, all wrong) and at dynamic_sampling (A-29).",
        "kl-dominated: Nine tenths of the pull on the weights come from the reference penalty. Rewards have vanished, or β is too high (A-26).",
        "flat-reward: The reward is no higher than at the start, and groups have lost half of their spread: completions grow alike without growing better (A-45).",
        "all-wrong: Nearly every group is wrong throughout: GRPO sharpens what a model can do and does not create it. Train with SFT first, or take easier rows.",
        "falling-length: Completions are less than half as long as at the start: the reasoning may be collapsing.",
        "format-only: The format is learnt and the answers are not: the format reward is saturated while accuracy stays where it was.",
        "answer-collapse: Nine of ten completions give one and the same answer while the references differ (A-44).",
      ]
    `);
    const others = { [good]: [0, 1], accuracy: [0, 1], accuracy_mirror: [1, 0] } as const;
    expect(alarms(steps(others)).map(({ message }) => message)).toMatchInlineSnapshot(`
      [
        "Nearly every group is right throughout: the rows are too easy for this model.",
        "Accuracy rises on the originals and falls on their mirrors: the model learns a side, not space.",
      ]
    `);
  });

  it('need twenty steps, of which the history keeps the first and the last ten', () => {
    const rows = steps({ frac_reward_zero_std: [0, 1] });
    expect(alarms(rows.slice(1))).toEqual([]);
    expect(alarms(rows)).toHaveLength(1);
    const kept = History.of(Array.from({ length: 45 }, (_, i) => ({ step: i + 1 })));
    expect(kept.rows.map(({ step }) => step)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45,
    ]);
  });
});
