import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Sample } from '../../../../src/core/spatial/sample.ts';
import type { EmbeddedTrainer } from '../../../../src/engines/embedded/engine.ts';
import { openEmbedded } from '../../../../src/engines/embedded/open.ts';
import type { WeightedGroup } from '../../../../src/engines/trainer.ts';
import { vocabularyOf } from '../../../../src/engines/embedded/tokenizer.ts';
import { decodeForModel } from '../../../../src/lab/images/decode.ts';
import { readTraces } from '../../../../src/lab/runs/trace.ts';
import { pictures } from '../../../../src/lab/torch/quick-check.ts';
import {
  BASE,
  processorFiles,
  TinkerServer,
  type TinkerServerOptions,
} from '../../../support/tinker-server.ts';
import { chirality, tinyProject } from './cli.ts';

const KEY = 'a-key-that-nobody-may-read';
let folder: string;
let options: TinkerServerOptions;

/** Starts a server and writes a config for it, as `NAME.run.yaml`. */
async function serve(name: string, more: Partial<TinkerServerOptions>): Promise<TinkerServer> {
  const server = await TinkerServer.start({ ...options, ...more });
  const grpo = parse(await readFile(join(folder, 'grpo.run.yaml'), 'utf8')) as Record<string, unknown>;
  delete grpo.init;
  const config = {
    ...grpo,
    steps: 4,
    prompt: '{question}',
    engine: {
      kind: 'tinker',
      url: server.url,
      base_model: BASE,
      processor: 'processor',
      reference_url: server.url,
    },
    loss: { beta: 0.01 },
    evaluate: { every: 4, max_tokens: 8 },
  };
  await writeFile(join(folder, `${name}.run.yaml`), stringify(config));
  return server;
}

/** Teaches the form of an answer, so that some completions earn more than others. */
async function learn(model: EmbeddedTrainer, rows: readonly Sample[]): Promise<void> {
  const groups = await Promise.all(
    rows.map(async ({ question, answer }): Promise<WeightedGroup> => {
      const prompt = [{ role: 'user' as const, content: [question] }];
      const target = `<think> ${answer} </think> <answer> ${answer} </answer>`;
      const { target: tokens } = await model.encode(prompt, target);
      const weights = tokens.map(() => 1 / (rows.length * tokens.length));
      return { prompt, completions: [{ segments: [{ tokens, trained: true, weights }] }] };
    }),
  );
  await model.forwardBackward(groups, { temperature: 1 });
  await model.optimStep({ learningRate: 1e-2, betas: [0.9, 0.99], eps: 1e-8, weightDecay: 0, gradClip: 1 });
}

beforeAll(async () => {
  vi.stubEnv('CHIRALITY_API_KEY', KEY);
  folder = await mkdtemp(join(tmpdir(), 'chirality-tinker-'));
  await tinyProject(folder);
  const rows = await readFile(join(folder, 'train/data.qa.jsonl'), 'utf8');
  const tests = await readFile(join(folder, 'val/data.qa.jsonl'), 'utf8');
  const { question, answers } = await pictures();
  const texts = (value: unknown): string[] =>
    typeof value === 'string' ? [value] : value instanceof Object ? Object.values(value).flatMap(texts) : [];
  const lines = `${rows}${tests}`
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  const words = vocabularyOf([
    question,
    ...answers,
    '<think> </think> <answer> </answer>',
    ...lines.flatMap(texts),
  ]);
  const shape = {
    width: 16,
    layers: 1,
    heads: 2,
    imageSize: 32,
    patchSize: 16,
    promptTokens: 64,
    completionTokens: 24,
  };
  await mkdir(join(folder, 'processor'));
  for (const [name, text] of Object.entries(processorFiles(words, shape)) as [string, string | null][])
    if (text !== null) await writeFile(join(folder, 'processor', name), text);
  await mkdir(join(folder, 'kept'));
  const model = await openEmbedded({
    model: { shape, words },
    seed: 1,
    threads: 1,
    decodeImage: decodeForModel,
  });
  for (let step = 0; step < 30; step++) await learn(model, lines as Sample[]);
  await model.save(join(folder, 'taught'));
  await model.close();
  options = {
    model: { model: { folder: join(folder, 'taught') }, seed: 1, threads: 1, decodeImage: decodeForModel },
    folder: join(folder, 'kept'),
  };
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

it('trains Spatial-GRPO on a server, from curves to traced pairs, through a failure and a resume', async () => {
  let updates = 0;
  const fault = (route: string) => (route === 'optim_step' && ++updates === 4 ? 400 : undefined);
  const server = await serve('served', { fault });
  try {
    vi.stubEnv('CHIRALITY_API_URL', server.url);
    const failed = await chirality(folder, 'train', 'served.run.yaml');
    expect(failed.code).not.toBe(0);
    expect(failed.stderr).toContain('The server refused optim_step (400)');
    expect(failed.stderr).not.toContain(KEY);
    const resumed = await chirality(folder, 'resume', 'runs/served');
    expect(resumed, resumed.stderr).toMatchObject({ code: 0 });
    expect(server.requests.every(({ key }) => key === KEY)).toBe(true);
    expect(server.requests.map(({ route }) => route)).toContain('load_weights');
    expect(server.held).toBe(0);
  } finally {
    await server.close();
  }
  const run = join(folder, 'runs/served');
  const metrics = (await readFile(join(run, 'metrics.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, number | null>);
  expect(metrics.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
  // Policy and reference start as one; the server's sampler and trainer are the same program.
  expect(metrics[0]!.kl).toBeLessThan(1e-6);
  expect(metrics[3]!.kl).toBeGreaterThan(1e-6);
  for (const row of metrics) {
    expect(row['sampling/sampling_logp_difference/max']).toBeLessThan(1e-4);
    expect(row.grad_norm).not.toBeNull();
    expect(row.entropy).toBeNull();
  }
  const pairs = await readTraces(run, 4);
  expect(pairs).toHaveLength(3);
  for (const { views } of pairs) {
    expect(views.map(({ view }) => view)).toEqual(['original', 'mirror']);
    expect(views.map(({ group }) => group.length)).toEqual([4, 4]);
    expect(views[0]!.group[0]!.segments[0]).toMatchObject({ tokens: {}, logprobs: {}, ref_logprobs: {} });
  }
  for (const name of await readdir(run, { recursive: true })) {
    const text = await readFile(join(run, name), 'utf8').catch(() => '');
    expect(text, name).not.toContain(KEY);
  }
});

it('refuses a server that leaves pictures out, before the first step', async () => {
  const server = await serve('blind', { blind: true });
  try {
    const { code, stderr } = await chirality(folder, 'train', 'blind.run.yaml');
    expect(code).not.toBe(0);
    expect(stderr).toContain('The model does not see the image.');
    expect(server.requests.map(({ route }) => route)).not.toContain('optim_step');
    // The person named another server.
    expect(server.requests.filter(({ key }) => key === KEY)).toEqual([]);
  } finally {
    await server.close();
  }
});
