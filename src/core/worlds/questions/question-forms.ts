import type { ImageRef, Sample } from '../../../rows/sample/sample.ts';
import type { SceneGraph, SceneObject } from '../../../rows/scene-graph/scene-graph.ts';
import { ORIGINAL } from '../../../rows/view-list.ts';
import { looksDown } from '../camera.ts';
import {
  compare,
  ownSide,
  ranking,
  standsOn,
  type Axis,
  type Comparison,
  type RankedAxis,
} from '../margins.ts';
import type { Observation } from '../observation.ts';
import type { OnFloor } from '../world.ts';
import { above, front, ownSideForms, plane, side } from './direction-questions.ts';
import { between } from './between.ts';
import { count } from './count-questions.ts';
import { distance, nearer, ordinal, size } from './magnitudes.ts';
import {
  label,
  other,
  type Family,
  type Form,
  type Forms,
  type Question,
  type Style,
  withWrongAnswer,
  name,
  singles,
  type Wording,
} from './question.ts';
import { ranked } from './comparisons.ts';

const located = (o: Observation, question: string, i: number): Wording => {
  const box = `[${o.solids[i]!.box!.join(', ')}]`;
  return { question, answer: box, reasoning: `What is seen of ${name(o, i)} fills ${box}.`, boxes: [i] };
};

const named: Form = {
  task: 'bbox',
  wordings: 2,
  candidates: singles,
  say(o, { objects, wording }) {
    const [a] = objects as [number];
    const question = [
      `What are the bounding box coordinates of ${name(o, a)}?`,
      `Draw a bounding box around ${name(o, a)}.`,
    ][wording]!;
    return located(o, question, a);
  },
};

const extreme: Form = {
  task: 'bbox',
  opposite: true,
  least: 3,
  unnamed: true,
  candidates: (o) => ranked(o, 'left-right'),
  say(o, { pole }) {
    const chosen = ranking(o, 'left-right')!.at(pole === 0 ? 0 : -1)!;
    const question = `What are the bounding box coordinates of the ${['leftmost', 'rightmost'][pole]} object?`;
    return located(o, question, chosen);
  },
};

/** Forms whose answers are boxes in pixels, around the visible part of an object. */
const box: Forms = { named, extreme };

export const FORMS: Record<Family, Forms> = {
  side,
  'own-side': ownSideForms,
  above,
  front,
  nearer,
  ordinal,
  distance,
  size,
  count,
  box,
  between,
  plane,
};

export function formOf({ family, form }: Pick<Question, 'family' | 'form'>): Form {
  const entry = FORMS[family][form];
  if (!entry) throw new RangeError(`Question family ${family} has no form ${form}.`);
  return entry;
}

/** Returns the opposite question about the same world; null for magnitudes and for choices of both poles. */
export const oppositeQuestion = (q: Question): Question | null =>
  formOf(q).opposite ? { ...q, pole: other(q.pole) } : null;

/**
 * Returns a row: a question in words and its answer, which is wrong if `isWrong`. The question must be one of its
 * form's candidates. The row contains the exact scene graph. Its `meta` contains family and form, `no_tie`, the orders
 * in which all objects are distinguishable, the number of each shape, and the distances. Reports group rows by
 * `meta.question_type`, which is the family.
 */
export function ask(
  o: Observation,
  question: Question,
  style: Style = 'english',
  row: { id: string; image?: ImageRef; isWrong?: boolean } = { id: 'world' },
): Sample {
  const form = formOf(question);
  const { boxes, wrong, ...words } = form.say(o, question, style);
  const sample: Sample = {
    id: row.id,
    ...words,
    images: [row.image ?? o.size],
    ...(boxes && { boxes: boxes.map((i) => o.solids[i]!.box!), box_format: 'xyxy_px' }),
    task: form.task,
    scene_graph: graphOf(o, style),
    source: 'worlds',
    meta: metaOf(o, question, style),
  };
  return row.isWrong ? withWrongAnswer(sample, wrong) : sample;
}

function metaOf(o: Observation, { family, form }: Question, style: Style): NonNullable<Sample['meta']> {
  const names = o.solids.map((_, i) => label(o, i, style));
  const order = (axis: RankedAxis) => ranking(o, axis)?.map((i) => names[i]!);
  const [nearToFar, leftToRight, largeToSmall] = [
    order('near-far'),
    order('left-right'),
    order('large-small'),
  ];
  const counts: Record<string, number> = {};
  for (const { shape } of o.world.objects) counts[shape] = (counts[shape] ?? 0) + 1;
  return {
    family,
    form,
    question_type: family,
    no_tie: true,
    ...(looksDown(o.world.camera.pitch) && { viewpoint: 'top_down' }),
    ...(nearToFar && { order_near_to_far: nearToFar }),
    ...(leftToRight && { order_left_to_right: leftToRight }),
    ...(largeToSmall && { order_small_to_big: largeToSmall.reverse() }),
    counts,
    depths: Object.fromEntries(o.solids.map((s, i) => [names[i]!, round(s.distance)])),
  };
}

const PREDICATES: [Axis, string, string][] = [
  ['left-right', 'left of', 'right of'],
  ['front-behind', 'in front of', 'behind'],
];

/**
 * Returns the exact scene graph of an observation: one node per object, and each distinguishable relation of each pair
 * of objects once. Labels are the names that questions in this style use. Numbers are rounded to pixels or centimetres.
 */
function graphOf(o: Observation, style: Style): SceneGraph {
  const objects = o.solids.map((seen, i): SceneObject => {
    const { colour, shape, size, face, front } = o.world.objects[i]!;
    const metres = round(size);
    return {
      id: idOf(i),
      label: label(o, i, style),
      ...(seen.box && {
        box: seen.box,
        box_format: 'xyxy_px' as const,
        centroid: [(seen.box[0] + seen.box[2]) / 2, (seen.box[1] + seen.box[3]) / 2] as [number, number],
      }),
      depth: round(seen.distance),
      depth_unit: 'm',
      size: { w: metres, h: metres, d: metres, unit: 'm' },
      attributes: { color: colour, shape },
      ...(face && { facing: facingOf(front) }),
    };
  });
  const relations: SceneGraph['relations'] = [];
  const relate = (
    a: number,
    order: Comparison,
    first: string,
    second: string,
    b: number,
    frame: SceneGraph['relations'][number]['frame'],
  ) => {
    if (order !== 0)
      relations.push({ subject: idOf(a), predicate: order < 0 ? first : second, object: idOf(b), frame });
  };
  for (let a = 0; a < objects.length; a++) {
    for (let b = a + 1; b < objects.length; b++) {
      for (const [axis, first, second] of PREDICATES)
        relate(a, compare(o, axis, a, b), first, second, b, 'viewer');
      const carried = standsOn(o, a, b) ? -1 : standsOn(o, b, a) ? 1 : 0;
      relate(a, carried, 'above', 'below', b, 'viewer');
      relate(a, ownSide(o, b, a), 'left of', 'right of', b, 'object');
      relate(b, ownSide(o, a, b), 'left of', 'right of', a, 'object');
    }
  }
  return {
    version: 1,
    image: o.size,
    objects,
    relations,
    frame: 'viewer',
    source: 'dataset',
    view: ORIGINAL,
  };
}

const idOf = (i: number): string => `o${i + 1}`;

const round = (metres: number): number => Math.round(metres * 100) / 100;

/** Returns one of eight directions for an object's front, as the viewer sees it: `front` is towards the viewer. */
function facingOf({ x, z }: OnFloor): string {
  const across = Math.abs(x) > Math.sin(Math.PI / 8) ? (x < 0 ? 'left' : 'right') : '';
  const along = Math.abs(z) > Math.sin(Math.PI / 8) ? (z < 0 ? 'front' : 'back') : '';
  return [along, across].filter(Boolean).join('-');
}
