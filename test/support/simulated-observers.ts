import type { Answers, Scene } from '../../src/core/psychophysics/likelihood.ts';
import { normalQuantile, type Observer, probability } from '../../src/core/psychophysics/observer.ts';
import type { Random } from '../../src/base/random.ts';
import { TIME_HABITS } from '../../src/core/worlds/acuity/acuity-axes.ts';

/** The levels of `side`. */
export const LEVELS = [-16, -8, -4, -2, -1, 0, 1, 2, 4, 8, 16];
export const HABITS = ['yes', 'first is right'];

const SIGNS = [1, -1] as const;

/** The eight ways in which a scene about sides is asked: what *yes*, and *the first is right*, would claim. */
export const WAYS = SIGNS.flatMap((view) =>
  SIGNS.flatMap((order) =>
    SIGNS.map((pole) => [(view * order * pole) as 1 | -1, (view * order) as 1 | -1] as const),
  ),
);

/** How scenes are asked about: the habits, and what each of them would claim in each way. */
export interface Asked {
  habits: readonly string[];
  ways: (scene: number) => readonly (readonly (1 | -1)[])[];
}

const SIDES: Asked = { habits: HABITS, ways: () => WAYS };

/**
 * The eight ways in which a clip is asked which way something moves: what *yes*, *right*, and the side on which it is,
 * would claim. It is on either side in turn, whose sign the mirror turns, and the other order does not.
 */
export const CLIPS: Asked = {
  habits: ['yes', 'right', TIME_HABITS.motion],
  ways: (scene) =>
    SIGNS.flatMap((mirror) =>
      SIGNS.flatMap((time) =>
        SIGNS.map((pole) => {
          const side = Math.floor(scene / LEVELS.length) % 2 === 0 ? 1 : -1;
          return [
            (mirror * time * pole) as 1 | -1,
            (mirror * time) as 1 | -1,
            (time * side) as 1 | -1,
          ] as const;
        }),
      ),
    ),
};

/**
 * The sixteen ways in which a clip is asked whether one thing moves faster than another: what *yes*, *the first is faster*,
 * what is on the right, and what moves to the right, would claim. The mirror turns the last two, the other order the last.
 */
export const SPEEDS: Asked = {
  habits: ['yes', 'first is faster', 'what is on the right', TIME_HABITS.speed],
  ways: (scene) => {
    const level = Math.floor(scene / LEVELS.length);
    const side = SIGNS[level % 2]!;
    const way = SIGNS[Math.floor(level / 2) % 2]!;
    return SIGNS.flatMap((mirror) =>
      SIGNS.flatMap((time) =>
        SIGNS.flatMap((first) =>
          SIGNS.map((pole) => [first * pole, first, mirror * side, mirror * time * way] as (1 | -1)[]),
        ),
      ),
    );
  },
};

/** An observer who sees nothing but image and question: the probability of the positive answer. */
export type Sees = (x: number, signs: readonly (1 | -1)[], scene: number) => number;

export const seesAs =
  (who: Observer): Sees =>
  (x, signs) =>
    probability(x, signs, who);

export const observer = (changes: Partial<Observer> = {}): Observer => ({
  width: 8,
  shifts: [0, 0],
  shares: [0, 0],
  lapseLow: 0.02,
  lapseHigh: 0.02,
  likeness: 0,
  ...changes,
});

/** What habits do: all the same, or each, with equal chances, one of the others (`mixed`). */
export type Habits = 'shift' | 'replace' | 'none' | 'mixed';

/**
 * An observer of any width from 4 to 20% (even in its logarithm) and any lapses from 0 to 8%, whose habits shift what it
 * sees by up to 6%, or replace up to 70% of its answers together, or do nothing.
 */
export function anyObserver(kind: Habits, random: Random, { habits }: Asked = SIDES): Observer {
  const lapse = random.between(0, 0.08);
  const effects = habits.map(() =>
    kind === 'mixed' ? (['shift', 'replace', 'none'] as const)[random.below(3)]! : kind,
  );
  const each = (those: Habits, most: number) =>
    effects.map((effect) => (effect === those ? random.between(-most, most) : 0));
  return observer({
    width: 4 * 5 ** random.uniform(),
    shifts: each('shift', 6),
    shares: each('replace', 0.7 / habits.length),
    lapseLow: lapse,
    lapseHigh: lapse,
  });
}

/**
 * How the answers to a scene are alike. `luck`: a share ρ of them are decided by one number for the scene. `noise`: each is
 * decided by a normal number, and those of a scene have the correlation ρ. Half of it all observers have in common.
 */
export interface Alike {
  by: 'luck' | 'noise';
  rho: number;
}

/** The answers of observers to the same scenes, each level as often as `scenes` says. */
export function simulated(
  who: readonly Sees[],
  scenes: number,
  { by, rho }: Alike,
  random: Random,
  levels: readonly number[] = LEVELS,
  { habits, ways }: Asked = SIDES,
): Answers[] {
  const lists = who.map((): Scene[] => []);
  const total = scenes * levels.length;
  for (let i = 0; i < total; i++) {
    const x = levels[i % levels.length]!;
    const common = random.normal();
    const luck = random.uniform();
    for (const [w, sees] of who.entries()) {
      const effect = Math.sqrt(0.5) * (common + random.normal());
      const isLess = (p: number) => {
        if (by === 'luck') return (random.chance(rho) ? luck : random.uniform()) < p;
        const noise = Math.sqrt(rho) * effect + Math.sqrt(1 - rho) * random.normal();
        return noise < normalQuantile(p);
      };
      const answers = ways(i).map((signs) => [isLess(sees(x, signs, i / total)) ? 1 : -1, ...signs] as const);
      lists[w]!.push({ block: String(i), x, answers });
    }
  }
  return lists.map((list) => ({ habits, scenes: list }));
}

/** Observers that no curve of the model describes. */
export const MISFITS: Readonly<Record<string, Sees>> = {
  'a sawtooth': (x) =>
    0.5 + Math.sign(x) * [0, 0.2, 0.45, 0.1, 0.48, 0.2][LEVELS.slice(5).indexOf(Math.abs(x))]!,
  'two slopes': (x, signs) => probability(x, signs, observer({ width: x * signs[1]! > 0 ? 4 : 24 })),
  'lapses on one side': (x, signs) => probability(x, signs, observer({ lapseLow: 0.25, lapseHigh: 0.005 })),
  'a plateau': (x) =>
    0.5 + Math.sign(x) * (Math.abs(x) < 4 ? 0.25 * Math.min(1, Math.abs(x)) : Math.abs(x) < 16 ? 0.25 : 0.49),
  'a change midway': (x, signs, scene) => probability(x, signs, observer({ width: scene < 0.5 ? 5 : 20 })),
};
