import { useState } from 'preact/hooks';
import { addRelation, removeRelation } from '../../src/core/annotation/puts.ts';
import type { Sample } from '../../src/core/spatial/sample.ts';
import { Field } from './field.tsx';
import type { Actions } from './view.ts';

const PREDICATES = [
  'left of',
  'right of',
  'above',
  'below',
  'in front of',
  'behind',
  'on',
  'inside',
  'next to',
];

interface Props {
  sample: Sample;
  readOnly: boolean;
  version: string;
  actions: Actions;
}

/** The relations of the scene graph, a way to add one, and the whole graph as JSON. */
export function Graph({ sample, readOnly, version, actions }: Props) {
  const graph = sample.scene_graph;
  const objects = Array.isArray(graph?.objects) ? graph.objects : [];
  const relations = Array.isArray(graph?.relations) ? graph.relations : [];
  const name = (id: string) => objects.find((object) => object.id === id)?.label || id;
  return (
    <section>
      <h2>Scene graph</h2>
      {objects.length === 0 && <p class="quiet">None. Give a box a label: it becomes an object.</p>}
      {relations.length > 0 && (
        <ul class="relations">
          {relations.map(({ subject, predicate, object }, i) => (
            <li key={i}>
              <span>
                {name(subject)} <em>{predicate}</em> {name(object)}
              </span>
              <button
                type="button"
                disabled={readOnly}
                aria-label={`Remove ${name(subject)} ${predicate} ${name(object)}`}
                onClick={() => actions.put(removeRelation(i), 'Remove relation')}
              >
                ✕
              </button>
            </li>
          ))}
        </ul>
      )}
      {objects.length > 1 && !readOnly && <NewRelation sample={sample} name={name} actions={actions} />}
      {graph && <GraphText sample={sample} readOnly={readOnly} version={version} actions={actions} />}
    </section>
  );
}

function NewRelation({
  sample,
  name,
  actions,
}: {
  sample: Sample;
  name: (id: string) => string;
  actions: Actions;
}) {
  const { objects } = sample.scene_graph!;
  return (
    <form
      class="relation"
      onSubmit={(event) => {
        event.preventDefault();
        const data = new FormData(event.currentTarget);
        const [subject, predicate, object] = ['subject', 'predicate', 'object'].map((key) =>
          String(data.get(key)).trim(),
        ) as [string, string, string];
        if (predicate !== '' && subject !== object) {
          actions.put(addRelation(sample, subject, predicate, object), 'Add relation');
        }
      }}
    >
      <select name="subject" aria-label="Subject of a new relation">
        {objects.map(({ id }) => (
          <option value={id}>{name(id)}</option>
        ))}
      </select>
      <input name="predicate" list="predicates" aria-label="Relation" placeholder="left of" />
      <datalist id="predicates">
        {PREDICATES.map((predicate) => (
          <option value={predicate} />
        ))}
      </datalist>
      <select name="object" aria-label="Object of a new relation">
        {objects.map(({ id }, i) => (
          <option value={id} selected={i === 1}>
            {name(id)}
          </option>
        ))}
      </select>
      <button type="submit">Add</button>
    </form>
  );
}

/** The graph as it stands in the file. What is no JSON is not written: the text says where it stops being it. */
function GraphText({ sample, readOnly, version, actions }: Props) {
  const [wrong, setWrong] = useState<string | null>(null);
  return (
    <details onToggle={() => setWrong(null)}>
      <summary>As JSON</summary>
      <Field
        label="Scene graph"
        value={JSON.stringify(sample.scene_graph, null, 2)}
        version={wrong ? 'unfinished' : version}
        readOnly={readOnly}
        onType={(text) => {
          try {
            actions.put(
              [{ path: ['scene_graph'], value: JSON.parse(text) as unknown }],
              'Edit scene graph',
              true,
            );
            setWrong(null);
          } catch (error) {
            setWrong(`Not written yet: ${(error as Error).message}`);
          }
        }}
      />
      {wrong && (
        <p class="wrong" role="status">
          {wrong}
        </p>
      )}
    </details>
  );
}
