import { looksDown } from '../camera.ts';
import { centreDistance, closerTo } from '../margins.ts';
import type { Observation } from '../observation.ts';
import { type Comparing, whichOfAll, whichOfTwo, yesNo } from './comparisons.ts';
import {
  sidewaysPlaces,
  cameraDistances,
  capital,
  type Form,
  type Forms,
  inSight,
  label,
  meters,
  name,
  pairs,
  sightings,
  singles,
  reasoningText,
} from './question.ts';

/** Forms of questions such as second closest, or second from the left. */
export const ordinal: Forms = {
  depth: whichOfAll(
    'near-far',
    cameraDistances,
    ['the second closest to the camera', 'the second farthest from the camera'],
    2,
  ),
  side: whichOfAll('left-right', sidewaysPlaces, ['second from the left', 'second from the right'], 2),
};

const camera: Form = {
  task: 'distance',
  wordings: 2,
  compact: true,
  candidates: singles,
  say(o, { objects, wording }, style) {
    const [a] = objects as [number];
    const A = name(o, a, style);
    const answer = meters(o.solids[a]!.distance, style);
    if (style === 'compact') {
      return { question: `how far is the ${A} in metres ?`, answer, reasoning: sightings(o, objects) };
    }
    return {
      question: [`How far is ${A} from the camera?`, `What is the distance from the camera to ${A}?`][
        wording
      ]!,
      answer: [answer, `${capital(A)} is ${answer} from the camera.`][wording]!,
      reasoning: `By its place in the picture, ${cameraDistances(o, objects)[0]!}.`,
    };
  },
};

const between: Form = {
  task: 'distance',
  wordings: 2,
  candidates: (o) => pairs(o, () => true),
  say(o, { objects, wording }) {
    const [a, b] = objects as [number, number];
    const [A, B] = [name(o, a), name(o, b)];
    const answer = meters(centreDistance(o, a, b));
    return {
      question: [
        `What is the distance between the centers of ${A} and ${B}?`,
        `How far apart are ${A} and ${B}, measured from center to center?`,
      ][wording]!,
      answer,
      reasoning: `By their places in the picture, ${A} and ${B} are ${answer} apart.`,
    };
  },
};

/** Forms that ask for metres between the camera and an object's centre, or between the centres of two objects. */
export const distance: Forms = { camera, between };

const CLOSER = ['closer', 'farther'] as const;
const MORE = ['closer to', 'farther from'] as const;

const distances: Comparing = {
  axis: 'near-far',
  relation: ['closer to the camera than', 'farther from the camera than'],
  facts: cameraDistances,
  // Contains both poles in a fixed order, so that a small model can copy the answer after the question's word.
  conclude: (a, b, actual) => `closer ${actual === 0 ? a : b} farther ${actual === 0 ? b : a}`,
};

/** Form about which of two objects is closer to a third object. */
const toAnother: Form = {
  task: 'mcq',
  opposite: true,
  wordings: 2,
  least: 3,
  candidates(o) {
    const all = inSight(o);
    return all.flatMap((a) =>
      all.flatMap((b) =>
        all.filter((r) => a !== b && a !== r && b !== r && closerTo(o, r, a, b) !== 0).map((r) => [a, b, r]),
      ),
    );
  },
  say(o, { objects, pole, wording }) {
    const [a, b, r] = objects as [number, number, number];
    const [A, B, R] = [name(o, a), name(o, b), name(o, r)];
    const chosen = closerTo(o, r, a, b) < 0 === (pole === 0) ? a : b;
    return {
      question: [
        `Which object is ${MORE[pole]} ${R}, ${A} or ${B}?`,
        `Estimate the real-world distances between the objects. Which one is ${MORE[pole]} ${R}: ${A} or ${B}?`,
      ][wording]!,
      answer: label(o, chosen),
      choices: [label(o, a), label(o, b)],
      reasoning: reasoningText(
        [a, b].map((i) => `${name(o, i)} is ${meters(centreDistance(o, r, i))} from ${R}`),
        `${name(o, chosen)} is ${MORE[pole]} ${R}`,
      ),
    };
  },
};

/** Forms that compare distances from the camera, or from another object. */
export const nearer: Forms = {
  yesno: yesNo(distances, [
    (a, b, pole) => `Is ${a} ${MORE[pole]} the camera than ${b}?`,
    (a, b, pole) => `Does ${a} stand ${MORE[pole]} the camera than ${b}?`,
  ]),
  which: whichOfTwo(
    distances,
    [
      (a, b, pole) => `Which object is ${MORE[pole]} the camera, ${a} or ${b}?`,
      (a, b, pole) => `Between ${a} and ${b}, which one is ${MORE[pole]} the camera?`,
    ],
    (a, b, pole) => `which is ${CLOSER[pole]} , the ${a} or the ${b} ?`,
  ),
  extreme: whichOfAll('near-far', cameraDistances, ['closest to the camera', 'farthest from the camera']),
  'to-another': toAnother,
};

/** Describes the sizes of objects. From straight above, height is invisible, but all objects are as wide as high. */
const extents = (o: Observation, objects: number[]): string[] =>
  objects.map((i) => {
    const how = looksDown(o.world.camera.pitch) ? 'across' : 'tall';
    return `${name(o, i)} is ${meters(o.world.objects[i]!.size)} ${how}`;
  });

const sizes: Comparing = {
  axis: 'large-small',
  relation: ['larger than', 'smaller than'],
  facts: extents,
};

const metric: Form = {
  task: 'distance',
  wordings: 2,
  axis: 'above-below',
  candidates: singles,
  say(o, { objects, wording }) {
    const [a] = objects as [number];
    const { size } = o.world.objects[a]!;
    const tall = size < 1 ? `${size.toFixed(2)} meters` : meters(size);
    return {
      question: [`How tall is ${name(o, a)}?`, `What is the height of ${name(o, a)} in meters?`][wording]!,
      answer: tall,
      reasoning: `By its place and its extent in the picture, ${name(o, a)} is ${tall} tall.`,
    };
  },
};

/** Forms about the actual size of objects, not their size in the image. All objects are as high as they are wide. */
export const size: Forms = {
  yesno: yesNo(sizes, [
    (a, b, pole) => `Is ${a} ${['larger', 'smaller'][pole]} than ${b}?`,
    (a, b, pole) => `In reality, is ${a} ${['larger', 'smaller'][pole]} than ${b}?`,
  ]),
  which: whichOfTwo(sizes, [(a, b, pole) => `Which object is ${['larger', 'smaller'][pole]}, ${a} or ${b}?`]),
  extreme: whichOfAll('large-small', extents, ['the largest', 'the smallest']),
  metric,
};
