import type { Command } from 'commander';
import { probeWarnings, type ProbeResult } from '../../core/rewards/probe.ts';
import { openEncoder } from '../../lab/encoders/encoder.ts';
import { checkRewards } from '../../lab/recipes/check-rewards.ts';
import { RowSource } from '../../lab/recipes/source.ts';
import { sourceOptions } from '../../lab/recipes/train.ts';
import { readRunFile } from '../config.ts';
import { UsageError } from '../errors.ts';

export function addRewardsCommand(program: Command): void {
  program
    .command('rewards')
    .description('Look at rewards before they are trained on.')
    .command('check')
    .argument('<config>', 'a *.run.yaml file with the recipe grpo')
    .description(
      'Score worthless answers (empty, all options, echo, very long, tags only) and opposite ones (the mirrored and the polarity-flipped reference) with the rewards of a config. A run does this by itself before its first step.',
    )
    .option('--json', 'print the results as JSON')
    .addHelpText('after', '\nExample:\n  chirality rewards check svqa.run.yaml')
    .action(async (path: string, { json }: { json?: boolean }) => {
      const config = readRunFile(path);
      if (config.recipe !== 'grpo') throw new UsageError('Only the recipe grpo has rewards.');
      const rows = await RowSource.open(sourceOptions(config));
      const encoder =
        config.rewards.semantic.weight === 0 ? null : await openEncoder(config.rewards.semantic);
      const results = await checkRewards(config, rows, encoder);
      await encoder?.close();
      await rows.close();
      if (json) console.log(JSON.stringify(results));
      else console.log([table(results), '', ...probeWarnings(results, null)].join('\n').trimEnd());
    });
}

function table(results: readonly ProbeResult[]): string {
  const lines = results.map(({ name, rows, mean, reference, margin, above_threshold }) =>
    [
      name.padEnd(22),
      String(rows).padStart(5),
      mean.toFixed(3).padStart(8),
      reference.toFixed(3).padStart(10),
      margin.toFixed(3).padStart(8),
      `${Math.round(100 * above_threshold)} %`.padStart(8),
    ].join(''),
  );
  return [`${'answer'.padEnd(22)} rows  reward  reference  margin  above δ`, ...lines].join('\n');
}
