import { checkPolarity, flipPolarity } from '../../core/spatial/polarity/flip.ts';
import type { PolarityVariant, Sample } from '../../core/spatial/sample.ts';
import { askForRewrite, isRead, type Rewriter } from '../rollouts/rewrite.ts';
import { checkLabel } from '../../core/labels.ts';

/**
 * The polarity flip of a row: by rules, and by a language model where they hand it on. The opposite answer is no matter
 * of words but of the picture, so a model's flip is trusted only where a scene graph proves it, and nothing fails;
 * everything else waits for a person.
 */
export async function polarityRow(sample: Sample, rewriter: Rewriter | null): Promise<PolarityVariant> {
  const variant = flipPolarity(sample);
  if (!rewriter || variant.status !== 'needs_llm') return variant;
  const llm = await askForRewrite(sample, rewriter, (flip) => checkPolarity(sample, flip));
  const [attempt] = llm.attempts;
  if (attempt!.error !== undefined)
    return { ...variant, reason: `The language model gave no answer: ${attempt!.error}`, llm };
  const { checks } = attempt!;
  const proven = checks.graph_agrees === 'pass' && checks.predicate_only === 'pass';
  const open = Object.keys(checks).filter((name) => checks[name] !== 'pass');
  const written: PolarityVariant = { ...variant, route: 'llm', checks, llm };
  if (isRead(attempt!)) {
    const { question, answer, choices } = attempt;
    // The thought of a chain-of-thought sample argues for the old answer.
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
