import { olderText } from './judged.ts';
import { declaredSize, type Sample, type Variant, type ViewVariant } from './sample.ts';
import { viewOf, type VariantName, type ViewId } from '../view-list.ts';

/** Returns whether a stored variant is trusted: rewritten by trusted rules, or accepted by a reviewer. */
export function isTrusted(variant: Variant | undefined): boolean {
  if (!variant) return false;
  const review = variant.review?.state;
  if (review === 'accepted' || review === 'edited') return true;
  // A review that is discarded, pending or an unknown word means that nobody has confirmed the variant.
  return (variant.status === 'flipped' || variant.status === 'invariant') && variant.review == null;
}

/** Checks of the meaning. All other checks test whether a machine has preserved the words of the original. */
const OF_MEANING = `side_changed sides_swapped yes_no_kept options_kept graph_agrees answer_in_choices
  answer_determined`.split(/\s+/);

/**
 * Returns the failed checks that prevent accepting a variant. For a reviewer's own text, only checks of the meaning
 * count. For an unchanged copy of the original, an undecided check that a side must change also counts.
 */
export const objectionsTo = (sample: QuestionAndAnswer, variant: Variant): string[] =>
  Object.entries(variant.checks ?? {}).flatMap(([name, result]) => {
    const fails = result === 'fail' && (variant.route !== 'human' || OF_MEANING.includes(name));
    const copies = name === 'side_changed' && result === 'undecidable' && isCopy(sample, variant);
    return fails || copies ? [name] : [];
  });

type QuestionAndAnswer = Pick<Sample, 'question' | 'answer' | 'choices'>;

/** Returns whether a variant has the same question and answer as the original. */
export const isCopy = (sample: QuestionAndAnswer, { question, answer, choices }: Variant): boolean =>
  question === sample.question &&
  answer === sample.answer &&
  (choices === undefined || JSON.stringify(choices) === JSON.stringify(sample.choices));

/**
 * Returns whether an opposite only repeats the original, as the rules return it when they defer. Training and
 * evaluation on this copy would use a contradiction. A mirror can repeat the original: accepting it means no flip.
 */
export const isUnwritten = (sample: QuestionAndAnswer, view: ViewId, variant: Variant): boolean =>
  !viewOf(view).mayRepeat && isCopy(sample, variant);

/**
 * Returns the stored variant if training and evaluation can use it, for any content of the file. Excludes variants for
 * which `isUnwritten` is true, and variants that a reviewer accepted for an older text.
 */
export function trustedVariant<Name extends VariantName>(
  sample: Sample,
  name: Name,
): NonNullable<Sample['variants']>[Name] | null {
  const variant = sample.variants?.[name];
  return variant && isUsable(sample, name, variant) ? variant : null;
}

/** Returns whether training and evaluation can use a row's variant. */
export const isUsable = (sample: Sample, view: ViewId, variant: Variant): boolean =>
  isTrusted(variant) && !isUnwritten(sample, view, variant) && olderText(sample, variant) === null;

/** Returns the row with the fields of a variant, trusted or not, and without variants. */
export function applyVariant(sample: Sample, variant: ViewVariant): Sample {
  const out: Sample = { ...sample, question: variant.question, answer: variant.answer };
  delete out.variants;
  if (variant.reasoning_dropped !== undefined) delete out.reasoning;
  // The row's additional accepted answers could be wrong in a view with another question or answer.
  if (!isCopy(sample, variant)) delete out.answers;
  const { reasoning, answers, choices, boxes, points, masks, scene_graph, meta, clip, images } = variant;
  const fields = { reasoning, answers, choices, boxes, points, masks, scene_graph, meta, clip, images };
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) out[key] = value;
  // A newly rendered scene has other depths.
  if (variant.image_op === 'render') delete out.depth_map;
  const { size } = variant;
  // An image rotated by 90° has different dimensions from its file.
  if (size && declaredSize(out.images[0]))
    out.images = out.images.map((image) => (typeof image === 'string' ? image : { ...image, ...size }));
  return out;
}
