import type { Sample } from '../sample.ts';
import { verdictOf } from '../language/verdict.ts';
import { anchoredQuestion, canAnchor } from './directions.ts';
import { unworded, worded } from './relation.ts';
import type { ViewVariant } from './variant.ts';

/**
 * The question with "In the image as shown, " before it: the original of a turned picture whose sides are anchored so.
 * Its answer is the old one, since sides of an upright picture are the picture's.
 */
export function anchorQuestion(sample: Sample): ViewVariant {
  const { question, answer } = sample;
  return /\b(?:left|right)/i.test(question) && canAnchor(question, verdictOf(answer) !== null)
    ? worded(sample, 'anchor', { question: anchoredQuestion(question) })
    : unworded(sample, 'no_anchor', 'It has no sides that words can anchor in the picture.', 'discard');
}
