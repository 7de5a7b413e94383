import * as z from 'zod';
import { amount, count, field, section, share } from './config-fields.ts';

/** The settings of an adapter that both engines have. */
const LORA = {
  kind: field(z.enum(['lora', 'none']), '`none` trains all weights.', {
    paper: 'Paper A: LoRA. SVQA-R1: not in paper.',
  }).default('lora'),
  rank: field(count(), 'Rank of the low-rank update.', {
    paper: 'Paper A: 8 (v1), 16 (v2).',
    tradeoff:
      'Rank 16 has twice the trainable weights of rank 8: more memory and time. A dry run counts them.',
  }).default(16),
  alpha: field(count(), 'The update is scaled by alpha / rank.', {
    paper: 'Released code of paper A: 16.',
  }).default(16),
};

const targets = <T extends z.ZodType>(name: T) =>
  field(z.array(name).min(1), 'Projections that get an adapter.', {
    paper: 'v1: q_proj, v_proj. v2: all attention and MLP projections.',
  });

/** The projections of the embedded model, by the names that they have in other models. */
const EMBEDDED_TARGETS = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'up_proj', 'down_proj'] as const;

const EmbeddedAdapter = z.strictObject({
  ...LORA,
  targets: targets(z.enum(EMBEDDED_TARGETS)).default([...EMBEDDED_TARGETS]),
});

const Embedded = z.strictObject({
  kind: field(z.literal('embedded'), '`embedded`: a tiny model on the CPU, on any machine.'),
  width: field(count().max(4096).multipleOf(2), 'Size of the residual stream.').default(96),
  layers: field(count().max(256), 'Transformer layers.').default(3),
  heads: field(count().max(256), 'Attention heads; must divide the width.').default(4),
  image_size: field(count().max(2048), 'Images are resized to this many pixels square.').default(64),
  patch_size: field(count().max(2048), 'Side of a patch in pixels; must divide the image size.').default(16),
  frames: field(
    count().max(256),
    'Most images in a prompt, such as the frames of a clip. A new model gets more if a row needs it.',
  ).optional(),
  prompt_tokens: field(
    count().max(8192),
    'Room for a question, in words. A new model gets more if a row needs it.',
  ).default(24),
  completion_tokens: field(
    count().max(8192),
    'Room for a completion, in words; its end counts as one. A new model gets more if a target needs it.',
  ).default(32),
  runtime: field(
    z.enum(['auto', 'native', 'wasm']),
    'Where tensors are computed. `auto` takes the native library if it loads, otherwise WebAssembly.',
  ).default('auto'),
  threads: field(count().max(1024), 'Threads. Results repeat bit for bit only with the same number.').default(
    2,
  ),
  adapter: EmbeddedAdapter.optional().meta({
    description:
      'A low-rank adapter on the model of `init`, whose weights stay; without it, all weights are trained.',
  }),
});

/** A model from the hub or a local folder, trained by the Python worker. */
const Torch = z.strictObject({
  kind: field(z.literal('torch'), '`torch`: a model from the hub or a folder, by the Python worker.'),
  model: field(z.string().min(1), 'Hub id or local folder.', {
    paper: 'SVQA-R1: Qwen2.5-VL-3B. Paper A: PaliGemma2-3B-mix-224.',
  }),
  precision: field(z.enum(['bf16', 'fp32']), 'Number format of the base weights.').default('bf16'),
  quantization: field(
    z.enum(['none', '4bit']),
    'Store the frozen language model in 4 bits, by bitsandbytes: `chirality engine setup torch --4bit`.',
    {
      tradeoff: 'A quarter of the memory, at the cost of some accuracy and speed.',
    },
  ).default('none'),
  max_pixels: field(count(), 'Images with more pixels are scaled down; boxes are in resized pixels.').default(
    200_704,
  ),
  device: field(
    z.enum(['auto', 'cpu', 'cuda']),
    'Where the model computes. `auto` takes the GPU if there is one.',
  ).default('auto'),
  threads: field(
    count(),
    'Threads of each process; PyTorch chooses by default. Results repeat bit for bit only with the same number.',
  ).optional(),
  devices: field(
    count(),
    'Processes on each machine, each with a GPU of its own; on the CPU, they share it.',
    {
      tradeoff:
        'Processes share the groups: n of them take about 1/n of the time if a step has many more groups.',
    },
  ).default(1),
  nodes: field(
    count(),
    'Number of machines, each with the same number of processes. The others run `chirality engine join` with this config.',
  ).default(1),
  host: field(
    z.string().min(1),
    'Name or address under which the other machines reach the first one; its host name by default.',
  ).optional(),
  port: field(z.int().min(1).max(65535), 'Port of the first machine at which the others join.').default(
    29500,
  ),
  micro_tokens: field(
    z.union([count(), z.literal('auto')]),
    'Most tokens in one pass, counting a prompt once for all its completions. Halved if memory is too small. `auto`: on a GPU, as many as free memory holds, measured in the first passes; otherwise 4096.',
    { tradeoff: 'More is faster until the GPU is busy; memory grows in proportion.' },
  ).default('auto'),
  captured: field(
    z.enum(['auto', 'off']),
    'Replay steps of sampling as CUDA graphs on a GPU. `auto` tries it in another process first, and falls back with an event.',
  ).default('auto'),
  gradient_checkpointing: field(
    z.union([z.boolean(), z.literal('auto')]),
    'Recompute activations in the backward pass. `auto`: only if not even one completion fits into memory without it.',
    { tradeoff: 'Less memory, about a third more time.' },
  ).default(false),
  offload: field(
    z.enum(['none', 'optimizer']),
    '`optimizer`: keep sums of gradients and the optimiser in the computer’s memory, and take its steps on the processor. For all weights on one GPU.',
    {
      tradeoff: '16 bytes per trained number leave the GPU; each pass and each update takes seconds longer.',
    },
  ).default('none'),
  adapter: section(
    {
      ...LORA,
      dropout: field(
        share(),
        'Dropout inside the adapter. Above 0 it makes the ratio differ from 1 silently (R51).',
        {
          paper: 'Released code of paper A: 0.05.',
        },
      ).default(0),
      targets: targets(z.string()).default([
        'q_proj',
        'k_proj',
        'v_proj',
        'o_proj',
        'gate_proj',
        'up_proj',
        'down_proj',
      ]),
      excludes: field(z.array(z.string()), 'Modules that get none.').default(['visual', 'vision_tower']),
    },
    'The low-rank adapter.',
  ),
});

export type EmbeddedAdapter = z.infer<typeof EmbeddedAdapter>;
export type TorchEngine = z.infer<typeof Torch>;

/** The settings of AdamW with which SkyRL starts unless it is told others. */
export const SKYRL_ADAM = { betas: [0.9, 0.999], weight_decay: 0.01, grad_clip: 1 } as const;

/** A model that a server trains, by the Tinker API. */
const Tinker = z.strictObject({
  kind: field(
    z.literal('tinker'),
    '`tinker`: a model that a server shards, samples and trains: SkyRL on a cluster, or Thinking Machines (docs/clusters.md).',
  ),
  url: field(
    z.string().min(1),
    'Address of the server, without /api/v1 and without a key: that comes from the environment (docs/clusters.md).',
  ),
  base_model: field(z.string().min(1), "The server's name of the model; usually its hub id."),
  processor: field(
    z.string().min(1),
    "Folder with the model's tokenizer, chat template and preprocessor config: a few MB from the hub, no weights.",
  ),
  server: field(
    z.enum(['tinker', 'skyrl']),
    '`tinker`: takes all settings of AdamW from the run. `skyrl`: takes only the learning rate; see server_adam.',
  ).default('tinker'),
  server_adam: section(
    {
      betas: field(z.tuple([share(), share()]), 'trainer.policy.optimizer_config.adam_betas.').default([
        ...SKYRL_ADAM.betas,
      ]),
      weight_decay: field(amount(), 'trainer.policy.optimizer_config.weight_decay.').default(
        SKYRL_ADAM.weight_decay,
      ),
      grad_clip: field(amount(), 'trainer.policy.optimizer_config.max_grad_norm.').default(
        SKYRL_ADAM.grad_clip,
      ),
    },
    "With server: skyrl, the settings that the server was started with; by default, SkyRL's own. A run that asks for others is refused.",
  ),
  rank: field(count(), "Rank of the adapter. Its alpha is the server's: 32 on both known ones.", {
    paper: 'Paper A: 8 (v1), 16 (v2).',
  }).default(16),
  max_pixels: field(count(), 'Images with more pixels are scaled down before they are sent.').default(
    200_704,
  ),
  reference_url: field(
    z.string().min(1),
    'Server of the reference, needed for loss.beta above 0: the same as url if that holds several models, or another one that only scores.',
  ).optional(),
});

export type TinkerEngine = z.infer<typeof Tinker>;

export const EngineConfig = z.discriminatedUnion('kind', [Embedded, Torch, Tinker]);
export type EngineKind = z.infer<typeof EngineConfig>['kind'];
/** The adapter that an engine trains; null if it trains all weights, or if a server has it. */
export const adapterOf = (engine: z.infer<typeof EngineConfig>) =>
  engine.kind !== 'tinker' && engine.adapter?.kind === 'lora' ? engine.adapter : null;

/** Models on this machine. */
export const LOCAL_ENGINES = ['embedded', 'torch'] as const satisfies readonly EngineKind[];
export type LocalEngine = (typeof LOCAL_ENGINES)[number];

export const OptimizerConfig = section(
  {
    learning_rate: field(amount(), 'Peak learning rate.', {
      paper: 'SVQA-R1: not in paper. Released code of paper A: 2e-5 (GRPO), 1e-5 (SFT).',
    }).default(1e-5),
    schedule: field(
      z.enum(['constant', 'linear', 'cosine']),
      'How the rate falls to `final_share` after the warm-up.',
    ).default('constant'),
    warmup_steps: field(z.int().min(0), 'Steps over which the rate rises from 0.').default(0),
    final_share: field(
      share(),
      'Share of the peak that is left at the last step. 0: the rate would reach 0 one step later, so that the last step trains, too: with N steps after the warm-up, linear ends at 1/N of the peak, cosine at ½(1 + cos(π(N − 1)/N)).',
    ).default(0),
    betas: field(z.tuple([share(), share()]), "AdamW's averaging factors.").default([0.9, 0.999]),
    eps: field(amount(), "AdamW's epsilon.").default(1e-8),
    weight_decay: field(amount(), 'Decoupled weight decay.').default(0),
    grad_clip: field(amount(), 'The gradient is scaled down to this norm; 0 switches it off.').default(1),
  },
  'AdamW.',
);

/**
 * Identifies the kind of model in a folder's `config.json`: `model` is Chirality's, `model_type` that of transformers.
 */
export const modelFolderSchema = z.object({
  model: z.string().optional().catch(undefined),
  model_type: z.string().optional().catch(undefined),
});
