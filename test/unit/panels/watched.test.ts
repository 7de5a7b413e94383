import fc from 'fast-check';
import { expect, it } from 'vitest';
import { chooseWatched, pairApart, watchedInTraining } from '../../../src/panels/run/watched.reads.ts';
import { type FirstAnswer } from '../../../src/lab/evaluation/first-answers.ts';
import type { ViewId } from '../../../src/rows/view-list.ts';
import type { TracedPair } from '../../../src/core/run-data/trace.ts';
import { property } from '../../support/property.ts';

const row = (id: string, view: ViewId, right: boolean | null): FirstAnswer => ({
  id,
  set: 'val',
  view,
  question: `${id}?`,
  answer: 'left',
  right,
  images: [`${id}.png`],
  text: right ? 'left' : 'right',
});

/** An evaluation in which both views of each row are right or wrong, as the letters say: r, w, or ? for not scored. */
const evaluation = (step: number, letters: string) => ({
  name: `step-${step}`,
  step,
  rows: [...letters].flatMap((letter, i) => {
    const right = letter === '?' ? null : letter === 'r';
    return [row(`p${i}`, 'original', right), row(`p${i}`, 'mirror', right)];
  }),
});

const courses = ({ pairs }: ReturnType<typeof chooseWatched>) =>
  pairs.map(({ id, course }) => `${id} ${course}`);

it('chooseWatched: mixes changing, wrong and correct pairs, most changing pairs first', () => {
  const evaluations = [
    evaluation(20, 'rrrwwwrwr'),
    evaluation(0, 'rrrwwwwwr'),
    evaluation(40, 'rrrwwwwrr'),
    evaluation(60, 'rrrwwwrrr'),
  ];
  const watched = chooseWatched(evaluations, 6);
  expect(watched.steps).toEqual([0, 20, 40, 60]);
  expect(watched).toMatchObject({ candidates: 9, courses: { changes: 2, wrong: 3, right: 4 } });
  expect(courses(watched)).toEqual([
    'p6 changes',
    'p7 changes',
    'p3 wrong',
    'p4 wrong',
    'p0 right',
    'p1 right',
  ]);
  const [changing] = watched.pairs;
  expect(changing!.evaluation).toBe('step-60');
  expect(changing!.views[1]!.said.map(({ right }) => right)).toEqual([false, true, false, true]);
});

it('chooseWatched: fills missing kinds with other pairs, and skips unscored pairs', () => {
  const watched = chooseWatched([evaluation(0, 'rrrrr?'), evaluation(9, 'rrwrrr')], 6);
  expect(watched.candidates).toBe(5);
  expect(courses(watched)).toEqual(['p2 changes', 'p0 right', 'p1 right', 'p3 right', 'p4 right']);
  expect(chooseWatched([], 6)).toEqual({ steps: [], pairs: [], candidates: 0, courses: {} });
});

property(
  'chooseWatched: returns the requested number of pairs, each only once',
  [
    fc.array(fc.string({ unit: fc.constantFrom('r', 'w', '?'), minLength: 12, maxLength: 12 }), {
      minLength: 1,
      maxLength: 4,
    }),
    fc.integer({ min: 0, max: 8 }),
  ],
  (letters, count) => {
    const watched = chooseWatched(
      letters.map((text, i) => evaluation(i, text)),
      count,
    );
    expect(watched.pairs.length).toBe(Math.min(count, watched.candidates));
    expect(new Set(watched.pairs.map(({ id }) => id)).size).toBe(watched.pairs.length);
    for (const { views } of watched.pairs)
      for (const { said } of views) expect(said.length).toBe(letters.length);
  },
);

it('chooseWatched: shows the first other view that is not a control if mirrors are missing', () => {
  const inViews = (views: readonly ViewId[]) => [
    { name: 'step-9', step: 9, rows: views.map((view) => row('p', view, true)) },
  ];
  const shown = (views: readonly ViewId[]) =>
    chooseWatched(inViews(views), 6).pairs.map((pair) => pair.views.map(({ view }) => view));
  expect(shown(['original', 'reverse'])).toEqual([['original', 'reverse']]);
  expect(shown(['original', 'reverse', 'mirror'])).toEqual([['original', 'mirror']]);
  expect(shown(['original', 'shuffle:1'])).toEqual([]);
  expect(shown(['original'])).toEqual([]);
});

it('watched pairs: show the most frequent training answer before the first evaluation', () => {
  const one = (text: string, right: boolean | null) =>
    ({ segments: [{ text: `<answer>${text}</answer>` }], answer_text: text, right }) as never;
  const pair = (sample: string, groups: [string, boolean | null][][]) =>
    ({
      sample,
      views: groups.map((group, i) => ({
        view: i === 0 ? 'original' : 'mirror',
        question: `${sample}?`,
        answer: 'left',
        images: [`${sample}.png`],
        group: group.map(([text, right]) => one(text, right)),
      })),
    }) as unknown as TracedPair;
  const judged: [string, boolean][] = [
    ['right', false],
    ['left', true],
    ['left', true],
  ];
  const watched = watchedInTraining(
    7,
    [pair('a', [judged, judged.slice(0, 1)]), pair('b', [judged, [['x', null]]])],
    6,
  );
  expect(watched).toMatchObject({ steps: [7], candidates: 1, training: true });
  const [first] = watched.pairs;
  expect(first).toMatchObject({ id: 'a', set: null, evaluation: null, course: 'wrong' });
  expect(first!.views.map(({ images }) => images)).toEqual([['a.png'], ['a.png']]);
  expect(first!.views.map(({ said }) => said)).toEqual([
    [{ text: 'left', right: true, group: { right: 2, n: 3 } }],
    [{ text: 'right', right: false, group: { right: 0, n: 1 } }],
  ]);
});

it('pairApart: finds a pair with one correct view in one model, and two in the other model', () => {
  const rows = (letters: string) =>
    letters
      .split(' ')
      .flatMap(([original, mirror], i) => [
        row(`p${i}`, 'original', original === 'r'),
        row(`p${i}`, 'mirror', mirror === 'r'),
      ]);
  expect(pairApart(rows('rr ww rw rw wr'), rows('rr rr wr rr rr'))).toBe('p3');
  expect(pairApart(rows('ww wr'), rows('rr rr'))).toBe('p1');
  const reversed = (letters: string) =>
    rows(letters).map((row) => (row.view === 'mirror' ? { ...row, view: 'reverse' } : row));
  expect(pairApart(reversed('ww wr'), reversed('rr rr'))).toBe('p1');
  expect(pairApart(rows('ww wr'), reversed('rr rr'))).toBeNull();
  // A pair of which the other has one view only does not show that it is right in both.
  expect(pairApart(rows('rw'), rows('rr').slice(0, 1))).toBeNull();
  expect(pairApart(rows('rr ww'), rows('rr rr'))).toBeNull();
});
