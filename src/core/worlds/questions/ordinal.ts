import { ranking, type RankedAxis } from '../margins.ts';
import { ranked } from './comparisons.ts';
import { label, name, orList, type Form, type Forms } from './question.ts';
import { across, away, therefore } from './thoughts.ts';

/** The second of three or more. */
const second = (axis: RankedAxis, chiral: boolean, facts: typeof away, phrases: [string, string]): Form => ({
  task: 'mcq',
  chiral,
  opposite: true,
  wordings: 2,
  list: true,
  unnamed: true,
  least: 3,
  candidates: (o) => ranked(o, axis),
  say(o, { objects, pole, wording }) {
    const order = ranking(o, axis)!;
    const chosen = order.at(pole === 0 ? 1 : -2)!;
    return {
      question: [
        `Which object is ${phrases[pole]}?`,
        `Which of these objects is ${phrases[pole]}: ${orList(o, objects)}?`,
      ][wording]!,
      answer: label(o, chosen),
      choices: objects.map((i) => label(o, i)),
      reasoning: therefore(facts(o, objects), `${name(o, chosen)} is ${phrases[pole]}`),
    };
  },
});

/** Second closest, second from the left. */
export const ordinal: Forms = {
  depth: second('near-far', false, away, [
    'the second closest to the camera',
    'the second farthest from the camera',
  ]),
  side: second('left-right', true, across, ['second from the left', 'second from the right']),
};
