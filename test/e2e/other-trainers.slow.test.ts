import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import { Code, until } from './code.ts';
import { story } from './steps.ts';

const tools = inject('vscode');

const FIXTURES = 'test/fixtures/foreign-runs';
const FOREIGN = readdirSync(FIXTURES, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() && entry.name !== 'data' ? [entry.name] : [],
);

/** The other fixtures by their names in the list, and a text that their inspector shows. */
const OTHERS: Record<string, string> = {
  easyr1: 'This group is from an evaluation of the run.',
  'ms-swift-4.6/v0-20261121-020121': 'ms-swift keeps no images.',
  'trl-1.16-two-iterations': "TRL's parquet keeps no images.",
  'offline-run-20261121_020443-f1vbniop': 'closer',
  'offline-run-20261121_020452-bbbjneds': 'Tables of wandb keep no images: their cells say "Image".',
  'prime-rl': 'The run stored no boxes.',
  'tinker-cookbook-0.6': 'yellow-cone',
  'vlm-r1': 'The boundaries of this group are uncertain.',
  'r1-v': 'R1-V writes neither questions nor images into its log.',
  // Its advantages say where groups begin and end.
  'trl-1.14': 'The parquet files of TRL contain no images.',
  global_step_5_evals: 'SkyRL does not store images.',
  'verifiers-0.4': 'closer',
  'verifiers-0.3': 'closer',
  'out/vlmevalkit/Qwen2.5-VL-3B-Instruct/T20261121_Gabcdef12':
    'VLMEvalKit stores at most the paths of images.',
  '2026-11-21T01-59-32-00-00_spatial-worlds_mAgAuYa25a8mc6KS38dyVF.eval': 'yellow-cone',
  '2026-11-21T01-59-48-00-00_spatial-worlds_4v5FTnLgbbbARcSfs2Tbxu.eval': 'yellow-cone',
  '20261122_004000': 'yellow-cone',
};

// In Restricted Mode, where reading works as it does for our own runs.
describe.skipIf(!tools)('external runs in VS Code', () => {
  let code: Code;
  let page: Page;
  let folder: string;

  beforeAll(async () => {
    code = await Code.start(tools!, { settings: { 'workbench.colorTheme': 'Dark 2026' } });
    ({ page } = code);
    folder = join(code.root, 'work');
    mkdirSync(folder);
    writeFileSync(join(folder, 'a.qa.jsonl'), '{"id":"a","question":"Left?","answer":"Yes"}\n');
    for (const name of FOREIGN) cpSync(join(FIXTURES, name), join(folder, 'out', name), { recursive: true });
    cpSync(join(FIXTURES, 'data'), join(folder, 'data'), { recursive: true });
    cpSync(join(FIXTURES, 'verl-0.9/rollout'), join(folder, 'out/trl-1.16/rollout'), { recursive: true });
    const lmms = join(folder, 'out/lmms-eval-0.7/Qwen__Qwen2.5-VL-3B-Instruct');
    const samples = readFileSync(join(lmms, '20261121_013000_samples_spatial_worlds.jsonl'), 'utf8');
    const mirrored = samples.replace('"exact_match": 1.0', '"exact_match": 0.0');
    writeFileSync(join(lmms, '20261121_013000_samples_worlds_mirrored.jsonl'), mirrored);
    cpSync('test/fixtures/recorded/project/runs/spatial', join(folder, 'runs/own'), { recursive: true });
    const [from, to] = [join(folder, 'out/trl-1.16'), join(folder, 'runs/theirs')];
    execFileSync(process.execPath, ['dist/cli.js', 'import', from, '-o', to, '--quiet'], { stdio: 'pipe' });
    await code.openFolder(folder);
  });
  afterAll(() => code?.stop());

  const step = story(() => page);
  /** Saves what is shown, for a person to look at. */
  const look = async (name: string) => {
    if (process.env.CHIRALITY_SHOTS)
      await page.screenshot({ path: join(process.env.CHIRALITY_SHOTS, `e2e-${name}.png`) });
  };
  const row = (name: string) => page.locator(`[role=treeitem][aria-label^="${name},"]`).first();
  const select = async (name: string) => {
    await row(name).click();
    await page.locator('.tab.active', { hasText: `Run: ${name}` }).waitFor();
  };
  const openRun = async (name: string) => {
    await select(name);
    return code.webview('[data-chart] canvas');
  };
  const openTraces = async (name: string) => {
    await select(name);
    await code.run('Chirality: Open Traces');
    await page.locator('.tab.active', { hasText: `Traces: ${name}` }).waitFor();
    const panel = await code.webview('.inspector');
    await panel.locator('h1', { hasText: name }).waitFor();
    return panel;
  };

  step('are listed in the Runs view with their source, next to native and imported runs', async () => {
    // Lists draw only the rows for which there is room.
    await page.setViewportSize({ width: 1400, height: 1800 });
    await page.locator('.activitybar [aria-label^=Chirality]').first().click();
    await row('theirs').waitFor();
    const labels = await Promise.all(
      ['theirs', 'own', 'trl-1.16', 'verl-0.9', 'tiny-spatial', 'offline-run-20261121_020443-f1vbniop'].map(
        (name) => row(name).getAttribute('aria-label'),
      ),
    );
    expect(labels[0]).toContain('imported from TRL 1.16.0, step 4');
    expect(labels[1]).toContain('finished');
    expect(labels[2]).toContain(
      'TRL · 4 completion files · curves · TensorBoard · ignored: verl · 2 completion files',
    );
    expect(labels[4]).toContain('trackio');
  });

  step('show their curves, and report missing information', async () => {
    const panel = await openRun('trl-1.16');
    const slider = panel.locator('.keyboard[role=slider]').first();
    await until('its last step', async () => (await slider.getAttribute('aria-valuemax')) === '4');
    await panel.locator('.badge', { hasText: 'TRL 1.16.0' }).waitFor();
    await panel
      .locator('details.notice li', { hasText: 'The parquet files of TRL contain no images.' })
      .waitFor();
    await panel.locator('details.notice li', { hasText: 'Ignored: verl' }).waitFor();
    await panel.locator('.legend [title$="reward in checkpoint-4/trainer_state.json"]').first().waitFor();
    expect(await panel.getByRole('button', { name: 'log' }).count()).toBe(0);
    expect(await panel.getByRole('button', { name: 'Resume' }).count()).toBe(0);
  });

  step('show curves without completions, with a notice', async () => {
    await page.locator('[role=treeitem][aria-label*="run-a, TensorBoard"]').click();
    await page.locator('.tab.active', { hasText: 'run-a' }).waitFor();
    const panel = await code.webview('[data-chart] canvas');
    await panel.locator('.badge', { hasText: 'TensorBoard' }).waitFor();
    await panel.locator('details.notice li', { hasText: 'Event files contain curves but no' }).waitFor();
  });

  step('show completions with reward parts, – for no value, and why images are missing', async () => {
    const panel = await openTraces('trl-1.16');
    await panel.getByText('The parquet files of TRL contain no images.').waitFor();
    await panel.locator('.inspector', { hasText: 'not scored' }).waitFor();
    await panel.getByRole('tab', { name: 'Reward' }).click();
    await panel.locator('.inspector tr', { hasText: 'letters_reward' }).first().waitFor();
    await panel.getByRole('button', { name: /What-If Analysis/ }).waitFor();
    // verl keeps no advantages: nothing that could be computed again, and a dash in their place.
    const verl = await openTraces('verl-0.9');
    await verl.locator('.inspector', { hasText: 'verl does not store images.' }).waitFor();
    await verl.locator('.inspector', { hasText: '–' }).waitFor();
    expect(await verl.getByRole('button', { name: /What-If Analysis/ }).count()).toBe(0);
  });

  step('are scored and joined with a dataset once the user maps them', async () => {
    const pick = async (button: string, label: string) => {
      const panel = await openTraces('trl-1.16');
      await panel.getByRole('button', { name: button }).click();
      await page.locator('.quick-input-list .monaco-list-row', { hasText: label }).first().click();
      return panel;
    };
    let panel = await pick('Select Correctness Reward…', 'accuracy_reward');
    await panel.getByText('0 of 4 correct').waitFor();
    panel = await pick('Add Dataset…', 'worlds.qa.jsonl');
    await panel.locator('.inspector h2', { hasText: 'worlds-3-' }).waitFor();
    await panel.locator('.labels').first().waitFor();
    const run = await openRun('trl-1.16');
    await run.getByText('Matched 9 of 9 pairs to worlds.qa.jsonl.').waitFor();
    await run.getByRole('button', { name: 'Correct: accuracy_reward = 1' }).click();
    await page
      .locator('.quick-input-list .monaco-list-row', { hasText: 'Continue Without Correctness Reward' })
      .first()
      .click();
    await run.getByText('The reward for correct completions is not set').waitFor();
    const message = page.locator('.notification-list-item', { hasText: 'removed the correctness reward' });
    await message.getByRole('button', { name: 'Undo' }).click();
    await run.getByRole('button', { name: 'Correct: accuracy_reward = 1' }).waitFor();
  });

  step('show the images that trackio stores', async () => {
    const panel = await openTraces('tiny-spatial');
    await until('the image', () =>
      panel
        .locator('.inspector img, .inspector canvas')
        .first()
        .evaluate((picture) => picture.getBoundingClientRect().width > 0),
    );
    await panel.locator('.inspector', { hasText: 'trackio stores images, but no boxes' }).waitFor();
  });

  step('become pairs once an evaluation set is mapped as the mirror of another', async () => {
    const panel = await openTraces('Qwen__Qwen2.5-VL-3B-Instruct');
    await panel.getByRole('button', { name: 'Select Mirror Set…' }).click();
    await page.locator('.quick-input-list .monaco-list-row', { hasText: 'mirror of spatial_worlds' }).click();
    await panel.getByRole('button', { name: 'Mirror of spatial_worlds: worlds_mirrored' }).waitFor();
    await panel.locator('.strip-of-steps .only_original').waitFor();
  });

  step('of every other trainer show their stored data, and report missing data', async () => {
    const unseen: string[] = [];
    for (const [name, text] of Object.entries(OTHERS)) {
      const panel = await openTraces(name);
      const told = panel.locator('.inspector', { hasText: text }).waitFor({ timeout: 30_000 });
      await told.catch(() => unseen.push(name));
      await look(name);
    }
    expect(unseen).toEqual([]);
  });

  step('share a chart with native runs, also in a narrow window', async () => {
    await code.run('Chirality: Compare Runs');
    const input = page.locator('.quick-input-widget input[type=text]');
    for (const name of ['own', 'trl-1.16']) {
      await input.fill(name);
      await page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first().click();
    }
    await input.press('Enter');
    const panel = await code.webview('[data-chart] canvas');
    await panel.getByText('trl-1.16 is a TRL 1.16.0 run without a config to compare.').waitFor();
    const legend = panel.locator('[data-chart]', { hasText: 'trl-1.16' }).first();
    await until('both curves', async () => {
      const text = (await legend.textContent())!;
      return text.includes('own') && text.includes('trl-1.16');
    });
    await code.run('View: Toggle Primary Side Bar Visibility');
    await page.setViewportSize({ width: 480, height: 900 });
    await until('no sideways scrolling', () =>
      panel.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth),
    );
    expect(code.refused).toEqual([]);
  });
});
