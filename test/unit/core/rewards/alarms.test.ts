import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alarms as alarmsOf, History, RunAlarms } from '../../../../src/core/rewards/alarms.ts';
import { Random } from '../../../../src/base/random.ts';
import type { MetricsRow } from '../../../../src/core/rewards/metrics-row.ts';
import { forAll } from '../../../support/property.ts';

/** Forty steps in which each named figure goes from its first to its second value. */
const history = (figures: Record<string, [number, number]>): MetricsRow[] =>
  Array.from({ length: 40 }, (_, i) => ({
    step: i + 1,
    ...Object.fromEntries(Object.entries(figures).map(([name, [a, b]]) => [name, a + ((b - a) * i) / 39])),
  }));
const alarms = (rows: readonly MetricsRow[]) => alarmsOf(History.of(rows));
const kinds = (figures: Record<string, [number, number]>) => alarms(history(figures)).map(({ kind }) => kind);

describe('alarms during training', () => {
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
  ])('raises only %s', (kind, figures) => {
    expect(kinds(figures)).toEqual([kind]);
  });

  it('property: reports zero reward from step two while the first and newest steps have none', () => {
    const step = fc.record({
      frac_reward_zero_std: fc.constantFrom(1, 1, 1, 0.9),
      reward_std: fc.constantFrom(0, 0, 0, 0.1),
      'by_group/frac_all_good': fc.constantFrom(0, 0.5, 0.9, 1),
    });
    forAll([fc.array(step, { minLength: 1, maxLength: 30 })], (steps) => {
      const history = new History();
      for (const [i, row] of steps.entries()) {
        history.add({ step: i + 1, ...row });
        const has = [steps[0], history.rows[1], row].every(
          (each) =>
            each?.frac_reward_zero_std === 1 && each.reward_std === 0 && each['by_group/frac_all_good'] !== 1,
        );
        const [found] = alarmsOf(history).filter(({ isVoid }) => isVoid);
        expect(found?.kind).toBe(has ? 'no-reward' : undefined);
      }
    });
    const none = { frac_reward_zero_std: 1, reward_std: 0, 'by_group/frac_all_good': 0, reward: 0 };
    const run = [1, 2, 3].map((step): MetricsRow => ({ step, ...none }));
    expect(new RunAlarms().through(run)).toMatchObject([{ kind: 'no-reward', since: 1 }]);
  });

  it('raises no alarm for a healthy run and for missing metrics', () => {
    expect(kinds({ accuracy: [0.5, 0.8], accuracy_mirror: [0.5, 0.8], kl_share: [0, 0.2] })).toEqual([]);
    expect(
      kinds({ reward: [0.5, 0.9], group_reward_std: [0.4, 0.05], 'by_group/frac_all_good': [0.2, 0.7] }),
    ).toEqual([]);
    expect(kinds({})).toEqual([]);
  });

  it('reports alarms of a whole run once with their first step, without evaluation steps', () => {
    const steps = history({ reward: [0.5, 0.9] });
    const cut = steps.map((row) => ({ ...row, 'completions/clipped_ratio': row.step > 20 ? 1 : 0 }));
    const rows = cut.flatMap((row): MetricsRow[] => [row, { step: row.step, eval_reward: 0.1 }]);
    expect(new RunAlarms().through(rows)).toMatchObject([{ kind: 'all-cut', since: 20 }]);
    expect(new RunAlarms().through(rows.slice(0, 40))).toEqual([]);
  });

  it('property: alarms of a growing or rewritten run equal the alarms of its current steps', () => {
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
    forAll([fc.array(change, { minLength: 1, maxLength: 6 })], (changes) => {
      const growing = new RunAlarms();
      let rows: MetricsRow[] = [];
      for (const { from, rows: more, long } of changes) {
        const kept = rows.slice(0, from);
        const added = more.flatMap((one) => Array.from({ length: long }, () => one));
        rows = [...kept, ...added.map((one, i) => ({ step: kept.length + i + 1, ...one }))];
        expect(growing.through(rows)).toEqual(new RunAlarms().through(rows));
      }
    });
  });

  it('raises alarms per partner view if its accuracy falls and originals rise by over 0.05', () => {
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

  it('distinguishes zero-variance groups of right answers from a constant reward', () => {
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
  ])('raises %s exactly at its threshold', (kind, at, short) => {
    expect([rings(at), rings(short)]).toEqual([[kind], []]);
  });

  it('alarms have messages with advice', () => {
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
        "reward-collapse: In at least 90% of groups, all completions earn the same reward, so the model learns almost nothing. Check whether these groups are all correct or all wrong, and consider dynamic_sampling (A-29 in docs/papers.md). Based on the mean of the last ten steps.",
        "kl-dominated: At least 90% of the gradient comes from the KL term, so rewards have almost no effect. Check whether rewards have vanished, or lower β (A-26 in docs/papers.md). Based on the mean of the last ten steps.",
        "flat-reward: The reward has not risen since the start, and the reward std within groups has halved, so completions become alike without becoming better (A-45 in docs/papers.md). Based on the mean of the last ten steps, compared with up to ten at the start.",
        "all-wrong: In at least 95% of groups, all completions are wrong, so GRPO has no correct answers to reinforce. Train with SFT first, or use easier rows. Based on the mean of the last ten steps.",
        "falling-length: Completions are less than half as long as at the start, so reasoning might be missing. Based on the mean of the last ten steps, compared with up to ten at the start.",
        "format-only: The format reward is saturated, but accuracy has not risen since the start, so the model learns the format instead of the answers. Based on the mean of the last ten steps, compared with up to ten at the start.",
        "answer-collapse: At least 90% of completions give the same answer, although the reference answers differ (A-44 in docs/papers.md). Based on the mean of the last ten steps.",
      ]
    `);
    const others = { [good]: [0, 1], accuracy: [0, 1], accuracy_mirror: [1, 0] } as const;
    expect(alarms(steps(others)).map(({ message }) => message)).toMatchInlineSnapshot(`
      [
        "In at least 95% of groups, all completions are correct, so the rows are too easy for this model. Based on the mean of the last ten steps.",
        "Accuracy rises on the originals and falls on their mirrors, so the model learns a shortcut instead of the relation. Based on the mean of the last ten steps, compared with up to ten at the start.",
      ]
    `);
  });

  it('reports an exploding KL at the third step beyond the threshold, not for single steps', () => {
    const first = (kl: (step: number) => number | null) => {
      const found = new History();
      for (let step = 1; step <= 60; step++) {
        found.add({ step, kl: kl(step) });
        if (alarmsOf(found).some(({ kind }) => kind === 'kl-explodes')) return step;
      }
      return null;
    };
    const late = (step: number) => (step < 30 ? 0.01 : 5);
    expect(first(late)).toBe(31);
    expect(first((step) => (step === 4 ? null : late(step)))).toBe(31);
    expect(first((step) => (step >= 30 && step % 6 === 0 ? null : late(step)))).toBe(32);
    expect(first((step) => (step < 2 ? 0 : 50))).toBe(3);
    expect(first((step) => 3e-14 * (2.75 / 3e-14) ** ((step - 1) / 6))).toBe(8);
    expect(first((step) => [3e-14, 0.01, 0.08, 0.3, 0.9, 1.8, 2.75][step - 1] ?? 2.75)).toBe(7);
    expect(first((step) => (step % 5 === 0 ? 80 : 0.02))).toBe(null);
    // A log that begins late, far from the reference.
    expect(first((step) => 4 + Math.sin(step))).toBe(null);
  });

  it('History: keeps the first and the last ten rows', () => {
    const kept = History.of(Array.from({ length: 45 }, (_, i) => ({ step: i + 1 })));
    expect(kept.rows.map(({ step }) => step)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45,
    ]);
  });
});

type Course = Record<string, number>;
/** Each alarm with what its run logs: values while it is well and ill, and the noise of both. */
const SICKNESSES: [
  kind: string,
  figures: Record<string, [well: number, ill: number, noise?: number]>,
  /** `window`: steps with the figures within which it has to be told; `from`: where the start is compared with. */
  about?: { window?: number; from?: number },
][] = [
  ['reward-collapse', { frac_reward_zero_std: [0.3, 0.97, 0.02] }],
  ['no-spread', { group_reward_std: [0.2, 0] }],
  ['all-cut', { 'completions/clipped_ratio': [0.2, 0.97, 0.02] }],
  ['kl-explodes', { kl: [0.05, 6, 0.01] }, { window: 3, from: 2 }],
  ['kl-dominated', { kl_share: [0.3, 0.98, 0.02] }],
  [
    'flat-reward',
    { reward: [0.5, 0.4, 0.02], group_reward_std: [0.4, 0.06, 0.04], 'by_group/frac_all_good': [0.2, 0.2] },
    { from: 11 },
  ],
  ['all-right', { 'by_group/frac_all_good': [0.5, 1, 0.02] }],
  ['all-wrong', { 'by_group/frac_all_bad': [0.5, 1, 0.02] }],
  ['falling-length', { 'completions/mean_length': [200, 40, 15] }, { from: 4 }],
  ['format-only', { 'rewards/format/mean': [0.5, 1, 0.005], accuracy: [0.5, 0.45, 0.02] }, { from: 11 }],
  ['answer-collapse', { 'answers/top_share': [0.5, 0.98, 0.02], 'answers/reference_top_share': [0.5, 0.5] }],
  ['shortcut', { accuracy: [0.5, 0.8, 0.04], accuracy_mirror: [0.5, 0.2, 0.04] }, { from: 4 }],
  [
    'shortcut-rotate:180',
    { accuracy: [0.5, 0.8, 0.04], 'views/rotate:180/accuracy': [0.5, 0.2, 0.04] },
    { from: 4 },
  ],
];

/** A step with these figures and their noise, some of which are missing. */
function stepOf(step: number, course: Course, noise: Course, random: Random, missing: number): MetricsRow {
  const row: MetricsRow = { step };
  for (const [name, value] of Object.entries(course))
    row[name] = random.chance(missing) ? null : value + (noise[name] ?? 0) * random.normal();
  return row;
}

describe('alarms over twenty simulated runs', () => {
  it.each(SICKNESSES)('reports %s within its window, and not before the window', (kind, figures, about) => {
    const { window = 10, from = 1 } = about ?? {};
    const [well, ill, noise] = [0, 1, 2].map((i): Course =>
      Object.fromEntries(Object.entries(figures).map(([name, values]) => [name, values[i] ?? 0])),
    ) as [Course, Course, Course];
    for (let course = 0; course < 20; course++) {
      const random = Random.from(`${kind}/${course}`);
      const missing = course % 2 === 0 ? 0 : 0.2;
      // Of a figure that is compared, the start has as many steps as are needed.
      const begin = from + course + (missing && from > 1 ? 10 : 0);
      let history = new History();
      const rows: MetricsRow[] = [];
      const seen: Record<string, number> = {};
      let told: number | null = null;
      for (let step = 1; step <= begin + 40; step++) {
        // A step whose update was skipped, or which had nothing to train on.
        const row =
          missing && step % 7 === 0
            ? { step, grad_norm: null }
            : stepOf(step, step >= begin ? ill : well, noise, random, missing);
        rows.push(row);
        // A resumed run reads its history again.
        if (course % 4 >= 2 && step % 6 === 0)
          history = History.of(JSON.parse(JSON.stringify(rows)) as MetricsRow[]);
        else history.add(row);
        if (step >= begin)
          for (const name of Object.keys(ill))
            if (typeof row[name] === 'number') seen[name] = (seen[name] ?? 0) + 1;
        if (alarmsOf(history).some((alarm) => alarm.kind === kind)) told ??= step;
        if (step < begin) expect(told, `course ${course}`).toBeNull();
        const least = Math.min(...Object.keys(ill).map((name) => seen[name] ?? 0));
        if (least >= window) expect(told, `course ${course}, from ${begin}, step ${step}`).not.toBeNull();
      }
    }
  });

  it('raises no alarms for twenty simulated healthy runs', () => {
    for (let course = 0; course < 20; course++) {
      const random = Random.from(`healthy/${course}`);
      const long = 120;
      const rows = Array.from({ length: long }, (_, i): MetricsRow => {
        const learnt = 1 - Math.exp(-i / 40);
        const figures = {
          reward: 0.3 + 0.5 * learnt,
          reward_std: 0.4,
          group_reward_std: 0.3 - 0.08 * learnt,
          accuracy: 0.4 + 0.4 * learnt,
          accuracy_mirror: 0.35 + 0.4 * learnt,
          'views/rotate:180/accuracy': 0.4 + 0.2 * learnt,
          frac_reward_zero_std: 0.2 + 0.3 * learnt,
          'by_group/frac_all_good': 0.1 + 0.5 * learnt,
          'by_group/frac_all_bad': 0.4 - 0.3 * learnt,
          'completions/clipped_ratio': 0.3 - 0.2 * learnt,
          'completions/mean_length': 180 - 50 * learnt,
          'rewards/format/mean': 0.4 + 0.55 * learnt,
          'answers/top_share': 0.6,
          'answers/reference_top_share': 0.5,
          kl: i % 11 === 10 ? 20 : 0.6 * learnt,
          kl_share: 0.2 + 0.2 * learnt,
        };
        const noise = Object.fromEntries(
          Object.entries(figures).map(([name, value]) => [name, name === 'kl' ? 0.05 * value : 0.08 * value]),
        );
        const row = stepOf(i + 1, figures, noise, random, course % 2 === 0 ? 0 : 0.2);
        return course % 2 && i % 7 === 6 ? { step: i + 1, reward: row.reward ?? null } : row;
      });
      expect(new RunAlarms().through(rows), `course ${course}`).toEqual([]);
    }
  });
});
