import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { sha256 } from '../../src/lab/files/atomic.ts';

/** A model of every family that the engine knows. */
export const KINDS = ['qwen2_5_vl', 'qwen3_vl', 'paligemma2', 'llava'] as const;

const script = 'test/python/tiny_models.py';
const TOKENIZERS = 'src/engines/torch/worker/chirality_worker/tokenizing.py';

/** Folders of tiny models of the real classes, by `model_type`; written once and kept until what writes them changes. */
export function tinyModels(python: string, kinds: readonly string[]): string {
  const folder = resolve(
    '.cache/test',
    `models-${sha256([script, TOKENIZERS].map((file) => readFileSync(file, 'utf8')).join('')).slice(0, 12)}`,
  );
  const missing = kinds.filter((kind) => !existsSync(join(folder, kind)));
  if (missing.length > 0) {
    const workshop = `${folder}.${process.pid}`;
    execFileSync(python, [script, workshop, ...missing], { stdio: ['ignore', 'ignore', 'pipe'] });
    mkdirSync(folder, { recursive: true });
    for (const kind of missing) renameSync(join(workshop, kind), join(folder, kind));
    rmSync(workshop, { recursive: true, force: true });
  }
  return folder;
}
