import { type ComposeKind, compose } from '../../core/scene-graph/compose.ts';
import { refuseReplacing, transformSamples, tellTransformed } from '../samples.ts';
import { Random } from '../../core/random.ts';
import type { Sample } from '../../core/sample/sample.ts';
import { graphOf } from '../../core/scene-graph/read.ts';

interface Flags {
  output?: string;
  count: number;
  seed: string;
  kinds: readonly ComposeKind[];
  json?: true;
}

export async function run(file: string | undefined, flags: Flags): Promise<void> {
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
    return composed.map((row, i): Sample => {
      made[row.meta.composed]! += 1;
      const meta = { ...row.meta, composed_from: sample.id };
      return { ...row, id: `${sample.id}-c${i + 1}`, images: sample.images, scene_graph: graph, meta };
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
