import { ordered, poleOf, yesNo, type Comparing } from './comparisons.ts';
import { faceless, name, other, type Form, type Forms } from './question.ts';
import { away, therefore } from './thoughts.ts';

const PLACES = ['in front of', 'behind'] as const;

const places: Comparing = {
  axis: 'front-behind',
  relation: [...PLACES],
  facts: away,
  // What has a face has a front of its own.
  when: (o, _, b) => faceless(o, b),
};

const where: Form = {
  task: 'mcq',
  chiral: false,
  opposite: false,
  wordings: 1,
  candidates: (o, style) => ordered(o, places, style),
  say(o, { objects, pole }) {
    const [a, b] = objects as [number, number];
    const menu = [PLACES[pole], PLACES[other(pole)]];
    const actual = PLACES[poleOf(o, 'front-behind', a, b)];
    return {
      question: `Is ${name(o, a)} ${menu[0]} or ${menu[1]} ${name(o, b)}?`,
      answer: actual,
      choices: menu,
      reasoning: therefore(away(o, objects), `${name(o, a)} is ${actual} ${name(o, b)}`),
    };
  },
};

/** In front of or behind, along the viewer's line of sight. */
export const front: Forms = {
  yesno: {
    chiral: false,
    ...yesNo(places, [
      (a, b, pole) => `Is ${a} ${PLACES[pole]} ${b}?`,
      (a, b, pole) => `Is ${a} located ${PLACES[pole]} ${b}?`,
    ]),
  },
  where,
};
