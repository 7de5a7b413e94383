import type { Sample } from '../sample.ts';
import { verdictOf } from '../language/verdict.ts';
import { anchoredQuestion, canAnchor } from './directions.ts';
import { unworded, worded } from './relation.ts';
import type { ViewVariant } from './variant.ts';

/**
 * Puts "In the image as shown, " before the question: the original for turned pictures whose sides are anchored in this
 * way. The answer stays, since the sides of an upright picture are the picture's own.
 */
export function anchorQuestion(sample: Sample): ViewVariant {
  const { question, answer } = sample;
  return /\b(?:left|right)/i.test(question) && canAnchor(question, verdictOf(answer) !== null)
    ? worded(sample, 'anchor', { question: anchoredQuestion(question) })
    : unworded(sample, 'no_anchor', 'It has no sides that words can anchor in the picture.', 'discard');
}
