import type { SceneGraph } from '../../../src/core/spatial/scene-graph/scene-graph.ts';
import { visible } from '../../../src/core/export/visible.ts';
import { textsOf } from '../../../src/core/export/pair-facts.ts';
import { Said } from '../../ui/said.tsx';
import type { StageProps } from '../rollout.tsx';

/** The graph of a two-stage rollout; beside it, that of the data. */
export function GraphStage({ opened, chosen }: StageProps) {
  const { view, group } = opened.pair.traced.views[chosen.view]!;
  const { graph } = textsOf(group[chosen.completion]!);
  const row = opened.row?.row;
  const own = view === 'mirror' ? row?.mirror?.scene_graph : row?.sample?.scene_graph;
  return (
    <>
      {graph === null ? (
        <p class="quiet">This rollout has one stage: the model was not asked for a graph.</p>
      ) : (
        <>
          <h4>Sampled</h4>
          <Said text={graph} />
        </>
      )}
      {own && (
        <>
          <h4>Of the data</h4>
          <Relations graph={own} />
        </>
      )}
    </>
  );
}

function Relations({ graph }: { graph: SceneGraph }) {
  const objects = Array.isArray(graph.objects) ? graph.objects : [];
  const relations = Array.isArray(graph.relations) ? graph.relations : [];
  const name = (id: unknown) => visible(String(objects.find((object) => object.id === id)?.label ?? id));
  return (
    <>
      <p>
        {objects.length} objects: {objects.map(({ id }) => name(id)).join(', ')}
      </p>
      <ul class="relations">
        {relations.slice(0, 200).map(({ subject, predicate, object }) => (
          <li>
            <bdi>{name(subject)}</bdi> <em>{visible(String(predicate))}</em> <bdi>{name(object)}</bdi>
          </li>
        ))}
      </ul>
    </>
  );
}
