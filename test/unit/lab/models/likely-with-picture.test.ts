import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readRunFile } from '../../../../src/cli/config.ts';
import type { PictureCheck } from '../../../../src/core/metrics/picture-effect.ts';
import { checkPictures } from '../../../../src/lab/models/likely-with-picture.ts';
import { openTools, type Tools } from '../../../../src/lab/models/recipe-tools.ts';
import { greyFolder, showGrey } from '../../../support/grey.ts';
import { chirality, tinyProject, trained } from '../recipes/cli.ts';
import { folderOfTests } from '../../../support/folder.ts';
import { slowly } from '../../../support/slow.ts';

/** Enough to tell an image from others by. */
const STEPS = 60;

const folder = folderOfTests('chirality-sight-');
beforeAll(async () => {
  await tinyProject(folder);
  const sft = await readFile(join(folder, 'sft.run.yaml'), 'utf8');
  for (const name of ['seeing', 'blind'])
    await writeFile(join(folder, `${name}.run.yaml`), sft.replace('steps: 30', `steps: ${STEPS}`));
  await trained(folder, 'seeing');
  const bringBack = await greyFolder(join(folder, 'train/images'));
  await trained(folder, 'blind');
  await bringBack();
  const grpo = await readFile(join(folder, 'grpo.run.yaml'), 'utf8');
  for (const name of ['seeing', 'blind'])
    await writeFile(
      join(folder, `after-${name}.run.yaml`),
      grpo.replace('runs/sft/checkpoints/step-000030', `runs/${name}/checkpoints/step-0000${STEPS}`),
    );
});

/** What the check tells of a config. @param prepare changes the model before */
async function check(name: string, prepare: (tools: Tools) => void = () => undefined): Promise<PictureCheck> {
  const config = readRunFile(join(folder, `${name}.run.yaml`));
  const tools = await openTools(config, null);
  try {
    prepare(tools);
    return await checkPictures(config, tools.rows, tools.trainer);
  } finally {
    await tools.close();
  }
}

describe('checkPictures', () => {
  it('checkPictures recognises a model that uses the image, and does not change the model', async () => {
    const once = await check('after-seeing');
    expect(once).toMatchObject({ sight: 'sees', answers: 32, over_grey: { n: 32 }, over_other: { n: 32 } });
    expect(await check('after-seeing')).toEqual(once);
  });

  slowly('checkPictures recognises a model trained without the image', async () => {
    const found = await check('after-blind');
    expect(['blind', 'any', 'misled']).toContain(found.sight);
  });

  slowly('checkPictures recognises a model that receives grey images', async () => {
    const found = await check('after-seeing', ({ trainer }) => void showGrey(trainer));
    expect(found).toMatchObject({
      sight: 'unmoved',
      over_grey: { difference: expect.closeTo(0, 4) as number },
    });
  });

  it('checkPictures skips a model with random weights', async () => {
    expect(await check('sft')).toEqual({
      sight: 'not-asked',
      why: expect.stringContaining('starts from random weights') as string,
    });
  });

  it('checkPictures is part of a dry run, as text and JSON, and never blocks a run', async () => {
    const told = await chirality(folder, 'train', 'after-blind.run.yaml', '--dry-run');
    expect(told.code).toBe(0);
    expect(told.stdout).toMatch(/nats.*another row’s image/);
    expect(told.stderr).toContain('Dry run passed.');
    const json = await chirality(folder, 'train', 'after-seeing.run.yaml', '--dry-run', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ picture_check: { sight: 'sees', answers: 32 } });
  });
});
