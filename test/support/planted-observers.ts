import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { fit } from '../../src/core/psychophysics/fit.ts';
import { leanings } from '../../src/core/psychophysics/leanings.ts';
import { levelsOf } from '../../src/core/psychophysics/measure.ts';
import { type Observer, probability, THRESHOLD } from '../../src/core/psychophysics/observer.ts';
import { verdict } from '../../src/core/psychophysics/verdict.ts';
import { Random } from '../../src/core/random.ts';
import type { AcuityMeta } from '../../src/core/worlds/acuity/ask.ts';
import { ACUITY, levelToX } from '../../src/core/worlds/acuity/axes.ts';
import type { AcuityAxis } from '../../src/core/worlds/acuity/words.ts';
import { readAnswers } from '../../src/lab/acuity/answers.ts';
import { stimuli } from '../../src/lab/acuity/acuity-rows.ts';

/** How many observers are planted. */
export const OBSERVERS = 200;
/** 95 % of them, less three standard errors. */
export const LEAST = 0.95 * OBSERVERS - 3 * Math.sqrt(0.95 * 0.05 * OBSERVERS);

export const holds = ([low, high]: readonly [number, number], truth: number): number =>
  Number(low <= truth && truth <= high);

export interface Row {
  id: string;
  answer: string;
  meta: { acuity: AcuityMeta };
}

/** A folder that is gone after the tests. */
export function folderForTests(): string {
  const folder = mkdtempSync(join(tmpdir(), 'chirality-observers-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}

/** Plants observers of curves, who answer by way of files. Each axis takes about two minutes of processor time. */
export function plantObservers(axes: readonly AcuityAxis[]): void {
  const folder = folderForTests();
  it.each(axes)(
    'planted observers of %s are recovered from their answers',
    async (axis) => {
      const sizes = ACUITY[axis].levels.english;
      const levels = [...sizes.filter((one) => one > 0).map((one) => -one), ...sizes];
      const plan = {
        axis,
        form: 'yesno',
        style: 'english',
        size: { w: 256, h: 256 },
        levels,
        blocks: 6,
      } as const;
      const file = (await stimuli(folder, { ...plan, seed: 1 })).rows;
      const rows = readFileSync(file, 'utf8').trimEnd().split('\n');
      const questions = rows.map((row) => JSON.parse(row) as Row);
      /** What is read of an observer's words, by way of a file as another harness writes it. */
      const answersOf = (claim: (about: AcuityMeta) => number) => {
        const given = join(folder, `${axis}.jsonl`);
        const say = ({ id, answer, meta: { acuity: about } }: Row) => {
          const other = /^yes/i.test(answer) ? 'No, it is not.' : 'Yes, it is.';
          return JSON.stringify({ id, answer: claim(about) === about.claim ? answer : other });
        };
        writeFileSync(given, questions.map(say).join('\n'));
        return readAnswers(file, given);
      };
      const largest = Math.max(...sizes.map((one) => levelToX(axis, one)));
      const held = { bias: 0, threshold: 0, lapse: 0, leaning: 0 };
      const habit = Object.keys(questions[0]!.meta.acuity.signs)[0]!;
      for (let i = 0; i < OBSERVERS; i++) {
        const random = Random.from(`${axis} ${i}`);
        const lapse = random.between(0, 0.08);
        const who: Observer = {
          bias: random.between(-0.2, 0.2) * largest,
          width: random.between(0.3, 1) * largest,
          lapseLow: lapse,
          lapseHigh: lapse,
          overdispersion: 0,
        };
        const sees = ({ x }: AcuityMeta) => (random.chance(probability(x, who)) ? 1 : -1);
        const seen = fit(levelsOf(await answersOf(sees)));
        held.bias += holds(seen.bias.interval, who.bias);
        held.threshold += holds(seen.threshold.interval, THRESHOLD * who.width);
        held.lapse += holds(seen.lapseHigh.interval, lapse);
        const share = random.between(0, 0.8);
        const answers = await answersOf((about) =>
          random.chance(share) ? about.signs[habit]! : sees(about),
        );
        held.leaning += holds(leanings(answers)[habit]!.interval!, share);
      }
      console.log(`${axis}: of ${OBSERVERS} observers, intervals hold ${JSON.stringify(held)}`);
      for (const times of Object.values(held)) expect(times).toBeGreaterThanOrEqual(LEAST);

      const named = async (claim: (about: AcuityMeta) => number) => {
        const answered = levelsOf(await answersOf(claim));
        return verdict(fit(answered), answered);
      };
      const coins: string[] = [];
      for (let i = 0; i < 20; i++) {
        const coin = Random.from(`coin ${axis} ${i}`);
        coins.push(await named(() => (coin.chance(0.5) ? 1 : -1)));
      }
      expect(coins).not.toContain('measured');
      // A coin seems to rise or to fall in one of twenty cases.
      expect(coins.filter((name) => name === 'cannot tell').length).toBeGreaterThanOrEqual(16);
      expect(await named(({ x }) => (x > 0 ? -1 : 1))).toBe('inverted');
      expect(await named(() => 1)).toBe('constant');
    },
    3_600_000,
  );
}
