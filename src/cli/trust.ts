import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { ownMetrics, ownPrograms } from '../core/config/derived.ts';
import { describeIssues } from '../core/config/issues.ts';
import { MetricsConfig, type RunConfig } from '../core/config/run.ts';
import { parseYaml } from '../core/config/source.ts';
import type { OwnProgram } from '../core/rewards/own.ts';
import { OwnPrograms } from '../lab/own/program.ts';
import { requireTrusted, TRUSTED } from '../lab/own/trust.ts';
import { withAbsolutePaths } from '../lab/runs/config-paths.ts';
import { JobError } from './errors.ts';
import { readInput } from './input.ts';

/** Adds the option of all commands that start programs which a config brings along. */
export const withTrust = (command: Command): Command =>
  command
    .option(
      '--trust <hashes>',
      'start the programs of these hashes, which a config brings along (own-rewards.md)',
    )
    .hook('preAction', (command) => {
      const { trust } = command.opts<{ trust?: string }>();
      // The processes that this one starts have it, too.
      if (trust !== undefined) process.env[TRUSTED] = [process.env[TRUSTED], trust].filter(Boolean).join(',');
    });

/** Before anything is made or started. @throws JobError if the programs of these configs are not trusted */
export async function requireTrust(...configs: readonly RunConfig[]): Promise<void> {
  const programs = configs.flatMap((config) => Object.values(ownPrograms(config)).flat());
  const different = new Map(programs.map((program) => [JSON.stringify(program), program]));
  await requireTrusted([...different.values()]).catch((error: unknown) => {
    throw new JobError((error as Error).message);
  });
}

/** The metrics of one's own in a YAML file, which is like the section `evaluate.metrics` of configs. @throws JobError */
export function readMetrics(path: string): OwnProgram[] {
  const { tree, problems } = parseYaml(readInput(path), path);
  const read = MetricsConfig.safeParse(tree, { reportInput: true });
  const wrong = read.success ? problems : describeIssues(read.error.issues, MetricsConfig);
  if (!read.success || wrong.length > 0)
    throw new JobError(wrong.map(({ message, fix }) => [message, fix].filter(Boolean).join(' ')).join('\n'), {
      file: path,
    });
  const absolute = withAbsolutePaths({ evaluate: { metrics: read.data } }, dirname(resolve(path)));
  return ownMetrics(absolute.evaluate.metrics, path);
}

/** Starts metrics of one's own; undefined if there are none. @throws JobError if they are not trusted */
export const openMetrics = (programs: readonly OwnProgram[] = []): Promise<OwnPrograms> | undefined =>
  programs.length === 0
    ? undefined
    : OwnPrograms.open(programs).catch((error: unknown) => {
        throw new JobError((error as Error).message);
      });
