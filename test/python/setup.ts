import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { cacheDir } from '../../src/lab/files/folders.ts';
import {
  COMPLETE,
  environmentFolder,
  ownEnvironment,
  pythonOf,
  REQUIREMENTS,
  REQUIREMENTS_TINKER,
} from '../../src/lab/torch/python.ts';
import { createEnvironment } from '../../src/lab/torch/setup.ts';
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
const requireAll = process.env.CHIRALITY_REQUIRE_ALL === '1';

/** Finds or installs the Python environment and writes the tiny models, before the first test. */
export default async function setup({ provide }: TestProject): Promise<void> {
  // Imports take seconds; compiled once, they take half as many.
  delete process.env.PYTHONDONTWRITEBYTECODE;
  try {
    const folder = await environmentFolder([REQUIREMENTS, requirements], 'python');
    const own = () => installed(folder, requirements, 'CHIRALITY_PYTHON', '5.6 GB');
    const python = process.env.CHIRALITY_PYTHON ?? (await own());
    provide('torch', { python, models: tinyModels(python, KINDS) });
  } catch (error) {
    if (requireAll) throw error;
    console.warn(`Tests of the torch engine are skipped. ${(error as Error).message}`);
    provide('torch', null);
  }
  try {
    const folder = await ownEnvironment('tinker');
    const own = () => installed(folder, REQUIREMENTS_TINKER, 'CHIRALITY_TINKER_PYTHON', '0.3 GB');
    provide('tinker', { python: process.env.CHIRALITY_TINKER_PYTHON ?? (await own()) });
  } catch (error) {
    if (requireAll) throw error;
    console.warn(`Tests of the tinker engine are skipped. ${(error as Error).message}`);
    provide('tinker', null);
  }
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
  return createEnvironment({
    folder,
    requirements,
    onLine: (line) => console.log(line),
  });
}
