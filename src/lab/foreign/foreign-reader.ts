import type { LoggedRow } from './values/logged-row.ts';
import { figuresIn, type Figures, type Told } from './values/metric-names.ts';
import type { ConventionName } from '../../core/rewards/advantages.ts';
import type { SourceEvaluation } from '../../core/evaluation/source-evaluation.ts';
import { printable } from '../../base/printable.ts';
import type { Origin } from '../../core/run-data/origin.ts';
import type { FolderFile } from './foreign-files.ts';
import type { RunFolder } from './foreign-folder.ts';

/** What completions were sampled for; null: not known, but of training if the run is not evaluated at their step. */
export type Phase = 'training' | 'evaluation' | null;

/** Completions that were logged together: the file, table or line of a step. */
export interface Batch {
  step: number;
  path: string;
  /** The name in messages: the path relative to the folder. */
  name: string;
  /** Changes whenever the rows change. */
  version: string;
  phase: Phase;
  /**
   * @param problems takes which of them cannot be read
   * @throws with a message for people, if none can
   */
  rows(problems?: string[]): Promise<LoggedRow[]>;
}

/** What a file says about the run's settings. */
export interface Settings {
  groupSize: number | null;
  evaluationGroupSize: number | null;
  /** By reward column in their order, or by name; "equal": 1 each. Null: the file does not say. */
  weights: readonly number[] | Readonly<Record<string, number>> | 'equal' | null;
  convention: ConventionName | null;
  /** The file in which the settings were found. */
  from: string;
}

/** What figures are called in the program's files, and in which: "kl_loss in log.jsonl", by their names here. */
export type Names = ReadonlyMap<string, string>;

type Role = Origin['files'][number]['role'];

/** Figures by step, under our names for those that mean the same, and what the program calls them. */
interface Figured {
  metrics: ReadonlyMap<number, Figures>;
  names: Names;
}

/** The curves in a program's files. */
export class Curves implements Figured {
  readonly metrics = new Map<number, Figures>();
  readonly names = new Map<string, string>();

  /** Notes what figures are called in a file. The first name of one stays. */
  told =
    ({ path }: Pick<FolderFile, 'path'>): Told =>
    (ours, theirs) => {
      if (!this.names.has(ours)) this.names.set(ours, printable(`${theirs} in ${path}`, 300));
    };

  /** Adds the figures in a row of a file, under their usual names. */
  add(step: number, row: Readonly<Record<string, unknown>>, file: FolderFile): void {
    this.merge(step, figuresIn(row, this.told(file)));
  }

  /** Where a later part of the run has logged a step again, its figures replace the earlier ones. */
  merge(step: number, figures: Figures): void {
    const earlier = this.metrics.get(step);
    if (earlier) Object.assign(earlier, figures);
    else this.metrics.set(step, { ...figures });
  }
}

/** The curves in several files; those of later ones win. */
export function joinCurves(...all: readonly Figured[]): Figured {
  const joined = new Curves();
  for (const { metrics } of all) for (const [step, figures] of metrics) joined.merge(step, figures);
  return { metrics: joined.metrics, names: new Map(all.flatMap(({ names }) => [...names])) };
}

/** What a program's files contain so far. */
export interface Logged extends Figured {
  kind: Origin['kind'];
  version: string | null;
  /** The files that were read, by what they hold; of a file in two lists, the last one tells. */
  roles: Partial<Record<Role, readonly (FolderFile | null | undefined)[]>>;
  /**
   * Whether `reward_std` is the mean of the groups' spreads, not the spread of the batch. Else the rewards may show it.
   */
  isSpreadOfGroups?: boolean;
  /** Ascending by step. */
  batches: readonly Batch[];
  settings: Settings | null;
  /** How the run ended, if a file tells. */
  ended?: 'finished' | 'failed';
  /** Present if the files hold an evaluation. */
  evaluation?: SourceEvaluation;
  missing: Origin['missing'];
  notes: readonly string[];
}

/** What files say that hold nothing: a reader gives this and what it has found. */
export const NOTHING = {
  version: null,
  metrics: new Map<number, Figures>(),
  names: new Map<string, string>(),
  batches: [],
  settings: null,
  missing: [],
  notes: [],
} satisfies Omit<Logged, 'kind' | 'roles'>;

/** Completions that lie in a file. */
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

/** Reads what one program has logged into a folder; null for a folder of another program. */
export type Reader = (folder: RunFolder) => Promise<Logged | null>;

const count = (value: unknown): number | null =>
  Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : null;

/** The meaning of `scale_rewards`; older versions use true and false. */
const CONVENTIONS: Readonly<Record<string, ConventionName>> = {
  group: 'trl',
  true: 'trl',
  batch: 'trl-batch',
  none: 'dr-grpo',
  false: 'dr-grpo',
};

/** Settings that hold nothing but how many completions a group has; null if they do not. */
export const groupsOf = (size: unknown, from: string): Settings | null =>
  Number.isSafeInteger(size)
    ? { groupSize: size as number, evaluationGroupSize: null, weights: null, convention: null, from }
    : null;

/** The arguments of TRL and ms-swift that determine groups and rewards. */
export function grpoSettings(args: Readonly<Record<string, unknown>>, from: string): Settings | null {
  const groupSize = count(args.num_generations);
  if (groupSize === null) return null;
  const { reward_weights: weights, multi_objective_aggregation: aggregation } = args;
  const isList = Array.isArray(weights) && weights.every((weight) => typeof weight === 'number');
  return {
    groupSize,
    evaluationGroupSize: count(args.num_generations_eval) ?? groupSize,
    // None is 1 for each.
    weights: isList ? weights : weights === null ? 'equal' : null,
    convention:
      aggregation === undefined || aggregation === 'sum_then_normalize'
        ? (CONVENTIONS[String(args.scale_rewards ?? 'group')] ?? null)
        : null,
    from,
  };
}
