import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import { stringify } from 'yaml';
import type { TracedPair } from '../../src/core/run-data/trace.ts';
import { chirality } from '../unit/lab/recipes/cli.ts';
import { Code, until } from './code.ts';
import { isEnded, killRuns, stateOf } from './runs.ts';
import { story } from './steps.ts';
import { folderOfTests } from '../support/folder.ts';

const tools = inject('vscode');
const torch = inject('torch');

// A real Qwen2.5-VL, only small and random: from its config to curves, traced pairs and answers.
describe.skipIf(!tools || !torch)('torch engine in VS Code', () => {
  let code: Code;
  let page: Page;
  const folder = folderOfTests('chirality torch ');

  beforeAll(async () => {
    const worlds = ['--style', 'compact', '--size', '56', '--families', 'side', '-o', '.'];
    const made = await chirality(folder, 'worlds', '--count', '8', ...worlds);
    if (made.code !== 0) throw new Error(made.stderr);
    const config = {
      recipe: 'grpo',
      steps: 3,
      engine: {
        kind: 'torch',
        model: resolve(torch!.models, 'qwen2_5_vl'),
        precision: 'fp32',
        device: 'cpu',
        threads: 1,
        max_pixels: 3136,
        adapter: { rank: 8, alpha: 16 },
      },
      data: { train: 'data.qa.jsonl' },
      batch: { rows: 2 },
      views: { mirror: true },
      sampling: { group_size: 4, max_tokens: 12 },
      rewards: { format: { weight: 0.5 }, semantic: { weight: 0.5, encoder: 'lexical' } },
    };
    writeFileSync(join(folder, 'tiny.run.yaml'), stringify(config));
    const settings = { 'security.workspace.trust.enabled': false, 'chirality.python': torch!.python };
    code = await Code.start(tools!, { settings });
    ({ page } = code);
    await code.openFolder(folder);
  });
  afterAll(async () => {
    if (folder) killRuns(join(folder, 'runs'));
    await code?.stop();
  });

  const step = story(() => page);
  const run = () => join(folder, 'runs/tiny');
  const row = (text: string | RegExp) => page.locator('.monaco-list-row', { hasText: text });

  step('lists the packages of the Python environment in the Engines view', async () => {
    await code.run('Chirality: Focus on Engines View');
    await row('full-size models with Python').click();
    await row(/torch \d/).waitFor();
    await row(/torchvision \d/).waitFor();
  });

  step('starts a run from CodeLens, and shows its curves', async () => {
    await code.openFile('tiny.run.yaml');
    await code.startAbove('tiny');
    await until('the end of the run', () => Promise.resolve(isEnded(run())), 240_000);
    expect(stateOf(run())).toMatchObject({ status: 'finished', step: 3 });
    const panel = await code.webview('[data-chart] canvas');
    const slider = panel.locator('.keyboard[role=slider]').first();
    await until('its last step', async () => (await slider.getAttribute('aria-valuemax')) === '3');
  });

  step('opens pairs with both images and all completions', async () => {
    await code.run('Chirality: Open Traces');
    const panel = await code.webview('.trace .pair-head');
    await panel.locator('.frame img').nth(1).waitFor();
    const lines = readFileSync(join(run(), 'traces/step-000001.jsonl'), 'utf8').trim().split('\n');
    const groups = (JSON.parse(lines[0]!) as TracedPair).views.map(({ group }) => group.length);
    expect(groups).toEqual([4, 4]);
    expect(await panel.locator('.completion').count()).toBe(8);
  });

  step('evaluates the checkpoint in the Playground, on the image and its mirror', async () => {
    await code.openFile('data.qa.jsonl');
    await code.run('Chirality: Open Playground');
    const panel: Frame = await code.webview('#question');
    await panel.locator('.models li', { hasText: 'tiny' }).waitFor();
    await panel.locator('#question').press('Control+Enter');
    await until('both answers', async () => (await panel.locator('.one-model .answer-text').count()) === 2);
    await until('the verdict', async () =>
      /both views|only the|neither/.test(
        (await panel.locator('.one-model .status .badge').textContent()) ?? '',
      ),
    );
  });
});
