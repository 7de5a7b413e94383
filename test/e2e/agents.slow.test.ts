import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import { openProject } from '../unit/recorded/files.ts';
import { Code, until } from './code.ts';
import { packExtension } from './extension.ts';
import { story } from './steps.ts';
import { folderOfTests } from '../support/folder.ts';

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
    fs.writeFileSync(folder + '/said.tmp', JSON.stringify({ names, said }));
    fs.renameSync(folder + '/said.tmp', folder + '/said.json');
  }, 200);
  exports.deactivate = () => clearInterval(busy);
};
`;

interface Said {
  names: string[];
  said: { text?: string; error?: string }[];
}

/** Lets the other extension call tools, and waits for what they say. */
const askIn =
  (folderOf: () => string) =>
  async (asks: readonly (readonly [string, object])[]): Promise<Said> => {
    const folder = folderOf();
    const file = join(folder, 'said.json');
    rmSync(file, { force: true });
    writeFileSync(join(folder, 'asks.tmp'), JSON.stringify(asks));
    renameSync(join(folder, 'asks.tmp'), join(folder, 'asks.json'));
    await until('the tools to answer', () => Promise.resolve(existsSync(file)));
    return JSON.parse(readFileSync(file, 'utf8')) as Said;
  };

// VS Code's own client speaks with the server that the extension's provider names.
describe.skipIf(!tools)('MCP server in VS Code', () => {
  let code: Code;
  let page: Page;
  let folder: string;
  const made = folderOfTests('agents-e2e-');

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
  });
  const step = story(() => page);
  const ask = askIn(() => folder);

  step('starts from the list of servers and offers its tools', async () => {
    const row = (text: string) => page.locator('.quick-input-list .monaco-list-row', { hasText: text });
    await code.run('MCP: List Servers');
    await row('Chirality').click();
    await row('Start Server').click();
    let names: string[] = [];
    await until('the tools of the server', async () => {
      ({ names } = await ask([]));
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
    const { said } = await ask([[tool, { run: 'spatial' }]]);
    expect(said[0]!.error).toBeUndefined();
    expect(said[0]!.text).toContain('"run":"spatial"');
  });
});
