import { SHOWN } from '../print.ts';
import { later } from '../command-options.ts';
import { Option, type Command } from 'commander';

/** `chirality graph check`: checks the nodes, edges and coordinates of scene graphs. */
export function addGraphCheckCommand(graph: Command) {
  const command = graph
    .command('check')
    .description('Check the nodes, edges and coordinates of scene graphs, and the answers of their rows.')
    .argument(
      '[file]',
      'JSON Lines file of rows with a scene_graph, completions or graphs (default: standard input)',
    )
    .option('--hints', 'also list missing edges that follow from other edges')
    .option('--json', 'print one JSON object per problem, the summary last')
    .addHelpText(
      'after',
      `
Examples:
  chirality graph check data.qa.jsonl
  chirality graph check stage1.jsonl --json | jq -c 'select(.code == "unknown-node")'

Repaired graphs are warnings; contradictions are errors (docs/scene-graphs.md). The command prints the first ${SHOWN}
problems of each kind. --json prints all of them, with quick fixes. The exit code is 1 if there are errors.`,
    );
  command.action(later(async () => (await import('./graph.action.ts')).check));
  return command;
}

/** `chirality graph convert`: converts scene graphs of other datasets. */
export function addGraphConvertCommand(graph: Command) {
  const command = graph
    .command('convert')
    .description('Convert scene graphs of other datasets to the format in docs/scene-graphs.md.')
    .argument('[file]', 'one graph, a list or map of graphs, or one graph per line (default: standard input)')
    .addOption(
      new Option('--from <dataset>', 'dataset the graphs come from')
        .choices(['vg', 'gqa', 'clevr'])
        .makeOptionMandatory(),
    )
    .option('-o, --output <file>', 'output file, one graph per line (default: standard output)')
    .addHelpText(
      'after',
      `
Examples:
  chirality graph convert --from gqa train_sceneGraphs.json -o gqa.graphs.jsonl
  chirality graph convert --from clevr CLEVR_val_scenes.json | chirality graph check`,
    );
  command.action(later(async () => (await import('./graph.action.ts')).convert));
  return command;
}
