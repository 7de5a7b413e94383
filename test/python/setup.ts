import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { cacheDir, makeFolder } from '../../src/lab/files/folders.ts';
import { Lock } from '../../src/lab/files/file-lock.ts';
import {
  COMPLETE,
  environmentFolder,
  ownEnvironment,
  pythonOf,
  REQUIREMENTS,
  REQUIREMENTS_TINKER,
} from '../../src/lab/torch/python.ts';
import { createEnvironment } from '../../src/lab/torch/setup.ts';
import { cannotRun, requireAll } from '../support/required.ts';
import { KINDS, tinyModels } from './models.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Null with a reason printed where the machine has no suitable Python; the tests are then skipped. */
    torch: { python: string; models: string } | null;
    /** An interpreter with the package `tinker`, and without PyTorch; null likewise. */
    tinker: { python: string } | null;
  }
}

const requirements = 'test/python/requirements.txt';
/** The first tier to come installs PyTorch, which takes minutes; the other one waits. */
const PATIENCE_MS = 3_600_000;

/** Finds or installs the Python environment and writes the tiny models, before the first test. Tiers do so one at a time. */
export default async function setup({ provide }: TestProject): Promise<void> {
  // Imports take seconds; compiled once, they take half as many.
  delete process.env.PYTHONDONTWRITEBYTECODE;
  await makeFolder(cacheDir());
  const lock = await Lock.take(join(cacheDir(), 'python-tests.lock'), {
    patience: PATIENCE_MS,
    refusal: ({ pid }) => new Error(`Process ${pid} has been setting up the tests of Python for an hour.`),
  });
  try {
    const folder = await environmentFolder([REQUIREMENTS, requirements], 'python');
    const own = () => installed(folder, requirements, 'CHIRALITY_PYTHON', '5.6 GB');
    const python = process.env.CHIRALITY_PYTHON ?? (await own());
    provide('torch', { python, models: tinyModels(python, KINDS) });
  } catch (error) {
    cannotRun('Tests of the torch engine', error);
    provide('torch', null);
  }
  try {
    const folder = await ownEnvironment('tinker');
    const own = () => installed(folder, REQUIREMENTS_TINKER, 'CHIRALITY_TINKER_PYTHON', '0.3 GB');
    provide('tinker', { python: process.env.CHIRALITY_TINKER_PYTHON ?? (await own()) });
  } catch (error) {
    cannotRun('Tests of the tinker engine', error);
    provide('tinker', null);
  }
  await lock.release();
}

/** Installed once per set of pinned packages. Nobody's `npm test` fetches gigabytes unasked. */
async function installed(
  folder: string,
  requirements: string,
  variable: string,
  size: string,
): Promise<string> {
  if (existsSync(join(folder, COMPLETE))) return pythonOf(folder);
  if (!requireAll && process.env.CHIRALITY_PYTHON_TESTS !== '1')
    throw new Error(
      `CHIRALITY_PYTHON_TESTS=1 installs what they need into ${cacheDir()} (${size}, once), ` +
        `${variable} names an interpreter that has ${requirements}.`,
    );
  return createEnvironment({ folder, requirements, onLine: (line) => console.log(line) });
}
