import type { Comparison } from '../../margins.ts';
import { other, SIDES } from '../../questions/question.ts';
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
  labels,
  names,
  pairs,
  poleFor,
  singles,
  yesOrNo,
  type MotionForm,
  type MotionForms,
} from './motion-question.ts';

/** Axis along which an object can move, with the words for both directions. */
interface Way {
  compare: (clip: SeenClip, i: number) => Comparison;
  /** Words that follow "move" for each pole of the axis. */
  to: [string, string];
  /** Texts of the choices for each pole of the axis. */
  choices: [string, string];
}

const ACROSS: Way = {
  compare: sideways,
  to: ['to the left', 'to the right'],
  choices: ['to the left', 'to the right'],
};
const DEEP: Way = {
  compare: inDepth,
  to: ['towards the camera', 'away from the camera'],
  choices: ['towards the camera', 'away from the camera'],
};

const wayIs = ({ compare, to }: Way): MotionForm => ({
  task: 'yesno',
  compact: compare === sideways,
  candidates: (clip) => singles(clip, (i) => compare(clip, i) !== 0),
  truth: (clip, [a]) => poleFor(compare(clip, a!)),
  say(clip, { objects, pole }, style) {
    const [A] = names(clip, objects, style);
    const holds = poleFor(compare(clip, objects[0]!)) === pole;
    return {
      question: style === 'compact' ? `does the ${A} move ${SIDES[pole]} ?` : `Does ${A} move ${to[pole]}?`,
      answer: yesOrNo(holds, style),
    };
  },
});

const wayOf = ({ compare, to, choices }: Way): MotionForm => ({
  task: 'mcq',
  compact: compare === sideways,
  candidates: (clip) => singles(clip, (i) => compare(clip, i) !== 0),
  truth: (clip, [a]) => poleFor(compare(clip, a!)),
  say(clip, { objects, pole }, style) {
    const [A] = names(clip, objects, style);
    const actual = poleFor(compare(clip, objects[0]!));
    if (style === 'compact')
      return {
        question: `where does the ${A} move ?`,
        answer: SIDES[actual],
        choices: [SIDES[pole], SIDES[other(pole)]],
      };
    return {
      question: `Does ${A} move ${to[pole]} or ${to[other(pole)]}?`,
      answer: choices[actual],
      choices: [choices[pole], choices[other(pole)]],
    };
  },
});

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
      answer: side !== 0 ? ACROSS.choices[poleFor(side)] : DEEP.choices[poleFor(inDepth(clip, objects[0]!))],
      choices: [ACROSS.choices[pole], ACROSS.choices[other(pole)], ...DEEP.choices],
    };
  },
};

/** Returns the form that asks for the object that moves in a direction, if two objects move in opposite directions. */
const whichWay = ({ compare, to }: Way): MotionForm => ({
  task: 'mcq',
  candidates: (clip) => pairs(clip, (a, b) => compare(clip, a) * compare(clip, b) < 0),
  truth: (clip, [a]) => poleFor(compare(clip, a!)),
  say(clip, { objects, pole }) {
    const [A, B] = names(clip, objects);
    const first = poleFor(compare(clip, objects[0]!)) === pole;
    const choices = labels(clip, objects);
    return {
      question: `Which object moves ${to[pole]}, ${A} or ${B}?`,
      answer: choices[first ? 0 : 1]!,
      choices,
    };
  },
});

export const moves: MotionForms = {
  side: wayIs(ACROSS),
  depth: wayIs(DEEP),
  'where-side': wayOf(ACROSS),
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

/** Forms of questions about the speeds of objects that move during the whole clip. */
export const faster: MotionForms = {
  which: {
    task: 'mcq',
    compact: true,
    candidates: (clip) => pairs(clip, (a, b) => bothMove(clip, a, b) && fasterOf(clip, a, b) !== 0),
    truth: (clip, [a, b]) => poleFor(fasterOf(clip, a!, b!)),
    say(clip, { objects, pole }, style) {
      const [A, B] = names(clip, objects, style);
      const first = poleFor(fasterOf(clip, objects[0]!, objects[1]!)) === pole;
      const choices = labels(clip, objects, style);
      return {
        question:
          style === 'compact'
            ? `which moves ${SPEEDS[pole]} , the ${A} or the ${B} ?`
            : `Which object moves ${SPEEDS[pole]}, ${A} or ${B}?`,
        answer: choices[first ? 0 : 1]!,
        choices,
      };
    },
  },
  yesno: {
    task: 'yesno',
    candidates: (clip) => pairs(clip, (a, b) => bothMove(clip, a, b) && fasterOf(clip, a, b) !== 0),
    truth: (clip, [a, b]) => poleFor(fasterOf(clip, a!, b!)),
    say(clip, { objects, pole }) {
      const [A, B] = names(clip, objects);
      const holds = poleFor(fasterOf(clip, objects[0]!, objects[1]!)) === pole;
      return { question: `Does ${A} move ${SPEEDS[pole]} than ${B}?`, answer: yesOrNo(holds) };
    },
  },
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
  yesno: {
    task: 'yesno',
    candidates: (clip) => singles(clip, (i) => spinOf(clip, i) !== 0),
    truth: (clip, [a]) => poleFor(spinOf(clip, a!)),
    say(clip, { objects, pole }) {
      const [A] = names(clip, objects);
      const holds = poleFor(spinOf(clip, objects[0]!)) === pole;
      return { question: `Seen from above, does ${A} turn ${TURNS[pole]}?`, answer: yesOrNo(holds) };
    },
  },
  where: {
    task: 'mcq',
    candidates: (clip) => singles(clip, (i) => spinOf(clip, i) !== 0),
    truth: (clip, [a]) => poleFor(spinOf(clip, a!)),
    say(clip, { objects, pole }) {
      const [A] = names(clip, objects);
      const choices = [TURNS[pole], TURNS[other(pole)]];
      return {
        question: `Seen from above, does ${A} turn ${choices[0]} or ${choices[1]}?`,
        answer: TURNS[poleFor(spinOf(clip, objects[0]!))],
        choices,
      };
    },
  },
};

/** Whether either the camera or all objects are at rest, but not both. */
const oneRests = (clip: SeenClip): boolean =>
  cameraIsAtRest(clip)
    ? allAreClear(clip) && clip.moving.paths.some((_, i) => !isAtRest(clip, i))
    : cameraMove(clip) !== null && clip.moving.paths.every((_, i) => isAtRest(clip, i));

const cameraWay = (
  kind: 'side' | 'depth' | 'turn',
  question: (first: string, second: string) => string,
  words: [string, string],
): MotionForm => {
  const isAsked = (clip: SeenClip): boolean => oneRests(clip) && cameraMove(clip)?.kind === kind;
  const truth = (clip: SeenClip) => poleFor(cameraMove(clip)!.way);
  return {
    task: 'mcq',
    candidates: (clip) => (isAsked(clip) ? [[]] : []),
    truth,
    say(clip, { pole }) {
      const choices = [words[pole], words[other(pole)]] as const;
      return { question: question(...choices), answer: words[truth(clip)], choices: [...choices] };
    },
  };
};

const MOVERS = ['the camera', 'the objects'] as const;

export const camera: MotionForms = {
  which: {
    task: 'mcq',
    candidates: (clip) => (oneRests(clip) ? [[]] : []),
    truth: (clip) => (cameraIsAtRest(clip) ? 1 : 0),
    say: (clip, { pole }) => ({
      question:
        pole === 0 ? 'Does the camera move, or do the objects?' : 'Do the objects move, or does the camera?',
      answer: MOVERS[cameraIsAtRest(clip) ? 1 : 0],
      choices: [MOVERS[pole], MOVERS[other(pole)]],
    }),
  },
  side: cameraWay('side', (a, b) => `Does the camera move ${a} or ${b}?`, ['to the left', 'to the right']),
  depth: cameraWay('depth', (a, b) => `Does the camera move ${a} or ${b}?`, ['backward', 'forward']),
  turn: cameraWay('turn', (a, b) => `Does the camera turn ${a} or ${b}?`, ['to the left', 'to the right']),
};
