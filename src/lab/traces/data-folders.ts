import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import * as z from 'zod';
import { parseRecord } from '../../base/record.ts';
import { manifestSchema } from '../runs/run-folder.ts';
import type { TraceSource } from '../../core/run-data/trace-summary.ts';
import { ifMissing, isMissing } from '../files/disk-error.ts';
import { canHoldData, isElsewhere, liesIn } from '../files/inside.ts';
import { readText } from '../files/regular.ts';
import { choicesFor, mayBeForeign } from '../foreign/known.ts';
import { evaluationFolder } from './evaluations.ts';

/** The data of a run or evaluation that its manifest names; nothing where there is none. A manifest is untrusted. */
interface NamedData {
  /** Data files by name of the set, or for a run by number. */
  files: Record<string, string>;
  /** The folder that image paths may not leave. */
  root: string | undefined;
}

/** The parts of a run's and an evaluation's `manifest.json` about data, which manifests of copies lack. */
const runDataSchema = manifestSchema.pick({ data: true, data_root: true }).partial();
const evaluationDataSchema = z.object({ sets: z.record(z.string(), z.string()), root: z.string() }).partial();

/**
 * The data at the places where they lie now, if the user has said where.
 * @throws with the manifest's name, if it cannot be read or is none
 */
async function namedData(source: TraceSource): Promise<NamedData> {
  const { data, root } = choicesFor(source.run);
  if (isForeign(source))
    return data === null ? { files: {}, root: undefined } : { files: { 0: data }, root: dirname(data) };
  const named = await inManifest(source);
  return root === null ? named : movedTo(root, named);
}

const isForeign = ({ run, source }: TraceSource): boolean => source === undefined && mayBeForeign(run);

/** @throws with the manifest's name, if it cannot be read or is none */
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

/** What lay below the old root at the same places below a new one; other files stay. */
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

/** The names that a path of any system consists of. */
const namesIn = (path: string): string[] => path.split(/[\\/]/).filter((name) => name !== '' && name !== '.');

/** The names that lead from a folder to a file; null if it does not lie below it. */
function wayBelow(folder: string | undefined, file: string): string[] | null {
  const [from, to] = [namesIn(folder ?? ''), namesIn(file)];
  return folder !== undefined && from.every((name, i) => name === to[i]) ? to.slice(from.length) : null;
}

/**
 * Whether a run or evaluation of ours was parted from its data: its data root is not there, or none of its data files.
 * Nothing is looked for on other machines.
 */
export async function isMoved(source: TraceSource): Promise<boolean> {
  if (isForeign(source)) return false;
  const { files, root } = await inManifest(source);
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
 * The data root that the user means by a folder: itself, or the old root in it, or, if it is a folder of the data, the
 * one above; whichever has a data file at its place. If none has, the folder itself, and the file that is missed.
 */
export async function newRoot(
  source: TraceSource,
  folder: string,
): Promise<{ root: string; missed: string | null }> {
  const { files, root } = await inManifest(source);
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
 * The part of a run's data that may be read: what lies in the run's folder or in folders that the user opened or
 * allowed.
 * @param set of an evaluation: only this set's file is returned
 * @param allowed absolute paths
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
 * The folders of a run's data that nobody has opened or allowed yet: the user is asked before they are read. Whole
 * disks and folders on other machines are never among them, because they are never read, nor are folders that are gone.
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
