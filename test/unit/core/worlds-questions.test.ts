import { describe, expect, it } from 'vitest';
import { scoreRow } from '../../../src/core/answers/score-row.ts';
import { rowsByField } from '../../../src/core/metrics/by-field.ts';
import { Random } from '../../../src/base/random.ts';
import { parseSample } from '../../../src/rows/sample/parse-sample.ts';
import { checkGeometry } from '../../../src/rows/scene-graph/check-graph.ts';
import { validateGraph } from '../../../src/rows/scene-graph/validate.ts';
import type { Bias } from '../../../src/core/worlds/bias.ts';
import { compare, type Axis } from '../../../src/core/worlds/margins.ts';
import { observe, type Observation } from '../../../src/core/worlds/observation.ts';
import { ask, formOf, FORMS, oppositeQuestion } from '../../../src/core/worlds/questions/question-forms.ts';
import { inEnglish } from '../../../src/core/worlds/questions/in-english.ts';
import { FAMILIES, readSightings, type Question } from '../../../src/core/worlds/questions/question.ts';
import { rasterise } from '../../../src/core/worlds/raster.ts';
import { drawRow, familiesFor, type RowOptions } from '../../../src/core/worlds/world-rows.ts';
import { ROOM, TINY } from '../../../src/core/worlds/sample-worlds.ts';
import type { Solid } from '../../../src/core/worlds/world.ts';
import { slowly } from '../../support/slow.ts';
import { worldOf } from '../../support/world.ts';
import { everyQuestion, mirrorQuestion } from './worlds-everything.ts';

const size = { w: 160, h: 160 };
const english: RowOptions = {
  world: ROOM,
  size,
  families: familiesFor('english', size),
  style: 'english',
  bias: {},
};
const tiny = { w: 64, h: 64 };
const compact: RowOptions = {
  world: TINY,
  size: tiny,
  families: familiesFor('compact', tiny),
  style: 'compact',
  bias: {},
};

const rows = (options: RowOptions, n: number, seed = 7) =>
  Array.from({ length: n }, (_, i) => drawRow(Random.from(seed).fork(i), options));

/** Cubes of 0.6 m, unless stated otherwise. */
function observed(...objects: (Partial<Solid> & Pick<Solid, 'colour'>)[]): Observation {
  const cubes = objects.map((solid) => ({ shape: 'cube' as const, size: 0.6, ...solid }));
  const world = worldOf(cubes, { height: 1.5, pitch: 0.2, focal: 1 });
  return observe(world, rasterise(world, { w: 400, h: 400 }));
}

const question = (
  family: Question['family'],
  form: string,
  objects: number[],
  pole: 0 | 1 = 0,
): Question => ({
  family,
  form,
  pole,
  wording: 0,
  objects,
});

describe('computed answers', () => {
  const o = observed(
    { colour: 'red', x: -1, z: 3 },
    { colour: 'blue', x: 0.2, z: 4, shape: 'ball', size: 0.9 },
    { colour: 'green', x: 1.6, z: 5, shape: 'cone' },
    { colour: 'white', x: -1, z: 3, y: 0.6, size: 0.4, shape: 'ball' },
  );
  const answer = (q: Question) => ask(o, q).answer;

  it.each([
    ['side', 'yesno', [0, 1], 'Yes', 'No'],
    ['side', 'where', [2, 1], 'right', 'right'],
    ['side', 'which', [1, 2], 'blue ball', 'green cone'],
    ['above', 'yesno', [3, 0], 'Yes', 'No'],
    ['above', 'which', [3, 2], 'white ball', 'green cone'],
    ['front', 'yesno', [2, 0], 'No', 'Yes'],
    ['front', 'where', [0, 1], 'in front of', 'in front of'],
    ['nearer', 'yesno', [1, 2], 'Yes', 'No'],
    ['nearer', 'which', [0, 2], 'red cube', 'green cone'],
    ['nearer', 'to-another', [1, 2, 0], 'blue ball', 'green cone'],
    ['size', 'which', [1, 3], 'blue ball', 'white ball'],
    ['count', 'side', [1], '2', '1'],
    ['count', 'shape', [1], '2', '2'],
    ['count', 'colour', [1], '1', '1'],
    ['count', 'more', [1, 0], 'Yes', 'No'],
  ] as const)('to %s %s of %j: %s, and %s for the other pole', (family, form, objects, first, second) => {
    expect(answer(question(family, form, [...objects]))).toBe(first);
    expect(answer(question(family, form, [...objects], 1))).toBe(second);
  });

  it('answers measure distances between centres', () => {
    // The camera is 1.5 m up, the red cube's centre 0.3 m: √(1² + 1.2² + 3²).
    expect(answer(question('distance', 'camera', [0]))).toBe('3.4 meters');
    expect(answer(question('distance', 'between', [0, 2]))).toBe(`${Math.hypot(2.6, 2).toFixed(1)} meters`);
    expect(answer(question('size', 'metric', [1]))).toBe('0.90 meters');
  });

  it('answers rank three or more objects', () => {
    const three = observed(
      { colour: 'red', x: -1, z: 3 },
      { colour: 'blue', x: 0.2, z: 4, size: 0.9 },
      { colour: 'green', x: 1.6, z: 5.5, size: 0.4 },
      { colour: 'cyan', x: -1.05, z: 7, size: 1.3 },
    );
    const all = [2, 0, 3, 1];
    const both = (family: Question['family'], form: string) =>
      ([0, 1] as const).map((pole) => ask(three, question(family, form, all, pole)).answer);
    expect(both('nearer', 'extreme')).toEqual(['red cube', 'cyan cube']);
    expect(both('ordinal', 'depth')).toEqual(['blue cube', 'green cube']);
    expect(both('side', 'extreme')).toEqual(['red cube', 'green cube']);
    expect(both('ordinal', 'side')).toEqual(['cyan cube', 'blue cube']);
    expect(both('size', 'extreme')).toEqual(['cyan cube', 'green cube']);
    expect(ask(three, question('between', 'which', [1, 0, 2, 3])).answer).toBe('cyan cube');
    expect(ask(three, question('between', 'yesno', [2, 1, 0])).answer).toBe('No');
    expect(ask(three, question('box', 'extreme', all, 1)).boxes).toEqual([three.solids[2]!.box]);
  });

  it('determines the own side of an object from the direction of its face', () => {
    const facing = (x: number, z: number) =>
      observed({ colour: 'red', face: true, front: { x, z }, size: 0.9 }, { colour: 'blue', x: 1.2 });
    const q = question('own-side', 'where', [1, 0]);
    // Towards the viewer, the viewer's right is its left; away from the viewer it is its right.
    expect(ask(facing(0, -1), q).answer).toBe('left');
    expect(ask(facing(0, 1), q).answer).toBe('right');
    // Looking at the blue cube, or away from it, that is on neither side.
    for (const x of [1, -1]) expect(formOf(q).candidates(facing(x, 0), 'english', 0)).toEqual([]);
  });
});

/**
 * Every word of the compact style, in questions, thoughts and answers, and in their mirrored and opposite forms.
 * Distances reach to nine metres.
 */
function compactWords({ shapes, colours }: Pick<RowOptions['world'], 'shapes' | 'colours'>): string[] {
  const steps = Array.from({ length: 4 }, (_, i) => i + 1);
  return [
    ...'is the to left right of ? where from which closer farther , or how far in metres yes no middle'.split(
      ' ',
    ),
    ...steps.flatMap((n) => [`left-${n}`, `right-${n}`]),
    ...Array.from({ length: 9 }, (_, i) => String(i + 1)),
    ...colours.flatMap((colour) => shapes.map((shape) => `${colour}-${shape}`)),
  ];
}

describe('questions about a world', () => {
  it('questions have their family as question type, as in published sets', () => {
    const scored = rows(compact, 40).map(({ observation: o, question: q }) => {
      const row = { ...ask(o, q, 'compact'), completion: '' };
      return { ...row, score: scoreRow(row), reasoning_words: 0 };
    });
    const types = rowsByField(scored).find(({ field }) => field === 'question_type');
    expect([...types!.groups.keys()].sort()).toEqual([...compact.families].sort());
    expect(scored.map(({ score }) => score.task)).not.toContain('untyped');
  });

  it('questions cover every form of every family', () => {
    const asked = new Set(
      rows({ ...english, families: FAMILIES }, 700).map(({ question: q }) => `${q.family} ${q.form}`),
    );
    const all = Object.entries(FORMS).flatMap(([family, forms]) =>
      Object.keys(forms).map((f) => `${family} ${f}`),
    );
    expect([...asked].sort()).toEqual(all.sort());
  });

  it('questions respect the margin: the other pole swaps yes and no', () => {
    const axes: Axis[] = ['left-right', 'above-below', 'front-behind', 'near-far', 'large-small'];
    for (const { observation: o } of rows(english, 30)) {
      const n = o.solids.length;
      for (const axis of axes)
        for (let a = 0; a < n; a++)
          for (let b = 0; b < n; b++) expect(compare(o, axis, a, b)).toBe(0 - compare(o, axis, b, a));
      for (const q of everyQuestion(o, 'english')) {
        const opposite = oppositeQuestion(q);
        const [first, second] = [ask(o, q), opposite && ask(o, opposite)];
        if (first.task === 'yesno' && second) {
          expect(first.answer.startsWith('Yes')).toBe(second.answer.startsWith('No'));
        }
      }
    }
  });

  slowly('questions are valid rows with unique right choices and a consistent graph', () => {
    for (const { observation: o } of [...rows(english, 15), ...rows(compact, 15)]) {
      for (const style of ['english', 'compact'] as const) {
        for (const q of everyQuestion(o, style)) {
          const sample = ask(o, q, style);
          expect(parseSample(JSON.parse(JSON.stringify(sample))).problems).toEqual([]);
          if (sample.choices) {
            expect(sample.choices.length).toBeGreaterThan(1);
            expect(sample.choices.filter((c) => c === sample.answer)).toHaveLength(1);
          }
          expect(oppositeQuestion(q)?.pole).not.toBe(q.pole);
          expect(mirrorQuestion(mirrorQuestion(q))).toEqual(q);
        }
      }
      const graph = ask(o, question('distance', 'camera', [0])).scene_graph!;
      expect([...validateGraph(graph), ...checkGeometry(graph)]).toEqual([]);
    }
  });

  it('questions use only the listed words in the compact style', () => {
    const words = rows(compact, 60).flatMap(({ observation: o }) =>
      everyQuestion(o, 'compact').flatMap((q) => {
        const { question: text, answer, reasoning, choices } = ask(o, q, 'compact');
        return [text, answer, reasoning!, ...(choices ?? [])].join(' ').split(' ');
      }),
    );
    expect(compactWords(TINY)).toEqual(expect.arrayContaining([...new Set(words)]));
  });

  it('questions avoid ambiguous "left of" from the viewer for an object with a face', () => {
    const o = observed({ colour: 'red', face: true, x: -1 }, { colour: 'blue', x: 1 });
    expect(formOf({ family: 'side', form: 'yesno' }).candidates(o, 'english', 0)).toEqual([[0, 1]]);
  });
});

describe('drawRow', () => {
  it('drawRow draws a single form if configured', () => {
    const drawn = rows({ ...english, families: ['side.where', 'distance'] }, 40).map(({ question: q }) => q);
    expect(new Set(drawn.map((q) => `${q.family}.${q.form}`))).toEqual(
      new Set(['side.where', 'distance.camera', 'distance.between']),
    );
  });

  it.each(['distance.camera', 'distance.between', 'size.metric'] as const)(
    'draws distances that no constant guess can match: %s',
    (topic) => {
      const metres = rows({ ...english, families: [topic] }, 200)
        .map(({ observation, question }) => ask(observation, question).answer)
        .map((answer) => Number(/([\d.]+) meters/.exec(answer)![1]))
        .sort((a, b) => a - b);
      const guess = metres[metres.length / 2]!;
      const right = metres.filter((m) => Math.max(m / guess, guess / m) < 2);
      expect(right.length / metres.length).toBeLessThanOrEqual(0.5);
    },
  );

  it('returns the same row for a number, independent of other draws', () => {
    const draw = (i: number) => drawRow(Random.from(7).fork(i), english).question;
    expect(rows(english, 5).map((row) => row.question)).toEqual([0, 1, 2, 3, 4].map(draw));
  });

  it.each<[Bias, (o: Observation, q: Question, answer: string) => boolean | null]>([
    [{ yes: 0.9 }, (_o, _q, answer) => (/^(Yes|No)/.test(answer) ? answer.startsWith('Yes') : null)],
    [{ pole: 0.8 }, (_o, q) => q.pole === 0],
    [
      { yes: 0.2, side: 0.9 },
      (_o, _q, answer) => (/^(Yes|No)/.test(answer) ? answer.startsWith('Yes') : null),
    ],
  ])('drawRow matches the bias %j', (bias, counts) => {
    const drawn = rows({ ...english, families: ['side'], bias, world: { ...ROOM, objects: [2, 2] } }, 400);
    const hits = drawn.flatMap(({ observation: o, question: q }) => counts(o, q, ask(o, q).answer) ?? []);
    const share = Object.values(bias)[0]!;
    const sd = Math.sqrt((share * (1 - share)) / hits.length);
    expect(Math.abs(hits.filter(Boolean).length / hits.length - share)).toBeLessThan(5 * sd);
  });

  // By the words that a reader meets and the places of centres, not by the program's own order of objects.
  slowly.each<[keyof Bias, number, (s: Observation['solids'][number], solid: Solid) => number]>([
    ['side', 0.95, (seen) => seen.right],
    ['depth', 0.9, (seen) => seen.distance],
    ['size', 0.2, (_, solid) => -solid.size],
  ])('matches the bias %s=%d in families whose questions name two objects', (key, share, placeOf) => {
    const drawn = rows({ ...english, bias: { [key]: share } }, 600);
    const hits = drawn.flatMap(({ observation: o, question: q }) => {
      const text = ask(o, q).question.toLowerCase();
      const named = o.solids
        .map((seen, i) => ({ at: text.indexOf(seen.name), place: placeOf(seen, o.world.objects[i]!) }))
        .filter(({ at }) => at >= 0)
        .sort((a, b) => a.at - b.at);
      return named.length === 2 ? [named[0]!.place < named[1]!.place] : [];
    });
    expect(hits.length).toBeGreaterThan(250);
    const sd = Math.sqrt((share * (1 - share)) / hits.length);
    expect(Math.abs(hits.filter(Boolean).length / hits.length - share)).toBeLessThan(4 * sd);
  });

  it('draws questions about stacking only for shapes that can be above or below', () => {
    const named = rows({ ...english, families: ['above'] }, 100).flatMap(({ observation: o, question: q }) =>
      q.objects.map((i) => o.world.objects[i]!.shape),
    );
    expect(new Set(named)).toEqual(new Set(['cube', 'cylinder']));
  });

  it('writes compact reasoning whose positions match the world', () => {
    const said = rows(compact, 60).flatMap(({ observation, question }) =>
      readSightings(ask(observation, question, 'compact').reasoning ?? '').map((place) => ({
        ...place,
        observation,
      })),
    );
    expect(said.length).toBeGreaterThan(60);
    for (const { name, from, to, metres, observation } of said) {
      const solids = observation.solids.filter((solid) => solid.name.replace(' ', '-') === name);
      const isThere = solids.some(({ right, distance }) => {
        const x = right + 0.5;
        return x >= from - 1e-9 && x <= to + 1e-9 && Math.round(distance) === metres;
      });
      expect(isThere).toBe(true);
    }
    expect(readSightings('red-cube middle, blue-ball left-4 12 metres 3 metres, to left')).toEqual([
      { name: 'red-cube', from: 4 / 9, to: 5 / 9, metres: null },
      { name: 'blue-ball', from: 0, to: 1 / 9, metres: 12 },
    ]);
    expect(readSightings('The cup is left of the plate, right-9 of it.')).toEqual([]);
  });

  it('names the setting that makes a question impossible', () => {
    const draw = (options: Partial<RowOptions>) => () => drawRow(Random.from(1), { ...english, ...options });
    expect(draw({ families: ['side.extreme'], world: { ...ROOM, objects: [2, 2] } })).toThrow(
      /at most 2 objects/,
    );
    expect(draw({ families: ['ordinal'], world: { ...ROOM, objects: [2, 2] } })).toThrow(/at most 2 objects/);
    expect(draw({ families: ['size'], style: 'compact' })).toThrow(/in the compact style/);
    const ofOneSize = { ...ROOM, size: [0.6, 0.6] as [number, number] };
    expect(draw({ families: ['own-side'], size: tiny, world: ofOneSize })).toThrow(/64 × 64/);
  });
});

describe('inEnglish', () => {
  it.each([
    ['where is the white-cube from the yellow-ball ?', 'On which side of the yellow ball is the white cube?'],
    ['is the red-cube right of the blue-cone ?', 'Is the red cube to the right of the blue cone?'],
    [
      'which is farther , the red-cube or the blue-ball ?',
      'Which object is farther from the camera, the red cube or the blue ball?',
    ],
    ['how far is the cyan-cylinder in metres ?', 'How far is the cyan cylinder from the camera?'],
  ])('inEnglish translates %s', (compact, words) => {
    expect(inEnglish(compact)).toBe(words);
  });

  it.each([
    'where is the white-cup from the yellow-ball ?',
    'Where is the white-cube from the yellow-ball ?',
    'where is the white-cube from the yellow-ball ? Answer in one word.',
    'red-cube',
    '',
  ])('inEnglish keeps a text that does not come from a world: %s', (question) => {
    expect(inEnglish(question)).toBe(question);
  });
});
