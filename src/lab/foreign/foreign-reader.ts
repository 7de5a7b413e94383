import type { LoggedRow } from './values/logged-row.ts';
import { figuresIn, type Figures, type Told } from './values/metric-names.ts';
import type { ConventionName } from '../../core/rewards/advantages.ts';
import type { SourceEvaluation } from '../../core/evaluation/source-evaluation.ts';
import { printable } from '../../base/printable.ts';
import type { Origin } from '../../core/run-data/origin.ts';
import type { FolderFile } from './foreign-files.ts';
import type { RunFolder } from './foreign-folder.ts';

/** Purpose of the completions. Null: unknown; counts as training if the run has no evaluation at this step. */
export type Phase = 'training' | 'evaluation' | null;

/** Completions that were logged together: the file, table or line of a step. */
export interface Batch {
  step: number;
  path: string;
  /** Name of the batch in messages: the path relative to the run's folder. */
  name: string;
  /** Version of the batch, which changes when the rows change. */
  version: string;
  phase: Phase;
  /** @param problems receives unreadable rows @throws an error with a message for users, if all rows are unreadable */
  rows(problems?: string[]): Promise<LoggedRow[]>;
}

export interface Settings {
  groupSize: number | null;
  evaluationGroupSize: number | null;
  /** Weights of reward columns in order, or by name. "equal": all weights are 1. Null: the file contains no weights. */
  weights: readonly number[] | Readonly<Record<string, number>> | 'equal' | null;
  convention: ConventionName | null;
  /** Name of the file that contains the settings. */
  from: string;
}

/** Names of metrics in another program's files, such as "kl_loss in log.jsonl", by Chirality's names. */
export type Names = ReadonlyMap<string, string>;

type Role = Origin['files'][number]['role'];

/** Metrics by step, under Chirality's names if the definitions are the same, and the original names. */
interface Figured {
  metrics: ReadonlyMap<number, Figures>;
  names: Names;
}

/** Curves in the files of another program. */
export class Curves implements Figured {
  readonly metrics = new Map<number, Figures>();
  readonly names = new Map<string, string>();

  /** Returns a function that stores the original names of metrics in a file. The first name of each metric stays. */
  told =
    ({ path }: Pick<FolderFile, 'path'>): Told =>
    (ours, theirs) => {
      if (!this.names.has(ours)) this.names.set(ours, printable(`${theirs} in ${path}`, 300));
    };

  /** Adds the metrics in a row of a file, under Chirality's names where known. */
  add(step: number, row: Readonly<Record<string, unknown>>, file: FolderFile): void {
    this.merge(step, figuresIn(row, this.told(file)));
  }

  /** Adds metrics of a step. If a later part of the run repeats the step, later values replace earlier values. */
  merge(step: number, figures: Figures): void {
    const earlier = this.metrics.get(step);
    if (earlier) Object.assign(earlier, figures);
    else this.metrics.set(step, { ...figures });
  }
}

/** Merges the curves of several files. Later files take precedence. */
export function joinCurves(...all: readonly Figured[]): Figured {
  const joined = new Curves();
  for (const { metrics } of all) for (const [step, figures] of metrics) joined.merge(step, figures);
  return { metrics: joined.metrics, names: new Map(all.flatMap(({ names }) => [...names])) };
}

/** Contents of another program's files so far. */
export interface Logged extends Figured {
  kind: Origin['kind'];
  version: string | null;
  /** Files that were read, by role. A file with several roles gets the last role. */
  roles: Partial<Record<Role, readonly (FolderFile | null | undefined)[]>>;
  /** Whether `reward_std` is the mean of the groups' std, not the std of the batch. If false, the rewards decide. */
  isSpreadOfGroups?: boolean;
  /** Batches, ascending by step. */
  batches: readonly Batch[];
  settings: Settings | null;
  /** Outcome of the run, if the files contain the outcome. */
  ended?: 'finished' | 'failed';
  /** Evaluation in the files, if any. */
  evaluation?: SourceEvaluation;
  /** Missing information, and notes; false where a condition does not hold. */
  missing: readonly (Origin['missing'][number] | false)[];
  notes: readonly (string | false)[];
}

/** Empty result, to which readers add their results. */
export const NOTHING = {
  version: null,
  metrics: new Map<number, Figures>(),
  names: new Map<string, string>(),
  batches: [],
  settings: null,
  missing: [],
  notes: [],
} satisfies Omit<Logged, 'kind' | 'roles'>;

export const batchIn = (
  { path, full, version }: Pick<FolderFile, 'path' | 'full' | 'version'>,
  step: number,
  phase: Batch['phase'],
  rows: Batch['rows'] | readonly LoggedRow[],
): Batch => ({
  step,
  path: full,
  name: path,
  version,
  phase,
  rows: typeof rows === 'function' ? rows : () => Promise.resolve([...rows]),
});

/** Reads the logs of one program in a folder. Null for a folder of another program. */
export type Reader = (folder: RunFolder) => Promise<Logged | null>;

const count = (value: unknown): number | null =>
  Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : null;

/** Advantage normalisations by value of `scale_rewards`. Older versions of TRL use true and false. */
const CONVENTIONS: Readonly<Record<string, ConventionName>> = {
  group: 'trl',
  true: 'trl',
  batch: 'trl-batch',
  none: 'dr-grpo',
  false: 'dr-grpo',
};

/** Returns settings that contain only a group size. Null without a group size. */
export const groupsOf = (size: unknown, from: string): Settings | null =>
  Number.isSafeInteger(size)
    ? { groupSize: size as number, evaluationGroupSize: null, weights: null, convention: null, from }
    : null;

/** Reads the arguments of TRL and ms-swift that specify groups and rewards. */
export function grpoSettings(args: Readonly<Record<string, unknown>>, from: string): Settings | null {
  const groupSize = count(args.num_generations);
  if (groupSize === null) return null;
  const { reward_weights: weights, multi_objective_aggregation: aggregation } = args;
  const isList = Array.isArray(weights) && weights.every((weight) => typeof weight === 'number');
  return {
    groupSize,
    evaluationGroupSize: count(args.num_generations_eval) ?? groupSize,
    // Python's None, which is null in JSON, means a weight of 1 for each reward.
    weights: isList ? weights : weights === null ? 'equal' : null,
    convention:
      aggregation === undefined || aggregation === 'sum_then_normalize'
        ? (CONVENTIONS[String(args.scale_rewards ?? 'group')] ?? null)
        : null,
    from,
  };
}
