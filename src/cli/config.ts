import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { loadMetrics, loadRun } from '../core/config/load.ts';
import { missingText, namedPaths, type Tree } from '../core/config/tree.ts';
import type { RunConfig } from '../core/config/run-config.ts';
import { parseYaml, place, problemText } from '../core/config/config-source.ts';
import { readPreset } from '../lab/library.ts';
import { commandAt, withAbsolutePaths } from '../lab/runs/config-paths.ts';
import { nearPath } from '../lab/files/folders.ts';
import { JobError } from './errors.ts';
import { tell } from './print.ts';
import { readInput } from './input.ts';
import { ownPrograms } from '../core/config/derived.ts';
import type { OwnProgram } from '../core/rewards/own.ts';
import { OwnPrograms } from '../lab/own/own-program.ts';
import { requireTrusted } from '../lab/own/trust.ts';

type ConfigProblem = ReturnType<typeof loadRun>['problems'][number];

/**
 * Reads a run config with all paths made absolute. Writes warnings to standard error.
 * @param options.onWarning also gets these warnings
 * @param options.files false if the files in the config need not exist, as on a machine that only provides devices
 * @throws JobError with every mistake, and every missing file, with its line
 */
export function readRunFile(
  path: string,
  { files = true, onWarning }: { files?: boolean; onWarning?: (problem: ConfigProblem) => void } = {},
): RunConfig {
  const text = readInput(path);
  const { config, problems } = loadRun(text, path, readPreset);
  const missing = files ? missingPaths(config, text, path) : [];
  const lines = problems.map(problemText);
  if (!config)
    throw new JobError(`the config is not valid.\n${[...lines, ...missing.map(problemText)].join('\n')}`, {
      file: path,
    });
  for (const line of lines) tell(line);
  if (onWarning) problems.forEach(onWarning);
  if (missing.length > 0)
    throw new JobError(`Cannot start the run.\n${missing.map(problemText).join('\n')}`, { file: path });
  return withAbsolutePaths(config, dirname(resolve(path)));
}

/**
 * Returns the missing files of a config, with the lines that contain their paths.
 * @param config null for a config with mistakes, whose file alone names the paths
 */
function missingPaths(config: RunConfig | null, text: string, file: string): ConfigProblem[] {
  const { source, tree } = parseYaml(text, file);
  return namedPaths((config ?? tree ?? {}) as Tree)
    .filter(({ path }) => !existsSync(resolve(dirname(file), path)))
    .map((named) =>
      place([source], {
        severity: 'error',
        code: 'missing-file',
        message: missingText(named, nearPath(dirname(file), named.path)),
        path: named.at.join('.'),
      }),
    );
}

/** Checks trust before creating or starting anything. @throws JobError if the configs contain untrusted programs */
export async function requireTrust(...configs: readonly RunConfig[]): Promise<void> {
  const programs = configs.flatMap((config) => Object.values(ownPrograms(config)).flat());
  const different = new Map(programs.map((program) => [JSON.stringify(program), program]));
  await requireTrusted([...different.values()]).catch((error: unknown) => {
    throw new JobError((error as Error).message);
  });
}

/** Reads the user's metrics from a YAML file in the format of `evaluate.metrics`. @throws JobError */
export function readMetrics(path: string): OwnProgram[] {
  const { metrics, problems } = loadMetrics(readInput(path), path);
  if (!metrics)
    throw new JobError(
      problems.map(({ message, fix }) => [message, fix].filter(Boolean).join(' ')).join('\n'),
      { file: path },
    );
  const folder = dirname(resolve(path));
  return metrics.map((program) => ({ ...program, command: commandAt(folder, program.command) }));
}

/** Starts the user's custom metrics; undefined without custom metrics. @throws JobError for untrusted programs */
export const openMetrics = (programs: readonly OwnProgram[] = []): Promise<OwnPrograms> | undefined =>
  programs.length === 0
    ? undefined
    : OwnPrograms.open(programs).catch((error: unknown) => {
        throw new JobError((error as Error).message);
      });
