import { readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readEvalScope } from './evaluations/evalscope.ts';
import { readInspect } from './evaluations/inspect-log.ts';
import { filesAt, readLmmsEval, RESULTS, SAMPLES } from './evaluations/lmms-eval.ts';
import { readSkyRl } from './evaluations/skyrl.ts';
import { readVerifiers } from './evaluations/verifiers.ts';
import { filesWith, readVlmEvalKit } from './evaluations/vlmevalkit.ts';
import { formatLog, readDebugLogs } from './programs/debug-log.ts';
import { readEasyR1 } from './programs/easyr1.ts';
import { readTensorBoard } from './programs/event-files.ts';
import { readMsSwift } from './programs/ms-swift.ts';
import { readPrimeRl } from './programs/prime-rl.ts';
import { readTinkerCookbook } from './programs/tinker-cookbook.ts';
import { databaseOf, readTrackio } from './programs/trackio.ts';
import { readTrainer, readTrl } from './programs/trl.ts';
import { readVerl } from './programs/verl.ts';
import { readWandb, WANDB_FOLDER, WANDB_LOG } from './programs/wandb.ts';
import { ifMissing, noEntries } from '../files/disk-error.ts';
import { fileBelow, filesIn, type FolderFile } from './foreign-files.ts';
import { Kept, RunFolder } from './foreign-folder.ts';
import { RunNotes } from './notes.ts';
import { joinCurves, type Logged, type Reader } from './foreign-reader.ts';
import type { Origin } from '../../core/run-data/origin.ts';
import { statSync } from 'node:fs';

/** Readers of programs, the most specific first, because a folder of TRL can also contain event files. */
const PROGRAMS: readonly Reader[] = [
  readInspect,
  readLmmsEval,
  readEvalScope,
  readVlmEvalKit,
  readSkyRl,
  readVerifiers,
  readPrimeRl,
  readTinkerCookbook,
  readDebugLogs,
  readMsSwift,
  readEasyR1,
  readTrl,
  readVerl,
  readTrainer,
  readWandb,
  readTensorBoard,
];

/** Returns the files of a run: all files in its folders, or its database or log with files that belong to it. */
export async function filesOfRun(dir: string, unread: string[]): Promise<FolderFile[]> {
  const database = databaseOf(dir);
  const file = database ?? dir;
  if (database === null && !isLog(file)) {
    const parts = await resumedIn(dir);
    const others = await Promise.all(parts.map((part) => filesIn(part, unread)));
    const below = others.flatMap((files, i) =>
      files.map((each) => ({ ...each, path: `../${basename(parts[i]!)}/${each.path}` })),
    );
    return [...(await filesIn(file, unread)), ...below];
  }
  const names = database === null ? await namesBeside(file) : [basename(file), `${basename(file)}-wal`];
  const files = await Promise.all(names.map((name) => fileBelow(dirname(file), name)));
  return files.filter((each) => each !== null);
}

/** Returns the names of a file and of neighbouring files that belong to this file. */
async function namesBeside(file: string): Promise<string[]> {
  const [name, names] = [basename(file), await readdir(dirname(file))];
  if (SAMPLES.test(name) || RESULTS.test(name)) return filesAt(name, names);
  if (name.endsWith('.txt')) return names.filter((each) => each === name || each === formatLog(name));
  return name.endsWith('.eval') || LOG.test(name) ? [name] : filesWith(name, names);
}

/** Returns the other folders that wandb created when the run of a folder was resumed. Follows the link `latest-run`. */
async function resumedIn(dir: string): Promise<string[]> {
  const real = await realpath(dir).catch(ifMissing(dir));
  const id = WANDB_FOLDER.exec(basename(real))?.[2];
  if (id === undefined) return [];
  const names = await readdir(dirname(real)).catch(noEntries);
  return names
    .filter((name) => name !== basename(real) && WANDB_FOLDER.exec(name)?.[2] === id)
    .map((name) => join(dirname(real), name));
}

/** Recognises the program that wrote the files of a run, and reads the program's logs together with wandb's. */
export class Program {
  private readers: readonly Reader[];
  private kept: Kept | null = null;

  constructor(private readonly dir: string) {
    this.readers = databaseOf(dir) === null ? PROGRAMS : [readTrackio];
  }

  /** @param unread receives the reasons why files are unreadable. @returns null if no known program wrote the files */
  async look(files: readonly FolderFile[], unread: string[]): Promise<RunFiles | null> {
    for (const reader of this.readers) {
      // Drops the cache of another program's reader.
      const kept = this.kept ?? new Kept();
      const folder = new RunFolder(this.dir, files, unread, kept);
      const logged = await reader(folder);
      if (!logged) continue;
      this.readers = [reader];
      this.kept = kept;
      const beside = await RunNotes.in(folder);
      const { problems, pictures } = folder;
      const { missing, notes, ...rest } = await withWandb(logged, folder);
      return {
        ...rest,
        missing: missing.filter((each) => each !== false),
        notes: notes.filter((each) => each !== false),
        problems,
        pictures,
        beside,
      };
    }
    return null;
  }
}

/** Logs of a program, their unreadable parts, images inside other files by name, and notes. */
export interface RunFiles extends Omit<Logged, 'missing' | 'notes'>, Pick<Origin, 'missing' | 'notes'> {
  problems: readonly string[];
  pictures: ReadonlyMap<string, () => Promise<Uint8Array>>;
  /** Notes that Chirality's Python package wrote next to the program's files. */
  beside: RunNotes;
}

/** Adds data from the folder's only wandb run: older steps, settings, the run's outcome, and missing completions. */
async function withWandb(logged: Logged, folder: RunFolder): Promise<Logged> {
  if (logged.kind === 'wandb' || logged.evaluation) return logged;
  const ids = new Set(folder.files.flatMap(({ path }) => WANDB_LOG.exec(path)?.[1] ?? []));
  const beside = ids.size === 1 ? await readWandb(folder) : null;
  if (!beside) return logged;
  const hasTraining = logged.batches.some(({ phase }) => phase !== 'evaluation');
  return {
    ...logged,
    ...(beside.ended && { ended: beside.ended }),
    ...joinCurves(beside, logged),
    roles: { ...logged.roles, metrics: [...(logged.roles.metrics ?? []), ...beside.roles.metrics!] },
    settings: beside.settings ?? logged.settings,
    batches: hasTraining ? logged.batches : [...logged.batches, ...beside.batches],
    missing: hasTraining || beside.batches.length === 0 ? logged.missing : beside.missing,
  };
}

/** Name of an Inspect log. A folder can contain several logs. Each log is an evaluation. */
export const LOG = /^\d{4}-\d\d-\d\dT[\w-]+_[^/]+\.(?:eval|json)$/;

/** Files that alone are a run: logs of Inspect, R1-V and VLM-R1, files of lmms-eval, and tables of VLMEvalKit. */
const ALONE = /\.(?:eval|json|txt|xlsx|tsv)$|(?:^|[\\/_])samples_[^\\/]+\.jsonl$/;

/** Whether a path is a file that is by itself an evaluation or a run. */
export const isLog = (path: string): boolean =>
  ALONE.test(path) && (statSync(path, { throwIfNoEntry: false })?.isFile() ?? false);
