import { later } from '../command-options.ts';
import { Option, type Command } from 'commander';
import { atLeastOne, listOf } from '../values.ts';

const KINDS = ['ordinal', 'conjunction', 'nested', 'negation'] as const;

/** `chirality graph compose`: writes questions that combine relations, with computed answers. */
export function addComposeCommand(program: Command) {
  const command = program
    .command('compose')
    .description('Compose questions ("second closest", "left of A but right of B") from scene graphs.')
    .argument('[file]', 'rows with a scene_graph (*.qa.jsonl) (default: standard input)')
    .option('-o, --output <file>', 'file for the new rows (default: standard output)')
    .option('--count <n>', 'maximum number of new rows per input row', atLeastOne, 4)
    .option('--seed <seed>', 'random seed; the same seed gives the same rows', '0')
    .addOption(
      new Option('--kinds <list>', `question types, comma-separated: ${KINDS.join(', ')}`)
        .argParser(listOf(KINDS))
        .default(KINDS, 'all'),
    )
    .option(
      '--stages',
      'write the two turns of scene-graph prompting instead: question to graph, then graph and question to answer',
    )
    .option('--json', 'print the summary as JSON')
    .addHelpText(
      'after',
      `
Examples:
  chirality graph compose worlds/data.qa.jsonl -o composed.qa.jsonl
  chirality graph compose worlds/data.qa.jsonl --stages -o stages.qa.jsonl
  chirality graph compose clevr.qa.jsonl --kinds ordinal,negation --count 2 --seed 7 -o composed.qa.jsonl

Graphs require coordinates or depths (docs/scene-graphs.md). Rows with the same image and graph yield each question once.
With --stages, the graph contains the objects that the question names. Train on these rows with SFT before two-stage
GRPO. The summary is written to standard error.`,
    );
  command.action(later(async () => (await import('./graph-compose.action.ts')).run));
  return command;
}
