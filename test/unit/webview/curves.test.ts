import { expect, test } from 'vitest';
import type { EvaluationResult } from '../../../src/core/evaluation/results.ts';
import { gapsOf, lastValue, valueAt, type Curve } from '../../../webview/run/curves.ts';
import { evaluationCharts, evaluationCurves } from '../../../webview/run/evaluation-chart.tsx';
import type { OpenRun } from '../../../webview/run/run-panel-state.ts';

/** @param values by step; null for a row without a value */
const gaps = (values: Record<number, number | null>) => {
  const steps = Float64Array.from(Object.keys(values), Number);
  const raw = Float64Array.from(Object.values(values), (value) => value ?? NaN);
  return gapsOf({ x: steps.map((step) => 100 * step), steps, raw });
};

test('chart gaps: start before a row without a value, and end after it', () => {
  expect(gaps({ 1: 1, 2: 1, 3: null, 4: 1, 5: 1 })).toEqual([[200, 400]]);
});

test('chart gaps: appear at missing rows', () => {
  expect(gaps({ 1: 1, 2: 1, 500: 1, 501: 1 })).toEqual([[200, 50_000]]);
});

test('chart gaps: account for metrics logged every tenth row', () => {
  const rows = Array.from({ length: 61 }, (_, step) => [step, step % 10 === 0 ? 1 : null] as const);
  expect(gaps(Object.fromEntries(rows))).toEqual([]);
  expect(gaps(Object.fromEntries(rows.map(([step, value]) => [step, step === 30 ? null : value])))).toEqual([
    [2000, 4000],
  ]);
});

test('chart gaps: are not inferred from one or two distances', () => {
  expect(gaps({ 1: 1 })).toEqual([]);
  expect(gaps({ 10: 1, 100: 1, 400: 1 })).toEqual([]);
});

test('smoothed curve: shows the measured value at each position and at the end', () => {
  const x = Float64Array.of(1, 2, 3, 4);
  const curve = { x, steps: x, raw: Float64Array.of(2, 0, 5, NaN), smooth: Float64Array.of(2, 1, 3, 3) };
  expect(lastValue(curve as unknown as Curve)).toBe(5);
  expect(valueAt(curve as unknown as Curve, 2)).toBe(0);
  expect(lastValue({ ...curve, raw: Float64Array.of(NaN) } as unknown as Curve)).toBeNaN();
});

test('evaluationCurves: prefers the run’s own evaluation at a step', () => {
  const at = (id: string, step: number, value: number) => ({
    id,
    place: { step, time: step, tokens: step },
    figures: [{ set: 'val', task: 'all', view: 'original', metric: 'accuracy', value, n: 4 }],
  });
  const evaluations = [
    at('step-000001', 1, 0.5),
    at('step-000002', 2, 0.75),
    at('step-000002-val-0a', 2, 0.25),
  ];
  const runs = [{ name: 'a', kind: 'run', facts: {}, news: { evaluations } }] as unknown as OpenRun[];
  const { curves } = evaluationCurves(evaluationCharts(runs)[0]!, runs, 'step');
  expect(curves.map(({ raw }) => [...raw])).toEqual([[0.5, 0.75]]);
});

test('evaluationCurves: labels the chance level of pair accuracy', () => {
  const place = { step: 1, time: 1, tokens: 1 };
  const figure = (view: string | null, metric: string, chance: number) =>
    ({ set: 'val', task: 'all', view, metric, value: 0.5, n: 4, chance }) as EvaluationResult;
  const levelsOf = (figures: EvaluationResult[]) => {
    const news = { evaluations: [{ id: 'step-000001', place, figures }] };
    const runs = [{ name: 'a', kind: 'run', facts: {}, news }] as unknown as OpenRun[];
    return evaluationCurves(evaluationCharts(runs)[0]!, runs, 'step').levels;
  };
  const answers = [figure('original', 'accuracy', 0.5), figure('mirror', 'accuracy', 0.5)];
  expect(levelsOf(answers)).toEqual([{ y: 0.5, label: 'chance' }]);
  expect(levelsOf([...answers, figure(null, 'consistent', 0.25)])).toEqual([
    { y: 0.5, label: 'chance' },
    { y: 0.25, label: 'chance, pair accuracy' },
  ]);
});

test('evaluationCurves: draws the image-free bound of pair accuracy in accuracy charts only', () => {
  const place = { step: 1, time: 1, tokens: 1 };
  const base = { set: 'val', task: 'all', n: 4, value: 0.5 };
  const floor = { constant: 0.25, words: 0.375, bounded: false };
  const figures = [
    { ...base, view: 'original', metric: 'accuracy' },
    { ...base, view: null, metric: 'consistent', floor },
    ...['only_original', 'only_mirror', 'neither'].map((metric) => ({ ...base, view: null, metric })),
    { ...base, view: null, metric: 'label_free_agreement' },
  ];
  const news = { evaluations: [{ id: 'step-000001', place, figures }] };
  const runs = [{ name: 'a', kind: 'run', facts: {}, news }] as unknown as OpenRun[];
  const drawn = evaluationCharts(runs).map((spec) => [spec.id, evaluationCurves(spec, runs, 'step').levels]);
  expect(drawn).toEqual([
    ['evaluation val all accuracy', [{ y: 0.375, label: 'image-free bound', dotted: true }]],
    ['evaluation val verdicts', []],
    ['evaluation val agreement', []],
  ]);
});
