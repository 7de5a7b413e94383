import type { RunConfig } from '../../core/config/run-config.ts';
import { derivedNumbers } from '../../core/config/derived.ts';
import { fixed } from '../../base/format.ts';
import { sum } from '../../base/numbers.ts';
import type { ModelSizes } from '../../engines/trainer.ts';

/** Approximate memory for CUDA and fragmentation, in bytes. */
const CUDA = 2e9;
/** Share of free memory for passes, equal to `SHARE` in the worker's memory.py. */
const SHARE = 0.75;
/** Memory of common GPUs, in GiB. */
const CARDS = [16, 24, 48, 80];

/** Memory of a run on each GPU, or in each process, in bytes, by part. `drawing` and `pass` are used alternately. */
export interface MemoryParts {
  weights: number;
  /** Frozen copy of all trained weights, with which the policy is compared. */
  reference: number;
  /** Memory for gradients and optimiser state, in bytes. */
  training: number;
  /** Keys and values of all completions of a step at full length. If too large, fewer are sampled together. */
  drawing: number;
  /** Backward pass with `engine.micro_tokens`. For `auto`, a pass with the longest prompt and one completion. */
  pass: number;
}

/** Longest prompt in a run's rows and, for SFT, longest target, in tokens. */
interface Longest {
  longest_prompt: number;
  longest_target?: number;
}

/** A run that is planned, with the values that determine its memory use. */
interface Planned {
  config: RunConfig;
  sizes: ModelSizes;
  check: Longest;
}

/** Returns the number of tokens per pass: the number in the config, or the minimum for a pass. */
function tokensOf({ engine, ...config }: RunConfig, check: Longest): number {
  if (engine.kind === 'torch' && engine.micro_tokens !== 'auto') return engine.micro_tokens;
  const completion = config.recipe === 'grpo' ? config.sampling.max_tokens : (check.longest_target ?? 0);
  return check.longest_prompt + completion;
}

/**
 * Describes how common GPUs can run the config: tokens per pass, and whether checkpointing is required.
 * @param parts memory of the run, from `memoryParts`
 */
function cardLines({ config, sizes, check }: Planned, parts: MemoryParts): string[] {
  const { engine } = config;
  if (engine.kind !== 'torch') return [];
  const needed = tokensOf(config, check);
  const kept = parts.weights + parts.reference + parts.training + CUDA;
  return CARDS.map((card) => {
    const room = SHARE * (card * 2 ** 30 - kept) - sizes.logits;
    const without = Math.floor(room / sizes.pass_token);
    const recomputed = Math.floor(room / sizes.checkpointed_token);
    const checkpointed = engine.gradient_checkpointing === 'auto' && without < needed;
    const tokens = checkpointed ? recomputed : without;
    const able =
      tokens < needed
        ? 'not enough memory'
        : engine.micro_tokens === 'auto'
          ? `passes of up to ${tokens} tokens`
          : `passes of ${needed} tokens fit`;
    const how = checkpointed && tokens >= needed ? ', with gradient checkpointing' : '';
    return `  ${`${card} GB GPU`.padEnd(24)}${able}${how}`;
  });
}

export function memoryParts(config: RunConfig, sizes: ModelSizes, check: Longest): MemoryParts {
  const engine = config.engine.kind === 'torch' ? config.engine : null;
  const processes = engine ? engine.devices * engine.nodes : 1;
  const isWhole = engine?.adapter.kind === 'none';
  const { groups_per_step: groups = 0, completions_per_step: completions = 0 } = derivedNumbers(config);
  const room = config.recipe === 'grpo' ? config.sampling.max_tokens : 0;
  return {
    weights: sizes.weights,
    reference: config.recipe === 'grpo' && config.loss.beta > 0 && isWhole ? sizes.weights : 0,
    training: sizes.training,
    drawing: (sizes.cached_token * (completions * room + groups * check.longest_prompt)) / processes,
    pass: sizes.pass_token * tokensOf(config, check) + sizes.logits,
  };
}

/** Formats the estimate as lines, with the maximum. With `run`, adds what common GPUs can run. */
export function memoryText(parts: MemoryParts, run?: Planned): string {
  const { drawing, pass, ...kept } = parts;
  const most = sum(Object.values(kept)) + Math.max(drawing, pass);
  const names: Record<keyof MemoryParts, string> = {
    weights: 'weights',
    reference: 'reference model',
    training: 'gradients and optimiser',
    drawing: 'sampling',
    pass: 'backward pass',
  };
  const lines = Object.entries(names).flatMap(([part, name]) => {
    const bytes = parts[part as keyof MemoryParts];
    return bytes > 0 ? [`  ${name.padEnd(24)}${gigabytes(bytes)}`] : [];
  });
  return [
    `${'estimated memory'.padEnd(26)}${gigabytes(most)}, plus about 2 GB for CUDA and fragmentation on a GPU`,
    ...lines,
    ...(run ? cardLines(run, parts) : []),
  ].join('\n');
}

export const gigabytes = (bytes: number): string => `${fixed(bytes / 1e9, 1)} GB`;
