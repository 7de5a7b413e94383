import { ownSide } from '../margins.ts';
import type { Observation } from '../observation.ts';
import { capital, name, other, pairs, SIDES, type Form, type Forms, type Pole } from './question.ts';

/** Pairs of a solid and one with a face, where the first stands on the second's own left or right. */
const candidates = (o: Observation): number[][] => pairs(o, (a, b) => ownSide(o, b, a) !== 0);

const actualPole = (o: Observation, a: number, b: number): Pole => (ownSide(o, b, a) < 0 ? 0 : 1);

const thought = (o: Observation, a: number, b: number): string =>
  capital(
    `seen from where ${name(o, b)} looks, ${name(o, a)} is on its ${SIDES[actualPole(o, a, b)]} side, ` +
      `whatever side that is for the viewer.`,
  );

const yesno: Form = {
  task: 'yesno',
  opposite: true,
  wordings: 2,
  candidates,
  say(o, { objects, pole, wording }) {
    const [a, b] = objects as [number, number];
    const actual = actualPole(o, a, b);
    const word = actual === pole ? 'Yes' : 'No';
    return {
      question: [
        `From the point of view of ${name(o, b)} itself, is ${name(o, a)} on its ${SIDES[pole]} side?`,
        `If you were ${name(o, b)} and looked where its eyes look, would ${name(o, a)} be on your ${SIDES[pole]}?`,
      ][wording]!,
      answer: word,
      reasoning: thought(o, a, b),
    };
  },
};

const where: Form = {
  task: 'mcq',
  opposite: false,
  wordings: 2,
  candidates,
  say(o, { objects, pole, wording }) {
    const [a, b] = objects as [number, number];
    const menu = [SIDES[pole], SIDES[other(pole)]];
    return {
      question: [
        `From the point of view of ${name(o, b)}, is ${name(o, a)} on its ${menu[0]} or on its ${menu[1]}?`,
        `On which side of itself does ${name(o, b)} see ${name(o, a)}?`,
      ][wording]!,
      answer: SIDES[actualPole(o, a, b)],
      choices: menu,
      reasoning: thought(o, a, b),
    };
  },
};

/** Left and right of a solid with a face, in its own frame. */
export const ownSideForms: Forms = { yesno, where };
