import type { OptionsOf } from '../command-options.ts';
import type { addComposeCommand } from './graph-compose.command.ts';
import { compose } from '../../rows/scene-graph/compose.ts';
import { refuseReplacing, transformSamples, tellTransformed } from '../write-samples.ts';
import { Random } from '../../base/random.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { graphOf } from '../../rows/scene-graph/read-graph.ts';
import { GraphConfig } from '../../core/config/grpo-config.ts';
import type { SceneGraph } from '../../rows/scene-graph/scene-graph.ts';

/** Maximum number of relations in a scene graph that is written for a model. */
const RELATIONS = 2;

export async function run(
  file: string | undefined,
  flags: OptionsOf<typeof addComposeCommand>,
): Promise<void> {
  const { count, kinds } = flags;
  await refuseReplacing(file, flags.output);
  const random = Random.from(flags.seed);
  const made: Record<string, number> = Object.fromEntries(kinds.map((kind) => [kind, 0]));
  const seen = new Set<string>();
  let without = 0;
  let stages = 0;
  const composeRow = (sample: Sample) => {
    const graph = graphOf(sample);
    if (!graph) {
      without += 1;
      return [];
    }
    if (flags.stages) {
      stages += 1;
      return stagesOf(sample, graph);
    }
    // Several rows of a dataset often share one image and its scene graph.
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
  const counts = await transformSamples(file, flags.output, composeRow, { blank: true });
  const summary = { ...counts, without_graph: without, kinds: made };
  const each = Object.entries(made).map(([kind, n]) => `${n} ${kind}`);
  const rest = without > 0 ? `; ${without} rows without a scene graph` : '';
  tellTransformed(
    summary,
    [
      flags.stages
        ? `${counts.written} turns from ${stages} of ${counts.rows} rows${rest}`
        : `${counts.written} composed from ${counts.rows} rows (${each.join(', ')})${rest}`,
    ],
    flags,
  );
}

/** Returns one row per turn of two-stage answering, as in a run with `graph` and prompt `{graph} {question}` (R48). */
function stagesOf({ id, images, question, answer, task, choices }: Sample, graph: SceneGraph): Sample[] {
  const named = graph.objects.filter(({ label }) => question.includes(label));
  const objects = named.length > 0 ? named : graph.objects;
  const labels = new Map(objects.map(({ id: object, label }) => [object, label]));
  const relations = graph.relations.flatMap(({ subject, predicate, object }) => {
    const [one, other] = [labels.get(subject), labels.get(object)];
    return one && other ? [{ subject: one, predicate, object: other }] : [];
  });
  const drawn = JSON.stringify({
    objects: objects.map(({ label, depth }) => ({
      label,
      ...(depth !== undefined && { depth: Math.round(depth) }),
    })),
    relations: relations.slice(0, RELATIONS),
  });
  const prompt = GraphConfig.parse({}).prompt.replace('{question}', () => question);
  return [
    { id: `${id}-graph`, images, question: prompt, answer: drawn, task: 'scenegraph' },
    {
      id: `${id}-answer`,
      images,
      question: `${drawn} ${question}`,
      answer,
      ...(task && { task }),
      ...(choices && { choices }),
    },
  ];
}
