import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import type { ModelSource } from '../../../src/panels/playground/playground.contract.ts';
import { manyQuestions } from '../../../src/core/psychophysics/many-questions.ts';
import type { App } from '../../../src/extension/app.ts';
import { measureAcuity } from '../../../src/extension/launch/measure-acuity.ts';
import { Measurements } from '../../../src/extension/launch/measurements.ts';
import { ProgramError } from '../../../src/panels/host/cli-program.host.ts';
import { person, record, Uri, workspace } from './fake-vscode.ts';

let models: ModelSource[] = [];
vi.mock('../../../src/panels/playground/choose-model.host.ts', () => ({
  chooseModels: () => Promise.resolve(models),
}));

const folder = join(tmpdir(), 'acuity');
const URL = 'http://localhost:8000/v1';
const ENDPOINT = {
  id: 'e',
  kind: 'endpoint',
  label: 'qwen',
  detail: 'mine',
  url: URL,
  model: 'qwen',
  key: true,
} as const;
const CHECKPOINT = {
  id: 'c',
  kind: 'local',
  label: 'spatial, step 50',
  detail: '',
  path: join(folder, 'runs', 'spatial', 'checkpoints', 'step-000050'),
} as const;

const COST = 'At a price of 2.5,10 they cost from about 0.79 to 11.60; a picture counts as 256 tokens.';

let calls: { args: string[]; env?: Record<string, string> }[];
/** Refuses whatever has more questions than its limit. */
const program = {
  run: (args: string[], { env }: { env?: Record<string, string> }) => {
    calls.push({ args, ...(env && { env }) });
    const limit = args.includes('--limit') ? Number(args[args.lastIndexOf('--limit') + 1]) : 5000;
    if (questions > limit)
      return Promise.reject(
        new ProgramError(
          `${manyQuestions(questions, args.includes('--price') ? COST : null)} Ask fewer, or confirm.`,
        ),
      );
    return Promise.resolve('[]');
  },
};
let questions = 1056;

const app = {
  program,
  measurements: new Measurements(),
  runs: { runs: () => [{ dir: join(folder, 'runs', 'spatial') }], refresh: () => Promise.resolve([]) },
  panels: { acuity: { open: () => Promise.resolve() } },
  secrets: { get: () => Promise.resolve('kept') },
  service: { call: () => Promise.resolve(false) },
} as unknown as App;

beforeEach(() => {
  calls = [];
  workspace.workspaceFolders = [{ uri: Uri.file(folder) }];
  workspace.settings = { 'chirality.endpoints': [{ name: 'mine', url: URL }] };
  person.pick = () => 'side\nmap of nearer';
});

test('measureAcuity: asks for a stimulus again if the user selected none', async () => {
  models = [CHECKPOINT];
  const asked: string[] = [];
  person.pick = (placeHolder) => {
    asked.push(placeHolder);
    return asked.length === 1 ? 'none of the list' : undefined;
  };
  await measureAcuity(app);
  expect(asked[1]).toBe('Select at least one stimulus');
  expect(calls).toEqual([]);
});

test('measureAcuity: confirms the number of questions to an endpoint, and sends its stored key', async () => {
  models = [ENDPOINT];
  person.press = () => undefined;
  await measureAcuity(app);
  expect(calls).toHaveLength(1);
  expect(record.messages.map(({ text }) => text)).toEqual(['Send up to 1,056 questions to qwen?']);
  person.press = () => 'Send Questions';
  await measureAcuity(app);
  const [, , last] = calls;
  expect(last!.args.join(' ')).toBe(
    `acuity --endpoint ${URL} --model qwen --limit 1 --axis side --map nearer -o ${join(folder, 'acuity')} --json --limit 1056`,
  );
  expect(last!.env).toEqual({ CHIRALITY_API_KEY: 'kept' });
});

test('measureAcuity: shows the cost of an endpoint, or the setting of its price', async () => {
  models = [ENDPOINT];
  person.press = () => undefined;
  const detail = () => (record.messages.at(-1)!.buttons[0] as unknown as { detail: string }).detail;
  await measureAcuity(app);
  expect(detail()).toContain('"prices": { "qwen": [2.5, 10] }');
  workspace.settings = { 'chirality.endpoints': [{ url: URL, prices: { qwen: [2.5, 10] } }] };
  await measureAcuity(app);
  expect(detail()).toContain(COST);
  expect(calls.at(-1)!.args.join(' ')).toContain('--model qwen --price 2.5,10 --limit 1');
});

test('measureAcuity: measures a checkpoint, and confirms only large numbers of questions', async () => {
  models = [CHECKPOINT];
  await measureAcuity(app);
  expect(record.messages).toEqual([]);
  expect(calls[0]!.args.slice(0, 4)).toEqual(['acuity', join(folder, 'runs', 'spatial'), '--step', '50']);
  questions = 6000;
  person.press = () => 'Send Questions';
  await measureAcuity(app);
  expect(record.messages.map(({ text }) => text)).toEqual([
    'Send up to 6,000 questions to spatial, step 50?',
  ]);
  expect(calls.at(-1)!.args.slice(-2)).toEqual(['--limit', '6000']);
});

test('measureAcuity: sends nothing to an endpoint removed from the settings', async () => {
  models = [ENDPOINT];
  workspace.settings = {};
  await measureAcuity(app);
  expect(calls).toEqual([]);
  expect(record.messages.map(({ text }) => text)).toEqual([
    `Cannot measure acuity: ${URL} is not in the setting chirality.endpoints. Add the endpoint first.`,
  ]);
});

test('Measurements: lists a measurement until the end, with an action to cancel it', async () => {
  const measurements = new Measurements();
  const seen: string[] = [];
  measurements.onChange(() =>
    seen.push(measurements.all.map(({ model, line }) => `${model} ${line}`).join()),
  );
  const ended = measurements.run('qwen', ({ signal, onLine }) => {
    onLine('1 of 2');
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
  });
  const [one] = measurements.all;
  measurements.end(one!.id);
  await expect(ended).rejects.toThrow('aborted');
  expect(seen).toEqual(['qwen ', 'qwen 1 of 2', '']);
});
