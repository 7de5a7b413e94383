import type { Size } from '../boxes.ts';
import type { SceneGraph, SceneObject, SceneRelation } from '../scene-graph/scene-graph.ts';
import type { Note } from './edits.ts';
import { mirrorBox, mirrorPoint } from './geometry.ts';
import { mirrorText } from './text.ts';

export interface MirroredGraph {
  graph: SceneGraph;
  /** Words that the rules cannot decide, and compass relations that were dropped. */
  notes: Note[];
}

/**
 * Mirrors a scene graph: boxes and centroids are reflected; predicates, labels, attributes and facing go through the
 * text rules, whatever a relation's frame; motion is negated; everything else and all orders stay. It is its own
 * inverse, except for relations in the world's frame: the compass does not turn with the picture, so they are dropped
 * with a note. `image` is used if the graph does not state its size.
 * @throws RangeError if boxes or centroids are in pixels and no width is known, or do not fit their format.
 */
export function mirrorGraphNoted(graph: SceneGraph, image?: Size): MirroredGraph {
  const size = graph.image ?? image;
  const notes: Note[] = [];
  const words = (text: string): string => {
    if (typeof text !== 'string') return text; // attributes of foreign graphs may be numbers
    const mirrored = mirrorText(text, 'label');
    notes.push(...mirrored.notes);
    return mirrored.text;
  };
  const object = (o: SceneObject): SceneObject => ({
    ...o,
    label: words(o.label),
    ...(o.box && { box: mirrorBox(o.box, o.box_format ?? 'xyxy_px', size) as SceneObject['box'] & object }),
    ...(o.centroid && { centroid: mirrorPoint(o.centroid, o.box_format, size) as [number, number] }),
    ...(o.attributes && { attributes: mirrorAttributes(o.attributes, words) }),
    ...(o.motion && { motion: -o.motion as -1 | 1 }),
    ...(o.facing !== undefined && { facing: words(o.facing) }),
  });
  const world = graph.relations.filter((r) => r.frame === 'world');
  for (const r of world) {
    const message = `"${r.subject} ${r.predicate} ${r.object}" is a compass relation and was left out.`;
    notes.push({ level: 'review', rule: 'graph.world', message });
  }
  const relations = graph.relations
    .filter((r) => r.frame !== 'world')
    .map((r): SceneRelation => ({ ...r, predicate: words(r.predicate) }));
  return {
    graph: { ...graph, objects: graph.objects.map(object), relations, ...mirroredView(graph) },
    notes,
  };
}

/** `mirrorGraphNoted` without its notes. */
export function mirrorGraph(graph: SceneGraph, image?: Size): SceneGraph {
  return mirrorGraphNoted(graph, image).graph;
}

function mirrorAttributes(attributes: Record<string, string> | string[], words: (text: string) => string) {
  if (Array.isArray(attributes)) return attributes.map(words);
  return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [words(key), words(value)]));
}

/** If a graph says which view it belongs to, it now belongs to the other one. */
function mirroredView({ view }: SceneGraph): Pick<SceneGraph, 'view'> {
  return view ? { view: view === 'mirror' ? 'original' : 'mirror' } : {};
}
