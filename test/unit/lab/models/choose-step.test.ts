import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { EvaluationResult } from '../../../../src/core/evaluation/results.ts';
import { chooseStep } from '../../../../src/lab/models/open-model.ts';
import { PROJECT } from '../../recorded/files.ts';
import { folderOfTests } from '../../../support/folder.ts';

let run = '';
beforeEach(async () => {
  run = join(folderOfTests('choose-step-'), 'run');
  await cp(join(PROJECT, 'runs/spatial'), run, { recursive: true });
});
afterEach(() => rm(join(run, '..'), { recursive: true }));

const resultsOf = (step: number) => join(run, `eval/step-00000${step}/results.json`);

/** Gives every accuracy of an evaluation this value. */
async function say(step: number, accuracy: number): Promise<void> {
  const results = JSON.parse(await readFile(resultsOf(step), 'utf8')) as EvaluationResult[];
  const said = results.map((one) => (one.metric === 'accuracy' ? { ...one, value: accuracy } : one));
  await writeFile(resultsOf(step), JSON.stringify(said));
}

it('chooseStep: selects the checkpoint with the best evaluation', async () => {
  // The best of all, at the start, has no checkpoint.
  await say(0, 1);
  await say(2, 0.9);
  await say(4, 0.2);
  expect(await chooseStep(run, 'best')).toBe(2);
  await say(4, 0.95);
  expect(await chooseStep(run, 'best')).toBe(4);
  await say(2, 0.95);
  expect(await chooseStep(run, 'best')).toBe(2);
  expect(await chooseStep(run, 'last')).toBe(4);
});

it('chooseStep: rejects "best" if no checkpoint was evaluated', async () => {
  for (const step of [2, 4]) await rm(resultsOf(step));
  await expect(chooseStep(run, 'best')).rejects.toThrow('The run has no evaluated checkpoint.');
});
