import { readFileSync } from 'node:fs';
import { afterAll, expect, it, vi } from 'vitest';
import type { Sample } from '../../../../src/core/sample/sample.ts';

/* For each pattern of a trigger or a sense, a row that comes out otherwise without it: what no row needs can go. */

const without = vi.hoisted(() => ({ pattern: '' }));
vi.mock('../../../../src/core/read/patterns.ts', async (original) => {
  const module = await original<typeof import('../../../../src/core/read/patterns.ts')>();
  const written = new WeakMap<object, string>();
  class Pattern extends module.Pattern {
    constructor(source: string, target?: string) {
      super(source, target);
      written.set(this, source);
    }
  }
  const matchAt: typeof module.matchAt = (pattern, tokens, at) =>
    written.get(pattern) === without.pattern ? null : module.matchAt(pattern, tokens, at);
  return { ...module, Pattern, matchAt };
});
// The process that runs this file may have loaded these modules before, and may load them again.
vi.resetModules();
const { TRIGGERS } = await import('../../../../src/core/read/reading.ts');
const { LEFT_SENSES, RIGHT_SENSES } = await import('../../../../src/core/read/words/sides.ts');
const { rewriteFor } = await import('../../../../src/core/views/view.ts');
afterAll(() => {
  vi.resetModules();
});

const rows = readFileSync(new URL('../../../fixtures/corpus/patterns.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { pattern: string; sample: Sample });

function outcomeOf(sample: Sample, pattern = ''): string {
  without.pattern = pattern;
  const outcomes = ['mirror', 'flip'].map((view) => {
    const { status, code, question, answer, reasoning } = rewriteFor({ ...sample }, view);
    return [status, code, question, answer, reasoning];
  });
  return JSON.stringify(outcomes);
}

it('has a row for every pattern of a trigger or a sense', () => {
  const patterns = [
    ...TRIGGERS.flatMap((trigger) => trigger.patterns),
    ...[...LEFT_SENSES, ...RIGHT_SENSES].map(({ pattern }) => pattern),
  ];
  expect(new Set(rows.map(({ pattern }) => pattern))).toEqual(new Set(patterns));
});

it('has no pattern without which its row comes out the same', () => {
  const idle = rows.filter(({ pattern, sample }) => outcomeOf(sample) === outcomeOf(sample, pattern));
  expect(idle.map(({ pattern }) => pattern)).toEqual([]);
});
