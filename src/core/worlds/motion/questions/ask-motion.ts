import type { Sample } from '../../../../rows/sample/sample.ts';
import type { Style } from '../../questions/question.ts';
import { cameraIsAtRest, crossingOf, isAtRest, secondAt } from '../motion-margins.ts';
import type { SeenClip } from '../seen-clip.ts';
import {
  labels,
  type MotionFamily,
  type MotionForm,
  type MotionForms,
  type MotionQuestion,
} from './motion-question.ts';
import { camera, faster, moves, spin, whichMoves } from './one-solid.ts';
import { apart, order, passes, still, then } from './two-solids.ts';

export const MOTION_FORMS: Record<MotionFamily, MotionForms> = {
  moves,
  'which-moves': whichMoves,
  faster,
  passes,
  order,
  apart,
  camera,
  spin,
  then,
  still,
};

export function motionFormOf({ family, form }: Pick<MotionQuestion, 'family' | 'form'>): MotionForm {
  const entry = MOTION_FORMS[family][form];
  if (!entry) throw new RangeError(`Question family ${family} has no form ${form}.`);
  return entry;
}

/** Returns a row about a clip: question in words, and answer. @param paths paths of the frame images, in order */
export function askMotion(
  clip: SeenClip,
  question: MotionQuestion,
  style: Style,
  { id, paths }: { id: string; paths?: readonly string[] },
): Sample {
  const form = motionFormOf(question);
  const { size, moving } = clip;
  return {
    id,
    ...form.say(clip, question, style),
    images: clip.frames.map((_, i) => ({ ...(paths && { path: paths[i]! }), ...size })),
    clip: { fps: moving.fps },
    task: form.task,
    source: 'worlds',
    meta: metaOf(clip, question, style),
  };
}

/** Returns the times, in seconds, at which each object moves and crosses the middle of the image, by object name. */
function metaOf(clip: SeenClip, { family, form }: MotionQuestion, style: Style): NonNullable<Sample['meta']> {
  const { paths, frames, fps } = clip.moving;
  const all = paths.map((_, i) => i);
  const named = (valueOf: (i: number) => unknown) =>
    Object.fromEntries(
      all.flatMap((i) => {
        const value = valueOf(i);
        return value === null ? [] : [[labels(clip, [i], style)[0]!, value]];
      }),
    );
  const moving = named((i) =>
    isAtRest(clip, i) ? null : [[secondAt(clip, paths[i]!.from), secondAt(clip, paths[i]!.to)]],
  );
  const crossings = named((i) => {
    const crossing = crossingOf(clip, i);
    return crossing === null ? null : secondAt(clip, crossing);
  });
  return {
    family,
    form,
    question_type: family,
    no_tie: true,
    duration_s: frames / fps,
    in_motion: moving,
    ...(Object.keys(crossings).length > 0 && { crosses_middle: crossings }),
    camera_moves: !cameraIsAtRest(clip),
  };
}
