import { declaredSize, type Meta, type RewrittenFields, type Sample } from '../../sample/sample.ts';
import { graphOf } from '../../scene-graph/read.ts';
import type { SceneGraph, SceneObject, SceneRelation } from '../../scene-graph/scene-graph.ts';
import type { Size } from '../../sample/boxes.ts';
import { fullWidth, mirrorBox, mirrorMask, mirrorPoint } from '../geometry.ts';
import type { Note } from '../../read/tokens.ts';
import { reasonsToRead } from './lettering.ts';
import { readRow, type Row, surroundings } from './surroundings.ts';
import { type MirroredText, mirrorRead, mirrorText } from './text.ts';
import { type Axes, triggered, triggersOf } from './triggers.ts';
import { withoutReasoning } from '../reasoning.ts';
import { MIRROR, ORIGINAL } from '../list.ts';

export interface Rewrite {
  /** The texts before mirroring. */
  row: Row;
  /** Every field of the sample that a mirror can change, mirrored as far as the rules are certain. */
  fields: RewrittenFields;
  /** How each text was read: `question`, `answer`, `reasoning`, `choices[0]` … */
  texts: Record<string, MirroredText>;
  notes: Note[];
}

/** The image's size, as declared with the first image or in the graph. */
export function imageSize(sample: Sample): Size | undefined {
  return declaredSize(sample.images[0]) ?? graphOf(sample)?.image;
}

/** Applies the rules for texts to a sample: what its words become, and what they leave open in a view of these axes. */
export function rewriteTexts(sample: Sample, axes?: Axes): Pick<Rewrite, 'row' | 'texts' | 'notes'> {
  const row = readRow(sample);
  const texts = mirrorTexts(sample, row);
  const read = Object.values(texts);
  const chiral = read.some(
    (t) => t.changes.length > 0 || t.notes.some((n) => n.rule.startsWith('ambiguous')),
  );
  return { row, texts, notes: [...triggered(sample, row, chiral, axes), ...read.flatMap((t) => t.notes)] };
}

/**
 * Whether doubts that a row has with its reasoning and not without it are about that text alone. What it says of the
 * picture, such as that it shows a mirror or a map, concerns question and answer, too.
 */
export function isDoubtOfReasoning(sample: Sample, axes?: Axes): boolean {
  const alone = withoutReasoning(sample);
  const ofPair = new Set(triggersOf(alone, readRow(alone), true, axes));
  return triggersOf(sample, readRow(sample), true, axes).every(
    (trigger) => trigger.ofText || ofPair.has(trigger),
  );
}

/** The fields of a row whose texts were rewritten, by the names of `mirrorTexts`. */
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
  const { row, texts, notes: ofTexts } = rewriteTexts(sample);
  const geometry = mirrorGeometry(sample);
  const fields = { ...textFields(sample, texts), ...geometry.fields };
  const notes = [...ofTexts, ...geometry.notes];
  return { row, fields, texts, notes: notes.length > 0 ? notes : reasonsToRead(row) };
}

/**
 * Mirrors every text of a row, using the others as context. A rewrite that is mirrored back is read together with its
 * `original`: "the right one" is a side if the original said "the left one".
 */
export function mirrorTexts(sample: Sample, row: Row, original?: Row): Record<string, MirroredText> {
  const format = sample.box_format;
  const width = format ? fullWidth(format, coordinateSize(sample)) : null;
  const around = surroundings(row, { format, width }, original);
  const texts: Record<string, MirroredText> = {
    question: mirrorRead(row.question, { role: 'question', ...around }),
    answer: mirrorRead(row.answer, { role: 'answer', ...around }),
  };
  if (row.reasoning) texts.reasoning = mirrorRead(row.reasoning, { role: 'reasoning', ...around });
  row.choices.forEach((choice, i) => {
    texts[`choices[${i}]`] = mirrorRead(choice, { role: 'choice', ...around });
  });
  return texts;
}

/** The size in which x and y are counted. Pixel indices go up to w − 1; a row that uses them must declare it. */
export function coordinateSize(sample: Sample): Size | undefined {
  const size = imageSize(sample);
  return size && sample.meta?.pixel_indices === true ? { ...size, w: size.w - 1, h: size.h - 1 } : size;
}

/** The fields of a row that have places in the picture. */
export type Geometry = Pick<RewrittenFields, 'boxes' | 'points' | 'masks' | 'scene_graph' | 'meta'>;

/** Mirrors boxes, points, masks and graph; what cannot be mirrored is left out, with a note. */
export function mirrorGeometry(sample: Sample): { fields: Geometry; notes: Note[] } {
  const { boxes, points, masks, box_format: format, meta } = sample;
  const graph = graphOf(sample);
  const size = coordinateSize(sample);
  const fields: Geometry = {};
  const notes: Note[] = [];
  const names = meta?.keypoint_names as string[] | undefined;
  const attempt = (rule: string, mirror: () => void) => {
    try {
      mirror();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      notes.push({ level: 'review', rule, message: error.message });
    }
  };
  if (boxes?.length && !format) {
    notes.push({ level: 'review', rule: 'boxes.undeclared', message: 'Boxes need a declared box_format.' });
  } else if (boxes) {
    attempt('boxes', () => (fields.boxes = boxes.map((box) => mirrorBox(box, format!, size, names))));
  }
  if (points?.length && !format) {
    notes.push({ level: 'review', rule: 'points.undeclared', message: 'Points need a declared box_format.' });
  } else if (points) {
    attempt('points', () => (fields.points = points.map((point) => mirrorPoint(point, format, size))));
  }
  if (masks) attempt('masks', () => (fields.masks = masks.map((mask) => mirrorMask(mask, size))));
  if (graph)
    attempt('graph', () => {
      const mirrored = mirrorGraphNoted(graph, size);
      fields.scene_graph = mirrored.graph;
      notes.push(...mirrored.notes);
    });
  if (meta) {
    const mirrored = mirrorMeta(meta);
    if (mirrored) fields.meta = mirrored;
  }
  if (severalWidths(sample) && (boxes ?? points ?? graph)) {
    const message = 'Several images of different size: it is open which one the coordinates belong to.';
    notes.push({ level: 'review', rule: 'boxes.image', message });
  }
  return { fields, notes };
}

function severalWidths({ images, box_format: format }: Sample): boolean {
  const widths = images.map((image) => declaredSize(image)?.w);
  return format?.endsWith('px') === true && new Set(widths).size > 1;
}

/** Mirrors facts about the picture: the order from left to right is reversed, and names go through the text rules. */
function mirrorMeta(meta: Meta): Meta | null {
  const word = (text: unknown) => (typeof text === 'string' ? mirrorText(text, 'label').text : text);
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
export function mirrorGraphNoted(graph: SceneGraph, image?: Size): MirroredGraph {
  const size = graph.image ?? image;
  const notes: Note[] = [];
  const words = (text: string): string => {
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
  return view ? { view: view === MIRROR ? ORIGINAL : MIRROR } : {};
}
