import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ChatMessage } from '../../../src/base/chat.ts';
import type { App } from '../../../src/extension/app.ts';
import { mirrorDataSet } from '../../../src/extension/commands/mirror-data-set.ts';
import { Program, ProgramError } from '../../../src/panels/host/cli-program.host.ts';
import { languageModel } from '../../../src/panels/host/language-model.host.ts';
import { quiet } from '../../support/call.ts';
import { CLI } from '../lab/recipes/cli.ts';
import {
  CancellationTokenSource,
  lm,
  notification,
  person,
  record,
  Uri,
  workspace,
  type LanguageModelChatMessage,
} from './fake-vscode.ts';
import { deferredRows } from '../../support/deferred-rows.ts';
import { readRows, rowLines } from '../../support/rows.ts';
import { slowly } from '../../support/slow.ts';
import { folderOfTests } from '../../support/folder.ts';

const URL = 'http://localhost:8000/v1';
const SUMMARY = { rows: 4, bad: 0, status: { flipped: 3, needs_llm: 1 } };

let folder: string;
let secrets: Map<string, string>;
/** What a person answers, by a part of what is asked. */
let answers: Record<string, string>;
let asked: { question: string; labels: string[] }[];
let logged: string[];
/** The files whose panels were opened. */
let opened: string[];
const at = (name: string) => join(folder, name);

beforeEach(() => {
  folder = folderOfTests('chirality mirror ');
  writeFileSync(at('data.qa.jsonl'), '');
  vi.stubEnv('XDG_CACHE_HOME', at('cache'));
  workspace.settings = {
    'chirality.nodePath': process.execPath,
    'chirality.endpoints': [{ name: 'Local', url: URL }],
  };
  [secrets, answers, asked, logged, opened] = [new Map(), {}, [], [], []];
  const answer = (question: string) => Object.entries(answers).find(([part]) => question.includes(part))?.[1];
  person.pick = (question, labels) => {
    asked.push({ question, labels });
    return answer(question);
  };
  person.type = answer;
  person.press = answer;
});
afterEach(() => {
  vi.unstubAllEnvs();
});

type Run = Program['run'];

/** Runs the command on data.qa.jsonl, with a program that does its work, or another one. */
async function mirror(run: Run): Promise<void> {
  const app = {
    program: { run },
    panels: { dataSets: { open: ({ uri }: { uri: string }) => void opened.push(Uri.parse(uri).fsPath) } },
    service: { call: () => Promise.resolve({ rows: 4 }) },
    secrets: {
      get: (name: string) => Promise.resolve(secrets.get(name)),
      store: (name: string, value: string) => Promise.resolve(void secrets.set(name, value)),
      delete: (name: string) => Promise.resolve(void secrets.delete(name)),
    },
    showLog: (text: string) => void logged.push(text),
  } as unknown as App;
  await mirrorDataSet(app, Uri.file(at('data.qa.jsonl')));
  // Messages are not waited for.
  await new Promise((resolve) => setTimeout(resolve, 0));
}

const works = (...lines: string[]) =>
  vi.fn<Run>((_args, { onLine }) => {
    for (const line of [...lines, JSON.stringify(SUMMARY)]) onLine!(line);
    return Promise.resolve('');
  });

const WHO = 'Select a model to rewrite';
const base = () => ['view', 'mirror', at('data.qa.jsonl'), '-o', at('data.mirrored.qa.jsonl'), '--json'];

describe('mirror command: prompts and program arguments', () => {
  test('uses only rules without a language model, and opens the result', async () => {
    answers = { [WHO]: '$(circle-slash) Continue Without Language Model' };
    const run = works('row 2', 'row 4');
    await mirror(run);
    expect(run.mock.calls[0]![0]).toEqual(base());
    expect(run.mock.calls[0]![1]).toMatchObject({ cwd: folder, env: {} });
    expect(run.mock.calls[0]![1]).not.toHaveProperty('offers');
    expect(asked[0]!.labels).toEqual([
      '$(circle-slash) Continue Without Language Model',
      '$(server) Local',
      '$(add) Add Endpoint…',
    ]);
    expect(notification.messages).toEqual(['2 of 4 rows', '4 of 4 rows']);
    // What was mirrored, deferred or discarded stands in the panel alone.
    expect(record.messages).toEqual([]);
    expect(opened).toEqual([at('data.mirrored.qa.jsonl')]);
  });

  test('asks for no language model if there is none', async () => {
    workspace.settings['chirality.endpoints'] = [];
    const run = works();
    await mirror(run);
    expect(run.mock.calls[0]![0]).toEqual(base());
    expect(asked).toEqual([]);
  });

  test('treats a typed name as a dataset name, and never overwrites that file', async () => {
    answers = { [WHO]: '$(circle-slash) Continue Without Language Model' };
    person.save = () => Uri.file(at('mine.jsonl'));
    const run = works();
    await mirror(run);
    expect(run.mock.calls[0]![0]).toEqual(base().with(4, at('mine.qa.jsonl')));
    writeFileSync(at('mine.qa.jsonl'), '');
    await mirror(run);
    expect(run).toHaveBeenCalledTimes(1);
    expect(record.messages.at(-1)?.text).toContain('mine.qa.jsonl already exists');
  });

  test('passes the model of an endpoint, and its key only through environment and secrets', async () => {
    answers = {
      [WHO]: '$(server) Local',
      'name of the model': ' m ',
      'Select a key': 'Enter Key…',
      'Key for': 'sk-1',
      verification: 'Rewrite and Verify',
    };
    const run = works();
    await mirror(run);
    expect(run.mock.calls[0]![0]).toEqual([...base(), '--llm', URL, '--llm-model', 'm', '--verify']);
    expect(run.mock.calls[0]![1].env).toEqual({ CHIRALITY_API_KEY: 'sk-1' });
    expect([...secrets]).toEqual([[`chirality.key ${URL}`, 'sk-1']]);

    answers = { ...answers, 'Select a key': 'Use Stored Key', verification: 'Rewrite Only' };
    await mirror(run);
    expect(run.mock.calls[1]![0]).toEqual([...base(), '--llm', URL, '--llm-model', 'm']);
    expect(run.mock.calls[1]![1].env).toEqual({ CHIRALITY_API_KEY: 'sk-1' });

    // The name in the settings may move to another server: the key does not.
    workspace.settings['chirality.endpoints'] = [{ name: 'Local', url: 'http://elsewhere/v1' }];
    answers = { ...answers, 'Select a key': 'Use Environment Key or No Key' };
    await mirror(run);
    expect(asked.findLast(({ question: q }) => q === 'Select a key')!.labels).not.toContain('Use Stored Key');
    expect(run.mock.calls[2]![1].env).toEqual({});
  });

  test('withholds environment keys from an endpoint in folder settings', async () => {
    workspace.folderSettings = { 'chirality.endpoints': [{ name: 'Theirs', url: 'http://theirs/v1' }] };
    answers = {
      [WHO]: '$(server) Theirs',
      'name of the model': 'm',
      'Select a key': 'Use No Key',
      verification: 'Rewrite Only',
    };
    const run = works();
    await mirror(run);
    expect(run.mock.calls[0]![0]).toEqual([...base(), '--llm', 'http://theirs/v1', '--llm-model', 'm']);
    expect(run.mock.calls[0]![1].env).toEqual({ CHIRALITY_API_KEY: '', OPENAI_API_KEY: '' });
    answers = { ...answers, 'Select a key': 'Enter Key…', 'Key for': 'sk-2' };
    await mirror(run);
    expect(run.mock.calls[1]![1].env).toEqual({ CHIRALITY_API_KEY: 'sk-2' });
  });

  test('deletes a stored key of an endpoint', async () => {
    secrets.set(`chirality.key ${URL}`, 'sk-1');
    answers = { [WHO]: '$(server) Local', 'name of the model': 'm', verification: 'Rewrite Only' };
    const pick = person.pick;
    let first = true;
    person.pick = (question, labels) => {
      if (question !== 'Select a key') return pick(question, labels);
      const label = first ? 'Delete Stored Key' : 'Use Environment Key or No Key';
      first = false;
      return labels.includes(label) ? label : undefined;
    };
    const run = works();
    await mirror(run);
    expect(secrets.size).toBe(0);
    expect(run.mock.calls[0]![1].env).toEqual({});
  });

  test('starts nothing if the user cancels any prompt', async () => {
    const full = {
      [WHO]: '$(server) Local',
      'name of the model': 'm',
      'Select a key': 'Enter Key…',
      'Key for': 'sk-1',
      verification: 'Rewrite Only',
    };
    const run = works();
    for (const open of Object.keys(full)) {
      answers = Object.fromEntries(Object.entries(full).filter(([question]) => question !== open));
      await mirror(run);
    }
    answers = full;
    person.save = () => undefined;
    await mirror(run);
    expect(run).not.toHaveBeenCalled();
    expect(record.messages).toEqual([]);
  });

  test('shows no prompts in Restricted Mode', async () => {
    workspace.isTrusted = false;
    answers = { [WHO]: '$(circle-slash) Continue Without Language Model' };
    const run = works();
    await mirror(run);
    expect(run).not.toHaveBeenCalled();
    expect(asked).toEqual([]);
    expect(record.messages).toMatchObject([{ kind: 'warning', buttons: ['Manage Workspace Trust'] }]);
  });
});

describe('mirror command: result', () => {
  beforeEach(() => (answers = { [WHO]: '$(circle-slash) Continue Without Language Model' }));

  test('shows the error of the mirror program, and a log without progress', async () => {
    answers['Cannot mirror'] = 'Show Log';
    await mirror((_args, { onLine }) => {
      for (const line of ['a:1: error: no JSON', 'row 1', 'chirality: disk full']) onLine!(line);
      return Promise.reject(new ProgramError('disk full'));
    });
    expect(record.messages).toEqual([
      { kind: 'error', text: 'Cannot mirror data.qa.jsonl: disk full', buttons: ['Show Log'] },
    ]);
    expect(logged).toEqual(['a:1: error: no JSON\nchirality: disk full']);
  });

  test('reports unusable rows and rows without an answer', async () => {
    const summary = { ...SUMMARY, bad: 2, llm: { trusted: 1, review: 0, unanswered: 1 } };
    await mirror((_args, { onLine }) => {
      onLine!(JSON.stringify(summary));
      return Promise.reject(new ProgramError('exit code 1'));
    });
    expect(record.messages).toEqual([
      {
        kind: 'warning',
        text: 'data.mirrored.qa.jsonl: 2 unusable rows excluded, 1 row without a rewrite by the language model.',
        buttons: ['Show Log'],
      },
    ]);
  });
});

const write = (list: object[]) => writeFileSync(at('data.qa.jsonl'), rowLines(list));

/** A model of VS Code that answers as the test says; an answer can be an error. */
const chat = (answer: (question: string) => string | Error) => ({
  name: 'Scripted',
  vendor: 'test',
  id: 'scripted-1',
  sendRequest(messages: LanguageModelChatMessage[]) {
    const text = messages.map(({ content }) => content).join('\n');
    const said = answer(/Original question: (.*?)\. Original answer/.exec(text)![1]!);
    if (said instanceof Error) return Promise.reject(said);
    const parts = async function* () {
      for (const part of said.match(/.{1,7}/gsu)!) yield await Promise.resolve(part);
    };
    return Promise.resolve({ text: parts() });
  },
});
const flipped = (question: string) =>
  JSON.stringify({ question: question.replace('left', 'right'), answer: 'crumbs' });

describe('requests to a VS Code language model', () => {
  const request = (...messages: ChatMessage[]) => ({ model: 'm', messages, max_tokens: 9, temperature: 0 });
  const bridge = (model: object) => languageModel(model as never, 'Why.');
  const answering = (text: () => AsyncIterable<string>) => ({
    name: 'Scripted',
    sendRequest: vi.fn<(messages: LanguageModelChatMessage[]) => unknown>(() =>
      Promise.resolve({ text: text() }),
    ),
  });

  test('requests to a VS Code model keep roles, but send system messages as user messages', async () => {
    const model = answering(async function* () {
      yield await Promise.resolve('yes');
    });
    const messages = (['system', 'user', 'assistant'] as const).map((role) => ({ role, content: role }));
    const parts = [
      { type: 'text' as const, text: 'a' },
      { type: 'text' as const, text: 'b' },
    ];
    const answer = await bridge(model).complete(
      request(...messages, { role: 'user', content: parts }),
      quiet,
    );
    expect(answer).toMatchObject({ text: 'yes', finish: 'stop' });
    expect(model.sendRequest.mock.calls[0]![0].map(({ role, content }) => [role, content])).toEqual([
      ['user', 'system'],
      ['user', 'user'],
      ['assistant', 'assistant'],
      ['user', 'ab'],
    ]);
  });

  test('requests to a VS Code model never contain images', async () => {
    const model = answering(async function* () {
      yield await Promise.resolve('yes');
    });
    const content = [{ type: 'image_url' as const, image_url: { url: 'data:' } }];
    const answer = await bridge(model).complete(request({ role: 'user', content }), quiet);
    expect(answer).toMatchObject({ fault: 'image' });
    expect(model.sendRequest).not.toHaveBeenCalled();
  });

  test('requests to a VS Code model end when cancelled, or after an overlong answer', async () => {
    let parts = 0;
    const model = answering(async function* () {
      for (;;) {
        parts += 1;
        yield await Promise.resolve('x'.repeat(1000));
      }
    });
    const one = { role: 'user' as const, content: 'one' };
    expect(await bridge(model).complete(request(one), quiet)).toMatchObject({ fault: 'size' });
    parts = 0;
    await bridge(model).complete(request(one), { ...quiet, signal: AbortSignal.abort() });
    expect(parts).toBe(1);
  });

  test.each([
    [{ code: 'NoPermissions' }, 'key'],
    [{ code: 'NotFound' }, 'model'],
    [{ code: 'Blocked' }, 'quota'],
    [{ code: 'Unknown', cause: new Error('in\nner') }, 'server'],
  ])('requests to a VS Code model map errors to the faults of endpoints: %o', async (error, fault) => {
    const model = { sendRequest: () => Promise.reject(Object.assign(new Error('outer'), error)) };
    const one = request({ role: 'user', content: 'one' });
    const message = 'cause' in error ? 'in\nner' : 'outer';
    expect(await bridge(model).complete(one, quiet)).toEqual({ fault, message });
  });
});

describe('mirror command with a VS Code language model', () => {
  let program: Program;
  beforeEach(() => {
    program = new Program(CLI);
    answers = { [WHO]: '$(sparkle) Scripted', verification: 'Rewrite Only' };
  });
  afterEach(() => program.dispose());
  const run: Run = (args, options) => program.run(args, options);
  const written = () => readRows(at('data.mirrored.qa.jsonl'));

  test('trusts rewrites that pass the checks, and defers all other rewrites', async () => {
    write(deferredRows(3));
    lm.models = [chat((question) => (question.includes('cake 1') ? 'no idea' : flipped(question)))];
    await mirror(run);
    const mirrors = written().map(({ variants }) => variants!.mirror!);
    expect(mirrors.map(({ status }) => status)).toEqual(['flipped', 'needs_llm', 'flipped']);
    expect(mirrors[0]).toMatchObject({ question: 'What is right of cake 0?', route: 'llm' });
    expect(mirrors[0]!.llm!.model).toBe('test/scripted-1');
    expect(record.messages).toEqual([]);
  });

  test('stops after the first refusal, and shows the reason', async () => {
    write(deferredRows(20));
    const model = chat(() => Object.assign(new Error('The user said no.'), { code: 'NoPermissions' }));
    const asking = vi.spyOn(model, 'sendRequest');
    lm.models = [model];
    await mirror(run);
    expect(asking).toHaveBeenCalledTimes(1);
    expect(record.messages).toMatchObject([{ kind: 'error', buttons: ['Show Log'] }]);
    expect(record.messages[0]!.text).toContain('The user said no.');
    expect(existsSync(at('data.mirrored.qa.jsonl'))).toBe(false);
  });

  slowly('writes nothing when cancelled, and reuses earlier answers on the next run', async () => {
    write(deferredRows(12));
    let count = 0;
    const model = chat((question) => {
      if (++count === 6) notification.token.cancel();
      return flipped(question);
    });
    lm.models = [model];
    await mirror(run);
    expect(record.messages).toEqual([]);
    expect(existsSync(at('data.mirrored.qa.jsonl'))).toBe(false);
    notification.token = new CancellationTokenSource();
    const before = count;
    await mirror(run);
    expect(written()).toHaveLength(12);
    expect(count - before).toBeLessThan(12);
  });
});
