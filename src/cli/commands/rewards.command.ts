import { later, withTrust } from '../command-options.ts';
import type { Command } from 'commander';

export function addRewardsCommand(program: Command): void {
  const rewards = program.command('rewards').description('Test rewards before you train on them.');
  withTrust(rewards.command('check'))
    .argument('<config>', '*.run.yaml file with recipe grpo')
    .description('Score worthless and opposite answers with the rewards of a config.')
    .option('--json', 'print the results as JSON')
    .addHelpText(
      'after',
      '\nWorthless answers are empty, list all options, repeat the question, are very long, or contain only tags. Opposite\nanswers are the reference answers of the mirror and of the opposite question. Every run does this check before its\nfirst step.\n\nExample:\n  chirality rewards check svqa.run.yaml',
    )
    .action(later(async () => (await import('./rewards.action.ts')).check));

  rewards
    .command('programs')
    .argument('<config>', '*.run.yaml file')
    .description('List the custom rewards and metrics of a config with their hashes for --trust.')
    .option('--json', 'print the list as JSON')
    .addHelpText('after', '\nExample:\n  chirality rewards programs svqa.run.yaml')
    .action(later(async () => (await import('./rewards.action.ts')).probe));
}
