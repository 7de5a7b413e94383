import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Sample } from '../../../../src/core/sample/sample.ts';
import { isTrusted } from '../../../../src/core/sample/variant.ts';
import { rewriteFor } from '../../../../src/core/views/view.ts';
import { type CorpusRow, scoreOf } from './mirror-corpus.ts';

interface FreshRow {
  sample: Sample;
  expect: Record<string, CorpusRow['expect']>;
}

const file = new URL('../../../fixtures/corpus/fresh.jsonl', import.meta.url);
const ROWS = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as FreshRow);

/** In turned photographs, what lacks an anchor or depends on gravity is deferred on purpose (docs/views.md). */
const BY_RULE = new Set(['no_anchor', 'gravity', 'frame']);

it.each<[string, number]>([
  ['mirror', 0.09],
  ['rotate:180', 0.17],
  ['flip', 0.12],
])('rows by somebody who has not seen the rules are right or deferred in %s', (view, atMost) => {
  const results = ROWS.map(({ sample, expect: of }) => {
    const variant = rewriteFor(sample, view);
    const mayDefer = of[view]!.status === 'flipped' || of[view]!.status === 'invariant';
    const score = isTrusted(variant)
      ? scoreOf(sample, of[view]!, variant)
      : mayDefer && !BY_RULE.has(String(variant.code))
        ? 'deferred'
        : 'right';
    return { id: sample.id, score };
  });
  expect(results.filter(({ score }) => score === 'wrong')).toEqual([]);
  expect(results.filter(({ score }) => score === 'deferred').length / ROWS.length).toBeLessThan(atMost);
});
