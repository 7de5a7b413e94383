import type { Stats } from 'node:fs';
import { opendir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { LoggedRow } from '../../core/foreign/logged-row.ts';
import type { Figures, Told } from '../../core/foreign/metric-names.ts';
import { printable } from '../../core/printable.ts';
import type { SourceEvaluation } from '../../core/metrics/source-evaluation.ts';
import type { Origin, OriginKind } from '../../core/run-data/origin.ts';
import type { ConventionName } from '../../core/grpo/advantages.ts';
import {
  explainError,
  ifMissing,
  isUnreadable,
  noEntries,
  unlessUnreadable,
  whyUnreadable,
} from '../files/disk-error.ts';
import { byNumber } from '../files/folders.ts';
import { readBytes } from '../files/regular.ts';
import { UntilChanged } from '../files/until-changed.ts';
import { versionIn } from '../files/version.ts';
import { parsePythonJson } from './containers/python-json.ts';

/** Completions that were logged together: the file, table or line of a step. */
export interface Batch {
  step: number;
  path: string;
  /** The name in messages: the path relative to the folder. */
  name: string;
  /** Changes whenever the rows change. */
  version: string;
  /** Null: of training, as far as is known. */
  of: 'evaluation' | null;
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
  /** By reward column in their order, or by name. */
  weights: readonly number[] | Readonly<Record<string, number>> | null;
  convention: ConventionName | null;
  /** The file in which the settings were found. */
  from: string;
}

/** What figures are called in the program's files, and in which: "kl_loss in log.jsonl", by their names here. */
export type Names = ReadonlyMap<string, string>;

/** Notes the names in a file. The first one of a figure stays. */
export const toldIn =
  (names: Map<string, string>, { path }: Pick<FolderFile, 'path'>): Told =>
  (ours, theirs) => {
    if (!names.has(ours)) names.set(ours, printable(`${theirs} in ${path}`, 300));
  };

type Role = Origin['files'][number]['role'];

/** Figures by step, under our names for those that mean the same, and what the program calls them. */
export interface Curves {
  metrics: ReadonlyMap<number, Figures>;
  names: Names;
}

/** What a program's files contain so far. */
export interface Logged extends Curves {
  kind: OriginKind;
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
  /** Pictures that lie inside other files, by their name in `images`. */
  pictures?: ReadonlyMap<string, () => Promise<Uint8Array>>;
  missing: Origin['missing'];
  notes: readonly string[];
  /** What could not be read, with file and place. */
  problems: readonly string[];
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
  problems: [],
} satisfies Omit<Logged, 'kind' | 'roles'>;

/** Completions that lie in a file. */
export const batchIn = (
  { path, full, version }: FolderFile,
  step: number,
  of: Batch['of'],
  rows: Batch['rows'],
): Batch => ({ step, path: full, name: path, version, of, rows });

/** Reads one program's files in a folder again and again; files that have not changed are not read again. */
export interface ForeignReader {
  /**
   * Null for a folder of another program.
   * @param unread takes why a file cannot be read that would tell whose folder it is
   */
  look(files: readonly FolderFile[], unread: string[]): Promise<Logged | null>;
}

/** A file in or below a folder. */
export interface FolderFile {
  /** Relative to the folder, with forward slashes. */
  path: string;
  full: string;
  bytes: number;
  modified: number;
  version: string;
}

/** How deep to search, in the folders of rollouts of prime-rl too, and how many entries at most. */
const MAX_DEPTH = 3;
const ROLLOUTS = /^rollouts\/(?:step_\d+(?:\/(?:train|eval)(?:\/(?:all|effective))?)?)?$/;
const MAX_FILES = 20_000;
/** Largest file that is read as a whole, in bytes. */
const MAX_BYTES = 256 * 2 ** 20;

/**
 * The files in a folder, down to two folders deep, and those of rollouts below them. Links are not followed, since they
 * may lead out of it.
 * @param problems takes why folders in it cannot be read
 * @throws if too many files are open, so that nothing would be found
 */
export async function filesIn(dir: string, problems: string[] = []): Promise<FolderFile[]> {
  const files: FolderFile[] = [];
  let level = [''];
  for (let depth = 0; level.length > 0; depth++) {
    const below: string[] = [];
    for (const folder of level) {
      const entries = await opendir(join(dir, folder), { bufferSize: 256 })
        .catch(ifMissing(null))
        .catch((error: Error) => {
          noEntries(error);
          problems.push(explainError(error));
        });
      if (!entries) continue;
      for await (const entry of entries) {
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
        if (entry.isDirectory() && (depth < MAX_DEPTH - 1 || ROLLOUTS.test(path))) below.push(path);
        if (!entry.isFile()) continue;
        const full = join(dir, path);
        const stats = await stat(full).catch(ifMissing(null));
        if (!stats) continue;
        files.push(describe(path, full, stats));
        if (files.length === MAX_FILES) return files;
      }
    }
    level = below.sort();
  }
  return files.sort((a, b) => byNumber(a.path, b.path));
}

const describe = (path: string, full: string, stats: Stats): FolderFile => ({
  path,
  full,
  bytes: stats.size,
  modified: stats.mtimeMs,
  version: versionIn(stats),
});

/**
 * A file at any depth in a folder, unlike `filesIn`; null if it does not exist, if links lead out of the folder, or if
 * no file can have such a name. @throws if it exists and cannot be read
 */
export async function fileBelow(folder: string, path: string): Promise<FolderFile | null> {
  try {
    const [root, full] = await Promise.all([realpath(folder), realpath(join(folder, path))]);
    const stats = await stat(full);
    return full.startsWith(root + sep) && stats.isFile() ? describe(path, full, stats) : null;
  } catch (error) {
    if (['ELOOP', 'ENAMETOOLONG', 'EINVAL'].includes((error as NodeJS.ErrnoException).code!)) return null;
    return unlessUnreadable(null)(error);
  }
}

/** Caches what was read from a file until the file changes. */
export class Remembered<T> {
  private readonly values = new UntilChanged<T>();

  constructor(private readonly read: (file: FolderFile) => Promise<T>) {}

  of(file: FolderFile): Promise<T> {
    return this.values.of(file.full, file.version, () => this.read(file));
  }

  /** Null for a file that is not there or not what it is tried as. @param unread takes why it cannot be read */
  tried(file: FolderFile | undefined, unread: string[]): Promise<T | null> {
    return file ? this.of(file).catch(orUnread(file, unread)) : Promise.resolve(null);
  }
}

/** The file of a name in the folder itself. */
export const fileNamed = (files: readonly FolderFile[], name: string): FolderFile | undefined =>
  files.find(({ path }) => path === name);

/** The text of a file. @throws if it is too large */
export async function textOf({ full, path, bytes }: FolderFile): Promise<string> {
  if (bytes > MAX_BYTES) throw new Error(`${path} is larger than 256 MiB and is left out.`);
  return (await readBytes(full)).toString('utf8');
}

/** The value in a file of JSON, as Python writes it. @throws if it is none, or too large */
export const jsonOf = async (file: FolderFile): Promise<unknown> => parsePythonJson(await textOf(file));

const orUnread =
  ({ path }: FolderFile, unread: string[]) =>
  (error: unknown): null => {
    if (isUnreadable(error)) unread.push(`${path}: ${whyUnreadable(error)}`);
    return null;
  };

/**
 * Adds the figures of a step. Where a later part of the run has logged the step again, its figures replace the earlier
 * ones.
 */
export function mergeFigures(into: Map<number, Figures>, step: number, figures: Figures): void {
  const earlier = into.get(step);
  if (earlier) Object.assign(earlier, figures);
  else into.set(step, { ...figures });
}

/** The curves in several files; those of later ones win. */
export function joinCurves(...all: readonly Curves[]): Curves {
  const metrics = new Map<number, Figures>();
  for (const each of all) for (const [step, figures] of each.metrics) mergeFigures(metrics, step, figures);
  return { metrics, names: new Map(all.flatMap(({ names }) => [...names])) };
}
