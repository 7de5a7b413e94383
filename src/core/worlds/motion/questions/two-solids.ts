import { compare, type Axis, type Comparison } from '../../margins.ts';
import { other, SIDES } from '../../questions/question.ts';
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
  labels,
  names,
  pairs,
  poleFor,
  singles,
  yesOrNo,
  type MotionForm,
  type MotionForms,
} from './motion-question.ts';

const DEPTHS = ['in front of', 'behind'] as const;

/** Returns the form that asks for the first of two objects, by an event's time. Reversal must exchange the order. */
const firstOf = (
  says: (word: string) => string,
  order: (clip: SeenClip, a: number, b: number) => Comparison,
  compact?: (word: string) => string,
): MotionForm => ({
  task: 'mcq',
  compact: compact !== undefined,
  candidates: (clip) => pairs(clip, (a, b) => order(clip, a, b) !== 0),
  truth: (clip, [a, b]) => poleFor(order(clip, a!, b!)),
  say(clip, { objects, pole }, style) {
    const [A, B] = names(clip, objects, style);
    const word = ['first', 'last'][pole]!;
    const first = poleFor(order(clip, objects[0]!, objects[1]!)) === pole;
    const choices = labels(clip, objects, style);
    return {
      question:
        style === 'compact'
          ? `which ${compact!(word)} , the ${A} or the ${B} ?`
          : `Which object ${says(word)}, ${A} or ${B}?`,
      answer: choices[first ? 0 : 1]!,
      choices,
    };
  },
});

const crossesFirst = (clip: SeenClip, a: number, b: number): Comparison => {
  const [p, q] = [crossingOf(clip, a), crossingOf(clip, b)];
  return p === null || q === null ? 0 : earlier(clip, p, q);
};

/** Forms of questions about an object that passes another object, or crosses the middle of the image. */
export const passes: MotionForms = {
  yesno: {
    task: 'yesno',
    candidates: (clip) => pairs(clip, (a, b) => passing(clip, a, b) !== 0),
    truth: (clip, [a, b]) => poleFor(passing(clip, a!, b!)),
    say(clip, { objects, pole }) {
      const [A, B] = names(clip, objects);
      const holds = poleFor(passing(clip, objects[0]!, objects[1]!)) === pole;
      return { question: `Does ${A} pass ${DEPTHS[pole]} ${B}?`, answer: yesOrNo(holds) };
    },
  },
  where: {
    task: 'mcq',
    candidates: (clip) => pairs(clip, (a, b) => passing(clip, a, b) !== 0),
    truth: (clip, [a, b]) => poleFor(passing(clip, a!, b!)),
    say(clip, { objects, pole }) {
      const [A, B] = names(clip, objects);
      const choices = [DEPTHS[pole], DEPTHS[other(pole)]];
      return {
        question: `Does ${A} pass ${choices[0]} or ${choices[1]} ${B}?`,
        answer: DEPTHS[poleFor(passing(clip, objects[0]!, objects[1]!))],
        choices,
      };
    },
  },
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
  yesno: {
    task: 'yesno',
    candidates: (clip) => pairs(clip, (a, b) => approach(clip, a, b) !== 0),
    truth: (clip, [a, b]) => poleFor(approach(clip, a!, b!)),
    say(clip, { objects, pole }) {
      const [A, B] = names(clip, objects);
      const holds = poleFor(approach(clip, objects[0]!, objects[1]!)) === pole;
      return { question: `Do ${A} and ${B} move ${CLOSER[pole]}?`, answer: yesOrNo(holds) };
    },
  },
  where: {
    task: 'mcq',
    compact: true,
    candidates: (clip) => pairs(clip, (a, b) => approach(clip, a, b) !== 0),
    truth: (clip, [a, b]) => poleFor(approach(clip, a!, b!)),
    say(clip, { objects, pole }, style) {
      const [A, B] = names(clip, objects, style);
      const words = style === 'compact' ? COMPACT : CLOSER;
      const choices = [words[pole], words[other(pole)]];
      return {
        question:
          style === 'compact'
            ? `do the ${A} and the ${B} move ${choices[0]} or ${choices[1]} ?`
            : `Do ${A} and ${B} move ${choices[0]} or ${choices[1]}?`,
        answer: words[poleFor(approach(clip, objects[0]!, objects[1]!))],
        choices,
      };
    },
  },
};

const sideThen = (frame: (clip: SeenClip) => Observation, when: string) => {
  const side = (clip: SeenClip, a: number, b: number) => compare(frame(clip), 'left-right', a, b);
  const common = {
    // At least one object must move, because otherwise every frame would have the same answer.
    candidates: (clip: SeenClip) =>
      pairs(
        clip,
        (a, b) =>
          side(clip, a, b) !== 0 &&
          !(isAtRest(clip, a) && isAtRest(clip, b)) &&
          !clip.moving.world.objects[b]!.face,
      ),
    truth: (clip: SeenClip, [a, b]: readonly number[]) => poleFor(side(clip, a!, b!)),
  };
  const yesno: MotionForm = {
    ...common,
    task: 'yesno',
    say(clip, { objects, pole }) {
      const [A, B] = names(clip, objects);
      const holds = common.truth(clip, objects) === pole;
      return { question: `${when}, is ${A} to the ${SIDES[pole]} of ${B}?`, answer: yesOrNo(holds) };
    },
  };
  const where: MotionForm = {
    ...common,
    task: 'mcq',
    say(clip, { objects, pole }) {
      const [A, B] = names(clip, objects);
      const choices = [SIDES[pole], SIDES[other(pole)]].map((side) => `to the ${side}`);
      return {
        question: `${when}, is ${A} ${choices[0]} or ${choices[1]} of ${B}?`,
        answer: `to the ${SIDES[common.truth(clip, objects)]}`,
        choices,
      };
    },
  };
  return { yesno, where };
};

const [start, end] = [sideThen(atStart, 'At the start'), sideThen(atEnd, 'At the end')];

/** Forms of questions about the positions of objects at the start and at the end of a clip. */
export const then: MotionForms = {
  start: start.yesno,
  end: end.yesno,
  'where-start': start.where,
  'where-end': end.where,
};

const alwaysIs = (axis: Axis, relation: [string, string], ofOwn: boolean): MotionForm => ({
  task: 'yesno',
  candidates: (clip) =>
    pairs(
      clip,
      (a, b) => throughout(clip, axis, a, b) !== 0 && !(ofOwn && clip.moving.world.objects[b]!.face),
    ),
  truth: (clip, [a, b]) => poleFor(throughout(clip, axis, a!, b!)),
  say(clip, { objects, pole }) {
    const [A, B] = names(clip, objects);
    const holds = poleFor(throughout(clip, axis, objects[0]!, objects[1]!)) === pole;
    return { question: `Is ${A} ${relation[pole]} ${B} in all frames?`, answer: yesOrNo(holds) };
  },
});

/** Forms about relations that hold in every frame. These are a control, because the order of frames does not matter. */
export const still: MotionForms = {
  side: alwaysIs('left-right', ['to the left of', 'to the right of'], true),
  front: alwaysIs('front-behind', ['in front of', 'behind'], true),
  nearer: alwaysIs('near-far', ['closer to the camera than', 'farther from the camera than'], false),
  size: alwaysIs('large-small', ['larger than', 'smaller than'], false),
  half: {
    task: 'mcq',
    compact: true,
    candidates: (clip) => singles(clip, (i) => half(clip, i) !== 0),
    truth: (clip, [a]) => poleFor(half(clip, a!)),
    say(clip, { objects, pole }, style) {
      const [A] = names(clip, objects, style);
      const [one, another] = [SIDES[pole], SIDES[other(pole)]];
      const actual = SIDES[poleFor(half(clip, objects[0]!))];
      if (style === 'compact')
        return {
          question: `is the ${A} ${one} or ${another} in all frames ?`,
          answer: actual,
          choices: [one, another],
        };
      return {
        question: `Is ${A} on the ${one} or on the ${another} in all frames?`,
        answer: `on the ${actual}`,
        choices: [`on the ${one}`, `on the ${another}`],
      };
    },
  },
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
