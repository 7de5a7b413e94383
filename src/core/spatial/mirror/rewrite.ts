import { declaredSize, type Mask, type Sample } from '../sample.ts';
import { readGraph } from '../scene-graph/read.ts';
import type { SceneGraph } from '../scene-graph/scene-graph.ts';
import type { Size } from '../boxes.ts';
import { fullWidth, mirrorBox, mirrorMask, mirrorPoint } from './geometry.ts';
import { mirrorGraphNoted } from './graph.ts';
import type { Note } from './edits.ts';
import { surroundings } from './surroundings.ts';
import { mirrorText, type MirroredText } from './text.ts';
import { triggered } from './triggers.ts';

/** The fields of a sample that a mirror can change. */
export interface MirrorFields {
  question: string;
  answer: string;
  reasoning?: string;
  choices?: string[];
  boxes?: number[][];
  points?: number[][];
  masks?: Mask[];
  scene_graph?: SceneGraph;
}

export interface Rewrite {
  /** Every field of the sample that a mirror can change, mirrored as far as the rules are sure. */
  fields: MirrorFields;
  /** How each text was read: `question`, `answer`, `reasoning`, `choices[0]` … */
  texts: Record<string, MirroredText>;
  notes: Note[];
}

/** The image's size: declared with the first image, or in the graph. */
export function imageSize(sample: Sample): Size | undefined {
  return declaredSize(sample.images[0]) ?? sample.scene_graph?.image;
}

/**
 * Applies every rule to a sample under *swap-words*: question and answers change, yes/no and letters stay. A rewrite
 * that is mirrored back is read beside its `original`: "the right one" is a side where that said "the left one".
 */
export function rewriteSample(sample: Sample, original?: Sample): Rewrite {
  const size = imageSize(sample);
  const format = sample.box_format;
  const system = { format, width: format ? fullWidth(format, size) : null };
  const row = surroundings(sample, system, original);
  const texts: Record<string, MirroredText> = {
    question: mirrorText(sample.question, { role: 'question', ...row }),
    answer: mirrorText(sample.answer, { role: 'answer', ...row }),
  };
  if (sample.reasoning) texts.reasoning = mirrorText(sample.reasoning, { role: 'reasoning', ...row });
  const choices = sample.choices?.map((choice) => mirrorText(choice, { role: 'choice', ...row }));
  choices?.forEach((choice, i) => (texts[`choices[${i}]`] = choice));
  const read = Object.values(texts);
  const chiral = read.some(
    (t) => t.changes.length > 0 || t.notes.some((n) => n.rule.startsWith('ambiguous')),
  );
  const geometry = mirrorGeometry(sample, size);
  const notes = [
    ...triggered(
      {
        question: sample.question,
        answer: sample.answer,
        others: [...(sample.reasoning ? [sample.reasoning] : []), ...(sample.choices ?? [])],
        images: sample.images.length,
      },
      chiral,
    ),
    ...read.flatMap((t) => t.notes),
    ...geometry.notes,
  ];
  const fields: MirrorFields = {
    question: texts.question!.text,
    answer: texts.answer!.text,
    ...(texts.reasoning && { reasoning: texts.reasoning.text }),
    ...(choices && { choices: choices.map((c) => c.text) }),
    ...geometry.fields,
  };
  return { fields, texts, notes };
}

type Geometry = Pick<MirrorFields, 'boxes' | 'points' | 'masks' | 'scene_graph'>;

/** Boxes, points, masks and graph; what cannot be mirrored is left out, with a note. */
function mirrorGeometry(sample: Sample, size: Size | undefined): { fields: Geometry; notes: Note[] } {
  const { boxes, points, masks, scene_graph: graph, box_format: format, meta } = sample;
  const fields: Geometry = {};
  const notes: Note[] = [];
  // Pixel indices run to w − 1; a row that counts so must say it.
  const span = meta?.pixel_indices === true && size ? { ...size, w: size.w - 1 } : size;
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
    attempt('boxes', () => (fields.boxes = boxes.map((box) => mirrorBox(box, format!, span, names))));
  }
  if (points?.length && !format) {
    notes.push({ level: 'review', rule: 'points.undeclared', message: 'Points need a declared box_format.' });
  } else if (points) {
    attempt('points', () => (fields.points = points.map((point) => mirrorPoint(point, format, span))));
  }
  if (masks) attempt('masks', () => (fields.masks = masks.map((mask) => mirrorMask(mask, span))));
  if (graph) {
    // Graphs of other tools are mirrored in our form, or not at all.
    const reading = isOwnForm(graph) ? { graph, repairs: [] } : readGraph(graph);
    if (!reading.graph || reading.repairs.some((repair) => repair.code === 'unreadable')) {
      const message = 'The scene graph cannot be read (docs/records.md).';
      notes.push({ level: 'review', rule: 'graph.form', message });
    } else {
      const readable = reading.graph;
      attempt('graph', () => {
        const mirrored = mirrorGraphNoted(readable, size);
        fields.scene_graph = mirrored.graph;
        notes.push(...mirrored.notes);
      });
    }
  }
  return { fields, notes };
}

const isOwnForm = (graph: SceneGraph): boolean =>
  Array.isArray(graph.objects) &&
  Array.isArray(graph.relations) &&
  graph.objects.every((o) => typeof o.id === 'string' && typeof o.label === 'string') &&
  graph.relations.every((r) => typeof r.predicate === 'string' && typeof r.frame === 'string');
