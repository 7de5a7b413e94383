import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { ScoreInput } from '../../../../src/core/answers/score.ts';
import { referenceOf, scoreRow } from '../../../../src/core/answers/score-row.ts';
import { answerVerdict } from '../../../../src/core/answers/verdict.ts';
import type { Sample, Variant } from '../../../../src/core/sample/sample.ts';
import { isTrusted } from '../../../../src/core/sample/variant.ts';
import { rewriteFor } from '../../../../src/core/views/view.ts';

interface Outcome {
  status: Variant['status'];
  question: string;
  answer: string;
  reasoning?: string;
}

type Fault = { kind: string; image: { w: number; h: number } } & (
  | { view: 'score'; right: boolean | null; completion: string }
  | { view: 'mirror' | 'flip' | 'rotate:180' | 'polarity'; right: Outcome & { or?: Outcome } }
);

const file = new URL('../../../fixtures/corpus/faults.jsonl', import.meta.url);
const FAULTS = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Fault & ScoreInput & { id: string });

it.each(FAULTS)('$id, $kind', (fault) => {
  if (fault.view === 'score') {
    const verdict = answerVerdict(scoreRow(fault), referenceOf(fault));
    const [right, wrong] = [verdict === 'right', verdict === 'wrong'];
    expect(right || wrong ? right : null).toBe(fault.right);
    return;
  }
  const { id, question, answer, choices, image, right } = fault;
  const row = { ...fault, id, question, answer, choices, images: [{ path: 'x.jpg', ...image }] } as Sample;
  const variant = rewriteFor(row, fault.view);
  const outcomes = [right, ...(right.or ? [right.or] : [])];
  const made = isTrusted(variant)
    ? { status: variant.status, question: variant.question, answer: variant.answer }
    : { status: 'needs_llm' };
  expect(
    outcomes.map(({ status, question, answer }) =>
      status === 'needs_llm' ? { status } : { status, question, answer },
    ),
  ).toContainEqual(made);
  const { reasoning } = right;
  if (reasoning !== undefined) expect(variant.reasoning).toBe(reasoning);
});
