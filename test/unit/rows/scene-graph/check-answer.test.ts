import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../../src/base/random.ts';
import { checkAnswer } from '../../../../src/rows/scene-graph/check-answer.ts';
import { compose, COMPOSE_KINDS, type Composed } from '../../../../src/rows/scene-graph/compose.ts';
import { objectNamed } from '../../../../src/rows/scene-graph/facts.ts';
import { readGraph } from '../../../../src/rows/scene-graph/read-graph.ts';
import type { SceneGraph } from '../../../../src/rows/scene-graph/scene-graph.ts';
import { property } from '../../../support/property.ts';

const kitchen = readGraph({
  image: { w: 100, h: 100 },
  objects: [
    { id: 'cup', label: 'cup', centroid: [10, 50], depth: 1 },
    { id: 'plate', label: 'plate', centroid: [60, 20], depth: 2 },
    { id: 'bowl', label: 'bowl', centroid: [90, 80], depth: 3, size: { w: 0.3, h: 0.1, unit: 'm' } },
    { id: 'c1', label: 'chair', attributes: { color: 'red' }, centroid: [30, 90], depth: 4 },
    { id: 'c2', label: 'chair', attributes: ['blue'], centroid: [31, 90], depth: 4.05 },
    { id: 'box', label: 'box', size: { w: 0.5, h: 0.6, unit: 'm' } },
    { id: 'ball', label: 'ball' },
    { id: 'cat', label: 'cat' },
    { id: 'apples', label: 'apples', count: 4 },
  ],
  relations: [
    { subject: 'ball', predicate: 'inside', object: 'box' },
    { subject: 'ball', predicate: 'left of', object: 'cat' },
    { subject: 'cat', predicate: 'left of', object: 'box' },
    { subject: 'cup', predicate: 'distance to', object: 'plate', value: { n: 50, unit: 'cm' } },
  ],
}).graph!;

describe('checkAnswer', () => {
  it.each<[string, string, string, string[]?]>([
    ['consistent', 'Is the cup left of the plate?', 'Yes.'],
    ['contradicts', 'Is the cup left of the plate?', 'No, it is not.'],
    ['consistent', 'Is the cup below the plate?', 'yes'],
    ['contradicts', 'Is the bowl closer to the camera than the plate?', 'yes'],
    ['consistent', 'Is the cup in front of the bowl?', 'yes'],
    ['consistent', 'Is the box taller than the bowl?', 'yes'],
    ['consistent', 'Is the box wider than the bowl?', '(A)', ['Yes', 'No']],
    ['consistent', 'Is the ball inside the box?', 'yes'],
    ['contradicts', 'Is the ball outside the box?', 'yes'],
    ['consistent', 'Is the ball to the left of the box?', 'yes'],
    ['contradicts', 'Which is closest to the camera?', 'plate', ['cup', 'plate', 'bowl']],
    ['consistent', 'Which is second closest to the camera?', 'B', ['cup', 'plate', 'bowl']],
    [
      'consistent',
      'Which is farther to the left, the cup or the red chair?',
      'The cup is farther to the left.',
    ],
    ['consistent', 'Are there more chairs than cups?', 'Yes'],
    ['consistent', 'Are there more chairs or apples?', 'apples'],
    ['consistent', 'How many chairs are there?', 'There are two chairs.'],
    ['contradicts', 'How many apples are in the image?', '3'],
    ['consistent', 'How far is the cup from the plate?', '0.51 m'],
    ['contradicts', 'What is the distance between the cup and the plate?', '3 feet'],
    ['contradicts', 'Which side of the cup is the plate on?', 'left'],
    ['consistent', 'Which side of the cup is the plate on?', 'It is on the right side of the cup.'],
    ['contradicts', 'Is the cup to the left or to the right of the plate?', 'B', ['left', 'right']],
    ['consistent', 'On which side of the box is the ball, left or right?', 'To the left.'],
    ['contradicts', 'Where is the ball relative to the cat?', 'The ball is to the right of the cat.'],
    ['not_decidable', 'Where is the ball relative to the cat?', 'The cat is to the right of the ball.'],
    ['not_decidable', 'Where is the ball relative to the cat?', 'right behind it'],
    ['not_decidable', 'Which side of the cat is the ball on?', 'right'],
    ['not_decidable', 'Which side of the cup is the lamp on?', 'left'],
    ['not_decidable', 'Which side of the picture is the cup on?', 'right'],
    ['not_decidable', 'Is the red chair left or right of the blue chair?', 'right'],
    ['not_decidable', 'Is the red chair left of the blue chair?', 'yes'],
    ['not_decidable', 'Is the chair left of the cup?', 'yes'],
    ['not_decidable', 'Is the cup directly left of the plate?', 'yes'],
    ['not_decidable', 'Is the cup near the plate?', 'yes'],
    ['not_decidable', 'Is the lamp left of the plate?', 'yes'],
    ['not_decidable', 'Which is closest to the bowl?', 'cup', ['cup', 'plate']],
    ['not_decidable', 'How far is the cup from the bowl?', '1 m'],
    ['not_decidable', 'What color is the cup?', 'red'],
    ['not_decidable', 'Is there a cup to the left of the plate?', 'no'],
  ])('checkAnswer returns %s for "%s" with the answer "%s"', (verdict, question, answer, choices) => {
    expect(checkAnswer(question, answer, choices, kitchen).verdict).toBe(verdict);
  });

  it('checkAnswer explains a contradicted side answer', () => {
    const said = (question: string, answer: string) =>
      checkAnswer(question, answer, undefined, kitchen).reason;
    expect(said('Which side of the cup is the plate on?', 'left')).toBe(
      'According to the boxes, the plate is right of the cup; the answer is "left".',
    );
    expect(said('Is the ball left or right of the cat?', 'Right.')).toBe(
      'According to the row, the ball is left of the cat; the answer is "right".',
    );
  });

  it('returns not_decidable if relations and coordinates disagree', () => {
    const torn = {
      ...kitchen,
      relations: [{ subject: 'cup', predicate: 'right of', object: 'plate', frame: 'viewer' as const }],
    };
    expect(checkAnswer('Is the cup left of the plate?', 'yes', undefined, torn).verdict).toBe(
      'not_decidable',
    );
  });
});

describe('objectNamed', () => {
  it('finds an object by label and attribute, and returns null for an ambiguous name', () => {
    expect(objectNamed(kitchen, 'The red chair')?.id).toBe('c1');
    expect(objectNamed(kitchen, 'blue chair')?.id).toBe('c2');
    expect(objectNamed(kitchen, 'chair')).toBeNull();
    expect(objectNamed(kitchen, 'green chair')).toBeNull();
    expect(objectNamed(kitchen, 'cup (highlighted by a red box)')?.id).toBe('cup');
  });
});

describe('compose', () => {
  const labels = ['cup', 'plate', 'bowl', 'fork', 'lamp', 'chair', 'chair', 'vase'];
  const colors = ['red', 'blue', 'green'];
  const scene: fc.Arbitrary<SceneGraph> = fc
    .array(
      fc.record({ x: fc.nat(100), y: fc.nat(100), depth: fc.integer({ min: 1, max: 20 }), color: fc.nat(2) }),
      { minLength: 2, maxLength: 8 },
    )
    .map((things) => ({
      version: 1,
      image: { w: 100, h: 100 },
      objects: things.map(({ x, y, depth, color }, i) => ({
        id: `o${i}`,
        label: labels[i]!,
        centroid: [x, y],
        depth,
        attributes: [colors[color]!],
      })),
      relations: [],
    }));

  // An evaluator that knows only the words and the raw numbers.
  const keys: [RegExp, (o: SceneGraph['objects'][number]) => number][] = [
    [/^(?:closest to|closer to) the camera/, (o) => o.depth!],
    [/^(?:farthest from|farther from) the camera/, (o) => -o.depth!],
    [/^(?:from the left|farthest to the left|to the left)/, (o) => o.centroid![0]],
    [/^(?:from the right|farthest to the right|to the right)/, (o) => -o.centroid![0]],
    [/^(?:highest|higher)/, (o) => o.centroid![1]],
    [/^(?:lowest|lower)/, (o) => -o.centroid![1]],
  ];
  function evaluate(graph: SceneGraph, { question, choices }: Composed): string {
    const thing = (name: string) => {
      const words = name.replace(/^the /, '').split(' ');
      const fits = graph.objects.filter(
        (o) => o.label === words.at(-1) && (words.length === 1 || (o.attributes as string[])[0] === words[0]),
      );
      expect(fits, `"${name}" names one thing`).toHaveLength(1);
      return fits[0]!;
    };
    const value = (words: string, name: string) =>
      keys.find(([pattern]) => pattern.test(words))![1](thing(name));
    const beyond = (words: string, a: string) =>
      value(words, a) < value(words, words.replace(/^.* (?:than|of) (?=the )/, ''));
    const names = (list: string) => list.split(/, | and /);
    const only = (pass: (name: string) => boolean) => {
      const found = choices!.filter(pass);
      expect(found).toHaveLength(1);
      return found[0]!;
    };
    let match = /^Of (.+), which is the (\w+) (.+)\?$/.exec(question);
    if (match) {
      const [, list, nth, words] = match;
      const rank = ['first', 'second', 'third', 'fourth', 'fifth'].indexOf(nth!);
      const order = names(list!).sort((a, b) => value(words!, a) - value(words!, b));
      expect(new Set(order.map((name) => value(words!, name))).size).toBe(order.length);
      return order[rank]!.replace('the ', '');
    }
    match = /^Which of these is (.+) but (.+)\?$/.exec(question);
    if (match) return only((name) => beyond(match![1]!, name) && beyond(match![2]!, name));
    match = /^Of (.+), take the one (.+)\. Is it (.+)\?$/.exec(question);
    if (match) {
      const [, list, words, outer] = match;
      const [first] = names(list!).sort((a, b) => value(words!, a) - value(words!, b));
      return beyond(outer!, first!) ? 'yes' : 'no';
    }
    match = /^Which of these is not (.+)\?$/.exec(question);
    if (match) return only((name) => !beyond(match![1]!, name));
    match = /^Is it true that (the .+?) is not (.+)\?$/.exec(question);
    return beyond(match![2]!, match![1]!) ? 'no' : 'yes';
  }

  property(
    'compose: creates answers that brute force confirms, and unambiguous names',
    [scene, fc.integer()],
    (graph, seed) => {
      const questions = compose(graph, Random.from(seed), { count: 8 });
      expect(new Set(questions.map(({ question }) => question)).size).toBe(questions.length);
      for (const composed of questions) {
        expect(composed.answer).toBe(evaluate(graph, composed));
        if (composed.choices) expect(composed.choices).toContain(composed.answer);
      }
    },
  );

  property(
    'compose: is deterministic, creates the requested kind, matches checkAnswer',
    [scene, fc.integer(), fc.constantFrom(...COMPOSE_KINDS)],
    { numRuns: 60 },
    (graph, seed, kind) => {
      const questions = compose(graph, Random.from(seed), { count: 4, kinds: [kind] });
      expect(compose(graph, Random.from(seed), { count: 4, kinds: [kind] })).toEqual(questions);
      for (const { question, answer, choices, meta } of questions) {
        expect(meta.composed).toBe(kind);
        expect(checkAnswer(question, answer, choices, graph).verdict).not.toBe('contradicts');
        if (kind === 'ordinal')
          expect(checkAnswer(question, answer, choices, graph).verdict).toBe('consistent');
      }
    },
  );

  it('composes every kind of question from a rich scene, and none from an empty scene', () => {
    const rich = compose(kitchen, Random.from(1), { count: 40 });
    expect(new Set(rich.map(({ meta }) => meta.composed))).toEqual(new Set(COMPOSE_KINDS));
    expect(
      compose({ version: 1, objects: [{ id: 'a', label: 'cup' }], relations: [] }, Random.from(1)),
    ).toEqual([]);
  });
});
