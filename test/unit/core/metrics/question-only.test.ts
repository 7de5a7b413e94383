import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { QuestionOnly, ShortcutAudit } from '../../../../src/core/metrics/question-only.ts';
import { auditShortcuts } from '../../../support/shortcuts.ts';
import { auditHeadline, auditNotes, auditWords } from '../../../../src/core/metrics/shortcuts.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { slowly } from '../../../support/slow.ts';
import { forAll } from '../../../support/property.ts';

let serial = 0;
const row = (question: string, answer: string): Sample => ({
  id: `${serial++}`,
  question,
  answer,
  images: [{ w: 10, h: 10 }],
  task: 'yesno',
});
test('auditShortcuts: answers a one-sided set without the image, but not its mirrors', () => {
  const rows = Array.from({ length: 40 }, (_, i) => ({
    ...row(`On which side of cup ${i} is the jug, left or right?`, 'left'),
    task: 'mcq',
    choices: ['left', 'right'],
  }));
  expect(auditShortcuts(rows).get('mcq')).toEqual({
    rows: 40,
    original: 1,
    constant: 1,
    chance: 0.5,
    pairs: 40,
    mirror: 0,
    both: 0,
    // The mirror exchanges the options, so "always A" is right in both views.
    floor: { constant: 1, words: 1, bounded: false },
    // Without options, one answer to the form is right in one view; the texts ("left or right", mirrored) differ.
    floor_hidden: { constant: 0, words: 1, bounded: false },
    keeps: expect.any(Number) as number,
    leans: true,
  });
  expect(auditHeadline(auditShortcuts(rows).get('all')!).replaceAll('\u00a0', ' ')).toBe(
    'Guessing from the words alone, without the image, is correct for 100.0% of the questions. Guessing is correct for both views of 0.0% of the pairs. The image-free bound of all questions, for a model that has memorised these answers, is 100.0% of the pairs. The dataset is skewed: guesses are correct more often for originals than for mirrors.',
  );
  expect(auditWords(auditShortcuts(rows).get('all')!)).toMatch(
    /is correct for 100\.0% of the questions \(chance: 50\.0%; always the same answer: 100\.0%\), 0\.0% of their mirrors.*The dataset is skewed:.*up to 100\.0% of pairs with the best answer to each wording, and 100\.0% with one answer to each form of question, if the prompt shows the choices; if not, up to 100\.0% of pairs with the best answer to each wording, and 0\.0% with one/,
  );
});

test('auditHeadline: tells the bound of prompts without choices, if it differs', () => {
  const audit = auditShortcuts([row('Is the cup left or right?', 'left')]).get('all')!;
  const bound = (words: number) => ({ constant: 0, words, bounded: false });
  const told = auditHeadline({ ...audit, floor: bound(0.98), floor_hidden: bound(0.453) });
  expect(told.replaceAll('\u00a0', ' ')).toContain(
    'is 98.0% of the pairs if the prompt shows the choices, and 45.3% if it does not.',
  );
  expect(auditHeadline({ ...audit, floor: bound(0.98), floor_hidden: bound(0.98) })).not.toContain('prompt');
});

/** Rows about images of their own. */
const about = (question: string, answers: readonly string[]): Sample[] =>
  answers.map((answer, i) => ({ ...row(question, answer), images: [`${question} ${i}.png`] }));

test('auditShortcuts: finds no shortcut in a balanced set', () => {
  const colours = ['red', 'blue', 'green', 'white', 'black', 'grey', 'brown', 'yellow'];
  const things = ['jug', 'plate', 'bowl', 'vase', 'bottle', 'glass', 'box', 'ball', 'pot', 'lamp'];
  const rows = colours.flatMap((colour, c) =>
    things.flatMap((thing, t) =>
      about(`Is the cup left of the ${colour} ${thing}?`, [(c + t) % 2 ? 'Yes' : 'No']),
    ),
  );
  const { original, constant, mirror, leans } = auditShortcuts(rows).get('all')!;
  expect([leans, constant]).toEqual([false, 0.5]);
  // A tenth is left out of what answers it: the others then lean a little the other way.
  expect(original).toBeLessThan(0.5);
  expect(original).toBeGreaterThan(0.2);
  expect(auditNotes(auditShortcuts(rows).get('all')!, rows.length + 2)).toEqual([
    expect.stringMatching(/^This accuracy is below chance/),
    '2 of 82 rows are excluded, because the rules cannot score these rows.',
  ]);
  expect(mirror).toBe(original);
});

test('auditShortcuts: cross-validates over images in ten folds, next to a constant answer', () => {
  const half = Array.from({ length: 100 }, (_, i) => (i % 2 ? 'Yes' : 'No'));
  const balanced = about('Is the cup left of the plate?', half);
  const leaking = [
    ...balanced,
    ...about(
      'Is the jug in front of the bowl?',
      half.map(() => 'Yes'),
    ),
  ];
  // Left out alone, every row of the first hundred would be in the minority of the others. With the other hundred, the
  // words are right less often than always "Yes", which is right for 150 of 200.
  const [fair, leak] = [balanced, leaking].map((rows) => auditShortcuts(rows).get('all')!);
  expect(fair!.original).toBeGreaterThan(0.3);
  expect(fair!.original).toBeLessThan(0.5);
  expect([leak!.original, leak!.constant]).toEqual([0.75, 0.75]);
  // Rows about one image do not teach each other.
  const same = balanced.map((one) => ({ ...one, question: 'Is it?', answer: 'Yes', images: ['one.png'] }));
  expect(auditShortcuts(same).get('all')).toMatchObject({ original: 0, constant: 1 });
  // The order of the file does not matter.
  expect(auditShortcuts([...leaking].reverse()).get('all')!.original).toBe(leak!.original);
  // Nor does it matter from which folder the file is read.
  const moved = leaking.map((row) => ({
    ...row,
    images: row.images.map((image) => `../there/${String(image)}`),
  }));
  expect(auditShortcuts(moved).get('all')!.original).toBe(leak!.original);
});

slowly('property: a guess is right at least as often as one answer that other images also favour', () => {
  const kind = fc.record({ yes: fc.integer({ min: 2, max: 12 }), no: fc.integer({ min: 0, max: 10 }) });
  forAll([fc.array(kind, { minLength: 1, maxLength: 3 }), fc.integer()], (kinds, salt) => {
    const rows = kinds.flatMap(({ yes, no }, k) =>
      Array.from({ length: yes + no }, (_, i) => ({
        ...row(`Is the cup ${(i * 7 + k) % 3 ? 'left' : 'right'} of plate ${i}?`, i < yes ? 'yes' : 'no'),
        images: [`${salt} ${k} ${i}.png`],
        task: ['yesno', 'yesno of cups', 'yesno of mugs'][k]!,
      })),
    );
    const audits = auditShortcuts(rows);
    let sum = 0;
    for (const [k, { yes, no }] of kinds.entries()) {
      // Without one "yes", "yes" is still in the majority.
      const least = yes - 1 > no ? yes / (yes + no) : 0;
      const { original } = audits.get(['yesno', 'yesno of cups', 'yesno of mugs'][k]!)!;
      expect(original).toBeGreaterThanOrEqual(least);
      sum += least * (yes + no);
    }
    expect(audits.get('all')!.original! * rows.length).toBeGreaterThanOrEqual(sum - 1e-9);
  });
});

test('auditShortcuts: answers "yes" to eight of ten questions with other words', () => {
  const rows = Array.from({ length: 10 }, (_, i) => ({
    ...row(`${['Is', 'Does', 'Can', 'Will', 'Has'][i % 5]} thing ${i} fit?`, i < 8 ? 'yes' : 'no'),
    images: [`${i}.png`],
  }));
  const all = auditShortcuts(rows).get('all')!;
  expect([all.original, all.constant]).toEqual([0.8, 0.8]);
  expect(auditWords(all)).toContain('the guess is the most frequent answer to similar words');
});

test('QuestionOnly: backs off from the whole question to parts, and answers within the choices', () => {
  const reader = new QuestionOnly();
  reader.learn(row('Which one is nearer, the cup or the jug?', 'jug'));
  reader.learn(row('Which one is nearer, the cat or the dog?', 'cat'));
  reader.learn(row('Which one is nearer, the pen or the dog?', 'dog'));
  reader.learn(row('Which one is nearer, the pen or the dog?', 'dog'));
  expect(reader.answer(row('Which one is NEARER: the cup or the jug', ''))).toBe('jug');
  expect(reader.answer(row('Which one is nearer, a or b?', ''))).toBe('dog');
  expect(reader.answer({ ...row('Which one is nearer, a or b?', ''), choices: ['cat', 'jug'] })).toBe('jug');
  expect(reader.answer({ ...row('Where?', ''), choices: ['sun'] })).toBeNull();
  expect(new QuestionOnly().answer(row('Where?', ''))).toBeNull();
});

test('auditShortcuts: answers rows from a separate training set', () => {
  const learnt = [row('Is it left?', 'Yes'), row('Is it left?', 'Yes')];
  expect(auditShortcuts([row('Is it left?', 'Yes')], learnt).get('all')!.original).toBe(1);
  expect(auditShortcuts([], learnt).get('all')).toEqual({
    rows: 0,
    original: null,
    constant: null,
    chance: null,
    pairs: 0,
    mirror: null,
    both: null,
    floor: null,
    keeps: 0,
    leans: false,
  });
});

test('auditShortcuts: audits each task separately', () => {
  const rows = [
    { ...row('Is it left?', 'Yes'), task: 'yesno', images: ['a.png'] },
    { ...row('Is it left?', 'Yes'), task: 'yesno', images: ['b.png'] },
    { ...row('How many?', '2'), task: 'count', images: ['c.png'] },
  ];
  const audits = [...auditShortcuts(rows)].map(([task, { rows: n, original }]) => [task, n, original]);
  expect(audits).toEqual([
    ['all', 3, 2 / 3],
    ['count', 1, 0],
    ['yesno', 2, 1],
  ]);
});

test('ShortcutAudit: retains no row in memory', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const audit = new ShortcutAudit(true);
  const held = Array.from({ length: 20 }, (_, i) => {
    const one = { ...row(`Is cup ${i} left of the jug?`, 'Yes'), meta: { heavy: 'x'.repeat(1000) } };
    audit.learn(one);
    audit.add(one);
    return [new WeakRef(one), new WeakRef(one.meta)];
  }).flat();
  // The last row may stay on the stack until another turn.
  let alive = held;
  for (let turn = 0; turn < 5 && alive.length > 0; turn++) {
    await nextTurn();
    collect();
    alive = alive.filter((reference) => reference.deref());
  }
  expect(alive).toEqual([]);
  expect(audit.audits().get('all')!.rows).toBe(20);
});
