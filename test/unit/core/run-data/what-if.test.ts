import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { assessmentOf } from '../../../../src/core/config/derived.ts';
import { loadRun } from '../../../../src/core/config/load.ts';
import type { GrpoConfig } from '../../../../src/core/config/run-config.ts';
import { assess } from '../../../../src/core/rewards/assess.ts';
import type { TracedPair } from '../../../../src/core/run-data/trace.ts';
import { changedShare, pairAfter, signChanges, whatIfReport } from '../../../../src/core/run-data/what-if.ts';
import {
  parseChanges,
  settingsFor,
  valueOf,
  withChanges,
  type Changes,
} from '../../../../src/core/run-data/what-if-settings.ts';
import { property } from '../../../support/property.ts';
import { readRows } from '../../../support/rows.ts';

const RUN = new URL('../../../fixtures/traces/run/', import.meta.url);
const text = readFileSync(new URL('run.yaml', RUN), 'utf8');
const config = loadRun(text, 'run.yaml', () => '{}').config as GrpoConfig;
const read = (name: string) => readRows<TracedPair>(new URL(`traces/${name}.jsonl`, RUN));
const steps = [read('step-000001'), read('step-000097')];
const settings = settingsFor(config, ['format', 'semantic']);
const ask = (step: TracedPair[], changes: Changes) =>
  assess(step, assessmentOf(withChanges(config, changes, settings)));
const advantages = (step: TracedPair[]) =>
  step.map((pair) => pair.views.map(({ group }) => group.map(({ advantage }) => advantage)));

describe('what-if analysis', () => {
  it('what-if restores exactly the stored trace under the run’s own settings', () => {
    for (const step of steps) expect(ask(step, {})).toEqual(step);
  });

  it('recomputes a pair under other settings, with its texts', () => {
    const [step] = steps;
    const trained = (pair: TracedPair) => ({ kind: 'trained' as const, ...pair });
    expect(pairAfter(trained(step![3]!), step!, config)).toEqual(trained(step![3]!));
    const other = withChanges(config, { eta: 0 }, settings);
    for (const [i, now] of ask(steps[1]!, { eta: 0 }).entries()) {
      const traced = steps[1]![i]!;
      const after = pairAfter(trained(traced), steps[1]!, other)!;
      expect(advantages([after])).toEqual(advantages([now as TracedPair]));
      expect(after.views[0]!.group[0]!.segments).toEqual(traced.views[0]!.group[0]!.segments);
    }
    expect(pairAfter(trained(steps[1]![0]!), [], config)).toBeNull();
  });

  it('counts the advantages of a step whose sign changes', () => {
    const [, step] = steps;
    expect(changedShare(step!, config)).toBe(0);
    const other = { eta: 0 };
    const [before, after] = [advantages(step!), advantages(ask(step!, other) as TracedPair[])].map((all) =>
      all.flat(2).map((advantage) => Math.sign(Math.abs(advantage!) < 1e-9 ? 0 : advantage!)),
    );
    const changed = before!.filter((sign, i) => sign !== after![i]).length;
    expect(changed).toBeGreaterThan(0);
    expect(changedShare(step!, withChanges(config, other, settings))).toBe(changed / before!.length);
    expect(changedShare([], config)).toBe(0);
  });

  it('recomputes the effect of η, and restores the order at η = 0', () => {
    const at = (eta: number) => ask(steps[1]!, { eta })[9]!;
    expect(at(1)).toMatchObject({ effect: 'inverted', penalised: 'original' });
    expect(at(0)).toMatchObject({ effect: 'none', penalised: null, delta: at(1).delta });
    const [wrong, right] = at(1).views[0]!.group;
    expect([wrong!.right, right!.right]).toEqual([false, true]);
    // At η = 2 the right answers are pulled down and a wrong one up (R3).
    expect(signChanges(at(1), at(2))[0]!.slice(0, 2)).toEqual(['reversed', 'reversed']);
    expect(at(2).views[0]!.group[1]!.advantage).toBeLessThan(0);
  });

  it('computes a joint reward from the stored outcomes', () => {
    expect(
      valueOf(
        config,
        settings.find(({ name }) => name === 'coupling')!,
      ),
    ).toBe('penalty');
    const after = ask(steps[1]!, { coupling: 'joint', scope: 'pair' });
    for (const { joint, views } of after) {
      const [one, other] = views.map(({ group }) => group.map(({ right }) => right)) as [
        boolean[],
        boolean[],
      ];
      expect(joint).toBe(one!.filter((right, i) => right && other![i]).length);
    }
  });

  it('offers only couplings that the drawn views allow, with an explanation', () => {
    const names = (mode: 'relation' | 'order' | 'joint') =>
      settingsFor({ ...config, coupling: { ...config.coupling, mode } }, ['accuracy']).flatMap((one) =>
        one.name === 'coupling' ? [one] : [],
      );
    expect(names('joint')).toMatchObject([{ choices: ['penalty', 'joint'] }]);
    expect(() => parseChanges('coupling=penalty', names('relation'))).toThrow(
      '"coupling=penalty" must be relation, because the other views of this run were drawn for relation.',
    );
    expect(() => parseChanges('coupling=order', settings)).toThrow('must be one of penalty, joint');
  });

  it('restores rewards of relation and order coupling, and applies new weights', () => {
    const [pair] = steps[1]!;
    const completions = (values: boolean[], more: object[] = []) =>
      values.map((right, g) => ({
        ...pair!.views[0]!.group[0]!,
        right,
        rewards: { semantic: { value: Number(right), why: '' } },
        ...more[g],
      }));
    const behaves = [true, false].map((one) => ({
      behaves: one,
      rewards: { semantic: { value: Number(one), why: '' } },
    }));
    const traced = (view: string, more: object[]): TracedPair => ({
      ...pair!,
      views: [
        { ...pair!.views[0]!, group: completions([true, true, true, false]) },
        { ...pair!.views[1]!, view, group: completions([false, false], more) },
      ],
    });
    const under = (mode: 'relation' | 'order', changes: Changes, of: TracedPair) =>
      assess(
        [of],
        assessmentOf(withChanges({ ...config, coupling: { ...config.coupling, mode } }, changes, settings)),
      )[0]!;
    const rewards = ({ views }: ReturnType<typeof under>) =>
      views.map(({ group }) => group.map((one) => one.reward));
    const relation = under('relation', { semantic: 1, format: 0 }, traced('reverse', behaves));
    expect(relation).toMatchObject({ behaving: 1, delta: null, effect: null });
    expect(rewards(relation)).toEqual([
      [1.5, 1.5, 1.5, 0],
      [1.75, 0],
    ]);
    expect(under('relation', { semantic: 1, format: 0 }, relation)).toEqual(relation);
    expect(rewards(under('relation', { semantic: 2, format: 0 }, relation))[1]).toEqual([3.5, 0]);
    const order = under('order', { semantic: 1, format: 0 }, traced('shuffle:1', []));
    expect(order).toMatchObject({ bonus: true, delta: 0.75, verdict: null });
    expect(rewards(order)).toEqual([
      [1.3, 1.3, 1.3, 0],
      [0, 0],
    ]);
    expect(under('order', { semantic: 1, format: 0 }, order)).toEqual(order);
  });

  it('counts a dropped pair as zero gradient', async () => {
    const [before] = steps;
    const changes = { mode: 'skip', min_std: 10 };
    const after = ask(before!, changes);
    expect(after.every(({ kept }) => !kept)).toBe(true);
    const only = (async function* () {
      yield await Promise.resolve(before!);
    })();
    const report = await whatIfReport(only, assessmentOf(withChanges(config, changes, settings)));
    const pulled = advantages(before!)
      .flat(2)
      .filter((a) => Math.abs(a!) > 1e-3).length;
    expect(report).toMatchObject({
      steps: 1,
      pairs: 8,
      completions: 128,
      groups: 16,
      signs: { reversed: 0, silenced: pulled, woken: 0 },
      kept: { before: 16, after: 0 },
    });
    expect(signChanges(after[0]!, before![0]!).flat()).toContain('woken');
  });

  it('penalises the worse view if configured (R2)', () => {
    const [pair] = ask(steps[1]!.slice(9, 10), { side: 'worse', threshold: -1 });
    expect(pair!.penalised).toBe('mirror');
    expect(pair!.views[0]!.group.every(({ penalty }) => penalty === 0)).toBe(true);
    expect(pair!.views[1]!.group[1]!.penalty).toBeCloseTo(0.75, 12);
  });

  it('requires the whole step for normalisation over the batch', () => {
    const [step] = steps;
    const alone = ask(step!.slice(0, 1), { convention: 'trl-batch' });
    const together = ask(step!, { convention: 'trl-batch' });
    expect(advantages(alone)[0]).not.toEqual(advantages(together)[0]);
  });

  property(
    'what-if: counts only weighted rewards, and is linear without a penalty',
    [fc.double({ min: 0, max: 3, noNaN: true })],
    { numRuns: 20 },
    (weight) => {
      for (const pair of ask(steps[0]!, { eta: 0, semantic: 0, format: weight })) {
        for (const { reward, rewards } of pair.views.flatMap(({ group }) => group)) {
          expect(reward).toBeCloseTo(weight * rewards.format!.value, 12);
        }
      }
    },
  );
});

describe('settings of a what-if analysis', () => {
  it('parses changes of settings, and rejects invalid changes', () => {
    expect(parseChanges(' eta = 2 ,scope=pair,semantic=-1', settings)).toEqual({
      eta: 2,
      scope: 'pair',
      semantic: -1,
    });
    expect(parseChanges('coupling.mode=joint,rewards.semantic.weight=2', settings)).toEqual({
      coupling: 'joint',
      semantic: 2,
    });
    for (const [wrong, why] of [
      ['', /^Cannot change ""/],
      ['beta=1', /Cannot change "beta".*format, semantic, eta/],
      ['eta', /"eta=" must be a number of at least 0/],
      ['eta=x', /must be a number of at least 0/],
      ['eta=-1', /must be a number of at least 0/],
      ['eta=Infinity', /must be a number/],
      ['scope=batch', /one of group, pair/],
    ] as const) {
      expect(() => parseChanges(wrong, settings)).toThrow(why);
    }
  });

  it('settings of a what-if match the config schema, with all their choices', () => {
    for (const setting of settings) {
      const values = setting.kind === 'choice' ? setting.choices : [setting.min, setting.max];
      for (const value of values) {
        const changed = setting.path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
        const merged = loadRun(stringify(changed), 'changed.yaml', () => null);
        // The snippet alone is not a run; what it does say must be right.
        const about = merged.problems.filter(({ path }) => path?.startsWith(setting.path[0]));
        expect(about).toEqual([]);
        expect(valueOf(changed as never, setting)).toBe(value);
      }
      expect(valueOf(config, setting)).toBeDefined();
    }
  });

  it('settings of a what-if take ddof and epsilon from a changed advantage normalisation', () => {
    const own = { ...config, advantages: { ...config.advantages, ddof: 0 as const, epsilon: 1 } };
    const at = (changes: Changes) => assessmentOf(withChanges(own, changes, settings)).advantages;
    expect(at({ convention: 'trl' })).toMatchObject({ ddof: 0, epsilon: 1 });
    expect(at({ convention: 'verl' })).toMatchObject({ ddof: 1, epsilon: 1e-6, scope: 'group' });
  });
});
