import { apart, closerTo } from '../margins.ts';
import { extreme, whichOfTwo, yesNo, type Comparing } from './comparisons.ts';
import { label, legibles, meters, name, type Form, type Forms } from './question.ts';
import { away, therefore } from './thoughts.ts';

const CLOSER = ['closer', 'farther'] as const;
const MORE = ['closer to', 'farther from'] as const;

const distances: Comparing = {
  axis: 'near-far',
  relation: ['closer to the camera than', 'farther from the camera than'],
  facts: away,
  // Both poles, whichever is asked: a small model copies the answer from behind the word of the question.
  conclude: (a, b, actual) => `closer ${actual === 0 ? a : b} farther ${actual === 0 ? b : a}`,
};

/** Which of two is closer to a third. */
const toAnother: Form = {
  task: 'mcq',
  chiral: false,
  opposite: true,
  wordings: 2,
  least: 3,
  candidates(o) {
    const all = legibles(o);
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
      reasoning: therefore(
        [a, b].map((i) => `${name(o, i)} is ${meters(apart(o, r, i))} from ${R}`),
        `${name(o, chosen)} is ${MORE[pole]} ${R}`,
      ),
    };
  },
};

/** Distance from the camera, or from another solid, compared. */
export const nearer: Forms = {
  yesno: {
    chiral: false,
    ...yesNo(distances, [
      (a, b, pole) => `Is ${a} ${MORE[pole]} the camera than ${b}?`,
      (a, b, pole) => `Does ${a} stand ${MORE[pole]} the camera than ${b}?`,
    ]),
  },
  which: {
    chiral: false,
    ...whichOfTwo(
      distances,
      [
        (a, b, pole) => `Which object is ${MORE[pole]} the camera, ${a} or ${b}?`,
        (a, b, pole) => `Between ${a} and ${b}, which one is ${MORE[pole]} the camera?`,
      ],
      (a, b, pole) => `which is ${CLOSER[pole]} , the ${a} or the ${b} ?`,
    ),
  },
  extreme: {
    chiral: false,
    ...extreme(
      'near-far',
      away,
      ['closest to the camera', 'farthest from the camera'],
      [(most) => `Which object is ${most}?`, (most, list) => `Which of these objects is ${most}: ${list}?`],
    ),
  },
  'to-another': toAnother,
};
