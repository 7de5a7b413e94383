import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { WORKER_FOLDER } from '../../src/engines/torch/processes.ts';
import { sha256 } from '../../src/lab/files/atomic.ts';

/** A model of every family that the engine knows. */
export const KINDS = ['qwen2_5_vl', 'qwen3_vl', 'paligemma2', 'llava'] as const;

const WRITERS = ['random_models.py', 'tokenizing.py'];

/** Folders of tiny models of the real classes, by `model_type`; written once and kept until what writes them changes. */
export function tinyModels(python: string, kinds: readonly string[]): string {
  const folder = resolve(
    '.cache/test',
    `models-${sha256(WRITERS.map((file) => readFileSync(join(WORKER_FOLDER, 'chirality_worker', file), 'utf8')).join('')).slice(0, 12)}`,
  );
  const missing = kinds.filter((kind) => !existsSync(join(folder, kind)));
  if (missing.length > 0) {
    const workshop = `${folder}.${process.pid}`;
    execFileSync(python, ['-m', 'chirality_worker.random_models', workshop, ...missing], {
      cwd: WORKER_FOLDER,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    mkdirSync(folder, { recursive: true });
    for (const kind of missing) renameSync(join(workshop, kind), join(folder, kind));
    rmSync(workshop, { recursive: true, force: true });
  }
  return folder;
}
