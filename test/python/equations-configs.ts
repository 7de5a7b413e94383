import { dirname } from 'node:path';

type Tree = Record<string, unknown>;

export type Config = Tree & {
  engine: { adapter: { kind: string }; micro_tokens?: number; precision: string };
};

/** Settings by their paths: `'loss.beta': 0`. */
type Changes = Readonly<Record<string, unknown>>;

const engine = { kind: 'torch', model: 'tiny', device: 'cpu', precision: 'fp32', threads: 1 };

/** What the policies of all runs have learnt: to answer in tags, now and then right. */
export const BASE = (rows: string): Tree => ({
  recipe: 'sft',
  steps: 40,
  engine: { ...engine, adapter: { kind: 'none' } },
  data: { train: rows, root: dirname(rows) },
  target: '<think> </think> <answer> {answer} </answer>',
  batch: { samples: 12 },
  views: { mirror: true },
  optimizer: { learning_rate: 1e-2, grad_clip: 1 },
  checkpoint: { every: 0, keep_last: 1 },
});

const COMMON = (rows: string, model: string): Tree => ({
  recipe: 'grpo',
  steps: 2,
  seed: 1,
  engine: { ...engine, model, adapter: { kind: 'none' } },
  data: { train: rows, root: dirname(rows) },
  batch: { rows: 2 },
  views: { mirror: true },
  sampling: { group_size: 4, temperature: 1, max_tokens: 24 },
  // Every text earns something, so that rewards differ whatever the policy has learnt.
  extraction: 'lenient',
  rewards: { format: { weight: 0.5 }, semantic: { weight: 0.5, encoder: 'lexical' } },
  coupling: { eta: 1, threshold: 0.2 },
  advantages: { convention: 'trl', scope: 'group' },
  loss: { aggregation: 'sequence-mean', beta: 0.04 },
  optimizer: { learning_rate: 1e-3, grad_clip: 1, schedule: 'linear', warmup_steps: 1, final_share: 0.1 },
  checkpoint: { every: 1, keep_last: 10 },
  trace: { every: 1, arrays: 'all' },
});

/** A config with other settings. */
function of(changes: Changes): (rows: string, model: string) => Config {
  return (rows, model) => {
    const config = COMMON(rows, model);
    for (const [path, value] of Object.entries(changes)) {
      const keys = path.split('.');
      const last = keys.pop()!;
      let at = config;
      for (const key of keys) at = (at[key] ??= {}) as Tree;
      at[last] = value;
    }
    return config as Config;
  };
}

const SEVERAL = { 'optimizer.learning_rate': 5e-3, 'optimizer.warmup_steps': 0 };
const CUT = { 'sampling.max_tokens': 19 };
const GRAPH = {
  graph: { prompt: '{question}', max_tokens: 8, trained: 'both' },
  prompt: '{graph} {question}',
};
const LORA = {
  'engine.adapter': { kind: 'lora', rank: 4, alpha: 16 },
  steps: 3,
  'optimizer.learning_rate': 1e-2,
};
const BY_ACCURACY = { 'dynamic_sampling.signal': 'accuracy', 'sampling.group_size': 3, 'batch.rows': 4 };

/** The settings by which the configs differ, in every way in which a step can be computed. */
const VARIED: Record<string, Changes> = {
  grpo: { 'views.mirror': false },
  s1: {},
  s2: { 'coupling.eta': 2 },
  it3: { 'loss.iterations': 3, ...SEVERAL },
  b0: { 'loss.beta': 0 },
  b05: { 'loss.beta': 0.5, steps: 3 },
  tok: { 'loss.aggregation': 'token-mean' },
  drg: { 'loss.aggregation': 'dr-grpo', 'advantages.convention': 'dr-grpo' },
  trlb: { 'advantages.convention': 'trl-batch' },
  verl: { 'advantages.convention': 'verl' },
  orl: { 'advantages.convention': 'openrlhf' },
  dsk: { 'advantages.convention': 'deepseek' },
  pair: { 'advantages.scope': 'pair', 'coupling.eta': 2 },
  pairb: { 'advantages.scope': 'pair', 'advantages.convention': 'trl-batch' },
  pairdr: { 'advantages.scope': 'pair', 'advantages.convention': 'dr-grpo' },
  skip: { 'dynamic_sampling.mode': 'skip', ...BY_ACCURACY },
  refill: { 'dynamic_sampling.mode': 'refill', 'dynamic_sampling.max_rounds': 3, ...BY_ACCURACY },
  skiptok: {
    'dynamic_sampling.mode': 'skip',
    ...BY_ACCURACY,
    'loss.aggregation': 'token-mean',
    'loss.iterations': 2,
  },
  mg1: { 'batch.micro_groups': 1 },
  mt: { 'engine.micro_tokens': 80 },
  clip: { 'optimizer.grad_clip': 0.05, 'optimizer.learning_rate': 1e-2 },
  noclip: { 'optimizer.grad_clip': 0 },
  wd: {
    'optimizer.weight_decay': 0.5,
    'optimizer.learning_rate': 1e-2,
    'optimizer.schedule': 'cosine',
    'optimizer.betas': [0.8, 0.95],
    'optimizer.eps': 1e-6,
    steps: 3,
  },
  lora: LORA,
  lorawd: { ...LORA, 'optimizer.weight_decay': 0.5, 'loss.iterations': 2 },
  t07: { 'sampling.temperature': 0.7, 'loss.iterations': 2, ...SEVERAL },
  p08: { 'sampling.top_p': 0.8, 'sampling.allow_biased_ratio': true, 'loss.iterations': 2, ...SEVERAL },
  cutkeep: CUT,
  cutmask: { ...CUT, 'loss.truncated': 'mask' },
  cutmasktok: { ...CUT, 'loss.truncated': 'mask', 'loss.aggregation': 'token-mean' },
  cutpen: { ...CUT, 'loss.truncated': 'penalise' },
  worse: { 'coupling.side': 'worse', 'coupling.clamp': 'threshold', 'coupling.dead_band': 0.05 },
  clampz: { 'coupling.eta': 5, 'coupling.clamp': 'zero' },
  asym: {
    'loss.iterations': 4,
    'loss.clip_low': 0.05,
    'loss.clip_high': 0.3,
    'loss.aggregation': 'dr-grpo',
    ...SEVERAL,
  },
  graph: GRAPH,
  graphans: { ...GRAPH, graph: { ...GRAPH.graph, trained: 'answer' }, 'loss.iterations': 2, ...SEVERAL },
};

/** AdamW with an epsilon far above most gradients, which does not amplify rounding between updates. */
const calm = (name: string): Changes => ({
  ...VARIED[name],
  'optimizer.eps': 0.01,
  'optimizer.learning_rate': 0.02,
});

/** All configs by name; with `e` at its end, that with a calm optimiser. */
export const CONFIGS: Readonly<Record<string, (rows: string, model: string) => Config>> = Object.fromEntries([
  ...Object.entries(VARIED).map(([name, changes]) => [name, of(changes)] as const),
  ...['it3', 'skiptok', 't07', 'p08', 'asym', 'graphans', 'lorawd'].map(
    (name) => [`${name}e`, of(calm(name))] as const,
  ),
]);

type Made = ReturnType<typeof of>;

/** Three updates a step. The trainer's log-probabilities in bfloat16 are not the sampler's. */
export const ADAPTER = (precision: 'fp32' | 'bf16'): Made =>
  of({ ...LORA, steps: 2, 'engine.precision': precision, 'loss.iterations': 3 });

/** Rewards that are zero for all answers. */
export const EQUAL = (precision: 'fp32' | 'bf16'): Made =>
  of({
    ...LORA,
    steps: 2,
    'engine.precision': precision,
    rewards: { format: { weight: 0 }, semantic: { weight: 0 }, iou: { weight: 1 } },
    'coupling.eta': 0,
  });

/** Those of every test run. */
export const FEW: readonly string[] = ['s1', 'pair', 'cutmask', 'it3e'];
