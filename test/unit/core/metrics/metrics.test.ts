import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMajorityRight, pairVerdict } from '../../../../src/core/answers/pair-verdict.ts';
import { viewConsistency } from '../../../../src/core/metrics/consistency.ts';
import { styleOf } from '../../../../src/core/metrics/answer-lengths.ts';
import { relativeAccuracy, smape } from '../../../../src/core/metrics/measures.ts';
import { chanceOf, meanChance } from '../../../../src/core/metrics/chance.ts';
import { chanceAtK, passAtK, summarise } from '../../../../src/core/metrics/summarise.ts';
import { findReasoningWords } from '../../../../src/core/evaluation/reasoning-words.ts';
import { shiftMetrics, shiftPairs } from '../../../../src/core/metrics/compare-rows.ts';
import { find, metricsOf, scored } from './rows.ts';
import { forAll } from '../../../support/property.ts';

const positive = fc.double({ min: 1e-3, max: 1e6, noNaN: true });

describe('sMAPE and MRA', () => {
  it('property: sMAPE is symmetric, from 0 to 200, unit-free, and 200 for a length of 0', () => {
    forAll([positive, positive], (p, g) => {
      expect(smape(p, g)).toBeCloseTo(smape(g, p), 10);
      expect(smape(p, g)).toBeCloseTo(smape(100 * p, 100 * g), 8);
      expect(smape(p, g)).toBeLessThanOrEqual(200);
    });
    expect(smape(0, 2)).toBe(200);
    expect(smape(3, 1)).toBe(100);
  });

  it.each([
    [2, 1],
    [1.9, 1],
    [1.8, 0.9],
    [3, 0.1],
    [1, 0.1],
    [3.01, 0],
    [0, 0],
  ])('MRA of %d against 2 is %d', (p, mra) => expect(relativeAccuracy(p, 2)).toBe(mra));
});

describe('pass@k of several answers', () => {
  it('pass@k is the share of k-subsets with a right completion', () => {
    for (let n = 1; n <= 7; n++) {
      for (let c = 0; c <= n; c++) {
        for (let k = 1; k <= n; k++) {
          const subsets = Array.from({ length: 2 ** n }, (_, bits) => bits).filter(
            (bits) => countBits(bits) === k,
          );
          const hits = subsets.filter((bits) => (bits & (2 ** c - 1)) > 0).length;
          expect(passAtK(n, c, k)).toBeCloseTo(hits / subsets.length, 12);
        }
      }
    }
    expect(passAtK(3, 1, 4)).toBeNull();
    expect(passAtK(4096, 1, 1)).toBeCloseTo(1 / 4096, 12);
  });

  it('pass@k is shown next to chance (R53)', () => {
    expect(chanceAtK(0.5, 4)).toBe(0.9375);
    const rows = ['A', 'B', 'B', 'B', 'A', 'A', 'A', 'A'].map((completion, i) =>
      scored({ id: `q${i >> 2}`, task: 'mcq', choices: ['x', 'y'], answer: 'A', completion }),
    );
    const metrics = metricsOf(rows);
    expect(find(metrics, 'mcq', 'pass@1')).toMatchObject({ value: 0.625, n: 2, chance: 0.5 });
    expect(find(metrics, 'mcq', 'pass@2')).toMatchObject({ value: 0.75, chance: 0.75 });
    expect(find(metrics, 'mcq', 'pass@4')).toMatchObject({ value: 1, chance: 0.9375 });
    expect(metricsOf(rows.slice(3, 5)).map(({ metric }) => metric)).not.toContain('pass@1');
  });
});

const countBits = (bits: number): number => bits.toString(2).replaceAll('0', '').length;

describe('summarise', () => {
  it('counts unparsed answers as wrong in accuracies, and excludes these answers from errors', () => {
    const metrics = metricsOf(
      ['2 m', '4 m', 'far'].map((completion, n) =>
        scored({ completion, answer: '2 m', task: 'distance' }, n),
      ),
    );
    expect(find(metrics, 'distance', 'success')).toMatchObject({ value: 1 / 3, n: 3, unparsed: 1 });
    expect(find(metrics, 'distance', 'smape')).toMatchObject({ n: 2, unparsed: 1 });
    expect(find(metrics, 'distance', 'mra').value).toBeCloseTo(1 / 3, 12);
  });

  it('computes close calls over wrong rows, and omits close calls if all rows are right', () => {
    const counts = (...completions: string[]) =>
      metricsOf(completions.map((completion, n) => scored({ completion, answer: '3', task: 'count' }, n)));
    expect(find(counts('3', '4', '2', '9', 'many'), 'count', 'close_call')).toMatchObject({
      value: 0.5,
      n: 4,
    });
    expect(counts('3').map(({ metric }) => metric)).not.toContain('close_call');
  });

  it('excludes rows without a score, and never returns NaN', () => {
    expect(metricsOf([])).toEqual([]);
    const unjudged = scored({ completion: '2 m', answer: 'near', task: 'distance' });
    expect(metricsOf([unjudged])).toEqual([]);
    const metrics = metricsOf([unjudged, scored({ completion: '', answer: '', task: 'open' }, 1)]);
    for (const { value, interval } of metrics) {
      expect(value === null || Number.isFinite(value)).toBe(true);
      expect(interval?.every(Number.isFinite) ?? true).toBe(true);
    }
  });

  it('computes text metrics over all sentence answers if the set has open tasks', () => {
    const open = scored({ completion: 'a red cup', answer: 'a red cup' }, 1);
    const distance = scored({ completion: 'x', answer: '2 m', question: 'How far?', task: 'distance' }, 2);
    expect(find(metricsOf([open, distance]), 'text', 'bleu1')).toMatchObject({ value: 0.5, n: 2 });
    expect(metricsOf([distance]).map(({ task }) => task)).not.toContain('text');
  });

  it('groups rows without affecting the intervals of other groups', () => {
    const rows = Array.from({ length: 30 }, (_, n) =>
      scored(
        {
          completion: n % 3 ? 'A' : 'B',
          answer: 'A',
          choices: ['x', 'y'],
          task: 'mcq',
          set: n % 2 ? 'a' : 'b',
        },
        n,
      ),
    );
    const all = summarise(rows, (row) => row.set!);
    const alone = summarise(
      rows.filter(({ set }) => set === 'a'),
      (row) => row.set!,
    );
    expect(all.filter(({ group }) => group === 'a')).toEqual(alone);
    expect(alone.find(({ metric }) => metric === 'accuracy')?.interval).toHaveLength(2);
  });

  it('shows judge verdicts next to the scores of the rules', () => {
    const rows = [1, 0, null, 1].map((judge, n) => {
      const row = scored({ completion: 'yes', answer: 'no', task: 'yesno' }, n);
      return { ...row, score: { ...row.score, judge: judge as 0 | 1 | null } };
    });
    expect(find(metricsOf(rows), 'all', 'judge')).toMatchObject({
      value: null,
      bounds: [2 / 4, 3 / 4],
      not_judged: 1,
      n: 4,
    });
    expect(find(metricsOf(rows), 'yesno', 'accuracy')).toMatchObject({ value: 0, chance: 0.5 });
  });

  it('reports answer lengths and extraction paths', () => {
    const style = styleOf(
      ['<answer>a b c</answer>', 'x'].map((completion, n) =>
        scored({ completion, answer: 'a b', task: 'open' }, n),
      ),
    );
    expect(style).toEqual({
      answers: { p10: 1.2, p50: 2, p90: 2.8 },
      references: { p10: 2, p50: 2, p90: 2 },
      paths: { tags: 1, whole: 1 },
    });
    expect(styleOf([])).toEqual({ answers: null, references: null, paths: {} });
  });
});

describe('viewConsistency', () => {
  const pair = (id: string, original: string, mirror: string) => [
    scored({
      id,
      view: 'original',
      task: 'mcq',
      choices: ['left', 'right'],
      answer: 'A',
      completion: original,
    }),
    scored({ id, view: 'mirror', task: 'mcq', choices: ['right', 'left'], answer: 'A', completion: mirror }),
  ];

  it('reports the four pair outcomes, with chance', () => {
    const rows = [
      ...pair('1', 'A', 'A'),
      ...pair('2', 'A', 'B'),
      ...pair('3', 'B', 'A'),
      ...pair('4', 'B', '?'),
      pair('5', 'A', 'A')[0]!,
    ];
    const metrics = viewConsistency(rows);
    for (const verdict of ['consistent', 'only_original', 'only_mirror', 'neither']) {
      expect(metrics[verdict]).toMatchObject({ value: 0.25, n: 4, chance: 0.25 });
    }
    expect(metrics.original).toMatchObject({ value: 0.5, chance: 0.5 });
    expect(viewConsistency([pair('1', 'A', 'A')[0]!])).toEqual({});
  });

  it('viewConsistency computes the same interval as accuracy on the same rows', () => {
    const rows = Array.from({ length: 24 }, (_, n) =>
      pair(String(n), n % 3 ? 'A' : 'B', n % 2 ? 'A' : 'B'),
    ).flat();
    const originals = summarise(rows, (row) => row.view!).find(
      ({ group, metric }) => group === 'original' && metric === 'accuracy',
    )!;
    const { original, mirror } = viewConsistency(rows);
    expect(original!.interval).toEqual(originals.interval);
    expect(mirror!.interval).not.toEqual(originals.interval);
  });

  it('combines every answer of a view with every answer of the other view', () => {
    const rows = [...pair('1', 'A', 'A'), ...pair('1', 'B', 'A'), ...pair('1', 'A', 'B')];
    const { original, mirror, consistent, neither, view_gap } = viewConsistency(rows);
    // Two of three originals and two of three mirrors are right: 4 of 9 pairs of answers, and 1 of 9 wrong in both.
    expect(original).toMatchObject({ value: 2 / 3, n: 1, answers: 6, chance: 0.5 });
    expect(mirror).toMatchObject({ value: 2 / 3, chance: 0.5 });
    expect(consistent!.value).toBeCloseTo(4 / 9, 12);
    expect(consistent!.chance).toBe(0.25);
    expect(neither!.value).toBeCloseTo(1 / 9, 12);
    expect(view_gap!.value).toBe(0);
  });

  it('scores a recorded pair by the majority of its completions', () => {
    expect([[], [true], [true, false], [true, true, false]].map(isMajorityRight)).toEqual([
      false,
      true,
      false,
      true,
    ]);
    expect(pairVerdict(false, true)).toBe('only_mirror');
    expect(pairVerdict(false, true, 'rotate:180')).toBe('only_view');
  });

  it('reports chance over rows that can be guessed, and the number of these rows', () => {
    const rows = [
      ...[1, 2, 3].map((i) => scored({ id: `${i}`, task: 'yesno', answer: 'yes', completion: 'yes' })),
      scored({ id: 'count', task: 'count', answer: '3', completion: '3' }),
    ];
    expect(meanChance(rows.map(chanceOf))).toEqual({ chance: 0.5, chance_n: 3 });
    expect(meanChance(rows.slice(0, 3).map(chanceOf))).toEqual({ chance: 0.5 });
    expect(meanChance(rows.slice(3).map(chanceOf))).toEqual({});
  });
});

describe('shiftMetrics', () => {
  const row = (id: string, completion: string, answer: string) =>
    scored({ id, task: 'mcq', choices: ['near', 'far'], answer, completion });

  it('pairs rows, and reports gap, pair accuracy and inversion', () => {
    const id = [
      row('1', 'A', 'A'),
      row('2', 'A', 'A'),
      row('3', 'B', 'A'),
      row('4', 'A', 'A'),
      row('5', 'A', 'A'),
    ];
    // 1 follows the wording; 2 and 3 answer as before; 4 is unparsed; 5 has no other form; 6 keeps its right answer.
    const ood = [row('1', 'B', 'B'), row('2', 'A', 'B'), row('3', 'B', 'B'), row('4', '?', 'B')];
    const metrics = shiftMetrics(shiftPairs([...id, row('6', 'A', 'A')], [...ood, row('6', 'A', 'A')]));
    expect(metrics.inversion).toMatchObject({ value: 2 / 3, n: 3, unparsed: 1 });
    expect(metrics.id).toMatchObject({ value: 0.8, n: 5 });
    expect(metrics.ood!.value).toBeCloseTo(0.6, 12);
    expect(metrics.gap!.value).toBeCloseTo(-0.2, 12);
    expect(metrics.both_right!.value).toBeCloseTo(0.4, 12);
    expect(shiftMetrics([]).gap).toMatchObject({ value: null, n: 0 });
  });
});

describe('reasoning words', () => {
  it('finds reasoning words as whole words, longest first, without overlap, with positions', () => {
    const text =
      'In the first step I’m not sure, so maybe it could be left. Thus… Sofa, likelihood, iffy, THEREFORE.';
    const found = findReasoningWords(text);
    expect(found.map(({ start, end }) => text.slice(start, end))).toEqual([
      'In the first step',
      'I’m not sure',
      'so',
      'maybe',
      'could be',
      'Thus',
      'THEREFORE',
    ]);
    expect(found.map(({ category }) => category)).toEqual([
      'sequence',
      'hedge',
      'cause',
      'hedge',
      'hedge',
      'cause',
      'cause',
    ]);
  });

  it('prefers the longest of the phrases with the same beginning', () => {
    const text = 'That means: in case of doubt, it is important to note that it seems so; in fact, next.';
    const found = findReasoningWords(text);
    expect(found.map(({ start, end }) => text.slice(start, end).toLowerCase())).toEqual([
      'that means',
      'in case',
      'it is important to note',
      'seems',
      'so',
      'in fact',
      'next',
    ]);
    expect(found.map(({ category }) => category)).toEqual([
      'cause',
      'condition',
      'certainty',
      'hedge',
      'cause',
      'certainty',
      'sequence',
    ]);
  });

  it('counts reasoning words in the whole response, with or without tags', () => {
    const metrics = metricsOf([
      scored({
        completion: '<think>Maybe, so\nafter\nthat</think><answer>maybe</answer>',
        answer: 'x',
        task: 'open',
      }),
      scored({ completion: 'probably', answer: 'x', task: 'open' }, 1),
    ]);
    expect(find(metrics, 'all', 'reasoning_words')).toMatchObject({ value: 2.5, unit: 'count', n: 2 });
  });
});
