import * as z from 'zod';
import { amount, count, field, section, share } from './config-fields.ts';

/** Adapter settings that the embedded and the torch engine share. */
const LORA = {
  kind: field(z.enum(['lora', 'none']), '`none` trains all weights.', {
    paper: 'arXiv 2507.13362: LoRA. SVQA-R1: not in paper.',
  }).default('lora'),
  rank: field(count(), 'Rank of the low-rank update.', {
    paper: 'arXiv 2507.13362: 8 (v1), 16 (v2).',
    tradeoff:
      'Rank 16 has twice the trainable weights of rank 8 and needs more memory and time. A dry run shows the number of trainable weights.',
  }).default(16),
  alpha: field(count(), 'Scale α of the update. The update is multiplied by `alpha / rank`.', {
    paper: 'Released code of arXiv 2507.13362: 16.',
  }).default(16),
};

const targets = <T extends z.ZodType>(name: T) =>
  field(z.array(name).min(1), 'Projections with an adapter.', {
    paper: 'v1: q_proj, v_proj. v2: all attention and MLP projections.',
  });

/** Projections of the embedded model, with the names that other models use. */
const EMBEDDED_TARGETS = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'up_proj', 'down_proj'] as const;

const EmbeddedAdapter = z.strictObject({
  ...LORA,
  targets: targets(z.enum(EMBEDDED_TARGETS)).default([...EMBEDDED_TARGETS]),
});

const Embedded = z.strictObject({
  kind: field(z.literal('embedded'), '`embedded`: a tiny model for any CPU.'),
  width: field(count().max(4096).multipleOf(2), 'Size of the residual stream.').default(96),
  layers: field(count().max(256), 'Transformer layers.').default(3),
  heads: field(count().max(256), 'Number of attention heads, a divisor of `width`.').default(4),
  image_size: field(count().max(2048), 'Side of the resized, square image, in pixels.').default(64),
  patch_size: field(count().max(2048), 'Side of a patch in pixels, a divisor of `image_size`.').default(16),
  fill: field(
    z.enum(['none', 'right']),
    '`none` stretches images to the square. `right` keeps the proportions of images and pads the square on the right and at the bottom, as Kimi K2.5 does. With `right`, original and mirror have different patches. The setting is experimental and applies only to new models.',
    { paper: 'Not in paper.' },
  ).default('none'),
  frames: field(
    count().max(256),
    'Maximum number of images in a prompt, for example frames of a clip. If a row has more images, a new model accepts that number of images.',
  ).optional(),
  prompt_tokens: field(
    count().max(8192),
    'Maximum length of a question, in words. If a question is longer, a new model uses the length of that question.',
  ).default(24),
  completion_tokens: field(
    count().max(8192),
    'Maximum length of a completion, in words, including the end token. If a target is longer, a new model uses the length of that target.',
  ).default(32),
  runtime: field(
    z.enum(['auto', 'native', 'wasm']),
    'Backend for tensors. `auto` uses the native library if that library loads, otherwise WebAssembly.',
  ).default('auto'),
  threads: field(
    count().max(1024),
    'Number of threads. Results are bit-identical only with the same number of threads.',
  ).default(2),
  adapter: EmbeddedAdapter.optional().meta({
    description:
      'Low-rank adapter on the frozen model of `init`. Without an adapter, all weights are trained.',
  }),
});

/** A model from the Hugging Face Hub or a local folder, trained by the Python worker. */
const Torch = z.strictObject({
  kind: field(z.literal('torch'), '`torch`: a Hugging Face or local model, run by the Python worker.'),
  model: field(z.string().min(1), 'Hugging Face Hub id or local folder.', {
    paper: 'SVQA-R1: Qwen2.5-VL-3B. arXiv 2507.13362: PaliGemma2-3B-mix-224.',
  }),
  precision: field(z.enum(['bf16', 'fp32']), 'Number format of the base weights.').default('bf16'),
  quantization: field(
    z.enum(['none', '4bit']),
    '4-bit storage of the frozen language model with bitsandbytes. Requires `chirality engine setup torch --4bit`.',
    { tradeoff: '4-bit storage uses a quarter of the memory, but reduces accuracy and speed.' },
  ).default('none'),
  max_pixels: field(
    count(),
    'Maximum pixels per image. Larger images are downscaled. Boxes are in pixels of the downscaled image.',
  ).default(200_704),
  device: field(
    z.enum(['auto', 'cpu', 'cuda']),
    'Device of the model. `auto` uses a GPU if available.',
  ).default('auto'),
  threads: field(
    count(),
    'Number of threads per process. By default, PyTorch chooses the number. Results are bit-identical only with the same number of threads.',
  ).optional(),
  devices: field(count(), 'Processes per machine, one per GPU. Without GPUs, all processes share a CPU.', {
    tradeoff:
      'The processes share the groups of a step. With many groups, n processes need about 1/n of the time.',
  }).default(1),
  nodes: field(
    count(),
    'Number of machines, each with the same number of processes. On the other machines, run `chirality engine join` with this config.',
  ).default(1),
  host: field(
    z.string().min(1),
    'Name or address of the first machine, to which the other machines connect. The default is the host name of the first machine.',
  ).optional(),
  port: field(z.int().min(1).max(65535), 'Port of the first machine.').default(29500),
  micro_tokens: field(
    z.union([count(), z.literal('auto')]),
    'Maximum tokens per pass. A prompt counts once for all its completions. If memory runs out, the engine halves the number. On a GPU, `auto` measures in the first passes how many tokens fit into memory. On the CPU, `auto` is 4096.',
    { tradeoff: 'Larger passes are faster until the GPU is busy, but use proportionally more memory.' },
  ).default('auto'),
  captured: field(
    z.enum(['auto', 'off']),
    'Replay of sampling steps as CUDA graphs on a GPU. `auto` first tests the replay in another process, and logs an event if the test fails.',
  ).default('auto'),
  gradient_checkpointing: field(
    z.union([z.boolean(), z.literal('auto')]),
    'Recomputation of activations in the backward pass. With `auto`, the engine recomputes activations only if a single completion does not fit into memory.',
    { tradeoff: 'Recomputation uses less memory, but about a third more time.' },
  ).default(false),
  offload: field(
    z.enum(['none', 'optimizer']),
    '`optimizer` keeps gradient sums and optimiser state in CPU memory and updates the weights on the CPU. Use this setting to train all weights on one GPU.',
    {
      tradeoff:
        'Saves 16 bytes of GPU memory per trained parameter, but each pass and update takes seconds longer.',
    },
  ).default('none'),
  adapter: section(
    {
      ...LORA,
      dropout: field(share(), 'Dropout in the adapter. Values above 0 bias the policy ratio (R51).', {
        paper: 'Released code of arXiv 2507.13362: 0.05.',
      }).default(0),
      targets: targets(z.string()).default([
        'q_proj',
        'k_proj',
        'v_proj',
        'o_proj',
        'gate_proj',
        'up_proj',
        'down_proj',
      ]),
      excludes: field(z.array(z.string()), 'Modules without an adapter.').default(['visual', 'vision_tower']),
    },
    'Low-rank adapter.',
  ),
});

export type EmbeddedAdapter = z.infer<typeof EmbeddedAdapter>;
export type TorchEngine = z.infer<typeof Torch>;

/** AdamW settings that SkyRL uses by default. */
export const SKYRL_ADAM = { betas: [0.9, 0.999], weight_decay: 0.01, grad_clip: 1 } as const;

const Tinker = z.strictObject({
  kind: field(
    z.literal('tinker'),
    '`tinker`: a model that a server samples and trains, for example SkyRL on a cluster or Thinking Machines (docs/clusters.md).',
  ),
  url: field(
    z.string().min(1),
    'Server address, without /api/v1. Chirality reads the key from the environment (docs/clusters.md).',
  ),
  base_model: field(z.string().min(1), 'Model name on the server, usually the Hugging Face Hub id.'),
  processor: field(
    z.string().min(1),
    "Folder with the model's tokenizer, chat template and preprocessor config (a few MB from the Hugging Face Hub, without weights).",
  ),
  server: field(
    z.enum(['tinker', 'skyrl']),
    'Kind of server. A `tinker` server uses all AdamW settings of the run. A `skyrl` server uses only the learning rate (see `server_adam`).',
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
    "AdamW settings with which a `skyrl` server was started. The default is SkyRL's default settings. A run with different settings does not start.",
  ),
  rank: field(count(), 'Rank of the adapter. The server sets `alpha` (32 on both kinds of servers).', {
    paper: 'arXiv 2507.13362: 8 (v1), 16 (v2).',
  }).default(16),
  max_pixels: field(
    count(),
    'Maximum pixels per image. Chirality downscales larger images before sending them to the server.',
  ).default(200_704),
  reference_url: field(
    z.string().min(1),
    'Address of the server of the reference model. Required if `loss.beta` is above 0. If the server of `url` hosts several models, set the same address. Otherwise, set the address of a second server.',
  ).optional(),
});

export type TinkerEngine = z.infer<typeof Tinker>;

export const EngineConfig = z.discriminatedUnion('kind', [Embedded, Torch, Tinker]);
export type EngineKind = z.infer<typeof EngineConfig>['kind'];
/** Returns the adapter that an engine trains; null if it trains all weights, or if a server stores the adapter. */
export const adapterOf = (engine: z.infer<typeof EngineConfig>) =>
  engine.kind !== 'tinker' && engine.adapter?.kind === 'lora' ? engine.adapter : null;

/** Engines that run models on the local machine. */
export const LOCAL_ENGINES = ['embedded', 'torch'] as const satisfies readonly EngineKind[];
export type LocalEngine = (typeof LOCAL_ENGINES)[number];

export const OptimizerConfig = section(
  {
    learning_rate: field(amount(), 'Peak learning rate.', {
      paper: 'SVQA-R1: not in paper. Released code of arXiv 2507.13362: 2e-5 (GRPO), 1e-5 (SFT).',
    }).default(1e-5),
    schedule: field(
      z.enum(['constant', 'linear', 'cosine']),
      'Decay of the rate to `final_share` after the warm-up.',
    ).default('constant'),
    warmup_steps: field(z.int().min(0), 'Warm-up steps, during which the rate rises from 0.').default(0),
    final_share: field(
      share(),
      'Share of the peak rate at the last step. With 0, the decay ends one step after the last step, so that the last step still trains. After N steps of linear decay, the last rate is then 1/N of the peak. After N steps of cosine decay, the last rate is ½(1 + cos(π(N − 1)/N)) of the peak.',
    ).default(0),
    betas: field(z.tuple([share(), share()]), 'Averaging factors (betas) of AdamW.').default([0.9, 0.999]),
    eps: field(amount(), 'Epsilon of AdamW.').default(1e-8),
    weight_decay: field(amount(), 'Decoupled weight decay.').default(0),
    grad_clip: field(amount(), 'Maximum gradient norm. With 0, gradients are not clipped.').default(1),
  },
  'AdamW.',
);

/** Kind of model in a folder's `config.json`: `model` is Chirality's field, `model_type` the field of transformers. */
export const modelFolderSchema = z.object({
  model: z.string().optional().catch(undefined),
  model_type: z.string().optional().catch(undefined),
});
