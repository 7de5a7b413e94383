// The loop of GRPO against an engine that is scripted: which calls it makes in which order, and which numbers they carry.
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { loadRun } from '../../../../src/core/config/load.ts';
import type { GrpoConfig } from '../../../../src/core/config/run.ts';
import { LATEST_RULES } from '../../../../src/core/grpo/advantages.ts';
import type { MetricsRow } from '../../../../src/core/grpo/metrics.ts';
import type { Prompt } from '../../../../src/core/prompts/message.ts';
import { FEATURES, type Feature } from '../../../../src/engines/sampler.ts';
import type { Group, Scores, Trainer, WeightedGroup } from '../../../../src/engines/trainer.ts';
import { encoderOf, sourceOptions } from '../../../../src/lab/models/tools.ts';
import { trainGrpo } from '../../../../src/lab/recipes/grpo.ts';
import { RowSource } from '../../../../src/lab/rollouts/source.ts';
import { lockRun } from '../../../../src/lab/runs/lock.ts';
import { ActiveRun, createRun } from '../../../../src/lab/runs/run.ts';
import { readTraces } from '../../../../src/lab/runs/trace.ts';

const POLICY = -1;
const REFERENCE = -1.5;

interface Script {
  /** What the n-th prompt of a run is answered with; G texts. */
  answers: (prompt: number) => string[];
  /** log p that the trainer finds for every token, where the sampler said −1. */
  policy?: number;
  /** The same once it was updated. */
  updated?: number;
  fail?: 'reference' | 'update';
}

/** An engine that answers by a script, and remembers what it was asked. A token is a word; every token has log p −1. */
class ScriptedTrainer implements Trainer {
  readonly calls: string[] = [];
  readonly weighted: WeightedGroup[] = [];
  private prompts = 0;
  private updates = 0;

  constructor(private readonly script: Script) {}

  info() {
    return {
      engine: 'embedded' as const,
      model: 'scripted',
      features: Object.keys(FEATURES) as Feature[],
      contextTokens: null,
      imagesKept: null,
      vocabulary: null,
      coordinates: null,
      runtime: 'script',
      precision: 'float32' as const,
      rounding: 0,
      parameters: 1,
      trainableParameters: 1,
    };
  }
  putImage(file: Uint8Array) {
    return Promise.resolve({ hash: createHash('sha256').update(file).digest('hex'), width: 1, height: 1 });
  }
  complete(): never {
    throw new Error('A trainer that trains is not asked for texts.');
  }
  encode = () => Promise.resolve({ prompt: [1], target: [] });
  sample(prompts: Prompt[]) {
    this.calls.push('sample');
    const groups = prompts.map(() =>
      this.script.answers(this.prompts++).map((text) => {
        const tokens = text.split(' ').map((word) => word.length);
        return {
          text,
          stopReason: 'end' as const,
          tokens,
          logprobs: tokens.map(() => POLICY),
          entropies: tokens.map(() => 0.5),
        };
      }),
    );
    return Promise.resolve(groups);
  }
  forward(groups: Group[], { model }: { model: 'policy' | 'reference' }): Promise<Scores[][][]> {
    this.calls.push(`forward ${model}`);
    if (this.script.fail === model) return Promise.reject(new Error('The reference is lost.'));
    const lp = model === 'reference' ? REFERENCE : this.policy;
    return Promise.resolve(
      groups.map(({ completions }) =>
        completions.map(({ segments }) =>
          segments.map(({ tokens }) => ({ logprobs: tokens.map(() => lp), entropies: tokens.map(() => 0) })),
        ),
      ),
    );
  }
  forwardBackward(groups: WeightedGroup[]) {
    this.calls.push('backward');
    if (this.script.fail === 'update') return Promise.reject(new Error('The update broke.'));
    this.weighted.push(...groups);
    const lp = this.policy;
    const logprobs = groups.map(({ completions }) =>
      completions.map(({ segments }) => segments.map(({ tokens }) => tokens.map(() => lp))),
    );
    return Promise.resolve({ logprobs, loss: 0 });
  }
  optimStep() {
    this.calls.push('step');
    this.updates += 1;
    return Promise.resolve({ gradNorm: this.updates });
  }
  setReference = () => Promise.resolve();
  save = (folder: string) => writeFile(join(folder, 'weights'), '');
  load = () => Promise.resolve();
  peakMemory = () => Promise.resolve(0);
  exportAdapter = () => Promise.resolve();
  close = () => Promise.resolve();

  private get policy(): number {
    const { policy = POLICY, updated = policy } = this.script;
    return this.updates === 0 ? policy : updated;
  }

  /** Weights of every completion's tokens, in the order in which they were sent. */
  get weights(): number[][] {
    return this.weighted.flatMap(({ completions }) =>
      completions.map(({ segments }) => segments.flatMap(({ weights }) => weights)),
    );
  }
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chirality-grpo-'));
  const pixel = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  );
  await writeFile(join(folder, 'dot.png'), pixel);
  const rows = [1, 2, 3, 4].map((n) => ({
    id: `row-${n}`,
    question: 'Is the cup left of the plate?',
    answer: 'Yes',
    task: 'yesno',
    images: ['dot.png'],
  }));
  await writeFile(join(folder, 'rows.qa.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
});
// A trace of a step that failed may still be being written.
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

const BASE = {
  recipe: 'grpo',
  steps: 1,
  seed: 1,
  prompt: '{question}',
  engine: { kind: 'embedded' },
  batch: { rows: 1 },
  views: { mirror: false },
  sampling: { group_size: 2, temperature: 1, max_tokens: 8 },
  rewards: { format: { weight: 0 }, semantic: { weight: 0 }, accuracy: { weight: 1 } },
  loss: { beta: 0 },
  trace: { every: 1, arrays: 'none' },
};

async function train(script: Script, change: object = {}) {
  const data = { train: join(folder, 'rows.qa.jsonl'), root: folder };
  const { config, problems } = loadRun(stringify({ ...BASE, data, ...change }), 'test', () => null);
  if (config?.recipe !== 'grpo') throw new Error(JSON.stringify(problems));
  const dir = await createRun(join(folder, 'runs'), 'run', config);
  const run = await ActiveRun.open(await lockRun(dir), { step: 0, steps: config.steps });
  const rows = await RowSource.open(sourceOptions(config));
  const trainer = new ScriptedTrainer(script);
  const loop = {
    ...{ run, trainer, history: [] as MetricsRow[], firstEvaluation: null },
    config: config satisfies GrpoConfig,
    rules: LATEST_RULES,
    state: { step: 0, cursor: 0, tokens: 0, best: null },
    evaluate: () => Promise.resolve([]),
    onStart: () => undefined,
    onStep: () => Promise.resolve(),
  };
  try {
    await trainGrpo(loop, rows, await encoderOf(config));
  } finally {
    await run.close('finished', '');
    await rows.close();
  }
  const events = await readFile(join(dir, 'events.jsonl'), 'utf8');
  return { trainer, metrics: loop.history, events, pairs: await readTraces(dir, 1), state: loop.state };
}

const right = '<answer>Yes</answer>';
const wrong = '<answer>No</answer>';

it('samples, updates once, and weighs tokens by equation 5 with ρ = 1', async () => {
  const { trainer, metrics } = await train({ answers: () => [right, `so then ${wrong}`] });
  expect(trainer.calls).toEqual(['sample', 'backward', 'step']);
  // Rewards 1 and 0: mean 0.5, sample deviation √0.5, TRL's ε = 1e-4. Each completion counts 1/N, spread over its tokens.
  const A = 0.5 / (Math.SQRT1_2 + 1e-4);
  const [first, second] = trainer.weights;
  expect(first).toHaveLength(1);
  expect(first![0]).toBeCloseTo(A / 2, 12);
  expect(second).toHaveLength(3);
  for (const w of second!) expect(w).toBeCloseTo(-A / 2 / 3, 12);
  expect(metrics[0]).toMatchObject({ reward: 0.5, accuracy: 0.5, num_tokens: 4, grad_norm: 1 });
});

it('asks the reference before the update, and pulls towards it by β(exp(lp_ref − lp) − 1)', async () => {
  const { trainer } = await train({ answers: () => [right, right] }, { loss: { beta: 0.5 } });
  expect(trainer.calls).toEqual(['sample', 'forward reference', 'backward', 'step']);
  // No spread, so no advantage: what is left is the pull of the reference.
  const pull = 0.5 * (Math.exp(REFERENCE - POLICY) - 1);
  for (const weights of trainer.weights) expect(weights[0]).toBeCloseTo(pull / 2, 12);
});

it('samples both views, and couples them into one pair', async () => {
  const answers = (prompt: number) => (prompt === 0 ? [right, right] : [right, wrong, wrong]);
  const semantic = { weight: 1, encoder: 'lexical' };
  const rewards = { ...BASE.rewards, semantic };
  const { trainer, pairs } = await train({ answers }, { views: { mirror: true }, rewards });
  expect(trainer.calls).toEqual(['sample', 'backward', 'step']);
  expect(pairs[0]!.views.map(({ question }) => question)).toEqual([
    'Is the cup left of the plate?',
    'Is the cup right of the plate?',
  ]);
  expect(pairs[0]).toMatchObject({ verdict: 'only_original', penalised: 'original', effect: 'none' });
  // Equations 2–4 with η = 1: the originals, who do better, lose Δ.
  const { delta, views } = pairs[0]!;
  expect(delta).toBeGreaterThan(0);
  expect(views.map(({ group }) => group.map(({ penalty }) => penalty))).toEqual([
    [delta, delta],
    [0, 0, 0],
  ]);
  // The original's group has no spread; of the mirror's, the first is right.
  expect(trainer.weights.map(([w]) => Math.sign(w!))).toEqual([0, 0, 1, -1, -1]);
});

it('draws again for groups without spread, no more often than it may', async () => {
  const mixedFrom = (n: number) => (prompt: number) => (prompt < n ? [right, right] : [right, wrong]);
  const refill = (max_rounds: number) => ({ dynamic_sampling: { mode: 'refill', max_rounds } });
  const some = await train({ answers: mixedFrom(2) }, refill(4));
  expect(some.trainer.calls).toEqual(['sample', 'sample', 'sample', 'backward', 'step']);
  expect(some.state.cursor).toBe(3);
  expect(some.metrics[0]).toMatchObject({
    'dynamic_sampling/rounds': 3,
    'dynamic_sampling/groups_drawn': 3,
    'dynamic_sampling/groups_kept': 1,
    'dynamic_sampling/dropped_all_right': 2,
  });
  const none = await train({ answers: mixedFrom(9) }, refill(2));
  expect(none.trainer.calls).toEqual(['sample', 'sample']);
  expect(none.metrics[0]).toMatchObject({ loss: null, kl: null, grad_norm: null, num_tokens: 0 });
});

it('leaves groups without spread out, and counts them in the normaliser where it skips', async () => {
  const answers = (prompt: number) => (prompt === 0 ? [right, right] : [right, wrong]);
  const change = { batch: { rows: 2 }, dynamic_sampling: { mode: 'skip' } };
  const { trainer } = await train({ answers }, change);
  const A = 0.5 / (Math.SQRT1_2 + 1e-4);
  expect(trainer.weights.map(([w]) => w)).toEqual([expect.closeTo(A / 4, 12), expect.closeTo(-A / 4, 12)]);
});

it('sends an update in parts of so many groups, and steps once', async () => {
  const { trainer } = await train(
    { answers: () => [right, wrong] },
    { batch: { rows: 3, micro_groups: 2 }, loss: { beta: 0.1 } },
  );
  expect(trainer.calls).toEqual([
    ...['sample', 'forward reference', 'forward reference', 'backward', 'backward', 'step'],
  ]);
});

it('scores the policy anew for every further update on the same rollouts', async () => {
  const { trainer } = await train({ answers: () => [right, wrong] }, { loss: { beta: 0, iterations: 2 } });
  expect(trainer.calls).toEqual(['sample', 'backward', 'step', 'forward policy', 'backward', 'step']);
});

it('tells of several updates what the last one found, and counts the tokens of completions once', async () => {
  const answers = () => [right, wrong];
  const loss = { beta: 0.1, iterations: 2 };
  const { metrics } = await train({ answers, policy: POLICY, updated: POLICY + 0.5 }, { loss });
  const A = 0.5 / (Math.SQRT1_2 + 1e-4);
  const [ratio, gap] = [Math.exp(0.5), REFERENCE - POLICY - 0.5];
  const k3 = Math.exp(gap) - 1 - gap;
  // One token each: the good one is clipped at 1.2, the other one's pull is not.
  expect(metrics[0]).toMatchObject({
    ...{ num_tokens: 2, grad_norm: 2, kl: expect.closeTo(k3, 12) },
    ...{ 'clip_ratio/high_mean': 0.5, 'clip_ratio/low_mean': 0 },
    loss: expect.closeTo(-(1.2 * A - ratio * A) / 2 + 0.1 * k3, 12),
    // Of the first, before anything moved.
    'sampling/sampling_logp_difference/max': 0,
  });
});

it('lets the trainer score the rollouts once its numbers are not those of the sampler', async () => {
  const { trainer, events, metrics } = await train(
    { answers: () => [right, wrong], policy: POLICY + 0.25 },
    { steps: 2 },
  );
  expect(trainer.calls).toEqual([
    'sample',
    'backward',
    'step',
    'sample',
    'forward policy',
    'backward',
    'step',
  ]);
  expect(events).toContain('differ by up to 0.2500');
  expect(metrics[0]!['sampling/sampling_logp_difference/max']).toBeCloseTo(0.25, 12);
});

it.each([
  ['reference', 'The reference is lost.'],
  ['update', 'The update broke.'],
] as const)('what fails while other work goes on is told as it was: %s', async (fail, message) => {
  const script: Script = { answers: () => [right, wrong], fail };
  await expect(train(script, { loss: { beta: 0.1 } })).rejects.toThrow(message);
});
