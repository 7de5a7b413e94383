import { describe, expect, it } from 'vitest';
import { metricLabel } from '../../../../src/base/labels.ts';
import { cvBench } from '../../../../src/core/metrics/cv-bench.ts';
import { summarise } from '../../../../src/core/metrics/summarise.ts';
import { oodGap } from '../../../../src/core/metrics/compare-rows.ts';
import { find, metricsOf, scored } from './rows.ts';

const percent = (value: number | null) => (100 * value!).toFixed(2);

/** Q-Spatial++: 101 rows whose reference is 1 m, answered so that the counts are those given. */
function qSpatial(counts: Record<string, number>) {
  const answers = Object.entries(counts).flatMap(([answer, n]) => new Array<string>(n).fill(answer));
  expect(answers).toHaveLength(101);
  return metricsOf(
    answers.map((answer, n) =>
      scored({ completion: `<answer>${answer}</answer>`, answer: '1 m', task: 'distance' }, n),
    ),
  );
}

describe('arithmetic of published values', () => {
  it.each([
    // R13: windows are over parsed rows, success over all.
    [
      'base',
      { '0.7 m': 9, '1.2 m': 5, '1.8 m': 8, '5 m': 71, 'I cannot tell.': 8 },
      '21.78 92.08 9.68 5.38 8.60',
    ],
    [
      'SpaceThinker',
      { '0.7 m': 16, '1.2 m': 7, '1.8 m': 5, '5 m': 71, far: 2 },
      '27.72 98.02 16.16 7.07 5.05',
    ],
    [
      'SFT (CoT)',
      { '0.7 m': 11, '1.2 m': 13, '1.8 m': 4, '5 m': 70, far: 3 },
      '27.72 97.03 11.22 13.27 4.08',
    ],
    // R14: one answer of exactly twice the reference is in a window, and is not a success.
    [
      'SVQA-R1',
      { '0.7 m': 19, '1.2 m': 19, '1.8 m': 21, '2 m': 1, '5 m': 41 },
      '58.42 100.00 18.81 18.81 21.78',
    ],
  ])('reproduces Q-Spatial++ of %s', (_, counts, expected) => {
    const metrics = qSpatial(counts);
    const names = ['success', 'completed', 'in_range_50_100', 'in_range_100_150', 'in_range_150_200'];
    expect(names.map((name) => percent(find(metrics, 'distance', name).value)).join(' ')).toBe(expected);
    expect(find(metrics, 'distance', 'smape')).toMatchObject({
      unit: 'percent',
      n: Math.round(101 * find(metrics, 'distance', 'completed').value!),
    });
  });

  /** CV-Bench with the given accuracies, in percent, of its 788, 650, 600 and 600 rows. */
  function cv(accuracies: readonly number[]) {
    const sizes = [
      ['Count', 788],
      ['Relation', 650],
      ['Depth', 600],
      ['Distance', 600],
    ] as const;
    const rows = sizes.flatMap(([task, size], t) =>
      Array.from({ length: size }, (_, i) =>
        scored({
          id: `${task}-${i}`,
          task: 'mcq',
          choices: ['x', 'y'],
          answer: '(A)',
          completion: i < Math.round((accuracies[t]! / 100) * size) ? '(A)' : '(B)',
          meta: { task, source: t >= 2 ? 'Omni3D' : i % 2 ? 'COCO' : 'ADE20K' },
        }),
      ),
    );
    return cvBench(rows);
  }

  it('reproduces both published CV-Bench totals, macro and micro (R22)', () => {
    const sft = cv([65.07, 80.92, 61.67, 59.5]);
    // 65.07% and 80.92% are not counts of 788 and 650; the nearest ones give this.
    expect(100 * sft.total_macro!.value!).toBeCloseTo(66.79, 1);
    expect(percent(sft.relation!.value)).toBe('80.92');
    expect(sft.total_micro).toMatchObject({ n: 2638, unparsed: 0, chance: 0.5 });
    const qwen = cv([50.76, 63.23, 66.33, 64.67]);
    expect(percent(qwen.total_micro!.value)).toBe('60.54');
  });

  it('computes Pass@k of each CV-Bench task [A-36]', () => {
    const right = { Count: [1, 3], Depth: [0, 2] } as const;
    const rows = Object.entries(right).flatMap(([task, each]) =>
      each.flatMap((count, q) =>
        Array.from({ length: 4 }, (_, i) =>
          scored({
            id: `${task}-${q}`,
            task: 'mcq',
            choices: ['x', 'y'],
            answer: '(A)',
            completion: i < count ? '(A)' : '(B)',
            meta: { task },
          }),
        ),
      ),
    );
    const metrics = summarise(rows, () => '').filter(
      ({ task, metric }) => task === 'cv-bench' && metric.includes('@'),
    );
    const values = Object.fromEntries(
      metrics.map(({ metric, value }) => [metric, expect.closeTo(value!, 12) as number]),
    );
    // 1 − C(n − c, k) / C(n, k) of n = 4 answers, c of them right, and the mean over two questions.
    expect({
      'count_pass@1': (1 / 4 + 3 / 4) / 2,
      'count_pass@2': (1 - 3 / 6 + 1) / 2,
      'count_pass@4': 1,
      'depth_pass@1': (0 + 2 / 4) / 2,
      'depth_pass@2': (0 + 1 - 1 / 6) / 2,
      'depth_pass@4': 1 / 2,
    }).toEqual(values);
    expect(metricLabel('count_pass@4')).toBe('Count, pass@4');
  });

  it('weights the sources of CV-Bench like the benchmark', () => {
    const rows = [
      ['ADE20K', 'Count', 'A'],
      ['COCO', 'Relation', 'B'],
      ['COCO', 'Count', 'A'],
      ['Omni3D', 'Depth', 'B'],
    ].map(([source, task, completion], n) =>
      scored(
        { completion: completion!, answer: 'A', choices: ['x', 'y'], task: 'mcq', meta: { task, source } },
        n,
      ),
    );
    // ½ · (½ · (1 + ½) + 0); no row of Distance: no macro mean.
    expect(cvBench(rows)).toMatchObject({ total_official: { value: 0.375 }, total_macro: { value: null } });
    expect(cvBench([scored({ completion: 'A', answer: 'A', task: 'mcq' })])).toEqual({});
  });

  it('separates points from relative changes (R20)', () => {
    expect(oodGap(0.6167, 0.5633, 0.59).relative_to_base).toBeCloseTo(-4.5, 1);
    expect(oodGap(0.7633, 0.705, 0.59).relative_to_base).toBeCloseTo(19.5, 1);
    expect(oodGap(0.595, 0.4747).points).toBeCloseTo(-12.03, 10);
    expect(oodGap(0.6267, 0.595).points).toBeCloseTo(-3.17, 10);
    expect(oodGap(0, 0.5).relative).toBeNull();
  });
});
