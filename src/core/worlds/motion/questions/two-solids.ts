import { compare, type Axis, type Comparison } from '../../margins.ts';
import { SIDES } from '../../questions/question.ts';
import type { Observation } from '../../observation.ts';
import {
  approach,
  crossingOf,
  earlier,
  half,
  isAtRest,
  movesAway,
  passing,
  throughout,
} from '../motion-margins.ts';
import { atEnd, atStart, inSightThroughout, type SeenClip } from '../seen-clip.ts';
import {
  askWay,
  askWhich,
  askYesNo,
  ofOne,
  ofTwo,
  type MotionForm,
  type MotionForms,
} from './motion-question.ts';

const DEPTHS = ['in front of', 'behind'] as const;

const RANKS = ['first', 'last'] as const;

/** Returns the form that asks for the first of two objects, by an event's time. Reversal must exchange the order. */
const firstOf = (
  says: (word: string) => string,
  order: (clip: SeenClip, a: number, b: number) => Comparison,
  compact?: (word: string) => string,
): MotionForm =>
  askWhich(
    ofTwo(order),
    (pole, A, B) => `Which object ${says(RANKS[pole])}, ${A} or ${B}?`,
    compact && ((pole, A, B) => `which ${compact(RANKS[pole])} , the ${A} or the ${B} ?`),
  );

const crossesFirst = (clip: SeenClip, a: number, b: number): Comparison => {
  const [p, q] = [crossingOf(clip, a), crossingOf(clip, b)];
  return p === null || q === null ? 0 : earlier(clip, p, q);
};

/** Forms of questions about an object that passes another object, or crosses the middle of the image. */
export const passes: MotionForms = {
  yesno: askYesNo(ofTwo(passing), (pole, A, B) => `Does ${A} pass ${DEPTHS[pole]} ${B}?`),
  where: askWay(ofTwo(passing), {
    words: DEPTHS,
    ask: (first, second, A, B) => `Does ${A} pass ${first} or ${second} ${B}?`,
  }),
  middle: firstOf((word) => `crosses the middle of the picture ${word}`, crossesFirst),
};

/**
 * Compares the times at which two objects begin to move; 0 unless both objects stop in the same order, because only
 * then does the reversed clip exchange the answer.
 */
const beginsFirst = (clip: SeenClip, a: number, b: number): Comparison => {
  const [p, q] = [clip.moving.paths[a]!, clip.moving.paths[b]!];
  if (!movesAway(clip, a) || !movesAway(clip, b)) return 0;
  const begins = earlier(clip, p.from, q.from);
  return begins === earlier(clip, p.to, q.to) ? begins : 0;
};

/** Whether an object rests at both ends of the clip, so that frames show its stop in both directions of time. */
const isSeenToStop = ({ moving: { paths } }: SeenClip, i: number): boolean =>
  paths[i]!.from > -1 && paths[i]!.to < 1;

/** Forms of questions about the object that starts or stops first. */
export const order: MotionForms = {
  starts: firstOf(
    (word) => `starts to move ${word}`,
    beginsFirst,
    (word) => `starts ${word}`,
  ),
  stops: firstOf(
    (word) => `stops ${word}`,
    (clip, a, b) => (isSeenToStop(clip, a) && isSeenToStop(clip, b) ? beginsFirst(clip, a, b) : 0),
  ),
};

const CLOSER = ['closer together', 'farther apart'] as const;
const COMPACT = ['closer', 'apart'] as const;

/** Forms of questions about whether two objects come closer to each other. */
export const apart: MotionForms = {
  yesno: askYesNo(ofTwo(approach), (pole, A, B) => `Do ${A} and ${B} move ${CLOSER[pole]}?`),
  where: askWay(
    ofTwo(approach),
    { words: CLOSER, ask: (first, second, A, B) => `Do ${A} and ${B} move ${first} or ${second}?` },
    { words: COMPACT, ask: (first, second, A, B) => `do the ${A} and the ${B} move ${first} or ${second} ?` },
  ),
};

const sideThen = (frame: (clip: SeenClip) => Observation, when: string) => {
  const sides = ofTwo(
    (clip, a, b) => compare(frame(clip), 'left-right', a, b),
    // At least one object must move, because otherwise every frame would have the same answer.
    (clip, a, b) => !(isAtRest(clip, a) && isAtRest(clip, b)) && !clip.moving.world.objects[b]!.face,
  );
  return {
    yesno: askYesNo(sides, (pole, A, B) => `${when}, is ${A} to the ${SIDES[pole]} of ${B}?`),
    where: askWay(sides, {
      words: ['to the left', 'to the right'],
      ask: (first, second, A, B) => `${when}, is ${A} ${first} or ${second} of ${B}?`,
    }),
  };
};

const [start, end] = [sideThen(atStart, 'At the start'), sideThen(atEnd, 'At the end')];

/** Forms of questions about the positions of objects at the start and at the end of a clip. */
export const then: MotionForms = {
  start: start.yesno,
  end: end.yesno,
  'where-start': start.where,
  'where-end': end.where,
};

const alwaysIs = (axis: Axis, relation: [string, string], ofOwn: boolean): MotionForm =>
  askYesNo(
    ofTwo(
      (clip, a, b) => throughout(clip, axis, a, b),
      (clip, _a, b) => !(ofOwn && clip.moving.world.objects[b]!.face),
    ),
    (pole, A, B) => `Is ${A} ${relation[pole]} ${B} in all frames?`,
  );

/** Forms about relations that hold in every frame. These are a control, because the order of frames does not matter. */
export const still: MotionForms = {
  side: alwaysIs('left-right', ['to the left of', 'to the right of'], true),
  front: alwaysIs('front-behind', ['in front of', 'behind'], true),
  nearer: alwaysIs('near-far', ['closer to the camera than', 'farther from the camera than'], false),
  size: alwaysIs('large-small', ['larger than', 'smaller than'], false),
  half: askWay(
    ofOne(half),
    {
      words: ['on the left', 'on the right'],
      ask: (first, second, A) => `Is ${A} ${first} or ${second} in all frames?`,
    },
    { words: SIDES, ask: (first, second, A) => `is the ${A} ${first} or ${second} in all frames ?` },
  ),
  count: {
    task: 'count',
    least: 2,
    candidates: (clip) =>
      inSightThroughout(clip).length === clip.moving.world.objects.length
        ? clip.moving.world.objects.map((_, i) => [i])
        : [],
    say(clip, { objects }) {
      const { shape } = clip.moving.world.objects[objects[0]!]!;
      const count = clip.moving.world.objects.filter((solid) => solid.shape === shape).length;
      return { question: `How many ${shape}s are there?`, answer: String(count) };
    },
  },
};
