import { coordinateSize } from '../read/coordinates.ts';
import { mirrorText, type MirroredText } from '../read/sides.ts';
import type { Note } from '../read/tokens.ts';
import { isRecord } from '../../base/json.ts';
import type { BoxFormat, Size, Xyxy } from '../sample/boxes.ts';
import { declaredSize, type Mask, type Meta, type RewrittenFields, type Sample } from '../sample/sample.ts';
import { graphOf, readGraph } from '../scene-graph/read-graph.ts';
import type { SceneGraph, SceneObject, SceneRelation } from '../scene-graph/scene-graph.ts';
import { composed, reversesHands, sizeIn, stepsOf, type Symmetry } from '../symmetry.ts';
import { MIRROR, ORIGINAL } from '../view-list.ts';
import { namesDirection } from './directions.ts';
import { turnBox, turnMask, turnPoint } from './geometry.ts';

/* Fields of a row about its image, except text, in a view: boxes, points, masks, scene graph, and facts in `meta`. */

/** Fields of a row with positions in the image. */
type Geometry = Pick<RewrittenFields, 'boxes' | 'points' | 'masks' | 'scene_graph' | 'meta'>;

interface Placed {
  fields: Geometry;
  /** Notes on values that were excluded because they have no position in the view, and on decisions for a reviewer. */
  notes: Note[];
}

/** Functions that map a row's positions to a view. A value without a position in the view causes a `RangeError`. */
interface PlaceMap {
  box: (box: readonly number[], format: BoxFormat) => number[];
  point: (point: readonly number[], format: BoxFormat) => number[];
  mask: (mask: Mask) => Mask;
}

const review = (rule: string, message: string): Note => ({ level: 'review', rule, message });

/** Calls `map`, and adds a note about values that do not fit. */
function attempt(notes: Note[], field: string, map: () => void): void {
  try {
    map();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    notes.push(review(field, error.message));
  }
}

export function mapPlaces(sample: Sample, map: PlaceMap): Placed {
  const { masks, box_format: format } = sample;
  const fields: Geometry = {};
  const notes: Note[] = [];
  const to = { boxes: map.box, points: map.point };
  for (const field of ['boxes', 'points'] as const) {
    const entries = sample[field];
    if (entries?.length && !format) {
      const message = `${field === 'boxes' ? 'Boxes' : 'Points'} need a declared box_format.`;
      notes.push(review(`${field}.undeclared`, message));
    } else if (entries)
      attempt(notes, field, () => (fields[field] = entries.map((entry) => to[field](entry, format!))));
  }
  if (masks) attempt(notes, 'masks', () => (fields.masks = masks.map(map.mask)));
  return { fields, notes };
}

/** Transforms the boxes, points and masks of a row with its image. */
export function turnPlaces(sample: Sample, symmetry: Symmetry): Placed {
  const size = coordinateSize(sample);
  const names = sample.meta?.keypoint_names as string[] | undefined;
  return mapPlaces(sample, {
    box: (box, format) => turnBox(box, symmetry, format, size, names),
    point: (point, format) => turnPoint(point, symmetry, format, size),
    mask: (mask) => turnMask(mask, symmetry, size),
  });
}

/** Transforms the boxes, points, masks, graph and `meta` of a row with its image. */
export function turnGeometry(sample: Sample, symmetry: Symmetry): Placed {
  const { boxes, points, meta, scene_graph: raw } = sample;
  const { fields, notes } = turnPlaces(sample, symmetry);
  const graph = graphOf(sample);
  const names = namesIn(symmetry);
  // Do not transform another tool's graph if it has unreadable parts, because these parts would be lost.
  const isWhole = graph === raw || !readGraph(raw).repairs.some(({ code }) => code === 'unreadable');
  if (raw && !(graph && isWhole))
    notes.push(review('graph.form', 'The scene graph cannot be read (docs/reference.md).'));
  else if (graph)
    attempt(notes, 'graph', () => {
      const turned = turnGraph(graph, symmetry, coordinateSize(sample), names);
      fields.scene_graph = turned.graph;
      notes.push(...turned.notes);
    });
  if (meta) fields.meta = turnMeta(meta, symmetry, names);
  if (areUnlike(sample, symmetry) && (boxes ?? points ?? graph)) {
    const message =
      'The images differ in size, so the rules cannot determine to which image the coordinates belong.';
    notes.push(review('boxes.image', message));
  }
  return { fields, notes };
}

/** Returns whether pixel coordinates differ in meaning between a row's images. Heights matter only if y changes. */
function areUnlike({ images, box_format: format }: Sample, symmetry: Symmetry): boolean {
  const sizes = images.map((image) => {
    const { w, h } = declaredSize(image) ?? {};
    return symmetry === MIRROR ? w : `${w}×${h}`;
  });
  return format?.endsWith('px') === true && new Set(sizes).size > 1;
}

type NameMap = (name: string) => Pick<MirroredText, 'text' | 'notes'>;

/** Returns a function for names in a graph and in `meta`. The mirror swaps sides in names. Reads each name once. */
function namesIn(symmetry: Symmetry): NameMap {
  if (symmetry !== MIRROR) return (text) => ({ text, notes: [] });
  const read = new Map<string, MirroredText>();
  return (name) => {
    const mirrored = read.get(name) ?? mirrorText(name, 'label');
    read.set(name, mirrored);
    return mirrored;
  };
}

/** Transforms the facts about the image in `meta`. Reverses or removes the order from left to right. */
function turnMeta(meta: Meta, symmetry: Symmetry, names: NameMap): Meta {
  const { exchanges, turnsX } = stepsOf(symmetry);
  const word = (text: unknown) => (typeof text === 'string' ? names(text).text : text);
  const turned = Object.entries(meta).map(([key, value]): [string, unknown] => {
    if (/^order_/.test(key) && Array.isArray(value)) {
      const words = value.map(word);
      return [key, key === 'order_left_to_right' && turnsX ? words.reverse() : words];
    }
    if ((key === 'counts' || key === 'depths') && isRecord(value))
      return [key, Object.fromEntries(Object.entries(value).map(([name, n]) => [word(name), n]))];
    return [key, value];
  });
  const out = Object.fromEntries(turned) as Meta;
  if (exchanges) delete out.order_left_to_right;
  return out;
}

/**
 * Transforms a scene graph with its image: boxes, centroids and motion. The mirror also swaps the sides in predicates,
 * labels, attributes and facing. All other symmetries exclude relations without an anchor (left, above), because the
 * boxes still contain this information, and reversed relations of own sides. Also excludes compass relations, because
 * the compass does not transform with the image. `image`: size of the image, if the graph lacks it.
 * @throws RangeError if boxes or centroids are in pixels and the width is unknown, or do not fit their format
 */
export function turnGraph(
  graph: SceneGraph,
  symmetry: Symmetry,
  image?: Size,
  names = namesIn(symmetry),
): { graph: SceneGraph; notes: Note[] } {
  const isMirror = symmetry === MIRROR;
  const size = graph.image ?? image;
  const notes: Note[] = [];
  const words = (text: string): string => {
    const read = names(text);
    notes.push(...read.notes);
    return read.text;
  };
  if (isMirror)
    for (const { subject, predicate, object, frame } of graph.relations)
      if (frame === 'world') {
        const message = `"${subject} ${predicate} ${object}" is a compass relation and was removed.`;
        notes.push(review('graph.world', message));
      }
  const holds = ({ predicate, frame }: SceneRelation): boolean => {
    if (frame === 'world') return false;
    const isOwn = (frame === 'object' || frame === 'agent') && !reversesHands(symmetry);
    return isMirror || isOwn || !namesDirection(predicate.replaceAll('_', ' '));
  };
  const relations = graph.relations
    .filter(holds)
    .map((relation): SceneRelation => ({ ...relation, predicate: words(relation.predicate) }));
  const object = (before: SceneObject): SceneObject => {
    const { attributes, facing } = before;
    const out: SceneObject = {
      ...turnObject(before, symmetry, size),
      label: words(before.label),
      ...(attributes && { attributes: inWords(attributes, words) }),
      ...(facing !== undefined && { facing: words(facing) }),
    };
    if (!isMirror && facing !== undefined && namesDirection(facing)) delete out.facing;
    return out;
  };
  const turned: SceneGraph = {
    ...graph,
    ...(graph.image && { image: sizeIn(symmetry, graph.image) }),
    objects: graph.objects.map(object),
    relations,
    ...(graph.view && { view: composed(graph.view, symmetry) }),
  };
  return { graph: turned, notes };
}

function inWords(attributes: Record<string, string> | string[], words: (text: string) => string) {
  if (Array.isArray(attributes)) return attributes.map(words);
  return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [words(key), words(value)]));
}

/** Transforms the positions of an object in a graph. */
function turnObject(object: SceneObject, symmetry: Symmetry, size: Size | undefined): SceneObject {
  const { box, box_format: format, centroid, motion } = object;
  const { exchanges, turnsX } = stepsOf(symmetry);
  const out: SceneObject = {
    ...object,
    ...(box && { box: turnBox(box, symmetry, format ?? 'xyxy_px', size) as Xyxy }),
    ...(centroid && { centroid: turnPoint(centroid, symmetry, format, size) as [number, number] }),
    ...(motion && turnsX && { motion: -motion as -1 | 1 }),
  };
  if (exchanges) delete out.motion;
  return out;
}

/** Replaces the original's graph with the graph of the view's image. Rewrites without a graph keep the original's. */
export function withOwnGraph(seen: Sample, original: Sample, symmetry: Symmetry): Sample {
  if (symmetry === ORIGINAL || !seen.scene_graph || seen.scene_graph !== original.scene_graph) return seen;
  const rest = { ...seen };
  delete rest.scene_graph;
  const graph = graphOf(original);
  try {
    return graph
      ? { ...rest, scene_graph: turnGraph(graph, symmetry, declaredSize(original.images[0])).graph }
      : rest;
  } catch (error) {
    if (error instanceof RangeError) return rest; // Coordinates are in pixels, but the width is unknown.
    throw error;
  }
}
