import { expect, it } from 'vitest';
import { checksOf, type Checks } from '../../../../src/core/psychophysics/observer-checks.ts';
import { differencesOf } from '../../../../src/core/psychophysics/differences.ts';
import { fit } from '../../../../src/core/psychophysics/fit.ts';
import { THRESHOLD } from '../../../../src/core/psychophysics/observer.ts';
import { mean } from '../../../../src/base/numbers.ts';
import { Random } from '../../../../src/base/random.ts';
import {
  type Alike,
  anyObserver,
  type Asked,
  CLIPS,
  LEVELS,
  MISFITS,
  observer,
  seesAs,
  simulated,
  SPEEDS,
  WAYS,
} from '../../../support/simulated-observers.ts';
import { besideChain, chains, compared, fixtures } from './parity.ts';

/**
 * How many observers of a kind are simulated, an even number. The tables of coverage.md say with how many they were printed:
 * `CHIRALITY_SLOW=1 CHIRALITY_OBSERVERS=400 npx vitest run --project unit test/unit/core/psychophysics/coverage`.
 */
const OBSERVERS = Number(process.env.CHIRALITY_OBSERVERS ?? 40);
/** Two observers answer the same scenes, for their differences. */
const PAIRS = OBSERVERS / 2;
/** What intervals of 95% promise to hold, whatever the habits. */
const PROMISE = 0.93;
/** The promise, less three standard errors. */
const leastOf = (n: number) => PROMISE - 3 * Math.sqrt((0.95 * 0.05) / n);
/** The smallest share of a figure of single observers, or of a difference of pairs, by which the promise may still hold. */
const leastFor = (figure: string) => leastOf(figure.startsWith('Δ') ? PAIRS : OBSERVERS);

type Interval = { interval: readonly [number, number] };
const holds = ({ interval: [low, high] }: Interval, truth: number) => Number(low <= truth && truth <= high);
const row = (cells: readonly (string | number)[]) => console.log(`| ${cells.join(' | ')} |`);

const KINDS = ['shift', 'replace'] as const;
interface Case {
  kind: (typeof KINDS)[number] | 'mixed';
  rho: number;
  scenes: number;
  of: string;
  asked?: Asked;
}
const CASES = [
  ...KINDS.flatMap((kind) =>
    [0, 0.3, 0.6].flatMap((rho) => [1, 3, 12].map((scenes): Case => ({ kind, rho, scenes, of: 'sides' }))),
  ),
  ...[3, 12].map((scenes): Case => ({ kind: 'mixed', rho: 0.3, scenes, of: 'sides' })),
  // A habit of time, next to two others, and next to three.
  ...KINDS.flatMap((kind) =>
    [3, 12].map((scenes): Case => ({ kind, rho: 0.3, scenes, of: 'clips', asked: CLIPS })),
  ),
  ...KINDS.map((kind): Case => ({ kind, rho: 0.3, scenes: 6, of: 'speed', asked: SPEEDS })),
];

/** How often each figure was held, in the order of the cases without clips. */
const rows: Record<string, number>[] = [];

it.each(CASES)(
  '95% intervals contain simulated biases that $kind $of, ρ = $rho, $scenes scenes per level',
  { timeout: 14_400_000 },
  ({ kind, rho, scenes, of, asked }) => {
    const held: Record<string, number> = {};
    const count = (name: string, times: number) => (held[name] = (held[name] ?? 0) + times / PAIRS);
    for (let i = 0; i < PAIRS; i++) {
      const random = Random.from(`${asked ? of : ''}${kind} ${rho} ${scenes} ${i}`);
      const who = [anyObserver(kind, random, asked), anyObserver(kind, random, asked)] as const;
      const alike: Alike = { by: i % 2 === 0 ? 'noise' : 'luck', rho };
      const answers = simulated(who.map(seesAs), scenes, alike, random, LEVELS, asked);
      // The last of the habits of clips is that of time.
      const h = asked ? asked.habits.length - 1 : 0;
      const habit = answers[0]!.habits[h]!;
      const [one, two] = answers.map((each) => ({ answers: each, fit: fit(each) }));
      const differences = differencesOf(one!, two!);
      for (const [w, { fit: of }] of [one!, two!].entries()) {
        const { width, lapseHigh, ...habits } = who[w]!;
        const both = (key: 'shifts' | 'shares') =>
          mean(of[key].map((each, h) => holds(each, habits[key][h]!)))!;
        count('threshold', holds(of.threshold, width * THRESHOLD) / 2);
        count('shifts', both('shifts') / 2);
        count('shares', both('shares') / 2);
        count('lapses', holds(of.lapse, lapseHigh) / 2);
      }
      const apart = (of: (one: (typeof who)[number]) => number) => of(who[1]) - of(who[0]);
      count(
        'Δ threshold',
        holds(
          differences.threshold,
          apart(({ width }) => width * THRESHOLD),
        ),
      );
      count(
        'Δ shift',
        holds(
          differences.shifts[habit]!,
          apart(({ shifts }) => shifts[h]!),
        ),
      );
      count(
        'Δ share',
        holds(
          differences.shares[habit]!,
          apart(({ shares }) => shares[h]!),
        ),
      );
      count(
        'Δ lapses',
        holds(
          differences.lapse,
          apart(({ lapseHigh }) => lapseHigh),
        ),
      );
    }
    row([
      asked ? `${kind}, ${of}` : kind,
      rho,
      scenes * (asked?.ways(0).length ?? WAYS.length),
      OBSERVERS,
      ...Object.values(held).map((share) => (100 * share).toFixed(1)),
    ]);
    if (!asked) rows.push(held);
    for (const [figure, share] of Object.entries(held))
      expect(share, figure).toBeGreaterThan(leastFor(figure));
  },
);

it('intervals have nominal coverage on average', () => {
  const figures = Object.keys(rows[0]!);
  const whole = figures.map((figure) => mean(rows.map((held) => held[figure]!))!);
  row(['all', '', '', OBSERVERS * rows.length, ...whole.map((share) => (100 * share).toFixed(1))]);
  for (const [i, share] of whole.entries()) expect(share, figures[i]).toBeGreaterThanOrEqual(PROMISE);
});

const failures = (sees: (random: Random) => Parameters<typeof simulated>[0][number], rho: number) => {
  const failed: Record<keyof Checks, number> = { levels: 0, sides: 0, halves: 0 };
  for (let i = 0; i < OBSERVERS; i++) {
    const random = Random.from(`checks ${rho} ${i}`);
    const [answers] = simulated([sees(random)], 12, { by: i % 2 === 0 ? 'noise' : 'luck', rho }, random);
    const checks = checksOf(answers!, fit(answers!))!;
    for (const key of ['levels', 'sides', 'halves'] as const)
      failed[key] += Number(checks[key] < 0.05) / OBSERVERS;
  }
  return failed;
};
const percents = (shares: Record<string, number>) =>
  Object.values(shares).map((one) => (100 * one).toFixed(1));

it.each([0, 0.3, 0.6])('checks of a correct model rarely fail, ρ = %d', { timeout: 7_200_000 }, (rho) => {
  const failed = failures((random) => seesAs(anyObserver('shift', random)), rho);
  row(['a curve of the model', rho, ...percents(failed)]);
  for (const share of Object.values(failed))
    expect(share).toBeLessThan(0.07 + 3 * Math.sqrt(0.0475 / OBSERVERS));
});

it.each(Object.keys(MISFITS))('checks detect %s', { timeout: 7_200_000 }, (name) => {
  for (const rho of [0, 0.3]) {
    const failed = failures(() => MISFITS[name]!, rho);
    row([name, rho, ...percents(failed)]);
    expect(Math.max(...Object.values(failed))).toBeGreaterThan(0.5);
  }
});

it('the fit distinguishes simulated lapses from a bias that replaces answers', () => {
  const held = { share: 0, lapses: 0, none: 0 };
  for (let i = 0; i < OBSERVERS; i++) {
    const random = Random.from(`yes ${i}`);
    const [yes, errs] = simulated(
      [seesAs(observer({ shares: [0.3, 0] })), seesAs(observer({ lapseLow: 0.1, lapseHigh: 0.1 }))],
      12,
      { by: 'noise', rho: 0.3 },
      random,
    ).map((answers) => fit(answers));
    held.share += holds(yes!.shares[0]!, 0.3);
    held.lapses += holds(yes!.lapse, 0.02);
    held.none += holds(errs!.shares[0]!, 0);
  }
  for (const times of Object.values(held)) expect(times / OBSERVERS).toBeGreaterThan(leastOf(OBSERVERS));
});

it('means are closer to the simulated values than the means of psignifit 4.3', () => {
  const square = (values: number[]) => 100 * Math.sqrt(mean(values.map((value) => value * value))!);
  for (const n of [12, 48]) {
    const some = fixtures.filter((one) => one.n === n && one.observer.spread === 0);
    const ours = some.map(compared);
    const planted = some.map(({ observer: { m, w } }) => ({ m, w }));
    const errorsOf = (widths: number[], middles: number[]) => [
      square(planted.map(({ w }, i) => Math.log(widths[i]! / w))),
      square(planted.map(({ m, w }, i) => (middles[i]! - m) / w)),
    ];
    const we = errorsOf(
      ours.map(({ width }) => width),
      ours.map(({ middle }) => middle),
    );
    const psignifit = errorsOf(
      some.map(({ mean: { width } }) => width),
      some.map(({ mean: { threshold } }) => threshold),
    );
    const rising = (values: number[]) => values.sort((a, b) => a - b);
    const shorter = rising(ours.map(({ width }, i) => 100 * (1 - width / some[i]!.mean.width)));
    const apart = rising(ours.map((one) => one.apart));
    const theirs = (['width', 'middle'] as const).map((key) =>
      rising(ours.map(({ withTheirPriors }) => withTheirPriors[key])),
    );
    const ends = [shorter, apart, ...theirs].flatMap((all) =>
      [0.5, 1].map((share) => all[Math.round(share * (all.length - 1))]!.toFixed(1)),
    );
    row([n, some.length, ...ends, ...[0, 1].flatMap((i) => [we[i]!.toFixed(0), psignifit[i]!.toFixed(0)])]);
    for (const [i, error] of we.entries()) expect(error).toBeLessThan(psignifit[i]!);
  }
});

it('means and interval ends are close to the results of Markov chains', () => {
  const all = chains.map((chain) => ({ ...chain, ours: besideChain(chain) }));
  for (const [i, key] of (['shifts', 'shares'] as const).entries()) {
    const none = all.map(({ ours }) => ours.none[i]!).sort((a, b) => a - b);
    row(['no', key, ...[none[6]!, none.at(-1)!].map((points) => points.toFixed(1))]);
    expect(none[6]).toBeLessThan(1);
    expect(none.at(-1)).toBeLessThan(5);
  }
  for (const kind of KINDS)
    for (const key of ['means', 'ends'] as const) {
      const apart = all.filter((one) => one.kind === kind).flatMap(({ ours }) => ours[key]);
      apart.sort((a, b) => a - b);
      const at = (share: number) => apart[Math.round(share * (apart.length - 1))]!;
      row([kind, key, ...[0.5, 0.95, 1].map((share) => at(share).toFixed(1))]);
      expect(at(0.5), key).toBeLessThan(3);
      expect(at(0.95), key).toBeLessThan(12);
    }
});
