import { expect, test } from 'vitest';
import { runName, withDistinctNames } from '../../../../src/core/run-data/run-name.ts';

test.each([
  ['/home/mira/runs/demo', 'demo'],
  ['/home/mira/out/ms-swift-4.6/v0-20261121-020121', 'ms-swift-4.6/v0-20261121-020121'],
  ['C:\\out\\theirs\\v1-20261121-030000', 'theirs/v1-20261121-030000'],
  ['/cache/project.db/left%2Fright', 'left/right'],
  ['/cache/project.db/100%', '100%'],
])('the run in %s is called %s', (dir, name) => expect(runName(dir)).toBe(name));

const run = (dir: string) => ({ name: dir.split(/[/\\]/).at(-1)!, dir });
const namesOf = (...dirs: string[]) => withDistinctNames(dirs.map(run)).map(({ name }) => name);

test('names a run by its path below the common folder, where a run elsewhere has the same name', () => {
  expect(namesOf('/w/a/runs/demo', '/w/b/runs/demo', '/w/a/runs/other')).toEqual([
    'a/runs/demo',
    'b/runs/demo',
    'other',
  ]);
  expect(namesOf('/w/runs/demo', '/w/sweeps/x/runs/demo')).toEqual(['runs/demo', 'sweeps/x/runs/demo']);
  expect(namesOf('C:\\w\\a\\demo', 'C:\\w\\b\\demo')).toEqual(['a/demo', 'b/demo']);
});

test('leaves the name of a run that is listed twice', () => {
  expect(namesOf('/w/a/demo', '/w/a/demo')).toEqual(['demo', 'demo']);
});

test('keeps a folder that contains another of its name', () => {
  expect(namesOf('/w/demo', '/w/demo/demo')).toEqual(['demo', 'demo/demo']);
});

test('takes the paths that it is given', () => {
  const named = withDistinctNames([run('/a/x'), run('/b/x'), run('/b/y')], (dir) => `~${dir}`);
  expect(named.map(({ name }) => name)).toEqual(['~/a/x', '~/b/x', 'y']);
});
