import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { loadRun } from '../core/config/load.ts';
import type { RunConfig } from '../core/config/run.ts';
import { problemText } from '../core/config/source.ts';
import { readPreset } from '../lab/presets.ts';
import { withAbsolutePaths } from '../lab/runs/config-paths.ts';
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
