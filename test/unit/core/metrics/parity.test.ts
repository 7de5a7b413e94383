import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { answerSpread } from '../../../../src/core/metrics/answer-spread.ts';
import { passAtK } from '../../../../src/core/metrics/summarise.ts';
import { meanOfSeeds } from '../../../../src/core/metrics/statistics.ts';
import { scored } from './rows.ts';

const fixture = JSON.parse(
  readFileSync(new URL('../../../fixtures/parity/statistics/statistics.json', import.meta.url), 'utf8'),
) as {
  seeds: { values: number[]; interval: [number, number]; p: number }[];
  pass_at_k: { n: number; c: number; k: number; value: number }[];
  spreads: { counts: number[]; bits: number }[];
};

it.each(fixture.seeds)('meanOfSeeds: matches scipy’s interval and p: $values', ({ values, interval, p }) => {
  const found = meanOfSeeds(values);
  expect(found.interval![0]).toBeCloseTo(interval[0], 6);
  expect(found.interval![1]).toBeCloseTo(interval[1], 6);
  expect(found.p).toBeCloseTo(p, 9);
});

it.each(fixture.pass_at_k)('passAtK: pass@$k with $c right of $n matches scipy', ({ n, c, k, value }) => {
  expect(passAtK(n, c, k)).toBeCloseTo(value, 9);
});

it.each(fixture.spreads)('answerSpread: matches scipy’s entropy: $counts', ({ counts, bits }) => {
  const rows = counts.flatMap((count, answer) =>
    Array.from({ length: count }, (_, i) =>
      scored({ id: `${answer}-${i}`, task: 'count', completion: `${answer}`, answer: '0' }),
    ),
  );
  expect(answerSpread(rows).find(({ metric }) => metric === 'entropy')!.value).toBeCloseTo(bits, 9);
});
