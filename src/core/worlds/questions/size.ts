import { looksDown } from '../camera.ts';
import type { Observation } from '../observation.ts';
import { whichOfAll, whichOfTwo, yesNo, type Comparing } from './comparisons.ts';
import { meters, name, singles, type Form, type Forms } from './question.ts';

/** What is tall cannot be seen from straight above; all solids are as wide. */
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
  opposite: false,
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

/** Questions about actual size, not size in the picture. All solids are as high as they are wide. */
export const size: Forms = {
  yesno: yesNo(sizes, [
    (a, b, pole) => `Is ${a} ${['larger', 'smaller'][pole]} than ${b}?`,
    (a, b, pole) => `In reality, is ${a} ${['larger', 'smaller'][pole]} than ${b}?`,
  ]),
  which: whichOfTwo(sizes, [(a, b, pole) => `Which object is ${['larger', 'smaller'][pole]}, ${a} or ${b}?`]),
  extreme: whichOfAll(
    'large-small',
    extents,
    ['the largest', 'the smallest'],
    [(most) => `Which object is ${most}?`, (most, list) => `Which of these objects is ${most}: ${list}?`],
  ),
  metric,
};
