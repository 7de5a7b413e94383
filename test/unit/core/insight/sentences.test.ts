import { describe, expect, it } from 'vitest';
import { patchFigures } from '../../../../src/core/insight/patch.ts';
import { probeNumber } from '../../../../src/core/insight/probe-number.ts';
import { probe } from '../../../../src/core/insight/probe.ts';
import {
  pairSentence,
  pairsSentence,
  patchSentence,
  probeSentence,
  type AnsweredView,
} from '../../../../src/core/insight/sentences.ts';
import { Random } from '../../../../src/core/random.ts';
import { lookedRows, patchedRows, probedRows } from '../../../support/insights.ts';

const seen = (view: AnsweredView['view'], answer: string, right: boolean, lift: number): AnsweredView => ({
  view,
  answer,
  verdict: right ? 'right' : 'wrong',
  lifts: [
    { label: 'cube', lift },
    { label: 'ball', lift: 1.6 },
  ],
});

describe('the sentence of a pair', () => {
  it.for([
    [
      [seen('original', 'left', true, 3), seen('mirror', 'left', false, 2)],
      'It looks at the cube in both views, and says “left” in both. Only the original is right.',
    ],
    [
      [seen('original', 'left', true, 3), seen('mirror', 'right', true, 1)],
      'It looks at the cube in the original and at the ball in the mirror, and says “left” in the original and “right” in the mirror. Both are right.',
    ],
    [
      [seen('original', 'right', false, 1), { ...seen('mirror', '', false, 1), lifts: [] }],
      'It looks at the ball in the original and at none of the named things in the mirror, and says “right” in the original and nothing in the mirror. Neither is right.',
    ],
    [
      [
        { ...seen('original', 'yes', false, 1), lifts: [] },
        { ...seen('mirror', 'yes', true, 1), lifts: [] },
      ],
      'It says “yes” in both views. Only the mirror is right.',
    ],
    [
      [
        { ...seen('original', 'left', true, 1), lifts: [{ label: 'cube', lift: 1 }] },
        { ...seen('mirror', 'left', false, 1), lifts: [{ label: 'cube', lift: 1.2 }] },
      ],
      'It looks at none of the named things in either view, and says “left” in both views. Only the original is right.',
    ],
    [[{ ...seen('original', '2', true, 2), verdict: null }], 'It looks at the cube, and says “2”.'],
    [[seen('original', 'left', false, 2)], 'It looks at the cube, and says “left”. That is wrong.'],
    [[], ''],
  ] as const)('%#', ([views, told]) => {
    expect(pairSentence(views)).toBe(told);
  });

  it('keeps the text of a file on one line', () => {
    const told = pairSentence([seen('original', 'a\n\u001b[31mb', true, 2)]);
    expect(/\p{Cc}/u.test(told)).toBe(false);
  });
});

it('counts pairs that were judged in both views', () => {
  const rows = lookedRows().map(({ id, view, right }) => ({
    id,
    view,
    verdict: right ? ('right' as const) : ('wrong' as const),
  }));
  expect(pairsSentence(rows)).toBe('Of 12 pairs: 9 right in both views, 3 only in the original.');
  const reversed = rows.map((row) => (row.view === 'mirror' ? { ...row, view: 'reverse' } : row));
  expect(pairsSentence(reversed)).toBe('Of 12 pairs: 9 right in both views, 3 only in the original.');
  expect(pairsSentence(rows.filter(({ view }) => view === 'original'))).toBe('');
  expect(pairsSentence(rows.slice(0, 2).map((row) => ({ ...row, verdict: 'wrong' })))).toBe(
    'Of 1 pair: 1 right in neither view.',
  );
});

it('says whether it knows more than it says', () => {
  const side = probe(probedRows(), 'side', Random.from('probe'))!;
  expect(probeSentence(side)).toMatch(/^It knows more than it says: left or right is read off/);
  const saying = (value: number) =>
    probeSentence({ ...side, said: side.said.map((one) => ({ ...one, value })) });
  expect(saying(0.98)).toMatch(/^It says what it knows: .* its answers are right in 98\.0 %\.$/);
  expect(saying(1)).toMatch(/^It says more than is read: /);
  expect(probeSentence({ ...side, said: [] })).toMatch(/^It knows: left or right is read off .* of rows\.$/);
  const figures = side.figures.map((one) => ({
    ...one,
    value: 0.5,
    interval: [0.4, 0.6] as [number, number],
  }));
  expect(probeSentence({ ...side, figures })).toMatch(
    /^Nothing shows that it knows: .* by chance in 50\.0 %, and/,
  );
  const depth = probeNumber(probedRows(), 'depth', Random.from('probe'))!;
  expect(probeSentence(depth)).toMatch(
    /^Its hidden states give the depth with an R² of 0\.\d\d; 1 is exact\.$/,
  );
});

it('says which tokens hold the side, layer by layer', () => {
  const figures = patchFigures(patchedRows(), [0, 1]);
  expect(patchSentence(figures)).toBe(
    'The side is held by the picture after layer 0, then by the names after layer 1.',
  );
  const weak = figures.map((one) => ({ ...one, moved: one.moved === null ? null : one.moved / 3 }));
  expect(patchSentence(weak)).toBe('No group of tokens holds the side alone, at any layer.');
  expect(patchSentence([])).toBe('');
});
