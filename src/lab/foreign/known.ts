import { readdirSync, existsSync, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, resolve, basename, relative } from 'node:path';
import { isLog } from './foreign-program.ts';
import { databaseOf, runsOf, type DamagedDatabase } from './programs/trackio.ts';
import { NO_INTERPRETATION, type Interpretation } from '../../core/run-data/interpretation.ts';
import { RecentMap } from '../../base/recent-map.ts';
import { ForeignRun, NoKnownRun, type ForeignState } from './foreign-run.ts';
import { ifMissing } from '../files/disk-error.ts';
import { findForeign, runOfFile, type FoundForeign } from './find.ts';
import { byNumber } from '../files/folders.ts';

/** Maximum number of open runs. Curves, lists and pairs of an open run share the results of reading its files. */
const MAX_RUNS = 8;
const runs = new RecentMap<string, ForeignRun>(MAX_RUNS);
const chosen = new Map<string, Interpretation>();

/** Time (ms) after which partial results of a run with many completions are returned. Set by the editor. */
let patience = Infinity;

/** Makes this process return partial results of a run after `ms`, and continue reading in the background. */
export function answerWithin(ms: number): void {
  patience = ms;
}

/** Sets the user's mapping of a run for this process only. Writes nothing to the run's folder. */
export function chooseFor(dir: string, choices: Partial<Interpretation>): void {
  chosen.set(resolve(dir), { ...choicesFor(dir), ...choices });
}

export const choicesFor = (dir: string): Interpretation => chosen.get(resolve(dir)) ?? NO_INTERPRETATION;

/** Names of files that only Chirality's runs and evaluations contain. */
const OWN = ['run.yaml', 'traces', 'eval', 'rows.jsonl'];
/** Names that identify a Chirality evaluation without its rows, which users can remove before they share it. */
const OWN_TOGETHER = ['manifest.json', 'results.json'];

/** Whether a folder can contain an external run: the folder is not empty, and contains no files of Chirality. */
export function mayBeForeign(dir: string): boolean {
  try {
    const names = readdirSync(dir);
    const has = (name: string) => names.includes(name);
    return names.length > 0 && !OWN.some(has) && !OWN_TOGETHER.every(has);
  } catch (error) {
    return ifMissing(databaseOf(dir) !== null || isLog(dir))(error);
  }
}

/** Reads the state of an external run with the user's mapping. @throws if the folder contains no external run */
export function readForeign(dir: string): Promise<ForeignState> {
  const choices = choicesFor(dir);
  const key = JSON.stringify([dir, choices]);
  const run = runs.get(key) ?? new ForeignRun(dir, choices, patience);
  runs.set(key, run);
  return run.read();
}

/** Reads an external run. Returns null for a folder of Chirality. @throws if the folder contains no run */
export const readInPlace = async (dir: string): Promise<ForeignState | null> =>
  mayBeForeign(dir) ? readForeign(dir) : null;

/** Whether a folder contains an external run. @throws if the folder exists but is unreadable */
export async function isForeignRun(dir: string): Promise<boolean> {
  if (databaseOf(dir) === null && !isLog(dir) && !(await stat(dir).catch(ifMissing(null)))?.isDirectory())
    return false;
  return readForeign(dir).then(
    () => true,
    (error: unknown) => {
      if (error instanceof NoKnownRun && error.unread.length === 0) return false;
      throw error;
    },
  );
}

/** Returns the folder to which image references are relative: the folder of the run, or of its database or log. */
export function pictureFolder(run: string): string {
  const database = databaseOf(run);
  return database !== null ? dirname(database) : isLog(run) ? dirname(run) : run;
}

/** Source of an external run: the folder of one run, or several runs to choose from. */
export type Source = { dir: string } | { several: readonly NamedRun[] };
type NamedRun = Pick<FoundForeign, 'dir' | 'name'>;

/**
 * Finds the external run in or below a folder, because many trainers write to a subfolder named after version or date.
 * Null without such a run. @throws DamagedDatabase if it finds only an unreadable database
 * @param source a folder, a file of a run, or a database of trackio. `FOLDER#NAME` selects one of the runs in a
 * database.
 */
export async function findSource(source: string, run?: string): Promise<Source | null> {
  const [path, name] = existsSync(source) ? [source, run] : splitName(source, run);
  const folder = resolve(path);
  if (databaseOf(folder) !== null || (isLog(folder) && (await isForeignRun(folder)))) return { dir: folder };
  const isFile = statSync(folder, { throwIfNoEntry: false })?.isFile() ?? false;
  if (isFile && !folder.endsWith('.db')) {
    const dir = await runOfFile(folder);
    return dir !== null && (await isForeignRun(dir)) ? { dir } : null;
  }
  if (!existsSync(folder) || !(isFile || mayBeForeign(folder))) return null;
  const damaged: DamagedDatabase[] = [];
  const runs = await (isFile ? runsOf(folder) : findForeign([folder], (why) => damaged.push(why)));
  if (runs.length === 0 && damaged[0]) throw damaged[0];
  runs.sort((a, b) => byNumber(a.dir, b.dir));
  if (name !== undefined) {
    const named = runs.filter(({ dir, name: itsName }) =>
      [itsName, basename(dir), relative(folder, dir)].includes(name),
    );
    return named.length === 1 ? { dir: named[0]!.dir } : { several: runs };
  }
  if (runs.length === 1) return { dir: runs[0]!.dir };
  if (runs.length > 1) return { several: runs };
  return !isFile && (await isForeignRun(folder)) ? { dir: folder } : null;
}

function splitName(source: string, run: string | undefined): [string, string | undefined] {
  const at = source.lastIndexOf('#');
  return at < 0 || run !== undefined ? [source, run] : [source.slice(0, at), source.slice(at + 1)];
}
