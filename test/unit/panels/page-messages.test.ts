import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import type { CallTable } from '../../../src/panels/calls.contract.ts';
import { annotateCalls } from '../../../src/panels/annotate/annotate.contract.ts';
import { playgroundCalls, playgroundMemory } from '../../../src/panels/playground/playground.contract.ts';
import { reportCalls, reportMemory } from '../../../src/panels/report/report.contract.ts';
import { traceCalls, traceMemory } from '../../../src/panels/trace/trace.contract.ts';
import { dataSetCalls, dataSetMemory } from '../../../src/panels/dataset/dataset.contract.ts';
import { pairCalls, pairMemory } from '../../../src/panels/pair/pair.contract.ts';
import { runCalls, runMemory } from '../../../src/panels/run/run.contract.ts';
import { insideCalls, insideMemory } from '../../../src/panels/inside/inside.contract.ts';
import { runsCalls, runsMemory } from '../../../src/panels/runs/runs.contract.ts';
import { tableCalls, tableMemory } from '../../../src/panels/table/table.contract.ts';
import { Page, checkMessage } from '../../../src/panels/page.host.ts';
import { fakePanel } from './fake-panel.ts';
import { Uri } from '../extension/fake-vscode.ts';
import { forAll } from '../../support/property.ts';

const PANELS: Record<string, CallTable> = {
  annotate: annotateCalls,
  dataSet: dataSetCalls,
  inside: insideCalls,
  pair: pairCalls,
  playground: playgroundCalls,
  report: reportCalls,
  run: runCalls,
  runs: runsCalls,
  table: tableCalls,
  trace: traceCalls,
};

/** A page and its host, which answers everything. */
function opened(calls: CallTable) {
  const fake = fakePanel();
  const handler = vi.fn(() => 'answer');
  const host = Object.fromEntries(Object.keys(calls).map((name) => [name, handler])) as unknown as {
    ready(): unknown;
  };
  new Page(fake.panel as never, Uri.file('/ext') as never, 'pair', () => host, calls);
  fake.ready();
  handler.mockClear();
  return { ...fake, handler };
}

describe('messages from a page', () => {
  test('messages of a page reach the handler as in the schema, without additional fields', async () => {
    const { handler, call, sent } = opened(pairCalls);
    call('image', { uri: 'file:///a', ref: { path: 'a.png' }, root: '/' });
    await vi.waitFor(() => expect(sent).toHaveLength(1));
    expect(handler.mock.calls).toEqual([[{ uri: 'file:///a', ref: { path: 'a.png' } }, expect.anything()]]);
    expect(sent).toEqual([{ type: 'result', id: 1, value: 'answer' }]);
  });

  test('messages of a page are rejected with a message if malformed', () => {
    const { handler, call, notify, fire, sent } = opened(traceCalls);
    call('tracePair', { run: '/runs/a', id: { step: -1, pair: 0 } });
    call('constructor', null);
    call('save', { name: '../a', bytes: [1, 2] });
    notify('openRow', { path: 7, line: 1 });
    for (const junk of [null, 7, 'ready', [], {}, { type: 'call' }, { type: 'result', id: 1, value: 2 }])
      fire(junk);
    expect(handler).not.toHaveBeenCalled();
    expect(sent.map(({ message }) => message)).toEqual([
      'Panel request "tracePair" cannot be read: "id.step" must be at least 0, not -1.',
      'Unknown panel request "constructor".',
      expect.stringContaining('Panel request "save" cannot be read: "bytes"'),
    ]);
  });

  test.each(Object.entries(PANELS))(
    'property: panel %s: accepts or rejects any message without an exception',
    (_, calls) => {
      const name = fc.oneof(fc.constantFrom(...Object.keys(calls)), fc.string());
      const message = fc.record(
        {
          type: fc.constantFrom('call', 'notify', 'cancel', 'x'),
          id: fc.anything(),
          name,
          args: fc.anything(),
        },
        { requiredKeys: ['type'] },
      );
      forAll([fc.oneof(message, fc.anything())], (sent) => {
        const found = checkMessage(calls, sent);
        if (found && 'refusal' in found) expect(found.refusal).toMatch(/^(Panel request|There is no)/);
      });
    },
  );
});

test.each([
  ['pair', pairMemory, { uri: 'file:///a', line: 3, boxes: true }, { uri: 7, line: 3 }],
  ['table', tableMemory, { uris: ['file:///a.csv'] }, { uris: [] }],
  ['dataset', dataSetMemory, { uri: 'file:///a', filter: {} }, {}],
  [
    'runs',
    runsMemory,
    { filter: 'grpo', sort: { column: 'both', descending: true }, columns: null },
    { filter: 'grpo', sort: 'both', columns: null },
  ],
  ['run', runMemory, { dirs: ['/runs/a'], x: 'step' }, { dirs: '/runs/a' }],
  ['inside', insideMemory, { dirs: ['/runs/a'], chosen: 'a' }, { dirs: [1] }],
  [
    'trace',
    traceMemory,
    { run: '/runs/a', name: 'a', id: null, options: {} },
    { run: ['/'], name: 'a', id: 1 },
  ],
  [
    'report',
    reportMemory,
    {
      runs: null,
      sweep: null,
      judging: null,
      choices: {
        checkpoints: 'last',
        metric: 'accuracy',
        base: null,
        map: {},
        compare: null,
        published: false,
      },
    },
    { runs: [1], sweep: null },
  ],
  [
    'playground',
    playgroundMemory,
    {
      pictures: {
        k: {
          name: 'a',
          place: { folder: '/a', root: '/a' },
          sample: { id: '', question: '', answer: '', images: ['a.png'] },
        },
      },
      models: [{ kind: 'local', id: 'm', label: 'm', detail: '', path: '/m' }],
      picture: 'k',
      history: [],
    },
    { pictures: { k: { name: 'a', place: '/', sample: {} } }, models: [], picture: null },
  ],
] as const)('memory of %s: accepts complete values, and rejects malformed values', (_, schema, good, bad) => {
  expect(schema.safeParse(good)).toEqual({ success: true, data: good });
  expect(schema.safeParse(bad).success).toBe(false);
});
