import { expect, test } from 'vitest';
import { scoreRow } from '../../../../src/core/answers/score-row.ts';
import type { JudgedRow } from '../../../../src/core/metrics/outcomes.ts';
import { readLooks, type LookedRow } from '../../../../src/core/metrics/suspects/looks.ts';
import { fitSuspects } from '../../../../src/core/metrics/suspects/suspects.ts';
import { mean } from '../../../../src/core/numbers.ts';
import { Random } from '../../../../src/core/random.ts';
import { suspectFigures, type SuspectWorld } from '../../../support/suspect-worlds.ts';

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

test('wrong labels come first, and a mirror, more models and better ones find more of them', () => {
  const three = precision({});
  expect(three).toBeGreaterThan(0.75);
  expect(three).toBeGreaterThan(precision({ mirror: false }));
  expect(three).toBeGreaterThan(precision({ sees: [0.9] }));
  expect(precision({ sees: [0.95, 0.9, 0.85, 0.8, 0.7] })).toBeGreaterThan(three - 0.01);
});

test('a shortcut that all models share costs no more than models that guess as often', () => {
  const shared = precision({ idle: 0.3, idleBy: 'words' });
  expect(shared).toBeGreaterThan(precision({ idle: 0.3, idleBy: 'guess' }) - 0.05);
});

test('clean sets raise next to no alarm, with and without a shared shortcut', () => {
  for (const idle of [0, 0.3])
    for (const { alarms } of figures({ broken: 'none', idle })) expect(alarms).toBeLessThan(0.005);
});

test('a row is not suspect because models differ on it: where all guess, few right labels are listed', () => {
  const five = { sees: [0.95, 0.9, 0.85, 0.8, 0.7], idle: 0.3, idleBy: 'guess' } as const;
  expect(mean(figures({ rows: 2000, ...five }).map(({ alarms }) => alarms))).toBeLessThan(0.005);
});

test('probabilities mean what they say', () => {
  const tenths = figures({ rows: 2000 }, 4).map(({ reliability }) => reliability);
  const pooled = (from: number, to: number) => {
    const own = tenths.flatMap((one) => one.slice(from, to));
    const n = own.reduce((all, one) => all + one.n, 0);
    const over = (key: 'said' | 'wrong') => own.reduce((all, one) => all + one[key] * one.n, 0) / n;
    return [over('said'), over('wrong')] as const;
  };
  for (const [from, to] of [
    [0, 1],
    [1, 5],
    [5, 10],
  ] as const) {
    const [said, wrong] = pooled(from, to);
    expect(Math.abs(said - wrong)).toBeLessThan(0.12);
  }
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

test('answers that turn with the picture against the label make it suspect; answers that stay do not', () => {
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
  const { suspects } = fitSuspects(looks.rows, 2);
  const of = (id: string) => suspects.find((one) => one.id === id)!;
  expect(suspects[0]).toMatchObject({ id: 'turned', label: 'left', likely: 'right', independent: true });
  expect(of('turned').probability).toBeGreaterThan(0.5);
  expect(of('stays').probability).toBeLessThan(0.2);
  expect(of('turned').said[0]).toEqual([
    { view: 'original', answer: 'right' },
    { view: 'mirror', answer: 'right' },
  ]);
});

test('rows whose answers have no candidates are left out', () => {
  const length = asked('a', 'original', 'How far is the cup?', '2 m', '3 m');
  expect(readLooks([[length]])).toEqual({ rows: [], leftOut: 1 });
});

test('shuffled frames say nothing of a label', () => {
  const views = ['original', 'reverse', 'shuffle:1'];
  const rows = views.map((view) => asked('a', view, 'Does it move to the left?', 'Yes', 'No'));
  const looks = readLooks([rows]).rows[0]!.looks[0]!;
  expect(looks.map(({ view }) => view)).toEqual(['original', 'reverse']);
});

test('the range holds the share of wrong labels, whatever errors models share, and however often one is entered', () => {
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
