import type { FlippedPair } from '../../core/answers/flip-json.ts';
import { proposedMirror } from '../../rows/views/mirror/mirror-checks.ts';
import { mirrorSample } from '../../rows/views/mirror/mirror-sample.ts';
import type { MirrorVariant, PolarityVariant, RewriteAttempt, Sample } from '../../rows/sample/sample.ts';
import { checkVariant } from '../../rows/views/view.ts';
import { POLARITY } from '../../rows/view-list.ts';
import { askForRewrite, isRead, type Rewriter } from '../rollouts/ask-rewrite.ts';
import { checkLabel } from '../../base/labels.ts';
import { flipPolarity } from '../../rows/views/polarity/flip.ts';

/** Values of `rules` and `checks` in a variant that a reviewer wrote. */
export const NO_RULES = { rules: [], checks: {} };

/** Whether a reviewer has decided about this variant. If so, only reviewers can change it. */
export const isDecided = (variant: { review?: { state: string } } | undefined): boolean =>
  variant?.review !== undefined && variant.review.state !== 'pending';

/**
 * Mirrors a row by rules. A language model mirrors deferred rows, or all rows. A model's rewrite is trusted if it
 * passes the checks of the rules' own rewrites. Otherwise, and for rows that only a person can decide, the rewrite is a
 * proposal for review with the failed checks (R46: a model that changes more than sides may have "corrected" a true
 * label). A row that cannot be mirrored stays discarded.
 */
export async function mirrorRow(
  sample: Sample,
  options: Parameters<typeof mirrorSample>[1],
  rewriter: Rewriter | null,
  rewritten: 'all' | 'undecided' = 'undecided',
): Promise<MirrorVariant> {
  const variant = mirrorSample(sample, options);
  if (!rewriter || (rewritten === 'undecided' && variant.status !== 'needs_llm')) return variant;
  const record = await askForRewrite(sample, rewriter, (flip) => ({
    ...proposedMirror(sample, flip).checks,
    ...(variant.review && { rules_decide: 'undecidable' as const }),
  }));
  return judged(sample, variant, record);
}

function judged(
  sample: Sample,
  variant: MirrorVariant,
  record: Awaited<ReturnType<typeof askForRewrite>>,
): MirrorVariant {
  if (variant.status === 'discard') return { ...variant, llm: record };
  const open = { ...variant, status: 'needs_llm' as const, llm: record };
  const unanswered = record.attempts.find(({ error }) => error !== undefined);
  if (unanswered) return { ...open, reason: `The language model returned no answer: ${unanswered.error}` };
  const last = record.attempts.findLast(isRead);
  const checks = { ...record.attempts.at(-1)!.checks, ...agreement(record.attempts) };
  const failed = Object.keys(checks).filter((name) => checks[name] !== 'pass');
  const proposal = last && proposedMirror(sample, last).fields;
  const written = { ...open, ...proposal, route: 'llm' as const, checks };
  if (failed.length > 0)
    return {
      ...written,
      reason: variant.review ? variant.reason! : `Not passed: ${failed.map(checkLabel).join('; ')}.`,
      review: { state: 'pending' },
    };
  delete written.reason;
  return { ...written, status: changed(sample, proposal!) ? 'flipped' : 'invariant' };
}

/** Compares two attempts that both pass the checks. If the attempts differ, the row is ambiguous. */
export function agreement(attempts: readonly RewriteAttempt[]): MirrorVariant['checks'] {
  if (attempts.length < 2 || !attempts.every(isRead)) return {};
  const texts = attempts.map(({ question, answer, reasoning, choices }) =>
    JSON.stringify([question, answer, reasoning, choices]),
  );
  const passing = attempts.filter(({ checks }) => Object.values(checks).every((result) => result === 'pass'));
  if (passing.length < attempts.length) return {};
  return { attempts_agree: new Set(texts).size === 1 ? 'pass' : 'fail' };
}

const changed = (sample: Sample, proposal: FlippedPair): boolean =>
  (['question', 'answer', 'reasoning', 'choices'] as const).some(
    (key) => proposal[key] !== undefined && JSON.stringify(proposal[key]) !== JSON.stringify(sample[key]),
  );

/**
 * Flips the polarity of a row by rules. A language model flips deferred rows. The opposite answer depends on the image,
 * so a model's flip is trusted only if a scene graph proves it and no check fails. All other flips wait for a reviewer.
 */
export async function polarityRow(sample: Sample, rewriter: Rewriter | null): Promise<PolarityVariant> {
  const variant = flipPolarity(sample);
  if (!rewriter || variant.status !== 'needs_llm') return variant;
  const llm = await askForRewrite(sample, rewriter, (flip) => checkVariant(sample, POLARITY, flip));
  const [attempt] = llm.attempts;
  if (attempt!.error !== undefined)
    return { ...variant, reason: `The language model returned no answer: ${attempt!.error}`, llm };
  const { checks } = attempt!;
  const proven = checks.graph_agrees === 'pass' && checks.predicate_only === 'pass';
  const open = Object.keys(checks).filter((name) => checks[name] !== 'pass');
  const written: PolarityVariant = { ...variant, route: 'llm', checks, llm };
  if (isRead(attempt!)) {
    const { question, answer, choices } = attempt;
    // Removes the reasoning, which argues for the old answer.
    const reasoning = sample.reasoning === undefined ? {} : { reasoning: '' };
    Object.assign(written, { question, answer, ...reasoning, ...(choices && { choices }) });
  }
  if (!proven || Object.values(checks).includes('fail'))
    return {
      ...written,
      reason: `Not passed: ${open.map(checkLabel).join('; ')}.`,
      review: { state: 'pending' },
    };
  delete written.reason;
  return { ...written, status: 'flipped', assumes: 'no_tie' };
}
