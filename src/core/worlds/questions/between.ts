import { compare } from '../margins.ts';
import type { Observation } from '../observation.ts';
import {
  sidewaysPlaces,
  faceless,
  type Form,
  type Forms,
  inSight,
  label,
  name,
  type Pole,
  reasoningText,
} from './question.ts';

const PHRASES = [
  ['to the left of', 'to the right of'],
  ['to the right of', 'to the left of'],
] as const;

/** Whether object `i` is to the left of `a` and to the right of `b`; for pole 1, on the opposite sides. */
const fits = (o: Observation, i: number, a: number, b: number, pole: Pole): boolean => {
  const sign = pole === 0 ? -1 : 1;
  return compare(o, 'left-right', i, a) === sign && compare(o, 'left-right', b, i) === sign;
};

/**
 * Returns lists [a, b, and all other visible objects], if an object fits between a and b, and every other object is
 * clearly to the left or to the right of both.
 */
function references(o: Observation, pole: Pole): number[][] {
  const all = inSight(o);
  if (all.length !== o.solids.length) return [];
  return all.flatMap((a) =>
    all.flatMap((b) => {
      const between = compare(o, 'left-right', b, a) === (pole === 0 ? -1 : 1);
      if (!between || !faceless(o, a) || !faceless(o, b)) return [];
      const others = all.filter((i) => i !== a && i !== b);
      const clear = others.every((i) => compare(o, 'left-right', i, a) && compare(o, 'left-right', i, b));
      return clear ? [[a, b, ...others]] : [];
    }),
  );
}

const condition = (o: Observation, a: number, b: number, pole: Pole): string =>
  `${PHRASES[pole][0]} ${name(o, a)} but ${PHRASES[pole][1]} ${name(o, b)}`;

const which: Form = {
  task: 'mcq',
  wordings: 2,
  least: 4,
  candidates: (o, _, pole) =>
    references(o, pole).filter(
      ([a, b, ...others]) => others.length > 1 && others.filter((i) => fits(o, i, a!, b!, pole)).length === 1,
    ),
  say(o, { objects, pole, wording }) {
    const [a, b, ...others] = objects as [number, number, ...number[]];
    const chosen = others.find((i) => fits(o, i, a, b, pole))!;
    return {
      question: [`Which object is ${condition(o, a, b, pole)}?`, `What stands ${condition(o, a, b, pole)}?`][
        wording
      ]!,
      answer: label(o, chosen),
      choices: others.map((i) => label(o, i)),
      reasoning: reasoningText(
        sidewaysPlaces(o, [a, b, chosen]),
        `${name(o, chosen)} is ${condition(o, a, b, pole)}`,
      ),
    };
  },
};

const yesno: Form = {
  task: 'yesno',
  least: 3,
  candidates: (o, _, pole) =>
    references(o, pole).flatMap(([a, b, ...others]) => others.map((i) => [i, a!, b!])),
  say(o, { objects, pole }) {
    const [i, a, b] = objects as [number, number, number];
    const yes = fits(o, i, a, b, pole);
    return {
      question: `Is ${name(o, i)} ${condition(o, a, b, pole)}?`,
      answer: yes ? 'Yes' : 'No',
      reasoning: reasoningText(
        sidewaysPlaces(o, [i, a, b]),
        yes ? `${name(o, i)} is ${condition(o, a, b, pole)}` : `${name(o, i)} is not between the two`,
      ),
    };
  },
};

/** Forms of questions about an object to the left of one object and to the right of another. */
export const between: Forms = { which, yesno };
