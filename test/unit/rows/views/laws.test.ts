import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { isTrusted } from '../../../../src/rows/sample/variant.ts';
import { rewriteFor } from '../../../../src/rows/views/view.ts';
import { WRAPPERS } from '../../core/answers/wrappers.ts';
import { forAll } from '../../../support/property.ts';
import { readRows } from '../../../support/rows.ts';

const rowsOf = (name: string): Sample[] =>
  readRows<{ sample: Sample }>(new URL(`../../../fixtures/corpus/${name}.jsonl`, import.meta.url)).map(
    (row) => row.sample,
  );

const ROWS = ['mirror', 'fresh', 'formats', 'reading'].flatMap(rowsOf);
const VIEWS = ['mirror', 'flip', 'rotate:180', 'rotate:90', 'pad:square'];
/** Those whose own words hold no side, which would turn, too. */
const PLAIN = Object.entries(WRAPPERS).filter(([, wrap]) => !/left/i.test(wrap('')));

/** What a view makes of question and answer; null if it is not sure. */
function seen(sample: Sample, view: string): [question: string, answer: string] | null {
  const variant = rewriteFor(sample, view);
  return isTrusted(variant) ? [variant.question, variant.answer] : null;
}

describe('properties of views', () => {
  it('property: views rewrite a text in a wrapper like the bare text, or defer the text', () => {
    const row = fc.constantFrom(...ROWS.filter(({ choices, answer }) => !choices && !answer.includes('"')));
    forAll(
      [row, fc.constantFrom(...PLAIN), fc.constantFrom(...VIEWS)],
      { numRuns: 600 },
      (sample, [, wrap], view) => {
        const wrapped = seen({ ...sample, answer: wrap(sample.answer) }, view);
        if (!wrapped) return;
        const bare = seen(sample, view);
        expect(wrapped).toEqual(bare && [bare[0], wrap(bare[1])]);
      },
    );
  });

  /** Numbers in tokens of models, and under names of edges, rows or columns. Of PaliGemma's boxes, each second is y. */
  const PLACES =
    /<(?!region|obj|image|img|mask|frame|loc)[a-z_|]*\d+\|?>|\b(?:left|right|row|col(?:umn)?)["']?\s*[:=]\s*["']?\d+(?! \p{L})/giu;
  const SIDE_IN_MARKUP = /(?:<[^<>]*|\{\w*|\\[a-z]+\{[^{}\\]*)(?:left|right)/i;

  it.each(['mirror', 'rotate:180'])('property: %s changes coordinates and sides in markup', (view) => {
    const stays = ROWS.flatMap((sample) => {
      const before = `${sample.question}\n${sample.answer}`;
      const only = before.match(/left|right/gi)?.length === 1 ? SIDE_IN_MARKUP.exec(before) : null;
      const marked = [...(before.match(PLACES) ?? []), ...(only ?? [])];
      const after = marked.length > 0 ? seen(sample, view)?.join('\n') : undefined;
      return marked.filter((one) => after?.includes(one)).map((one) => `${before} keeps ${one}`);
    });
    expect(stays).toEqual([]);
  });
});
