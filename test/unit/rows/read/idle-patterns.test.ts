import { expect, it, vi } from 'vitest';
import { Pattern } from '../../../../src/rows/read/patterns.ts';
import { TRIGGERS } from '../../../../src/rows/read/reading.ts';
import { LEFT_SENSES, RIGHT_SENSES } from '../../../../src/rows/read/words/side-senses.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { rewriteFor } from '../../../../src/rows/views/view.ts';
import { readRows } from '../../../support/rows.ts';

/* For each pattern of a trigger or a sense, a row that comes out otherwise without it: what no row needs can go. */

const rows = readRows<{ pattern: string; sample: Sample }>(
  new URL('../../../fixtures/corpus/patterns.jsonl', import.meta.url),
);

function outcomeOf(sample: Sample, idle = ''): string {
  const { matchAt } = Pattern.prototype;
  const spy = vi.spyOn(Pattern.prototype, 'matchAt').mockImplementation(function (this: Pattern, tokens, at) {
    return this.source === idle ? null : matchAt.call(this, tokens, at);
  });
  const outcomes = ['mirror', 'flip'].map((view) => {
    const { status, code, question, answer, reasoning } = rewriteFor({ ...sample }, view);
    return [status, code, question, answer, reasoning];
  });
  spy.mockRestore();
  return JSON.stringify(outcomes);
}

it('idle patterns: the test rows cover every pattern of a trigger or a sense', () => {
  const patterns = [
    ...TRIGGERS.flatMap((trigger) => trigger.patterns),
    ...[...LEFT_SENSES, ...RIGHT_SENSES].map(({ pattern }) => pattern),
  ];
  expect(new Set(rows.map(({ pattern }) => pattern))).toEqual(new Set(patterns));
});

it('idle patterns: removing any pattern changes the outcome of its row', () => {
  const idle = rows.filter(({ pattern, sample }) => outcomeOf(sample) === outcomeOf(sample, pattern));
  expect(idle.map(({ pattern }) => pattern)).toEqual([]);
});
