import { expect, test } from 'vitest';
import { Fold } from '../../../../src/panels/run/fold.reads.ts';

const rows = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => {
    const step = from + i;
    return { step, loss: step === 37 ? 99 : 1 / step, kl: step % 2 ? null : step, num_tokens: 10 * step };
  });

test('Fold: keeps the extremes of every eight steps in order, and the newest rows', () => {
  const fold = new Fold(8);
  const folded = [rows(1, 30), rows(31, 90)].flatMap((part) => fold.add(part));
  expect(folded.slice(0, 2)).toEqual([
    [{ step: 1, loss: 1, kl: 2, num_tokens: 40 }, 0],
    [{ step: 5, loss: 1 / 8, kl: 8, num_tokens: 80 }, 0],
  ]);
  expect(Math.max(...folded.map(([{ loss }]) => loss!))).toBe(99);
  const rest = fold.end();
  expect(folded.length / 2).toBe((90 - rest.length) / 8);
  expect(rest).toEqual(rows(90 - rest.length + 1, 90));
  expect(rest.length).toBeGreaterThanOrEqual(32);
});

test('Fold: sums step times for each extreme, and keeps rows of sparse metrics', () => {
  const times = Array.from({ length: 60 }, (_, i) => ({ step: i + 1, step_time: i + 1 }));
  const [first, second] = new Fold(4).add(times);
  expect([first, second]).toEqual([
    [{ step: 1, step_time: 1 }, 3],
    [{ step: 3, step_time: 4 }, 7],
  ]);
  const rare = Array.from({ length: 40 }, (_, i) => ({ step: 100 * i, loss: i }));
  expect(new Fold(4).add(rare)).toEqual(rare.slice(0, 4).map((row) => [row]));
});
