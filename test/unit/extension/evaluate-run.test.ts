import { resolve } from 'node:path';
import type { ZodMiniType } from 'zod/mini';
import { expect, test } from 'vitest';
import type { App } from '../../../src/extension/app.ts';
import { evaluateRun } from '../../../src/extension/commands/evaluate-run.ts';
import { newestEvaluation } from '../../../src/lab/evaluation/evaluation-folders.ts';
import { person, record } from './fake-vscode.ts';

test('evaluateRun: reports pair accuracy before the accuracies', async () => {
  const dir = resolve('test/fixtures/runs/given');
  const { results } = (await newestEvaluation(dir))!;
  const saved = {
    steps: [60],
    folders: [],
    best: null,
    sets: { val: resolve(dir, 'val.qa.jsonl') },
    root: dir,
  };
  const app = {
    service: { call: (name: string) => Promise.resolve(name === 'checkpoints' ? saved : { faults: [] }) },
    program: {
      answer: (schema: ZodMiniType, [command]: string[]) =>
        Promise.resolve(schema.parse(command === 'eval' ? results : [])),
    },
    roots: { allowed: [dir] },
    secrets: { get: () => Promise.resolve(undefined) },
  } as unknown as App;
  person.pick = (_, labels) => labels[0];
  await evaluateRun(app, { dir });
  person.pick = () => undefined;
  // 157, 237 and 169 of 256.
  expect(record.messages.at(-1)!.text).toBe(
    'given, step 60: val pair accuracy 61.3%; val original 92.6% (8 of 256 unparsed); val mirror 66.0% (5 of 256 unparsed).',
  );
});
