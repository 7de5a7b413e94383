import { describe, expect, it } from 'vitest';
import type { OpenRun } from '../../../webview/run/run-panel-state.ts';
import { branchSteps, forkEvents, fromStep, parentDir, type Curve } from '../../../webview/run/curves.ts';

const event = { place: { step: 4, time: 4, tokens: 4 }, time: '', kind: 'fork', message: '', alarm: null };
const run = (name: string, parent?: { name: string; step: number }) =>
  ({
    dir: `/w/runs/${name}`,
    name,
    kind: 'run',
    facts: { ...(parent && { parent: { ...parent, changes: '' } }) },
    news: { events: parent ? [event] : [] },
  }) as unknown as OpenRun;

const curve: Curve = {
  id: '',
  run: 0,
  line: 0,
  label: '',
  x: Float64Array.of(10, 20, 30, 40),
  steps: Float64Array.of(1, 2, 4, 6),
  raw: Float64Array.of(0.1, 0.2, 0.4, 0.6),
  smooth: null,
  band: { low: Float64Array.of(0, 0, 0.3, 0.5), high: Float64Array.of(1, 1, 0.5, 0.7) },
};

describe('fork in a chart', () => {
  it('a fork starts at its branching step next to its parent, and at step 0 without the parent', () => {
    const [parent, fork] = [run('eta-1'), run('eta-2', { name: 'eta-1', step: 4 })];
    expect(parentDir(fork)).toBe('/w/runs/eta-1');
    expect(branchSteps([parent, fork])).toEqual([0, 4]);
    expect(branchSteps([fork])).toEqual([0]);
    expect(forkEvents([fork, parent])).toEqual([event]);
    expect(forkEvents([fork])).toEqual([]);
  });

  it('a fork begins at the last common point, so that the curves touch', () => {
    expect(fromStep(curve, 4)).toMatchObject({ x: Float64Array.of(30, 40), raw: Float64Array.of(0.4, 0.6) });
    expect(fromStep(curve, 5).x).toEqual(Float64Array.of(30, 40));
    expect(fromStep(curve, 5).band!.low).toEqual(Float64Array.of(0.3, 0.5));
    expect(fromStep(curve, 0)).toBe(curve);
  });
});
