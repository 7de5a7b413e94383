import { expect, test } from 'vitest';
import { runName } from '../../../../src/core/run-data/run-name.ts';

test.each([
  ['/home/mira/runs/demo', 'demo'],
  ['/home/mira/out/ms-swift-4.6/v0-20261121-020121', 'ms-swift-4.6/v0-20261121-020121'],
  ['C:\\out\\theirs\\v1-20261121-030000', 'theirs/v1-20261121-030000'],
  ['/cache/project.db/left%2Fright', 'left/right'],
  ['/cache/project.db/100%', '100%'],
])('the run in %s is called %s', (dir, name) => expect(runName(dir)).toBe(name));
