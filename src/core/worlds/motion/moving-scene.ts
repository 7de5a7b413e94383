import * as z from 'zod';
import type { Sample } from '../../../rows/sample/sample.ts';
import type { Style } from '../questions/question.ts';
import { worldFields } from '../views/scene.ts';
import type { MovingWorld } from './moving-world.ts';
import { MOTION_FORMS } from './questions/ask-motion.ts';
import { MOTION_FAMILIES, type MotionQuestion } from './questions/motion-question.ts';

/** Contents of `meta.world` in a row about a clip: the moving world, and the question as data. */
export interface MovingScene {
  moving: MovingWorld;
  question: MotionQuestion;
  style: Style;
}

const metres = z.number().min(-1000).max(1000);
const part = z.number().min(-1).max(1);
const terms = z.tuple([metres, metres]);
const path = z
  .object({ from: part, to: part, x: terms, z: terms, turn: terms })
  .refine(({ from, to }) => from < to);

const SCHEMA = z
  .object({
    ...worldFields(metres, 1.5),
    paths: z.array(path),
    course: path,
    frames: z.int().min(2).max(64),
    fps: z.number().positive().max(1000),
    question: z.object({
      family: z.enum(MOTION_FAMILIES),
      form: z.string(),
      pole: z.union([z.literal(0), z.literal(1)]),
      objects: z.array(z.int().min(0)),
    }),
    style: z.enum(['english', 'compact']),
  })
  .refine(
    ({ objects, paths, question }) =>
      paths.length === objects.length &&
      Object.hasOwn(MOTION_FORMS[question.family], question.form) &&
      question.objects.every((i) => i < objects.length),
  );

/** Reads `meta.world` of a row about a clip, which is untrusted input; null without a world that can be drawn. */
export function movingSceneOf(meta: Sample['meta']): MovingScene | null {
  const read = SCHEMA.safeParse(meta?.world);
  if (!read.success) return null;
  const { question, style, paths, course, frames, fps, ...world } = read.data;
  return { moving: { world, paths, course, frames, fps }, question, style };
}

/** Returns the contents of `meta.world` for a row about a clip. */
export const movingForRow = ({ moving, question, style }: MovingScene): Record<string, unknown> => {
  const { world, ...motion } = moving;
  return { ...world, ...motion, question, style };
};
