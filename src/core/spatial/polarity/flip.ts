import type { PolarityVariant, Sample } from '../sample.ts';
import { flipChecks } from './checks.ts';
import { draftFlip, handOn } from './draft.ts';

/**
 * The polarity flip of a sample: the picture stays, the question's main predicate is replaced by its opposite, the
 * answer follows (docs/polarity.md). `needs_info` carries the flipped question and no answer. A row that fails one of
 * its checks is handed on as `needs_llm`. The thought of a chain-of-thought sample argues for the old answer, so a
 * flipped variant has an empty one.
 */
export function flipPolarity(sample: Sample): PolarityVariant {
  const draft = draftFlip(sample);
  const checks = draft.status === 'flipped' ? flipChecks(sample, draft) : {};
  const failed = Object.keys(checks).filter((name) => checks[name] === 'fail');
  const { status, question, answer, choices, rules, reason, assumes } = failed.length
    ? handOn(sample, draft.rules, `failed: ${failed.join(', ')}`)
    : draft;
  return {
    status,
    question,
    answer,
    ...(status === 'flipped' && sample.reasoning !== undefined && { reasoning: '' }),
    ...(choices && { choices }),
    route: 'rules',
    rules,
    checks,
    ...(assumes && { assumes }),
    ...(reason !== undefined && { reason }),
  };
}
