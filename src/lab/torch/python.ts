import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { WORKER_FOLDER } from '../../engines/torch/processes.ts';
import { sha256 } from '../files/atomic.ts';
import { cacheDir } from '../files/folders.ts';
import { readBytes } from '../files/regular.ts';

export { WORKER_FOLDER };

/** The pinned packages, with hashes. */
export const REQUIREMENTS = join(WORKER_FOLDER, 'requirements.txt');

/** The additional packages for weights in 4 bits. */
export const REQUIREMENTS_4BIT = join(WORKER_FOLDER, 'requirements-4bit.txt');

/** The installer (uv), for machines that do not have it. */
export const REQUIREMENTS_UV = join(WORKER_FOLDER, 'requirements-uv.txt');

/** The folder for the environment of `engine setup torch`; another set of pinned packages gets another folder. */
export async function environmentFolder(requirements = REQUIREMENTS, name = 'torch'): Promise<string> {
  return join(cacheDir(), `${name}-${sha256(await readBytes(requirements)).slice(0, 12)}`);
}

/** The interpreter of a virtual environment. */
export const pythonOf = (folder: string): string =>
  join(folder, ...(process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']));

/** Written last, so an interrupted installation lacks it. */
export const COMPLETE = 'chirality-complete';

export interface Candidate {
  python: string;
  /** Why this interpreter was chosen, for people. */
  from: string;
}

/** Interpreters in order of preference; the first is used. */
export async function candidates(): Promise<Candidate[]> {
  const { CHIRALITY_PYTHON, VIRTUAL_ENV, CONDA_PREFIX } = process.env;
  const own = await environmentFolder();
  return [
    ...(CHIRALITY_PYTHON ? [{ python: named(CHIRALITY_PYTHON), from: 'CHIRALITY_PYTHON' }] : []),
    ...(existsSync(join(own, COMPLETE))
      ? [{ python: pythonOf(own), from: '`chirality engine setup torch`' }]
      : []),
    ...(VIRTUAL_ENV
      ? [{ python: pythonOf(resolve(VIRTUAL_ENV)), from: 'the active virtual environment' }]
      : []),
    ...(CONDA_PREFIX
      ? [{ python: condaPython(resolve(CONDA_PREFIX)), from: 'the active conda environment' }]
      : []),
  ];
}

/** The interpreter that runs the torch engine. @throws if there is none, with the command that installs one. */
export async function findPython(): Promise<string> {
  const [first] = await candidates();
  if (first) return first.python;
  throw new Error(
    'The torch engine needs a Python environment: `chirality engine setup torch` makes one, CHIRALITY_PYTHON names one.',
  );
}

/** A name is looked for on the PATH; a path begins where the person is. */
const named = (python: string): string => (basename(python) === python ? python : resolve(python));

const condaPython = (prefix: string): string =>
  process.platform === 'win32' ? join(prefix, 'python.exe') : pythonOf(prefix);
