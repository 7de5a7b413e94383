import { checkMirror } from '../mirror/checks.ts';
import { mirrorGraph } from '../mirror/graph.ts';
import { mirrorSample } from '../mirror/mirror-sample.ts';
import { checkPolarity, flipPolarity } from '../polarity/flip.ts';
import type { Size } from '../boxes.ts';
import { declaredSize, type MirrorVariant, type Sample, type Variant } from '../sample.ts';
import { graphOf } from '../scene-graph/read.ts';
import type { SceneGraph } from '../scene-graph/scene-graph.ts';
import { applyVariant, isTrusted, isUnwritten } from '../variant.ts';
import { anchorQuestion } from './anchored.ts';
import { converseSample } from './converse.ts';
import { exchangeNames } from './exchange-names.ts';
import { extendOptions } from './extend-options.ts';
import { partsOf, viewOf, type VariantName, type ViewId } from './list.ts';
import { permuteOptions } from './permute-options.ts';
import type { Symmetry } from './symmetry.ts';
import { turnGraph, turnSample } from './turn.ts';
import type { ViewOptions, ViewVariant } from './variant.ts';

/** A row in a view. If the question was asked without a known answer, the sample's answer is ''. */
export interface ViewedSample {
  view: ViewId;
  sample: Sample;
}

type Rewrite = (sample: Sample, options: ViewOptions, parameter: string) => Variant;

/** The rewrite of each view of the tables, by the name before its parameter. */
const REWRITES: Record<string, Rewrite> = {
  mirror: (sample) => mirrorSample(sample),
  polarity: flipPolarity,
  ...Object.fromEntries(
    (['flip', 'rotate:180', 'rotate:90', 'rotate:270', 'transpose', 'antitranspose'] as const).map(
      (symmetry): [string, Rewrite] => [symmetry, (sample, options) => turnSample(sample, symmetry, options)],
    ),
  ),
  anchored: anchorQuestion,
  converse: converseSample,
  'exchange-names': exchangeNames,
  'permute-options': (sample, _, n) => permuteOptions(sample, Number(n)),
  'extend-options': extendOptions,
};

/** The evidence for and against a rewrite made by someone else, where rules can examine one. */
const CHECKS: Record<VariantName, (sample: Sample, written: Variant) => Variant['checks']> = {
  mirror: checkMirror,
  polarity: checkPolarity,
};

/** The rewrite of a row by the rules of a view, trusted or not. What one part defers is deferred as a whole. */
export function rewriteFor(sample: Sample, id: ViewId, options: ViewOptions = {}): Variant {
  const parts = partsOf(id);
  if (parts.some(({ kind }) => kind === 'scene')) return withoutWorld(sample, id);
  let seen = sample;
  let last: ViewVariant | undefined;
  for (const part of parts) {
    const variant: ViewVariant = rewritePart(seen, part.id, options);
    if (!isTrusted(variant)) return parts.length === 1 ? variant : refusedWhole(sample, variant);
    last = last ? joined(sample, last, variant) : variant;
    seen = { ...applyVariant(sample, last), variants: {} };
  }
  return last!;
}

function rewritePart(sample: Sample, id: ViewId, options: ViewOptions): Variant {
  const rewrite = REWRITES[id];
  if (rewrite) return rewrite(sample, options, '');
  const [name, parameter = ''] = id.split(':');
  return REWRITES[name!]!(sample, options, parameter);
}

/** Two rewrites as one: the fields of the second where it has them, what is told of both. */
function joined(sample: Sample, first: ViewVariant, second: ViewVariant): ViewVariant {
  const { image_op = 'none' } = first;
  return {
    ...first,
    ...second,
    status: first.status === 'flipped' || second.status === 'flipped' ? 'flipped' : 'invariant',
    rules: [...new Set([...first.rules, ...second.rules])],
    checks: { ...first.checks, ...second.checks },
    effect: second.answer === sample.answer ? 'stays' : 'changes',
    ...(image_op !== 'none' && { image_op }),
    ...(first.anchor === 'image' && { anchor: 'image' as const }),
  };
}

const refusedWhole = (sample: Sample, { status, code, reason }: ViewVariant): ViewVariant => ({
  status: status === 'discard' ? 'discard' : 'needs_llm',
  question: sample.question,
  answer: sample.answer,
  route: 'rules',
  rules: [],
  checks: {},
  ...(code !== undefined && { code }),
  ...(reason !== undefined && { reason }),
});

/** A scene is drawn anew only where it is known as a world; a photograph needs real second pictures. */
function withoutWorld(sample: Sample, id: ViewId): ViewVariant {
  const known = sample.meta?.world !== undefined;
  return {
    status: known ? 'needs_llm' : 'discard',
    question: sample.question,
    answer: sample.answer,
    route: 'rules',
    rules: [],
    checks: {},
    code: known ? 'not_drawn' : 'no_world',
    reason: known
      ? `This version does not draw worlds as ${id} sees them.`
      : `${id} draws the scene anew, and this row has no world (meta.world).`,
  };
}

/** The stored rewrite of a row for a view, if there is one. */
export function storedVariant({ variants }: Sample, id: ViewId): Variant | undefined {
  const own = id === 'mirror' || id === 'polarity' ? variants?.[id] : undefined;
  return own ?? variants?.views?.[id];
}

/** A row's rewrite for a view: the stored one, else that of the rules, whether or not it can be trusted. */
export const variantFor = (sample: Sample, id: ViewId, options?: ViewOptions): Variant =>
  storedVariant(sample, id) ?? rewriteFor(sample, id, options);

export const checkVariant = (sample: Sample, name: VariantName, written: Variant): Variant['checks'] =>
  CHECKS[name](sample, written);

/** The stored rewrite first, else that of the rules; null where neither can be trusted. */
export function inView(sample: Sample, view: ViewId): Sample | null {
  const { variant: name, pixels } = viewOf(view);
  if (name === null) return sample;
  const variant = variantFor(sample, view);
  if (!isTrusted(variant) || isUnwritten(sample, view, variant)) return null;
  const seen = applyVariant(sample, variant);
  return pixels === 'original' ? seen : withOwnGraph(seen, sample, pixels);
}

/** A row in the views that are asked for; those that it does not have are left out. */
export function inViews(sample: Sample, views: readonly ViewId[]): ViewedSample[] {
  return views.flatMap((view) => {
    const seen = inView(sample, view);
    return seen ? [{ view, sample: seen }] : [];
  });
}

/** A stored rewrite may lack the graph, because the original's would be wrong in another picture. */
function withOwnGraph(seen: Sample, original: Sample, symmetry: Symmetry): Sample {
  if (!seen.scene_graph || seen.scene_graph !== original.scene_graph) return seen;
  const rest = { ...seen };
  delete rest.scene_graph;
  const graph = graphOf(original);
  try {
    return graph
      ? { ...rest, scene_graph: graphIn(symmetry, graph, declaredSize(original.images[0])) }
      : rest;
  } catch (error) {
    if (error instanceof RangeError) return rest; // coordinates in pixels, and no width
    throw error;
  }
}

const graphIn = (symmetry: Symmetry, graph: SceneGraph, size: Size | undefined): SceneGraph =>
  symmetry === 'mirror' ? mirrorGraph(graph, size) : turnGraph(graph, symmetry, size);

/**
 * The mirror of a question that somebody asks, with its answer where that is known: the stored one, else that of the
 * rules. Where the rules can mirror the question but not the answer, the question alone is mirrored.
 */
export function mirrorToAsk(sample: Sample): MirrorVariant {
  const stored = sample.variants?.mirror;
  if (stored) return stored;
  const mirror = mirrorSample(sample);
  if (isTrusted(mirror) || sample.answer === '') return mirror;
  const alone = mirrorSample({ ...sample, answer: '' });
  return isTrusted(alone) ? alone : mirror;
}

/** What to ask: the original, and its mirror where there is one that can be trusted. */
export function viewsToAsk(sample: Sample, mirror: MirrorVariant | null): ViewedSample[] {
  const original: ViewedSample = { view: 'original', sample };
  return mirror && isTrusted(mirror)
    ? [original, { view: 'mirror', sample: applyVariant(sample, mirror) }]
    : [original];
}
