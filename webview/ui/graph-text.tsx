import { several } from '../../src/base/format.ts';
import { visible } from '../../src/base/escape.ts';
import type { graphIn } from '../../src/rows/scene-graph/read-graph.ts';
import type { SceneGraph } from '../../src/rows/scene-graph/scene-graph.ts';
import { UntrustedText } from './untrusted-text.tsx';

/** Scene graph that a model wrote, as parsed and as written. */
export function WrittenGraph({
  text,
  graph,
  repairs,
}: { text: string } & Pick<ReturnType<typeof graphIn>, 'graph' | 'repairs'>) {
  return (
    <>
      {graph ? (
        <Relations graph={graph} />
      ) : (
        <p>✗ No JSON found. The second stage received the raw text (implementation choice R26).</p>
      )}
      {repairs.length > 0 && (
        <p class="quiet">
          {`JSON repaired in ${several(repairs.length, 'place')}. First repair: ${visible(repairs[0]!.message)}`}
        </p>
      )}
      <details>
        <summary>Raw text</summary>
        <UntrustedText text={text} />
      </details>
    </>
  );
}

/** Maximum number of repairs to display. */
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
