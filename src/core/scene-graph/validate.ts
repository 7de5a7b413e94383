import type { Problem } from '../problem.ts';
import { nameKey } from '../read/names.ts';
import { looksLikeAttribution, looksLikeRelation } from './predicates.ts';
import type { SceneGraph, SceneObject, SceneRelation } from './scene-graph.ts';

/** A change of a graph: the value at `path` is replaced, inserted before (`add` into a list) or removed. */
export interface GraphEdit {
  op: 'add' | 'replace' | 'remove';
  /** Path from the graph's root: `['relations', 2, 'predicate']`. */
  path: (string | number)[];
  value?: unknown;
}

/** A problem of a graph, with the edits that a quick fix applies; `fix` describes them in words. */
export interface GraphProblem extends Problem {
  edits?: GraphEdit[];
}

/**
 * Checks the structure: an edge names two known nodes, a node is not used as a predicate, an attribute is not written
 * as an edge, a relation is not listed as a node. Coordinates are not checked.
 */
export function validateGraph(graph: SceneGraph): GraphProblem[] {
  // Graphs of whole catalogues have thousands of objects and edges, so nothing looks through all of them for each.
  const names: Names = { ids: new Map(), labels: new Map() };
  for (const [i, { id, label }] of graph.objects.entries()) {
    if (!names.ids.has(id)) names.ids.set(id, i);
    if (!names.labels.has(nameKey(label))) names.labels.set(nameKey(label), i);
  }
  const ends = new Set(graph.relations.flatMap(({ subject, object }) => [subject, object]));
  const problems = [
    ...graph.objects.flatMap((object, i) => objectProblems(object, i, ends)),
    ...graph.relations.flatMap((relation, i) => relationProblems(relation, i, graph, names)),
    ...duplicateEdges(graph),
  ];
  if (graph.objects.length === 0) {
    problems.push({
      severity: 'warning',
      code: 'no-objects',
      message: 'The graph has no objects.',
      path: 'objects',
    });
  }
  return problems;
}

/** The first object of each id, and of each name (`nameKey`), by its number. */
interface Names {
  ids: Map<string, number>;
  labels: Map<string, number>;
}

/** @param ends of all edges */
function objectProblems(object: SceneObject, i: number, ends: ReadonlySet<string>): GraphProblem[] {
  const path = `objects[${i}]`;
  const problems: GraphProblem[] = [];
  if (looksLikeRelation(object.label)) {
    const used = ends.has(object.id);
    problems.push({
      severity: 'error',
      code: 'relation-as-node',
      message: `"${object.label}" is a relation, but it is listed as an object.`,
      path,
      fix: used ? 'Write it as the predicate of an edge.' : 'Remove it.',
      ...(!used && { edits: [{ op: 'remove', path: ['objects', i] }] }),
    });
  }
  const [x1, y1, x2, y2] = object.box ?? [0, 0, 1, 1];
  const corners = !object.box_format || object.box_format.startsWith('xyxy');
  if (object.box && corners && (x2 < x1 || y2 < y1)) {
    problems.push({
      severity: 'error',
      code: 'box-corners',
      message: 'The corners of the box are in the wrong order.',
      path: `${path}.box`,
      fix: 'Sort the corners.',
      edits: [
        {
          op: 'replace',
          path: ['objects', i, 'box'],
          value: [Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)],
        },
      ],
    });
  }
  return [...problems, ...confidenceProblem(object.confidence, path, ['objects', i])];
}

function confidenceProblem(
  confidence: number | undefined,
  path: string,
  at: (string | number)[],
): GraphProblem[] {
  if (confidence === undefined || (confidence >= 0 && confidence <= 1)) return [];
  const percent = confidence > 1 && confidence <= 100;
  return [
    {
      severity: 'warning',
      code: 'confidence-range',
      message: `A confidence lies between 0 and 1, not at ${confidence}.`,
      path: `${path}.confidence`,
      ...(percent && {
        fix: `Read it as per cent: ${confidence / 100}.`,
        edits: [{ op: 'replace', path: [...at, 'confidence'], value: confidence / 100 }],
      }),
    },
  ];
}

function relationProblems(
  relation: SceneRelation,
  i: number,
  graph: SceneGraph,
  { ids, labels }: Names,
): GraphProblem[] {
  const { subject, predicate, object } = relation;
  const path = `relations[${i}]`;
  const at = ['relations', i];
  const problems = confidenceProblem(relation.confidence, path, at);
  const error = (code: string, message: string, fix: string, edits?: GraphEdit[]) =>
    problems.push({ severity: 'error', code, message, path, fix, ...(edits && { edits }) });

  const numberOf = (name: string) => ids.get(name) ?? labels.get(nameKey(name));
  const isNamed = (name: string) => numberOf(name) !== undefined;
  const node = numberOf(predicate);
  if (node !== undefined) {
    const stranger = !isNamed(object) ? 'object' : !isNamed(subject) ? 'subject' : null;
    error(
      'node-as-predicate',
      `"${predicate}" is an object, but it is used as the predicate.`,
      stranger ? `Swap the predicate and the ${stranger}.` : 'Name the relation between the two objects.',
      stranger
        ? [
            { op: 'replace', path: [...at, 'predicate'], value: relation[stranger] },
            { op: 'replace', path: [...at, stranger], value: graph.objects[node]!.id },
          ]
        : undefined,
    );
    return problems;
  }
  const owner = ids.get(subject);
  if (owner !== undefined && !ids.has(object) && looksLikeAttribution(predicate)) {
    error(
      'attribute-as-edge',
      `"${object}" is an attribute of "${subject}", but it is placed as an edge.`,
      'Move it into the attributes of the object.',
      [
        {
          op: 'replace',
          path: ['objects', owner, 'attributes'],
          value: withAttribute(graph.objects[owner]!, relation),
        },
        { op: 'remove', path: at },
      ],
    );
    return problems;
  }
  for (const end of ['subject', 'object'] as const) {
    const name = relation[end];
    if (ids.has(name)) continue;
    problems.push({
      severity: 'error',
      code: 'unknown-node',
      message: `The edge names "${name}", which is no object of the graph.`,
      path: `${path}.${end}`,
      fix: `Add the object "${name}".`,
      edits: [{ op: 'add', path: ['objects', graph.objects.length], value: { id: name, label: name } }],
    });
  }
  if (subject === object) {
    error('self-loop', `The edge joins "${subject}" with itself.`, 'Remove the edge.', [
      { op: 'remove', path: at },
    ]);
  }
  return problems;
}

/**
 * Adds an attribute: `has color` + `red` becomes `color: red` in a map and in a list, `is` + `red` becomes `red` in a
 * list.
 */
function withAttribute({ attributes }: SceneObject, { predicate, object }: SceneRelation) {
  const name = /\b(colou?r|material|shape|size|texture|state|pattern)\b/i.exec(predicate)?.[1];
  if (attributes && !Array.isArray(attributes)) return { ...attributes, [name ?? predicate]: object };
  return [...(attributes ?? []), name ? `${name}: ${object}` : object];
}

function duplicateEdges(graph: SceneGraph): GraphProblem[] {
  const seen = new Map<string, number>();
  return graph.relations.flatMap((relation, i) => {
    const { subject, predicate, object, frame, agent } = relation;
    const key = JSON.stringify([subject, predicate.toLowerCase(), object, frame, agent]);
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, i);
      return [];
    }
    return [
      {
        severity: 'warning' as const,
        code: 'duplicate-edge',
        message: `The edge repeats relations[${first}].`,
        path: `relations[${i}]`,
        fix: 'Remove it.',
        edits: [{ op: 'remove' as const, path: ['relations', i] }],
      },
    ];
  });
}
