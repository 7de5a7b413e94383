import type { RunConfig } from '../../core/config/run-config.ts';
import { sum } from '../../base/numbers.ts';
import type { ModelSizes } from '../../engines/trainer.ts';
import { gigabytes, memoryParts } from './memory-parts.ts';

/** Numbers of processes on a machine that a message can suggest. */
const DEVICES = [2, 4, 8, 16];

/** Minimum memory for training on each GPU, in bytes, by part. The smallest pass has one completion. */
interface Least {
  weights: number;
  reference: number;
  training: number;
  completion: number;
}

/**
 * Rejects a run before its first step if it would run out of memory with any pass size.
 * @throws an error with the memory by part, and the smallest change of the config that fits
 */
export function requireRoom(
  config: RunConfig,
  sizes: ModelSizes,
  longest: { longest_prompt: number; longest_target: number },
): void {
  const { room } = sizes;
  if (room === null) return;
  const tokens = longest.longest_prompt + longestCompletion(config, longest.longest_target);
  const { weights, reference, training } = memoryParts(config, sizes, longest);
  const completion = (token: number) => token * tokens + sizes.logits;
  const smaller = { weights, reference, training, completion: completion(sizes.checkpointed_token) };
  const least = canCheckpoint(config) ? smaller : { ...smaller, completion: completion(sizes.pass_token) };
  if (total(least) <= room) return;
  const fitting = changes(config, sizes, least, smaller).find(([, changed]) => total(changed) <= room);
  throw new Error(
    [
      `Training requires at least ${gigabytes(total(least))} of GPU memory, but only ${gigabytes(room)} are available:`,
      `weights ${gigabytes(weights)},`,
      ...(reference > 0 ? [`reference model ${gigabytes(reference)},`] : []),
      `gradients and optimiser ${gigabytes(training)}, a pass over one completion ${gigabytes(least.completion)}.`,
      fitting
        ? `Set ${fitting[0]}, which requires ${gigabytes(total(fitting[1]))}.`
        : 'Use a smaller model, or a GPU with more memory.',
    ].join(' '),
  );
}

/** Returns changes of the config that reduce memory, the smallest change first, with the reduced memory. */
function changes(config: RunConfig, sizes: ModelSizes, least: Least, smaller: Least): [string, Least][] {
  const { engine } = config;
  if (engine.kind !== 'torch') return [];
  const checkpointing = canCheckpoint(config) ? [] : ['engine.gradient_checkpointing to true'];
  const also = (change: string) => [...checkpointing, change].join(' and ');
  const processes = engine.devices * engine.nodes;
  const shared = sizes.training - sizes.states / processes;
  const more = DEVICES.filter((devices) => devices > engine.devices).map((devices): [string, Least] => [
    also(`engine.devices to ${devices}`),
    { ...smaller, training: shared + sizes.states / (devices * engine.nodes) },
  ]);
  const offloaded: [string, Least] = [
    also('engine.offload to optimizer'),
    { ...smaller, training: sizes.training - sizes.offloadable },
  ];
  const adapter: [string, Least] = [
    also('engine.adapter.kind to lora'),
    { ...smaller, reference: 0, training: ADAPTER * least.training },
  ];
  return [
    ...checkpointing.map((change): [string, Least] => [change, smaller]),
    ...(engine.adapter.kind === 'none'
      ? [...(sizes.offloadable > 0 ? [offloaded] : []), ...more, adapter]
      : []),
  ];
}

/** Whether a pass that would not fit can use gradient checkpointing: the setting is always on or `auto`. */
const canCheckpoint = ({ engine }: RunConfig): boolean =>
  engine.kind === 'torch' && engine.gradient_checkpointing !== false;

/** Upper bound of an adapter's share of parameters, for rank 16 on all projections. */
const ADAPTER = 0.02;

function longestCompletion(config: RunConfig, target: number): number {
  if (config.recipe !== 'grpo') return target;
  return Math.max(config.sampling.max_tokens, config.graph?.max_tokens ?? 0);
}

const total = (least: Least): number => sum(Object.values(least));
