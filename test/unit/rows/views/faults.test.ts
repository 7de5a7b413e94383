import { expect, it } from 'vitest';
import type { ScoreRow } from '../../../../src/core/answers/score.ts';
import { referenceOf, scoreRow } from '../../../../src/core/answers/score-row.ts';
import { answerVerdict } from '../../../../src/core/answers/verdict.ts';
import type { Sample, Variant } from '../../../../src/rows/sample/sample.ts';
import { isTrusted } from '../../../../src/rows/sample/variant.ts';
import { rewriteFor } from '../../../../src/rows/views/view.ts';
import { readRows } from '../../../support/rows.ts';

/** Where no rule can be sure, `needs_llm` alone. */
interface Outcome {
  status: Variant['status'];
  question?: string;
  answer?: string;
  reasoning?: string;
}

/** A row with the view to ask for; with the view `score`, a completion and its verdict. */
type Fault = Sample &
  ScoreRow & {
    kind: string;
    view: string;
    image: { w: number; h: number };
    right: (Outcome & { or?: Outcome }) | boolean | null;
  };

const file = new URL('../../../fixtures/corpus/faults.jsonl', import.meta.url);
const FAULTS = readRows<Fault>(file);

it.each(FAULTS)('views: rewrite the reported row $id correctly or defer the row, $kind', (fault) => {
  const { view, right, image } = fault;
  if (right === null || typeof right === 'boolean') {
    const verdict = answerVerdict(scoreRow(fault), referenceOf(fault));
    expect(verdict === 'right' || (verdict === 'wrong' ? false : null)).toBe(right);
    return;
  }
  const variant = rewriteFor({ ...fault, images: [{ path: 'x.jpg', w: image.w, h: image.h }] }, view);
  const { or, reasoning, ...first } = right;
  const made = isTrusted(variant)
    ? { status: variant.status, question: variant.question, answer: variant.answer }
    : { status: 'needs_llm' };
  expect(or ? [first, or] : [first]).toContainEqual(made);
  if (reasoning !== undefined) expect(variant.reasoning).toBe(reasoning);
});
