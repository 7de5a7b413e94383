import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import { refuse, reply, ScriptedServer, textOf, type Turn } from '../unit/engines/openai/server.ts';
import { Code, until } from './code.ts';
import { packExtension } from './extension.ts';
import { story } from './steps.ts';
import { readRows, rowLines } from '../support/rows.ts';
import { folderOfTests } from '../support/folder.ts';

const tools = inject('vscode');

const KEY = 'sk-secret-0123456789';
const CAKES = 24;

/** The opposite of a question about a cake, as a model that mirrors well gives it. */
const flipped = (asked: string) => {
  const [, question] = /Original question: (.*?)\. Original answer/.exec(asked)!;
  return JSON.stringify({ question: question!.replace('left', 'right'), answer: 'crumbs' });
};

/** A language model of VS Code. It refuses what is not the prompt of a rewrite. */
const MODEL = `
const vscode = require('vscode');
const flipped = ${flipped.toString()};
const info = { id: 'scripted-1', name: 'Scripted', family: 'scripted', version: '1', maxInputTokens: 9999,
  maxOutputTokens: 9999, capabilities: {} };
exports.activate = () => vscode.lm.registerLanguageModelChatProvider('test', {
  provideLanguageModelChatInformation: () => [info],
  provideLanguageModelChatResponse: async (model, messages, options, progress) => {
    const text = messages.flatMap(({ content }) => content.map(({ value }) => value)).join('\\n');
    const said = text.includes('cake 1?') ? 'I would rather not.' : flipped(text);
    for (const part of said.match(/.{1,9}/gs)) progress.report(new vscode.LanguageModelTextPart(part));
  },
  provideTokenCount: async () => 1,
});
`;

describe.skipIf(!tools)('mirroring a dataset in VS Code', () => {
  let code: Code;
  let page: Page;
  let folder: string;
  let server: ScriptedServer;
  const made = folderOfTests('chirality-model-');
  /** What the server does just now, by the number of the cake; null keeps the request waiting. */
  let turn: (cake: number, nth: number) => Turn | null = () => good;
  const answered = new Map<number, number>();
  const times = new Map<number, number>();

  const good: Turn = (request, response) => reply(response, flipped(textOf(request)));

  beforeAll(async () => {
    server = await ScriptedServer.start((request, response, n) => {
      const cake = Number(/cake (\d+)/.exec(textOf(request))![1]);
      times.set(cake, (times.get(cake) ?? 0) + 1);
      const now = turn(cake, times.get(cake)!);
      if (now) answered.set(cake, (answered.get(cake) ?? 0) + 1);
      return now?.(request, response, n);
    });
    const contributes = { languageModelChatProviders: [{ vendor: 'test', displayName: 'Test' }] };
    code = await Code.start(tools!, {
      extensions: [packExtension(join(made, 'model'), { name: 'model', contributes }, MODEL)],
      settings: {
        'chirality.endpoints': [{ name: 'Scripted server', url: server.url }],
        'security.workspace.trust.enabled': false,
      },
    });
    ({ page } = code);
    folder = join(code.root, 'workspace');
    mkdirSync(folder);
    const rows = [
      { id: 'sure', question: 'Is the cup left of the jug?', answer: 'Yes', images: [] },
      ...Array.from({ length: CAKES }, (_, i) => ({
        id: `cake${i}`,
        question: `What is left of cake ${i}?`,
        answer: 'crumbs',
        images: [],
      })),
    ];
    writeFileSync(join(folder, 'data.qa.jsonl'), rowLines(rows));
    await code.openFolder(folder);
  });
  afterAll(async () => {
    await code?.stop();
    await server?.close();
  });

  const step = story(() => page);
  const button = (name: string) =>
    page.locator('.notification-list-item').getByRole('button', { name, exact: true });
  const written = (name: string) => readRows(join(folder, name));

  /** Answers what the command asks, up to the place of the result. */
  const start = async (who: string, answers: () => Promise<void>) => {
    await code.explorerMenu('data.qa.jsonl', 'Mirror Dataset');
    await code.choose(who);
    await answers();
    await code.choose('Rewrite Only');
  };
  /** The dialog proposes a name. Enter is for the dialog alone once it has read the folder. */
  const save = async (name: string) => {
    const input = page.locator('.quick-input-widget input');
    await expect.poll(() => input.inputValue()).toContain('data.mirrored.qa.jsonl');
    await input.fill(join(folder, name));
    await page.locator('.quick-input-widget').getByRole('button', { name: 'OK' }).click();
    await input.waitFor({ state: 'hidden' });
  };
  const type = async (prompt: string, text: string) => {
    await page.locator('.quick-input-widget', { hasText: prompt }).waitFor();
    await page.locator('.quick-input-widget input').fill(text);
    await page.keyboard.press('Enter');
  };

  step('writes no file when cancelled', async () => {
    turn = (cake) => (cake < 10 ? good : null);
    await start('Scripted server', async () => {
      await type('Enter the name of the model', 'm');
      await code.choose('Enter Key');
      await type('Key for', KEY);
    });
    await save('data.mirrored.qa.jsonl');
    await until('the server to be kept waiting', () => Promise.resolve(server.underWay === 4));
    await code.notification(/Mirroring data\.qa\.jsonl: \d+ of 25 rows/).waitFor();
    await button('Cancel').click();
    await expect.poll(() => server.underWay).toBe(0);
    await expect.poll(() => code.notification('Mirroring').count()).toBe(0);
    expect(existsSync(join(folder, 'data.mirrored.qa.jsonl'))).toBe(false);
    expect([...answered.values()]).toEqual(Array(10).fill(1));
  });

  step('requests only missing answers after a restart, with the stored key', async () => {
    const once = (fault: Turn) => (nth: number) => (nth === 2 ? fault : good);
    const says = (text: (question: string) => string) => (): Turn => (request, response) =>
      reply(response, text(textOf(request)));
    // The first four were under way when it was stopped: their second asking is the first of this start.
    const faults: Record<number, (nth: number) => Turn> = {
      10: once((_, response) => refuse(response, 429, 'slow down', { 'retry-after': '1' })),
      11: once((_, response) => refuse(response, 500, 'oh')),
      12: once((_, response) => {
        response.writeHead(200, { 'content-length': 900 }).write('{"choices": [');
        setTimeout(() => response.destroy(), 50);
      }),
      13: () => (_, response) => refuse(response, 200, '<h1>Welcome!</h1>'),
      14: says(() => 'I would rather not.'),
      15: says((text) => flipped(text).replace('right', 'left')),
      16: says((text) => flipped(text).replace('What', 'In the flipped image, what')),
      17: () => async (request, response, n) => {
        await new Promise((resolve) => setTimeout(resolve, 2000));
        return good(request, response, n);
      },
    };
    turn = (cake, nth) => faults[cake]?.(nth) ?? good;
    await start('Scripted server', async () => {
      await type('Enter the name of the model', 'm');
      await code.choose('Use Stored Key');
    });
    await save('data.mirrored.qa.jsonl');
    await expect
      .poll(() => existsSync(join(folder, 'data.mirrored.qa.jsonl')), { timeout: 120_000 })
      .toBe(true);
    for (let cake = 0; cake < 10; cake++) expect(times.get(cake)).toBe(1);
    for (let cake = 18; cake < CAKES; cake++) expect(times.get(cake)).toBe(1);
    const rows = written('data.mirrored.qa.jsonl');
    const waiting = rows.filter(({ variants }) => variants!.mirror!.status === 'needs_llm');
    const reasons = waiting.map(({ id, variants }) => [id, variants!.mirror!.reason]);
    expect(rows).toHaveLength(CAKES + 1);
    expect(reasons).toEqual([
      ['cake13', 'The language model returned no answer: The reply of the server is not JSON.'],
      ['cake14', 'Not passed: the answer could be parsed.'],
      ['cake15', 'Not passed: at least one side word changes.'],
      [
        'cake16',
        'Not passed: each changed word becomes its opposite; flipping twice restores the original; no mention of flipping.',
      ],
    ]);
    expect(rows.at(-1)!.variants!.mirror).toMatchObject({
      question: 'What is right of cake 23?',
      route: 'llm',
    });
    expect(JSON.stringify(rows)).not.toContain(KEY);
    expect(server.requests.every(({ headers }) => headers.authorization === `Bearer ${KEY}`)).toBe(true);
  });

  step('lists the deferred rows under Review', async () => {
    const panel = await code.webview('.steps');
    await panel.getByRole('button', { name: 'Review Mirrors (4 waiting)' }).click();
    const editor = await code.webview('.list');
    await expect.poll(() => editor.locator('.list .line').count()).toBe(4);
  });

  step('accepts a VS Code language model in place of a server', async () => {
    const before = server.requests.length;
    await start('VS Code language model', () => Promise.resolve());
    await save('by-vscode.qa.jsonl');
    const panel = await code.webview('.steps');
    await panel.getByRole('button', { name: 'Review Mirrors (1 waiting)' }).waitFor();
    await panel.locator('.facts', { hasText: '24\u00a0mirrors' }).waitFor();
    expect(server.requests).toHaveLength(before);
    const mirrors = written('by-vscode.qa.jsonl').map(({ variants }) => variants!.mirror!);
    expect(mirrors[3]).toMatchObject({ question: 'What is right of cake 2?', status: 'flipped' });
    expect(mirrors[3]!.llm!.model).toBe('test/scripted-1');
    expect(mirrors[2]!.reason).toBe('Not passed: the answer could be parsed.');
  });

  step('freezes the result from its menu, and detects a later change', async () => {
    await code.explorerMenu('data.mirrored.qa.jsonl', 'Freeze Dataset');
    await type('Enter a version for data.mirrored.qa.jsonl', '1.0');
    await code.notification(/Froze version 1\.0: 25 rows, 0 images/).waitFor();
    await button('Open Manifest').click();
    await page.locator('.tab.active', { hasText: 'data.mirrored.frozen.json' }).waitFor();
    await code.run('Chirality: Check Frozen Dataset');
    await code.notification('version 1.0 is unchanged').waitFor();
    writeFileSync(join(folder, 'data.mirrored.qa.jsonl'), '');
    // Once in many tries on a busy machine, the palette closes and has run nothing.
    await until('the verdict', async () => {
      await code.run('Chirality: Check Frozen Dataset');
      const verdict = code.notification('data.mirrored.frozen.json no longer matches its frozen version');
      return verdict.waitFor({ timeout: 10_000 }).then(() => true);
    });
  });
});
