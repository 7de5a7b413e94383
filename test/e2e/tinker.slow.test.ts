import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import { TinkerProject } from '../support/tinker-project.ts';
import type { TinkerServer } from '../support/tinker-server.ts';
import { Code, until } from './code.ts';
import { isEnded, killRuns, stateOf } from './runs.ts';
import { story } from './steps.ts';
import { folderOfTests } from '../support/folder.ts';

const tools = inject('vscode');
const tinker = inject('tinker');
const KEY = 'tml-a-key-that-nobody-may-read';

describe.skipIf(!tools || !tinker)('Tinker server in VS Code', () => {
  let code: Code;
  let page: Page;
  const folder = folderOfTests('chirality tinker ');
  let server: TinkerServer;

  beforeAll(async () => {
    server = await (await TinkerProject.make(folder)).serve('served');
    code = await Code.start(tools!, {
      settings: { 'security.workspace.trust.enabled': false, 'chirality.python': tinker!.python },
    });
    ({ page } = code);
    await code.openFolder(folder, ''); // its data lie deeper
  }, 600_000);
  afterAll(async () => {
    if (folder) killRuns(join(folder, 'runs'));
    await code?.stop();
    await server?.close();
  });

  const step = story(() => page);
  const run = () => join(folder, 'runs/served');

  step('stores the key for one server', async () => {
    await code.run('Chirality: Focus on Engines View');
    const engine = page.locator('.monaco-list-row', { hasText: 'tinker' });
    await engine.hover();
    await engine.getByRole('button', { name: 'Set Tinker Key…' }).click();
    const input = page.locator('.quick-input-widget input');
    await input.fill(server.url);
    await input.press('Enter');
    await page.locator('.quick-input-widget', { hasText: `Enter the key for ${server.url}` }).waitFor();
    await input.fill(KEY);
    expect(await input.getAttribute('type')).toBe('password');
    await input.press('Enter');
    await page.getByText(`Runs started from VS Code send it only to ${server.url}`).first().waitFor();
  });

  step('starts a run on the server from CodeLens, and shows its curves', async () => {
    await code.openFile('served.run.yaml');
    await code.startAbove('served');
    await until('the end of the run', () => Promise.resolve(isEnded(run())), 240_000);
    expect(stateOf(run())).toMatchObject({ status: 'finished', step: 4 });
    expect(server.requests.every(({ key }) => key === KEY)).toBe(true);
    const panel = await code.webview('[data-chart] canvas');
    const slider = panel.locator('.keyboard[role=slider]').first();
    await until('its last step', async () => (await slider.getAttribute('aria-valuemax')) === '4');
  });

  step('opens pairs with both images and all completions', async () => {
    await code.run('Chirality: Open Traces');
    const panel = await code.webview('.trace .pair-head');
    await panel.locator('.frame img').nth(1).waitFor();
    expect(await panel.locator('.completion').count()).toBe(8);
  });
});
