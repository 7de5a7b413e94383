import { textsOf } from '../../../src/core/export/pair-facts.ts';
import { visible } from '../../../src/core/export/visible.ts';
import { graphOf, readGraph } from '../../../src/core/spatial/scene-graph/read.ts';
import type { SceneGraph } from '../../../src/core/spatial/scene-graph/scene-graph.ts';
import { Said } from '../../ui/said.tsx';
import type { StageProps } from '../rollout.tsx';

/** The graph of a two-stage rollout, as it was understood and as it was written; beside it, that of the data. */
export function GraphStage({ opened, chosen }: StageProps) {
  const { view, group } = opened.pair.traced.views[chosen.view]!;
  const { graph: text } = textsOf(group[chosen.completion]!);
  const row = opened.row?.row;
  const own = graphOf((view === 'mirror' ? row?.mirror : row?.sample) ?? {});
  return (
    <>
      {text === null ? (
        <p class="quiet">This rollout has one stage: the model was not asked for a graph.</p>
      ) : (
        <Sampled text={text} />
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

/** A graph is a few thousand characters; of what is longer, the beginning is read. */
const READ = 200_000;

function Sampled({ text }: { text: string }) {
  const { graph, repairs } = readGraph(text.slice(0, READ));
  return (
    <>
      <h4>Sampled</h4>
      {graph ? (
        <Relations graph={graph} />
      ) : (
        <p>✗ There is no JSON in it: the second stage was given the text as it is (R26).</p>
      )}
      {repairs.length > 0 && (
        <p class="quiet">
          Repaired in {repairs.length} {repairs.length === 1 ? 'place' : 'places'} to be understood, first:{' '}
          {visible(repairs[0]!.message)}
        </p>
      )}
      <details>
        <summary>As it was written</summary>
        <Said text={text} />
      </details>
    </>
  );
}

/** More would say nothing. */
const SHOWN = 200;

function Relations({ graph: { objects, relations } }: { graph: SceneGraph }) {
  const names = new Map(objects.map(({ id, label }) => [id, visible(label || id)]));
  const name = (id: string) => names.get(id) ?? visible(id);
  return (
    <>
      <p>
        {objects.length} objects: {[...names.values()].slice(0, SHOWN).join(', ')}
      </p>
      <ul class="relations">
        {relations.slice(0, SHOWN).map(({ subject, predicate, object }) => (
          <li>
            <bdi>{name(subject)}</bdi> <em>{visible(predicate)}</em> <bdi>{name(object)}</bdi>
          </li>
        ))}
      </ul>
    </>
  );
}
