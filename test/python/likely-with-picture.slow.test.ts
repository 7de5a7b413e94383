import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRunFile } from '../../src/cli/config.ts';
import type { Worker } from '../../src/engines/torch/worker.ts';
import { checkPictures } from '../../src/lab/models/likely-with-picture.ts';
import { openTools, type Tools } from '../../src/lab/models/recipe-tools.ts';
import { showGrey } from '../support/grey.ts';
import { giveBack, scratch, takeWorker, torch } from './open.ts';
import { Runs } from './runs.ts';

describe.skipIf(!torch)('checkPictures on the torch engine', () => {
  const folder = scratch();
  const runs = new Runs(folder);
  let tools: Tools;
  let worker: Worker;
  const check = () => checkPictures(readRunFile(runs.path('sft.run.yaml')), tools.rows, tools.trainer);
  beforeAll(async () => {
    await runs.prepare();
    worker = await takeWorker();
    tools = await openTools(readRunFile(runs.path('sft.run.yaml')), null, { worker });
  });
  afterAll(async () => {
    await tools.close();
    giveBack(worker);
    await rm(folder, { recursive: true, force: true });
  });

  it('detects that images change the answers of a model with random weights', async () => {
    const found = await check();
    expect(found).toMatchObject({ answers: 16, over_other: { n: 16 } });
    expect(found.sight).not.toBe('unmoved');
  });

  it('detects images that do not reach the model', async () => {
    const bringBack = showGrey(tools.trainer);
    expect(await check()).toMatchObject({ sight: 'unmoved' });
    bringBack();
  });
});
