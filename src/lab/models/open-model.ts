import { readdir } from 'node:fs/promises';
import { isRecord } from '../../base/json.ts';
import { sureValue } from '../../core/metrics/metric.ts';
import { sum } from '../../base/numbers.ts';
import { basename, dirname, join, resolve } from 'node:path';
import {
  EngineConfig,
  modelFolderSchema,
  type EngineKind,
  type TorchEngine,
} from '../../core/config/engine-config.ts';
import type { Strategy } from '../../core/prompts/strategy.ts';
import { openEmbeddedProcess } from '../../engines/embedded/embedded-process.ts';
import type { Sampler } from '../../engines/sampler.ts';
import { parseRecord } from '../../base/record.ts';
import { DataError } from '../datasets/data-error.ts';
import { decodeForModel } from '../images/decode.ts';
import { readResults } from '../evaluation/evaluation-folders.ts';
import { listCheckpoints, readLoopState, verifyCheckpoint } from '../runs/checkpoints.ts';
import { stepName, stepOf } from '../runs/run-folder.ts';
import { findRun } from '../runs/listed-runs.ts';
import { readRunConfig } from '../runs/make-run.ts';
import { openTorchModel, type OpeningHooks } from '../torch/open-torch.ts';
import { evaluationPlan } from '../evaluation/evaluation-plan.ts';
import { openCheckpoint } from './open-trainer.ts';
import { readText } from '../files/regular.ts';
import { ifMissing } from '../files/disk-error.ts';

export interface ModelSource {
  /** Name for display: `demo, step 400`, or the name of a folder. */
  name: string;
  engine: EngineKind;
  /** Strategy and token limit of the model's training. Null for models of other programs. */
  trained: { strategy: Strategy; maxTokens: number } | null;
  open(hooks?: OpeningHooks): Promise<Sampler>;
}

/**
 * Finds a model on this machine: a run by name or folder, at one of its checkpoints; the folder of a checkpoint; a
 * model folder for transformers or from the embedded engine.
 * @param runs folder of runs that are named without a path.
 * @param step checkpoint of a run: a number, `last` or `best`.
 * @throws DataError if no such model exists.
 */
export async function findModel(nameOrPath: string, runs: string, step = 'last'): Promise<ModelSource> {
  const run = await findRun(runs, nameOrPath);
  if (run) return ofRun(run, await chooseStep(run, step));
  const folder = resolve(nameOrPath);
  const number = stepOf(basename(folder));
  const parent = number === null ? null : await findRun(runs, dirname(dirname(folder)));
  if (parent) return ofRun(parent, await chooseStep(parent, `${number}`));
  const file = join(folder, 'config.json');
  const text = await readText(file).catch(ifMissing(null));
  const config = text === null ? null : parseRecord(modelFolderSchema, text, { file });
  const name = basename(folder);
  if (config?.model === 'chirality-embedded') {
    const options = { model: { folder }, seed: 0, decodeImage: decodeForModel };
    const open = async () => {
      await verifyCheckpoint(folder);
      return openEmbeddedProcess(options);
    };
    return { name, engine: 'embedded', trained: null, open };
  }
  if (config?.model_type !== undefined) {
    // An untrained adapter has no effect. Without an adapter, the engine would reject bfloat16 weights for training.
    const engine = EngineConfig.parse({ kind: 'torch', model: folder }) as TorchEngine;
    const open = (hooks: OpeningHooks = {}) => openTorchModel({ engine, seed: 0 }, null, hooks);
    return { name, engine: 'torch', trained: null, open };
  }
  throw new DataError('no-model', `Model "${nameOrPath}" does not exist.`, {
    fix: 'Pass a run (list them with `chirality runs`), a checkpoint folder or a model folder.',
  });
}

/** Matches keys about images in the `config.json` of transformers models. */
const OF_PICTURES = /vision|image|visual|vq_config|img_/i;

/**
 * Whether the transformers model in a folder reads only text: its config has no keys for images, and the folder has no
 * image preprocessor. False for other models, such as a Hugging Face Hub id, whose inputs are unknown before opening.
 */
export async function isTextModel(folder: string): Promise<boolean> {
  const file = join(folder, 'config.json');
  const text = await readText(file).catch(ifMissing(null));
  if (text === null || parseRecord(modelFolderSchema, text, { file }).model_type === undefined) return false;
  const names = await readdir(folder).catch(ifMissing([]));
  if (names.some((name) => /^(?:pre)?processor_config\.json$/.test(name))) return false;
  return !keysIn(JSON.parse(text)).some((key) => OF_PICTURES.test(key));
}

const keysIn = (value: unknown): string[] =>
  isRecord(value) ? Object.entries(value).flatMap(([key, inner]) => [key, ...keysIn(inner)]) : [];

async function ofRun(dir: string, step: number): Promise<ModelSource> {
  const config = await readRunConfig(dir);
  const { strategy, sampling } = evaluationPlan(config);
  return {
    name: `${basename(dir)}, step ${step}`,
    engine: config.engine.kind,
    trained: { strategy, maxTokens: sampling.maxTokens },
    open: (hooks) => openCheckpoint(dir, config, step, hooks),
  };
}

/**
 * Returns the best checkpoint: the checkpoint stored as best (checkpoint.keep_best), or else the earliest checkpoint
 * with the highest lower bound of accuracy, averaged over sets and views.
 */
async function bestStep(dir: string, steps: readonly number[]): Promise<number> {
  const kept = (await readLoopState(dir, steps.at(-1)!)).best?.step;
  if (kept !== undefined && steps.includes(kept)) return kept;
  let best = { step: -1, accuracy: -1 };
  for (const step of steps) {
    const results = (await readResults(join(dir, 'eval', stepName(step)))) ?? [];
    const values = results.flatMap(({ metric, task, slice, ...figure }) =>
      metric === 'accuracy' && task === 'all' && !slice ? (sureValue(figure) ?? []) : [],
    );
    const accuracy = sum(values) / values.length;
    if (accuracy > best.accuracy) best = { step, accuracy };
  }
  if (best.step < 0)
    throw new DataError('no-best', 'The run has no evaluated checkpoint.', {
      fix: 'Evaluate a checkpoint with `chirality eval RUN --step N`, or set evaluate.every in the config.',
    });
  return best.step;
}

/** Returns the step of a requested checkpoint. @param wanted a number, `last` or `best` */
export async function chooseStep(dir: string, wanted: string): Promise<number> {
  const steps = await listCheckpoints(dir);
  const last = steps.at(-1);
  if (last === undefined) throw new DataError('no-checkpoint', `${basename(dir)} has no checkpoint yet.`);
  if (wanted === 'last') return last;
  const step = wanted === 'best' ? await bestStep(dir, steps) : Number(wanted);
  if (!steps.includes(step))
    throw new DataError('no-checkpoint', `Checkpoint of step ${wanted} does not exist.`, {
      fix: `Choose from ${steps.join(', ')}.`,
    });
  return step;
}
