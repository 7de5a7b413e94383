import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import * as z from 'zod';
import { parseRecord } from '../../base/record.ts';
import { manifestSchema } from '../runs/run-folder.ts';
import type { TraceSource } from '../../core/run-data/trace-summary.ts';
import { fileSha256 } from '../files/atomic.ts';
import { ifMissing, isMissing } from '../files/disk-error.ts';
import { canHoldData, isElsewhere, liesIn } from '../files/inside.ts';
import { readText } from '../files/regular.ts';
import { UntilChanged, versionAt } from '../files/version.ts';
import { choicesFor, mayBeForeign } from '../foreign/known.ts';
import { evaluationFolder } from './evaluations.ts';

/** Data files in the manifest of a run or evaluation. Empty without manifest. Manifests are untrusted. */
interface NamedData {
  /** Data files by the name of their evaluation set. For a run, by their number. */
  files: Record<string, string>;
  /** Data root: folder that contains all images. */
  root: string | undefined;
}

/** Fields about data in the `manifest.json` of a run or an evaluation. Manifests of copies lack these fields. */
const runDataSchema = manifestSchema.pick({ data: true, data_root: true }).partial();
const evaluationDataSchema = z.object({ sets: z.record(z.string(), z.string()), root: z.string() }).partial();

/**
 * Returns the data files at their current location: the one that the user has set, or, for a run that was moved
 * together with its data, the folder above the run that contains the data.
 * @throws an error with the manifest's path, if the manifest is unreadable or invalid
 */
async function namedData(source: TraceSource): Promise<NamedData> {
  const { data } = choicesFor(source.run);
  if (isForeign(source))
    return data === null ? { files: {}, root: undefined } : { files: { 0: data }, root: dirname(data) };
  return atPresent(source.run, await inManifest(source));
}

/** Returns a run's data at their current location; see `namedData`. */
export async function atPresent(run: string, named: NamedData): Promise<NamedData> {
  const { root } = choicesFor(run);
  if (root !== null) return movedTo(root, named);
  return (await areGone(named)) ? ((await foundAbove(run, named)) ?? named) : named;
}

const hashes = new UntilChanged<string>(16);

/**
 * Returns the data of a run that was moved together with its data; null if no folder above the run contains the same
 * training rows at the same place. Another file with the same name has another hash.
 */
async function foundAbove(run: string, named: NamedData): Promise<NamedData | null> {
  const file = join(run, 'manifest.json');
  const { data, data_root } = parseRecord(runDataSchema, await textOf(file), { file });
  const [train] = data ?? [];
  if (!train || data_root !== named.root) return null;
  const rows = { files: { 0: train.path }, root: data_root };
  for (let folder = dirname(run); folder !== dirname(folder); folder = dirname(folder)) {
    const { root, missed } = await rootIn(folder, rows);
    const path = missed === null ? movedTo(root, rows).files[0]! : train.path;
    if (path === train.path) continue;
    const hash = await hashes.of(path, await versionAt(path), () => fileSha256(path)).catch(() => null);
    if (hash === train.sha256) return movedTo(root, named);
  }
  return null;
}

const isForeign = ({ run, source }: TraceSource): boolean => source === undefined && mayBeForeign(run);

/** Returns the data in the manifest. @throws an error with the manifest's path if the manifest is invalid */
async function inManifest({ run, source }: TraceSource): Promise<NamedData> {
  if (source === undefined) {
    const file = join(run, 'manifest.json');
    const { data = [], data_root } = parseRecord(runDataSchema, await textOf(file), { file });
    return { files: Object.fromEntries(data.map(({ path }, i) => [i, path])), root: data_root };
  }
  const file = join(evaluationFolder(run, source), 'manifest.json');
  const { sets = {}, root } = parseRecord(evaluationDataSchema, await textOf(file), { file });
  return { files: sets, root };
}

/** Moves paths below the old root to the same paths below a new root. Other paths stay unchanged. */
function movedTo(root: string, named: NamedData): NamedData {
  const place = (file: string) => {
    const way = wayBelow(named.root, file);
    return way ? join(root, ...way) : file;
  };
  return {
    files: Object.fromEntries(Object.entries(named.files).map(([set, file]) => [set, place(file)])),
    root,
  };
}

/** Returns the parts of a path from any operating system. */
const namesIn = (path: string): string[] => path.split(/[\\/]/).filter((name) => name !== '' && name !== '.');

/** Returns the path parts that lead from a folder to a file. Null if the file is not below the folder. */
function wayBelow(folder: string | undefined, file: string): string[] | null {
  const [from, to] = [namesIn(folder ?? ''), namesIn(file)];
  return folder !== undefined && from.every((name, i) => name === to[i]) ? to.slice(from.length) : null;
}

/** Whether the user must choose the folder with the data of a Chirality run. Does not contact other machines. */
export async function isMoved(source: TraceSource): Promise<boolean> {
  if (isForeign(source)) return false;
  const named = await inManifest(source);
  return (await areGone(named)) && (await foundAbove(source.run, named)) === null;
}

/** Whether the data root is missing, or all data files are. */
async function areGone({ files, root }: NamedData): Promise<boolean> {
  if (root === undefined) return false;
  const [hasRoot, ...hasFile] = await Promise.all([root, ...Object.values(files)].map(isThere));
  return !hasRoot || (hasFile.length > 0 && !hasFile.includes(true));
}

const isThere = async (path: string): Promise<boolean> =>
  isAbsolute(path) &&
  !isElsewhere(path) &&
  stat(path).then(
    () => true,
    (error: unknown) => !isMissing(error),
  );

/**
 * Returns the data root for a folder that the user chose: the first of this folder, the old root inside it, and its
 * parent folder, in which a data file exists. Without a data file, returns the folder and a missing file.
 */
export const newRoot = async (
  source: TraceSource,
  folder: string,
): Promise<{ root: string; missed: string | null }> => rootIn(folder, await inManifest(source));

async function rootIn(folder: string, { files, root }: NamedData) {
  const ways = Object.values(files).flatMap((file) => [wayBelow(root, file) ?? []]);
  for (const way of ways.filter(({ length }) => length > 0)) {
    const above = way.flatMap((_, n) => {
      const names = way.slice(0, n);
      return names.join('/') === namesIn(folder).slice(-n).join('/')
        ? [join(folder, ...names.map(() => '..'))]
        : [];
    });
    const name = namesIn(root!).at(-1);
    for (const each of [folder, ...(name === undefined ? [] : [join(folder, name)]), ...above]) {
      const file = join(each, ...way);
      if ((await liesIn(file, [each])) && (await isThere(file))) return { root: each, missed: null };
    }
  }
  return { root: folder, missed: ways[0]?.join('/') ?? null };
}

const textOf = (file: string): Promise<string> => readText(file).catch(ifMissing('{}'));

/**
 * Returns the readable data files of a run: files inside the run's folder, or inside folders that the user opened or
 * allowed.
 * @param set name of an evaluation set, to return only the set's file
 * @param allowed absolute paths of allowed folders
 */
export async function dataOf(
  source: TraceSource,
  set: string | null,
  allowed: readonly string[],
): Promise<{ files: string[]; root: string | undefined }> {
  const { files, root } = await namedData(source);
  const trusted = [source.run, ...allowed];
  const meant =
    source.source === undefined
      ? Object.values(files)
      : set !== null && Object.hasOwn(files, set)
        ? [files[set]!]
        : [];
  const kept: string[] = [];
  for (const file of meant) if (await liesIn(file, trusted)) kept.push(file);
  const mayRead = root !== undefined && canHoldData(root) && (await liesIn(root, trusted));
  return { files: kept, root: mayRead ? root : undefined };
}

/**
 * Returns the folders of a run's data that are neither open nor allowed, so that the user can allow these folders.
 * Whole disks, folders on other machines and missing folders are excluded.
 */
export async function foldersToAllow(source: TraceSource, allowed: readonly string[]): Promise<string[]> {
  const { files, root } = await namedData(source);
  const named = [...(root === undefined ? [] : [root]), ...Object.values(files).map((file) => dirname(file))];
  const closed: string[] = [];
  for (const folder of named)
    if (
      canHoldData(folder) &&
      !(await liesIn(folder, [source.run, ...allowed, ...closed])) &&
      (await isThere(folder))
    )
      closed.push(resolve(folder));
  return closed;
}
