import { expect, test } from 'vitest';
import { runName, withDistinctNames } from '../../../../src/core/run-data/run-name.ts';

test.each([
  ['/home/mira/runs/demo', 'demo'],
  ['/home/mira/out/ms-swift-4.6/v0-20261121-020121', 'ms-swift-4.6/v0-20261121-020121'],
  ['C:\\out\\theirs\\v1-20261121-030000', 'theirs/v1-20261121-030000'],
  ['/cache/project.db/left%2Fright', 'left/right'],
  ['/cache/project.db/100%', '100%'],
])('runName: names the run in %s %s', (dir, name) => expect(runName(dir)).toBe(name));

const run = (dir: string) => ({ name: dir.split(/[/\\]/).at(-1)!, dir });
const namesOf = (...dirs: string[]) => withDistinctNames(dirs.map(run)).map(({ name }) => name);

test('withDistinctNames: uses the path below the common folder for equal names', () => {
  expect(namesOf('/w/a/runs/demo', '/w/b/runs/demo', '/w/a/runs/other')).toEqual([
    'a/runs/demo',
    'b/runs/demo',
    'other',
  ]);
  expect(namesOf('/w/runs/demo', '/w/sweeps/x/runs/demo')).toEqual(['runs/demo', 'sweeps/x/runs/demo']);
  expect(namesOf('C:\\w\\a\\demo', 'C:\\w\\b\\demo')).toEqual(['a/demo', 'b/demo']);
});

test('withDistinctNames: keeps the name of a run that is listed twice', () => {
  expect(namesOf('/w/a/demo', '/w/a/demo')).toEqual(['demo', 'demo']);
});

test('withDistinctNames: keeps the name of a folder that contains another folder of this name', () => {
  expect(namesOf('/w/demo', '/w/demo/demo')).toEqual(['demo', 'demo/demo']);
});

test('withDistinctNames: uses the given display paths', () => {
  const named = withDistinctNames([run('/a/x'), run('/b/x'), run('/b/y')], (dir) => `~${dir}`);
  expect(named.map(({ name }) => name)).toEqual(['~/a/x', '~/b/x', 'y']);
});
