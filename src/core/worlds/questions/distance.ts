import { apart } from '../margins.ts';
import { capital, meters, name, pairs, singles, type Form, type Forms } from './question.ts';
import { away, sightings } from './thoughts.ts';

const camera: Form = {
  task: 'distance',
  chiral: false,
  opposite: false,
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
      reasoning: `By its place in the picture, ${away(o, objects)[0]!}.`,
    };
  },
};

const between: Form = {
  task: 'distance',
  chiral: false,
  opposite: false,
  wordings: 2,
  candidates: (o) => pairs(o, () => true),
  say(o, { objects, wording }) {
    const [a, b] = objects as [number, number];
    const [A, B] = [name(o, a), name(o, b)];
    const answer = meters(apart(o, a, b));
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

/** Metres from the camera to a solid's centre, and between the centres of two. */
export const distance: Forms = { camera, between };
