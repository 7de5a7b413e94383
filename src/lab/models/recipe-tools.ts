import { resolve } from 'node:path';
import { yamlText } from '../../core/config/config-source.ts';
import { ownPrograms } from '../../core/config/derived.ts';
import { partnersOf } from '../../core/rewards/draws.ts';
import type { RunConfig } from '../../core/config/run-config.ts';
import type { Trainer } from '../../engines/trainer.ts';
import type { Encoder } from '../encoders/encoder.ts';
import { openEncoder } from '../encoders/open-encoder.ts';
import type { OpeningHooks } from '../torch/open-torch.ts';
import { openTrainer } from './open-trainer.ts';
import { OwnPrograms } from '../own/own-program.ts';
import { RowSource, type SourceOptions } from '../rollouts/draw-groups.ts';
import type { OwnRewards } from '../rollouts/score-pairs.ts';

/** Objects that a recipe uses. */
export interface Tools {
  rows: RowSource;
  trainer: Trainer;
  /** Text encoder. Null if no reward requires an encoder. */
  encoder: Encoder | null;
  /** Custom rewards and metrics of the config. Null if the config has none. */
  ownRewards: OwnRewards | null;
  metrics: OwnPrograms | null;
  /** Encoder for similarities in evaluations. Undefined if evaluations compute no similarities. */
  similarity: Encoder | undefined;
  close(): Promise<void>;
}

/** Reads the rows. Opens the model (at a checkpoint or at the start of a run) and the encoder for its rewards. */
export async function openTools(
  config: RunConfig,
  checkpoint: string | null,
  hooks: OpeningHooks = {},
): Promise<Tools> {
  await hooks.onPhase?.('reading data');
  const rows = await RowSource.open(sourceOptions(config), hooks.signal);
  let trainer: Trainer | null = null;
  let programs: Awaited<ReturnType<typeof openPrograms>> | null = null;
  const close = async (...encoders: (Encoder | null | undefined)[]) => {
    for (const encoder of encoders) await encoder?.close();
    await programs?.close();
    await trainer?.close();
    await rows.close();
  };
  try {
    programs = await openPrograms(config);
    const { ownRewards, metrics } = programs;
    await hooks.onPhase?.('opening the model');
    trainer = await openTrainer(config, rows, checkpoint, hooks);
    // R52: the reference model is the policy at the start of the RL run. A checkpoint contains its own reference model.
    if (config.recipe === 'grpo' && config.loss.beta > 0 && checkpoint === null)
      await trainer.setReference('current');
    const encoder = await encoderOf(config, hooks);
    const similarity = await similarityOf(config, hooks);
    return {
      rows,
      trainer,
      encoder,
      ownRewards,
      metrics,
      similarity,
      close: () => close(encoder, similarity),
    };
  } catch (error) {
    await close(null);
    throw error;
  }
}

/** Starts the custom programs of a config. @throws Error with instructions, if the user does not trust the programs */
export async function openPrograms(
  config: RunConfig,
): Promise<Pick<Tools, 'ownRewards' | 'metrics'> & { close: () => Promise<void> }> {
  const { rewards, metrics } = ownPrograms(config);
  const open = await OwnPrograms.open([...rewards, ...metrics]);
  const { root } = config.data;
  return {
    ownRewards:
      rewards.length > 0 ? { programs: open.only(rewards), fileOf: (path) => resolve(root!, path) } : null,
    metrics: metrics.length > 0 ? open.only(metrics) : null,
    close: () => open.close(),
  };
}

/** Opens the encoder for the rewards. Null if no reward uses one. @throws Error with instructions for the encoder */
export async function encoderOf(
  config: RunConfig,
  { onPhase, signal }: OpeningHooks = {},
): Promise<Encoder | null> {
  if (config.recipe !== 'grpo' || config.rewards.semantic.weight === 0) return null;
  await onPhase?.('opening the encoder');
  const open = openEncoder(config.rewards.semantic, { onProgress: () => signal?.throwIfAborted() });
  return open.catch((error: unknown) => {
    signal?.throwIfAborted();
    throw new Error(
      `${(error as Error).message}\n  To compare answers by words and letters instead, replace the section rewards of the config with this line: \`${withoutEncoder(config)}\``,
      { cause: error },
    );
  });
}

/** Opens the encoder for similarities in evaluations, from the folder in the section `rewards` if one is set. */
async function similarityOf(
  config: RunConfig,
  { onPhase, signal }: OpeningHooks,
): Promise<Encoder | undefined> {
  const { encoder } = config.evaluate;
  if (encoder === undefined) return undefined;
  await onPhase?.('opening the encoder');
  const encoder_path = config.recipe === 'grpo' ? config.rewards.semantic.encoder_path : undefined;
  return openEncoder({ encoder, encoder_path }, { onProgress: () => signal?.throwIfAborted() });
}

/**
 * Returns the section `rewards` of a config on one line, with an encoder that has no files, for runs that cannot
 * download files. The line contains each part with a weight, so it can replace the section or extend a preset.
 */
export function withoutEncoder({ rewards }: Extract<RunConfig, { recipe: 'grpo' }>): string {
  const parts = Object.entries(rewards).filter(([, part]) => part?.weight);
  const changed = parts.map(([name, part]) =>
    name === 'semantic' ? [name, { weight: part!.weight, encoder: 'lexical' }] : [name, part],
  );
  const tree = { rewards: Object.fromEntries(changed) as object };
  return yamlText(tree, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: true })
    .trim()
    .replace(/^\{ (.*) \}$/s, '$1');
}

export function sourceOptions(config: RunConfig): SourceOptions {
  return {
    path: config.data.train,
    root: config.data.root!,
    template: (config.recipe === 'grpo' && config.graph?.prompt) || config.prompt,
    order: config.data.order,
    seed: config.seed,
    views: {
      partners: config.views ? partnersOf(config.views) : [],
      unpaired: config.recipe === 'grpo' ? config.views.unpaired : 'keep',
    },
    ...(config.recipe === 'grpo' &&
      config.coupling.mode === 'relation' && {
        relation: { labels: config.coupling.labels, wrong: config.coupling.wrong_labels ?? 0 },
      }),
  };
}
