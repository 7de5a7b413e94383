import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EvaluationResult } from '../../../../src/core/evaluation/results.ts';
import type { ScoredRow } from '../../../../src/core/evaluation/scored-row.ts';
import { PAIRINGS } from '../../../../src/core/metrics/pairing.ts';
import {
  labelFreeAgreement,
  matrixFigure,
  matrixFigures,
  matrixResults,
  viewMatrix,
} from '../../../../src/core/metrics/view-matrix.ts';
import {
  answersByView,
  pairingOf,
  pairingsOf,
  viewRows,
} from '../../../../src/core/metrics/view-pairings.ts';
import { Random } from '../../../../src/base/random.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { inView } from '../../../../src/rows/views/view.ts';
import { PAIR } from '../../../../src/rows/view-list.ts';
import { scored } from './rows.ts';
import { property } from '../../../support/property.ts';

/** What a model says to a row in a view; '' is an answer that cannot be read. */
type Model = (seen: Sample, view: string) => string;

const VIEWS = ['original', 'mirror', 'flip', 'converse', 'exchange-names', 'permute-options:1'];

/** A sample in a view; the laws see the same few samples again and again. */
function inViewOnce(sample: Sample, view: string): Sample | null {
  const key = `${view} ${JSON.stringify(sample)}`;
  if (!turned.has(key)) turned.set(key, inView(sample, view));
  return turned.get(key)!;
}
const turned = new Map<string, Sample | null>();

function answersOf(samples: readonly Sample[], model: Model, views: readonly string[] = VIEWS): ScoredRow[] {
  return samples.flatMap((sample) =>
    views.flatMap((view) => {
      const seen = inViewOnce(sample, view);
      if (!seen) return [];
      const { id, question, answer, choices, images, task } = seen;
      const said = { completion: model(seen, view), id, question, answer, images, view, set: 'val' };
      return [scored({ ...said, ...(choices && { choices }), ...(task && { task }) })];
    }),
  );
}

const verdict = (i: number, side: 'left' | 'right', answer: 'Yes' | 'No'): Sample => ({
  id: `v${i}`,
  question: `Is the cup to the ${side} of the jug?`,
  answer,
  meta: { no_tie: true },
  images: [`${i}.png`],
});
const choice = (i: number, answer: 'left' | 'right'): Sample => ({
  id: `c${i}`,
  question: 'On which side of the jug is the cup?',
  answer,
  choices: ['left', 'right'],
  images: [`${i}.png`],
});
const options = (i: number, answer: string): Sample => ({
  id: `o${i}`,
  question: 'What stands on the table?',
  answer,
  choices: ['cup', 'jug', 'plate', 'none of the above'],
  images: [`${i}.png`],
});
const length = (i: number): Sample => ({
  id: `d${i}`,
  question: 'How far apart are the cup and the jug?',
  answer: `${i + 1} meters`,
  task: 'distance',
  images: [`${i}.png`],
});
const box = (i: number): Sample => ({
  id: `b${i}`,
  question: 'What is the bounding box of the cup?',
  answer: '[10, 20, 110, 220]',
  task: 'bbox',
  box_format: 'xyxy_px',
  images: [{ path: `${i}.png`, w: 640, h: 480 }],
});

const SAMPLES = fc
  .array(
    fc.oneof(
      fc.record({ side: fc.constantFrom('left', 'right'), answer: fc.constantFrom('Yes', 'No') }),
      fc.constantFrom('left', 'right'),
      fc.constantFrom('cup', 'plate', 'none of the above'),
      fc.constant(null),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((kinds) =>
    kinds.map((kind, i): Sample => {
      if (kind === null) return length(i);
      if (typeof kind !== 'string') return verdict(i, kind.side as 'left', kind.answer as 'Yes');
      return kind === 'left' || kind === 'right' ? choice(i, kind) : options(i, kind);
    }),
  );
/** A model that says anything, the same to the same row in the same view. */
const MODELS = fc.integer().map((seed): Model => (seen, view) => {
  const random = Random.from(`${seed} ${view} ${seen.id}`);
  const menu = seen.choices ?? (seen.task === 'distance' ? ['1 meter', '9 meters'] : ['Yes', 'No']);
  return random.pick([...menu, 'I am not sure.']);
});

const matrixOf = (rows: readonly ScoredRow[]) => viewMatrix(rows);
const valueOf = (rows: readonly ScoredRow[], a: string, b: string, metric: string) =>
  matrixFigure(matrixOf(rows), a, b, metric as 'update')?.value;

it('viewMatrix: excludes shuffled frames, a control, from comparisons of two views', () => {
  const clip = { ...choice(1, 'left'), images: ['1.png', '2.png', '3.png'] };
  const rows = answersOf([clip], () => 'left', ['original', 'mirror', 'shuffle:1']);
  expect(rows.map(({ view }) => view)).toEqual(['original', 'mirror', 'shuffle:1']);
  const pairs = matrixOf(rows).map(({ one, other }) => `${one} ${other}`);
  expect([...new Set(pairs)]).toEqual(['original mirror']);
  expect(labelFreeAgreement(rows)).toMatchObject({ n: 1 });
  expect(viewRows(rows, 'val', ['original', 'shuffle:1'])).toEqual([]);
});

describe('view matrix of a hand-computed example', () => {
  // Four questions with their mirrors. The right words swap; yes stays, left becomes right.
  const samples = [
    verdict(0, 'left', 'Yes'),
    verdict(1, 'left', 'No'),
    choice(2, 'left'),
    choice(3, 'right'),
  ];
  const said: Record<string, [string, string]> = {
    v0: ['Yes', 'Yes'], // right twice
    v1: ['Yes', 'Yes'], // wrong twice, and consistent: yes stays
    c2: ['left', 'left'], // only the original: the answer should have changed
    c3: ['left', 'right'], // wrong twice, and consistent: what it calls left is right in the mirror
  };
  const rows = answersOf(samples, ({ id }, view) => said[id]![view === 'mirror' ? 1 : 0], [
    'original',
    'mirror',
  ]);

  it.each([
    ['first_right', 2 / 4],
    ['second_right', 1 / 4],
    ['consistent', 1 / 4],
    ['agreement', 3 / 4],
    ['consistent_wrong', 2 / 4],
    ['inconsistent', 1 / 4],
    ['update', 1 / 2],
    ['stability', 1],
  ])('the view matrix of a hand-computed example has %s of %d', (metric, value) => {
    expect(valueOf(rows, 'original', 'mirror', metric)).toBe(value);
  });

  it('computes chance levels and intervals', () => {
    const figure = (metric: string) =>
      matrixFigure(matrixOf(rows), 'original', 'mirror', metric as 'update')!;
    expect(figure('consistent')).toMatchObject({ n: 4, chance: 1 / 4 });
    expect(figure('agreement').chance).toBe(1 / 2);
    expect(figure('update')).toMatchObject({ n: 2, chance: 1 / 2 });
    expect(figure('agreement').interval![0]).toBeLessThan(3 / 4);
  });

  it('classifies each pair for the list of a cell', () => {
    const found = pairingsOf(answersByView(rows), 'original', 'mirror').map((pair) => [
      pair.one.row.id,
      pairingOf(pair),
    ]);
    expect(found).toEqual([
      ['v0', 'right'],
      ['v1', 'consistent_wrong'],
      ['c2', 'inconsistent'],
      ['c3', 'consistent_wrong'],
    ]);
  });

  it('excludes unparsed answers from agreement, and counts these answers', () => {
    const unread = answersOf(samples, ({ id }, view) =>
      id === 'v1' && view === 'mirror' ? 'I am not sure.' : said[id]![view === 'mirror' ? 1 : 0],
    );
    expect(matrixFigure(matrixOf(unread), 'original', 'mirror', 'agreement')).toMatchObject({
      n: 3,
      unparsed: 1,
    });
    expect(matrixFigure(matrixOf(unread), 'original', 'mirror', 'consistent')).toMatchObject({ n: 4 });
  });

  it('combines every answer to a view with every answer to the other view', () => {
    const several = answersOf([choice(0, 'left')], () => 'left', ['original', 'mirror']).flatMap((row) =>
      ['left', 'right', 'right'].map((completion) =>
        scored({ ...row, completion, choices: row.choices!, question: row.question! }),
      ),
    );
    // Both views: left, right, right. The first is right for a third of them, the mirror for two thirds.
    expect(valueOf(several, 'original', 'mirror', 'first_right')).toBeCloseTo(1 / 3, 12);
    expect(valueOf(several, 'original', 'mirror', 'second_right')).toBeCloseTo(2 / 3, 12);
    expect(valueOf(several, 'original', 'mirror', 'consistent')).toBeCloseTo(2 / 9, 12);
    expect(valueOf(several, 'original', 'mirror', 'update')).toBeCloseTo(4 / 9, 12);
    // Consistent and wrong: right, then left; 2/3 × 1/3.
    expect(valueOf(several, 'original', 'mirror', 'consistent_wrong')).toBeCloseTo(2 / 9, 12);
  });

  it('follows options to their permuted positions, and boxes to their transformed positions', () => {
    const places = answersOf([options(0, 'cup'), options(1, 'plate')], () => 'jug', [
      'original',
      'permute-options:1',
    ]);
    expect(valueOf(places, 'original', 'permute-options:1', 'agreement')).toBe(1);
    expect(valueOf(places, 'original', 'permute-options:1', 'consistent_wrong')).toBe(1);
    const letter = answersOf([options(0, 'cup')], () => 'A', ['original', 'permute-options:1']);
    expect(valueOf(letter, 'original', 'permute-options:1', 'agreement')).toBe(0);
    const moved = answersOf(
      [box(0)],
      (_, view) => (view === 'flip' ? '[400, 60, 500, 260]' : '[400, 220, 500, 420]'),
      ['original', 'flip'],
    );
    expect(valueOf(moved, 'original', 'flip', 'agreement')).toBe(1);
    expect(valueOf(moved, 'original', 'flip', 'consistent')).toBe(0);
    const stuck = answersOf([box(0)], () => '[10, 20, 110, 220]', ['original', 'flip']);
    expect(valueOf(stuck, 'original', 'flip', 'agreement')).toBe(0);
    expect(valueOf(stuck, 'original', 'flip', 'update')).toBe(0);
  });

  it('reports updates by letter next to updates by text if options move', () => {
    const sides = [choice(0, 'left'), choice(1, 'right')];
    const letters = answersOf(sides, () => 'A', PAIR);
    // The mirror exchanges the words of the options and leaves the right letter.
    expect(letters.map(({ choices }) => choices![0])).toEqual(['left', 'right', 'left', 'right']);
    const figure = (rows: readonly ScoredRow[], other: string, metric: string) =>
      matrixFigure(matrixOf(rows), 'original', other, metric as 'update');
    expect(figure(letters, 'mirror', 'update')).toMatchObject({ value: 1, n: 2 });
    expect(figure(letters, 'mirror', 'update_by_letter')).toBeUndefined();
    expect(figure(letters, 'mirror', 'stability_by_letter')).toMatchObject({ value: 1, n: 2 });
    const both = answersOf([options(0, 'cup'), options(1, 'plate')], () => 'A', VIEWS);
    expect(figure(both, 'permute-options:1', 'stability')).toMatchObject({ value: 0 });
    expect(figure(both, 'permute-options:1', 'update_by_letter')).toMatchObject({ value: 0 });
    // Where no option moves, the two counts are equal, and one is enough.
    const words = answersOf([verdict(0, 'left', 'Yes')], () => 'Yes', PAIR);
    expect(figure(words, 'mirror', 'stability_by_letter')).toBeUndefined();
  });

  it('treats lengths within a factor of 1.25 as equal', () => {
    const near = answersOf([length(3)], (_, view) => (view === 'flip' ? '1.25 m' : '1 m'), [
      'original',
      'flip',
    ]);
    expect(valueOf(near, 'original', 'flip', 'agreement')).toBe(1);
    const far = answersOf([length(3)], (_, view) => (view === 'flip' ? '1.3 m' : '1 m'), [
      'original',
      'flip',
    ]);
    expect(valueOf(far, 'original', 'flip', 'agreement')).toBe(0);
  });
});

describe('property: view matrix', () => {
  property(
    'the view matrix is symmetric in the two views',
    [SAMPLES, MODELS, fc.subarray(VIEWS, { minLength: 2, maxLength: 2 })],
    (samples, model, two) => {
      const rows = answersOf(samples, model);
      const [a, b] = two as [string, string];
      const there = pairingsOf(answersByView(rows), a, b);
      const back = pairingsOf(answersByView(rows), b, a);
      expect(back.map(pairingOf)).toEqual(there.map(pairingOf));
      const agreeing = (of: typeof there) => of.map(({ pairs }) => pairs.map(({ agrees }) => agrees));
      expect(agreeing(back)).toEqual(agreeing(there));
      const figures = matrixOf(rows);
      const value = (one: string, other: string, metric: string) =>
        matrixFigure(figures, one, other, metric as 'update')?.value;
      for (const metric of ['consistent', 'agreement', 'update'] as const)
        expect(value(a, b, metric)).toBe(value(b, a, metric));
      expect(value(a, b, 'first_right')).toBe(value(b, a, 'second_right'));
    },
  );

  property(
    'each view has full agreement with itself, over parsed answers',
    [SAMPLES, MODELS, fc.constantFrom(...VIEWS)],
    (samples, model, view) => {
      for (const { pairs, one } of pairingsOf(answersByView(answersOf(samples, model)), view, view))
        expect(pairs.map(({ agrees }) => agrees)).toEqual([
          one.reference && one.answers[0]!.given ? true : null,
        ]);
    },
  );

  property(
    'pair accuracy is at most the accuracy of each view, and shares sum to one',
    [SAMPLES, MODELS],
    (samples, model) => {
      const rows = answersOf(samples, model);
      const figures = matrixOf(rows);
      for (const { one, other, metric, value } of figures) {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
        if (metric !== 'consistent') continue;
        const of = (name: string) => matrixFigure(figures, one, other, name as 'update')?.value ?? 0;
        expect(value).toBeLessThanOrEqual(Math.min(of('first_right'), of('second_right')));
        const pairs = pairingsOf(answersByView(rows), one, other);
        const count = (which: string) => pairs.filter((pair) => pairingOf(pair) === which).length;
        expect(PAIRINGS.reduce((sum, which) => sum + count(which), 0)).toBe(pairs.length);
        if (matrixFigure(figures, one, other, 'agreement'))
          expect(of('agreement') + of('inconsistent')).toBeCloseTo(1, 12);
      }
    },
  );

  property('a perfect model has full agreement, update and stability', [SAMPLES], (samples) => {
    for (const { metric, value } of matrixOf(answersOf(samples, ({ answer }) => answer)))
      expect(value).toBe(metric === 'consistent_wrong' || metric === 'inconsistent' ? 0 : 1);
  });

  property(
    'a model that ignores image and wording has no update and full stability',
    [SAMPLES],
    (samples) => {
      const habit: Model = ({ task, choices }) =>
        task === 'distance' ? '2 meters' : choices ? (choices.includes('left') ? 'left' : 'jug') : 'Yes';
      for (const { metric, value } of matrixOf(answersOf(samples, habit))) {
        if (metric === 'update') expect(value).toBe(0);
        if (metric === 'stability') expect(value).toBe(1);
      }
    },
  );

  property(
    'a model with a constant letter has no update and full stability by letter',
    [SAMPLES],
    (samples) => {
      for (const { metric, value } of matrixOf(
        answersOf(samples, ({ choices }) => (choices ? 'A' : 'Yes')),
      )) {
        if (metric === 'update_by_letter') expect(value).toBe(0);
        if (metric === 'stability_by_letter') expect(value).toBe(1);
      }
    },
  );

  property(
    'the view matrix survives a round trip through results.json',
    [SAMPLES, MODELS],
    (samples, model) => {
      const rows = answersOf(samples, model);
      const results = matrixResults('val', rows);
      const read = JSON.parse(JSON.stringify(results)) as EvaluationResult[];
      const written = matrixOf(rows);
      if (results.length > 0) expect(matrixFigures(read, 'val')).toEqual(written);
    },
  );

  it('property: one agreement value covers all pairs, without reference answers', () => {
    const rows = [verdict(0, 'left', 'Yes'), verdict(1, 'left', 'No'), choice(2, 'left')];
    const said = (model: Model) => labelFreeAgreement(answersOf(rows, model, PAIR));
    const always =
      (word: string): Model =>
      (seen) =>
        seen.choices ? 'left' : word;
    expect(said((seen) => seen.answer)).toMatchObject({ value: 1, n: 3, chance: 0.5 });
    expect(said(always('Yes'))).toMatchObject({ value: 2 / 3, n: 3 });
    expect(said((_, view) => (view === 'mirror' ? 'Yes' : 'No'))).toMatchObject({ value: 0 });
    expect(labelFreeAgreement(answersOf(rows, () => 'Yes', ['original']))).toBeNull();
  });

  it('property: the matrix is written only for views beyond original, mirror and opposite', () => {
    const rows = answersOf([verdict(0, 'left', 'Yes')], () => 'Yes', ['original', 'mirror', 'polarity']);
    expect(matrixResults('val', rows)).toEqual([]);
    const more = answersOf([verdict(0, 'left', 'Yes')], () => 'Yes', ['original', 'mirror', 'converse']);
    expect(matrixResults('val', more).length).toBeGreaterThan(0);
  });
});

describe('viewRows', () => {
  it('viewRows lists rows with both views, in the order of the rows', () => {
    const rows = answersOf(
      [verdict(0, 'left', 'Yes'), choice(1, 'left')],
      (_, view) => (view === 'mirror' ? 'No' : 'Yes'),
      ['original', 'mirror', 'flip'],
    );
    const other = { ...rows[0]!, set: 'train' };
    const listed = viewRows([...rows, other], 'val', ['original', 'mirror']);
    expect(listed.map(({ set, id, pairing }) => [set, id, pairing])).toEqual([
      ['val', 'v0', 'inconsistent'],
      ['val', 'c1', 'unknown'],
    ]);
    expect(listed[0]!.sides).toEqual([
      {
        view: 'original',
        question: 'Is the cup to the left of the jug?',
        answer: 'Yes',
        said: 'Yes',
        right: { low: 1, high: 1 },
      },
      {
        view: 'mirror',
        question: 'Is the cup to the right of the jug?',
        answer: 'Yes',
        said: 'No',
        right: { low: 0, high: 0 },
      },
    ]);
    expect(viewRows(rows, '', ['original', 'mirror'])).toEqual([]);
  });
});

describe('clip and its reverse', () => {
  const clip = (i: number): Sample => {
    const way = i % 3 === 0 ? 'left' : 'right';
    const asksBoth = i % 2 === 0;
    return {
      id: `k${i}`,
      question: asksBoth
        ? `Does the car ${i} move to the left or to the right?`
        : `Does the car ${i} move to the ${way}?`,
      answer: asksBoth ? `to the ${way}` : 'Yes',
      ...(asksBoth && { choices: ['to the left', 'to the right'] }),
      images: [1, 2, 3].map((k) => `${i}-${k}.png`),
      clip: { fps: 4 },
      task: asksBoth ? 'mcq' : 'yesno',
    };
  };

  it('a clip and its reverse have an image-free bound for models without frame order', () => {
    const samples = Array.from({ length: 12 }, (_, i) => clip(i));
    for (const seed of [1, 2, 3, 4]) {
      const bagOfFrames: Model = ({ question, choices, images }) =>
        Random.from(`${seed} ${question} ${images.map(String).sort().join()}`).pick(choices ?? ['Yes', 'No']);
      const rows = answersOf(samples, bagOfFrames, ['original', 'reverse']);
      const both = matrixResults('val', rows).find(
        ({ metric, view }) => metric === 'consistent' && view === 'reverse',
      )!;
      expect(both.floor!.order).toBe(0.5);
      expect(both.value).toBeLessThanOrEqual(0.5);
      const choosing = rows.filter(({ choices }) => choices);
      expect(matrixResults('val', choosing).find(({ metric }) => metric === 'consistent')).toMatchObject({
        value: 0,
        floor: { order: 0 },
      });
    }
    const mirrored = answersOf(samples, () => 'Yes', ['original', 'mirror']);
    expect(matrixResults('val', mirrored).filter(({ floor }) => floor?.order !== undefined)).toEqual([]);
  });
});
