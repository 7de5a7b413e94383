import { expect, it } from 'vitest';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { isTrusted } from '../../../../src/rows/sample/variant.ts';
import { rewriteFor } from '../../../../src/rows/views/view.ts';
import { type CorpusRow, scoreOf } from './mirror-corpus.ts';
import { readRows } from '../../../support/rows.ts';

interface FreshRow {
  sample: Sample;
  expect: Record<string, CorpusRow['expect']>;
}

const rowsOf = (name: string): FreshRow[] =>
  readRows<FreshRow>(new URL(`../../../fixtures/corpus/${name}.jsonl`, import.meta.url));

/** In turned photographs, what lacks an anchor or depends on gravity is deferred on purpose (docs/views.md). */
const BY_RULE = new Set(['no_anchor', 'gravity', 'frame']);

it.each<[name: string, view: string, atMost: number]>([
  ['fresh', 'mirror', 0.09],
  ['fresh', 'rotate:180', 0.17],
  ['fresh', 'flip', 0.12],
  ['formats', 'mirror', 0.01],
  ['formats', 'rotate:180', 0.01],
  ['formats', 'flip', 0.01],
  ['formats', 'rotate:90', 0.01],
  ['formats', 'pad:square', 0.01],
  ['formats', 'reverse', 0.01],
  ['clips', 'reverse', 0.02],
  ['clips', 'mirror', 0.02],
  ['clips', 'mirror+reverse', 0.02],
])('views: rewrite or defer independently written rows of %s correctly in %s', (name, view, atMost) => {
  const results = rowsOf(name).flatMap(({ sample, expect: of }) => {
    const wanted = of[view];
    if (!wanted) return [];
    const variant = rewriteFor(sample, view);
    const open = ['needs_llm', 'discard'];
    const mayDefer = [wanted.status, ...(wanted.also ?? [])].some((status) => open.includes(status));
    const score = isTrusted(variant)
      ? // What a view leaves as it is, its variant need not repeat.
        scoreOf(sample, wanted, { choices: sample.choices, ...variant })
      : mayDefer || BY_RULE.has(String(variant.code))
        ? 'right'
        : 'deferred';
    return { id: sample.id, score };
  });
  expect(results.filter(({ score }) => score === 'wrong')).toEqual([]);
  expect(results.filter(({ score }) => score === 'deferred').length / results.length).toBeLessThan(atMost);
});
