import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { cacheDir } from '../../src/lab/files/folders.ts';
import { COMPLETE, environmentFolder, pythonOf, REQUIREMENTS } from '../../src/lab/torch/python.ts';
import { createEnvironment } from '../../src/lab/torch/setup.ts';
import { KINDS, tinyModels } from './models.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Null with a reason printed where the machine has no suitable Python; the tests are then skipped. */
    torch: { python: string; models: string } | null;
  }
}

const requirements = 'test/python/requirements.txt';
const requireAll = process.env.CHIRALITY_REQUIRE_ALL === '1';

/** Finds or installs the Python environment and writes the tiny models, before the first test. */
export default async function setup({ provide }: TestProject): Promise<void> {
  // Imports take seconds; compiled once, they take half as many.
  delete process.env.PYTHONDONTWRITEBYTECODE;
  try {
    const python = process.env.CHIRALITY_PYTHON ?? (await environment());
    provide('torch', { python, models: tinyModels(python, KINDS) });
  } catch (error) {
    if (requireAll) throw error;
    console.warn(`Tests of the torch engine are skipped. ${(error as Error).message}`);
    provide('torch', null);
  }
}

/** Installed once per set of pinned packages. Nobody's `npm test` fetches gigabytes unasked. */
async function environment(): Promise<string> {
  const folder = await environmentFolder([REQUIREMENTS, requirements], 'python');
  if (existsSync(join(folder, COMPLETE))) return pythonOf(folder);
  if (!requireAll && process.env.CHIRALITY_PYTHON_TESTS !== '1')
    throw new Error(
      `CHIRALITY_PYTHON_TESTS=1 installs what they need into ${cacheDir()} (5.6 GB, once), ` +
        `CHIRALITY_PYTHON names an interpreter that has ${requirements}.`,
    );
  return createEnvironment({
    folder,
    requirements,
    onLine: (line) => console.log(line),
  });
}
