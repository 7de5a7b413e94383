import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, inject } from 'vitest';
import { Code, until } from './code.ts';
import { story } from './steps.ts';

const tools = inject('vscode');

/** Whether to replace the pictures of README and docs (CONTRIBUTING.md). */
const REPLACES = process.env.CHIRALITY_PICTURES !== undefined;

// Panels as README and docs show them, of the demo, in the packaged editor.
describe.skipIf(!tools)('pictures of the panels', () => {
  let code: Code;
  let page: Page;

  beforeAll(async () => {
    code = await Code.start(tools!, {
      settings: { 'security.workspace.trust.enabled': false, 'workbench.colorTheme': 'Default Dark Modern' },
    });
    ({ page } = code);
    const folder = join(code.root, 'work');
    mkdirSync(folder);
    const chirality = (...args: string[]) =>
      execFileSync(process.execPath, [resolve('dist/cli.js'), ...args], { cwd: folder, stdio: 'ignore' });
    chirality('demo', '-o', 'demo');
    chirality('acuity', 'sft', 'given', 'spatial', '--runs', 'demo/runs', '--axis', 'side,nearer');
    chirality('worlds', '--count', '12', '--seed', '5', '-o', 'scenes');
    copyFileSync(join(folder, 'scenes/data.qa.jsonl'), join(folder, 'scenes/scenes.qa.jsonl'));
    await code.openFolder(folder, '.monaco-list-row');
    await code.run('View: Toggle Primary Side Bar Visibility');
  });
  afterAll(() => code?.stop());

  const step = story(() => page);
  const picture = async (name: string, panel: Frame): Promise<void> => {
    await code.run('Notifications: Clear All Notifications');
    await page.waitForTimeout(1000); // pictures in the panel are decoded, and what the pointer showed is gone
    const frame = await panel.parentFrame()!.frameElement();
    const path = REPLACES ? `media/${name}.png` : join(code.root, `${name}.png`);
    await frame.screenshot({ path });
  };

  step('a run', async () => {
    await code.run('Chirality: Open Run');
    await code.choose('spatial');
    const panel = await code.webview('[data-chart] canvas');
    await until('its curves', () => panel.locator('[data-chart] canvas').count());
    await picture('run', panel);
  });

  step('a traced pair', async () => {
    await code.run('Chirality: Open Traces'); // of the run in front
    const panel = await code.webview('.trace .pair-head');
    await panel.locator('img').first().waitFor();
    await picture('trace', panel);
  });

  step('acuity', async () => {
    await code.run('Chirality: Open Acuity');
    const panel = await code.webview('.finding');
    await panel.locator('figure svg').first().waitFor();
    await picture('acuity', panel);
  });

  step('the annotation editor', async () => {
    await code.openFile('scenes.qa.jsonl');
    await code.run('Chirality: Annotate');
    const panel = await code.webview('img');
    await picture('annotate', panel);
  });
});
