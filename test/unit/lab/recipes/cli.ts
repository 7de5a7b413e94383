import { execFile, fork, spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';

export const CLI = fileURLToPath(new URL('../../../../dist/cli.js', import.meta.url));

export interface CliResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Calls that start, watch or end processes. */
const ALONE =
  /^(?:train|resume|fork|stop|attach|sweep(?! (?:report|status))|work|demo|engine|serve-model|self-test)\b(?!.* --dry-run)/;

/** Runs the built program to its end: in a process with other calls, unless it is about processes. */
export const chirality = (cwd: string, ...args: string[]): Promise<CliResult> =>
  // What is quiet stays so to the end of its process.
  isCalled || ALONE.test(args.join(' ')) || args.includes('--quiet')
    ? callAlone(cwd, args)
    : callTogether(cwd, args);

let caller: ChildProcess | null = null;
let isCalled = false;

/** Runs the built program in a process in which other calls were made before; not two at once. */
export async function callTogether(
  cwd: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<CliResult> {
  const done = new AbortController();
  isCalled = true;
  caller ??= fork(CALLS, { stdio: 'ignore', execArgv: [] });
  caller.send({ program: CLI, cwd: resolve(cwd), args, env: { ...process.env, NODE_OPTIONS, ...env } });
  try {
    const [answer] = (await Promise.race([
      once(caller, 'message', done),
      once(caller, 'exit', done).then(() => {
        caller = null;
        throw new Error(`The process of the calls has ended in chirality ${args.join(' ')}`);
      }),
    ])) as [CliResult];
    return answer;
  } finally {
    done.abort();
    isCalled = false;
  }
}

const CALLS = fileURLToPath(new URL('../../../support/calls.mjs', import.meta.url));

const callAlone = (cwd: string, args: readonly string[]): Promise<CliResult> =>
  new Promise((resolve) => {
    const options = { cwd, env: { ...process.env, NODE_OPTIONS }, maxBuffer: 1 << 26 };
    execFile(process.execPath, [CLI, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr });
    });
  });

/** A new folder with a `tinyProject`, some of whose configs were trained. */
export async function trainedProject(name: string, ...configs: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), name));
  await tinyProject(folder);
  await trained(folder, ...configs);
  return folder;
}

/** Trains the configs of a `tinyProject`. @throws with what the program said, if it fails */
export async function trained(folder: string, ...names: string[]): Promise<void> {
  for (const name of names) {
    const done = await chirality(folder, 'train', `${name}.run.yaml`);
    if (done.code !== 0) throw new Error(done.stderr);
  }
}

/**
 * Runs of seconds are not worth V8's second compiler of WebAssembly: without it they take half of the processor's time,
 * to the same bits.
 */
const ONE_COMPILER = encodeURIComponent("import v8 from 'node:v8';v8.setFlagsFromString('--liftoff-only')");
const NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} --import=data:text/javascript,${ONE_COMPILER}`;

const KILL_AT = new URL('../../../support/kill-at.mjs', import.meta.url).href;

/**
 * Starts `work` on a run folder as the launcher does, in a process group that can be killed whole.
 * @param killAt kills the group at its call of this number, counted from 1, that changes a file
 */
export const startWork = (dir: string, killAt?: number) =>
  spawn(process.execPath, [CLI, 'work', dir], {
    detached: true,
    stdio: 'ignore',
    env:
      killAt === undefined
        ? { ...process.env, NODE_OPTIONS }
        : { ...process.env, NODE_OPTIONS: `${NODE_OPTIONS} --import=${KILL_AT}`, KILL_AT: String(killAt) },
  });

/** The smallest model that a config can describe. */
export const MODEL = {
  kind: 'embedded',
  width: 16,
  layers: 1,
  heads: 2,
  image_size: 32,
  patch_size: 16,
  threads: 1,
};

/** A tiny GRPO run from a model that has learnt sides for a minute. */
export const GRPO = {
  recipe: 'grpo',
  steps: 8,
  engine: MODEL,
  init: 'runs/sft/checkpoints/step-000030',
  data: { train: 'train/data.qa.jsonl', eval: { val: 'val/data.qa.jsonl' } },
  batch: { rows: 3 },
  sampling: { group_size: 4, max_tokens: 24 },
  rewards: { format: { weight: 0.5 }, semantic: { weight: 0.5 } },
  optimizer: { learning_rate: 1e-3 },
  evaluate: { every: 4 },
  trace: { arrays: 'all' },
};

/** A folder with a few tiny worlds, an SFT config and a Spatial-GRPO config. */
export async function tinyProject(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const worlds = ['--style', 'compact', '--size', '32', '--families', 'side'];
  for (const [name, count] of [
    ['train', '24'],
    ['val', '6'],
  ] as const) {
    const made = await chirality(folder, 'worlds', '--count', count, '-o', name, '--seed', name, ...worlds);
    if (made.code !== 0) throw new Error(made.stderr);
  }
  await writeFile(
    join(folder, 'sft.run.yaml'),
    stringify({
      recipe: 'sft',
      steps: 30,
      engine: MODEL,
      data: GRPO.data,
      target: '<think> {reasoning} </think> <answer> {answer} </answer>',
      batch: { samples: 8 },
      optimizer: { learning_rate: 1e-2 },
      evaluate: { max_tokens: 24 },
    }),
  );
  await writeFile(
    join(folder, 'grpo.run.yaml'),
    stringify({ ...GRPO, checkpoint: { every: 2, keep_last: 9 } }),
  );
}

/** SHA-256 of everything in a run folder that must not depend on when or how often it was interrupted. */
export async function fingerprint(run: string): Promise<Record<string, string>> {
  const out: Record<string, string> = {};
  // Not the whole run: its lock may come and go meanwhile.
  const folders = ['traces', 'eval', 'checkpoints'].map(async (folder) => {
    const names = await readdir(join(run, folder), { recursive: true }).catch(() => []);
    return names.map((name) => `${folder}/${name}`);
  });
  for (const name of ['metrics.jsonl', ...(await Promise.all(folders)).flat()]) {
    if (/^eval\/(?!step-\d+\/)/.test(name)) continue;
    const bytes = await readFile(join(run, name)).catch(() => null);
    if (bytes) out[name] = createHash('sha256').update(bytes).digest('hex');
  }
  return out;
}
