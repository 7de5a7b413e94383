import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { loadRun } from '../core/config/load.ts';
import { missingText, namedPaths } from '../core/config/tree.ts';
import type { RunConfig } from '../core/config/run.ts';
import { parseYaml, place, problemText, type ConfigProblem } from '../core/config/source.ts';
import { readPreset } from '../lab/library.ts';
import { withAbsolutePaths } from '../lab/runs/config-paths.ts';
import { JobError } from './errors.ts';
import { tell } from './print.ts';
import { readInput } from './input.ts';

/**
 * Reads a run config with all paths made absolute. Warnings go to standard error.
 * @param options.files false if the files it names need not exist, as on a machine that only lends its devices.
 * @throws JobError naming every mistake, and every missing file, with its line.
 */
export function readRunFile(path: string, { files = true } = {}): RunConfig {
  const text = readInput(path);
  const { config, problems } = loadRun(text, path, readPreset);
  const lines = problems.map(problemText);
  if (!config) throw new JobError(`the config has mistakes.\n${lines.join('\n')}`, { file: path });
  for (const line of lines) tell(line);
  const missing = files ? missingPaths(config, text, path) : [];
  if (missing.length > 0)
    throw new JobError(`the run cannot start.\n${missing.map(problemText).join('\n')}`, { file: path });
  return withAbsolutePaths(config, dirname(resolve(path)));
}

/** Files that the config names but do not exist, at the line that names them. */
function missingPaths(config: RunConfig, text: string, file: string): ConfigProblem[] {
  const { source } = parseYaml(text, file);
  return namedPaths(config)
    .filter(({ path }) => !existsSync(resolve(dirname(file), path)))
    .map((named) =>
      place([source], {
        severity: 'error',
        code: 'missing-file',
        message: missingText(named),
        path: named.at.join('.'),
      }),
    );
}
