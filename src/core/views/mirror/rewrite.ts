import { coordinateSize } from '../../read/coordinates.ts';
import { declaredSize, type Meta, type RewrittenFields, type Sample } from '../../sample/sample.ts';
import { graphOf, readGraph } from '../../scene-graph/read.ts';
import type { SceneGraph, SceneObject, SceneRelation } from '../../scene-graph/scene-graph.ts';
import type { Size } from '../../sample/boxes.ts';
import { attempt, turnObject, turnPlaces, type Geometry } from '../geometry.ts';
import type { Note } from '../../read/tokens.ts';
import { type Reading, readingOf } from '../../read/reading.ts';
import { type MirroredText, mirrorText } from '../../read/sides.ts';
import { MIRROR, ORIGINAL } from '../../view-list.ts';

export interface Rewrite {
  reading: Reading;
  /** Every field of the sample that a mirror can change, mirrored as far as the rules are certain. */
  fields: RewrittenFields;
  notes: Note[];
}

/** The fields of a row whose texts were rewritten, by the names of `Reading.sides`. */
export const textFields = (
  { choices }: Sample,
  texts: Readonly<Record<string, { text: string }>>,
): RewrittenFields => ({
  question: texts.question!.text,
  answer: texts.answer!.text,
  ...(texts.reasoning && { reasoning: texts.reasoning.text }),
  ...(choices && { choices: choices.map((_, i) => texts[`choices[${i}]`]!.text) }),
});

/** Applies every rule to a sample under *swap-words*: question and answer change, yes/no and letters stay. */
export function rewriteSample(sample: Sample): Rewrite {
  const reading = readingOf(sample);
  const geometry = mirrorGeometry(sample);
  const fields = { ...textFields(sample, reading.sides), ...geometry.fields };
  const notes = [...reading.doubts(), ...geometry.notes];
  return { reading, fields, notes: notes.length > 0 ? notes : reading.seen };
}

/** Mirrors boxes, points, masks, graph and meta; what cannot be mirrored is left out, with a note. */
function mirrorGeometry(sample: Sample): { fields: Geometry; notes: Note[] } {
  const { boxes, points, meta } = sample;
  const graph = graphOf(sample);
  const { fields, unplaced } = turnPlaces(sample, MIRROR);
  const mirror = nameMirror();
  // What cannot be read of another tool's graph would be lost.
  const { scene_graph: raw } = sample;
  const notes: Note[] = [];
  const isWhole = graph === raw || !readGraph(raw).repairs.some(({ code }) => code === 'unreadable');
  if (raw && !(graph && isWhole)) {
    const message = 'The scene graph cannot be read (docs/records.md).';
    notes.push({ level: 'review', rule: 'graph.form', message });
  } else if (graph)
    attempt(unplaced, 'graph', () => {
      const mirrored = mirrorGraphNoted(graph, coordinateSize(sample), mirror);
      fields.scene_graph = mirrored.graph;
      notes.push(...mirrored.notes);
    });
  const facts = meta && mirrorMeta(meta, mirror);
  if (facts) fields.meta = facts;
  if (severalWidths(sample) && (boxes ?? points ?? graph)) {
    const message = 'Several images of different size: it is open which one the coordinates belong to.';
    notes.push({ level: 'review', rule: 'boxes.image', message });
  }
  const places = unplaced.map(({ field, isUndeclared, message }): Note => ({
    level: 'review',
    rule: isUndeclared ? `${field}.undeclared` : field,
    message,
  }));
  return { fields, notes: [...places, ...notes] };
}

function severalWidths({ images, box_format: format }: Sample): boolean {
  const widths = images.map((image) => declaredSize(image)?.w);
  return format?.endsWith('px') === true && new Set(widths).size > 1;
}

type NameMirror = (name: string) => MirroredText;

/** Mirrors the names in a graph and in `meta`, each of which it reads once. */
function nameMirror(): NameMirror {
  const read = new Map<string, MirroredText>();
  return (name) => {
    const mirrored = read.get(name) ?? mirrorText(name, 'label');
    read.set(name, mirrored);
    return mirrored;
  };
}

/** Mirrors facts about the picture: the order from left to right is reversed, and names go through the text rules. */
function mirrorMeta(meta: Meta, mirror: NameMirror): Meta | null {
  const word = (text: unknown) => (typeof text === 'string' ? mirror(text).text : text);
  const mirrored = Object.entries(meta).map(([key, value]): [string, unknown] => {
    if (/^order_/.test(key) && Array.isArray(value)) {
      const names = value.map(word);
      return [key, key === 'order_left_to_right' ? names.reverse() : names];
    }
    if ((key === 'counts' || key === 'depths') && typeof value === 'object' && value !== null) {
      return [key, Object.fromEntries(Object.entries(value).map(([name, n]) => [word(name), n]))];
    }
    return [key, value];
  });
  const out = Object.fromEntries(mirrored) as Meta;
  return JSON.stringify(out) === JSON.stringify(meta) ? null : out;
}

interface MirroredGraph {
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
export function mirrorGraphNoted(graph: SceneGraph, image?: Size, mirror = nameMirror()): MirroredGraph {
  const size = graph.image ?? image;
  const notes: Note[] = [];
  const words = (text: string): string => {
    const mirrored = mirror(text);
    notes.push(...mirrored.notes);
    return mirrored.text;
  };
  const object = (o: SceneObject): SceneObject => ({
    ...turnObject(o, MIRROR, size),
    label: words(o.label),
    ...(o.attributes && { attributes: mirrorAttributes(o.attributes, words) }),
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
  return view ? { view: view === MIRROR ? ORIGINAL : MIRROR } : {};
}
