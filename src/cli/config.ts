import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { loadRun } from '../core/config/load.ts';
import type { RunConfig } from '../core/config/run.ts';
import { problemText } from '../core/config/source.ts';
import { readPreset } from '../lab/presets.ts';
import { JobError } from './errors.ts';

/**
 * Reads a run config with all paths made absolute. Warnings go to standard error.
 * @throws JobError naming every mistake with its line.
 */
export function readRunFile(path: string): RunConfig {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new JobError('No such file, or it cannot be read.', { file: path });
  }
  const { config, problems } = loadRun(text, path, readPreset);
  const lines = problems.map(problemText);
  if (!config) throw new JobError(`the config has mistakes.\n${lines.join('\n')}`, { file: path });
  for (const line of lines) console.error(line);
  return withAbsolutePaths(config, dirname(resolve(path)));
}

function withAbsolutePaths<T extends RunConfig>(config: T, base: string): T {
  const { data, engine, init } = config;
  return {
    ...config,
    ...(engine.kind === 'torch' && { engine: { ...engine, model: folderOrName(base, engine.model) } }),
    ...(init !== undefined && { init: resolve(base, init) }),
    data: {
      ...data,
      train: resolve(base, data.train),
      eval: Object.fromEntries(Object.entries(data.eval).map(([name, path]) => [name, resolve(base, path)])),
      root: resolve(base, data.root ?? '.'),
    },
  };
}

/** A folder beside the config, else a model's name on the hub. */
function folderOrName(base: string, model: string): string {
  const folder = resolve(base, model);
  return /^\.{0,2}\//.test(model) || existsSync(folder) ? folder : model;
}
