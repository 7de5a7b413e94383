import { expect, test } from 'vitest';
import { parseSample } from '../../../../src/rows/sample/parse-sample.ts';
import { isOwnForm } from '../../../../src/rows/scene-graph/scene-graph.ts';
import { readGraph } from '../../../../src/rows/scene-graph/read-graph.ts';
import { JUNK, placesIn, replaced } from '../../../support/corrupt-row.ts';
import { faultsOf, ROWS } from './corrupted-rows.ts';

test.each(Object.entries(ROWS))('parseSample: accepts the uncorrupted row %s', (_, row) => {
  expect(parseSample(row).problems).toEqual([]);
});

test('corrupted rows: parseSample names the wrong field, or all code accepts the row', () => {
  expect(faultsOf(ROWS['as documented'], [5, [null]], ['mirror'])).toEqual([]);
});

test('readGraph: returns a graph in the native form unchanged', () => {
  const { scene_graph: graph } = ROWS['as documented'];
  const graphs = placesIn(graph).flatMap((path) => JUNK.map((value) => replaced(graph, path, value)));
  const own = [graph, ...graphs].filter(isOwnForm);
  expect(own.length).toBeGreaterThan(10);
  for (const one of own) expect(readGraph(one).graph).toEqual(one);
});
