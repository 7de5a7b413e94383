import type { ImageRef, Meta, Sample } from '../../sample/sample.ts';
import { graphOf } from '../graph.ts';
import { looksDown } from '../camera.ts';
import { ranking, type RankedAxis } from '../margins.ts';
import type { Observation } from '../observation.ts';
import { above, front, side } from './directions.ts';
import { between } from './between.ts';
import { box } from './box.ts';
import { count } from './count.ts';
import { distance, nearer, ordinal } from './distances.ts';
import { ownSideForms } from './own-side.ts';
import { plane } from './plane.ts';
import { label, other, type Family, type Form, type Forms, type Question, type Style } from './question.ts';
import { size } from './size.ts';

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
  if (!entry) throw new RangeError(`The family ${family} has no form ${form}.`);
  return entry;
}

/** Returns the opposite question about the same world; null if the form has none (magnitudes, menus of both poles). */
export const oppositeQuestion = (q: Question): Question | null =>
  formOf(q).opposite ? { ...q, pole: other(q.pole) } : null;

/**
 * Puts a question into words and answers it; it must be one of its form's candidates. The sample has the exact scene
 * graph and, under `meta`, family and form, `no_tie`, the orders in which all solids can be told apart, the number of
 * each shape and the distances. Reports group rows by `meta.question_type`, which is the family here.
 */
export function ask(
  o: Observation,
  question: Question,
  style: Style = 'english',
  row: { id: string; image?: ImageRef } = { id: 'world' },
): Sample {
  const form = formOf(question);
  const { boxes, ...words } = form.say(o, question, style);
  return {
    id: row.id,
    ...words,
    images: [row.image ?? o.size],
    ...(boxes && { boxes: boxes.map((i) => o.solids[i]!.box!), box_format: 'xyxy_px' }),
    task: form.task,
    scene_graph: graphOf(o, style),
    source: 'worlds',
    meta: metaOf(o, question, style),
  };
}

function metaOf(o: Observation, { family, form }: Question, style: Style): Meta {
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
    depths: Object.fromEntries(o.solids.map((s, i) => [names[i]!, Math.round(s.distance * 100) / 100])),
  };
}
