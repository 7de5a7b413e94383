import type { TestProject } from 'vitest/node';
import { tinyModels } from './models.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Null with a reason printed where the machine has no suitable Python; the tests are then skipped. */
    torch: { python: string; models: string } | null;
  }
}

/** Finds or installs the Python environment and writes the tiny models, before the first test. */
export default async function setup({ provide }: TestProject): Promise<void> {
  try {
    const python = process.env.CHIRALITY_PYTHON;
    if (!python) throw new Error('CHIRALITY_PYTHON names no interpreter.');
    provide('torch', { python, models: tinyModels(python, ['qwen2_5_vl']) });
  } catch (error) {
    if (process.env.CHIRALITY_REQUIRE_ALL === '1') throw error;
    console.warn(`Tests of the torch engine are skipped. ${(error as Error).message}`);
    provide('torch', null);
  }
}
