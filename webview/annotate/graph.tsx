import { useState } from 'preact/hooks';
import { removeRelation } from '../../src/core/annotation/sample-changes.ts';
import type { Sample } from '../../src/core/sample/sample.ts';
import type { SceneObject } from '../../src/core/scene-graph/scene-graph.ts';
import { oneLine } from '../../src/core/escape.ts';
import { Button } from '../ui/controls.tsx';
import { Diagram } from './diagram.tsx';
import { Field } from './field.tsx';
import { problemsOf, Warning } from './warning.tsx';
import { usePage } from './panel-state.ts';

export const objectsOf = (sample: Sample | null): SceneObject[] =>
  Array.isArray(sample?.scene_graph?.objects) ? sample.scene_graph.objects : [];

export const nameOfObject = (sample: Sample, id: string): string =>
  oneLine(objectsOf(sample).find((object) => object.id === id)?.label || id, 60);

/** The relations of the scene graph, a way to add one, and the whole graph as JSON. */
export function Graph({ sample }: { sample: Sample }) {
  const { panel, readOnly, actions } = usePage();
  const [diagram, setDiagram] = useState(false);
  const graph = sample.scene_graph;
  const objects = objectsOf(sample);
  const relations = Array.isArray(graph?.relations) ? graph.relations : [];
  const name = (id: string) => nameOfObject(sample, id);
  return (
    <section>
      <h2 class="name">
        <span>Scene graph</span> <Warning problems={problemsOf(panel.open!.row.problems, 'scene_graph')} />
      </h2>
      {objects.length === 0 && <p class="quiet">None. Give a box a label: it becomes an object.</p>}
      {relations.length > 0 && (
        <ul class="relations">
          {relations.map(({ subject, predicate, object }, i) => (
            <li key={i}>
              <span>
                {name(subject)} <em>{oneLine(predicate, 60)}</em> {name(object)}
              </span>
              <button
                type="button"
                disabled={readOnly}
                aria-label={`Remove ${name(subject)} ${oneLine(predicate, 60)} ${name(object)}`}
                onClick={() => actions.change(removeRelation(i), 'Remove relation')}
              >
                ✕
              </button>
            </li>
          ))}
        </ul>
      )}
      {objects.length > 1 && !readOnly && (
        <div class="tools">
          <Button k="l" onClick={() => actions.relate()}>
            Add relation
          </Button>
        </div>
      )}
      {graph && objects.length > 1 && (
        <details open={diagram} onToggle={({ currentTarget }) => setDiagram(currentTarget.open)}>
          <summary>As a diagram</summary>
          {diagram && (
            <Diagram
              graph={{ ...graph, objects, relations }}
              selected={panel.selected?.from === 'graph' ? (objects[panel.selected.index]?.id ?? null) : null}
              onSelect={(index) => actions.update({ selected: { from: 'graph', index } })}
            />
          )}
        </details>
      )}
      {graph && <GraphText sample={sample} />}
    </section>
  );
}

/** The graph as JSON in the file. Invalid JSON is not written; a message says where the mistake is. */
function GraphText({ sample }: { sample: Sample }) {
  const { version, actions } = usePage();
  const [wrong, setWrong] = useState<string | null>(null);
  return (
    <details onToggle={() => setWrong(null)}>
      <summary>As JSON</summary>
      <Field
        label="Scene graph"
        value={JSON.stringify(sample.scene_graph, null, 2)}
        version={wrong ? 'unfinished' : version}
        onType={(text) => {
          try {
            actions.change(
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
