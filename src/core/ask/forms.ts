import { mirrorSample } from '../spatial/mirror/mirror-sample.ts';
import type { MirrorVariant, Sample } from '../spatial/sample.ts';
import { isTrusted, withVariant, type View } from '../spatial/view.ts';

/** A question as one view shows it. The answer is '' where nobody has said it. */
export interface AskedForm {
  view: View;
  sample: Sample;
}

/**
 * The mirror of a question that somebody asks, with its answer where that is known: the stored one, else that of the
 * rules. Where the rules can mirror the question but not the answer, the question alone is mirrored.
 */
export function mirrorOfAsked(sample: Sample): MirrorVariant {
  const stored = sample.variants?.mirror;
  if (stored) return stored;
  const mirror = mirrorSample(sample);
  if (isTrusted(mirror) || sample.answer === '') return mirror;
  const alone = mirrorSample({ ...sample, answer: '' });
  return isTrusted(alone) ? alone : mirror;
}

/** The forms to ask: the original, and its mirror where there is one that can be trusted. */
export function askedForms(sample: Sample, mirror: MirrorVariant | null): AskedForm[] {
  const original: AskedForm = { view: 'original', sample };
  const form = mirror && withVariant({ ...sample, variants: { mirror } }, 'mirror');
  return form ? [original, { view: 'mirror', sample: form }] : [original];
}
