import { existsSync, statSync } from 'node:fs';
import { basename, relative, resolve } from 'node:path';
import { findForeign, type FoundForeign } from './find.ts';
import { isLog } from './evaluations/log-file.ts';
import { isForeignRun, mayBeForeign } from './known.ts';
import { databaseOf, runsOf, type DamagedDatabase } from './programs/trackio.ts';
import { byNumber } from '../files/folders.ts';

/** The result of looking up a source: the folder of one run, or the runs to choose from. */
export type Source = { dir: string } | { several: readonly NamedRun[] };
type NamedRun = Pick<FoundForeign, 'dir' | 'name'>;

/**
 * Finds the run of another program in a folder or below it, since many trainers put a run into a folder named after its
 * version or date. Null if there is none. @throws DamagedDatabase if there is only a database that cannot be read
 * @param source a folder, or a database of trackio; `FOLDER#NAME` names one of its runs.
 * @param run the name of one of several runs
 */
export async function findSource(source: string, run?: string): Promise<Source | null> {
  const [path, name] = existsSync(source) ? [source, run] : splitName(source, run);
  const folder = resolve(path);
  if (databaseOf(folder) !== null || (isLog(folder) && (await isForeignRun(folder)))) return { dir: folder };
  const isFile = statSync(folder, { throwIfNoEntry: false })?.isFile() ?? false;
  if (!existsSync(folder) || !(isFile || mayBeForeign(folder))) return null;
  const damaged: DamagedDatabase[] = [];
  const runs = await (isFile ? runsIn(folder) : findForeign([folder], (why) => damaged.push(why)));
  if (runs.length === 0 && damaged[0]) throw damaged[0];
  runs.sort((a, b) => byNumber(a.dir, b.dir));
  if (name !== undefined) {
    const named = runs.filter(({ dir, name: own }) =>
      [own, basename(dir), relative(folder, dir)].includes(name),
    );
    return named.length === 1 ? { dir: named[0]!.dir } : { several: runs };
  }
  if (runs.length === 1) return { dir: runs[0]!.dir };
  if (runs.length > 1) return { several: runs };
  return !isFile && (await isForeignRun(folder)) ? { dir: folder } : null;
}

const runsIn = (file: string): Promise<NamedRun[]> =>
  file.endsWith('.db') ? runsOf(file) : Promise.resolve([]);

function splitName(source: string, run: string | undefined): [string, string | undefined] {
  const at = source.lastIndexOf('#');
  return at < 0 || run !== undefined ? [source, run] : [source.slice(0, at), source.slice(at + 1)];
}
