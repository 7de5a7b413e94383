import { later } from '../command-options.ts';
import type { Command } from 'commander';
import { ORIGINAL } from '../../rows/view-list.ts';
import { asView } from '../values.ts';

export function addStrategiesCommand(program: Command): void {
  const strategies = program
    .command('strategies')
    .description('List the prompting strategies for `eval --strategy`.')
    .option('--json', 'print a JSON list')
    .addHelpText(
      'after',
      `
Examples:
  chirality strategies
  chirality strategies show scene-graph --row val.qa.jsonl:12
  chirality strategies show four-shot > mine.strategy.yaml`,
    )
    .action(later(async () => (await import('./strategies.action.ts')).list));
  strategies
    .command('show')
    .argument('<name>', 'strategy name or file')
    .description('Print a strategy, or with --row its prompts for a row.')
    .option('--row <file:line>', 'row of a *.qa.jsonl file')
    .option('--view <name>', 'view of the row: original, mirror or polarity', asView, ORIGINAL)
    .option('--json', 'print the strategy or the messages of each stage as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  chirality strategies show four-shot > mine.strategy.yaml\n  chirality strategies show scene-graph --row val.qa.jsonl:12 --view mirror',
    )
    .action(later(async () => (await import('./strategies.action.ts')).show));
}
