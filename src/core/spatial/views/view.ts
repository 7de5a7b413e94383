import type { Size } from '../boxes.ts';
import { checkMirror } from '../mirror/checks.ts';
import { mirrorGraph } from '../mirror/graph.ts';
import { mirrorSample } from '../mirror/mirror-sample.ts';
import { checkPolarity, flipPolarity } from '../polarity/flip.ts';
import { declaredSize, type MirrorVariant, type Sample, type Variant } from '../sample.ts';
import { graphOf } from '../scene-graph/read.ts';
import type { SceneGraph } from '../scene-graph/scene-graph.ts';
import { isTrusted, withVariant } from '../variant.ts';
import { viewOf, type VariantName, type ViewId } from './list.ts';

/** A row in a view. If the question was asked without a known answer, the sample's answer is ''. */
export interface ViewedSample {
  view: ViewId;
  sample: Sample;
}

type GraphRewrite = (graph: SceneGraph, size?: Size) => SceneGraph;

interface Rules {
  rewrite: (sample: Sample) => Variant;
  /** The evidence for and against a rewrite made by someone else. */
  check: (sample: Sample, written: Variant) => Variant['checks'];
  /** Where the row's graph becomes another. */
  graph?: GraphRewrite;
}

const RULES: Record<VariantName, Rules> = {
  mirror: { rewrite: mirrorSample, check: checkMirror, graph: mirrorGraph },
  polarity: { rewrite: flipPolarity, check: checkPolarity },
};

/** A row's rewrite for a view: the stored one, else that of the rules, whether or not it can be trusted. */
export const variantFor = (sample: Sample, name: VariantName): Variant =>
  sample.variants?.[name] ?? RULES[name].rewrite(sample);

export const checkVariant = (sample: Sample, name: VariantName, written: Variant): Variant['checks'] =>
  RULES[name].check(sample, written);

/** The stored rewrite first, else that of the rules; null where neither can be trusted. */
export function inView(sample: Sample, view: ViewId): Sample | null {
  const { variant: name } = viewOf(view);
  if (name === null) return sample;
  const seen = withVariant({ ...sample, variants: { [name]: variantFor(sample, name) } }, name);
  const { graph } = RULES[name];
  return seen && graph ? withOwnGraph(seen, sample, graph) : seen;
}

/** A row in the views that are asked for; those that it does not have are left out. */
export function inViews(sample: Sample, views: readonly ViewId[]): ViewedSample[] {
  return views.flatMap((view) => {
    const seen = inView(sample, view);
    return seen ? [{ view, sample: seen }] : [];
  });
}

/** A stored rewrite may lack the graph, because the original's would be wrong in another picture. */
function withOwnGraph(seen: Sample, original: Sample, rewrite: GraphRewrite): Sample {
  if (!seen.scene_graph || seen.scene_graph !== original.scene_graph) return seen;
  const rest = { ...seen };
  delete rest.scene_graph;
  const graph = graphOf(original);
  try {
    return graph ? { ...rest, scene_graph: rewrite(graph, declaredSize(original.images[0])) } : rest;
  } catch (error) {
    if (error instanceof RangeError) return rest; // coordinates in pixels, and no width
    throw error;
  }
}

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
  const seen = mirror && withVariant({ ...sample, variants: { mirror } }, 'mirror');
  return seen ? [original, { view: 'mirror', sample: seen }] : [original];
}
