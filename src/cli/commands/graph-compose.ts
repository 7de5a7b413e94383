import { Option, type Command } from 'commander';
import { Random } from '../../core/random.ts';
import type { Sample } from '../../core/sample/sample.ts';
import { compose, COMPOSE_KINDS, type ComposeKind } from '../../core/scene-graph/compose.ts';
import { graphOf } from '../../core/scene-graph/read.ts';
import { atLeastOne, listOf } from '../input.ts';
import { refuseReplacing, tellTransformed, transformSamples } from '../samples.ts';

interface Flags {
  output?: string;
  count: number;
  seed: string;
  kinds: readonly ComposeKind[];
  json?: true;
}

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
    .action(run);
}

async function run(file: string | undefined, flags: Flags): Promise<void> {
  const { count, kinds } = flags;
  await refuseReplacing(file, flags.output);
  const random = Random.from(flags.seed);
  const made: Record<string, number> = Object.fromEntries(kinds.map((kind) => [kind, 0]));
  const seen = new Set<string>();
  let without = 0;
  const composeRow = (sample: Sample) => {
    const graph = graphOf(sample);
    if (!graph) {
      without += 1;
      return [];
    }
    // Several rows of a data set often carry the graph of the same picture.
    const key = JSON.stringify([sample.images, graph.objects]);
    if (seen.has(key)) return [];
    seen.add(key);
    const composed = compose(graph, random.fork(sample.id), { count, kinds });
    return composed.map((one, i): Sample => {
      made[one.meta.composed]! += 1;
      const meta = { ...one.meta, composed_from: sample.id };
      return { ...one, id: `${sample.id}-c${i + 1}`, images: sample.images, scene_graph: graph, meta };
    });
  };
  const counts = await transformSamples(file, flags.output, 'compose', composeRow, { blank: true });
  const summary = { ...counts, without_graph: without, kinds: made };
  const each = Object.entries(made).map(([kind, n]) => `${n} ${kind}`);
  const rest = without > 0 ? `; ${without} rows have no scene graph` : '';
  tellTransformed(
    summary,
    [`${counts.written} composed from ${counts.rows} rows (${each.join(', ')})${rest}`],
    flags,
  );
}
