import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { EvalScope } from './evaluations/evalscope.ts';
import { Inspect } from './evaluations/inspect.ts';
import { isLog, LOG } from './evaluations/log-file.ts';
import { filesAt, LmmsEval, RESULTS, SAMPLES } from './evaluations/lmms-eval.ts';
import { SkyRl } from './evaluations/skyrl.ts';
import { Verifiers } from './evaluations/verifiers.ts';
import { filesWith, VlmEvalKit } from './evaluations/vlmevalkit.ts';
import { DebugLogs, formatLog } from './programs/debug-log.ts';
import { EasyR1 } from './programs/easyr1.ts';
import { TensorBoard } from './programs/event-files.ts';
import { MsSwift } from './programs/ms-swift.ts';
import { PrimeRl } from './programs/prime-rl.ts';
import { TinkerCookbook } from './programs/tinker-cookbook.ts';
import { databaseOf, Trackio } from './programs/trackio.ts';
import { Trl } from './programs/trl.ts';
import { Verl } from './programs/verl.ts';
import { Wandb, WANDB_FOLDER, WANDB_LOG } from './programs/wandb.ts';
import { noEntries } from '../files/disk-error.ts';
import {
  fileBelow,
  filesIn,
  joinCurves,
  type FolderFile,
  type ForeignReader,
  type Logged,
} from './reader.ts';

/** The most specific first, because a folder of TRL may contain event files too. */
const PROGRAMS: readonly (() => ForeignReader)[] = [
  () => new Inspect(),
  () => new LmmsEval(),
  () => new EvalScope(),
  () => new VlmEvalKit(),
  () => new SkyRl(),
  () => new Verifiers(),
  () => new PrimeRl(),
  () => new TinkerCookbook(),
  () => new DebugLogs(),
  () => new MsSwift(),
  () => new EasyR1(),
  () => new Trl('completions'),
  () => new Verl(),
  () => new Trl('curves'),
  () => new Wandb(),
  () => new TensorBoard(),
];

/** The files of a run: those of its folder or folders, or a database or log and what belongs to it. */
export async function filesOfRun(dir: string, unread: string[]): Promise<FolderFile[]> {
  const database = databaseOf(dir);
  const file = database ?? dir;
  if (database === null && !isLog(file)) {
    const parts = await resumedIn(dir);
    const others = await Promise.all(parts.map((part) => filesIn(join(dirname(dir), part), unread)));
    const below = others.flatMap((files, i) =>
      files.map((each) => ({ ...each, path: `../${parts[i]!}/${each.path}` })),
    );
    return [...(await filesIn(file, unread)), ...below];
  }
  const names = database === null ? await namesBeside(file) : [basename(file), `${basename(file)}-wal`];
  const files = await Promise.all(names.map((name) => fileBelow(dirname(file), name)));
  return files.filter((each) => each !== null);
}

/** The names of a file and of those beside it that belong to it. */
async function namesBeside(file: string): Promise<string[]> {
  const [name, names] = [basename(file), await readdir(dirname(file))];
  if (SAMPLES.test(name) || RESULTS.test(name)) return filesAt(name, names);
  if (name.endsWith('.txt')) return names.filter((each) => each === name || each === formatLog(name));
  return name.endsWith('.eval') || LOG.test(name) ? [name] : filesWith(name, names);
}

/** The other folders that wandb made of the run of a folder, when it was resumed. */
async function resumedIn(dir: string): Promise<string[]> {
  const id = WANDB_FOLDER.exec(basename(dir))?.[2];
  if (id === undefined) return [];
  const names = await readdir(dirname(dir)).catch(noEntries);
  return names.filter((name) => name !== basename(dir) && WANDB_FOLDER.exec(name)?.[2] === id);
}

/** Recognises the program that wrote the files of a run, and reads what it logged, with what wandb has beside it. */
export class Program {
  private reader: ForeignReader | null = null;
  private readonly wandb = new Wandb();

  constructor(private readonly dir: string) {}

  /** @param unread takes why files cannot be read. @returns null if no known program wrote them */
  async look(files: readonly FolderFile[], unread: string[]): Promise<Logged | null> {
    if (databaseOf(this.dir) !== null) this.reader ??= new Trackio(this.dir);
    if (this.reader) return this.withWandb(await this.reader.look(files, unread), files);
    for (const make of PROGRAMS) {
      const reader = make();
      const logged = await reader.look(files, unread);
      if (!logged) continue;
      this.reader = reader;
      return this.withWandb(logged, files);
    }
    return null;
  }

  /** Adds what wandb has in the same folder, of one run: older steps, settings, how it ended, else its completions. */
  private async withWandb(logged: Logged | null, files: readonly FolderFile[]): Promise<Logged | null> {
    if (!logged || logged.kind === 'wandb' || logged.evaluation) return logged;
    const ids = new Set(files.flatMap(({ path }) => WANDB_LOG.exec(path)?.[1] ?? []));
    const beside = ids.size === 1 ? await this.wandb.look(files) : null;
    if (!beside) return logged;
    const own = logged.batches.some(({ of }) => of === null);
    return {
      ...logged,
      ...(beside.ended && { ended: beside.ended }),
      roles: { ...logged.roles, metrics: [...(logged.roles.metrics ?? []), ...beside.roles.metrics!] },
      ...joinCurves(beside, logged),
      settings: beside.settings ?? logged.settings,
      batches: own ? logged.batches : [...logged.batches, ...beside.batches],
      missing: own || beside.batches.length === 0 ? logged.missing : beside.missing,
      problems: [...logged.problems, ...beside.problems],
    };
  }
}
