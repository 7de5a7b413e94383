import { basename, join, dirname, resolve } from 'node:path';
import type { RunConfig } from '../../core/config/run-config.ts';
import { ownPrograms } from '../../core/config/derived.ts';
import { aboutCheckpoint, evaluationPlan } from '../../lab/evaluation/evaluation-plan.ts';
import { chooseStep, findModel } from '../../lab/models/open-model.ts';
import { verifyCheckpoint } from '../../lab/runs/checkpoints.ts';
import { openCheckpoint } from '../../lab/models/open-trainer.ts';
import { stepName } from '../../lab/runs/run-folder.ts';
import { findRun } from '../../lab/runs/listed-runs.ts';
import { UsageError } from '../errors.ts';
import { rootOf } from '../input.ts';
import { configAtPresent, requireOwn } from '../find-runs.ts';
import { givenSets, readStrategy, openOnce, type EvalFlags, type Target } from './target.ts';
import { readdir, stat } from 'node:fs/promises';
import { EngineConfig, type LocalEngine, type TorchEngine } from '../../core/config/engine-config.ts';
import { openEmbeddedProcess } from '../../engines/embedded/embedded-process.ts';
import type { Sampler } from '../../engines/sampler.ts';
import { defaultDataRoot } from '../../lab/datasets/image-files.ts';
import { canHoldData, liesIn } from '../../lab/files/inside.ts';
import { askLine, isInteractive, tell } from '../print.ts';
import { sha256 } from '../../lab/files/atomic.ts';
import { decodeForModel } from '../../lab/images/decode.ts';
import { openTorchModel } from '../../lab/torch/open-torch.ts';
import { openEndpoint } from '../open-endpoint.ts';
import { PAIR } from '../../rows/view-list.ts';
import { ifMissing } from '../../lab/files/disk-error.ts';

/** Returns a checkpoint of a run as the target. The evaluation uses training settings unless options override them. */
export async function runTarget(name: string, flags: EvalFlags): Promise<Target> {
  const dir = await requireOwn(flags.runs, name, 'evaluated');
  const read = await configAtPresent(dir);
  const changed = flags.symmetric === true && !read.pairs.symmetric;
  const config = changed ? { ...read, pairs: { symmetric: true } } : read;
  if (changed) requireFilled(config.engine);
  const step = await chooseStep(dir, flags.step);
  const isGiven = flags.set.length > 0;
  const sets = isGiven ? await givenSets(flags.set, config.data.eval) : config.data.eval;
  if (Object.keys(sets).length === 0)
    throw new UsageError('The config has no evaluation set. Pass --set FILE.');
  const plan = evaluationPlan(config);
  const { strategy, n, temperature, topP, seed, maxTokens, views, limit } = flags;
  const greedy = n === 1 && temperature === 0;
  return {
    ...plan,
    sets,
    ...(views && { views }),
    ...(limit !== undefined && { limit }),
    root: await rootOfRun(dir, plan.root, flags.dataRoot),
    ...(strategy !== undefined && { strategy: readStrategy(strategy, maxTokens) }),
    // The token limit of training applies even with greedy decoding, because a model stops where training taught it to.
    // Another strategy has its own limit.
    sampling: {
      ...plan.sampling,
      ...(!greedy && { n, temperature, topP, seed }),
      ...(strategy !== undefined && { maxTokens: 1024 }),
      ...(maxTokens !== undefined && { maxTokens }),
    },
    about: aboutCheckpoint(config, step),
    engine: config.engine,
    programs: ownPrograms(config).metrics,
    name: stepName(step),
    folder: join(dir, 'eval'),
    asTrained:
      greedy &&
      !changed &&
      [strategy, views, limit, maxTokens].every((flag) => flag === undefined) &&
      !isGiven,
    ...openOnce(() => openCheckpoint(dir, config, step)),
  };
}

/** Returns a model without a run as the target, as a baseline. Its evaluations are in `evals/` next to the runs. */
export async function modelTarget(flags: EvalFlags): Promise<Target> {
  const sets = await givenSets(flags.set);
  const { model, strategy = 'direct', n, temperature, topP, seed, maxTokens = 1024 } = flags;
  const [first] = Object.values(sets);
  if (first === undefined) throw new UsageError('The evaluation set is missing. Pass --set FILE.');
  const opening =
    flags.endpoint === undefined ? await localModel(flags) : endpointModel(flags.endpoint, flags);
  return {
    sets,
    root: await rootOf(flags.dataRoot ?? defaultDataRoot(first)),
    views: flags.views ?? [...PAIR],
    strategy: readStrategy(strategy, flags.maxTokens),
    sampling: { n, temperature, topP, maxTokens, seed },
    limit: flags.limit,
    name: (model ?? 'host').replace(/^.*?([^/\\]+[/\\][^/\\]+)[/\\]?$/, '$1'),
    folder: join(dirname(resolve(flags.runs)), 'evals'),
    asTrained: false,
    ...opening,
  };
}

/** Target and its name. Run and step are null for a target that is no checkpoint of a run. */
interface NamedTarget {
  target: Target;
  name: string;
  engine: string;
  run: string | null;
  step: number | null;
}

/** Returns the run, the local model or the endpoint that the flags select. */
export async function namedTarget(flags: EvalFlags): Promise<NamedTarget> {
  const { endpoint, model = '', runs, step } = flags;
  const run = endpoint === undefined && flags.engine === undefined ? await findRun(runs, model) : null;
  if (run) {
    const target = await runTarget(model, flags);
    const about = target.about as { engine: string; step: number };
    const name = `${basename(run)}, step ${about.step}`;
    return { target, name, engine: about.engine, run: basename(run), step: about.step };
  }
  const noRun = { run: null, step: null };
  if (endpoint !== undefined) {
    const target = await modelTarget(flags);
    return { target, name: target.name, engine: 'endpoint', ...noRun };
  }
  const engine = flags.engine ?? ((await findModel(model, runs, step)).engine as LocalEngine);
  const target = await modelTarget({ ...flags, engine });
  return { target, name: target.name, engine, ...noRun };
}

/**
 * Returns the data root of a run that can be of unknown origin. Uses the root in its config if it is inside the current
 * folder or the run's folder; otherwise the user must confirm the root, with the option or interactively.
 */
export async function rootOfRun(dir: string, named: string, given: string | undefined): Promise<string> {
  // If the option repeats the root of the config, the plan remains unchanged.
  if (given !== undefined) return resolve(given) === named ? named : rootOf(given);
  if (await liesIn(named, [process.cwd(), dir])) return named;
  const where = `The images of the run are in ${named}, outside the current folder.`;
  if (canHoldData(named) && isInteractive()) {
    tell(where);
    if (/^y(es)?$/i.test((await askLine('Read these images? [y/N] ')).trim())) return named;
  }
  throw new UsageError(`${where} To read them, add --data-root ${named}.`);
}

type Opening = Pick<Target, 'about' | 'engine' | 'open' | 'used' | 'cost' | 'price' | 'close'>;

function endpointModel(endpoint: string, flags: EvalFlags): Opening {
  const { symmetric, sees } = flags;
  if (symmetric && sees === undefined)
    throw new UsageError('--symmetric requires the family of the model at the endpoint. Pass --sees FAMILY.');
  const opened = openEndpoint(endpoint, flags.model, flags, symmetric && sees);
  const { sampler, describe, usage, close } = opened;
  return {
    about: { engine: 'openai', model: sampler.info().model, endpoint, ...(symmetric && { symmetric: sees }) },
    open: () => Promise.resolve(sampler),
    used: describe,
    cost: () => usage().cost,
    price: flags.price,
    close,
  };
}

async function localModel({ engine, model, maxPixels, seed, symmetric }: EvalFlags): Promise<Opening> {
  if (model === undefined)
    throw new UsageError('No model is set. Pass --model with a folder, or for torch a hub id.');
  const torch = EngineConfig.parse({
    kind: 'torch',
    model,
    ...(maxPixels && { max_pixels: maxPixels }),
  }) as TorchEngine;
  const open = async (): Promise<Sampler> => {
    await verifyCheckpoint(resolve(model));
    if (engine === 'embedded') {
      const folder = resolve(model);
      const options = { seed, ...(symmetric && { symmetric }), decodeImage: decodeForModel };
      return openEmbeddedProcess({ model: { folder }, ...options });
    }
    return openTorchModel({ engine: torch, seed, ...(symmetric && { pairs: { symmetric } }) }, null, {});
  };
  const files = await stampOf(model);
  const pixels = maxPixels !== undefined && { max_pixels: maxPixels };
  const about = {
    engine,
    model,
    ...(files !== null && { files }),
    ...pixels,
    ...(symmetric && { symmetric }),
  };
  return { about, ...(engine === 'torch' && { engine: torch }), ...openOnce(open) };
}

/** @throws UsageError for engines whose images cannot be padded */
function requireFilled(engine: RunConfig['engine']): void {
  if (engine.kind === 'tinker')
    throw new UsageError('Tinker servers do not support --symmetric. Remove --symmetric.');
  if (engine.kind === 'embedded' && engine.fill === 'none')
    throw new UsageError(
      '--symmetric has no effect, because this model stretches images to a square. Remove --symmetric.',
    );
}

/** Returns a hash that changes whenever the model in a folder changes; null for an id on the Hugging Face Hub. */
async function stampOf(folder: string): Promise<string | null> {
  const names = await readdir(folder).catch(ifMissing(null));
  if (!names) return null;
  const stats = await Promise.all(names.sort().map((name) => stat(join(folder, name))));
  return sha256(JSON.stringify(stats.map(({ size, mtimeMs }, i) => [names[i], size, mtimeMs]))).slice(0, 16);
}
