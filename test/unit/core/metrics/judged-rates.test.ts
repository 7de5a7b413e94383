import { expect, it } from 'vitest';
import { RuleTrials } from '../../../../src/core/metrics/judged-rates.ts';
import { unevenText } from '../../../../src/core/metrics/uneven.ts';
import { MIRROR, ORIGINAL } from '../../../../src/rows/view-list.ts';

const rows = (answers: readonly string[], question: (i: number) => string, n = 40, pictures = n) =>
  Array.from({ length: n }, (_, i) => ({
    id: `r${i}`,
    question: question(i),
    answer: answers[i % answers.length]!,
    images: [`${i % pictures}.png`],
  }));

const unevenRates = (tried: ReturnType<typeof rows>) => {
  const trials = new RuleTrials();
  for (const row of tried) trials.add('val', ORIGINAL, row);
  return trials.uneven().get('val') ?? null;
};

const THINGS = [
  'a red cup beside the plate',
  'the wooden chair with the blue cushion',
  'two pillows on the couch',
  'an old clock above the door',
];
const free = (i: number) => `What stands out in picture ${i}?`;

it('unevenRates: reports free text whose right answers are scored more than wrong answers', () => {
  const rates = unevenRates(rows(THINGS, free))!;
  expect(rates.right).toBeGreaterThan(rates.wrong + 0.1);
  expect(rates.n).toBeLessThanOrEqual(40);
  expect(unevenText('val', rates)).toMatch(
    /^val: the rules score correct and wrong answers at different rates\. On \d+ rows, the rules score [\d.]+% of correct answers .* and [\d.]+% of wrong answers .*too high/,
  );
});

it('unevenRates: ignores closed tasks, which are always scored', () => {
  expect(unevenRates(rows(['Yes', 'No'], (i) => `Is the cup left of jug ${i}?`))).toBeNull();
  const choices = ['cup', 'jug', 'plate'];
  expect(
    unevenRates(rows(['A', 'B', 'C'], (i) => `Which is nearer in ${i}?`).map((row) => ({ ...row, choices }))),
  ).toBeNull();
});

it('unevenRates: requires several images and references', () => {
  expect(unevenRates(rows(THINGS, free, 40, 1))).toBeNull();
  expect(unevenRates(rows(['a red cup'], free))).toBeNull();
  expect(unevenRates([])).toBeNull();
});

it('unevenRates: reads only the first 400 rows of a set', () => {
  expect(unevenRates(rows(THINGS, free, 1200))!.n).toBeLessThanOrEqual(400);
});

it('RuleTrials: tests each set separately, in its first view', () => {
  const trials = new RuleTrials();
  for (const row of rows(THINGS, free)) {
    trials.add('free', ORIGINAL, row);
    trials.add('free', MIRROR, { ...row, answer: 'Yes' });
    trials.add('closed', ORIGINAL, { ...row, question: 'Is it red?', answer: 'Yes' });
  }
  expect([...trials.uneven()]).toEqual([['free', unevenRates(rows(THINGS, free))]]);
});
