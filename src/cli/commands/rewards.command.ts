import { later, withTrust } from '../command-options.ts';
import type { Command } from 'commander';

export function addRewardsCommand(program: Command): void {
  const rewards = program.command('rewards').description('Test rewards before you train on them.');
  withTrust(rewards.command('check'))
    .argument('<config>', 'a *.run.yaml file with recipe grpo')
    .description(
      'Score worthless answers (empty, all options, echo, very long, only tags) and opposite answers (the mirrored and the polarity-flipped reference) with the rewards of a config. Every run does this before its first step.',
    )
    .option('--json', 'print the results as JSON')
    .addHelpText('after', '\nExample:\n  chirality rewards check svqa.run.yaml')
    .action(later(async () => (await import('./rewards.action.ts')).check));

  rewards
    .command('programs')
    .argument('<config>', 'a *.run.yaml file')
    .description(
      'List the programs that a config uses for rewards and metrics, with the hash to trust each one by.',
    )
    .option('--json', 'print the list as JSON')
    .addHelpText('after', '\nExample:\n  chirality rewards programs svqa.run.yaml')
    .action(later(async () => (await import('./rewards.action.ts')).probe));
}
