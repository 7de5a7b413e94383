import type { Stats } from 'node:fs';
import { opendir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { LoggedRow } from '../../core/run-data/foreign/logged-row.ts';
import type { Figures } from '../../core/run-data/foreign/metric-names.ts';
import type { Origin, OriginKind } from '../../core/run-data/foreign/origin.ts';
import type { ConventionName } from '../../core/grpo/advantages.ts';
import { readBytes } from '../files/regular.ts';

/** Completions that were logged together: a file of a step, or a line or table of one. */
export interface Batch {
  step: number;
  path: string;
  /** As messages call it: relative to the folder. */
  name: string;
  /** Differs when the rows differ. */
  version: string;
  /** @throws in words where they cannot be read */
  rows(): Promise<LoggedRow[]>;
}

/** What a file says of how the run was set up. */
export interface Settings {
  groupSize: number | null;
  evaluationGroupSize: number | null;
  /** In the order of the reward columns, or by their names. */
  weights: readonly number[] | Readonly<Record<string, number>> | null;
  convention: ConventionName | null;
  /** The file that says so. */
  from: string;
}

/** What a program's files hold, as far as they are written. */
export interface Logged {
  kind: OriginKind;
  version: string | null;
  roles: { path: string; role: Origin['files'][number]['role'] }[];
  /** By step, under our names where they mean the same. */
  metrics: ReadonlyMap<number, Figures>;
  /** Ascending by step. */
  batches: readonly Batch[];
  settings: Settings | null;
  missing: Origin['missing'];
  notes: string[];
  /** What cannot be read, with its file and place. */
  problems: string[];
}

/** Reads one program's files in a folder, again and again; what did not change is not read anew. */
export interface ForeignReader {
  look(files: readonly FolderFile[]): Promise<Logged | null>;
}

/** A file in or below a folder. */
export interface FolderFile {
  /** Relative, with slashes. */
  path: string;
  full: string;
  bytes: number;
  modified: number;
  version: string;
}

/** Folders are looked into so deep, and no more entries are looked at. */
const MAX_DEPTH = 3;
const MAX_FILES = 20_000;
/** A file that is read as a whole may have no more bytes. */
const MAX_BYTES = 256 * 2 ** 20;

/** The files in a folder, two folders deep; links are not followed, since they may lead out of it. */
export async function filesIn(dir: string): Promise<FolderFile[]> {
  const files: FolderFile[] = [];
  let level = [''];
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth++) {
    const below: string[] = [];
    for (const folder of level) {
      const entries = await opendir(join(dir, folder), { bufferSize: 256 }).catch(() => null);
      if (!entries) continue;
      for await (const entry of entries) {
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
        if (entry.isDirectory()) below.push(path);
        if (!entry.isFile()) continue;
        const full = join(dir, path);
        const stats = await stat(full).catch(() => null);
        if (!stats) continue;
        files.push(describe(path, full, stats));
        if (files.length === MAX_FILES) return files;
      }
    }
    level = below.sort();
  }
  return files.sort((a, b) => byNumber(a.path, b.path));
}

const describe = (
  path: string,
  full: string,
  { size: bytes, mtimeMs: modified, ino }: Stats,
): FolderFile => ({
  ...{ path, full, bytes, modified },
  version: `${bytes} ${modified} ${ino}`,
});

/** A file deeper in a folder than `filesIn` looks; null where there is none, or where links lead out of the folder. */
export async function fileBelow(folder: string, path: string): Promise<FolderFile | null> {
  try {
    const [root, full] = await Promise.all([realpath(folder), realpath(join(folder, path))]);
    const stats = await stat(full);
    return full.startsWith(root + sep) && stats.isFile() ? describe(path, full, stats) : null;
  } catch {
    return null;
  }
}

/** "completions_10" comes after "completions_9". */
export const byNumber = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

/** What a file says, read again only when it has changed. */
export class Remembered<T> {
  private readonly known = new Map<string, { version: string; value: Promise<T> }>();

  constructor(private readonly read: (file: FolderFile) => Promise<T>) {}

  of(file: FolderFile): Promise<T> {
    const known = this.known.get(file.full);
    if (known?.version === file.version) return known.value;
    const value = this.read(file);
    value.catch(() => this.known.delete(file.full));
    this.known.set(file.full, { version: file.version, value });
    return value;
  }
}

/** The text of a file. @throws where it is too large */
export async function textOf({ full, path, bytes }: FolderFile): Promise<string> {
  if (bytes > MAX_BYTES) throw new Error(`${path} is larger than 256 MiB and is left out.`);
  return (await readBytes(full)).toString('utf8');
}

/** The steps of a parent folder's later part replace those of an earlier one. */
export function mergeFigures(into: Map<number, Figures>, step: number, figures: Figures): void {
  const known = into.get(step);
  if (known) Object.assign(known, figures);
  else into.set(step, { ...figures });
}
