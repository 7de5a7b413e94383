import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { several } from '../../base/format.ts';
import { groupBy } from '../../core/evaluation/scored-row.ts';
import { originName, type Origin } from '../../core/run-data/origin.ts';
import { runName } from '../../core/run-data/run-name.ts';
import { REVIEWS } from './evaluations/evalscope.ts';
import { SAMPLES } from './evaluations/lmms-eval.ts';
import { DUMPED, STEP_FOLDER } from './evaluations/skyrl.ts';
import { EPISODES, RESULTS } from './evaluations/verifiers.ts';
import { ATTEMPT, PREDICTIONS } from './evaluations/vlmevalkit.ts';
import { LOG } from './foreign-program.ts';
import { DEBUG_LOG } from './programs/debug-log.ts';
import { LATER, ROLLOUT } from './programs/prime-rl.ts';
import { SUMMARIES } from './programs/tinker-cookbook.ts';
import { DamagedDatabase, DATABASE, runsOf } from './programs/trackio.ts';
import { WANDB_FOLDER } from './programs/wandb.ts';
import { fileBelow, filesIn, type FolderFile } from './foreign-files.ts';
import { noEntries } from '../files/disk-error.ts';
import { byNumber, searchFolders } from '../files/folders.ts';

/**
 * A folder whose file names suggest an external run. Files are read when the run is opened. Only trackio databases are
 * read earlier, to list their runs.
 */
export interface FoundForeign {
  dir: string;
  name: string;
  /** Contents, such as "TRL · 4 completion files · TensorBoard", and ignored files of other programs. */
  holds: string;
  /** ISO time of the newest file of the run. */
  written: string;
}

/** File names that reveal a folder's contents: names of programs in order of recognition, then names of trackers. */
const SIGNS: readonly { name: string; path: RegExp; folder?: RegExp; counted?: string; isJoined?: true }[] = [
  { name: 'lmms-eval', path: SAMPLES, counted: 'evaluation file' },
  { name: 'evalscope', path: REVIEWS, counted: 'evaluation file' },
  { name: 'VLMEvalKit', path: PREDICTIONS, folder: ATTEMPT, counted: 'evaluation file' },
  { name: 'SkyRL', path: DUMPED, folder: STEP_FOLDER, counted: 'evaluation file' },
  { name: 'verifiers', path: /^(?:traces|results)\.jsonl$/, counted: 'evaluation file' },
  { name: 'prime-rl', path: ROLLOUT, counted: 'episode file' },
  { name: 'prime-rl', path: LATER },
  { name: 'tinker-cookbook', path: SUMMARIES, counted: 'rollout file' },
  { name: 'VLM-R1 or R1-V', path: DEBUG_LOG, counted: 'debug log' },
  { name: 'ms-swift', path: /^logging\.jsonl$/ },
  { name: 'EasyR1', path: /^experiment_log\.jsonl$/ },
  { name: 'TRL', path: /^completions\/completions_\d+\.parquet$/, counted: 'completion file' },
  { name: 'verl', path: /^[^/]+\/\d+\.jsonl$/, counted: 'completion file' },
  { name: 'completions', path: /^(?:completions\.jsonl|generations\.log)$/, isJoined: true },
  { name: 'curves', path: /^(?:checkpoint-\d+\/)?trainer_state\.json$/, isJoined: true },
  { name: 'wandb', path: /(?:^|\/)run-[^/]+\.wandb$/, isJoined: true },
  { name: 'TensorBoard', path: /(?:^|\/)events\.out\.tfevents\.[^/]+$/, isJoined: true },
];

/** Whether names in a folder suggest a run. At least one file in the folder or a usual subfolder must match. */
async function isLikely(dir: string, names: readonly string[]): Promise<boolean> {
  if (['traces', 'rows.jsonl'].some((name) => names.includes(name))) return false;
  if (names.includes('trainer_state.json') || names.some((name) => name.startsWith('events.out.tfevents.')))
    return true;
  if (
    names.some((name) => /^run-[^/]+\.wandb$/.test(name)) ||
    (names.includes('experiment_config.json') && names.includes('experiment_log.jsonl'))
  )
    return true;
  if (names.some((name) => SAMPLES.test(name) || DEBUG_LOG.test(name))) return true;
  if (ATTEMPT.test(basename(dir)) || STEP_FOLDER.test(basename(dir)))
    return names.some((name) => PREDICTIONS.test(name) || DUMPED.test(name));
  if (
    (names.includes(EPISODES) && names.includes('configs')) ||
    (names.includes(RESULTS) && names.includes('metadata.json'))
  )
    return true;
  if (names.includes('metrics.jsonl') && names.some((name) => /^iteration_\d+$/.test(name))) return true;
  if (names.includes('rollouts') && names.includes('configs'))
    return (await filesIn(dir)).some(({ path }) => ROLLOUT.test(path));
  if (names.includes('monitors')) return (await filesIn(dir)).some(({ path }) => LATER.test(path));
  if (names.includes('reviews')) return (await filesIn(dir)).some(({ path }) => REVIEWS.test(path));
  if (names.includes('logging.jsonl')) return true;
  if (names.some((name) => /^checkpoint-\d+$/.test(name)) || names.includes('completions')) {
    const files = await filesIn(dir);
    const signs = SIGNS.filter(({ name }) => name === 'TRL' || name === 'curves');
    return files.some(({ path }) => signs.some((sign) => sign.path.test(path)));
  }
  for (const name of names.filter((name) => /rollout|^val/i.test(name))) {
    const inner = await readdir(join(dir, name)).catch(noEntries);
    if (inner.some((file) => /^\d+\.jsonl$/.test(file))) return true;
  }
  return false;
}

/**
 * Finds external runs in or below folders. Skips links and runs inside a run.
 * @param damaged called for each database that is completely unreadable
 */
export async function findForeign(
  folders: readonly string[],
  damaged: (why: DamagedDatabase) => void = () => undefined,
): Promise<FoundForeign[]> {
  const runs: FoundForeign[] = [];
  await searchFolders(folders, async (dir, entries) => {
    const names = entries.map(({ name }) => name);
    if (names.includes('run.yaml')) return [];
    runs.push(...(await databases(dir, names, damaged)), ...(await logs(dir, names)));
    if (!(await isLikely(dir, names))) return entries;
    runs.push(await describe(dir));
    return [];
  });
  return joinResumed(runs).sort((a, b) => b.written.localeCompare(a.written) || byNumber(a.dir, b.dir));
}

/** Maximum depth of a program's files below the run's folder. */
const DEPTH = 3;

/** Returns the outermost folder around a file that looks like a run. Null if no file name nearby suggests a run. */
export async function runOfFile(path: string): Promise<string | null> {
  let run: string | null = null;
  let dir = dirname(path);
  for (let depth = 0; depth < DEPTH; depth++, dir = dirname(dir)) {
    const names: string[] = await readdir(dir).catch(noEntries);
    const file = relative(dir, path).split(sep).join('/');
    if (SIGNS.some((sign) => sign.path.test(file)) && (await isLikely(dir, names))) run = dir;
  }
  return run;
}

/** Whether a file belongs to a run or an evaluation of Chirality or another program. */
export async function isOfRun(path: string): Promise<boolean> {
  const names: string[] = await readdir(dirname(path)).catch(noEntries);
  const isOurs = ['manifest.json', 'results.json'].every((name) => names.includes(name));
  return isOurs || (await runOfFile(path)) !== null;
}

/** Merges the folders that wandb created for a resumed run. The result is under the first folder. */
function joinResumed(found: readonly FoundForeign[]): FoundForeign[] {
  const partOf = ({ dir }: FoundForeign) => WANDB_FOLDER.exec(basename(dir));
  const runs = groupBy(found, (each) => join(dirname(each.dir), partOf(each)?.[2] ?? basename(each.dir)));
  return [...runs.values()].map((parts) => {
    const [first] = parts.toSorted((a, b) => byNumber(partOf(a)?.[1] ?? '', partOf(b)?.[1] ?? ''));
    return {
      ...first!,
      written: parts
        .map(({ written }) => written)
        .sort()
        .at(-1)!,
    };
  });
}

/** Lists the runs of trackio's databases in a folder. */
async function databases(
  dir: string,
  names: readonly string[],
  damaged: (why: DamagedDatabase) => void,
): Promise<FoundForeign[]> {
  const listed: FoundForeign[] = [];
  for (const file of names.filter((name) => DATABASE.test(name))) {
    const both = await Promise.all([fileBelow(dir, file), fileBelow(dir, `${file}-wal`)]);
    if (both[0] === null) continue; // Links can lead out of the folder.
    const written = new Date(Math.max(...both.map((each) => each?.modified ?? 0))).toISOString();
    const runs = await runsOf(join(dir, file)).catch((error: unknown) => {
      if (!(error instanceof DamagedDatabase)) throw error;
      damaged(error);
      return [];
    });
    for (const { dir: run } of runs) listed.push({ dir: run, name: runName(run), holds: 'trackio', written });
  }
  return listed;
}

/** Lists the Inspect logs in a folder. Each log is an evaluation. */
async function logs(dir: string, names: readonly string[]): Promise<FoundForeign[]> {
  const files = await Promise.all(names.filter((name) => LOG.test(name)).map((name) => fileBelow(dir, name)));
  return files.flatMap((file) =>
    file === null
      ? []
      : [
          {
            dir: join(dir, file.path),
            name: file.path,
            holds: 'Inspect · evaluation',
            written: new Date(file.modified).toISOString(),
          },
        ],
  );
}

function signsIn(dir: string, files: readonly FolderFile[]) {
  return SIGNS.flatMap((sign) => {
    if (sign.folder && !sign.folder.test(basename(dir))) return [];
    const fit = files.filter((file) => sign.path.test(file.path));
    if (fit.length === 0) return [];
    const holds =
      sign.counted === undefined ? sign.name : `${sign.name} · ${several(fit.length, sign.counted)}`;
    return [{ ...sign, holds, newest: Math.max(...fit.map(({ modified }) => modified)) }];
  });
}

/** Returns notes on files of other programs in a run's folder. @param left files that Chirality does not read */
export function passedOver(dir: string, kind: Origin['kind'], left: readonly FolderFile[]): string[] {
  const others = signsIn(dir, left).filter(
    ({ name, isJoined }) => !isJoined && !name.includes(originName({ kind, version: null })),
  );
  return others.map(({ holds }) => `Ignored: ${holds}. Chirality reads one run per folder.`);
}

async function describe(dir: string): Promise<FoundForeign> {
  const signs = signsIn(dir, await filesIn(dir));
  const programs = signs.filter(({ isJoined }) => !isJoined);
  const others = programs.slice(1);
  const holds = [
    ...signs.filter((sign) => !others.includes(sign)).map(({ holds }) => holds),
    ...others.map(({ holds }) => `ignored: ${holds}`),
  ];
  const newest = Math.max(...signs.map(({ newest }) => newest));
  const written = new Date(Number.isFinite(newest) ? newest : (await stat(dir)).mtimeMs).toISOString();
  return { dir, name: runName(dir), holds: holds.join(' · '), written };
}
