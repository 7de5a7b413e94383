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

it.each(fixture.seeds)('a mean over seeds has scipy’s interval and p: $values', ({ values, interval, p }) => {
  const found = meanOfSeeds(values);
  expect(found.interval![0]).toBeCloseTo(interval[0], 6);
  expect(found.interval![1]).toBeCloseTo(interval[1], 6);
  expect(found.p).toBeCloseTo(p, 9);
});

it.each(fixture.pass_at_k)('pass@$k of $c right ones in $n is scipy’s', ({ n, c, k, value }) => {
  expect(passAtK(n, c, k)).toBeCloseTo(value, 9);
});

it.each(fixture.spreads)('the entropy of answers is scipy’s: $counts', ({ counts, bits }) => {
  const rows = counts.flatMap((count, answer) =>
    Array.from({ length: count }, (_, i) =>
      scored({ id: `${answer}-${i}`, task: 'count', completion: `${answer}`, answer: '0' }),
    ),
  );
  expect(answerSpread(rows).find(({ metric }) => metric === 'entropy')!.value).toBeCloseTo(bits, 9);
});
