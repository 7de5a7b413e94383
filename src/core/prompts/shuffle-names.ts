import type { Random } from '../random.ts';
import { readGraph } from '../spatial/scene-graph/read.ts';
import { isRecord } from '../json.ts';

/** The distinct names of a graph's objects, as it writes them. */
export function namesIn(graph: unknown): string[] {
  const labels = readGraph(graph).graph?.objects.map(({ label }) => label) ?? [];
  return [...new Set(labels.filter(Boolean))];
}

/**
 * A scene graph with its objects' names dealt anew, no name staying where it was: the form and all numbers are those
 * of the graph, and nothing that it says is about the right thing [A-44]. A graph with fewer than two names stays.
 */
export function shuffleNames(graph: unknown, random: Random): unknown {
  const names = namesIn(graph);
  if (names.length < 2) return graph;
  // Each name goes to the next one of a random circle: a shuffle may leave some in place.
  const circle = random.shuffle(names);
  const dealt = new Map(circle.map((name, i) => [name, circle[(i + 1) % circle.length]!]));
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return dealt.get(value) ?? value;
    if (Array.isArray(value)) return value.map(walk);
    if (!isRecord(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [dealt.get(key) ?? key, walk(inner)]),
    );
  };
  return walk(graph);
}
