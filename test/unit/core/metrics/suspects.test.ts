import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scoreRow } from '../../../../src/core/answers/score-row.ts';
import type { JudgedRow } from '../../../../src/core/metrics/outcomes.ts';
import { readLooks, type LookedRow } from '../../../../src/core/metrics/suspects/looks.ts';
import { fitSuspects, reviewedShare } from '../../../../src/core/metrics/suspects/suspects.ts';
import { mean } from '../../../../src/base/numbers.ts';
import { Random } from '../../../../src/base/random.ts';
import { suspectFigures, type SuspectWorld } from '../../../support/suspect-worlds.ts';
import { forAll } from '../../../support/property.ts';

const WORLD: SuspectWorld = {
  rows: 800,
  sees: [0.9, 0.8, 0.75],
  broken: 'random',
  idle: 0,
  idleBy: 'words',
  mirror: true,
};
const figures = (world: Partial<SuspectWorld>, seeds = 3) =>
  Array.from({ length: seeds }, (_, seed) => suspectFigures({ ...WORLD, ...world }, String(seed)));
const precision = (world: Partial<SuspectWorld>) => mean(figures(world).map((one) => one.precision[0]))!;

test('fitSuspects: ranks wrong labels first, and improves with mirrors and more or better models', () => {
  const three = precision({});
  expect(three).toBeGreaterThan(0.75);
  expect(three).toBeGreaterThan(precision({ mirror: false }));
  expect(three).toBeGreaterThan(precision({ sees: [0.9] }));
  expect(precision({ sees: [0.95, 0.9, 0.85, 0.8, 0.7] })).toBeGreaterThan(three - 0.01);
});

test('fitSuspects: ranks nearly as well with a shared shortcut as with random guessing', () => {
  const shared = precision({ idle: 0.3, idleBy: 'words' });
  expect(shared).toBeGreaterThan(precision({ idle: 0.3, idleBy: 'guess' }) - 0.05);
});

test('fitSuspects: lowers the rank of disputed rows if the models often guess', () => {
  const five = { sees: [0.95, 0.9, 0.85, 0.8, 0.7], idle: 0.3, idleBy: 'guess' } as const;
  expect(precision({ rows: 2000, ...five })).toBeGreaterThan(0.9);
});

const asked = (id: string, view: string, question: string, answer: string, completion: string): JudgedRow => {
  const row = { id, set: 's', view, question, answer, completion, images: [`${id}.png`] };
  return { ...row, score: scoreRow(row), reasoning_words: 0, right: null };
};
/** Two models answer a row and its mirror. */
const sideRow = (
  id: string,
  label: string,
  said: [string, string],
  mirrored: [string, string],
): JudgedRow[][] =>
  said.map((answer, m) => [
    asked(id, 'original', 'Is the cup on the left or on the right of the jug?', label, answer),
    asked(
      id,
      'mirror',
      'Is the cup on the left or on the right of the jug?',
      label === 'left' ? 'right' : 'left',
      mirrored[m]!,
    ),
  ]);

test('fitSuspects: reports labels that both views contradict, but no labels of constant answers', () => {
  const rows = Array.from({ length: 40 }, (_, i) =>
    i % 2 === 0
      ? sideRow(`r${i}`, 'left', ['left', 'left'], ['right', 'right'])
      : sideRow(`r${i}`, 'right', ['right', 'right'], ['left', 'left']),
  );
  const turned = sideRow('turned', 'left', ['right', 'right'], ['left', 'left']);
  const stays = sideRow('stays', 'left', ['right', 'right'], ['right', 'right']);
  const models = [0, 1].map((m) => [...rows, turned, stays].flatMap((row) => row[m]!));
  const looks = readLooks(models);
  expect([looks.rows.length, looks.leftOut]).toEqual([42, 0]);
  const { suspects, contradicts } = fitSuspects(looks.rows, 2);
  const of = (id: string) => suspects.find((one) => one.id === id)!;
  expect(suspects[0]).toMatchObject({ id: 'turned', label: 'left', likely: 'right', independent: true });
  expect(of('turned')).toMatchObject({ rank: 1, answered: 4, contradicting: 4 });
  expect(of('stays')).toMatchObject({ answered: 4, contradicting: 2 });
  expect(suspects.map(({ rank }) => rank)).toEqual(suspects.map((_, i) => i + 1));
  expect(of('turned').said[0]).toEqual([
    { view: 'original', answer: 'right' },
    { view: 'mirror', answer: 'right' },
  ]);
  expect(contradicts.map(({ value }) => value)).toEqual([1.5 / 42, 1.5 / 42]);
  expect(suspects.at(-1)).toMatchObject({ contradicting: 0, likely: '' });
});

test('fitSuspects: suggests the most frequent contradicting answer', () => {
  const looks = [1, 2, 2, 0].map((said) => [{ view: 'original', said, text: 'as asked', words: null }]);
  const about = { id: 'a', set: '', image: 'a', question: '', reference: 'A', form: 'mcq 3' };
  const row: LookedRow = { ...about, candidates: ['A', 'B', 'C'], label: 0, looks };
  expect(fitSuspects([row], 4).suspects[0]).toMatchObject({ likely: 'C', answered: 4, contradicting: 3 });
});

test('reviewedShare: raises the lower bound with reviewed rows, and calibrates similar rows', () => {
  const rows = Array.from({ length: 400 }, (_, i): LookedRow => {
    const look = (said: number) => ({ view: 'original', said, text: 'as asked', words: null });
    const about = { id: `${i}`, set: 's', image: `${i}`, question: 'Which?', reference: 'A', form: 'mcq 2' };
    return { ...about, candidates: ['A', 'B'], label: 0, looks: [[look(i < 60 ? 1 : 0)]] };
  });
  // Of forty reviewed rows, the label of thirty was corrected; one more verdict is about another question.
  const labels = Array.from({ length: 41 }, (_, i) => {
    const question = i < 40 ? 'Which?' : 'Where?';
    return [`${i}`, { question, given: 'A', now: i < 30 || i === 40 ? 'B' : 'A' }] as const;
  });
  const { suspects, range } = fitSuspects(rows, 1, new Map([['s', new Map(labels)]]));
  expect(range[0]).toBe(30 / 400);
  expect(range[1]).toBeGreaterThan(60 / 400);
  const share = reviewedShare(suspects)!;
  expect(share).toMatchObject({ value: 0.75, n: 40, wrong: 30 });
  // Wilson's interval of 30 of 40.
  expect(share.interval![0]).toBeCloseTo(0.5981, 3);
  expect(share.interval![1]).toBeCloseTo(0.8581, 3);
  expect(reviewedShare(fitSuspects(rows, 1).suspects)).toBeNull();
  // The evaluation was made after the correction: the label that it knows is right.
  const corrected = new Map([['0', { question: 'Which?', given: 'B', now: 'A' }]]);
  const later = fitSuspects(rows, 1, new Map([['s', corrected]])).suspects;
  expect(reviewedShare(later)).toMatchObject({ value: 0, n: 1, wrong: 0 });
});

test('property: readLooks: infers only the single most frequent answer of other rows', () => {
  const answers = fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 30 });
  forAll([answers], { numRuns: 50 }, (right) => {
    const rows = right.map((count, i) =>
      asked(`r${i}`, 'original', 'How many cups are there?', `${count}`, '0'),
    );
    for (const [i, { label, candidates, looks }] of readLooks([rows]).rows.entries()) {
      const count = (answer: number) => right.filter((each) => each === answer).length;
      const commonest = [0, 1, 2, 3].filter((answer) =>
        [0, 1, 2, 3].every(
          (other) => other === answer || count(answer) - Number(answer === right[i]) > count(other),
        ),
      );
      // A row can only be said what is one of its candidates: what it was answered, and its label.
      expect(candidates[label]).toBe(`${right[i]}`);
      const said = commonest.length === 1 && count(commonest[0]!) > Number(commonest[0] === right[i]);
      const words = said ? candidates.indexOf(`${commonest[0]}`) : null;
      expect(looks[0]![0]!.words).toBe(words);
    }
  });
});

test('readLooks: excludes rows whose answers have no candidates', () => {
  const length = asked('a', 'original', 'How far is the cup?', '2 m', '3 m');
  expect(readLooks([[length]])).toEqual({ rows: [], leftOut: 1 });
});

test('readLooks: ignores answers to shuffled frames', () => {
  const views = ['original', 'reverse', 'shuffle:1'];
  const rows = views.map((view) => asked('a', view, 'Does it move to the left?', 'Yes', 'No'));
  const looks = readLooks([rows]).rows[0]!.looks[0]!;
  expect(looks.map(({ view }) => view)).toEqual(['original', 'reverse']);
});

test('property: fitSuspects: bounds contain the share of wrong labels, despite shared errors', () => {
  const designs = [0, 0.05, 0.1].flatMap((shared) =>
    [0.02, 0.1].flatMap((wrong) =>
      (
        [
          [0.95, 0.85, 0.75],
          [0.85, 0.85, 0.85],
        ] as const
      ).map((rights) => ({ shared, wrong, rights })),
    ),
  );
  const held = designs.map(({ shared, wrong, rights }, d) => {
    const random = Random.from(`range ${d}`);
    const isOneModel = rights[0] === rights[1];
    let broken = 0;
    const rows = Array.from({ length: 1000 }, (_, i): LookedRow => {
      const truth = random.below(2);
      const isWrong = random.chance(wrong);
      broken += Number(isWrong) / 1000;
      const misleads = random.chance(shared);
      const views = ['original', 'mirror'] as const;
      const answer = (right: number) =>
        views.map(() => (random.chance(misleads ? 0.2 : right) ? truth : 1 - truth));
      const first = answer(rights[0]);
      const looks = rights.map((right) =>
        (isOneModel ? first : answer(right)).map((said, v) => ({
          view: views[v]!,
          said,
          text: v === 0 ? 'left' : 'right',
          words: null,
        })),
      );
      const about = { id: `${i}`, set: '', image: `${i}`, question: '', reference: '', form: 'side 2' };
      return { ...about, candidates: ['left', 'right'], label: isWrong ? 1 - truth : truth, looks };
    });
    const { range } = fitSuspects(rows, 3);
    expect(range[1]).toBeLessThan(0.5);
    return range[0] <= broken && broken <= range[1];
  });
  expect(held.filter(Boolean)).toHaveLength(designs.length);
});
