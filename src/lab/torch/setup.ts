import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import {
  COMPLETE,
  REQUIREMENTS_4BIT,
  REQUIREMENTS_UV,
  buildFor,
  findPython,
  nvidiaDriver,
  outputOf,
  ownEnvironment,
  pythonOf,
  requirementsOf,
  withoutTorch,
} from './python.ts';
import { makeFolder } from '../files/folders.ts';
import { WARNINGS } from '../files/process.ts';
import { readText } from '../files/regular.ts';
import { once } from 'node:events';
import type { TorchEngine } from '../../core/config/engine-config.ts';
import {
  WORKER_FOLDER,
  pythonArguments,
  pythonEnvironment,
  type WorkerEngine,
} from '../../engines/torch/processes.ts';
import { processesOf } from './open-torch.ts';

/** Disk space of the pinned packages in GB: PyTorch for Linux includes the CUDA libraries. */
export const INSTALLED_GB = process.platform === 'linux' ? 5.3 : 1.5;
/** Without CUDA. */
export const SMALL_GB = 1.5;
/** For the tinker engine, which needs no PyTorch. */
export const TINKER_GB = 0.3;
const OLDEST = [3, 11] as const;

/**
 * Makes an engine's environment, unless it is complete.
 * @param wanted.folder the program's own place by default; `force` makes it again; `fourBit` adds what 4-bit weights need
 * @param onLine called with each action, and each line the installers print
 */
export async function setUpEngine(
  engine: WorkerEngine,
  wanted: { folder?: string | undefined; force?: boolean | undefined; fourBit?: boolean | undefined },
  onLine: (line: string) => void,
): Promise<{ python: string; created: boolean }> {
  const folder = wanted.folder ?? (await ownEnvironment(engine));
  const created = !existsSync(join(folder, COMPLETE)) || wanted.force === true;
  if (created) {
    const build = engine === 'torch' && { driver: await nvidiaDriver() };
    await createEnvironment({ folder, requirements: requirementsOf(engine), ...build, onLine });
  }
  const python = pythonOf(folder);
  if (wanted.fourBit) await addPackages({ python, requirements: REQUIREMENTS_4BIT, onLine });
  return { python, created };
}

interface Installation {
  /** Where to make the virtual environment. Anything already there is removed. */
  folder: string;
  /** A file with pinned packages and their hashes. */
  requirements: string;
  /** The NVIDIA driver; null without one. Left out, the pinned build of PyTorch serves, whatever the machine has. */
  driver?: string | null;
  /** Called with each action, and each line the installer prints. */
  onLine: (line: string) => void;
}

/**
 * Makes a virtual environment with exactly these packages. An interrupted installation lacks the mark, and is made
 * again.
 * @returns its interpreter.
 * @throws if there is no Python to start from, or a package cannot be installed, with the installer's last lines.
 */
export async function createEnvironment(installation: Installation): Promise<string> {
  const { driver, onLine } = installation;
  const folder = resolve(installation.folder);
  const requirements = resolve(installation.requirements);
  const base = await basePython();
  onLine(`Creating a virtual environment with ${base} in ${folder}`);
  await rm(folder, { recursive: true, force: true });
  await makeFolder(folder);
  await shown(base, ['-m', 'venv', folder], onLine).catch((error: Error) => {
    throw new Error(
      `${error.message}\n${base} cannot create virtual environments. On Debian and Ubuntu, run apt-get install python3-venv.`,
    );
  });
  const python = pythonOf(folder);
  const addition = { python, requirements, onLine };
  if (driver === undefined || !(await installOwnTorch(addition, driver))) await install(addition);
  await writeFile(join(folder, COMPLETE), '');
  return python;
}

/**
 * Installs the pinned version of PyTorch in the build for this machine, and all other packages by their hashes. Says
 * what it takes, how much and why, before it fetches anything large. PyTorch's own index is not among the hashes, so
 * its packages rest on HTTPS alone.
 * @returns whether that was possible; if not, the pinned build serves.
 */
async function installOwnTorch(addition: Addition, driver: string | null): Promise<boolean> {
  const { python, requirements, onLine } = addition;
  const build = buildFor(process.platform, driver);
  const why = driver === null ? 'no NVIDIA driver is installed' : `the NVIDIA driver is ${driver}`;
  const size = (gb: number) => `The environment takes about ${gb} GB.`;
  if (build === 'pinned') {
    onLine(`PyTorch from the package index: ${why}. ${size(INSTALLED_GB)}`);
    return false;
  }
  const { torch, others } = withoutTorch(await readText(requirements));
  const pip = await pipFor(python, onLine);
  const ways = [
    ...(pip.uv ? [['--torch-backend', build, ...torch]] : []),
    // A mirror, or an index of the user's own, may have it.
    ...(build === 'cpu' ? [torch.map((name) => `${name}+cpu`)] : []),
  ];
  for (const way of ways) {
    const args = [...pip.args, 'install', ...pip.target, ...way];
    if ((await outputOf(pip.program, [...args, '--dry-run'])) === null) continue;
    onLine(
      build === 'cpu'
        ? `PyTorch without CUDA: ${why}. ${size(SMALL_GB)}`
        : `PyTorch for an older CUDA: ${why}. ${size(INSTALLED_GB)}`,
    );
    await shown(pip.program, args, onLine);
    const rest = join(dirname(dirname(python)), 'requirements-others.txt');
    await writeFile(rest, others);
    await install({ python, requirements: rest, onLine }, ['--no-deps']);
    return true;
  }
  onLine(
    `PyTorch with CUDA from the package index: ${why}, but the PyTorch index does not respond. ${size(INSTALLED_GB)}`,
  );
  return false;
}

interface Addition extends Omit<Installation, 'folder' | 'driver'> {
  /** The environment's interpreter. */
  python: string;
}

/**
 * Installs exactly these packages into an environment that already has their dependencies.
 * @param into installs them into this folder instead, for the PYTHONPATH.
 */
export const addPackages = (addition: Addition, into?: string): Promise<void> =>
  install(addition, ['--no-deps', ...(into === undefined ? [] : ['--target', resolve(into)])]);

async function install(
  { python, requirements, onLine }: Addition,
  more: readonly string[] = [],
): Promise<void> {
  const pip = await pipFor(python, onLine);
  const wanted = ['install', '--require-hashes', '-r', requirements, ...more];
  await shown(pip.program, [...pip.args, ...wanted, ...pip.target], onLine);
}

/** How packages are installed: by uv, or by pip where uv is not to be had. */
interface Pip {
  uv: boolean;
  program: string;
  args: string[];
  /** Names the environment; empty where the program is its own. */
  target: string[];
}

/** uv from the PATH, otherwise from the package index; else pip. */
async function pipFor(python: string, onLine: (line: string) => void): Promise<Pip> {
  const target = ['--python', python];
  if (await outputOf('uv', ['--version'])) return { uv: true, program: 'uv', args: ['pip'], target };
  // uv takes seconds where pip takes minutes. If its hash does not match, it is not run, and pip does the work.
  const pinned = ['--require-hashes', '--no-deps', '--only-binary', ':all:', '-r', REQUIREMENTS_UV];
  return shown(python, ['-m', 'pip', 'install', '-q', ...pinned], onLine).then(
    () => ({ uv: true, program: python, args: ['-m', 'uv', 'pip'], target }),
    () => ({ uv: false, program: python, args: ['-m', 'pip'], target: [] }),
  );
}

/** The newest suitable interpreter on the PATH; `py` is what Python’s installer for Windows always puts there. */
async function basePython(): Promise<string> {
  const names = ['python3.13', 'python3.12', 'python3.11', 'python3', 'python', 'py'];
  for (const name of names) {
    const version = await outputOf(name, [
      '-c',
      'import sys; print(sys.version_info[0], sys.version_info[1])',
    ]);
    const [major = 0, minor = 0] = (version ?? '').split(' ').map(Number);
    if (major === OLDEST[0] && minor >= OLDEST[1]) return name;
  }
  throw new Error(`Cannot find Python ${OLDEST.join('.')} or later on the PATH.`);
}

/** Runs a program to its end and passes on every line. @throws with its last lines if it fails. */
function shown(program: string, args: string[], onLine: (line: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: WORKER_FOLDER,
      windowsHide: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let last = '';
    const hear = (chunk: Buffer) => {
      last += chunk.toString();
      for (const line of chunk.toString().split(/[\r\n]+/)) if (line.trim()) onLine(line);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else
        reject(
          new Error(`${program} ${args.join(' ')} failed.\n${last.trim().split('\n').slice(-12).join('\n')}`),
        );
    });
  });
}

/**
 * Computes for a run that another machine leads, until it ends.
 * @param node which machine this is: 1 is the second one.
 * @param onLine called with what the processes print.
 * @returns whether they ended well.
 */
export async function joinRun(
  engine: TorchEngine,
  node: number,
  onLine: (line: string) => void,
): Promise<boolean> {
  const child = spawn(await findPython(), pythonArguments(processesOf(engine), node), {
    cwd: WORKER_FOLDER,
    windowsHide: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: pythonEnvironment(engine.threads ?? null),
  });
  createInterface({ input: child.stderr! }).on('line', onLine);
  // A cluster warns all machines before it takes them away; the first one then ends the run, and with it these.
  const stay = () => undefined;
  for (const signal of WARNINGS) process.on(signal, stay);
  const [code] = (await once(child, 'close')) as [number | null];
  for (const signal of WARNINGS) process.off(signal, stay);
  return code === 0;
}
