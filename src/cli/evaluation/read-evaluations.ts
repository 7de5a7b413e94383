import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  setsOf,
  shownFor,
  underDistinctNames,
  withoutRepeats,
  type Evaluation,
  type ShownCheckpoints,
} from '../../core/reports/evaluation.ts';
import { evaluationsOfRun, readEvaluation } from '../../lab/evaluation/evaluation-folders.ts';
import { readInPlace } from '../../lab/foreign/known.ts';
import { JobError, UsageError } from '../errors.ts';
import { LeftOutLines } from '../input.ts';
import { tell } from '../print.ts';
import { findForeignRun, requireRun } from '../find-runs.ts';

/** Returns the folders of a run's evaluations, or the folder itself if it is an external evaluation. */
export const evaluationsIn = async (dir: string): Promise<string[]> =>
  (await readInPlace(dir))?.evaluation ? [dir] : evaluationsOfRun(dir);

/**
 * Reads evaluations one at a time, because each can contain many rows. Reports an unreadable evaluation, and continues
 * with the next one.
 * @throws if the user passed the unreadable evaluation by name
 */
export async function readAll(
  folders: readonly string[],
  named: readonly string[] = [],
): Promise<Evaluation[]> {
  return underDistinctNames(withoutRepeats(await readEach(folders, named)));
}

async function readEach(folders: readonly string[], named: readonly string[] = []): Promise<Evaluation[]> {
  const read: Evaluation[] = [];
  for (const folder of folders) {
    try {
      read.push(await readAndTell(folder));
    } catch (error) {
      if (named.some((name) => folder.startsWith(resolve(name)))) throw error;
      tell((error as Error).message);
    }
  }
  return read;
}

export async function readAndTell(folder: string): Promise<Evaluation> {
  const leftOut = new LeftOutLines(folder);
  const evaluation = await readEvaluation(folder, leftOut.add);
  leftOut.end();
  return evaluation;
}

interface NamedOptions extends Partial<ShownCheckpoints> {
  runs: string;
  set?: string | undefined;
  /** Option that the user used to pass the evaluation, for messages. */
  flag?: string;
}

/**
 * Yields evaluations one at a time, from folders or from the runs that tables show. The caller makes their names
 * distinct.
 * @throws UsageError or JobError for the first missing or unreadable evaluation
 */
export async function namedEvaluations(
  names: readonly string[],
  options: NamedOptions,
): Promise<Evaluation[]> {
  const evaluations: Evaluation[] = [];
  for (const name of names) evaluations.push(await namedEvaluation(name, options));
  return evaluations;
}

async function namedEvaluation(
  name: string,
  { runs, checkpoints = 'last', metric = 'accuracy', set, flag }: NamedOptions,
): Promise<Evaluation> {
  if (existsSync(join(name, 'results.json'))) return readAndTell(resolve(name));
  const foreign = await findForeignRun(name);
  if (foreign !== null) return readAndTell(foreign);
  const evaluations = await readEach(await evaluationsOfRun(await requireRun(runs, name)));
  const sets = setsOf(evaluations);
  const named = underDistinctNames(withoutRepeats(evaluations));
  const shown = shownFor(named, set ?? sets[0] ?? '', { checkpoints, metric });
  if (shown.length === 0)
    throw new JobError(
      sets.length === 0
        ? `${name} has no evaluations yet.`
        : `${name} has no evaluation on ${set}, only on ${sets.join(', ')}.`,
      { fix: `Run \`chirality eval ${name}${sets.length === 0 ? '' : ' --set FILE'}\`.` },
    );
  if (checkpoints === 'all' && shown.length > 1)
    throw new UsageError(
      `${flag ? `${flag}: ` : ''}${name} has ${shown.length} evaluations. Pass the folder of one.`,
    );
  return evaluations.find(({ key }) => key === shown[0]!.key)!;
}
