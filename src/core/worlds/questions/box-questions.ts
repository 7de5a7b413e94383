import { ranking } from '../margins.ts';
import type { Observation } from '../observation.ts';
import { ranked } from './comparisons.ts';
import { name, singles, type Form, type Forms, type Wording } from './question.ts';

const located = (o: Observation, question: string, i: number): Wording => {
  const box = `[${o.solids[i]!.box!.join(', ')}]`;
  return { question, answer: box, reasoning: `What is seen of ${name(o, i)} fills ${box}.`, boxes: [i] };
};

const named: Form = {
  task: 'bbox',
  opposite: false,
  wordings: 2,
  candidates: singles,
  say(o, { objects, wording }) {
    const [a] = objects as [number];
    const question = [
      `What are the bounding box coordinates of ${name(o, a)}?`,
      `Draw a bounding box around ${name(o, a)}.`,
    ][wording]!;
    return located(o, question, a);
  },
};

const extreme: Form = {
  task: 'bbox',
  opposite: true,
  wordings: 1,
  least: 3,
  unnamed: true,
  candidates: (o) => ranked(o, 'left-right'),
  say(o, { pole }) {
    const chosen = ranking(o, 'left-right')!.at(pole === 0 ? 0 : -1)!;
    const question = `What are the bounding box coordinates of the ${['leftmost', 'rightmost'][pole]} object?`;
    return located(o, question, chosen);
  },
};

/** Questions answered with boxes in pixels, around the visible part. */
export const box: Forms = { named, extreme };
