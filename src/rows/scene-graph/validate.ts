import type { Problem } from '../../base/problem.ts';
import { nameKey } from '../read/names.ts';
import { looksLikeAttribution, looksLikeRelation } from './predicates.ts';
import type { SceneGraph, SceneObject, SceneRelation } from './scene-graph.ts';

/** Change of a graph. Replaces or removes the value at `path`, or inserts a value before it (`add` into a list). */
export interface GraphEdit {
  op: 'add' | 'replace' | 'remove';
  /** Path of the value from the graph's root: `['relations', 2, 'predicate']`. */
  path: (string | number)[];
  value?: unknown;
}

/** Problem in a graph, with the edits of its quick fix. `fix` describes the edits. */
export interface GraphProblem extends Problem {
  edits?: GraphEdit[];
}

export const problemAt = (
  severity: Problem['severity'],
  code: string,
  path: string,
  message: string,
  fix?: string,
  edits?: GraphEdit[],
): GraphProblem => ({ severity, code, message, path, ...(fix && { fix }), ...(edits && { edits }) });

/**
 * Checks the structure of a graph. Edges must refer to two known nodes. Nodes must not be predicates, attributes must
 * not be edges, and relations must not be nodes. Does not check coordinates.
 */
export function validateGraph(graph: SceneGraph): GraphProblem[] {
  // Use maps for finding objects, because large graphs have thousands of objects and edges.
  const names: Names = { ids: new Map(), labels: new Map() };
  for (const [i, { id, label }] of graph.objects.entries()) {
    if (!names.ids.has(id)) names.ids.set(id, i);
    if (!names.labels.has(nameKey(label))) names.labels.set(nameKey(label), i);
  }
  const ends = new Set(graph.relations.flatMap(({ subject, object }) => [subject, object]));
  return [
    ...graph.objects.flatMap((object, i) => [...objectProblems(object, i, ends)]),
    ...graph.relations.flatMap((relation, i) => [...relationProblems(relation, i, graph, names)]),
    ...duplicateEdges(graph),
    ...(graph.objects.length === 0
      ? [problemAt('warning', 'no-objects', 'objects', 'The graph has no objects.')]
      : []),
  ];
}

/** First object with each id, and first object with each name (`nameKey`), as indices of the objects. */
interface Names {
  ids: Map<string, number>;
  labels: Map<string, number>;
}

/** @param ends ids of the objects at the ends of all edges */
function* objectProblems(object: SceneObject, i: number, ends: ReadonlySet<string>): Generator<GraphProblem> {
  const path = `objects[${i}]`;
  if (looksLikeRelation(object.label)) {
    const used = ends.has(object.id);
    yield problemAt(
      'error',
      'relation-as-node',
      path,
      `"${object.label}" is a relation, but is listed as an object.`,
      used ? 'Use the label as the predicate of an edge.' : 'Remove the object.',
      used ? undefined : [{ op: 'remove', path: ['objects', i] }],
    );
  }
  const [x1, y1, x2, y2] = object.box ?? [0, 0, 1, 1];
  const corners = !object.box_format || object.box_format.startsWith('xyxy');
  if (object.box && corners && (x2 < x1 || y2 < y1)) {
    const sorted = [Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)];
    const message = 'The corners of the box are in the wrong order.';
    yield problemAt('error', 'box-corners', `${path}.box`, message, 'Sort the corners.', [
      { op: 'replace', path: ['objects', i, 'box'], value: sorted },
    ]);
  }
  yield* confidenceProblem(object.confidence, path, ['objects', i]);
}

function* confidenceProblem(
  confidence: number | undefined,
  path: string,
  keys: (string | number)[],
): Generator<GraphProblem> {
  if (confidence === undefined || (confidence >= 0 && confidence <= 1)) return;
  const percent = confidence > 1 && confidence <= 100;
  yield problemAt(
    'warning',
    'confidence-range',
    `${path}.confidence`,
    `The confidence must be from 0 to 1, not ${confidence}.`,
    percent ? `If the confidence is a percentage, use ${confidence / 100}.` : undefined,
    percent ? [{ op: 'replace', path: [...keys, 'confidence'], value: confidence / 100 }] : undefined,
  );
}

function* relationProblems(
  relation: SceneRelation,
  i: number,
  graph: SceneGraph,
  { ids, labels }: Names,
): Generator<GraphProblem> {
  const { subject, predicate, object } = relation;
  const path = `relations[${i}]`;
  const keys = ['relations', i];
  yield* confidenceProblem(relation.confidence, path, keys);
  const numberOf = (name: string) => ids.get(name) ?? labels.get(nameKey(name));
  const isNamed = (name: string) => numberOf(name) !== undefined;
  const node = numberOf(predicate);
  if (node !== undefined) {
    const stranger = !isNamed(object) ? 'object' : !isNamed(subject) ? 'subject' : null;
    yield problemAt(
      'error',
      'node-as-predicate',
      path,
      `"${predicate}" is an object, but is used as the predicate.`,
      stranger
        ? `Swap the predicate and the ${stranger}.`
        : 'Replace the predicate with the relation between the two objects.',
      stranger
        ? [
            { op: 'replace', path: [...keys, 'predicate'], value: relation[stranger] },
            { op: 'replace', path: [...keys, stranger], value: graph.objects[node]!.id },
          ]
        : undefined,
    );
    return;
  }
  const owner = ids.get(subject);
  if (owner !== undefined && !ids.has(object) && looksLikeAttribution(predicate)) {
    const value = withAttribute(graph.objects[owner]!, relation);
    yield problemAt(
      'error',
      'attribute-as-edge',
      path,
      `"${object}" is an attribute of "${subject}", but is stored as an edge.`,
      'Move the attribute from the edge to the object.',
      [
        { op: 'replace', path: ['objects', owner, 'attributes'], value },
        { op: 'remove', path: keys },
      ],
    );
    return;
  }
  for (const end of ['subject', 'object'] as const) {
    const name = relation[end];
    if (ids.has(name)) continue;
    const message = `The edge refers to "${name}", but the graph has no such object.`;
    yield problemAt('error', 'unknown-node', `${path}.${end}`, message, `Add the object "${name}".`, [
      { op: 'add', path: ['objects', graph.objects.length], value: { id: name, label: name } },
    ]);
  }
  if (subject === object) {
    const message = `The edge connects "${subject}" to itself.`;
    yield problemAt('error', 'self-loop', path, message, 'Remove the edge.', [{ op: 'remove', path: keys }]);
  }
}

/**
 * Adds an attribute: `has color` + `red` becomes `color: red` in a map and in a list; `is` + `red` becomes `red` in a
 * list.
 */
function withAttribute({ attributes }: SceneObject, { predicate, object }: SceneRelation) {
  const name = /\b(colou?r|material|shape|size|texture|state|pattern)\b/i.exec(predicate)?.[1];
  if (attributes && !Array.isArray(attributes)) return { ...attributes, [name ?? predicate]: object };
  return [...(attributes ?? []), name ? `${name}: ${object}` : object];
}

function* duplicateEdges(graph: SceneGraph): Generator<GraphProblem> {
  const seen = new Map<string, number>();
  for (const [i, { subject, predicate, object, frame, agent }] of graph.relations.entries()) {
    const key = JSON.stringify([subject, predicate.toLowerCase(), object, frame, agent]);
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, i);
      continue;
    }
    const message = `The edge repeats relations[${first}].`;
    yield problemAt('warning', 'duplicate-edge', `relations[${i}]`, message, 'Remove the edge.', [
      { op: 'remove', path: ['relations', i] },
    ]);
  }
}
