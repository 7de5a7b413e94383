import type { Random } from '../../../base/random.ts';
import type { Size } from '../../../rows/sample/boxes.ts';
import type { Sample } from '../../../rows/sample/sample.ts';
import { withWrongAnswer, type Pole, type Style } from '../questions/question.ts';
import { ROOM, TINY } from '../sample-worlds.ts';
import { shade, type Picture } from '../shade.ts';
import { drawMoving, type MotionOptions } from './draw-moving.ts';
import { movingForRow } from './moving-scene.ts';
import { askMotion, MOTION_FORMS, motionFormOf } from './questions/ask-motion.ts';
import { MOTION_FAMILIES, type MotionFamily, type MotionQuestion } from './questions/motion-question.ts';
import type { Raster } from '../raster.ts';
import { seeClip, type SeenClip } from './seen-clip.ts';

/** A family of questions about clips, or one form of a family, such as `moves` or `moves.where-side`. */
export type MotionTopic = MotionFamily | `${MotionFamily}.${string}`;

/**
 * Shares of rows, 0–1. For a family: the share with the first of its two opposites (to the left, towards the camera, in
 * front, closer together, clockwise, the object named first). `yes`, `pole` and `wrong`: as for still worlds.
 */
export type MotionBias = Partial<Record<MotionFamily | 'yes' | 'pole' | 'wrong', number>>;

export interface MotionRowOptions extends MotionOptions {
  size: Size;
  families: readonly MotionTopic[];
  style: Style;
  bias: MotionBias;
}

/** All topics: each family, followed by the forms of the family. */
export const MOTION_TOPICS: readonly MotionTopic[] = MOTION_FAMILIES.flatMap((family): MotionTopic[] => [
  family,
  ...Object.keys(MOTION_FORMS[family]).map((form): MotionTopic => `${family}.${form}`),
]);

/** Returns the settings of a dataset of moving worlds: varied rooms, or tiny images in the compact style. */
export function motionOptions({
  style,
  bias,
  objects,
  size,
  families,
  frames,
  fps,
  accelerate = false,
}: Pick<MotionRowOptions, 'style' | 'bias'> & {
  objects?: [number, number] | undefined;
  size?: Size | undefined;
  families?: readonly MotionTopic[] | undefined;
  frames?: number | undefined;
  fps?: number | undefined;
  accelerate?: boolean | undefined;
}): MotionRowOptions {
  const compact = style === 'compact';
  const side = compact ? 48 : 224;
  const preset = compact ? TINY : { ...ROOM, stacked: 0, faces: 0 };
  return {
    world: { ...preset, objects: objects ?? (compact ? [2, 2] : [2, 4]) },
    size: size ?? { w: side, h: side },
    families: families ?? MOTION_FAMILIES.filter((family) => formsOf(family, style).length > 0),
    style,
    bias,
    frames: frames ?? (compact ? 4 : 8),
    fps: fps ?? 4,
    accelerate,
    camera: compact ? 0 : 0.25,
  };
}

const formsOf = (family: MotionFamily, style: Style, only?: string): string[] =>
  Object.entries(MOTION_FORMS[family]).flatMap(([name, { compact }]) =>
    (only ?? name) === name && (style === 'english' || compact) ? [name] : [],
  );

export interface MotionRow {
  clip: SeenClip;
  rasters: Raster[];
  question: MotionQuestion;
}

/**
 * Samples a topic, one of its forms, and one of two opposites, then moving worlds until one of them allows such a
 * question. Without a bias, each of two opposites holds in half of the rows, even if its worlds are rare.
 * @throws RangeError if the options make the question impossible
 */
export function drawMotionRow(random: Random, options: MotionRowOptions): MotionRow {
  const { size, style, bias, families } = options;
  const topic = random.pick(families);
  const [family, only] = topic.split('.') as [MotionFamily, string?];
  const forms = formsOf(family, style, only);
  if (forms.length === 0)
    throw new RangeError(`"${topic}" questions do not exist in the compact style. Choose other families.`);
  const form = random.pick(forms);
  const rules = motionFormOf({ family, form });
  const yes = rules.task === 'yesno' && bias.yes !== undefined ? random.chance(bias.yes) : undefined;
  const pole: Pole = random.chance(bias.pole ?? 0.5) ? 0 : 1;
  const truth: Pole = random.chance(bias[family] ?? 0.5) ? 0 : 1;
  // Answer, pole and truth depend on each other. The bias determines some of them, and the others follow.
  const fixesTruth = yes === undefined || bias[family] !== undefined;
  const poles: Pole[] = yes !== undefined && (fixesTruth || bias.pole === undefined) ? [0, 1] : [pole];
  for (let attempt = 0; attempt < 400; attempt++) {
    const moving = drawMoving(random, options, { family, form }, size.w / size.h);
    const { clip, rasters } = seeClip(moving, size);
    const questions = rules
      .candidates(clip)
      .filter((objects) => !fixesTruth || !rules.truth || rules.truth(clip, objects) === truth)
      .flatMap((objects) => poles.map((each): MotionQuestion => ({ family, form, pole: each, objects })))
      .filter((q) => yes === undefined || /^yes/i.test(rules.say(clip, q, style).answer) === yes);
    if (questions.length > 0) return { clip, rasters, question: random.pick(questions) };
  }
  throw new RangeError(
    `Cannot create a clip with a visible "${family}.${form}" question in 400 attempts at ${size.w} × ${size.h} ` +
      'pixels. Use larger images, more frames, other numbers of objects, or a smaller bias.',
  );
}

/**
 * Draws a row of a dataset: its frames, and its sample with the computed answer, or the wrong answer at the rate of the
 * bias.
 * @param paths paths of the frames' images, in frame order
 * @param withWorld whether to store the moving world in `meta.world`
 * @throws RangeError if the options make the question impossible
 */
export function drawMotionSample(
  random: Random,
  options: MotionRowOptions,
  { id, paths, withWorld }: { id: string; paths: readonly string[]; withWorld: boolean },
): { sample: Sample; pictures: Picture[]; family: MotionFamily; form: string } {
  const { clip, rasters, question } = drawMotionRow(random, options);
  const { style, bias } = options;
  const right = askMotion(clip, question, style, { id, paths });
  const sample: Sample = random.fork('wrong').chance(bias.wrong ?? 0) ? withWrongAnswer(right) : right;
  if (withWorld) sample.meta!.world = movingForRow({ moving: clip.moving, question, style });
  return {
    sample,
    pictures: clip.frames.map(({ world }, i) => shade(world, rasters[i]!)),
    family: question.family,
    form: question.form,
  };
}
