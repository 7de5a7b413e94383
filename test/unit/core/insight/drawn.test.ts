import { expect, it } from 'vitest';
import { drawnPair, type DrawnView } from '../../../../src/core/insight/drawn-pair.ts';
import type { Look } from '../../../../src/core/insight/look.ts';
import { chosenMap, type MapChoice } from '../../../../src/core/insight/map-choice.ts';
import { packMaps, unmirrorMap } from '../../../../src/core/insight/maps.ts';
import { HEADS, LAYERS, SIDE, viewWith } from '../../../support/look.ts';

const look: Look = {
  kind: 'look',
  engine: 'embedded',
  model: 'tiny',
  step: null,
  strategy: 'direct',
  general_prompt: '',
  id: 'r-1',
  layers: LAYERS,
  heads: HEADS,
  words: ['left', 'right'],
  views: [viewWith('original', ['answer', 'cone']), viewWith('mirror', ['answer', 'cone'])],
};
const choice: MapChoice = { query: 'cone', layer: 0, head: 'mean', mode: 'attention', opacity: 1 };
const chosen = (change: Partial<MapChoice>, view = 0) => chosenMap(look, { ...choice, ...change }, view);

it('chosenMap: selects the map and sinks of a layer, or of the last layer if none matches', () => {
  // In the last layer, all heads read the cell in row 3, column 2.
  const cell = 3 * SIDE + 2;
  const last = chosen({ layer: 9 })!;
  expect(last).toEqual(chosen({ layer: 2 }));
  expect([...last.sinks]).toEqual([cell]);
  expect(last.values.indexOf(Math.max(...last.values))).toBe(cell);
  expect(chosen({ layer: 1 })!.sinks.size).toBe(0);
  expect(chosen({ query: 'ball' })).toBeNull();
});

it('chosenMap: shows a difference map in the orientation of each image', () => {
  const [original, mirror] = [0, 1].map((view) => chosen({ mode: 'difference' }, view)!);
  expect(mirror!.values).toEqual(unmirrorMap(original!.values, { cols: SIDE }));
  expect(Math.max(...original!.values)).toBeGreaterThan(0.1);
  for (const value of chosen({ mode: 'difference', layer: 1 })!.values) expect(value).toBeCloseTo(0, 2);
});

it('drawnPair: draws the stored pair until all heads are computed', () => {
  const maps = packMaps({ shape: [1, 2], data: Float32Array.of(1, 3) });
  const view = (name: 'original' | 'mirror', lift: number): DrawnView => ({
    view: name,
    question: 'Where is the cone?',
    reference: 'left',
    answer: 'right',
    verdict: 'wrong',
    objects: [],
    lifts: [{ label: 'cone', byLayer: [null, lift] }],
    map: { grid: { rows: 1, cols: 2, piece: [0, 0, 1, 1] }, maps },
  });
  const views = [view('original', 3), view('mirror', 1)];
  const kept = drawnPair(views, null, 0, null);
  expect(kept.finding).toBe('The model answers “right” in both views. Neither answer is correct.');
  expect(kept.views[0]).toMatchObject({ verdictText: '✗ wrong, reference answer: left', lifts: [] });
  expect(kept.views[0]!.map!.values[1]).toBeCloseTo(0.75, 2);
  const later = drawnPair(views, null, 1, null);
  // One map is no evidence of what a model looks at: the figure stands next to the sentence.
  expect([later.finding, later.views[0]!.lifts]).toEqual([kept.finding, [{ label: 'cone', lift: 3 }]]);
  expect(later.views[0]!.map).toBeNull();
  const looked = drawnPair(views, look, 1, 0);
  expect(looked.views.map(({ answer }) => answer)).toEqual(['left', 'right']);
  expect(looked.views[0]!.map!.values).toEqual(chosen({ query: 'answer', layer: 1, head: 0 })!.values);
});
