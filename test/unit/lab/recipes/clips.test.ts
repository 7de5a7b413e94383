import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { readRunFile } from '../../../../src/cli/config.ts';
import { imagesOf } from '../../../../src/core/prompts/message.ts';
import { openTools } from '../../../../src/lab/models/recipe-tools.ts';
import { folderOfTests } from '../../../support/folder.ts';
import { chirality, MODEL, trained } from './cli.ts';

/** Trains on clips of the embedded engine: SFT, then GRPO on pairs in time. */
const folder = folderOfTests('chirality-clips-');
const VIEWS = ['reverse', 'mirror', 'mirror+reverse'];
const shared = {
  engine: MODEL,
  steps: 2,
  data: { train: 'train/data.qa.jsonl', eval: { val: 'val/data.qa.jsonl' } },
  evaluate: { every: 2, max_tokens: 6, views: VIEWS },
};
const after = {
  ...shared,
  recipe: 'grpo',
  init: 'runs/sft/checkpoints/step-000002',
  batch: { rows: 6 },
  sampling: { group_size: 2, max_tokens: 6 },
  rewards: { format: { weight: 0.5 }, semantic: { weight: 0.5 } },
};
const configs: Record<string, object> = {
  sft: { ...shared, recipe: 'sft', target: '<answer> {answer} </answer>', batch: { samples: 4 } },
  grpo: { ...after, views: { use: VIEWS, partner: 'uniform' } },
  long: { ...after, data: { train: 'long/data.qa.jsonl' }, evaluate: {} },
};

async function drawClips(name: string, frames: string): Promise<void> {
  const options = ['--style', 'compact', '--size', '32', '--families', 'moves,apart', '--frames', frames];
  const made = await chirality(
    folder,
    ...['worlds', '--motion', '--count', '8', '--seed', name, '-o', name],
    ...options,
  );
  if (made.code !== 0) throw new Error(made.stderr);
}

beforeAll(async () => {
  await Promise.all([drawClips('train', '4'), drawClips('val', '4'), drawClips('long', '5')]);
  for (const [name, config] of Object.entries(configs))
    await writeFile(join(folder, `${name}.run.yaml`), stringify(config));
  await trained(folder, 'sft', 'grpo');
});

it('a new model: accepts as many frames as a row has', async () => {
  const config = join(folder, 'runs/sft/checkpoints/step-000002/config.json');
  expect(JSON.parse(await readFile(config, 'utf8'))).toMatchObject({ frames: 4 });
});

it('metrics of a clip run: cover reverse, mirror and their combination', async () => {
  const lines = (await readFile(join(folder, 'runs/grpo/metrics.jsonl'), 'utf8')).trim().split('\n');
  const metrics = Object.keys(JSON.parse(lines.at(-1)!) as object).join('\n');
  for (const view of VIEWS) expect(metrics).toContain(view);
});

it('RowSource: passes the frames of each view in its order and orientation', async () => {
  const { rows, trainer, close } = await openTools(readRunFile(join(folder, 'grpo.run.yaml')), null);
  try {
    for (const partner of VIEWS) {
      const drawn = await rows.take(0, 6, trainer, () => partner);
      for (const { views } of drawn) {
        const [own, other] = views.map(({ prompt }) => imagesOf(prompt));
        expect(own).toHaveLength(4);
        expect(new Set(own!.map(({ image }) => image)).size).toBe(4);
        const inOrder = partner === 'mirror' ? own! : own!.toReversed();
        expect(other).toEqual(
          inOrder.map(({ image }) => ({ image, view: partner === 'reverse' ? 'original' : 'mirror' })),
        );
      }
    }
  } finally {
    await close();
  }
});

it('train: rejects a clip with more frames than the model accepts, and names its row', async () => {
  const { code, stderr } = await chirality(folder, 'train', 'long.run.yaml');
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/Row "clips-long-\d+".*5 images.*at most 4.*engine\.frames/);
});
