import { ownSide, standsOn } from '../margins.ts';
import type { Observation } from '../observation.ts';
import { isFlat, supportOf } from '../world.ts';
import { type Comparing, whichOfAll, ordered, poleOf, whichOfTwo, yesNo } from './comparisons.ts';
import {
  sidewaysPlaces,
  cameraDistances,
  capital,
  faceless,
  type Form,
  type Forms,
  name,
  other,
  pairs,
  type Pole,
  sightings,
  reasoningText,
  SIDES,
} from './question.ts';

/** Only for shapes that can carry another object. A cone is never below, so its name alone would reveal the answer. */
const heights: Comparing = {
  axis: 'above-below',
  relation: ['higher up than', 'lower down than'],
  facts: (o, objects) => objects.map((i) => standing(o, i)),
  when: (o, ...two) => two.every((i) => isFlat(o.world.objects[i]!)),
};

const stack: Comparing = {
  ...heights,
  relation: ['above', 'below'],
  when: (o, a, b) => heights.when!(o, a, b) && (standsOn(o, a, b) || standsOn(o, b, a)),
};

function standing(o: Observation, i: number): string {
  const support = supportOf(o.world, i);
  return `${name(o, i)} stands on ${support < 0 ? 'the floor' : name(o, support)}`;
}

/** Forms with above and below for stacked objects, higher and lower for any two objects, if the image agrees. */
export const above: Forms = {
  yesno: yesNo(stack, [
    (a, b, pole) => `Is ${a} ${['above', 'below'][pole]} ${b}?`,
    (a, b, pole) => `Is ${a} ${['on top of', 'underneath'][pole]} ${b}?`,
  ]),
  which: whichOfTwo(heights, [
    (a, b, pole) => `Which object is ${['higher up', 'lower down'][pole]}, ${a} or ${b}?`,
  ]),
};

const DEPTHS = ['in front of', 'behind'] as const;

const depths: Comparing = {
  axis: 'front-behind',
  relation: [...DEPTHS],
  facts: cameraDistances,
  // An object with a face has a front of its own, so the question would be ambiguous.
  when: (o, _, b) => faceless(o, b),
};

const frontOrBehind: Form = {
  task: 'mcq',
  axis: depths.axis,
  candidates: (o, style) => ordered(o, depths, style),
  say(o, { objects, pole }) {
    const [a, b] = objects as [number, number];
    const menu = [DEPTHS[pole], DEPTHS[other(pole)]];
    const actual = DEPTHS[poleOf(o, 'front-behind', a, b)];
    return {
      question: `Is ${name(o, a)} ${menu[0]} or ${menu[1]} ${name(o, b)}?`,
      answer: actual,
      choices: menu,
      reasoning: reasoningText(cameraDistances(o, objects), `${name(o, a)} is ${actual} ${name(o, b)}`),
    };
  },
};

/** Forms with "in front of" and "behind", along the viewer's line of sight. */
export const front: Forms = {
  yesno: yesNo(depths, [
    (a, b, pole) => `Is ${a} ${DEPTHS[pole]} ${b}?`,
    (a, b, pole) => `Is ${a} located ${DEPTHS[pole]} ${b}?`,
  ]),
  where: frontOrBehind,
};

const sides: Comparing = {
  axis: 'left-right',
  relation: ['to the left of', 'to the right of'],
  facts: sidewaysPlaces,
  // "Right" alone at the end of a sentence could be understood as "correct".
  conclude: (_a, _b, actual) => `to ${SIDES[actual]}`,
  // For an object with a face, "left of it" could mean the object's own side.
  when: (o, _, b) => faceless(o, b),
};

/** Form that asks for the side of an object. The question contains both sides, or neither side. */
const leftOrRight: Form = {
  task: 'mcq',
  wordings: 3,
  compact: true,
  candidates: (o, style) => ordered(o, sides, style),
  say(o, { objects, pole, wording }, style) {
    const [a, b] = objects as [number, number];
    const [A, B] = [name(o, a, style), name(o, b, style)];
    const menu = [SIDES[pole], SIDES[other(pole)]];
    const actual = SIDES[poleOf(o, 'left-right', a, b)];
    if (style === 'compact') {
      return {
        question: `where is the ${A} from the ${B} ?`,
        answer: actual,
        choices: menu,
        reasoning: sightings(o, objects, `to ${actual}`),
      };
    }
    const phrased = wording === 2;
    return {
      question: [
        `On which side of ${B} is ${A}?`,
        `On which side of ${B} is ${A}, ${menu[0]} or ${menu[1]}?`,
        `Is ${A} to the ${menu[0]} or to the ${menu[1]} of ${B}?`,
      ][wording]!,
      answer: phrased ? `to the ${actual}` : actual,
      choices: phrased ? menu.map((word) => `to the ${word}`) : menu,
      reasoning: reasoningText(sidewaysPlaces(o, objects), `${A} is to the ${actual} of ${B}`),
    };
  },
};

/** Form whose answer is the relation as a sentence. */
const describe: Form = {
  task: 'open',
  candidates: (o, style) => ordered(o, sides, style),
  say(o, { objects }) {
    const [a, b] = objects as [number, number];
    const [A, B] = [name(o, a), name(o, b)];
    const actual = poleOf(o, 'left-right', a, b);
    const placed = (side: Pole) => `${A} is to the ${SIDES[side]} of ${B}`;
    return {
      question: `Where is ${A} relative to ${B}, from the viewer's perspective?`,
      answer: `${capital(placed(actual))}.`,
      wrong: `${capital(placed(other(actual)))}.`,
      reasoning: reasoningText(sidewaysPlaces(o, objects), placed(actual)),
    };
  },
};

/** Forms with left and right from the viewer's point of view. */
export const side: Forms = {
  yesno: yesNo(
    sides,
    [
      (a, b, pole) => `Is ${a} to the ${SIDES[pole]} of ${b}?`,
      (a, b, pole) => `Does ${a} appear on the ${SIDES[pole]} side of ${b}?`,
      (a, b, pole) => `From the viewer's perspective, is ${a} positioned to the ${SIDES[pole]} of ${b}?`,
    ],
    (a, b, pole) => `is the ${a} ${SIDES[pole]} of the ${b} ?`,
  ),
  where: leftOrRight,
  describe,
  which: whichOfTwo({ ...sides, when: undefined }, [
    (a, b, pole) => `Which object is more to the ${SIDES[pole]}, ${a} or ${b}?`,
    (a, b, pole) => `Between ${a} and ${b}, which one is on the ${SIDES[pole]} side?`,
  ]),
  extreme: whichOfAll('left-right', sidewaysPlaces, ['the leftmost', 'the rightmost']),
};

/** Returns pairs of an object and an object with a face, if the first is on the own left or right of the second. */
const ownPairs = (o: Observation): number[][] => pairs(o, (a, b) => ownSide(o, b, a) !== 0);

const ownPole = (o: Observation, a: number, b: number): Pole => (ownSide(o, b, a) < 0 ? 0 : 1);

const ownReasoning = (o: Observation, a: number, b: number): string =>
  capital(
    `seen from where ${name(o, b)} looks, ${name(o, a)} is on its ${SIDES[ownPole(o, a, b)]} side, ` +
      `whatever side that is for the viewer.`,
  );

const ownYesNo: Form = {
  task: 'yesno',
  opposite: true,
  wordings: 2,
  candidates: ownPairs,
  say(o, { objects, pole, wording }) {
    const [a, b] = objects as [number, number];
    const actual = ownPole(o, a, b);
    const word = actual === pole ? 'Yes' : 'No';
    return {
      question: [
        `From the point of view of ${name(o, b)} itself, is ${name(o, a)} on its ${SIDES[pole]} side?`,
        `If you were ${name(o, b)} and looked where its eyes look, would ${name(o, a)} be on your ${SIDES[pole]}?`,
      ][wording]!,
      answer: word,
      reasoning: ownReasoning(o, a, b),
    };
  },
};

const ownWhere: Form = {
  task: 'mcq',
  wordings: 2,
  candidates: ownPairs,
  say(o, { objects, pole, wording }) {
    const [a, b] = objects as [number, number];
    const menu = [SIDES[pole], SIDES[other(pole)]];
    return {
      question: [
        `From the point of view of ${name(o, b)}, is ${name(o, a)} on its ${menu[0]} or on its ${menu[1]}?`,
        `On which side of itself does ${name(o, b)} see ${name(o, a)}?`,
      ][wording]!,
      answer: SIDES[ownPole(o, a, b)],
      choices: menu,
      reasoning: ownReasoning(o, a, b),
    };
  },
};

/** Forms with left and right of an object with a face, from the object's own viewpoint. */
export const ownSideForms: Forms = { yesno: ownYesNo, where: ownWhere };

/** Axes of the image, with words for both poles: as a relation, and as a comparative. */
const across = {
  axis: 'picture-across',
  relations: ['to the left of', 'to the right of'],
  more: ['further left', 'further right'],
} as const;
const down = { axis: 'picture-down', relations: ['above', 'below'], more: ['higher', 'lower'] } as const;

/** Returns the forms about one axis of the image. Views exchange the words of these forms (docs/views.md). */
function formsOf({ axis, relations, more }: typeof across | typeof down) {
  const about: Comparing = {
    axis,
    relation: [`${more[0]} in the image than`, `${more[1]} in the image than`],
    facts: (o, objects) =>
      objects.map((i) => `what is seen of ${name(o, i)} fills [${o.solids[i]!.box!.join(', ')}]`),
  };
  return {
    yesno: withBoxes(
      yesNo(about, [
        (a, b, pole) => `In the image, is ${a} ${relations[pole]} ${b}?`,
        (a, b, pole) => `Is ${a} ${more[pole]} in the image than ${b}?`,
      ]),
    ),
    which: withBoxes(
      whichOfTwo(about, [(a, b, pole) => `Which object is ${more[pole]} in the image, ${a} or ${b}?`]),
    ),
  };
}
/** Adds the boxes of the objects in the reasoning, so that the row explains the numbers in the reasoning. */
const withBoxes = (form: Form): Form => ({
  ...form,
  say: (o, question, style) => ({ ...form.say(o, question, style), boxes: question.objects }),
});

const [sideways, upright] = [formsOf(across), formsOf(down)];

/** Forms about the image's own axes, by the centres of boxes. For a turned image, the answer is computed again. */
export const plane: Forms = {
  side: sideways.yesno,
  'which-side': sideways.which,
  height: upright.yesno,
  'which-height': upright.which,
};
