import { useState } from 'preact/hooks';
import { removeRelation } from './sample-changes.ts';
import type { Sample } from '../../src/rows/sample/sample.ts';
import type { SceneGraph } from '../../src/rows/scene-graph/scene-graph.ts';
import { oneLine } from '../../src/base/escape.ts';
import { Button } from '../ui/controls.tsx';
import { Field, problemsOf, Warning } from './field.tsx';
import { objectsOf } from './annotate-panel-state.ts';
import { usePage } from './annotate-model.ts';
import { Graph as Layout, layout } from '@dagrejs/dagre';

export const nameOfObject = (sample: Sample, id: string): string =>
  oneLine(objectsOf(sample).find((object) => object.id === id)?.label || id, 60);

/** Relations of the scene graph, a control that adds a relation, and the whole graph as JSON. */
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
      {objects.length === 0 && <p class="quiet">No objects. Label a box to add an object.</p>}
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
            Add Relation
          </Button>
        </div>
      )}
      {graph && objects.length > 1 && (
        <details open={diagram} onToggle={({ currentTarget }) => setDiagram(currentTarget.open)}>
          <summary>Diagram</summary>
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

/** Graph as JSON, in a text field. Invalid JSON is not saved; a message contains the mistake's position. */
function GraphText({ sample }: { sample: Sample }) {
  const { version, actions } = usePage();
  const [wrong, setWrong] = useState<string | null>(null);
  return (
    <details onToggle={() => setWrong(null)}>
      <summary>JSON</summary>
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
            setWrong(`Cannot save invalid JSON: ${(error as Error).message}`);
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

const LETTER = 7;
const HEIGHT = 24;
/** Maximum number of objects in a diagram. Larger graphs are unreadable, and take seconds to lay out. */
const MOST_OBJECTS = 60;

interface DiagramProps {
  graph: SceneGraph;
  /** Id of the object whose box is selected; null if no object's box is. */
  selected: string | null;
  onSelect: (index: number) => void;
}

/** Diagram with objects as nodes and relations as labelled arrows. All relations between two objects share an arrow. */
function Diagram({ graph: { objects, relations }, selected, onSelect }: DiagramProps) {
  if (objects.length > MOST_OBJECTS)
    return (
      <p class="quiet">
        {`Cannot draw ${objects.length} objects. The diagram supports up to ${MOST_OBJECTS} objects.`}
      </p>
    );
  const drawn = new Layout({ multigraph: false });
  drawn.setGraph({ nodesep: 24, ranksep: 36, edgesep: 12, marginx: 4, marginy: 4 });
  for (const { id, label } of objects) {
    const name = oneLine(label || id, 30);
    drawn.setNode(id, { name, width: LETTER * name.length + 18, height: HEIGHT });
  }
  const words = new Map<string, { from: string; to: string; text: string }>();
  for (const { subject: from, predicate, object: to } of relations) {
    if (!drawn.hasNode(from) || !drawn.hasNode(to)) continue;
    const key = JSON.stringify([from, to]);
    const text = [words.get(key)?.text, oneLine(String(predicate), 30)].filter(Boolean).join(', ');
    words.set(key, { from, to, text });
  }
  for (const { from, to, text } of words.values())
    drawn.setEdge(from, to, { text, width: LETTER * text.length, height: 16, labelpos: 'c' });
  layout(drawn);
  const { width = 0, height = 0 } = drawn.graph();
  return (
    <div class="diagram">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        width={width}
        role="group"
        aria-label={`Diagram of ${objects.length} objects (relations listed above)`}
      >
        <defs>
          <marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">
            <path d="M0 0L8 4L0 8z" />
          </marker>
        </defs>
        {drawn.edges().map((edge) => {
          const { points } = drawn.edge(edge) as { points: { x: number; y: number }[] };
          const path = points.map(({ x, y }) => `${x} ${y}`).join('L');
          return <path class="edge" d={`M${path}`} marker-end="url(#tip)" />;
        })}
        {drawn.edges().map((edge) => {
          const { x, y, text } = drawn.edge(edge) as { x: number; y: number; text: string };
          return (
            <text class="word" x={x} y={y + 4}>
              {text}
            </text>
          );
        })}
        {objects.map(({ id }, index) => {
          const {
            x,
            y,
            width: w,
            name,
          } = drawn.node(id) as { x: number; y: number; width: number; name: string };
          return (
            <g
              class={`node c${index % 6}${id === selected ? ' chosen' : ''}`}
              role="button"
              tabIndex={0}
              aria-pressed={id === selected}
              onClick={() => onSelect(index)}
              onKeyDown={(event) => {
                if (event.key !== 'Enter' && event.key !== ' ') return;
                event.preventDefault();
                onSelect(index);
              }}
            >
              <title>{`Select ${name} in the image`}</title>
              <rect x={x - w / 2} y={y - HEIGHT / 2} width={w} height={HEIGHT} rx="3" />
              <text x={x} y={y + 4}>
                {name}
              </text>
            </g>
          );
        })}
      </svg>
    </div>
  );
}
