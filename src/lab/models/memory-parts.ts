import type { RunConfig } from '../../core/config/run.ts';
import { derivedNumbers } from '../../core/config/derived.ts';
import { fixed } from '../../core/format.ts';
import { sum } from '../../core/numbers.ts';
import type { ModelSizes } from '../../engines/trainer.ts';

/** Tokens of a pass as long as nothing has been measured: `FIRST` of the worker's memory.py. */
const FIRST_TOKENS = 4096;

/** What a run takes on each GPU, or in each process, by part and in bytes; `drawing` and `pass` are not there at once. */
export interface MemoryParts {
  weights: number;
  /** Of all weights that are trained, the frozen copy that the policy is compared with. */
  reference: number;
  /** Gradients and the optimiser's state. */
  training: number;
  /** Keys and values of all completions of a step, at their full length, with their prompts. Fewer are drawn at once if they do not fit. */
  drawing: number;
  /** A pass of `engine.micro_tokens` that goes backwards. */
  pass: number;
}

/** Estimates the memory of a run by part. @param longest the longest prompt of its rows, in tokens */
export function memoryParts(
  config: RunConfig,
  sizes: ModelSizes,
  { longest_prompt: longest }: { longest_prompt: number },
): MemoryParts {
  const engine = config.engine.kind === 'torch' ? config.engine : null;
  const micro = engine && engine.micro_tokens !== 'auto' ? engine.micro_tokens : FIRST_TOKENS;
  const processes = engine ? engine.devices * engine.nodes : 1;
  const isWhole = engine?.adapter.kind === 'none';
  const { groups_per_step: groups = 0, completions_per_step: completions = 0 } = derivedNumbers(config);
  const room = config.recipe === 'grpo' ? config.sampling.max_tokens : 0;
  return {
    weights: sizes.weights,
    reference: config.recipe === 'grpo' && config.loss.beta > 0 && isWhole ? sizes.weights : 0,
    training: sizes.training,
    drawing: (sizes.cached_token * (completions * room + groups * longest)) / processes,
    pass: sizes.pass_token * micro + sizes.logits,
  };
}

/** The estimate in lines, with what it comes to at its highest. */
export function memoryText(parts: MemoryParts): string {
  const { drawing, pass, ...kept } = parts;
  const most = sum(Object.values(kept)) + Math.max(drawing, pass);
  const names: Record<keyof MemoryParts, string> = {
    weights: 'weights',
    reference: 'reference',
    training: 'gradients and optimiser',
    drawing: 'drawing all completions',
    pass: 'a pass backwards',
  };
  const lines = Object.entries(names).flatMap(([part, name]) => {
    const bytes = parts[part as keyof MemoryParts];
    return bytes > 0 ? [`  ${name.padEnd(24)}${gigabytes(bytes)}`] : [];
  });
  return [
    `${'memory, estimated'.padEnd(26)}${gigabytes(most)}, and about 2 GB for CUDA and fragments on a GPU`,
    ...lines,
  ].join('\n');
}

/** Bytes as a message says them. */
export const gigabytes = (bytes: number): string => `${fixed(bytes / 1e9, 1)} GB`;
