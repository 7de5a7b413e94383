import { several } from '../../src/base/format.ts';
import { visible } from '../../src/base/escape.ts';
import type { GraphReading } from '../../src/rows/scene-graph/read-graph.ts';
import type { SceneGraph } from '../../src/rows/scene-graph/scene-graph.ts';
import { UntrustedText } from './untrusted-text.tsx';

/** A graph that a model wrote, as it was understood and as it was written. */
export function WrittenGraph({
  text,
  graph,
  repairs,
}: { text: string } & Pick<GraphReading, 'graph' | 'repairs'>) {
  return (
    <>
      {graph ? (
        <Relations graph={graph} />
      ) : (
        <p>✗ There is no JSON in it: the second stage was given the text as it is (R26).</p>
      )}
      {repairs.length > 0 && (
        <p class="quiet">
          Repaired in {several(repairs.length, 'place')} to be understood, first:{' '}
          {visible(repairs[0]!.message)}
        </p>
      )}
      <details>
        <summary>As it was written</summary>
        <UntrustedText text={text} />
      </details>
    </>
  );
}

/** How many repairs to show. */
const SHOWN = 200;

export function Relations({ graph: { objects, relations } }: { graph: SceneGraph }) {
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
