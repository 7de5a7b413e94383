import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import { openProject } from '../unit/recorded/files.ts';
import { Code, until } from './code.ts';
import { packExtension } from './extension.ts';
import { story } from './steps.ts';

const tools = inject('vscode');

/** Another extension, which calls tools as an agent does, and writes down what they say. No model is installed. */
const CALLER = `
const vscode = require('vscode');
const fs = require('fs');
exports.activate = () => {
  const folder = vscode.workspace.workspaceFolders?.[0].uri.fsPath;
  if (!folder) return;
  const busy = setInterval(async () => {
    const file = folder + '/asks.json';
    if (!fs.existsSync(file)) return;
    const asks = JSON.parse(fs.readFileSync(file, 'utf8'));
    fs.rmSync(file);
    const models = (await vscode.lm.selectChatModels()).length;
    const names = vscode.lm.tools.map(({ name }) => name).filter((name) => name.includes('chirality'));
    const said = [];
    for (const [name, input] of asks) {
      try {
        const { content } = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined });
        said.push({ text: content.map(({ value }) => value).join('') });
      } catch (error) {
        said.push({ error: error.message });
      }
    }
    fs.writeFileSync(folder + '/said.tmp', JSON.stringify({ models, names, said }));
    fs.renameSync(folder + '/said.tmp', folder + '/said.json');
  }, 200);
  exports.deactivate = () => clearInterval(busy);
};
`;

interface Said {
  models: number;
  names: string[];
  said: { text?: string; error?: string }[];
}

/** Lets the other extension call tools, and waits for what they say. */
const askIn =
  (folderOf: () => string) =>
  async (asks: readonly (readonly [string, object])[], during = () => Promise.resolve()): Promise<Said> => {
    const folder = folderOf();
    const file = join(folder, 'said.json');
    rmSync(file, { force: true });
    writeFileSync(join(folder, 'asks.tmp'), JSON.stringify(asks));
    renameSync(join(folder, 'asks.tmp'), join(folder, 'asks.json'));
    await during();
    await until('the tools to answer', () => Promise.resolve(existsSync(file)));
    return JSON.parse(readFileSync(file, 'utf8')) as Said;
  };

// What an agent of VS Code can call, without any model.
describe.skipIf(!tools)('tools of the editor', () => {
  let code: Code;
  let page: Page;
  let folder: string;
  const made = mkdtempSync(join(tmpdir(), 'agents-e2e-'));

  beforeAll(async () => {
    code = await Code.start(tools!, {
      extensions: [packExtension(join(made, 'caller'), { name: 'caller' }, CALLER)],
      settings: {
        'security.workspace.trust.enabled': false,
        'chat.disableAIFeatures': false,
        'chirality.agents.surface': 'editor',
        'chirality.agents.allow': 'propose',
      },
    });
    ({ page } = code);
    folder = join(code.root, 'project');
    mkdirSync(folder);
    await openProject(folder);
    await code.openFolder(folder);
  });
  afterAll(async () => {
    await code?.stop();
    rmSync(made, { recursive: true, force: true });
  });
  const step = story(() => page);

  const ask = askIn(() => folder);

  step('seven read what is in the folder, and check what they are given', async () => {
    const { models, names, said } = await ask([
      ['chirality_list_runs', { kind: 'run', limit: 30 }],
      ['chirality_read_run', { run: 'spatial' }],
      ['chirality_find_pairs', { run: 'spatial', where: 'step = 2' }],
      ['chirality_read_pair', { run: 'spatial', pair: '2/1', images: true }],
      ['chirality_compare_runs', { runs: ['eta'] }],
      ['chirality_read_data', { file: 'data/reviewed.qa.jsonl' }],
      ['chirality_check_config', { file: 'recipe:eta' }],
      ['chirality_find_pairs', { run: 'spatial', limit: 'x' }],
      ['chirality_read_data', { file: '/etc/passwd' }],
    ]);
    expect(models).toBe(0);
    expect(names.sort()).toEqual(
      [
        'check_config',
        'compare_runs',
        'find_pairs',
        'list_runs',
        'propose_rows',
        'read_data',
        'read_pair',
        'read_run',
      ].map((name) => `chirality_${name}`),
    );
    const answers = said.slice(0, 7).map(({ text, error }) => {
      expect(error).toBeUndefined();
      expect(text!.length).toBeLessThanOrEqual(8000);
      return JSON.parse(text!) as Record<string, unknown>;
    });
    expect(answers).toMatchObject([
      { total: 9 },
      { run: 'spatial', status: 'finished' },
      { matched: 3 },
      { pair: '2/1', views: [{ view: 'original' }, { view: 'mirror' }] },
      { sweep: 'eta' },
      { rows: 49 },
      { kind: 'sweep', cells: ['eta-0', 'eta-1', 'eta-2', 'eta-10'] },
    ]);
    expect(said[7]!.error).toContain('limit');
    expect(said[8]!.error).toContain('No data set');
  });

  step('proposals wait for a yes, and then for a decision', async () => {
    const drafts = [{ question: 'Is the cat left of the dog?', answer: 'Yes' }];
    const { said } = await ask(
      [['chirality_propose_rows', { file: 'val/data.qa.jsonl', drafts }]],
      async () => {
        const dialog = page.locator('.monaco-dialog-box');
        await dialog.getByText('Put 0 rewritten rows and 1 draft').waitFor();
        expect(existsSync(join(folder, 'val/data.drafts.qa.jsonl'))).toBe(false);
        await dialog.getByRole('button', { name: /^(Yes|OK|Continue)$/ }).click();
      },
    );
    expect(said[0]!.error).toBeUndefined();
    expect(JSON.parse(said[0]!.text!)).toMatchObject({ written: 1, drafts: 'val/data.drafts.qa.jsonl' });
    expect(readFileSync(join(folder, 'val/data.drafts.qa.jsonl'), 'utf8')).toContain('"by":"agent:vscode"');
  });
});

// By default, VS Code's own client speaks with the server that the extension's provider names.
describe.skipIf(!tools)('the server in the editor', () => {
  let code: Code;
  let page: Page;
  let folder: string;
  const made = mkdtempSync(join(tmpdir(), 'agents-e2e-'));

  beforeAll(async () => {
    code = await Code.start(tools!, {
      extensions: [packExtension(join(made, 'caller'), { name: 'caller' }, CALLER)],
      settings: { 'security.workspace.trust.enabled': false, 'chat.disableAIFeatures': false },
    });
    ({ page } = code);
    folder = join(code.root, 'project');
    mkdirSync(folder);
    await openProject(folder);
    await code.openFolder(folder);
  });
  afterAll(async () => {
    await code?.stop();
    rmSync(made, { recursive: true, force: true });
  });
  const step = story(() => page);
  const ask = askIn(() => folder);

  step('is started from the list of servers, and offers its tools', async () => {
    const row = (text: string) => page.locator('.quick-input-list .monaco-list-row', { hasText: text });
    await code.run('MCP: List Servers');
    await row('Chirality').click();
    await row('Start Server').click();
    let names: string[] = [];
    await until('the tools of the server', async () => {
      // The editor's own are declared in any case, and are not there.
      names = (await ask([])).names.filter((name) => !name.startsWith('chirality_'));
      return names.length > 0;
    });
    expect(names.map((name) => name.replace(/^.*chirality_/i, '')).sort()).toEqual([
      'check_config',
      'compare_runs',
      'find_pairs',
      'list_runs',
      'read_data',
      'read_pair',
      'read_run',
    ]);
    const tool = names.find((name) => name.endsWith('read_run'))!;
    const { said } = await ask([
      [tool, { run: 'spatial' }],
      ['chirality_propose_rows', { file: 'val/data.qa.jsonl' }],
    ]);
    expect(said[0]!.error).toBeUndefined();
    expect(said[0]!.text).toContain('"run":"spatial"');
    expect(said[1]!.text).toBeUndefined();
  });
});
