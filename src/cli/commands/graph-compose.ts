import { later } from '../options.ts';
import { Option, type Command } from 'commander';
import { COMPOSE_KINDS } from '../../core/scene-graph/compose.ts';
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
    .option('--json', 'print the summary as JSON')
    .addHelpText(
      'after',
      `
Examples:
  chirality graph compose worlds/data.qa.jsonl -o composed.qa.jsonl
  chirality graph compose clevr.qa.jsonl --kinds ordinal,negation --count 2 --seed 7 -o composed.qa.jsonl

Graphs need coordinates or depths (docs/scene-graph.md). Rows that share a picture and a graph yield each question only
once. The summary goes to standard error.`,
    )
    .action(later(async () => (await import('./graph-compose.action.ts')).run));
}
