import { expect, test } from 'vitest';
import type { RunSummary } from '../../../src/panels/runs/runs.contract.ts';
import { COLUMNS, textOf } from '../../../webview/runs/runs-columns.ts';

test('Runs table: shows no start time for an external run', () => {
  const origin = { holds: 'trackio', written: '2026-11-22T04:08:00Z', isCopy: false };
  const run = { name: 'theirs', started: null, origin } as RunSummary;
  const started = COLUMNS.find(({ name }) => name === 'started')!;
  expect([started.value(run), textOf(run, started)]).toEqual([null, '']);
});
