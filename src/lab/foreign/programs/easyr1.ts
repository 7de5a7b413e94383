import { isNatural, isRecord } from '../../../core/json.ts';
import type { LoggedRow } from '../../../core/foreign/logged-row.ts';
import { readGenerations } from '../../../core/foreign/generations.ts';
import { counted } from '../../../core/reports/cells.ts';
import { figureOf, metricName, type Figures, type Told } from '../../../core/foreign/metric-names.ts';
import { parsePythonJson } from '../containers/python-json.ts';
import {
  mergeFigures,
  orUnread,
  Remembered,
  textOf,
  toldIn,
  type Batch,
  type FolderFile,
  type ForeignReader,
  type Logged,
} from '../reader.ts';
import { EventFiles } from './event-files.ts';
import { jsonLines } from './json-lines.ts';
import { joinFigures } from './trl.ts';

/** Reads a folder of EasyR1: nested metrics by step, and samples of its validations. */
export class EasyR1 implements ForeignReader {
  private readonly config = new Remembered(async (file) => parsePythonJson(await textOf(file)));
  private readonly log = new Remembered(jsonLines);
  private readonly samples = new Remembered(async (file) => readGenerations(await textOf(file)));
  private readonly events = new EventFiles();

  async look(files: readonly FolderFile[], unread: string[]): Promise<Logged | null> {
    const file = (name: string) => files.find(({ path }) => path === name);
    const [configFile, logFile] = [file('experiment_config.json'), file('experiment_log.jsonl')];
    const config = configFile && (await this.config.of(configFile).catch(orUnread(configFile, unread)));
    if (!isRecord(config) || !logFile || !isRecord(config.trainer)) return null;
    const problems: string[] = [];
    const log = await this.log.of(logFile);
    const events = await this.events.look(files, problems);
    const metrics = new Map<number, Figures>();
    const names = new Map<string, string>();
    for (const { value } of log.lines)
      if (isNatural(value.step)) mergeFigures(metrics, value.step, figuresIn(value, toldIn(names, logFile)));
    const samplesFile = file('generations.log');
    const samples =
      samplesFile && (await this.samples.of(samplesFile).catch(orUnread(samplesFile, problems)));
    if (samples && samples.damaged > 0)
      problems.push(`${samplesFile.path}: ${counted(samples.damaged, 'record')} cannot be read.`);
    const validations = log.lines.flatMap(({ value }) =>
      isRecord(value.val) && Number.isSafeInteger(value.step) ? [value.step as number] : [],
    );
    const { worker, trainer } = config;
    const batches = samples
      ? batchesOf(samplesFile, samples.rows, validations, trainer.val_generations_to_log)
      : [];
    const rollout = isRecord(worker) && isRecord(worker.rollout) ? worker.rollout : {};
    return {
      kind: 'easyr1',
      version: null,
      batches,
      notes: [],
      problems: [...problems, ...log.problems],
      roles: {
        config: [{ path: 'experiment_config.json' }],
        metrics: [{ path: 'experiment_log.jsonl' }],
        evaluation: [samplesFile],
      },
      metrics: joinFigures([events.metrics, metrics]),
      names: new Map([...events.names, ...names]),
      settings: Number.isSafeInteger(rollout.n)
        ? {
            groupSize: rollout.n as number,
            evaluationGroupSize: null,
            weights: null,
            convention: null,
            from: 'experiment_config.json: worker.rollout.n',
          }
        : null,
      missing: [
        { field: 'trace', why: 'EasyR1 keeps no completions of training, only samples of its validation.' },
        ...(batches.length > 0 ? [{ field: 'trace.images', why: 'EasyR1 keeps no pictures.' }] : []),
        ...(batches.length === 1 && validations[0] !== batches[0]!.step
          ? [{ field: 'trace.step', why: 'generations.log names no steps: its samples stand under step 0.' }]
          : []),
      ],
    };
  }
}

/**
 * The samples of each validation. The log names no steps: every validation writes `size` samples, and then a row of
 * the other log, so that a last validation may still lack its row.
 */
function batchesOf(
  { full, path, version }: FolderFile,
  rows: readonly LoggedRow[],
  validations: readonly number[],
  size: unknown,
): Batch[] {
  const [n, count] = [Number(size), rows.length / Number(size)];
  const isKnown = Number.isInteger(count) && [0, 1].includes(count - validations.length);
  const batch = (step: number, own: readonly LoggedRow[]): Batch => ({
    step,
    of: 'evaluation',
    path: full,
    name: `${path}: validation of step ${step}`,
    version,
    rows: () => Promise.resolve([...own]),
  });
  if (isKnown) return validations.map((step, k) => batch(step, rows.slice(k * n, (k + 1) * n)));
  return rows.length === 0 ? [] : [{ ...batch(0, rows), name: path }];
}

/**
 * The figures of a row. `reward` is the mean score, as in verl; `reward/overall` keeps its own name if the log has it.
 */
function figuresIn(row: Record<string, unknown>, told: Told): Figures {
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
