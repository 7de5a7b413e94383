import type { Sample, Variant } from './sample.ts';

/** A geometric transform of the image together with the matching transform of text, boxes and graph. */
export type View = 'original' | 'mirror';

/** Whether a stored variant may be trained on and evaluated: rewritten by trusted rules or accepted by a person. */
export function isTrusted(variant: Variant | undefined): boolean {
  if (!variant) return false;
  const review = variant.review?.state;
  if (review === 'accepted' || review === 'edited') return true;
  return (
    (variant.status === 'flipped' || variant.status === 'invariant') &&
    review !== 'discarded' &&
    review !== 'pending'
  );
}

/**
 * The sample as it reads in a variant: its fields replaced by those of the variant, the variants themselves left out.
 * Returns null where the variant is missing or not trusted.
 */
export function withVariant(sample: Sample, name: 'mirror' | 'polarity'): Sample | null {
  const variant = sample.variants?.[name];
  if (!variant || !isTrusted(variant)) return null;
  const out: Sample = { ...sample, question: variant.question, answer: variant.answer };
  delete out.variants;
  for (const key of ['reasoning', 'choices', 'boxes', 'points', 'masks', 'scene_graph', 'meta'] as const) {
    if (variant[key] !== undefined) Object.assign(out, { [key]: variant[key] });
  }
  return out;
}
