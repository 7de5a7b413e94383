import type { LoggedRow } from './values/logged-row.ts';
import { figuresIn, type Figures, type Told } from './values/metric-names.ts';
import type { ConventionName } from '../../core/rewards/advantages.ts';
import type { SourceEvaluation } from '../../core/evaluation/source-evaluation.ts';
import { printable } from '../../base/printable.ts';
import type { Origin } from '../../core/run-data/origin.ts';
import type { FolderFile } from './foreign-files.ts';
import type { RunFolder } from './foreign-folder.ts';

/** Purpose of the completions. Null: unknown, but training if the run is not evaluated at their step. */
export type Phase = 'training' | 'evaluation' | null;

/** Completions that were logged together: the file, table or line of a step. */
export interface Batch {
  step: number;
  path: string;
  /** Name in messages: the path relative to the folder. */
  name: string;
  /** Changes whenever the rows change. */
  version: string;
  phase: Phase;
  /**
   * @param problems receives unreadable rows
   * @throws with a message for users, if no row is readable
   */
  rows(problems?: string[]): Promise<LoggedRow[]>;
}

/** Settings of the run in a file. */
export interface Settings {
  groupSize: number | null;
  evaluationGroupSize: number | null;
  /** Weights of reward columns in order, or by name. "equal": 1 each. Null: not in the file. */
  weights: readonly number[] | Readonly<Record<string, number>> | 'equal' | null;
  convention: ConventionName | null;
  /** File that the settings come from. */
  from: string;
}

/** Names of metrics in the program's files, such as "kl_loss in log.jsonl", by Chirality's names. */
export type Names = ReadonlyMap<string, string>;

type Role = Origin['files'][number]['role'];

/** Metrics by step, under Chirality's names if the definition is the same, and their original names. */
interface Figured {
  metrics: ReadonlyMap<number, Figures>;
  names: Names;
}

/** Curves in a program's files. */
export class Curves implements Figured {
  readonly metrics = new Map<number, Figures>();
  readonly names = new Map<string, string>();

  /** Returns a function that stores the names of metrics in a file. The first name of a metric stays. */
  told =
    ({ path }: Pick<FolderFile, 'path'>): Told =>
    (ours, theirs) => {
      if (!this.names.has(ours)) this.names.set(ours, printable(`${theirs} in ${path}`, 300));
    };

  /** Adds the metrics in a row of a file, under their usual names. */
  add(step: number, row: Readonly<Record<string, unknown>>, file: FolderFile): void {
    this.merge(step, figuresIn(row, this.told(file)));
  }

  /** Adds metrics of a step. If a later part of the run repeats the step, its values replace the earlier ones. */
  merge(step: number, figures: Figures): void {
    const earlier = this.metrics.get(step);
    if (earlier) Object.assign(earlier, figures);
    else this.metrics.set(step, { ...figures });
  }
}

/** Merges the curves of several files. Values of later files take precedence. */
export function joinCurves(...all: readonly Figured[]): Figured {
  const joined = new Curves();
  for (const { metrics } of all) for (const [step, figures] of metrics) joined.merge(step, figures);
  return { metrics: joined.metrics, names: new Map(all.flatMap(({ names }) => [...names])) };
}

/** Contents of a program's files so far. */
export interface Logged extends Figured {
  kind: Origin['kind'];
  version: string | null;
  /** Files that were read, by role. A file in two lists has the last role. */
  roles: Partial<Record<Role, readonly (FolderFile | null | undefined)[]>>;
  /**
   * Whether `reward_std` is the mean of the groups' std, not the std of the batch. Otherwise, the rewards might decide.
   */
  isSpreadOfGroups?: boolean;
  /** Ascending by step. */
  batches: readonly Batch[];
  settings: Settings | null;
  /** Outcome of the run, if a file contains it. */
  ended?: 'finished' | 'failed';
  /** Present if the files contain an evaluation. */
  evaluation?: SourceEvaluation;
  missing: Origin['missing'];
  notes: readonly string[];
}

/** Result for empty files, to which readers add their results. */
export const NOTHING = {
  version: null,
  metrics: new Map<number, Figures>(),
  names: new Map<string, string>(),
  batches: [],
  settings: null,
  missing: [],
  notes: [],
} satisfies Omit<Logged, 'kind' | 'roles'>;

/** Returns the batch of the completions in a file. */
export const batchIn = (
  { path, full, version }: FolderFile,
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

/** Values of `scale_rewards`. Older versions use true and false. */
const CONVENTIONS: Readonly<Record<string, ConventionName>> = {
  group: 'trl',
  true: 'trl',
  batch: 'trl-batch',
  none: 'dr-grpo',
  false: 'dr-grpo',
};

/** Returns settings with only a group size, or null without a group size. */
export const groupsOf = (size: unknown, from: string): Settings | null =>
  Number.isSafeInteger(size)
    ? { groupSize: size as number, evaluationGroupSize: null, weights: null, convention: null, from }
    : null;

/** Reads the arguments of TRL and ms-swift that determine groups and rewards. */
export function grpoSettings(args: Readonly<Record<string, unknown>>, from: string): Settings | null {
  const groupSize = count(args.num_generations);
  if (groupSize === null) return null;
  const { reward_weights: weights, multi_objective_aggregation: aggregation } = args;
  const isList = Array.isArray(weights) && weights.every((weight) => typeof weight === 'number');
  return {
    groupSize,
    evaluationGroupSize: count(args.num_generations_eval) ?? groupSize,
    // None means a weight of 1 for each reward.
    weights: isList ? weights : weights === null ? 'equal' : null,
    convention:
      aggregation === undefined || aggregation === 'sum_then_normalize'
        ? (CONVENTIONS[String(args.scale_rewards ?? 'group')] ?? null)
        : null,
    from,
  };
}
