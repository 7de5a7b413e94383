import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Call } from '../../../src/base/call.ts';
import type { ModelAnswers } from '../../../src/core/metrics/model-answers.ts';
import type { AskUpdate, ModelSource } from '../../../src/panels/playground/playground.contract.ts';
import type { ServedQuestion } from '../../../src/core/insight/served-model.ts';
import { Program } from '../../../src/panels/host/cli-program.host.ts';
import { Asks } from '../../../src/panels/playground/playground-asks.host.ts';
import { LoadedModels } from '../../../src/panels/playground/loaded-models.host.ts';
import { playgroundService } from '../../../src/panels/playground/playground.reads.ts';
import { CLI } from '../lab/recipes/cli.ts';
import { lm, type LanguageModelChatMessage } from '../extension/fake-vscode.ts';
import { slowly } from '../../support/slow.ts';
import { folderOfTests } from '../../support/folder.ts';

const page = () => {
  const news: AskUpdate[] = [];
  const stop = new AbortController();
  return { news, stop, call: { signal: stop.signal, onProgress: (what: AskUpdate) => void news.push(what) } };
};

describe('Asks: pending questions', () => {
  const answer = { model: 'm' } as ModelAnswers;

  test('pending questions continue after their page closes, and report to the next page', async () => {
    const asks = new Asks();
    const [first, second] = [page(), page()];
    let report!: (news: AskUpdate) => void;
    let finish!: (asked: ModelAnswers) => void;
    const asked = asks.begin({ model: 'm', ask: 1 }, first.call, (call) => {
      report = call.onProgress;
      return new Promise((resolve) => (finish = resolve));
    });
    await Promise.resolve();
    report({ phase: 'loading' });
    const followed = asks.follow({ model: 'm', ask: 1 }, second.call);
    report({ phase: 'still loading' });
    expect(first.news).toEqual([{ phase: 'loading' }]);
    expect(second.news).toEqual([{ phase: 'loading' }, { phase: 'still loading' }]);
    finish(answer);
    expect(await Promise.all([asked, followed])).toEqual([answer, answer]);
    // What came while nobody looked is kept until the next question.
    expect(await asks.follow({ model: 'm', ask: 1 }, page().call)).toBe(answer);
    expect(asks.follow({ model: 'm', ask: 2 }, page().call)).toBeNull();
    expect(asks.follow({ model: 'other', ask: 1 }, page().call)).toBeNull();
  });

  test('pending questions are aborted if no page reads them', async () => {
    const asks = new Asks();
    const begin = async (call: Call<AskUpdate>) => {
      let given!: AbortSignal;
      void asks.begin({ model: 'm', ask: 1 }, call, ({ signal }) => {
        given = signal;
        return new Promise(() => undefined);
      });
      await Promise.resolve();
      return given;
    };
    const [gone, next] = [new AbortController(), new AbortController()];
    const asked = await begin({ ...page().call, signal: gone.signal });
    // That the page is gone does not end its question, but the next page may.
    gone.abort(new Error('The page was closed.'));
    void asks.follow({ model: 'm', ask: 1 }, { ...page().call, signal: next.signal });
    expect(asked.aborted).toBe(false);
    next.abort();
    expect([asked.aborted, asks.follow({ model: 'm', ask: 1 }, page().call)]).toEqual([true, null]);
    const last = await begin(page().call);
    asks.cancel();
    expect(last.aborted).toBe(true);
  });
});

describe('VS Code language model in the Playground', () => {
  let program: Program;
  let models: LoadedModels;
  let folder: string;
  const asked: string[] = [];
  const source: ModelSource = {
    id: 'x',
    kind: 'vscode',
    label: 'Scripted',
    detail: 'test, VS Code',
    vendor: 'test',
    model: 'scripted-1',
  };
  beforeEach(() => {
    folder = folderOfTests('chirality-chat-');
    vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
    program = new Program(CLI);
    models = new LoadedModels({
      program,
      home: folder,
      ...({} as { runs: never; service: never; secrets: never }),
    });
    asked.length = 0;
    lm.models = [
      {
        name: 'Scripted',
        vendor: 'test',
        id: 'scripted-1',
        sendRequest(messages: LanguageModelChatMessage[]) {
          asked.push(messages.map(({ content }) => content).join('\n'));
          const parts = async function* () {
            yield await Promise.resolve('le');
            yield await Promise.resolve('ft');
          };
          return Promise.resolve({ text: parts() });
        },
      },
    ];
  });
  afterEach(() => {
    models.dispose();
    program.dispose();
    vi.unstubAllEnvs();
  });

  const question = (strategy: string): ServedQuestion => ({
    sample: { id: 'q', question: 'Is the cup left?', answer: '', images: ['a.png'] },
    place: { folder, root: folder },
    mirror: null,
    strategy,
    sampling: { n: 1, temperature: 0, top_p: 1, seed: 0, max_tokens: null },
  });

  test('a VS Code model answers without the image, through the bridge of the mirror workflow', async () => {
    const { views } = await models.ask(source, question('blind'), page().call);
    expect(views[0]!.majority.answer).toBe('left');
    expect(asked).toEqual([expect.stringMatching(/^Is the cup left\?/)]);
    expect(models.list()).toMatchObject([{ source, state: 'ready' }]);
  });

  slowly('a VS Code model rejects strategies with images with an explanation', async () => {
    writeFileSync(join(folder, 'a.png'), 'Cannot check the file');
    await expect(models.ask(source, question('direct'), page().call)).rejects.toThrow(
      'The strategy "direct" does not work with test/scripted-1. The openai engine does not support images.',
    );
    expect(asked).toEqual([]);
  });

  test('a VS Code model receives no request if cancelled while its process starts', async () => {
    const { call, stop } = page();
    const answer = models.ask(source, question('blind'), call);
    stop.abort();
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
    expect(asked).toEqual([]);
  });

  test('the error names a VS Code model that becomes unavailable', async () => {
    lm.models = [];
    await expect(models.ask(source, question('blind'), page().call)).rejects.toThrow(
      'VS Code no longer offers Scripted. Select another model.',
    );
  });
});

test('strategies: lists workspace strategies after built-in strategies, with their problems', async () => {
  const folder = folderOfTests('chirality-ways-');
  const files = {
    'mine.strategy.yaml': 'about: Mine.\nstages:\n  a: { user: question, images: none }\n',
    'bad.strategy.yaml': 'about: Bad.\nstages: {}\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const own = Object.keys(files).map((label) => ({ path: join(folder, label), label }));
  const all = await playgroundService.strategies({ folder: 'library/strategies', files: own });
  expect(all).toHaveLength(24 + 2);
  expect(all.filter(({ blind }) => blind).map(({ label }) => label)).toEqual([
    'blind',
    'description-only',
    'mine.strategy.yaml',
  ]);
  expect(all.slice(-2)).toEqual([
    { name: own[0]!.path, label: 'mine.strategy.yaml', isOfUser: true, about: 'Mine.', blind: true },
    expect.objectContaining({
      name: own[1]!.path,
      isOfUser: true,
      label: 'bad.strategy.yaml',
      problem: expect.stringContaining(
        'bad.strategy.yaml:2:1: error: "stages": must contain a stage',
      ) as string,
    }),
  ]);
});
