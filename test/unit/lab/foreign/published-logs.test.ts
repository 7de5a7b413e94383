import { readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ForeignRun } from '../../../../src/lab/foreign/foreign-run.ts';
import { NO_INTERPRETATION } from '../../../../src/core/run-data/interpretation.ts';
import { folderOfTests } from '../../../support/folder.ts';

/** What programs' authors keep of their own runs; where each comes from is in the folder's README.md. */
const LOGS = new URL('../../../fixtures/foreign-logs/', import.meta.url).pathname;
const scratch = folderOfTests('foreign-logs-');

const read = (path: string) => new ForeignRun(path, NO_INTERPRETATION).read();

/** By version: the set, answers that are right of all, and figures of the log. */
const INSPECT: [version: string, set: string, right: [number, number], figures: [string, number | null][]][] =
  [
    ['version-1', 'wikipedia', [0, 0], [['model_graded_fact/bootstrap_std', 0]]],
    [
      'version-2',
      'wikipedia',
      [0, 0],
      [
        ['model_graded_fact/accuracy', 1],
        ['model_graded_fact/bootstrap_std', 0],
      ],
    ],
    ['0.3.25', 'hello_world', [0, 1], []],
    ['0.3.41', 'popularity', [0, 1], []],
    ['0.3.95-no-samples', 'testtaskname', [0, 0], []],
    ['0.3.95_log', 'popularity', [1, 1], []],
    ['0.3.135', 'inspect_test_utils/guess_number', [0, 1], []],
    ['0.3.154', 'inspect_evals/mmlu_0_shot', [0, 1], []],
  ];

test.each(INSPECT)('reads the Inspect log %s', async (version, set, [right, all], figures) => {
  const file = readdirSync(join(LOGS, 'inspect')).find((name) => name.includes(`_${version}`));
  const state = await read(join(LOGS, 'inspect', file!));
  expect(state).toMatchObject({ problems: [], origin: { kind: 'inspect' } });
  const { rows, figures: found } = state.evaluation!;
  expect([...new Set([...rows, ...found].map((one) => one.set))]).toEqual([set]);
  expect([rows.filter((row) => row.right).length, rows.length]).toEqual([right, all]);
  expect(rows.every(({ question, segments }) => question !== '' && segments[0]!.text !== '')).toBe(true);
  expect(found.map(({ metric, value }) => [metric, value])).toEqual(expect.arrayContaining(figures));
});

test('ms-swift 1: reads steps from a plain number', async () => {
  const state = await read(join(LOGS, 'ms-swift-1/v3-20230918-120111'));
  expect(state).toMatchObject({ problems: [], origin: { kind: 'ms-swift' } });
  expect([...state.metrics]).toEqual([
    [10, expect.objectContaining({ loss: 4.4561, eval_loss: 4.421665668487549 })],
    [20, expect.objectContaining({ loss: 4.3683 })],
  ]);
});

test('wandb 0.10: reads a log without metrics', async () => {
  const state = await read(join(LOGS, 'wandb-0.10/offline-run-20210216_154407-g9dvvkua'));
  expect(state).toMatchObject({ problems: [], steps: [], origin: { kind: 'wandb' }, ended: 'finished' });
});

test('evalscope before 1.0: reads scores stored next to the choices of a reply', async () => {
  const dir = join(scratch, 'evalscope');
  await mkdir(join(dir, 'reviews/m'), { recursive: true });
  const choice = (content: string, pred: string, result: number) => ({
    index: 0,
    message: { role: 'assistant', content },
    finish_reason: 'stop',
    review: { gold: 'B', pred, result },
  });
  const line = (id: string, choices: object[]) =>
    JSON.stringify({
      id: `chat-${id}`,
      object: 'chat.completion',
      choices,
      raw_input: { id, question: 'Where?' },
    });
  const lines = [
    line('a', [choice('It is B.', 'B', 1), choice('A', 'A', 0)]),
    line('b', [choice('B', 'B', 1)]),
  ];
  await writeFile(join(dir, 'reviews/m/where_default.jsonl'), `${lines.join('\n')}\n`);
  const state = await read(dir);
  expect(state).toMatchObject({ problems: [], sets: ['where_default'], origin: { kind: 'evalscope' } });
  expect(
    state.evaluation!.rows.map(({ id, completion_index, answer, segments, right }) => [
      id,
      completion_index,
      answer,
      segments[0]!.text,
      right,
    ]),
  ).toEqual([
    ['a', 0, 'B', 'It is B.', true],
    ['a', 1, 'B', 'A', false],
    ['b', 0, 'B', 'B', true],
  ]);
});
