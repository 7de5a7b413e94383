import { afterEach, beforeEach, expect, it } from 'vitest';
import { eachAtOnce } from '../../../../src/lab/evaluation/at-once.ts';

const warnings: string[] = [];
const note = ({ message }: Error) => warnings.push(message);
beforeEach(() => process.on('warning', note));
afterEach(() => process.off('warning', note));

it('eachAtOnce keeps all results in order of arrival, and adds no listener warnings', async () => {
  const kept: number[] = [];
  const atOnce = 16;
  await eachAtOnce(
    Array.from({ length: 40 }, (_, i) => i),
    atOnce,
    async (i, stop) => {
      stop.addEventListener('abort', () => undefined);
      await new Promise((resolve) => setTimeout(resolve, i % 2 === 0 ? 20 : 1));
      return i;
    },
    (_, result) => Promise.resolve(void kept.push(result)),
  );
  expect(kept.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i));
  expect(kept.indexOf(1)).toBeLessThan(kept.indexOf(0));
  expect(warnings).toEqual([]);
});

it('eachAtOnce throws the first error after all started work has ended', async () => {
  let running = 0;
  const work = async (i: number, stop: AbortSignal) => {
    running += 1;
    await new Promise((resolve) => {
      stop.addEventListener('abort', resolve);
      if (i === 3) setTimeout(resolve, 5);
    });
    running -= 1;
    throw new Error(i === 3 ? 'the first' : 'another');
  };
  await expect(eachAtOnce([1, 2, 3], 3, work, () => Promise.resolve())).rejects.toThrow('the first');
  expect(running).toBe(0);
});
