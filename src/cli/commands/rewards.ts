import type { Command } from 'commander';
import { probeWarnings, type ProbeResult } from '../../core/rewards/probe.ts';
import { checkRewards } from '../../lab/models/check-rewards.ts';
import { RowSource } from '../../lab/rollouts/source.ts';
import { encoderOf, sourceOptions } from '../../lab/models/tools.ts';
import { readRunFile } from '../config.ts';
import { UsageError } from '../errors.ts';
import { fixed, wholePercent } from '../../core/labels.ts';
import { print, printJson } from '../print.ts';

export function addRewardsCommand(program: Command): void {
  program
    .command('rewards')
    .description('Test rewards before you train on them.')
    .command('check')
    .argument('<config>', 'a *.run.yaml file with recipe grpo')
    .description(
      'Score worthless answers (empty, all options, echo, very long, tags only) and opposite answers (the mirrored and the polarity-flipped reference) with the rewards of a config. Every run does this before its first step.',
    )
    .option('--json', 'print the results as JSON')
    .addHelpText('after', '\nExample:\n  chirality rewards check svqa.run.yaml')
    .action(async (path: string, { json }: { json?: boolean }) => {
      const config = readRunFile(path);
      if (config.recipe !== 'grpo') throw new UsageError('Only the recipe grpo has rewards.');
      const rows = await RowSource.open(sourceOptions(config));
      const encoder = await encoderOf(config);
      const results = await checkRewards(config, rows, encoder);
      await encoder?.close();
      await rows.close();
      if (json) printJson(results);
      else print([probeTable(results), '', ...probeWarnings(results, null)].join('\n').trimEnd());
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
      wholePercent(above_threshold).padStart(8),
    ].join(''),
  );
  if (!results.some(({ kind }) => kind === 'opposite'))
    lines.push(
      'no opposite answers: no reward reads the reference, or no row has a trusted mirror or polarity flip',
    );
  return [`${'answer'.padEnd(22)} rows  reward  reference  margin  above δ`, ...lines].join('\n');
}
