import { nameKey } from '../../src/rows/read/names.ts';
import type { Completion, RecordedPair } from '../../src/core/run-data/trace.ts';
import type { Size } from '../../src/rows/sample/boxes.ts';
import { readGraph } from '../../src/rows/scene-graph/read-graph.ts';
import type { SceneGraph } from '../../src/rows/scene-graph/scene-graph.ts';
import { readSightings, type SaidPlace } from '../../src/core/worlds/questions/question.ts';
import { corners, middle, relationShapes, shapesOf, type Shape } from '../ui/shapes.ts';
import type { ChosenCompletion } from './trace-panel-state.ts';

/** Where a completion says that things are, apart from where they are. */
interface Claims {
  sightings: SaidPlace[];
  graph: SceneGraph | null;
}

/** Reads what can be drawn; null if the completion says of nothing where it is. */
function claimsOf({ segments }: Completion): Claims | null {
  const texts = segments.map(({ text }) => text);
  const sightings = texts.flatMap(readSightings);
  const graph = texts.map((text) => readGraph(text).graph).find((graph) => graph !== null) ?? null;
  const draws = graph?.objects.some(({ box, centroid }) => box ?? centroid) || graph?.relations.length;
  return sightings.length > 0 || draws ? { sightings, graph } : null;
}

/**
 * What is claimed, as shapes over a view's image, in the colours of the things meant.
 * @param truth the objects that the row's graph has in this view
 * @param size of the view's image
 */
export function claimedShapes(claims: Claims, truth: readonly Shape[], size: Size): Shape[] {
  const { sightings, graph } = claims;
  return [
    ...sightings.map((sighting, i) => ghost(sighting, i, truth, size)),
    ...(graph ? claimedGraph(graph, truth, size) : []),
  ];
}

/** The thing of this name, if there is exactly one. */
const named = (name: string, truth: readonly Shape[]): Shape | undefined => {
  const same = truth.filter(({ label }) => nameKey(label) === nameKey(name));
  return same.length === 1 ? same[0] : undefined;
};

/** A column of the image, as high as the thing that is said to be in it. */
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

/** A graph that a model wrote. Things to which it gives no place stand where they are, so that its relations show. */
function claimedGraph(graph: SceneGraph, truth: readonly Shape[], size: Size): Shape[] {
  // Models that see an image of another size say which.
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

/** The completion whose details are shown until the user chooses: the first wrong one, as it has something to tell. */
export function chosenIn({ views }: RecordedPair, wanted: ChosenCompletion | null): ChosenCompletion {
  // The completion chosen in another pair may not exist in this one.
  if (wanted && views[wanted.view]?.group[wanted.completion]) return wanted;
  const view = Math.max(
    0,
    views.findIndex(({ group }) => group.some(({ right }) => right === false)),
  );
  const wrong = views[view]!.group.findIndex(({ right }) => right === false);
  return { view, completion: Math.max(0, wrong) };
}

/** What is drawn on a view's image: the claims of one of its completions. */
export interface DrawnClaims {
  completion: number;
  claims: Claims;
}

/**
 * Chooses for each view whose claims are drawn: the completion that is pointed at or chosen, else the first wrong one.
 * Null where none says of anything where it is.
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
