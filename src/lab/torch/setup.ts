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

/** Disk space of the pinned packages in GB. PyTorch for Linux includes the CUDA libraries. */
export const INSTALLED_GB = process.platform === 'linux' ? 5.3 : 1.5;
/** Disk space of the packages without CUDA, in GB. */
export const SMALL_GB = 1.5;
const OLDEST = [3, 11] as const;

/**
 * Creates an engine's environment, unless it is already complete.
 * @param wanted.folder default: the program's own folder; `force` recreates it; `fourBit` adds packages
 * @param onLine called with each action, and each line of the installers
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
  /** Folder for the virtual environment. Existing contents of the folder are removed. */
  folder: string;
  /** A file with pinned packages and their hashes. */
  requirements: string;
  /** Version of the NVIDIA driver, or null without a driver. Undefined: always the pinned build of PyTorch. */
  driver?: string | null;
  /** Called with each action, and with each output line of the installer. */
  onLine: (line: string) => void;
}

/**
 * Creates a virtual environment with exactly these packages. An interrupted installation lacks the mark file, and is
 * repeated.
 * @returns the environment's interpreter.
 * @throws if no base Python exists, or a package cannot be installed, with the installer's last lines
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
 * Installs the pinned version of PyTorch in the build for this machine, and all other packages by hash. Reports build,
 * size and reason before a large download. The hashes do not cover PyTorch's own index, which only HTTPS protects.
 * @returns whether the installation was possible. If not, the pinned build is used.
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
    // A mirror, or the user's own index, can contain this build.
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
  /** Path of the Python interpreter in the environment. */
  python: string;
}

/**
 * Installs exactly these packages into an environment that already has their dependencies.
 * @param into folder for the packages in place of the environment, for PYTHONPATH
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

/** Installer of packages: uv, or pip if uv is not available. */
interface Pip {
  uv: boolean;
  program: string;
  args: string[];
  /** Arguments that select the environment. Empty if the installer belongs to the environment. */
  target: string[];
}

/** Returns uv from the PATH or from the package index. Without uv, returns pip. */
async function pipFor(python: string, onLine: (line: string) => void): Promise<Pip> {
  const target = ['--python', python];
  if (await outputOf('uv', ['--version'])) return { uv: true, program: 'uv', args: ['pip'], target };
  // uv takes seconds where pip takes minutes. If uv's hash does not match, pip is used and uv is not run.
  const pinned = ['--require-hashes', '--no-deps', '--only-binary', ':all:', '-r', REQUIREMENTS_UV];
  return shown(python, ['-m', 'pip', 'install', '-q', ...pinned], onLine).then(
    () => ({ uv: true, program: python, args: ['-m', 'uv', 'pip'], target }),
    () => ({ uv: false, program: python, args: ['-m', 'pip'], target: [] }),
  );
}

/** Returns the newest suitable interpreter on the PATH. `py` is Python's own launcher for Windows. */
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

/** Runs a program and passes on each output line. @throws an error with the last lines if the program fails */
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
 * Runs the processes of this machine for a run that another machine leads, until the run ends.
 * @param node number of this machine: 1 is the second machine
 * @param onLine called with the output of the processes
 * @returns whether the processes succeeded
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
  // Ignores warnings: a cluster warns all machines before it ends them, and the first machine ends the run on all.
  const stay = () => undefined;
  for (const signal of WARNINGS) process.on(signal, stay);
  const [code] = (await once(child, 'close')) as [number | null];
  for (const signal of WARNINGS) process.off(signal, stay);
  return code === 0;
}
