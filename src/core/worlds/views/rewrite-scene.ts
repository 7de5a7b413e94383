import type { Size } from '../../../rows/sample/boxes.ts';
import type { ViewId } from '../../../rows/view-list.ts';
import { declaredSize, type Sample, type ViewVariant } from '../../../rows/sample/sample.ts';
import { isInSight } from '../margins.ts';
import { observe, type Observation } from '../observation.ts';
import { ask, formOf, oppositeQuestion } from '../questions/question-forms.ts';
import { name, SIDES, type Family, type Question, type Style } from '../questions/question.ts';
import { rasterise } from '../raster.ts';
import { shade } from '../shade.ts';
import type { World } from '../world.ts';
import { sceneForRow, sceneOf, type RowScene } from './scene.ts';
import { discard, refused } from '../../../rows/views/view-variant.ts';
import { IMAGINE, arrange, imagined, type Arranged, type Refusal } from './arrange.ts';

type Meta = NonNullable<Sample['meta']>;
type Policy = NonNullable<ViewVariant['answer_policy']>;

/** Maximum side of an image drawn for a row, in pixels. */
const LARGEST = 4096;

/**
 * Recomputes a row's question for its world after a scene view, or after the orbit that `imagine` describes in words.
 * The answer is right by construction, because it is computed from the drawn world. There is no pair if the row's own
 * image or the image of the view does not clearly show the answer.
 */
export function rewriteScene(sample: Sample, id: ViewId, policy: Policy): ViewVariant {
  const { row, size } = rowOf(sample);
  if (!row || !size) return refused(sample, NO_WORLD);
  const { question, style } = row;
  const before = seen(row.world, size);
  const unclear = illegible(before, question, style);
  if (unclear) return refused(sample, { ...unclear, reason: `In the row's own picture: ${unclear.reason}` });
  const original = ask(before, question, style);
  if (original.question !== sample.question || original.answer !== sample.answer)
    return refused(sample, EDITED);

  const orbit = IMAGINE.exec(id)?.[1];
  const arranged = arrange(row, orbit ?? id);
  if ('code' in arranged) return refused(sample, arranged);
  const after = seen(arranged.scene.world, size);
  const { taken, kept, removed } = arranged;
  if (taken >= 0 && question.family === 'own-side' && question.objects[1] === taken)
    return fromInside(sample, after, { ...question, objects: [kept.indexOf(question.objects[0]!)] });

  const problem = forbidden(row, arranged, before);
  if (problem) return refused(sample, problem);
  const again = { ...question, objects: question.objects.map((i) => kept.indexOf(i)) };
  const hard = illegible(after, again, style);
  if (hard) return refused(sample, hard);
  if (orbit !== undefined) {
    const words = imagined(row, orbit, ask(after, again, style));
    return 'code' in words ? refused(sample, words) : written(sample, words, { image_op: 'none' });
  }
  const turned = underPolicy(after, again, style, original, policy);
  const answered = ask(after, turned, style);
  if (removed.length > 0) {
    if (question.family === 'count' && answered.answer !== original.answer) return refused(sample, COUNTED);
    if (kept.some((from, to) => before.solids[from]!.hidden !== after.solids[to]!.hidden))
      return refused(sample, HIDES);
  }
  return written(sample, withScene(sample, answered, { ...arranged.scene, question: turned, style }), {
    image_op: 'render',
    answer_policy: policy,
  });
}

/** Draws the image of a row's world in a scene view; null if the row does not have this view. */
export function drawScene(sample: Sample, id: ViewId): { w: number; h: number; rgb: Uint8Array } | null {
  const { row, size } = rowOf(sample);
  const arranged = row && size ? arrange(row, id) : null;
  if (!arranged || 'code' in arranged) return null;
  const { world } = arranged.scene;
  return shade(world, rasterise(world, size!));
}

function rowOf(sample: Sample): { row: RowScene | null; size: Size | undefined } {
  const size = declaredSize(sample.images[0]);
  const drawable =
    size && [size.w, size.h].every((side) => Number.isInteger(side) && side >= 16 && side <= LARGEST);
  return { row: sceneOf(sample.meta), size: drawable ? size : undefined };
}

const seen = (world: World, size: Size): Observation => observe(world, rasterise(world, size));

const NO_WORLD = discard(
  'no_world',
  'The scene would be redrawn, and this row has no world that can be drawn at its picture’s size.',
);
const EDITED: Refusal = {
  status: 'needs_llm',
  code: 'edited',
  reason: 'Question or answer are not those of meta.world, so they cannot be asked again.',
};
const COUNTED = discard('counted', 'The answer counts a solid that is taken away.');

const HIDES = discard('hides', 'The solid that is taken away hides part of another.');

/** Returns the reason why the answer to a question is not visible in an observation; null if the answer is visible. */
function illegible(o: Observation, question: Question, style: Style): Refusal | null {
  const { unnamed = false, list = false, candidates } = formOf(question);
  const all = unnamed || question.family === 'count';
  const hidden = (all ? o.solids.map((_, i) => i) : question.objects).find((i) => !isInSight(o, i));
  if (hidden !== undefined) {
    const reason = `${name(o, hidden)} is not in the picture, or too little of it can be seen.`;
    return discard('out_of_sight', reason);
  }
  // The order of these objects does not matter, because it is the order of the choices, or arbitrary.
  const key = (objects: readonly number[]): string =>
    (list || unnamed ? [...objects].sort((a, b) => a - b) : objects).join();
  return candidates(o, style, question.pole).some((candidate) => key(candidate) === key(question.objects))
    ? null
    : discard('margin', 'The difference is too small to see, or the picture suggests another answer.');
}

/** Families whose questions are possible from an object's viewpoint, in addition to the object's own sides. */
const FROM_INSIDE: readonly Family[] = ['above', 'front', 'nearer', 'ordinal', 'distance', 'size'];

/** Returns the reason why a question is invalid after a view that removes or becomes an object; null if valid. */
function forbidden(
  { question }: RowScene,
  { taken, removed }: Arranged,
  before: Observation,
): Refusal | null {
  if (taken >= 0 && (question.objects.includes(taken) || !FROM_INSIDE.includes(question.family)))
    return discard('frame', `The question is not one about what ${name(before, taken)} sees.`);
  if (!question.objects.some((i) => removed.includes(i))) return null;
  return question.family === 'count'
    ? COUNTED
    : discard('named', 'The question names a solid that is taken away.');
}

/** Returns the question about the view's scene: unchanged, or, if possible, with the pole that keeps the answer. */
function underPolicy(
  after: Observation,
  question: Question,
  style: Style,
  said: Sample,
  policy: Policy,
): Question {
  const opposite = oppositeQuestion(question);
  if (policy === 'keep-question' || !opposite) return question;
  const same = (asked: Question): boolean => verdictOf(ask(after, asked, style)) === verdictOf(said);
  return !same(question) && same(opposite) ? opposite : question;
}

/** Returns yes or no without the sentence that follows. Other answers are unchanged. */
const verdictOf = ({ task, answer }: Sample): string =>
  task === 'yesno' ? answer.split(',')[0]!.toLowerCase() : answer;

/** Rewrites a question about an object's own sides for its viewpoint: its left is the left side of the image. */
function fromInside(sample: Sample, o: Observation, { pole, form, objects: [a] }: Question): ViewVariant {
  if (!isInSight(o, a!))
    return refused(sample, discard('out_of_sight', `${name(o, a!)} is not in the picture.`));
  const actual = SIDES[o.solids[a!]!.right < 0 ? 0 : 1];
  const [first, second] = pole === 0 ? SIDES : ([SIDES[1], SIDES[0]] as const);
  const A = name(o, a!);
  const asks =
    form === 'where'
      ? {
          question: `Is ${A} on the ${first} or the ${second} side of the picture?`,
          answer: actual,
          choices: [first, second],
        }
      : {
          question: `Is ${A} on the ${SIDES[pole]} side of the picture?`,
          answer: actual === SIDES[pole] ? 'Yes' : 'No',
        };
  const meta: Meta = { ...withoutScene(sample.meta), family: 'side', question_type: 'side' };
  const reasoning = `The picture shows what the solid sees, and ${A} is on its ${actual} side.`;
  return written(sample, { ...asks, reasoning, meta }, { image_op: 'render' });
}

/** Removes the fields of a scene from `meta`. All other fields are unchanged. */
function withoutScene(meta: Meta = {}): Meta {
  const { world, viewpoint, order_near_to_far, order_left_to_right, order_small_to_big, ...rest } = meta;
  void [world, viewpoint, order_near_to_far, order_left_to_right, order_small_to_big];
  return rest;
}

type Words = Pick<
  ViewVariant,
  'question' | 'answer' | 'choices' | 'reasoning' | 'boxes' | 'scene_graph' | 'meta'
>;

const withScene = (sample: Sample, answered: Sample, scene: RowScene): Words => ({
  ...answered,
  meta: { ...withoutScene(sample.meta), ...answered.meta, world: sceneForRow(scene) },
});

/** Returns the variant of a row, with only the fields that the row has. */
function written(sample: Sample, words: Words, more: Partial<ViewVariant>): ViewVariant {
  const { question, answer, choices, reasoning, boxes, scene_graph, meta } = words;
  const stays = question === sample.question && answer === sample.answer;
  return {
    status: stays ? 'invariant' : 'flipped',
    question,
    answer,
    ...(sample.choices && choices && { choices }),
    ...(sample.reasoning !== undefined && { reasoning }),
    ...(sample.boxes && boxes && { boxes }),
    ...(sample.scene_graph && scene_graph && { scene_graph }),
    ...(meta && { meta }),
    route: 'rules',
    rules: ['world'],
    checks: { margins: 'pass' },
    effect: answer === sample.answer ? 'stays' : 'changes',
    recomputed_from: 'world',
    ...more,
  };
}
