import { countsOf } from '../../base/numbers.ts';
import type { Size } from '../sample/boxes.ts';
import { nameKey } from '../read/names.ts';
import { compareDepths, compareWithin, PLACE_TOLERANCE, placesOf, type Centre } from './graph-geometry.ts';
import { ordersOf, reversedPredicate, type Direction } from './predicates.ts';
import type { SceneGraph, SceneObject, SceneRelation } from './scene-graph.ts';
import { problemAt, type GraphProblem } from './validate.ts';

/**
 * Checks that the edges agree with the coordinates and with each other: left and right, above and below against centres
 * (tolerance 2% of the image), front and behind against depths. No pair can be ordered both ways, no order can have a
 * cycle, and `count` must equal the number of nodes. `size` is the image size if the graph lacks it.
 */
export function checkGeometry(graph: SceneGraph, size?: Size): GraphProblem[] {
  return [...edgesAgainstPlaces(graph, size), ...orderProblems(graph), ...countProblems(graph)];
}

/** Directed statement "`low` comes before `high` along `direction`", with the index of its edge. */
interface Step {
  direction: Direction;
  low: string;
  high: string;
  edge: number;
}

function stepsOf(graph: SceneGraph): Step[] {
  return graph.relations.flatMap((relation, edge) =>
    ordersOf(relation).map(({ direction, pole }) => {
      const [low, high] =
        pole === 0 ? [relation.subject, relation.object] : [relation.object, relation.subject];
      return { direction, low, high, edge };
    }),
  );
}

function edgesAgainstPlaces(graph: SceneGraph, size?: Size): GraphProblem[] {
  const places = placesOf(graph, size);
  const objects = new Map(graph.objects.map((object) => [object.id, object]));
  return stepsOf(graph)
    .filter((step) => turned(step, places, objects))
    .map(({ direction, edge }) => againstPlaces(graph.relations[edge]!, direction, edge, objects));
}

const COORDINATE: Record<Direction, 'x' | 'y' | 'depth'> = {
  left_right: 'x',
  above_below: 'y',
  front_behind: 'depth',
};

/** Returns whether the coordinates clearly order `high` before `low`. */
function turned(
  { direction, low, high }: Step,
  places: Map<string, Centre>,
  objects: Map<string, SceneObject>,
): boolean {
  const coordinate = COORDINATE[direction];
  const valueOf = (id: string) =>
    coordinate === 'depth' ? objects.get(id)?.depth : places.get(id)?.[coordinate];
  const [a, b] = [valueOf(low), valueOf(high)];
  if (a === undefined || b === undefined) return false;
  return (coordinate === 'depth' ? compareDepths(a, b) : compareWithin(a, b, PLACE_TOLERANCE)) > 0;
}

function againstPlaces(
  relation: SceneRelation,
  direction: Direction,
  edge: number,
  objects: ReadonlyMap<string, SceneObject>,
): GraphProblem {
  const { predicate } = relation;
  const [subject, object] = [relation.subject, relation.object].map((id) => objects.get(id)?.label || id);
  const opposite = reversedPredicate(predicate);
  const [code, what] =
    direction === 'front_behind' ? ['edge-against-depth', 'depths'] : ['edge-against-centre', 'centres'];
  return problemAt(
    'error',
    code!,
    `relations[${edge}]`,
    `"${subject} ${predicate} ${object}" contradicts the ${what} of the two objects.`,
    opposite === null ? undefined : `Write "${opposite}", or correct the coordinates.`,
    opposite === null
      ? undefined
      : [{ op: 'replace', path: ['relations', edge, 'predicate'], value: opposite }],
  );
}

function* orderProblems(graph: SceneGraph): Generator<GraphProblem> {
  for (const direction of Object.keys(COORDINATE) as Direction[]) {
    const steps = stepsOf(graph).filter((step) => step.direction === direction && step.low !== step.high);
    const first = new Map<string, Step>();
    for (const step of [...steps].reverse()) first.set(JSON.stringify([step.low, step.high]), step);
    const reported = new Set<string>();
    for (const step of steps) {
      const back = first.get(JSON.stringify([step.high, step.low]));
      if (!back || back.edge >= step.edge) continue;
      const { subject, object } = graph.relations[step.edge]!;
      const samePair = graph.relations[back.edge]!.subject === subject;
      yield problemAt(
        'error',
        samePair ? 'both-poles' : 'antisymmetry',
        `relations[${step.edge}]`,
        samePair
          ? `"${subject}" is on both sides of "${object}" (see relations[${back.edge}]).`
          : `The edge contradicts the order in relations[${back.edge}].`,
        'Remove one of the two edges.',
      );
      reported.add(step.low).add(step.high);
    }
    const cycle = findCycle(steps.filter((step) => !(reported.has(step.low) && reported.has(step.high))));
    if (cycle)
      yield problemAt(
        'error',
        'cycle',
        'relations',
        `The order is circular: ${[...cycle, cycle[0]!].join(' → ')} (${direction.replace('_', '/')}).`,
        'Remove or reverse one of these edges.',
      );
  }
}

/** Finds one cycle of at least three nodes by depth-first search. Null without a cycle. */
function findCycle(steps: readonly Step[]): string[] | null {
  const next = new Map<string, string[]>();
  for (const { low, high } of steps) {
    const highs = next.get(low);
    if (highs) highs.push(high);
    else next.set(low, [high]);
  }
  const done = new Set<string>();
  for (const start of next.keys()) {
    // Use an explicit stack, because a graph from a file can contain an arbitrarily long chain.
    const path: { node: string; at: number }[] = [{ node: start, at: 0 }];
    const onPath = new Set([start]);
    while (path.length > 0) {
      const top = path.at(-1)!;
      const node = next.get(top.node)?.[top.at++];
      if (node === undefined) {
        done.add(top.node);
        onPath.delete(top.node);
        path.pop();
      } else if (onPath.has(node)) {
        return path.slice(path.findIndex((entry) => entry.node === node)).map((entry) => entry.node);
      } else if (!done.has(node)) {
        path.push({ node, at: 0 });
        onPath.add(node);
      }
    }
  }
  return null;
}

function* countProblems(graph: SceneGraph): Generator<GraphProblem> {
  const nodes = countsOf(graph.objects.map(({ label }) => nameKey(label)));
  for (const [i, { label, count }] of graph.objects.entries()) {
    const n = nodes.get(nameKey(label))!;
    // A single node can represent a group ("chairs", count 4).
    if (count !== undefined && n !== 1 && count !== n)
      yield problemAt(
        'error',
        'count-against-nodes',
        `objects[${i}].count`,
        `"${label}" has count ${count}, but the graph has ${n} nodes with this label.`,
        `Write ${n}, or correct the nodes.`,
        [{ op: 'replace', path: ['objects', i, 'count'], value: n }],
      );
  }
}

/** Returns missing edges that follow from two edges: `a` left of `b` and `b` left of `c` imply `a` left of `c`. */
export function transitivityHints(graph: SceneGraph): GraphProblem[] {
  const startKey = (direction: Direction, low: string) => JSON.stringify([direction, low]);
  const written = new Set<string>();
  const from = new Map<string, Step[]>();
  // A repeated edge, or an edge from an object to itself, has no new consequences.
  const steps = stepsOf(graph).filter((step) => {
    const key = JSON.stringify([step.direction, step.low, step.high]);
    if (written.has(key) || step.low === step.high) return false;
    written.add(key);
    const start = startKey(step.direction, step.low);
    const others = from.get(start);
    if (others) others.push(step);
    else from.set(start, [step]);
    return true;
  });
  const problems: GraphProblem[] = [];
  for (const first of steps)
    for (const second of from.get(startKey(first.direction, first.high)) ?? []) {
      const [subject, object] = [first.low, second.high];
      const key = JSON.stringify([first.direction, subject, object]);
      if (subject === object || written.has(key)) continue;
      written.add(key);
      const predicate = FORWARD[first.direction];
      problems.push(
        problemAt(
          'warning',
          'transitivity-hint',
          'relations',
          `relations[${first.edge}] and relations[${second.edge}] imply "${subject} ${predicate} ${object}".`,
          'Add the edge.',
          [
            {
              op: 'add',
              path: ['relations', graph.relations.length],
              value: { subject, predicate, object, frame: 'viewer' },
            },
          ],
        ),
      );
    }
  return problems;
}

const FORWARD: Record<Direction, string> = {
  left_right: 'left of',
  above_below: 'above',
  front_behind: 'in front of',
};

/** Checks that a stored mirrored graph is the mirror of the original graph. `expected`: output of the mirror rules. */
export const checkMirroredGraph = (stored: SceneGraph, expected: SceneGraph): GraphProblem[] =>
  (['objects', 'relations'] as const).flatMap((list) =>
    Array.from({ length: Math.max(stored[list].length, expected[list].length) }, (_, i) => {
      const [own, value] = [stored[list][i], expected[list][i]];
      if (close(own, value)) return [];
      return problemAt(
        'error',
        'not-the-mirror',
        `${list}[${i}]`,
        `${list}[${i}] is not the mirror of the original entry.`,
        'Recreate the mirrored graph with `chirality view mirror`.',
        own && value ? [{ op: 'replace', path: [list, i], value }] : undefined,
      );
    }).flat(),
  );

/** Returns whether two values are equal, ignoring the order of keys and rounding errors in numbers. */
function close(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number')
    return Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(a));
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const [x, y] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = new Set([...Object.keys(x), ...Object.keys(y)]);
  return [...keys].every((key) => close(x[key], y[key]));
}
