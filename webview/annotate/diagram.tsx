import { Graph as Layout, layout } from '@dagrejs/dagre';
import { oneLine } from '../../src/core/escape.ts';
import type { SceneGraph } from '../../src/core/scene-graph/scene-graph.ts';

const LETTER = 7;
const HEIGHT = 24;
/** Larger graphs are an unreadable tangle of lines, and take seconds to lay out. */
const MOST_OBJECTS = 60;

interface Props {
  graph: SceneGraph;
  /** Id of the object whose box is selected. */
  selected: string | null;
  onSelect: (index: number) => void;
}

/** Objects as nodes, relations as labelled arrows. All relations of a pair of objects share an arrow. */
export function Diagram({ graph: { objects, relations }, selected, onSelect }: Props) {
  if (objects.length > MOST_OBJECTS)
    return (
      <p class="quiet">
        A diagram shows up to {MOST_OBJECTS} objects; these are {objects.length}.
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
        role="img"
        aria-label={`Diagram of ${objects.length} objects; their relations are listed above`}
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
              onClick={() => onSelect(index)}
            >
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
