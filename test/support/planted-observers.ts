import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { fit } from '../../src/core/psychophysics/fit.ts';
import { leanings } from '../../src/core/psychophysics/leanings.ts';
import { answersOf } from '../../src/core/psychophysics/measure.ts';
import { type Observer, probability, THRESHOLD } from '../../src/core/psychophysics/observer.ts';
import { directionOf, verdictOn } from '../../src/core/psychophysics/observer-verdict.ts';
import { Random } from '../../src/base/random.ts';
import type { AcuityMeta } from '../../src/core/worlds/acuity/ask-block.ts';
import { ACUITY, levelToX } from '../../src/core/worlds/acuity/axes.ts';
import type { AcuityAxis } from '../../src/core/worlds/acuity/acuity-axes.ts';
import { readAnswers } from '../../src/lab/acuity/acuity-answers.ts';
import { stimuli } from '../../src/lab/acuity/acuity-rows.ts';

/** How many observers are planted. */
export const OBSERVERS = Number(process.env.CHIRALITY_OBSERVERS ?? 100);
/** 95% of them, less three standard errors. */
export const LEAST = 0.95 * OBSERVERS - 3 * Math.sqrt(0.95 * 0.05 * OBSERVERS);

export const holds = ([low, high]: readonly [number, number], truth: number): number =>
  Number(low <= truth && truth <= high);

export interface Row {
  id: string;
  answer: string;
  /** If it is asked by options. */
  choices?: readonly string[];
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

/** Plants observers of curves, who answer by way of files. Each axis takes about three minutes of processor time. */
export function plantObservers(axes: readonly AcuityAxis[]): void {
  const folder = folderForTests();
  it.each(axes)(
    'simulated observers of %s are recovered from their answers',
    async (axis) => {
      const sizes = ACUITY[axis].levels.english;
      const levels = [...sizes.filter((one) => one > 0).map((one) => -one), ...sizes];
      const plan = {
        axis,
        form: ACUITY[axis].forms.english!.yesno ? 'yesno' : 'choice',
        style: 'english',
        size: { w: 256, h: 256 },
        levels,
        blocks: 6,
      } as const;
      const file = (await stimuli(folder, { ...plan, seed: 1 })).rows;
      const rows = readFileSync(file, 'utf8').trimEnd().split('\n');
      const questions = rows.map((row) => JSON.parse(row) as Row);
      /** What is read of an observer's words, by way of a file as another harness writes it. */
      const answered = (claim: (about: AcuityMeta) => number) => {
        const given = join(folder, `${axis}.jsonl`);
        const say = ({ id, answer, choices, meta: { acuity: about } }: Row) => {
          const opposite = /^yes/i.test(answer) ? 'No, it is not.' : 'Yes, it is.';
          const other = choices ? choices.find((choice) => choice !== answer) : opposite;
          return JSON.stringify({ id, answer: claim(about) === about.claim ? answer : other });
        };
        writeFileSync(given, questions.map(say).join('\n'));
        return readAnswers(file, given);
      };
      const largest = Math.max(...sizes.map((one) => levelToX(axis, one)));
      const held = { threshold: 0, shift: 0, share: 0, lapse: 0, leaning: 0 };
      const habits = Object.keys(questions[0]!.meta.acuity.signs);
      const signsOf = ({ signs }: AcuityMeta) => habits.map((name) => signs[name]!);
      for (let i = 0; i < OBSERVERS; i++) {
        const random = Random.from(`${axis} ${i}`);
        const lapse = random.between(0, 0.08);
        const shifts = habits.map(() => random.between(-0.2, 0.2) * largest);
        const who: Observer = {
          width: random.between(0.3, 1) * largest,
          shifts,
          shares: habits.map(() => 0),
          lapseLow: lapse,
          lapseHigh: lapse,
          likeness: 0,
        };
        const sees = (one: Observer) => (about: AcuityMeta) =>
          random.chance(probability(about.x, signsOf(about), one)) ? 1 : -1;
        const seen = fit(answersOf(await answered(sees(who))));
        held.threshold += holds(seen.threshold.interval, THRESHOLD * who.width);
        held.shift += holds(seen.shifts[0]!.interval, shifts[0]!);
        held.lapse += holds(seen.lapse.interval, lapse);
        const share = random.between(0, 0.6);
        const first = { ...who, shifts: who.shares, shares: habits.map((_, h) => (h === 0 ? share : 0)) };
        const answers = await answered(sees(first));
        held.share += holds(fit(answersOf(answers)).shares[0]!.interval, share);
        held.leaning += holds(leanings(answers)[habits[0]!]!.interval!, share);
      }
      console.log(`${axis}: of ${OBSERVERS} observers, intervals hold ${JSON.stringify(held)}`);
      for (const [figure, times] of Object.entries(held)) expect(times, figure).toBeGreaterThanOrEqual(LEAST);

      const named = async (claim: (about: AcuityMeta) => number) => {
        const answers = answersOf(await answered(claim));
        const direction = directionOf(answers);
        return typeof direction === 'string' ? direction : verdictOn(fit(answers, direction), largest);
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
