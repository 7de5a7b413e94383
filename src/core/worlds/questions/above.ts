import { standsOn } from '../margins.ts';
import type { Observation } from '../observation.ts';
import { whichOfTwo, yesNo, type Comparing } from './comparisons.ts';
import { name, type Forms } from './question.ts';
import { supportOf } from '../world.ts';

const heights: Comparing = {
  axis: 'above-below',
  relation: ['higher up than', 'lower down than'],
  facts: (o, objects) => objects.map((i) => standing(o, i)),
};

const stack: Comparing = {
  ...heights,
  relation: ['above', 'below'],
  when: (o, a, b) => standsOn(o, a, b) || standsOn(o, b, a),
};

function standing(o: Observation, i: number): string {
  const support = supportOf(o.world, i);
  return `${name(o, i)} stands on ${support < 0 ? 'the floor' : name(o, support)}`;
}

/** Above and below of solids that stand on one another; higher and lower of any two, where the picture agrees. */
export const above: Forms = {
  yesno: {
    chiral: false,
    ...yesNo(stack, [
      (a, b, pole) => `Is ${a} ${['above', 'below'][pole]} ${b}?`,
      (a, b, pole) => `Is ${a} ${['on top of', 'underneath'][pole]} ${b}?`,
    ]),
  },
  which: {
    chiral: false,
    ...whichOfTwo(heights, [
      (a, b, pole) => `Which object is ${['higher up', 'lower down'][pole]}, ${a} or ${b}?`,
    ]),
  },
};
