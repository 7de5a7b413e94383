import { nameKey } from '../read/names.ts';
import type { Sample, ViewVariant } from '../sample/sample.ts';

/** Why a row does not have a view. */
export interface Refusal {
  /** `needs_llm` if a language model or a person might write it, `discard` if there is no such pair. */
  status: 'needs_llm' | 'discard';
  /** For programs. */
  code: string;
  /** A sentence for people. */
  reason: string;
}

export const discard = (code: string, reason: string): Refusal => ({ status: 'discard', code, reason });
export const defer = (code: string, reason: string): Refusal => ({ status: 'needs_llm', code, reason });

/** The variant of a row that does not have a view, or one of its parts: the row's own texts, and why. */
export const refused = (
  { question, answer }: Sample,
  { status, code, reason }: Pick<ViewVariant, 'status' | 'code' | 'reason'>,
): ViewVariant => ({
  status: status === 'discard' ? 'discard' : 'needs_llm',
  question,
  answer,
  route: 'rules',
  rules: [],
  checks: {},
  image_op: 'none',
  ...(code !== undefined && { code }),
  ...(reason !== undefined && { reason }),
});

/** The variant of a row with other texts; its picture, boxes and graph stay. */
export const reworded = (
  sample: Sample,
  rule: string,
  { question, answer = sample.answer, choices }: { question: string; answer?: string; choices?: string[] },
): ViewVariant => ({
  status: 'flipped',
  question,
  answer,
  ...(choices && { choices }),
  route: 'rules',
  rules: [rule],
  checks: {},
  image_op: 'none',
  anchor: 'none',
  effect: nameKey(answer) === nameKey(sample.answer) ? 'stays' : 'changes',
});
