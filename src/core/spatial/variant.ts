import type { Sample, Variant } from './sample.ts';
import { declaredSize } from './sample.ts';
import { viewOf, type VariantName, type ViewId } from './views/list.ts';
import type { ViewVariant } from './views/variant.ts';

/** Whether a stored variant may be trained on and evaluated: rewritten by trusted rules or accepted by a person. */
export function isTrusted(variant: Variant | undefined): boolean {
  if (!variant) return false;
  const review = variant.review?.state;
  if (review === 'accepted' || review === 'edited') return true;
  // Discarded, pending, or a word that nobody knows: then nobody has said that it is right.
  return (variant.status === 'flipped' || variant.status === 'invariant') && variant.review == null;
}

type Asked = Pick<Sample, 'question' | 'answer' | 'choices'>;

/** Whether a variant asks and answers what the original does. */
export const isCopy = (sample: Asked, { question, answer, choices }: Variant): boolean =>
  question === sample.question &&
  answer === sample.answer &&
  (choices === undefined || JSON.stringify(choices) === JSON.stringify(sample.choices));

/**
 * Whether an opposite repeats the original, as rules hand it on: a copy that counts as its own opposite would teach and
 * measure a contradiction. A mirror may say the same: there, accepting a copy decides that nothing flips.
 */
export const isUnwritten = (sample: Asked, view: ViewId, variant: Variant): boolean =>
  !viewOf(view).mayRepeat && isCopy(sample, variant);

/** The stored variant where it may be trained on and evaluated, whatever a file says of a copy of the original. */
export function trustedVariant<Name extends VariantName>(
  sample: Asked & Pick<Sample, 'variants'>,
  name: Name,
): NonNullable<Sample['variants']>[Name] | null {
  const variant = sample.variants?.[name];
  return variant && isTrusted(variant) && !isUnwritten(sample, name, variant) ? variant : null;
}

/**
 * The sample as it reads in a variant: its fields replaced by those of the variant, the variants themselves left out.
 * Returns null where the variant is missing or not trusted.
 */
export function withVariant(sample: Sample, name: VariantName): Sample | null {
  const variant = trustedVariant(sample, name);
  return variant ? applyVariant(sample, variant) : null;
}

/** The sample with the fields of a variant, whether or not that is trusted, and without variants. */
export function applyVariant(sample: Sample, variant: ViewVariant): Sample {
  const out: Sample = { ...sample, question: variant.question, answer: variant.answer };
  delete out.variants;
  for (const key of ['reasoning', 'choices', 'boxes', 'points', 'masks', 'scene_graph', 'meta'] as const) {
    if (variant[key] !== undefined) Object.assign(out, { [key]: variant[key] });
  }
  const { size } = variant;
  // A picture that lies on its side has another size than its file.
  if (size && declaredSize(sample.images[0]))
    out.images = sample.images.map((image) => (typeof image === 'string' ? image : { ...image, ...size }));
  return out;
}
