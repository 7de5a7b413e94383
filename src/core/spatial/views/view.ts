import { mirrorGraph } from '../mirror/graph.ts';
import { mirrorSample } from '../mirror/mirror-sample.ts';
import { flipPolarity } from '../polarity/flip.ts';
import { declaredSize, type MirrorVariant, type Sample } from '../sample.ts';
import { graphOf } from '../scene-graph/read.ts';
import { isTrusted, withVariant } from '../variant.ts';

/** What becomes of a row's picture, text, boxes and graph together. */
export type View = 'original' | 'mirror';

/** `polarity`: the question turned into its opposite, about the same picture. */
export type EvaluatedView = View | 'polarity';

/** A row as a view shows it. Where somebody asks without knowing the answer, the sample's answer is ''. */
export interface ViewedSample<V extends EvaluatedView = View> {
  view: V;
  sample: Sample;
}

/** The stored rewrite first, else that of the rules; null where neither can be trusted. */
export function inView(sample: Sample, view: EvaluatedView): Sample | null {
  if (view === 'original') return sample;
  if (view === 'polarity') {
    const polarity = sample.variants?.polarity ?? flipPolarity(sample);
    return withVariant({ ...sample, variants: { polarity } }, 'polarity');
  }
  const mirror = sample.variants?.mirror ?? mirrorSample(sample);
  return withOwnGraph(withVariant({ ...sample, variants: { mirror } }, 'mirror'), sample);
}

/** A row in the views that are asked for; those that it does not have are left out. */
export function inViews(sample: Sample, views: readonly View[]): ViewedSample[] {
  return views.flatMap((view) => {
    const seen = inView(sample, view);
    return seen ? [{ view, sample: seen }] : [];
  });
}

/** A stored mirror may lack the graph: that of the original would be wrong in it. */
function withOwnGraph(mirror: Sample | null, original: Sample): Sample | null {
  if (!mirror?.scene_graph || mirror.scene_graph !== original.scene_graph) return mirror;
  const rest = { ...mirror };
  delete rest.scene_graph;
  const graph = graphOf(original);
  try {
    return graph ? { ...rest, scene_graph: mirrorGraph(graph, declaredSize(original.images[0])) } : rest;
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
