import { join, resolve } from 'node:path';
import type { Strategy } from '../../core/prompts/strategy.ts';
import type { ViewId } from '../../rows/view-list.ts';
import type { Sampler } from '../../engines/sampler.ts';
import { DataError } from '../../lab/datasets/data-error.ts';
import { contentOf, rowsToLook, type ReadRows, type SetRowToLook } from '../../lab/insight/set-folder.ts';
import { chooseStep } from '../../lab/models/open-model.ts';
import { findRun } from '../../lab/runs/listed-runs.ts';
import { openOnce, givenSets } from '../evaluation/target.ts';
import type { ReportDocument } from '../../core/reports/document.ts';
import { UsageError } from '../errors.ts';
import { configAtPresent } from '../find-runs.ts';
import { requireFile, rootOf } from '../input.ts';
import { askingDefaults, findLocalModel } from '../asked-model.ts';
import { Progress } from '../progress.ts';
import { note, pathHere, printJson, tell } from '../print.ts';
import { printReport } from '../print-report.ts';
import { usage } from '../write-samples.ts';
import { evaluationPlan } from '../../lab/evaluation/evaluation-plan.ts';
import { defaultDataRoot } from '../../lab/datasets/image-files.ts';
import { rootOfRun } from '../evaluation/open-evaluator.ts';
import type { FormatOptions, InsightFlags, OptionsOf, withSet } from '../command-options.ts';

/** Prints the full results as JSON, or as a document in a report format. */
export async function printResults(
  results: object,
  document: () => ReportDocument,
  { json, format = 'text', table, all, figures }: FormatOptions & { json?: boolean },
): Promise<void> {
  if (json) printJson(results);
  // Omit `output`: for this command, it is the folder of the results.
  else await printReport(document(), { format, table, all, figures });
}

/** @throws UsageError if the model is a URL */
export function refuseEndpoint(model: string): void {
  if (/^https?:\/\//i.test(model))
    throw new UsageError(`Cannot inspect the model at endpoint ${model}.`, {
      fix: 'Pass a run, a checkpoint folder or a model folder.',
    });
}

/** Model to analyse, and the rows that the analysis uses. */
export interface InsightTarget {
  name: string;
  open(): Promise<Sampler>;
  close(): Promise<void>;
  strategy: Strategy;
  maxTokens: number;
  rows: SetRowToLook[];
  skipped: Record<string, number>;
  dir: string;
  file: string;
  manifest: {
    kind: string;
    content: string;
    step: number | null;
    set: { sha256: string };
    [key: string]: unknown;
  };
}

/**
 * Finds the model and reads the rows.
 * @param about further settings that determine the results and the folder's name
 * @param read reader of the rows
 * @throws UsageError
 */
export async function openTarget(
  kind: 'set' | 'probe' | 'patch',
  model: string,
  flags: InsightFlags,
  views: readonly ViewId[],
  about: object,
  read: ReadRows = rowsToLook,
): Promise<InsightTarget> {
  refuseEndpoint(model);
  const source = await findLocalModel(model, flags);
  const run = await findRun(flags.runs, model);
  if (!run && flags.output === undefined)
    throw new UsageError('No output folder is set, and only runs have a default. Pass it with -o.');
  const step = run ? await chooseStep(run, flags.step) : null;
  const { strategy, maxTokens } = usage(() =>
    askingDefaults(source, flags.strategy ?? null, flags.maxTokens ?? null),
  );
  const [named] = await setsToLook(run, flags);
  const set = { ...named, views, strategy, limit: flags.limit };
  const { rows, skipped, file } = await read(set);
  if (rows.length === 0) {
    const [why] = Object.keys(skipped);
    throw new UsageError(`${set.file} has no usable rows.${why === undefined ? '' : ` ${why}`}`);
  }
  // A run's own folder contains only results of the run's model.
  const isOwn = run !== null && flags.output === undefined;
  const decisive = { kind, model: isOwn ? null : resolve(run ?? model), step, maxTokens, ...about };
  const content = contentOf(set, file, decisive);
  const name = [kind, set.name, ...(step === null ? [] : ['step', step])];
  const id = [...name, content.slice(0, 8)].join('-').replace(/[^\w.-]+/g, '-');
  return {
    name: source.name,
    strategy,
    maxTokens,
    rows,
    skipped,
    ...openOnce(() => source.open({ onPhase: (phase) => note(`${source.name}: ${phase}`) })),
    file: set.file,
    dir: join(resolve(flags.output ?? join(run!, 'insight')), id),
    manifest: {
      kind,
      engine: source.engine,
      model: source.name,
      step,
      strategy: strategy.name,
      views,
      content,
      set: file,
      limit: flags.limit ?? null,
      max_tokens: maxTokens,
      ...about,
    },
  };
}

/** Converts an analysis error that the question caused to a usage error. */
export const unlessQuestion = (error: unknown): unknown =>
  error instanceof DataError &&
  ['no-query', 'cannot-look', 'ask-lack', 'ask-refused'].includes(error.problem.code)
    ? new UsageError(error.message)
    : error;

/** Runs an analysis with a progress line, closes the model, and reports excluded rows and unusable questions. */
export async function withTarget<T>(
  { close, dir, skipped }: InsightTarget,
  run: (onProgress: (done: number, total: number) => void) => Promise<T>,
): Promise<T> {
  let progress: Progress | undefined;
  try {
    const result = await run((done, total) => (progress ??= new Progress('row', total)).update(done));
    progress?.end();
    for (const [why, n] of Object.entries(skipped)) tell(`${n} skipped: ${why}`);
    note(`Wrote ${pathHere(dir)}.`);
    return result;
  } catch (error) {
    throw unlessQuestion(error);
  } finally {
    progress?.end();
    await close();
  }
}

export interface OpenSet {
  name: string;
  file: string;
  /** Folder that must contain all images. */
  root: string;
}

/**
 * Returns the requested evaluation set, or all evaluation sets of the run (at least one).
 * @param run folder of the run; null for other models, which have no sets. @throws UsageError
 */
export async function setsToLook(
  run: string | null,
  { set, dataRoot }: OptionsOf<typeof withSet>,
): Promise<[OpenSet, ...OpenSet[]]> {
  const config = run === null ? null : await configAtPresent(run);
  const sets = config?.data.eval ?? {};
  if (set !== undefined && !Object.hasOwn(sets, set)) {
    const [[name, file]] = Object.entries(await givenSets([set], sets)) as [[string, string]];
    return [{ name, file, root: await rootOf(dataRoot ?? defaultDataRoot(file)) }];
  }
  const [first, ...others] = set === undefined ? Object.keys(sets) : [set];
  if (first === undefined)
    throw new UsageError(
      `${config ? 'The config of the run has no evaluation set' : 'The evaluation set is missing'}. Pass a file with --set.`,
    );
  const root = await rootOfRun(run!, evaluationPlan(config!).root, dataRoot);
  const open = async (name: string): Promise<OpenSet> => {
    await requireFile(sets[name]!);
    return { name, file: sets[name]!, root };
  };
  return [await open(first), ...(await Promise.all(others.map(open)))];
}
