import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { App } from '../../../src/extension/app.ts';
import { lookInside } from '../../../src/extension/commands/look-inside.ts';
import { Program } from '../../../src/panels/host/cli-program.host.ts';
import { insightService } from '../../../src/panels/inside/inside.reads.ts';
import { checkpoints } from '../../../src/panels/runs/runs.reads.ts';
import { CLI, trainedProject } from '../lab/recipes/cli.ts';
import { notification, person, record, Uri, workspace } from './fake-vscode.ts';
import { slowly } from '../../support/slow.ts';

let folder: string;
let run: string;
const program = new Program(CLI);
beforeAll(async () => {
  folder = await trainedProject('chirality inside ', 'sft');
  run = join(folder, 'runs/sft');
});
afterAll(async () => {
  program.dispose();
  await rm(folder, { recursive: true });
});

const told = vi.fn();
const openInside = vi.fn();
const app = () => ({
  program,
  service: {
    call: (name: string, args: { dir: string }) =>
      Promise.resolve(name === 'wantsGpu' ? false : checkpoints(args)),
  },
  runs: { refresh: () => Promise.resolve([]) },
  roots: { allowed: [folder] },
  panels: {
    inside: { all: [{ dirs: ['/other'], tell: expect.fail }], open: openInside },
    runs: {
      all: [
        { dirs: [run], tell: told },
        { dirs: ['/other'], tell: expect.fail },
      ],
    },
  },
});
const look = (question: string, ...others: string[]) => {
  asked = [];
  person.pick = (place, labels) => {
    asked.push(place);
    const wanted = labels.filter((label) => [question, ...others].includes(label));
    return wanted.length > 0 ? wanted.join('\n') : labels[0];
  };
  return lookInside(app() as unknown as App, { dir: run, asks: true });
};

let asked: string[];
beforeEach(() => {
  workspace.settings = { 'chirality.nodePath': process.execPath };
  told.mockClear();
});

test('lookInside: uses the last checkpoint, first set and training strategy by default', async () => {
  const file = join(folder, 'val/data.qa.jsonl');
  const rows = (await readFile(file, 'utf8')).split('\n').slice(0, 3);
  await writeFile(file, `${rows.join('\n')}\n`);
  person.pick = () => expect.fail('It asks.');
  const press = () => lookInside(app() as unknown as App, { dir: run, asks: false });
  await Promise.all([press(), press()]);
  expect(record.messages).toEqual([]);
  const [entry] = await insightService.insights({ dir: run });
  expect(entry).toMatchObject({
    kind: 'set',
    manifest: { step: 30, strategy: 'trained', set: { path: file } },
  });
  expect(openInside).toHaveBeenCalledExactlyOnceWith({ dirs: [run] });
  await rm(join(run, 'insight'), { recursive: true });
});

test('lookInside: offers a choice of analysis, checkpoint and rows, and opens the result', async () => {
  const file = join(folder, 'val/data.qa.jsonl');
  openInside.mockClear();
  await look('Attention analysis');
  expect(record.messages).toEqual([]);
  expect(asked).toEqual([
    'Select an analysis',
    'Select one checkpoint, or several to compare',
    'Select rows',
    'Select one prompting strategy, or several to compare',
  ]);
  expect(notification.messages.join('\n')).toContain('row 3 of 3');
  const [entry] = await insightService.insights({ dir: run });
  const found = await insightService.insight({ dir: run, name: entry!.name });
  expect(found).toMatchObject({ kind: 'set', step: 30, file });
  expect(found.kind === 'set' && found.figures.some(({ of }) => of === 'without picture')).toBe(true);
  expect(openInside).toHaveBeenCalledExactlyOnceWith({ dirs: [run] });
  expect(told).toHaveBeenCalledOnce();
});

slowly('lookInside: analyses several prompting strategies in one process for comparison', async () => {
  const once = join(folder, 'once.strategy.yaml');
  await writeFile(join(folder, 'question.prompt.txt'), '{question}');
  const stage = 'user: question.prompt.txt, options: none, max_tokens: 16';
  await writeFile(once, `about: A test.\nstages:\n  answer: { ${stage} }\n`);
  workspace.files = [Uri.file(once)];
  await look('Attention analysis', 'Training prompt', once);
  workspace.files = [];
  expect(record.messages).toEqual([]);
  const entries = await insightService.insights({ dir: run });
  expect(entries.map(({ manifest }) => [manifest?.step, manifest?.strategy]).sort()).toEqual([
    [30, 'once'],
    [30, 'trained'],
  ]);
});

slowly('lookInside: shows why an analysis failed, and nothing after cancellation', async () => {
  // Too few rows for a probe.
  await look('Probes');
  expect(record.messages).toMatchObject([
    {
      kind: 'error',
      text: expect.stringMatching(/^Cannot analyse the model: .*not enough rows with different labels/),
    },
  ]);
  record.messages = [];
  notification.messages = [];
  const before = await readdir(join(run, 'insight'));
  const looking = look('Activation patching');
  // At once, as three rows are soon done.
  await vi.waitFor(() => expect(notification.messages.length).toBeGreaterThan(0), {
    timeout: 20_000,
    interval: 1,
  });
  notification.token.cancel();
  await looking;
  expect(record.messages).toEqual([]);
  expect(told).not.toHaveBeenCalled();
  expect((await insightService.insights({ dir: run })).length).toBeLessThanOrEqual(before.length);
});
