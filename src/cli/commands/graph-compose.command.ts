import { later } from '../command-options.ts';
import { Option, type Command } from 'commander';
import { COMPOSE_KINDS } from '../../rows/scene-graph/compose.ts';
import { atLeastOne, listOf } from '../values.ts';

/** `chirality graph compose`: writes new samples whose questions combine relations and whose answers are computed. */
export function addComposeCommand(program: Command): void {
  program
    .command('compose')
    .description('Compose questions ("second closest", "left of A but right of B") from scene graphs.')
    .argument('[file]', 'rows with a scene_graph (*.qa.jsonl) (default: standard input)')
    .option('-o, --output <file>', 'file for the new rows (default: standard output)')
    .option('--count <n>', 'maximum number of new rows per input row', atLeastOne, 4)
    .option('--seed <seed>', 'random seed; the same seed composes the same rows', '0')
    .addOption(
      new Option('--kinds <list>', `any of ${COMPOSE_KINDS.join(', ')}`)
        .argParser(listOf(COMPOSE_KINDS))
        .default(COMPOSE_KINDS, 'all'),
    )
    .option(
      '--stages',
      'instead of composed questions, write both turns of scene-graph answering for each row: question to graph, and graph and question to answer',
    )
    .option('--json', 'print the summary as JSON')
    .addHelpText(
      'after',
      `
Examples:
  chirality graph compose worlds/data.qa.jsonl -o composed.qa.jsonl
  chirality graph compose worlds/data.qa.jsonl --stages -o stages.qa.jsonl
  chirality graph compose clevr.qa.jsonl --kinds ordinal,negation --count 2 --seed 7 -o composed.qa.jsonl

Graphs need coordinates or depths (docs/scene-graph.md). Rows that share an image and a graph yield each question only
once. With --stages, the graph has the objects that the question names, and SFT on the rows teaches a model to write and
read graphs before two-stage GRPO. The summary goes to standard error.`,
    )
    .action(later(async () => (await import('./graph-compose.action.ts')).run));
}
