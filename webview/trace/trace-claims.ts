import { nameKey } from '../../src/rows/read/names.ts';
import type { Completion, RecordedPair } from '../../src/core/run-data/trace.ts';
import type { Size } from '../../src/rows/sample/boxes.ts';
import { readGraph } from '../../src/rows/scene-graph/read-graph.ts';
import type { SceneGraph } from '../../src/rows/scene-graph/scene-graph.ts';
import { readSightings, type SaidPlace } from '../../src/core/worlds/questions/question.ts';
import { corners, middle, relationShapes, shapesOf, type Shape } from '../ui/shapes.ts';
import type { ChosenCompletion } from './trace-panel-state.ts';

/** Positions of objects according to a completion, as opposed to the real positions. */
interface Claims {
  sightings: SaidPlace[];
  graph: SceneGraph | null;
}

/** Returns the claims of a completion that can be drawn; null if the completion contains no positions. */
function claimsOf({ segments }: Completion): Claims | null {
  const texts = segments.map(({ text }) => text);
  const sightings = texts.flatMap(readSightings);
  const graph = texts.map((text) => readGraph(text).graph).find((graph) => graph !== null) ?? null;
  const draws = graph?.objects.some(({ box, centroid }) => box ?? centroid) || graph?.relations.length;
  return sightings.length > 0 || draws ? { sightings, graph } : null;
}

/**
 * Returns claims as shapes over the image of a view, in the colours of the objects.
 * @param truth objects of the row's graph in this view
 * @param size size of the view's image
 */
export function claimedShapes(claims: Claims, truth: readonly Shape[], size: Size): Shape[] {
  const { sightings, graph } = claims;
  return [
    ...sightings.map((sighting, i) => ghost(sighting, i, truth, size)),
    ...(graph ? claimedGraph(graph, truth, size) : []),
  ];
}

/** Returns the object with a name, if exactly one object has this name. */
const named = (name: string, truth: readonly Shape[]): Shape | undefined => {
  const same = truth.filter(({ label }) => nameKey(label) === nameKey(name));
  return same.length === 1 ? same[0] : undefined;
};

/** Returns a column of the image that a completion claims an object to be in. The column is as high as the object. */
function ghost(sighting: SaidPlace, index: number, truth: readonly Shape[], { w, h }: Size): Shape {
  const { name, from, to, metres } = sighting;
  const real = named(name, truth);
  const isThere = truth.length === 0 || truth.some(({ label }) => nameKey(label) === nameKey(name));
  const ys = real?.points.map(([, y]) => y) ?? [0, h];
  const where = isThere ? metres !== null && `${metres} m` : 'absent';
  return {
    kind: 'outline',
    points: corners([from * w, Math.min(...ys), to * w, Math.max(...ys)]),
    label: [name, where].filter(Boolean).join(', '),
    colour: real?.colour ?? truth.length + index,
    from: 'claims',
  };
}

/** Returns the shapes of a model's graph. Objects without a claimed position are drawn at their real positions. */
function claimedGraph(graph: SceneGraph, truth: readonly Shape[], size: Size): Shape[] {
  // A graph can contain the size of the image that the model saw.
  const seenSize = graph.image ?? size;
  const [x, y] = [size.w / seenSize.w, size.h / seenSize.h];
  const objects = graph.objects.map((object) => {
    const real = named(object.label || object.id, truth);
    if (object.box || object.centroid || !real) return object;
    const [px, py] = middle(real.points);
    return { ...object, centroid: [px / x, py / y] as [number, number], box_format: 'xyxy_px' as const };
  });
  const placed = graph.objects.map(({ box, centroid }) => Boolean(box ?? centroid));
  const whole = { ...graph, objects };
  return [
    ...shapesOf({ scene_graph: whole }, undefined, seenSize).filter(({ colour }) => placed[colour]),
    ...relationShapes(whole, seenSize),
  ].map((shape) => ({
    ...shape,
    points: shape.points.map(([px, py]) => [px * x, py * y]),
    colour: named(objects[shape.colour]?.label ?? '', truth)?.colour ?? truth.length + shape.colour,
    from: 'claims',
  }));
}

/** Returns the completion that is shown in detail by default: the first wrong completion, which is most informative. */
export function chosenIn({ views }: RecordedPair, wanted: ChosenCompletion | null): ChosenCompletion {
  // A completion that was selected in another pair might not exist in the current pair.
  if (wanted && views[wanted.view]?.group[wanted.completion]) return wanted;
  const view = Math.max(
    0,
    views.findIndex(({ group }) => group.some(({ right }) => right === false)),
  );
  const wrong = views[view]!.group.findIndex(({ right }) => right === false);
  return { view, completion: Math.max(0, wrong) };
}

/** Shapes over a view's image, for the claims of one completion. */
export interface DrawnClaims {
  completion: number;
  claims: Claims;
}

/**
 * Returns, for each view, the claims to draw: the claims of the completion under the pointer or selected, or else of
 * the first wrong completion. Null if no completion contains positions.
 */
export function drawnClaims(
  { views }: RecordedPair,
  chosen: ChosenCompletion | null,
  pointed: ChosenCompletion | null,
): (DrawnClaims | null)[] {
  return views.map(({ group }, view) => {
    const completionHere = [pointed, chosen].find((picked) => picked?.view === view)?.completion;
    const drawnOf = (completion: number): DrawnClaims | null => {
      const claims = group[completion] && claimsOf(group[completion]);
      return claims ? { completion, claims } : null;
    };
    if (completionHere !== undefined) return drawnOf(completionHere);
    const order = [...group.keys()].sort(
      (a, b) => Number(group[b]!.right === false) - Number(group[a]!.right === false),
    );
    for (const completion of order) {
      const drawn = drawnOf(completion);
      if (drawn) return drawn;
    }
    return null;
  });
}
