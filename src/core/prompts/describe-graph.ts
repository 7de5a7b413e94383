import type { SceneGraph, SceneObject } from '../../rows/scene-graph/scene-graph.ts';
import { findJson, type JsonSource } from '../../base/find-json.ts';
import { isRecord } from '../../base/json.ts';
import type { Random } from '../../base/random.ts';
import { readGraph } from '../../rows/scene-graph/read-graph.ts';

/**
 * Describes a scene graph in plain sentences: the objects, then their relations [A-19]. Marks relations from an
 * object's own viewpoint.
 */
export function describeGraph({ objects, relations }: SceneGraph): string {
  const names = namesOf(objects);
  const nameOf = (id: string) => names.get(id) ?? id;
  const things = objects.map((object) => {
    const { count, depth, depth_unit: unit, facing } = object;
    const facts = [
      ...attributesOf(object),
      ...(count === undefined ? [] : [`${count} of them`]),
      ...(depth === undefined ? [] : [unit === 'm' ? `${depth} m away` : `relative depth ${depth}`]),
      ...(facing ? [`facing ${facing}`] : []),
    ];
    return `${nameOf(object.id)}${facts.length > 0 ? ` (${facts.join(', ')})` : ''}`;
  });
  const facts = relations.map(({ subject, predicate, object, frame, value }) => {
    const verb = /^(?:is|are|has|have)\b/i.test(predicate) ? predicate : `is ${predicate}`;
    const side = frame === 'object' ? ', as seen from there' : '';
    return `The ${nameOf(subject)} ${verb} the ${nameOf(object)}${side}${value ? ` (${value.n} ${value.unit})` : ''}.`;
  });
  return [`In the picture: ${things.join('; ')}.`, ...facts].join(' ');
}

/** Returns the name of each object: its label, such as "cup", or "cup 1", "cup 2" if several objects share it. */
function namesOf(objects: readonly SceneObject[]): Map<string, string> {
  const seen = new Map<string, number>();
  return new Map(
    objects.map(({ id, label }) => {
      const n = (seen.get(label) ?? 0) + 1;
      seen.set(label, n);
      const alone = objects.filter((other) => other.label === label).length === 1;
      return [id, alone ? label : `${label} ${n}`];
    }),
  );
}

function attributesOf({ attributes }: SceneObject): string[] {
  if (!attributes) return [];
  return Array.isArray(attributes) ? attributes : Object.values(attributes).map(String);
}

/** Replacement for the scene graph if the text of the first stage has no JSON (R26): the text, or an empty graph. */
export type MissingGraph = 'text' | 'empty';

/**
 * Returns the part of the first stage's text that the second stage gets: the JSON, at any position.
 * @returns also the source of the JSON in the text; `raw`: the text has no JSON.
 */
export function shownGraph(text: string, missing: MissingGraph): { shown: string; source: JsonSource } {
  const json = findJson(text);
  if (json) return { shown: JSON.stringify(json.value), source: json.source };
  return { shown: missing === 'text' ? text : '{}', source: 'raw' };
}

/** Returns the distinct names of a scene graph's objects, with the spelling of the graph. */
export function namesIn(graph: unknown): string[] {
  const labels = readGraph(graph).graph?.objects.map(({ label }) => label) ?? [];
  return [...new Set(labels.filter(Boolean))];
}

/**
 * Shuffles the names of a scene graph's objects so that every name moves. Structure and numbers are unchanged, but no
 * statement applies to the right object [A-44]. Returns a graph with fewer than two names unchanged.
 */
export function shuffleNames(graph: unknown, random: Random): unknown {
  const names = namesIn(graph);
  if (names.length < 2) return graph;
  // Moves each name to the next position in a random cycle, because a plain shuffle can leave names unmoved.
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
