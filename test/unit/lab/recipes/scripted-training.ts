// GRPO against an engine that is scripted.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { loadRun } from '../../../../src/core/config/load.ts';
import type { GrpoConfig } from '../../../../src/core/config/run-config.ts';
import type { Prompt } from '../../../../src/core/prompts/message.ts';
import { EvaluationHistory } from '../../../../src/core/metrics/evaluation-alarms.ts';
import { History } from '../../../../src/core/rewards/alarms.ts';
import type { LoopState } from '../../../../src/lab/runs/run-folder.ts';
import { FEATURES, type Feature } from '../../../../src/engines/sampler.ts';
import type { Group, Scores, Trainer, TrainerInfo, WeightedGroup } from '../../../../src/engines/trainer.ts';
import { preflight, viewWarnings } from '../../../../src/lab/models/preflight.ts';
import { encoderOf, sourceOptions } from '../../../../src/lab/models/recipe-tools.ts';
import { trainGrpo } from '../../../../src/lab/recipes/grpo.ts';
import { RowSource } from '../../../../src/lab/rollouts/draw-groups.ts';
import { lockFolder } from '../../../../src/lab/runs/folder-lock.ts';
import { ActiveRun, createRun } from '../../../../src/lab/runs/make-run.ts';
import { readTraces } from '../../../../src/lab/runs/trace-files.ts';

export const POLICY = -1;
export const REFERENCE = -1.5;

export interface Script {
  /** What the n-th prompt of a run is answered with; G texts. */
  answers: (prompt: number) => string[];
  /** log p that the trainer finds for every token, where the sampler said −1. */
  policy?: number;
  /** The same once it was updated. */
  updated?: number;
  fail?: 'reference' | 'update';
  /** A sampler in bfloat16 differs from the trainer, so that the trainer scores the rollouts. */
  precision?: TrainerInfo['precision'];
  /** log p of every token in a pass, of the n-th call; where it is not finite, the engine takes no step. */
  overflows?: { sampler?: (call: number) => number; update?: (call: number) => number };
  /** A feature that the engine does not have. */
  lacks?: Feature;
}

/** An engine that answers by a script, and remembers what it was asked. A token is a word; every token has log p −1. */
export class ScriptedTrainer implements Trainer {
  readonly calls: string[] = [];
  readonly weighted: WeightedGroup[] = [];
  private prompts = 0;
  private passes = 0;
  private isFinite = true;
  private updates = 0;

  constructor(private readonly script: Script) {}

  info(): TrainerInfo {
    return {
      engine: 'embedded' as const,
      model: 'scripted',
      features: (Object.keys(FEATURES) as Feature[]).filter((feature) => feature !== this.script.lacks),
      contextTokens: null,
      imagesKept: null,
      vocabulary: null,
      coordinates: null,
      runtime: 'script',
      precision: this.script.precision ?? 'float32',
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
          logprobs: tokens.map(() => this.script.overflows?.sampler?.(this.prompts) ?? POLICY),
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
    const lp = this.script.overflows?.update?.(++this.passes) ?? this.policy;
    this.isFinite &&= Number.isFinite(lp);
    this.weighted.push(...groups.map((group) => withPulls(group, lp)));
    const logprobs = groups.map(({ completions }) =>
      completions.map(({ segments }) => segments.map(({ tokens }) => tokens.map(() => lp))),
    );
    return Promise.resolve({ logprobs, loss: 0 });
  }
  optimStep() {
    this.calls.push('step');
    const skipped = !this.isFinite;
    this.isFinite = true;
    this.updates += Number(!skipped);
    return Promise.resolve({ gradNorm: skipped ? null : this.updates, skipped });
  }
  setReference = () => Promise.resolve();
  save = (folder: string) => writeFile(join(folder, 'weights'), '');
  load = () => Promise.resolve();
  usage = () => Promise.resolve({ peakMemory: 0, gpuUse: 0.5 });
  exportAdapter = () => Promise.resolve();
  close = () => Promise.resolve();

  private get policy(): number {
    const { policy = POLICY, updated = policy } = this.script;
    return this.updates === 0 ? policy : updated;
  }

  /** Weights of every completion's tokens with the pull of the reference, in the order in which they were sent. */
  get weights(): number[][] {
    return this.weighted.flatMap(({ completions }) =>
      completions.map(({ segments }) => segments.flatMap(({ weights }) => weights)),
    );
  }
}

/** A group with the weights that an engine makes of it. @param lp of every token */
const withPulls = ({ prompt, completions }: WeightedGroup, lp: number): WeightedGroup => ({
  prompt,
  completions: completions.map(({ segments }) => ({
    segments: segments.map(({ pull, ...segment }) => ({
      ...segment,
      weights: segment.weights.map((w, t) =>
        pull ? w + pull.factor * Math.expm1(pull.reference[t]! - lp) : w,
      ),
    })),
  })),
});

export const BASE = {
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

/**
 * Trains on `rows.qa.jsonl` in a folder.
 * @param change settings in place of those of `BASE`
 * @param from what a checkpoint says; by default a start at which the policy is not its reference
 */
export async function trainScripted(
  folder: string,
  script: Script,
  change: object = {},
  from: Partial<LoopState> = {},
) {
  const data = { train: join(folder, 'rows.qa.jsonl'), root: folder };
  const { config, problems } = loadRun(stringify({ ...BASE, data, ...change }), 'test', () => null);
  if (config?.recipe !== 'grpo') throw new Error(JSON.stringify(problems));
  const dir = await createRun(join(folder, 'runs'), 'run', config);
  // Rows that cannot be used end here, before the run has files that nobody would close.
  const rows = await RowSource.open(sourceOptions(config));
  const run = await ActiveRun.open(await lockFolder(dir), { step: 0, steps: config.steps });
  const trainer = new ScriptedTrainer(script);
  const loop = {
    run,
    trainer,
    history: new History(),
    evaluated: new EvaluationHistory(),
    config: config satisfies GrpoConfig,
    state: { step: 0, cursor: 0, tokens: 0, best: null, ...from } as LoopState,
    evaluate: () => Promise.resolve([]),
    onStart: () => undefined,
    onStep: () => Promise.resolve(),
  };
  try {
    await trainGrpo(loop, rows, await encoderOf(config), null);
  } finally {
    await run.close('finished', '');
    await rows.close();
  }
  const events = await readFile(join(dir, 'events.jsonl'), 'utf8');
  const timings = await readFile(join(dir, 'timings.jsonl'), 'utf8');
  return {
    trainer,
    metrics: loop.history.rows,
    timings,
    events,
    pairs: await readTraces(dir, 1),
    state: loop.state,
  };
}

/** What is checked before such a run. @param info what the engine says of itself, in place of the script's */
export async function checkScripted(
  folder: string,
  change: object,
  info: Partial<TrainerInfo> = {},
): Promise<{ found: Awaited<ReturnType<typeof preflight>>; warnings: string[]; sha256: string }> {
  const data = { train: join(folder, 'rows.qa.jsonl'), root: folder };
  const { config, problems } = loadRun(stringify({ ...BASE, data, ...change }), 'test', () => null);
  if (!config) throw new Error(JSON.stringify(problems));
  const rows = await RowSource.open(sourceOptions(config));
  const trainer = new ScriptedTrainer({ answers: () => [] });
  const own = trainer.info();
  trainer.info = () => ({ ...own, ...info });
  try {
    const found = await preflight(config, rows, trainer);
    return { found, warnings: viewWarnings(config, found), sha256: rows.sha256 };
  } finally {
    await rows.close();
  }
}
