import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkPolarity, flipPolarity } from '../../../../src/rows/views/polarity/flip.ts';
import type { Meta, Sample } from '../../../../src/rows/sample/sample.ts';
import type { SceneGraph } from '../../../../src/rows/scene-graph/scene-graph.ts';
import { forAll, property } from '../../../support/property.ts';
import { readExamples } from '../../../support/view-examples.ts';

const sample = (question: string, answer: string, more: Partial<Sample> = {}): Sample => ({
  id: 'x',
  question,
  answer,
  images: [],
  ...more,
});

/** Question and answer after the flip, or the status and why. */
function flip(question: string, answer: string, more: Partial<Sample> = {}): string[] {
  const got = flipPolarity(sample(question, answer, more));
  return got.status === 'flipped' ? [got.question, got.answer] : [got.status];
}

describe('flipPolarity: words and particles', () => {
  it.each([
    ['Is the cup closer to the camera than the plate?', 'Is the cup farther from the camera than the plate?'],
    [
      'Is the cup further away from the wall than the plate?',
      'Is the cup closer to the wall than the plate?',
    ],
    [
      'Is the cup further to camera compared to the plate?',
      'Is the cup closer to camera compared to the plate?',
    ],
    [
      'Is the position of the cup more distant than that of the plate?',
      'Is the position of the cup less distant than that of the plate?',
    ],
    ['Is the cup further to the left than the plate?', 'Is the cup further to the right than the plate?'],
    ['Is the cup left of the plate?', 'Is the cup right of the plate?'],
    ['IS THE CUP ABOVE THE PLATE?', 'IS THE CUP BELOW THE PLATE?'],
    ['Is the cup on top of the box?', 'Is the cup underneath the box?'],
    ['Is the cup over the plate?', 'Is the cup under the plate?'],
    ['Is the cup higher up than the plate?', 'Is the cup lower down than the plate?'],
    ['Is the cup in front of the plate?', 'Is the cup behind the plate?'],
    [
      'Does the cup have a greater height compared to the plate?',
      'Does the cup have a lesser height compared to the plate?',
    ],
    ['Is the rope shorter than the ribbon?', 'Is the rope longer than the ribbon?'],
    ['Is the boy shorter than the girl?', 'Is the boy taller than the girl?'],
    ['Is the cup thinner than the plate?', 'Is the cup wider than the plate?'],
    ['Are there more red cups than plates?', 'Are there fewer red cups than plates?'],
    ['Is there more cake on the plate than in the box?', 'Is there less cake on the plate than in the box?'],
    ['Is the pole more than 2 meters from the wall?', 'Is the pole less than 2 meters from the wall?'],
    ['Is the ball outside of the box?', 'Is the ball inside of the box?'],
    ['Is the car near the tree?', 'Is the car far from the tree?'],
    ['Is the cup the tallest object in the picture?', 'Is the cup the shortest object in the picture?'],
    ['The cat is behind the sofa.', 'The cat is in front of the sofa.'],
    ['Is the cup CLOSER to the camera than the plate?', 'Is the cup FARTHER from the camera than the plate?'],
    ['Is the cup Closer To the wall than the plate?', 'Is the cup Farther From the wall than the plate?'],
    ['Is the cup in FRONT of the plate?', 'Is the cup BEHIND the plate?'],
    ['Is the cup <nearer> taller than the plate?', 'Is the cup <nearer> shorter than the plate?'],
    ['Is the cup (closer to us) taller than the plate?', 'Is the cup (closer to us) shorter than the plate?'],
    ['Question: is the tall man near the tree?', 'Question: is the tall man far from the tree?'],
    ['Is the closest car near the tree?', 'Is the closest car far from the tree?'],
  ])('flipPolarity rewrites "%s"', (question, flipped) => {
    expect(flip(question, 'Yes')).toEqual([flipped, 'No']);
  });
});

describe('flipPolarity: main predicate', () => {
  it.each([
    ['Is the closest window to the left of the door?', 'Is the closest window to the right of the door?'],
    ['Is the upper shelf wider than the lower shelf?', 'Is the upper shelf narrower than the lower shelf?'],
    [
      'Is the man on the left taller than the man on the right?',
      'Is the man on the left shorter than the man on the right?',
    ],
    [
      'Is the second chair from the left taller than the stool?',
      'Is the second chair from the left shorter than the stool?',
    ],
    [
      'Is the book left on the table closer to the lamp?',
      'Is the book left on the table farther from the lamp?',
    ],
    [
      'Are there more cups on the left shelf than on the right shelf?',
      'Are there fewer cups on the left shelf than on the right shelf?',
    ],
    [
      'Among the cups, is the closest one higher than the plate?',
      'Among the cups, is the closest one lower than the plate?',
    ],
  ])('rewrites only the main predicate of "%s"', (question, flipped) => {
    expect(flip(question, 'yes')).toEqual([flipped, 'no']);
  });

  it.each([
    ['Is the man behind the counter wearing a hat?', 'needs_llm'],
    ['Is the dog under the table asleep?', 'needs_llm'],
    ['Is the cup left of the plate and above the box?', 'needs_llm'],
    ["Isn't the cup left of the plate?", 'needs_llm'],
    ['Is it possible that the cup is closer than the plate?', 'needs_llm'],
    ['Is the logo in the top-left corner?', 'needs_llm'],
    ['Is the person facing away from the dog on the left?', 'needs_llm'],
    ['Is the cup next to the plate on the left?', 'needs_llm'],
    ['Is the cup left of the plate next to the fork?', 'needs_llm'],
    ['Is the man left of the woman wearing glasses?', 'needs_llm'],
    ['Do more people stand on the left than on the right?', 'needs_llm'],
    ['Are the boxes stacked on top of each other?', 'needs_llm'],
    ['Are there more fries below the burger?', 'needs_llm'],
    ['Does the wave reach above the head of the surfer?', 'needs_llm'],
    ['Are the lamps on the left and right sides of the bed of the same size?', 'not_applicable'],
    [
      'Which is wider? The chair or the table? The answer is: the table. Can the chair be moved?',
      'not_applicable',
    ],
    ['Is the closest window open?', 'needs_info'],
    ['Is there a cup to the left of the plate?', 'needs_info'],
    ['Is the man on the left shelf wearing a hat?', 'not_applicable'],
    ['Is the bridge under construction?', 'not_applicable'],
    ['Is the cup within reach of the man?', 'not_applicable'],
    ['Is the red car more colorful than the blue car?', 'not_applicable'],
  ])('flipPolarity returns for "%s" the status %s', (question, status) => {
    expect(flip(question, 'yes')).toEqual([status]);
  });
});

describe('flipPolarity: answers that do not identify a flippable option', () => {
  it.each([
    ['Is the cup in the left half, the right half or the middle?', 'the middle', 'needs_llm'],
    ["Is the cup at 3 o'clock or on its right?", 'Yes', 'needs_llm'],
    ['Is the cup round or bigger than the plate?', 'Yes, it is bigger.', 'needs_llm'],
    ['Is the cup in front of the plate or of the bowl?', 'Yes', 'needs_llm'],
    ['Is the cup on its right or taller?', 'Yes', 'needs_llm'],
    ['Is the cup in the left, the middle or the right third?', 'the middle', 'needs_llm'],
    ['Is the lamp at the top, the bottom or the center?', 'the center', 'needs_llm'],
    ['Is the cup on the left of the jug?', 'right', 'needs_llm'],
    ['Which is closer, the cup or the jug?', '(B) jug', 'needs_llm'],
    ['Choose: A. chair B. table. Which is nearer to the sofa?', 'right', 'needs_llm'],
    ['Nothing is left of the old gate.', 'True', 'needs_llm'],
    [
      'Which is closer, the one in the first box or the one in the second?',
      'The one in the second box.',
      'needs_llm',
    ],
    // The first of three stands after a dash.
    ['Which is closer—the cup, the jug, or the plate?', 'the jug', 'needs_info'],
  ])('flipPolarity does not flip "%s" → "%s"', (question, answer, status) => {
    expect(flip(question, answer)).toEqual([status]);
  });
});

describe('flipPolarity: yes and no', () => {
  const question = 'Is the cup closer to the camera than the plate?';
  const flipped = 'Is the cup farther from the camera than the plate?';
  it.each<[string, string[], Meta?]>([
    ['yes', [flipped, 'no']],
    ['Yes, it is.', [flipped, 'No, it is not.']],
    ['True', [flipped, 'False']],
    ['Indeed, the cup is closer to the camera.', [flipped, 'No, the cup is closer to the camera.']],
    ['Yes, because it is big.', [flipped, 'No.']],
    ['no', ['needs_info']],
    ['No, it is not.', ['needs_info']],
    ['In fact, the cup is either farther away or at the same distance.', ['needs_info']],
    ['No, the cup is farther from the camera.', [flipped, 'Yes, the cup is farther from the camera.']],
    ['No, the plate is closer to the camera.', [flipped, 'Yes, the plate is closer to the camera.']],
    ['no', [flipped, 'yes'], { no_tie: true }],
    [
      'No, the cup is not closer to the camera.',
      [flipped, 'Yes, the cup is farther from the camera.'],
      { no_tie: true },
    ],
    ['no', [flipped, 'yes'], { depths: { cup: 3, plate: 2 } }],
    ['no', [flipped, 'no'], { depths: { cup: 2, plate: 2 } }],
    ['yes', ['needs_llm'], { depths: { cup: 3, plate: 2 } }],
    ['Yes, the cup is farther from the camera.', ['needs_llm']],
    ['It depends.', ['needs_llm']],
  ])('flipPolarity flips the answer "%s" if possible', (answer, expected, meta) => {
    expect(flip(question, answer, meta && { meta })).toEqual(expected);
  });

  it('treats containment as contradictory, and near and far as contraries', () => {
    expect(flip('Is the ball inside the box?', 'No.')).toEqual(['Is the ball outside the box?', 'Yes.']);
    expect(flip('Is the car near the tree?', 'No')).toEqual(['needs_info']);
    expect(flipPolarity(sample('Is the car near the tree?', 'Yes')).assumes).toBe('contrary');
    expect(flipPolarity(sample('Is the ball inside the box?', 'Yes')).assumes).toBeUndefined();
    expect(flipPolarity(sample(question, 'yes')).assumes).toBe('no_tie');
  });

  it('does not flip a "no" that might have reasons other than a tie', () => {
    for (const loose of [
      'Is the cup directly above the plate?',
      'Is the man sitting behind the table?',
      'Are the cups to the left of the plate?',
      'Are both cups taller than the plate?',
      'Is the ball completely inside the box?',
      'Is any ball inside the box?',
    ])
      expect(flip(loose, 'no', { meta: { no_tie: true } })).toEqual(['needs_info']);
  });

  it('does not flip an answer whose explanation is weaker than the question', () => {
    expect(flip('Is the cup directly above the plate?', 'No, the cup is below the plate.')).toEqual([
      'needs_info',
    ]);
    expect(flip('Is the cup above the plate?', 'No, the cup is below the plate.')[1]).toBe(
      'Yes, the cup is below the plate.',
    );
  });

  it('flipPolarity swaps the letters of yes and no', () => {
    expect(flip(question, '(A)', { choices: ['Yes', 'No'] })).toEqual([flipped, '(B)']);
    expect(flip(question, 'yes', { choices: ['yes', 'no'] })).toEqual([flipped, 'no']);
    expect(flip(question, 'yes', { choices: ['Yes', 'No'] })).toEqual([flipped, 'No']);
  });
});

describe('flipPolarity: two candidates', () => {
  const examples = readExamples(
    `
1 polarity | Which is closer to the camera, the cup or the plate? → the cup
  ⇒ Which is farther from the camera, the cup or the plate? → the plate
2 polarity | Which object is closer to the table (highlighted by a red box), the car (highlighted by a blue box) or the bus (highlighted by a green box)? → (B)
  ⇒ Which object is farther from the table (highlighted by a red box), the car (highlighted by a blue box) or the bus (highlighted by a green box)? → (A)
3 polarity | Who is taller, the man or the woman? → With more height is the woman.
  ⇒ Who is shorter, the man or the woman? → With less height is the man.
4 polarity | Which of these two, the TV stand or the lamp, stands taller? → Standing taller between the two is the lamp.
  ⇒ Which of these two, the TV stand or the lamp, stands shorter? → Standing shorter between the two is the TV stand.
5 polarity | Between the man and the woman, which one appears on the left side? → The man appears more on the left side.
  ⇒ Between the man and the woman, which one appears on the right side? → The woman appears more on the right side.
6 polarity | Which is bigger, the cup or the plate? → The plate is bigger than the cup.
  ⇒ Which is smaller, the cup or the plate? → The cup is smaller than the plate.
7 polarity | Which is closer to the viewer, the cups or the plate? → The cups are closer.
  ⇒ Which is farther from the viewer, the cups or the plate? → The plate is farther.
8 polarity | Which is taller? The cup or the lamp? → the cup
  ⇒ Which is shorter? The cup or the lamp? → the lamp
9 polarity | Is the cup closer to the plate or the bowl? → plate
  ⇒ Is the cup farther from the plate or the bowl? → bowl
10 polarity | Is the cup or the plate closer to the camera? → The cup.
  ⇒ Is the cup or the plate farther from the camera? → The plate.
11 polarity | Which is closer? (A) The cup is closer (B) The plate is closer → A
  ⇒ Which is farther? (A) The cup is farther (B) The plate is farther → B
12 polarity | Which is closer, the left chair or the right chair? → the left chair
  ⇒ Which is farther, the left chair or the right chair? → the right chair
13 polarity | Are there more cats or dogs in the picture? → There are more cats.
  ⇒ Are there fewer cats or dogs in the picture? → There are fewer dogs.
14 polarity | Which is closer, the cup or the plate? → the same
  ⇒ Which is farther, the cup or the plate? → the same
15 polarity | Name the closer object: an apple or a cup. → An apple
  ⇒ Name the farther object: an apple or a cup. → A cup
16 polarity | Which is inside the box, the cup or the plate? → cup
  ⇒ Which is outside the box, the cup or the plate? → plate
`,
    {
      '2 polarity': { row: { choices: ['car', 'bus'] } },
      '14 polarity': { row: { choices: ['cup', 'plate', 'the same'] } },
    },
  );
  it.each(examples)('flips the question and its answer: $from', ({ from, to, row }) => {
    expect(flip(...from, row)).toEqual(to);
  });

  it('swaps letters by position, even for options with equal texts', () => {
    const question =
      'Which is closer, the chair (highlighted by a red box) or the chair (highlighted by a blue box)?';
    expect(flip(question, '(A)', { choices: ['chair', 'chair'] })[1]).toBe('(B)');
    expect(flip(question, 'chair', { choices: ['chair', 'chair'] })).toEqual(['needs_llm']);
  });

  it('flipPolarity flips options that contain the predicate', () => {
    const got = flipPolarity(
      sample('Which one is closer?', 'The cup is closer', {
        choices: ['The cup is closer', 'The plate is closer'],
      }),
    );
    expect(got).toMatchObject({
      answer: 'The plate is farther',
      choices: ['The cup is farther', 'The plate is farther'],
    });
  });

  it.each<[string, string, string]>([
    ['Which is near the tree, the car or the bus?', 'the car', 'needs_info'],
    ['Which is left of the table, the cup or the plate?', 'cup', 'needs_info'],
    ['Which man is standing behind the counter, Tom or Bob?', 'Tom', 'needs_info'],
    ['What is on his right, a slope or a puppet?', 'a slope', 'needs_info'],
    ['Which is shorter than the bottle, the laptop or the phone?', 'the phone', 'needs_info'],
    ['How many chairs are to the left of the table?', '3', 'needs_info'],
    ['Which is closer, the cup or the plate?', 'The cup is closer because it hides the plate.', 'needs_llm'],
    ['Is the cup to the left or right of the plate?', 'left', 'not_applicable'],
    ['Is the cup above the table or below it?', 'above', 'not_applicable'],
    ['Where is the cup relative to the plate?', 'left', 'not_applicable'],
    ['How close is the cup to the plate?', '1 m', 'not_applicable'],
  ])('flipPolarity does not flip "%s"', (question, answer, status) => {
    expect(flip(question, answer)).toEqual([status]);
  });

  it('reads the subject from the statement in the answer', () => {
    const question = 'Is the man wearing a hat to the left of the car?';
    expect(flip(question, 'Yes.')).toEqual(['needs_llm']);
    expect(flip(question, 'Yes, the man wearing a hat is to the left of the car.')).toEqual([
      'Is the man wearing a hat to the right of the car?',
      'No, the man wearing a hat is to the left of the car.',
    ]);
  });
});

describe('flipPolarity: more than two candidates', () => {
  const which = 'Which object is closest to the camera, the cup, the plate or the bowl?';
  const farthest = 'Which object is farthest from the camera, the cup, the plate or the bowl?';
  it('requires a ranking of more than two candidates from meta or graph', () => {
    expect(flip(which, 'the cup')).toEqual(['needs_info']);
    expect(flip(which, 'the cup', { meta: { order_near_to_far: ['cup', 'bowl', 'plate'] } })).toEqual([
      farthest,
      'the plate',
    ]);
    expect(flip(which, 'the cup', { meta: { depths: { cup: 1, bowl: 3, plate: 2 } } })).toEqual([
      farthest,
      'the bowl',
    ]);
    expect(flip(which, 'the cup', { meta: { depths: { cup: 1, bowl: 3, plate: 3 } } })).toEqual([
      'needs_info',
    ]);
    expect(flip(which, 'the cup', { meta: { depths: { cup: 4, bowl: 3, plate: 2 } } })).toEqual([
      'needs_llm',
    ]);
  });

  it('does not use camera depths for distances to an object', () => {
    const question = 'Which object is closest to the table, the cup, the plate or the bowl?';
    expect(flip(question, 'the cup', { meta: { depths: { cup: 1, bowl: 3, plate: 2 } } })).toEqual([
      'needs_info',
    ]);
    const order_near_to_far = ['cup', 'table', 'plate', 'bowl'];
    expect(flip(question, 'the cup', { meta: { order_near_to_far } })).toEqual(['needs_info']);
  });

  it('maps the second of two or three candidates, and defers the second of four candidates', () => {
    const choices = ['cup', 'plate', 'bowl', 'fork'];
    const second = (n: number) =>
      flip('Which is second closest to the camera?', 'cup', { choices: choices.slice(0, n) })[1];
    expect(second(2)).toBe('plate');
    expect(second(3)).toBe('cup');
    expect(second(4)).toBeUndefined();
    expect(flip('Which person is second from the left?', 'Tom', { choices: ['Tom', 'Ann', 'Bob'] })).toEqual([
      'Which person is second from the right?',
      'Tom',
    ]);
    expect(flip('Of the three chairs, which is second from the left?', 'the red one')).toEqual([
      'Of the three chairs, which is second from the right?',
      'the red one',
    ]);
    expect(flip('Which is the third tallest, the cup or the plate?', 'the cup')).toEqual(['needs_llm']);
  });

  it('requires information for attribute, count and box questions about a superlative', () => {
    for (const [question, answer] of [
      ['What color is the closest car?', 'red'],
      ['Give the bounding box of the leftmost person.', '[1, 2, 3, 4]'],
      ['What is to the left of the cup?', 'plate'],
    ])
      expect(flip(question!, answer!)).toEqual(['needs_info']);
  });
});

describe('flipPolarity: properties', () => {
  interface Thing {
    label: string;
    x: number;
    depth: number;
  }
  const labels = ['cup', 'plate', 'bowl', 'fork', 'lamp', 'vase'];
  const scene: fc.Arbitrary<Thing[]> = fc
    .record({
      xs: fc.uniqueArray(fc.integer({ min: 1, max: 32 }), { minLength: 6, maxLength: 6 }),
      depths: fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { minLength: 6, maxLength: 6 }),
      n: fc.integer({ min: 2, max: 6 }),
    })
    .map(({ xs, depths, n }) =>
      labels.slice(0, n).map((label, i) => ({ label, x: 3 * xs[i]!, depth: depths[i]! })),
    );
  const graphOf = (things: Thing[]): SceneGraph => ({
    version: 1,
    image: { w: 100, h: 100 },
    objects: things.map(({ label, x, depth }) => ({ id: label, label, centroid: [x, 50], depth })),
    relations: [],
  });
  const axes = [
    {
      key: 'depth',
      low: 'closer to the camera than',
      high: 'farther from the camera than',
      first: 'closest to the camera',
      last: 'farthest from the camera',
    },
    {
      key: 'x',
      low: 'to the left of',
      high: 'to the right of',
      first: 'farthest to the left',
      last: 'farthest to the right',
    },
  ] as const;
  const axis = fc.constantFrom(...axes);

  property(
    'yes/no: a flipped answer is correct, and a second flip restores the question',
    [scene, axis, fc.boolean()],
    ([a, b, ...rest], { key, low, high }, upwards) => {
      const graph = graphOf([a!, b!, ...rest]);
      const [asked, opposite] = upwards ? [low, high] : [high, low];
      const lower = a![key] < b![key];
      const question = `Is the ${a!.label} ${asked} the ${b!.label}?`;
      const first = flipPolarity(sample(question, lower === upwards ? 'yes' : 'no', { scene_graph: graph }));
      expect(first).toMatchObject({
        status: 'flipped',
        question: `Is the ${a!.label} ${opposite} the ${b!.label}?`,
        answer: lower === upwards ? 'no' : 'yes',
        checks: { graph_agrees: 'pass', double_flip: 'pass' },
      });
      const back = flipPolarity(sample(first.question, first.answer, { scene_graph: graph }));
      expect([back.question, back.answer]).toEqual([question, lower === upwards ? 'yes' : 'no']);
    },
  );

  property(
    'ranked choice: selects the opposite end; a second flip restores the row',
    [scene, axis, fc.nat(5), fc.boolean()],
    (things, { key, first, last }, skip, lettered) => {
      const rank = 1 + (skip % things.length);
      const order = [...things].sort((a, b) => a[key] - b[key]).map(({ label }) => label);
      const choices = things.map(({ label }) => label);
      const say = (label: string) => (lettered ? `(${'ABCDEF'[choices.indexOf(label)]!})` : label);
      const nth = ['', 'second ', 'third ', 'fourth ', 'fifth ', 'sixth '][rank - 1]!;
      const row = sample(`Which object is the ${nth}${first}?`, say(order[rank - 1]!), {
        choices,
        scene_graph: graphOf(things),
      });
      const got = flipPolarity(row);
      expect([got.status, got.question, got.answer]).toEqual([
        'flipped',
        `Which object is the ${nth}${last}?`,
        say(order.at(-rank)!),
      ]);
      const back = flipPolarity({ ...row, question: got.question, answer: got.answer });
      expect([back.question, back.answer]).toEqual([row.question, row.answer]);
    },
  );

  property('flipPolarity: never flips a wrong label', [scene, axis], ([a, b, ...rest], { key, low }) => {
    const wrong = a![key] < b![key] ? 'no' : 'yes';
    const row = sample(`Is the ${a!.label} ${low} the ${b!.label}?`, wrong, {
      scene_graph: graphOf([a!, b!, ...rest]),
    });
    expect(flipPolarity(row).status).toBe('needs_llm');
  });

  it('property: flipPolarity: defers every question with two joined predicates', () => {
    const predicate = fc.constantFrom(
      ...['near the lamp', 'near', 'far', 'far from the door', 'close to the lamp', 'left of the lamp'],
      ...['on the right', 'above the lamp', 'higher than the lamp', 'behind the lamp', 'inside the box'],
      ...['closer to the camera than the lamp', 'farther away', 'taller than the door', 'bigger'],
    );
    const frame = fc.constantFrom<[string, string, string[]?]>(
      ['Is the cup %?', 'Yes'],
      ['Is it true that the cup is %?', 'No'],
      ['Does the cup lie %?', 'No, it does not.'],
      ['The cup is %.', 'True'],
      ['Which of these is %?', 'B', ['bowl', 'fork', 'knife']],
      ['Which object is %, the bowl or the fork?', 'the fork'],
      ['Which one is %: the bowl or the fork?', 'the fork'],
      ['What is %?', 'the bowl'],
    );
    const joint = fc.constantFrom(
      ' and ',
      ' but ',
      ', and ',
      ', but ',
      ' yet ',
      ' while ',
      ' as well as ',
      ', ',
    );
    forAll(
      [predicate, predicate, joint, frame],
      { numRuns: 1000 },
      (first, second, joined, [question, answer, choices]) => {
        // "Near and far", "right and left" name both poles and have no opposite.
        fc.pre(![/^near|^far/, /left|right/].some((poles) => poles.test(first) && poles.test(second)));
        const row = sample(question.replace('%', first + joined + second), answer, choices && { choices });
        expect([row.question, flipPolarity(row).status]).toEqual([row.question, 'needs_llm']);
      },
    );
  });

  it('property: flipPolarity: never throws, and changes the question of every flipped row', () => {
    const words = fc.constantFrom(
      ...'is the cup closer to from left right of above than which or and , ? . (A) (B) second most more farthest inside near yes no not that between who there'.split(
        ' ',
      ),
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(words, { maxLength: 16 }).map((list) => list.join(' ')),
    );
    forAll(
      [text, text, fc.option(fc.array(text, { maxLength: 4 }), { nil: undefined })],
      { numRuns: 3000, examples: [['is is closer', '(B) right', undefined]] },
      (question, answer, choices) => {
        const got = flipPolarity(sample(question, answer, choices && { choices }));
        if (got.status === 'flipped') expect(got.question).not.toBe(question);
      },
    );
  });
});

describe('flipPolarity: predicate in both options and choices', () => {
  const choices = ['The cup is closer', 'The plate is closer'];
  const menu =
    'Which is closer to the camera, the cup or the plate?\n(A) The cup is closer\n(B) The plate is closer';

  it('flips the predicate in the options of the question and in the choices', () => {
    const got = flipPolarity(sample(menu, 'A', { choices }));
    expect(got).toMatchObject({
      status: 'flipped',
      question: menu.replaceAll('closer to', 'farther from').replaceAll('closer', 'farther'),
      answer: 'B',
      choices: ['The cup is farther', 'The plate is farther'],
    });
  });

  it.each([
    [menu.replaceAll(' is closer\n', ' would be the closer one\n'), choices],
    ['Which is closer?', ['Closer: the cup, if anything', 'Closer: the plate, if anything']],
  ])('defers a row in which only some options flip: %j', (question, options) => {
    expect(flip(question, 'A', { choices: options })).toEqual(['needs_llm']);
  });
});

describe('flipPolarity: polar words that are not predicates', () => {
  // The opposite of "as near as" is not "as far as", which says the same.
  it.each([
    ['Is the cup as near as the jug?', 'not_applicable'],
    ['Is the cup at least as close to the door as the jug?', 'not_applicable'],
    ['Is the cup at least near the jug?', 'needs_llm'],
  ])('flipPolarity keeps "%s"', (question, status) => expect(flip(question, 'Yes')).toEqual([status]));

  const both = [
    'closer or further',
    'nearer or farther',
    'closer / further',
    'closer, or further,',
    'further or closer',
  ];
  it.each(both)('does not flip a question that offers both poles: %s', (poles) => {
    for (const question of [
      `Is the cup ${poles} than the plate?`,
      `Does the cup look ${poles} away from the camera than the plate?`,
      `Which is ${poles}, the cup or the plate?`,
      `Is the ${poles} cup red?`,
    ]) {
      for (const answer of ['Yes', 'Closer', 'the cup'])
        expect(['not_applicable', 'needs_llm']).toContain(flipPolarity(sample(question, answer)).status);
    }
  });

  it.each([
    'To whose left is the dog, the boy or the girl?',
    'On whose left does the dog sit, the boy or the girl?',
    'The dog sits to whose left, the boy or the girl?',
    'At whose right hand is the dog, the boy or the girl?',
  ])('does not flip a side in a question about its owner: %s', (question) => {
    const more = { meta: { no_tie: true }, choices: ['the boy', 'the girl'] };
    expect(flip(question, 'the boy', more)).not.toContain('the girl');
    expect(flip(question, 'A', more)).not.toContain('B');
  });
});

describe('flipPolarity: "or" between the two verdicts', () => {
  it.each([
    ['True or false: the cup is left of the plate.', 'True', 'False'],
    ['Answer yes or no: is the cup closer than the plate?', 'yes', 'no'],
  ])('"or" between two verdicts is not a second predicate: %s', (question, answer, other) => {
    expect(flip(question, answer)).toContain(other);
  });
});

describe('flipPolarity: reasoning', () => {
  const near = { id: 'n', images: [], question: 'Which is closer, the cup or the jug?', answer: 'the cup' };
  it('flipPolarity removes reasoning, because it supports the old answer', () => {
    expect(flipPolarity({ ...near, reasoning: 'It is near.' }).reasoning).toBe('');
    expect(flipPolarity(near)).not.toHaveProperty('reasoning');
    const asked = { ...near, question: 'Is the cup closer to it?', answer: 'no', reasoning: 'It is far.' };
    expect(flipPolarity(asked)).not.toHaveProperty('reasoning');
  });

  it.each([
    ['Which is farther, the cup or the jug?', 'pass', 'pass'],
    ['Which is farther, the cup or the mug?', 'fail', 'pass'],
    ['Which is closer, the cup or the jug?', 'pass', 'fail'],
    ['Which is taller, the cup or the jug?', 'fail', 'pass'],
  ])('checkPolarity validates an external rewrite: %s', (question, predicate_only, question_changed) =>
    expect(checkPolarity(near, { question, answer: 'the jug' })).toEqual({
      question_changed,
      predicate_only,
      answer_in_choices: 'undecidable',
      graph_agrees: 'undecidable',
    }),
  );

  it('checkPolarity accepts "shorter" as opposite of "longer" and "taller"', () => {
    const check = (before: string, after: string) =>
      checkPolarity({ ...near, question: before }, { question: after, answer: 'no' }).predicate_only;
    expect(check('Is the rope longer?', 'Is the rope shorter?')).toBe('pass');
    expect(check('Is the man taller?', 'Is the man shorter?')).toBe('pass');
    expect(check('Is the man shorter?', 'Is the man wider?')).toBe('fail');
    expect(check('Is it redder?', 'Is it redder?')).toBe('undecidable');
  });
});
