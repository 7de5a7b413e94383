import { compare } from '../margins.ts';
import type { Observation } from '../observation.ts';
import type { Solid } from '../world.ts';
import { faceless, inSight, name, SIDES, type Form, type Forms } from './question.ts';

/** Whether every object is visible, which is required for counting objects. */
const allSeen = (o: Observation): boolean => inSight(o).length === o.solids.length;

const alike = (o: Observation, i: number, key: 'colour' | 'shape'): number[] =>
  o.world.objects.flatMap((s, j) => (s[key] === o.world.objects[i]![key] ? [j] : []));

const namesOf = (o: Observation, list: number[]): string =>
  list.length === 0 ? 'none' : list.map((i) => name(o, i)).join(', ');

const plural = (shape: Solid['shape']): string => `${shape}s`;

/** Returns the form about the number of objects with the colour, or with the shape, of an object. */
const by = (key: 'colour' | 'shape'): Form => ({
  task: 'count',
  unnamed: true,
  wordings: 2,
  candidates: (o) => (allSeen(o) ? o.solids.map((_, i) => [i]) : []),
  say(o, { objects, wording }) {
    const [a] = objects as [number];
    const solid = o.world.objects[a]!;
    const what = key === 'colour' ? `${solid.colour} objects` : plural(solid.shape);
    const counted = alike(o, a, key);
    return {
      question: [`How many ${what} are there?`, `What is the number of ${what} in the picture?`][wording]!,
      answer: String(counted.length),
      reasoning: `The ${what}: ${namesOf(o, counted)}.`,
    };
  },
});

/** Form about the number of objects on one side of an object. */
const side: Form = {
  task: 'count',
  opposite: true,
  candidates: (o) =>
    allSeen(o) && o.solids.length > 1
      ? o.solids.flatMap((_, a) =>
          faceless(o, a) && o.solids.every((_, b) => a === b || compare(o, 'left-right', a, b) !== 0)
            ? [[a]]
            : [],
        )
      : [],
  say(o, { objects, pole }) {
    const [a] = objects as [number];
    const wanted = pole === 0 ? -1 : 1;
    const counted = o.solids.flatMap((_, b) =>
      b !== a && compare(o, 'left-right', b, a) === wanted ? [b] : [],
    );
    return {
      question: `How many objects are to the ${SIDES[pole]} of ${name(o, a)}?`,
      answer: String(counted.length),
      reasoning: `To the ${SIDES[pole]} of ${name(o, a)}: ${namesOf(o, counted)}.`,
    };
  },
};

/** Form about whether there are more objects of one shape than of another; never about equal numbers. */
const more: Form = {
  task: 'yesno',
  unnamed: true,
  opposite: true,
  least: 3,
  candidates: (o) =>
    allSeen(o)
      ? o.solids.flatMap((_, a) =>
          o.solids.flatMap((_, b) =>
            alike(o, a, 'shape')[0] === a &&
            alike(o, b, 'shape')[0] === b &&
            alike(o, a, 'shape').length !== alike(o, b, 'shape').length
              ? [[a, b]]
              : [],
          ),
        )
      : [],
  say(o, { objects, pole }) {
    const [a, b] = objects as [number, number];
    const [na, nb] = [alike(o, a, 'shape').length, alike(o, b, 'shape').length];
    const [A, B] = [plural(o.world.objects[a]!.shape), plural(o.world.objects[b]!.shape)];
    const words = ['more', 'fewer'] as const;
    const actual = na > nb ? 0 : 1;
    return {
      question: `Are there ${words[pole]} ${A} than ${B}?`,
      answer: actual === pole ? 'Yes' : 'No',
      reasoning: `Number of ${A}: ${na}. Number of ${B}: ${nb}.`,
    };
  },
};

export const count: Forms = { colour: by('colour'), shape: by('shape'), side, more };
