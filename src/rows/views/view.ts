import { checkMirror } from './mirror/mirror-checks.ts';
import { mirrorKeepingQuestion, mirrorSample } from './mirror/mirror-sample.ts';
import { checkPolarity, flipPolarity } from './polarity/flip.ts';
import type { MirrorVariant, RewrittenFields, Sample, Variant, ViewVariant } from '../sample/sample.ts';
import { applyVariant, isTrusted, isUsable } from '../sample/variant.ts';
import {
  MIRROR,
  MIRROR_KEEP,
  ORIGINAL,
  POLARITY,
  isVariantName,
  viewOf,
  type VIEWS,
  type VariantName,
  type ViewId,
  type ViewPart,
} from '../view-list.ts';
import { extendOptions, permuteOptions } from './option-views.ts';
import { converseSample, exchangeNames } from './relation-views.ts';
import { resampleSample } from './resample/resample-sample.ts';
import { sequenceSample } from './sequence-views.ts';
import { withOwnGraph } from './map-places.ts';
import { anchorQuestion, turnSample, type ViewOptions } from './turn.ts';
import {
  defer,
  discard,
  refused,
  rewriteAsBare,
  rewriteEach,
  rewriteOrDrop,
  variantOf,
  type Refusal,
  type Rewritten,
} from './view-variant.ts';

/** Row in a view. The answer is '' if the rules do not know it. */
export interface ViewedSample {
  view: ViewId;
  sample: Sample;
}

type Wording = Exclude<Extract<(typeof VIEWS)[number], { kind: 'text' }>['id'], 'imagine' | 'polarity'>;

/** Views of the wording, each with its rewrite function. Polarity and the mirror have their own statuses. */
const WORDINGS: Record<Wording, (sample: Sample, parameter: string) => Rewritten | Refusal> = {
  anchored: anchorQuestion,
  converse: converseSample,
  'exchange-names': exchangeNames,
  'permute-options': (sample, n) => permuteOptions(sample, Number(n)),
  'extend-options': extendOptions,
};

/** Rewrites a row by the rules of a view. The result can be untrusted. If one part defers, the view is deferred. */
export function rewriteFor(sample: Sample, id: ViewId, options: ViewOptions = {}): Variant {
  const steps = stepsOf(viewOf(id).parts);
  let seen = sample;
  let last: ViewVariant | undefined;
  for (const step of steps) {
    const variant = rewritePart(seen, step, options);
    if (!isTrusted(variant)) return steps.length === 1 ? variant : refused(sample, variant);
    const turned = { ...applyVariant(seen, variant), variants: {} };
    if (last?.image_op === 'render' && step.kind === 'pixels') {
      const { scene_graph } = withOwnGraph(turned, seen, step.entry?.pixels ?? ORIGINAL);
      if (scene_graph) variant.scene_graph = scene_graph;
    }
    last = last ? joined(sample, last, variant) : variant;
    seen = { ...applyVariant(sample, last), variants: {} };
  }
  return last!;
}

/** Returns the steps of a view. All scene views together are one step, because only the final scene is rendered. */
function stepsOf(parts: readonly ViewPart[]): readonly ViewPart[] {
  const scene = parts.filter(({ kind }) => kind === 'scene').map(({ id }) => id);
  const others = parts.filter(({ kind }) => kind !== 'scene');
  return scene.length > 0 ? [{ id: scene.join('+'), kind: 'scene', parameter: '' }, ...others] : others;
}

/** Rewrites a row for one part of a view. The mirror and the opposite rewrite each accepted answer themselves. */
const rewritePart = (sample: Sample, part: ViewPart, options: ViewOptions): ViewVariant =>
  isVariantName(part.id)
    ? rewriteOne(sample, part, options)
    : rewriteEach(sample, (row) => rewriteOne(row, part, options));

function rewriteOne(sample: Sample, part: ViewPart, options: ViewOptions): ViewVariant {
  const { id, kind, entry, parameter, resample, order } = part;
  const { draw, answer = 'keep-question' } = options;
  if (kind === 'scene' || entry?.id === 'imagine')
    return draw ? draw(sample, id, answer) : notDrawn(sample, id);
  const made = (make: (row: Sample) => Rewritten | Refusal) =>
    rewriteOrDrop(sample, (row) => rewriteAsBare(row, (bare) => variantOf(bare, make(bare))));
  try {
    if (resample) return made((row) => resampleSample(row, resample));
    if (order) return made((row) => sequenceSample(row, order));
    if (entry!.id === MIRROR) return mirrorSample(sample);
    if (entry!.id === MIRROR_KEEP) return mirrorKeepingQuestion(sample);
    if (entry!.id === POLARITY) return flipPolarity(sample);
    if (kind === 'text') return made((row) => WORDINGS[entry!.id as Wording](row, parameter));
    return turnSample(sample, entry!.pixels, options);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return refused(sample, defer('geometry', error.message)); // The row's numbers fit no format.
  }
}

/** Joins two rewrites. Fields of the second rewrite take precedence; rules and checks come from both rewrites. */
function joined(sample: Sample, first: ViewVariant, second: ViewVariant): ViewVariant {
  const ops = [first.image_op, second.image_op].filter((op) => op && op !== 'none');
  const image_op = ops[0] === 'render' ? 'render' : ops.join('+');
  return {
    ...first,
    ...second,
    status: first.status === 'flipped' || second.status === 'flipped' ? 'flipped' : 'invariant',
    rules: [...new Set([...first.rules, ...second.rules])],
    checks: { ...first.checks, ...second.checks },
    effect: second.answer === sample.answer ? 'stays' : 'changes',
    ...(image_op !== '' && { image_op }),
    ...(first.anchor === 'image' && { anchor: 'image' as const }),
  };
}

/** Returns the variant of a scene view that is not rendered. A photograph would need a second photograph. */
function notDrawn(sample: Sample, id: ViewId): ViewVariant {
  const refusal =
    sample.meta?.world === undefined
      ? discard(
          'no_world',
          `${id} renders the scene again, but the row has no scene description (meta.world).`,
        )
      : defer(
          'not_drawn',
          `Render the scene first: chirality view add FILE --view ${id} --write-images FOLDER.`,
        );
  return refused(sample, refusal);
}

/** Returns the stored rewrite of a row for a view, if any. */
export function storedVariant({ variants }: Sample, id: ViewId): Variant | undefined {
  const variant = isVariantName(id) ? variants?.[id] : undefined;
  return variant ?? variants?.views?.[id];
}

/** Checks a rewrite that the rules did not write. */
export const checkVariant = (
  sample: Sample,
  name: VariantName,
  written: RewrittenFields & Pick<Variant, 'reasoning_dropped'>,
): Variant['checks'] => (name === MIRROR ? checkMirror(sample, written) : checkPolarity(sample, written));

/** Returns the row in a view: by the stored rewrite, or else by the rules; null if the rewrite is not trusted. */
export function inView(sample: Sample, view: ViewId): Sample | null {
  const { variant: name, pixels } = viewOf(view);
  if (name === null) return sample;
  const variant = storedVariant(sample, view) ?? rewriteFor(sample, view);
  if (!isUsable(sample, view, variant) || lacksPicture(variant)) return null;
  return withOwnGraph(applyVariant(sample, variant), sample, pixels);
}

/** Returns whether a view's image must be rendered, but was not written (`chirality view add --write-images`). */
const lacksPicture = ({ image_op, images }: ViewVariant): boolean => image_op === 'render' && !images?.length;

/**
 * Returns the mirror of a question, with its answer if known: the stored mirror, or else the mirror by the rules. If
 * the rules can mirror the question but not the answer, mirrors only the question.
 */
export function mirrorToAsk(sample: Sample): MirrorVariant {
  const stored = sample.variants?.mirror;
  if (stored) return stored;
  const mirror = mirrorSample(sample);
  if (isTrusted(mirror) || sample.answer === '') return mirror;
  const alone = mirrorSample({ ...sample, answer: '' });
  return isTrusted(alone) ? alone : mirror;
}
