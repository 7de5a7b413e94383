import type { Comparison } from '../../margins.ts';
import { other, type Pole, SIDES } from '../../questions/question.ts';
import {
  cameraIsAtRest,
  cameraMove,
  faster as fasterOf,
  inDepth,
  isAtRest,
  lengthOfWay,
  movesAway,
  movesThroughout,
  sideways,
  speedOf,
  spinOf,
} from '../motion-margins.ts';
import { inSightThroughout, type SeenClip } from '../seen-clip.ts';
import {
  askWay,
  askWhich,
  askYesNo,
  labels,
  names,
  ofOne,
  ofTwo,
  pairs,
  poleFor,
  singles,
  yesOrNo,
  type MotionForm,
  type MotionForms,
} from './motion-question.ts';

/** Axis along which an object can move, with the words that follow "move" for each pole of the axis. */
interface Way {
  compare: (clip: SeenClip, i: number) => Comparison;
  words: [string, string];
}

const ACROSS: Way = { compare: sideways, words: ['to the left', 'to the right'] };
const DEEP: Way = { compare: inDepth, words: ['towards the camera', 'away from the camera'] };

const wayIs = ({ compare, words }: Way, compact?: (pole: Pole, name: string) => string): MotionForm =>
  askYesNo(ofOne(compare), (pole, A) => `Does ${A} move ${words[pole]}?`, compact);

const wayOf = ({ compare, words }: Way, compact?: Parameters<typeof askWay>[2]): MotionForm =>
  askWay(
    ofOne(compare),
    { words, ask: (first, second, A) => `Does ${A} move ${first} or ${second}?` },
    compact,
  );

/** Form with four directions as choices. The object moves along only one axis. */
const direction: MotionForm = {
  task: 'mcq',
  candidates: (clip) => singles(clip, (i) => (sideways(clip, i) !== 0) !== (inDepth(clip, i) !== 0)),
  truth: (clip, [a]) => poleFor(sideways(clip, a!) || inDepth(clip, a!)),
  say(clip, { objects, pole }) {
    const [A] = names(clip, objects);
    const side = sideways(clip, objects[0]!);
    return {
      question: `In which direction does ${A} move?`,
      answer: side !== 0 ? ACROSS.words[poleFor(side)] : DEEP.words[poleFor(inDepth(clip, objects[0]!))],
      choices: [ACROSS.words[pole], ACROSS.words[other(pole)], ...DEEP.words],
    };
  },
};

/** Returns the form that asks for the object that moves in a direction, if two objects move in opposite directions. */
const whichWay = ({ compare, words }: Way): MotionForm =>
  askWhich(
    {
      candidates: (clip) => pairs(clip, (a, b) => compare(clip, a) * compare(clip, b) < 0),
      truth: (clip, [a]) => poleFor(compare(clip, a!)),
    },
    (pole, A, B) => `Which object moves ${words[pole]}, ${A} or ${B}?`,
  );

export const moves: MotionForms = {
  side: wayIs(ACROSS, (pole, A) => `does the ${A} move ${SIDES[pole]} ?`),
  depth: wayIs(DEEP),
  'where-side': wayOf(ACROSS, { words: SIDES, ask: (_first, _second, A) => `where does the ${A} move ?` }),
  'where-depth': wayOf(DEEP),
  direction,
  'which-side': whichWay(ACROSS),
  'which-depth': whichWay(DEEP),
};

/** Whether every object is visible, and clearly moves or clearly rests. */
const allAreClear = (clip: SeenClip): boolean => {
  const all = clip.moving.world.objects.map((_, i) => i);
  return (
    inSightThroughout(clip).length === all.length && all.every((i) => isAtRest(clip, i) || movesAway(clip, i))
  );
};

/** Forms of questions about which objects move, regardless of camera motion. */
export const whichMoves: MotionForms = {
  yesno: {
    task: 'yesno',
    candidates: (clip) => singles(clip, (i) => isAtRest(clip, i) || movesAway(clip, i)),
    truth: (clip, [a]) => (isAtRest(clip, a!) ? 1 : 0),
    say(clip, { objects }) {
      const [A] = names(clip, objects);
      return { question: `Does ${A} move?`, answer: yesOrNo(!isAtRest(clip, objects[0]!)) };
    },
  },
  which: {
    task: 'mcq',
    candidates: (clip) =>
      allAreClear(clip) ? pairs(clip, (a, b) => isAtRest(clip, a) !== isAtRest(clip, b)) : [],
    truth: (clip, [a]) => (isAtRest(clip, a!) ? 1 : 0),
    say(clip, { objects }) {
      const [A, B] = names(clip, objects);
      const choices = labels(clip, objects);
      return {
        question: `Which object moves, ${A} or ${B}?`,
        answer: choices[isAtRest(clip, objects[0]!) ? 1 : 0]!,
        choices,
      };
    },
  },
  count: {
    task: 'count',
    candidates: (clip) => (allAreClear(clip) ? [[]] : []),
    say: (clip) => ({
      question: 'How many objects move?',
      answer: String(clip.moving.paths.filter((_, i) => !isAtRest(clip, i)).length),
    }),
  },
};

const bothMove = (clip: SeenClip, a: number, b: number): boolean =>
  [a, b].every((i) => movesAway(clip, i) && movesThroughout(clip, i));

const SPEEDS = ['faster', 'slower'] as const;
const speeds = ofTwo(fasterOf, bothMove);

/** Forms of questions about the speeds of objects that move during the whole clip. */
export const faster: MotionForms = {
  which: askWhich(
    speeds,
    (pole, A, B) => `Which object moves ${SPEEDS[pole]}, ${A} or ${B}?`,
    (pole, A, B) => `which moves ${SPEEDS[pole]} , the ${A} or the ${B} ?`,
  ),
  yesno: askYesNo(speeds, (pole, A, B) => `Does ${A} move ${SPEEDS[pole]} than ${B}?`),
  far: {
    task: 'distance',
    candidates: (clip) => singles(clip, (i) => movesAway(clip, i)),
    say(clip, { objects }) {
      const [A] = names(clip, objects);
      const metres = lengthOfWay(clip, objects[0]!);
      return { question: `How far does ${A} move?`, answer: `${metres.toFixed(1)} meters` };
    },
  },
  speed: {
    task: 'open',
    candidates: (clip) => singles(clip, (i) => movesAway(clip, i) && movesThroughout(clip, i)),
    say(clip, { objects }) {
      const [A] = names(clip, objects);
      const speed = speedOf(clip, objects[0]!);
      return {
        question: `How fast does ${A} move, in meters per second?`,
        answer: `${speed.toFixed(1)} meters per second`,
      };
    },
  },
};

const TURNS = ['clockwise', 'counterclockwise'] as const;

/** Forms of questions about turns of objects with a face, as seen from above. */
export const spin: MotionForms = {
  yesno: askYesNo(ofOne(spinOf), (pole, A) => `Seen from above, does ${A} turn ${TURNS[pole]}?`),
  where: askWay(ofOne(spinOf), {
    words: TURNS,
    ask: (first, second, A) => `Seen from above, does ${A} turn ${first} or ${second}?`,
  }),
};

/** Whether either the camera or all objects are at rest, but not both. */
const oneRests = (clip: SeenClip): boolean =>
  cameraIsAtRest(clip)
    ? allAreClear(clip) && clip.moving.paths.some((_, i) => !isAtRest(clip, i))
    : cameraMove(clip) !== null && clip.moving.paths.every((_, i) => isAtRest(clip, i));

const cameraWay = (
  kind: 'side' | 'depth' | 'turn',
  ask: (first: string, second: string) => string,
  words: [string, string],
): MotionForm =>
  askWay(
    {
      candidates: (clip) => (oneRests(clip) && cameraMove(clip)?.kind === kind ? [[]] : []),
      truth: (clip) => poleFor(cameraMove(clip)!.way),
    },
    { words, ask },
  );

const MOVERS = ['the camera', 'the objects'] as const;

export const camera: MotionForms = {
  which: askWay(
    { candidates: (clip) => (oneRests(clip) ? [[]] : []), truth: (clip) => (cameraIsAtRest(clip) ? 1 : 0) },
    {
      words: MOVERS,
      ask: (first) =>
        first === MOVERS[0]
          ? 'Does the camera move, or do the objects?'
          : 'Do the objects move, or does the camera?',
    },
  ),
  side: cameraWay('side', (a, b) => `Does the camera move ${a} or ${b}?`, ['to the left', 'to the right']),
  depth: cameraWay('depth', (a, b) => `Does the camera move ${a} or ${b}?`, ['backward', 'forward']),
  turn: cameraWay('turn', (a, b) => `Does the camera turn ${a} or ${b}?`, ['to the left', 'to the right']),
};
