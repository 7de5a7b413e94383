import { dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import { parseRecord } from '../../core/record.ts';
import { manifestSchema } from '../../core/run-data/run-folder.ts';
import type { TraceSource } from '../../core/run-data/trace-summary.ts';
import { ifMissing } from '../files/disk-error.ts';
import { canHoldData, liesIn } from '../files/inside.ts';
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

/**
 * The parts of a run's and an evaluation's `manifest.json` about data. Manifests of older ones, and of copies, lack
 * them.
 */
const runDataSchema = manifestSchema.pick({ data: true, data_root: true }).partial();
const evaluationDataSchema = z.object({ sets: z.record(z.string(), z.string()), root: z.string() }).partial();

/** @throws with the manifest's name, if it cannot be read or is none */
async function namedData({ run, source }: TraceSource): Promise<NamedData> {
  if (source === undefined && mayBeForeign(run)) {
    const { data } = choicesFor(run);
    return data === null ? { files: {}, root: undefined } : { files: { 0: data }, root: dirname(data) };
  }
  if (source === undefined) {
    const file = join(run, 'manifest.json');
    const { data = [], data_root } = parseRecord(runDataSchema, await textOf(file), { file });
    return { files: Object.fromEntries(data.map(({ path }, i) => [i, path])), root: data_root };
  }
  const file = join(evaluationFolder(run, source), 'manifest.json');
  const { sets = {}, root } = parseRecord(evaluationDataSchema, await textOf(file), { file });
  return { files: sets, root };
}

const textOf = (file: string): Promise<string> => readText(file).catch(ifMissing('{}'));

/**
 * The part of a run's data that may be read: what lies in the run's folder or in folders that a person opened or
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
 * The folders of a run's data that nobody has opened or allowed yet: a person is asked before they are read. Whole
 * disks and folders on other machines are never among them, because they are never read.
 */
export async function foldersToAllow(source: TraceSource, allowed: readonly string[]): Promise<string[]> {
  const { files, root } = await namedData(source);
  const named = [...(root === undefined ? [] : [root]), ...Object.values(files).map((file) => dirname(file))];
  const closed: string[] = [];
  for (const folder of named)
    if (canHoldData(folder) && !(await liesIn(folder, [source.run, ...allowed, ...closed])))
      closed.push(resolve(folder));
  return closed;
}
