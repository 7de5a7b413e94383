import { expect } from 'vitest';
import { rewriteFor } from '../../../src/rows/views/view.ts';
import { Random } from '../../../src/base/random.ts';
import { applyVariant, isTrusted } from '../../../src/rows/sample/variant.ts';
import type { Sample } from '../../../src/rows/sample/sample.ts';
import type { Size } from '../../../src/rows/sample/boxes.ts';
import {
  drawMotionRow,
  MOTION_TOPICS,
  motionOptions,
  type MotionRowOptions,
} from '../../../src/core/worlds/motion/motion-rows.ts';
import {
  frameTimes,
  mirrorMoving,
  reverseMoving,
  worldAt,
  type MovingWorld,
} from '../../../src/core/worlds/motion/moving-world.ts';
import { askMotion, MOTION_FORMS } from '../../../src/core/worlds/motion/questions/ask-motion.ts';
import type {
  MotionFamily,
  MotionQuestion,
} from '../../../src/core/worlds/motion/questions/motion-question.ts';
import { seeClip } from '../../../src/core/worlds/motion/seen-clip.ts';
import { other, type Style } from '../../../src/core/worlds/questions/question.ts';
import { rasterise } from '../../../src/core/worlds/raster.ts';
import { shade } from '../../../src/core/worlds/shade.ts';

/** Every form that a style has. */
export const formsOf = (style: Style): `${MotionFamily}.${string}`[] =>
  MOTION_TOPICS.filter((topic): topic is `${MotionFamily}.${string}` => {
    const [family, form] = topic.split('.') as [MotionFamily, string?];
    return form !== undefined && (style === 'english' || MOTION_FORMS[family][form]!.compact === true);
  });

/** Options for clips of one topic, small where nothing on an object has to be seen. */
export function optionsFor(
  style: Style,
  topic: `${MotionFamily}.${string}`,
  accelerate: boolean,
): MotionRowOptions {
  const size =
    style === 'compact' ? undefined : topic.startsWith('spin') ? { w: 224, h: 224 } : { w: 112, h: 96 };
  return motionOptions({ style, bias: {}, families: [topic], size, accelerate });
}

export const framesOf = (moving: MovingWorld, size: Size): Uint8Array[] =>
  frameTimes(moving.frames).map((time) => {
    const world = worldAt(moving, time);
    return shade(world, rasterise(world, size)).rgb;
  });

function flopped(rgb: Uint8Array, { w, h }: Size): Uint8Array {
  const out = rgb.slice();
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++)
      out.set(rgb.subarray((y * w + w - 1 - x) * 3, (y * w + w - x) * 3), (y * w + x) * 3);
  return out;
}

const same = (a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean =>
  a.length === b.length && a.every((frame, i) => Buffer.compare(frame, b[i]!) === 0);

/** The first law: the mirrored world's frames are the mirrored frames, the reversed world's the frames in reverse. */
export function expectFramesLaw(moving: MovingWorld, size: Size): void {
  const frames = framesOf(moving, size);
  const [mirrored, reversed] = [mirrorMoving(moving), reverseMoving(moving)];
  expect(
    same(
      framesOf(mirrored, size),
      frames.map((rgb) => flopped(rgb, size)),
    ),
  ).toBe(true);
  expect(same(framesOf(reversed, size), frames.toReversed())).toBe(true);
  const both = frames.map((rgb) => flopped(rgb, size)).reverse();
  expect(same(framesOf(reverseMoving(mirrored), size), both)).toBe(true);
  expect(same(framesOf(mirrorMoving(reversed), size), both)).toBe(true);
  expect(reverseMoving(reversed)).toEqual(moving);
}

const flipped = (q: MotionQuestion): MotionQuestion => ({ ...q, pole: other(q.pole) });

/** Forms whose question says left or right, or clockwise. */
const CHIRAL =
  /^(?:moves\.(?:side|where-side|direction|which-side)|camera\.(?:side|turn)|spin\..*|then\..*|still\.(?:side|half))$/;
/** Forms whose question says what is the other way round in reverse; what asks openly has another answer instead. */
const TURNS = /^(?:moves\.(?:side|depth|which-side|which-depth)|apart\.yesno|spin\.yesno)$/;
const OTHER_END: Record<string, string> = {
  start: 'end',
  end: 'start',
  'where-start': 'where-end',
  'where-end': 'where-start',
};

const formOf = ({ family, form }: MotionQuestion): string => `${family}.${form}`;

/** The question that the mirrored world is asked, and the one that the reversed world is. */
export const mirrorQuestion = (q: MotionQuestion): MotionQuestion =>
  CHIRAL.test(formOf(q)) ? flipped(q) : q;
export const reverseQuestion = (q: MotionQuestion): MotionQuestion =>
  q.family === 'then' ? { ...q, form: OTHER_END[q.form]! } : TURNS.test(formOf(q)) ? flipped(q) : q;

const VIEWS = [
  ['mirror', mirrorMoving, mirrorQuestion],
  ['reverse', reverseMoving, reverseQuestion],
  [
    'mirror+reverse',
    (moving: MovingWorld) => reverseMoving(mirrorMoving(moving)),
    (q: MotionQuestion) => reverseQuestion(mirrorQuestion(q)),
  ],
] as const;

/** Numbers rounded as sums of seconds are. */
const rounded = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value ?? null, (_, one: unknown) =>
      typeof one === 'number' ? Number(one.toFixed(2)) : one,
    ),
  );

/**
 * The second law: asking the world in a view gives, letter for letter, what the rules of the view write about the row,
 * or the rules hand it on.
 * @returns which views the rules wrote
 */
export function expectRulesLaw(row: ReturnType<typeof drawMotionRow>, style: Style): string[] {
  const { clip, question } = row;
  const sample = askMotion(clip, question, style, { id: 'law' });
  return VIEWS.flatMap(([view, change, asks]) => {
    const variant = rewriteFor(sample, view);
    if (!isTrusted(variant)) return [];
    const seen: Sample = applyVariant(sample, variant);
    const there = seeClip(change(clip.moving), clip.size).clip;
    const right = askMotion(there, asks(question), style, { id: 'law' });
    expect([view, formOf(question), seen.question, seen.answer, seen.choices]).toEqual([
      view,
      formOf(question),
      right.question,
      right.answer,
      right.choices,
    ]);
    expect(rounded(seen.meta?.in_motion)).toEqual(rounded(right.meta?.in_motion));
    expect(rounded(seen.meta?.crosses_middle)).toEqual(rounded(right.meta?.crosses_middle));
    return [view];
  });
}

export const drawnRow = (seed: string, style: Style, topic: `${MotionFamily}.${string}`, i: number) =>
  drawMotionRow(Random.from(seed).fork(i), optionsFor(style, topic, i % 2 === 1));
