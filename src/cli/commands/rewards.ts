import type { Command } from 'commander';
import { fixed, percentText } from '../../core/format.ts';
import { ownPrograms } from '../../core/config/derived.ts';
import { probeWarnings, type ProbeResult } from '../../core/rewards/probe.ts';
import { checkRewards } from '../../lab/models/check-rewards.ts';
import { RowSource } from '../../lab/rollouts/source.ts';
import { encoderOf, openPrograms, sourceOptions } from '../../lab/models/tools.ts';
import { trustable } from '../../lab/own/trust.ts';
import { readRunFile, requireTrust, withTrust } from '../config.ts';
import { UsageError } from '../errors.ts';
import { print, printJson, printList } from '../print.ts';

export function addRewardsCommand(program: Command): void {
  const rewards = program.command('rewards').description('Test rewards before you train on them.');
  withTrust(rewards.command('check'))
    .argument('<config>', 'a *.run.yaml file with recipe grpo')
    .description(
      'Score worthless answers (empty, all options, echo, very long, only tags) and opposite answers (the mirrored and the polarity-flipped reference) with the rewards of a config. Every run does this before its first step.',
    )
    .option('--json', 'print the results as JSON')
    .addHelpText('after', '\nExample:\n  chirality rewards check svqa.run.yaml')
    .action(async (path: string, { json }: { json?: boolean }) => {
      const config = readRunFile(path);
      if (config.recipe !== 'grpo') throw new UsageError('Only the recipe grpo has rewards.');
      const rows = await RowSource.open(sourceOptions(config));
      await requireTrust(config);
      const { own, close } = await openPrograms(config);
      const encoder = await encoderOf(config);
      const results = await checkRewards(config, rows, encoder, own).finally(close);
      await encoder?.close();
      await rows.close();
      if (json) printJson(results);
      else print([probeTable(results), '', ...probeWarnings(results, null)].join('\n').trimEnd());
    });

  rewards
    .command('programs')
    .argument('<config>', 'a *.run.yaml file')
    .description(
      'List the programs that a config uses for rewards and metrics, with the hash to trust each one by.',
    )
    .option('--json', 'print the list as JSON')
    .addHelpText('after', '\nExample:\n  chirality rewards programs svqa.run.yaml')
    .action(async (path: string, { json }: { json?: boolean }) => {
      const { rewards, metrics } = ownPrograms(readRunFile(path));
      const listed = await Promise.all([...rewards, ...metrics].map(trustable));
      if (json) printJson(listed.map(({ at, command, hash }) => ({ at, command, hash })));
      else
        printList(
          ['where', 'command', 'hash'],
          listed.map(({ at, command, hash }) => [at, command.join(' '), hash]),
        );
    });
}

export function probeTable(results: readonly ProbeResult[]): string {
  const lines = results.map(({ name, rows, mean, reference, margin, above_threshold }) =>
    [
      name.padEnd(22),
      String(rows).padStart(5),
      fixed(mean, 3).padStart(8),
      fixed(reference, 3).padStart(10),
      fixed(margin, 3).padStart(8),
      percentText(above_threshold).padStart(8),
    ].join(''),
  );
  if (!results.some(({ kind }) => kind === 'opposite'))
    lines.push(
      'no opposite answers: no reward reads the reference, or no row has a trusted mirror or polarity flip',
    );
  return [`${'answer'.padEnd(22)} rows  reward  reference  margin  above δ`, ...lines].join('\n');
}
