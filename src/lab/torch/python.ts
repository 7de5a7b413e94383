import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { WORKER_FOLDER, type WorkerEngine } from '../../engines/torch/processes.ts';
import { sha256 } from '../files/atomic.ts';
import { cacheDir } from '../files/folders.ts';
import { readBytes } from '../files/regular.ts';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export { WORKER_FOLDER };

/** File of pinned packages for the torch engine, with hashes. */
export const REQUIREMENTS = join(WORKER_FOLDER, 'requirements.txt');

/** File of pinned packages for a Tinker server, without PyTorch. */
export const REQUIREMENTS_TINKER = join(WORKER_FOLDER, 'requirements-tinker.txt');

/** File of additional pinned packages for 4-bit weights. */
export const REQUIREMENTS_4BIT = join(WORKER_FOLDER, 'requirements-4bit.txt');

/** File of the pinned installer (uv), for machines without uv. */
export const REQUIREMENTS_UV = join(WORKER_FOLDER, 'requirements-uv.txt');

export const requirementsOf = (engine: WorkerEngine): string =>
  engine === 'torch' ? REQUIREMENTS : REQUIREMENTS_TINKER;

/** Returns the folder of the environment that `engine setup` creates. The folder depends on the pinned packages. */
export const ownEnvironment = (engine: WorkerEngine): Promise<string> =>
  environmentFolder([requirementsOf(engine)], engine);

export async function environmentFolder(requirements: readonly string[], name: string): Promise<string> {
  const pinned = Buffer.concat(await Promise.all(requirements.map(readBytes)));
  return join(cacheDir(), `${name}-${sha256(pinned).slice(0, 12)}`);
}

/** Returns the path of the interpreter in a virtual environment. */
export const pythonOf = (folder: string): string =>
  join(folder, ...(process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']));

/** Name of a mark file that is written last, so that an interrupted installation has none. */
export const COMPLETE = 'chirality-complete';

export interface Candidate {
  python: string;
  /** Reason why this interpreter is a candidate, for users. */
  from: string;
}

/**
 * Returns interpreters in order of preference. For the tinker engine, its own environment precedes CHIRALITY_PYTHON,
 * which usually contains PyTorch.
 */
export async function candidates(engine: WorkerEngine = 'torch'): Promise<Candidate[]> {
  const { CHIRALITY_PYTHON, VIRTUAL_ENV, CONDA_PREFIX } = process.env;
  const folder = await ownEnvironment(engine);
  const ours = existsSync(join(folder, COMPLETE))
    ? [{ python: pythonOf(folder), from: `\`chirality engine setup ${engine}\`` }]
    : [];
  const named = CHIRALITY_PYTHON ? [{ python: absolute(CHIRALITY_PYTHON), from: 'CHIRALITY_PYTHON' }] : [];
  return [
    ...(engine === 'torch' ? [...named, ...ours] : [...ours, ...named]),
    ...(VIRTUAL_ENV
      ? [{ python: pythonOf(resolve(VIRTUAL_ENV)), from: 'the active virtual environment' }]
      : []),
    ...(CONDA_PREFIX
      ? [{ python: condaPython(resolve(CONDA_PREFIX)), from: 'the active conda environment' }]
      : []),
  ];
}

/** Returns the interpreter that runs an engine. @throws an error with the install command if no interpreter exists */
export async function findPython(engine: WorkerEngine = 'torch'): Promise<string> {
  const [first] = await candidates(engine);
  if (first) return first.python;
  throw new Error(
    `The ${engine} engine requires a Python environment. Create one with \`chirality engine setup ${engine}\`, or set CHIRALITY_PYTHON.`,
  );
}

/** Makes the path of an interpreter absolute. A name without a folder is searched on the PATH. */
const absolute = (python: string): string => (basename(python) === python ? python : resolve(python));

const condaPython = (prefix: string): string =>
  process.platform === 'win32' ? join(prefix, 'python.exe') : pythonOf(prefix);

const run = promisify(execFile);

/** Returns the output of a program, or null if the program fails. */
export const outputOf = (program: string, args: string[]): Promise<string | null> =>
  run(program, args, { cwd: WORKER_FOLDER, windowsHide: true }).then(
    ({ stdout }) => stdout.trim(),
    () => null,
  );

/** Minimum NVIDIA driver on Linux for the CUDA version (13) of the pinned PyTorch. */
export const LEAST_DRIVER = 580;

/** Returns the driver's version, such as `580.65.06`. Null without an NVIDIA GPU or its driver. */
export async function nvidiaDriver(): Promise<string | null> {
  const version = await outputOf('nvidia-smi', ['--query-gpu=driver_version', '--format=csv,noheader']);
  return version?.split('\n')[0]?.trim() || null;
}

/** A build of PyTorch: from the package index, without CUDA, or as uv selects it for the driver. */
type Build = 'pinned' | 'cpu' | 'auto';

/**
 * Returns the right build for a machine. The package index has CUDA 13 for Linux, which takes gigabytes and is useless
 * without a GPU, and a build without CUDA for Windows.
 */
export function buildFor(platform: NodeJS.Platform, driver: string | null): Build {
  if (platform === 'linux') {
    if (driver === null) return 'cpu';
    return parseInt(driver) >= LEAST_DRIVER ? 'pinned' : 'auto';
  }
  return platform === 'win32' && driver !== null ? 'auto' : 'pinned';
}

/** Matches packages that belong to PyTorch's build for one platform. */
const OF_TORCH = /^(?:torch|torchvision|triton|nvidia-[\w-]+|cuda-[\w-]+)==/;

/** Splits pinned packages into packages of PyTorch (`name==version`) and lines of all other packages, with hashes. */
export function withoutTorch(requirements: string): { torch: string[]; others: string } {
  const blocks = requirements.split(/\n(?=\S)/);
  return {
    torch: blocks.flatMap((block) => /^torch(?:vision)?==[^\s;\\]+/.exec(block) ?? []),
    others: `${blocks.filter((block) => !OF_TORCH.test(block)).join('\n')}\n`,
  };
}
