import type { Command } from 'commander';
import { evaluationPlan } from '../../lab/evaluation/plan.ts';
import { defaultDataRoot } from '../../lab/datasets/image-files.ts';
import { readRunConfig } from '../../lab/runs/run.ts';
import { UsageError } from '../errors.ts';
import { rootOfRun } from '../evaluation/open.ts';
import { givenSets } from '../evaluation/target.ts';
import { requireFile, rootOf } from '../input.ts';

/** Options that name the rows to look at. */
export interface SetFlags {
  set?: string;
  dataRoot?: string;
}

/** Adds the options. @param byDefault which of a run's sets are used without `--set` */
export const withSet = (command: Command, byDefault: string): Command =>
  command
    .option(
      '--set <file>',
      `a *.qa.jsonl file, or the name of one of the run’s evaluation sets (default: ${byDefault})`,
    )
    .option('--data-root <folder>', 'read no image outside this folder');

export interface OpenSet {
  name: string;
  file: string;
  /** The folder outside of which no picture is read. */
  root: string;
}

/**
 * The set that is named, or else all evaluation sets of the run, at least one.
 * @param run the run's folder; null for other models, which know no sets. @throws UsageError
 */
export async function setsToLook(
  run: string | null,
  { set, dataRoot }: SetFlags,
): Promise<[OpenSet, ...OpenSet[]]> {
  const config = run === null ? null : await readRunConfig(run);
  const own = config?.data.eval ?? {};
  if (set !== undefined && !Object.hasOwn(own, set)) {
    const [[name, file]] = Object.entries(await givenSets([set], own)) as [[string, string]];
    return [{ name, file, root: await rootOf(dataRoot ?? defaultDataRoot(file)) }];
  }
  const [first, ...others] = set === undefined ? Object.keys(own) : [set];
  if (first === undefined)
    throw new UsageError(
      `${config ? 'The run’s config names no evaluation set' : 'This is not a run, and only a run has sets of its own'}: name a file with --set.`,
    );
  const root = await rootOfRun(run!, evaluationPlan(config!).root, dataRoot);
  const open = async (name: string): Promise<OpenSet> => {
    await requireFile(own[name]!);
    return { name, file: own[name]!, root };
  };
  return [await open(first), ...(await Promise.all(others.map(open)))];
}
