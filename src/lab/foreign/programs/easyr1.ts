import { several } from '../../../base/format.ts';
import { isNatural, isRecord } from '../../../base/json.ts';
import { type FolderFile, jsonOf, textOf } from '../foreign-files.ts';
import type { RunFolder } from '../foreign-folder.ts';
import { eventCurves } from './event-files.ts';
import {
  type Batch,
  Curves,
  type Logged,
  NOTHING,
  batchIn,
  groupsOf,
  joinCurves,
} from '../foreign-reader.ts';
import { readGenerations } from '../values/generations.ts';
import type { LoggedRow } from '../values/logged-row.ts';
import { type Figures, type Told, figureOf, metricName } from '../values/metric-names.ts';

/** Reads a folder of EasyR1: nested metrics by step, and samples of its validations. */
export async function readEasyR1(folder: RunFolder): Promise<Logged | null> {
  const configFile = folder.named('experiment_config.json');
  const logFile = folder.named('experiment_log.jsonl');
  const config = await folder.tried(jsonOf, configFile);
  if (!isRecord(config) || !logFile || !isRecord(config.trainer)) return null;
  const lines = await folder.lines(logFile);
  const events = await eventCurves(folder);
  const log = new Curves();
  for (const { value } of lines)
    if (isNatural(value.step)) log.merge(value.step, figuresOf(value, log.told(logFile)));
  const samplesFile = folder.named('generations.log');
  const samples = await folder.tried(readSamples, samplesFile, folder.problems);
  if (samples && samples.damaged > 0)
    folder.problems.push(`${samplesFile!.path}: ${several(samples.damaged, 'unreadable record')}.`);
  const validations = lines.flatMap(({ value }) =>
    isRecord(value.val) && Number.isSafeInteger(value.step) ? [value.step as number] : [],
  );
  const { worker, trainer } = config;
  const batches = samples
    ? batchesOf(samplesFile!, samples.rows, validations, trainer.val_generations_to_log)
    : [];
  const rollout = isRecord(worker) && isRecord(worker.rollout) ? worker.rollout : {};
  return {
    ...NOTHING,
    ...joinCurves(events, log),
    kind: 'easyr1',
    batches,
    roles: { config: [configFile], metrics: [logFile], evaluation: [samplesFile] },
    settings: groupsOf(rollout.n, 'experiment_config.json: worker.rollout.n'),
    missing: [
      { field: 'trace', why: 'EasyR1 stores only validation samples, not training completions.' },
      batches.length > 0 && { field: 'trace.images', why: 'EasyR1 does not store images.' },
      batches.length === 1 &&
        validations[0] !== batches[0]!.step && {
          field: 'trace.step',
          why: 'generations.log contains no steps, so Chirality lists its samples under step 0.',
        },
    ],
  };
}

const readSamples = async (file: FolderFile) => readGenerations(await textOf(file));

/**
 * Returns the samples of each validation. The log contains no steps: every validation writes `size` samples, and then a
 * row to the metrics log. The row of the last validation can still be missing.
 */
function batchesOf(
  file: FolderFile,
  rows: readonly LoggedRow[],
  validations: readonly number[],
  size: unknown,
): Batch[] {
  const [n, count] = [Number(size), rows.length / Number(size)];
  const isKnown = Number.isInteger(count) && [0, 1].includes(count - validations.length);
  const batch = (step: number, ofStep: readonly LoggedRow[]) => batchIn(file, step, 'evaluation', ofStep);
  if (isKnown)
    return validations.map((step, k) => ({
      ...batch(step, rows.slice(k * n, (k + 1) * n)),
      name: `${file.path}: validation of step ${step}`,
    }));
  return rows.length === 0 ? [] : [batch(0, rows)];
}

/** Reads the metrics of a row. `reward` is the mean score, as in verl. `reward/overall` stays unchanged. */
function figuresOf(row: Record<string, unknown>, told: Told): Figures {
  const { critic, reward } = row;
  const score = isRecord(critic) && isRecord(critic.score) ? figureOf(critic.score.mean) : undefined;
  const overall = isRecord(reward) ? figureOf(reward.overall) : undefined;
  if (score === undefined || overall === undefined) return flat(row, '', told);
  told('reward', 'critic/score/mean');
  told('reward/overall', 'reward/overall');
  return { ...flat(row, '', told), reward: score, 'reward/overall': overall };
}

/** Flattens `{reward: {overall: 1}}` to `reward/overall`. */
function flat(tree: Record<string, unknown>, above: string, told: Told): Figures {
  return Object.entries(tree).reduce<Figures>((figures, [key, value]) => {
    const name = above === '' ? key : `${above}/${key}`;
    const figure = name === 'step' ? undefined : figureOf(value);
    if (figure !== undefined) {
      figures[metricName(name)] = figure;
      told(metricName(name), name);
    }
    return isRecord(value) ? { ...figures, ...flat(value, name, told) } : figures;
  }, {});
}
