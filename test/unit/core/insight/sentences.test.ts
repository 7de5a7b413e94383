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
import { Random } from '../../../../src/base/random.ts';
import { lookedRows, patchedRows, probedRows } from '../../../support/insights.ts';

const seen = (view: AnsweredView['view'], answer: string, right: boolean): AnsweredView => ({
  view,
  answer,
  verdict: right ? 'right' : 'wrong',
});

describe('pairSentence', () => {
  it.for([
    [
      [seen('original', 'left', true), seen('mirror', 'left', false)],
      'The model answers “left” in both views. Only the answer to the original is correct.',
    ],
    [
      [seen('original', 'left', true), seen('mirror', 'right', true)],
      'The model answers “left” in the original and “right” in the mirror. Both answers are correct.',
    ],
    [
      [seen('original', 'right', false), seen('mirror', '', false)],
      'The model answers “right” in the original and nothing in the mirror. Neither answer is correct.',
    ],
    [
      [seen('original', 'yes', false), seen('mirror', 'yes', true)],
      'The model answers “yes” in both views. Only the answer to the mirror is correct.',
    ],
    [[{ ...seen('original', '2', true), verdict: null }], 'The model answers “2”.'],
    [[seen('original', 'left', false)], 'The model answers “left”. The answer is wrong.'],
    [[], ''],
  ] as const)('describes answers and scores of a pair (case %#)', ([views, told]) => {
    expect(pairSentence(views)).toBe(told);
  });

  it('removes control characters from file texts', () => {
    const told = pairSentence([seen('original', 'a\n\u001b[31mb', true)]);
    expect(/\p{Cc}/u.test(told)).toBe(false);
  });
});

it('pairsSentence: counts pairs scored in both views', () => {
  const rows = lookedRows().map(({ id, view, right }) => ({
    id,
    view,
    verdict: right ? ('right' as const) : ('wrong' as const),
  }));
  expect(pairsSentence(rows)).toBe('Of 12 pairs: 9 correct in both views, 3 only in the original.');
  const reversed = rows.map((row) => (row.view === 'mirror' ? { ...row, view: 'reverse' } : row));
  expect(pairsSentence(reversed)).toBe('Of 12 pairs: 9 correct in both views, 3 only in the original.');
  expect(pairsSentence(rows.filter(({ view }) => view === 'original'))).toBe('');
  expect(pairsSentence(rows.slice(0, 2).map((row) => ({ ...row, verdict: 'wrong' })))).toBe(
    'Of 1 pair: 1 correct in neither view.',
  );
});

describe('probeSentence', () => {
  const side = probe(probedRows(), 'side', Random.from('probe'))!;
  const depth = probeNumber(probedRows(), 'depth', Random.from('probe'))!;
  const { where } = side;
  const over = (interval: [number, number]) => ({ value: 0.5, n: 9, difference: 0, interval });
  const said = (interval: [number, number]) =>
    probeSentence({ ...side, where: { ...where, said: over(interval) } });

  it('compares the probe with the model’s answers, row by row', () => {
    expect(probeSentence(side)).toMatch(
      /^The hidden states contain more information than the answers: a probe reads left or right from the hidden states in 9\d\.\d% of rows \(.* to .*\), by chance in 50\.0%, without the image .*; the model’s answers are correct in 5\d\.\d%\.$/,
    );
    expect(said([-0.01, 0.02])).toMatch(/^The hidden states contain the [\w ]+: /);
    expect(said([-0.1, -0.02])).toMatch(
      /^The answers contain more information than the probe finds in the hidden states: /,
    );
    expect(probeSentence({ ...side, where: { ...where, said: null } })).toMatch(
      /^The hidden states contain the [\w ]+: a probe reads left or right .*, without the image \d\d\.\d%\.$/,
    );
  });

  it.for<[string, Partial<typeof where>]>([
    ['at chance', { interval: [0.4, 0.6] }],
    ['no better than without the image', { controls: [{ control: 'blind', ...over([-0.1, 0.2]) }] }],
    ['without a control', { controls: [] }],
  ])('reports no evidence for a probe %s', ([, change]) => {
    expect(probeSentence({ ...side, where: { ...where, ...change } })).toMatch(
      /^No evidence that the hidden states contain the [\w ]+: /,
    );
  });

  it('reports no evidence for a number that controls predict equally well', () => {
    expect(probeSentence(depth)).toMatch(
      /^A probe reads the depth from the hidden states with an R² of 0\.\d\d \(0\.\d\d to 0\.\d\d\), without the image .*\. An R² of 1 is exact\.$/,
    );
    const alone = { control: 'row alone' as const, ...over([-0.1, 0.2]) };
    const controls = [...depth.where.controls, alone];
    expect(probeSentence({ ...depth, where: { ...depth.where, controls } })).toMatch(
      /^No evidence that the hidden states contain the depth: R² is .*, from the vertical position alone 0\.50\. An R² of 0 equals a prediction of the mean\.$/,
    );
  });

  it('returns an empty sentence for a probe without a value', () => {
    expect(probeSentence({ ...side, where: { ...where, value: null } })).toBe('');
  });
});

describe('patchSentence', () => {
  const figures = patchFigures(patchedRows(), [0, 1]);

  it('names the tokens that store the side in each layer, with their share', () => {
    expect(patchSentence(figures)).toBe(
      'The model stores the side in the image after layer 0 (100% of the difference, 100 to 100), then in the names after layer 1 (80% of the difference, 80 to 80).',
    );
    const weak = figures.map((one) => ({ ...one, moved: one.moved === null ? null : one.moved / 3 }));
    expect(patchSentence(weak)).toBe('No single group of tokens stores the side at any layer.');
    expect(patchSentence([])).toBe('');
  });

  it('reports no evidence if the answer might not depend on the image', () => {
    // As many rows move one way as the other, and the names carry all of it: a share of 4,998% of nothing.
    const rows = patchedRows().map((row, i) => {
      const odds = i % 2 === 0 ? { original: 1, mirror: -1.04 } : { original: -1, mirror: 1 };
      return { ...row, odds, patched: [{ group: 'names' as const, odds: [i % 2 === 0 ? -3 : -1, 0] }] };
    });
    const found = patchFigures(rows, [0, 1]);
    expect(found.map(({ moved, moved_interval: interval }) => [moved, interval])).toEqual(
      found.map(() => [null, undefined]),
    );
    expect(patchSentence(found)).toMatch(/^No evidence that a group of tokens stores the side/);
    // The mirror's image makes the original's answer surely likelier: no side is held, either.
    const turned = patchedRows().map((row) => ({
      ...row,
      odds: { original: row.odds.mirror, mirror: row.odds.original },
    }));
    expect(patchSentence(patchFigures(turned, [0, 1]))).toMatch(/^No evidence that a group of tokens stores/);
  });

  it('ignores the last layer, where one token determines the answer by construction', () => {
    const rows = patchedRows().map((row) => ({
      ...row,
      layers: 2,
      patched: [{ group: 'answer' as const, odds: [row.odds.original, row.odds.mirror] }],
    }));
    expect(patchFigures(rows, 'all').map(({ layer }) => layer)).toEqual([null, 0]);
    expect(patchFigures(rows, [0, 1]).map(({ layer }) => layer)).toEqual([null, 0]);
    expect(patchSentence(patchFigures(rows, 'all'))).toMatch(/^No single group/);
  });
});
