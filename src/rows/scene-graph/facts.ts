import type { Meta } from '../sample/sample.ts';
import { metres } from '../../base/lengths.ts';
import { nameKey, singular, withoutArticle } from '../read/names.ts';
import type { Axis } from '../read/polar-phrases.ts';
import { compareDepths, compareWithin, PLACE_TOLERANCE, placesOf } from './graph-geometry.ts';
import { ordersOf, type Direction } from './predicates.ts';
import type { SceneGraph, SceneObject } from './scene-graph.ts';

/** Facts about an image from other sources than the question: coordinates, edges, measured depths, ordered lists. */
export interface Facts {
  /**
   * Returns the sign of the difference of two named objects along an axis: −1 if `a` is closer to the axis's pole 0
   * (near, left, above, in front, small, few). `anchor`: object from which nearness is measured. Returns 0 only for an
   * exact tie, and undefined if the difference is unknown or within the tolerance, or if two sources disagree.
   */
  compare(axis: Axis, a: string, b: string, anchor: string): -1 | 0 | 1 | undefined;
  /** Returns every name that at least one source orders along the axis. */
  names(axis: Axis, anchor: string): string[];
}

/** Source of an order. It compares two names, and returns a sign or undefined. */
interface Scale {
  names: string[];
  compare: (a: string, b: string) => -1 | 0 | 1 | undefined;
}

type Compare = (x: number, y: number) => -1 | 0 | 1 | undefined;

/** Returns a source that orders objects by a number that some objects have. */
const scaleOf = (
  names: string[],
  valueOf: (name: string) => number | undefined,
  compare: Compare,
): Scale => ({
  names,
  compare: (a, b) => {
    const [x, y] = [valueOf(a), valueOf(b)];
    return x === undefined || y === undefined ? undefined : compare(x, y);
  },
});
const exactly: Compare = (x, y) => compareWithin(x, y, 0);

/** Returns a comparison that is undefined within the tolerance, unless both values are equal. */
const decisive =
  (compare: Compare): Compare =>
  (x, y) =>
    x === y ? 0 : compare(x, y) || undefined;

/** Whether an anchor is the camera, which has many names. A missing anchor of a distance also means the camera. */
export function isCamera(anchor: string): boolean {
  return /^$|\b(?:camera|viewer|observer|photographer|viewpoint|lens|me|us|you|foreground)\b/i.test(anchor);
}

/** Returns the facts from a scene graph and from a row's `meta`. */
export function factsOf(graph: SceneGraph | undefined, meta: Meta | undefined): Facts {
  const built = new Map<string, Scale[]>();
  const objects = new Map<string, SceneObject | null>();
  const named = (name: string) => {
    if (!objects.has(name)) objects.set(name, graph ? objectNamed(graph, name) : null);
    return objects.get(name)!;
  };
  const scales = (axis: Axis, anchor: string): Scale[] => {
    const key = `${axis} ${anchor}`;
    const list = built.get(key) ?? [
      ...metaScales(meta ?? {}, axis, anchor),
      ...(graph ? graphScales(graph, named, axis, anchor) : []),
    ];
    built.set(key, list);
    return list;
  };
  return {
    compare(axis, a, b, anchor) {
      const signs = scales(axis, anchor).map((scale) => scale.compare(a, b));
      const decided = new Set(signs.filter((sign) => sign !== undefined));
      return decided.size === 1 ? [...decided][0] : undefined;
    },
    names: (axis, anchor) => [...new Set(scales(axis, anchor).flatMap((scale) => scale.names))],
  };
}

const isDepth = (axis: Axis, anchor: string) =>
  (axis === 'near_far' && isCamera(anchor)) || axis === 'front_behind';

function metaScales(meta: Meta, axis: Axis, anchor: string): Scale[] {
  const named = (entries: readonly (readonly [name: string, value: number])[], compare: Compare): Scale[] => {
    const names = entries.map(([name]) => name);
    const values = new Map(entries.map(([name, value]) => [nameKey(name), value]));
    const valueOf = (name: string) => values.get(nameKey(name)) ?? values.get(singular(nameKey(name)));
    return [scaleOf(names, valueOf, compare)];
  };
  const list = (names: readonly string[] | null | undefined): Scale[] => {
    const entries = (names ?? []).map((name, i) => [name, i] as const);
    return entries.length > 0 ? named(entries, exactly) : [];
  };
  const values = (map: unknown, compare: Compare): Scale[] => {
    const entries = Object.entries((map ?? {}) as Record<string, unknown>).filter(
      (entry): entry is [string, number] => typeof entry[1] === 'number',
    );
    return entries.length > 0 ? named(entries, compare) : [];
  };
  if (isDepth(axis, anchor))
    return [...list(meta.order_near_to_far), ...values(meta.depths, decisive(compareDepths))];
  if (axis === 'near_far') {
    // If the list also ranks the anchor, its distances are measured from elsewhere.
    const order = meta.order_near_to_far;
    return order?.some((name) => nameKey(name) === nameKey(anchor)) ? [] : list(order);
  }
  if (axis === 'left_right') return list(meta.order_left_to_right);
  if (axis === 'size') return list(meta.order_small_to_big);
  return axis === 'quantity' ? values(meta.counts, exactly) : [];
}

/**
 * Returns the only object with a name: by label, else by label and attributes ("the red cup"), else by id. Null if
 * several objects have the name.
 */
export function objectNamed(graph: SceneGraph, name: string): SceneObject | null {
  const key = nameKey(name);
  const only = (list: SceneObject[]) => (list.length === 1 ? list[0]! : null);
  const byLabel = graph.objects.filter((object) => nameKey(object.label) === key);
  if (byLabel.length > 0) return only(byLabel);
  const described = graph.objects.filter((object) => {
    const label = nameKey(object.label);
    if (!key.endsWith(` ${label}`)) return false;
    const words = key
      .slice(0, -label.length)
      .trim()
      .split(/[\s,]+/);
    const attributes = attributeWords(object);
    return words.every((word) => attributes.has(word));
  });
  if (described.length > 0) return only(described);
  return only(graph.objects.filter((object) => object.id === withoutArticle(name.trim())));
}

function attributeWords({ attributes }: SceneObject): Set<string> {
  const values = Array.isArray(attributes) ? attributes : Object.values(attributes ?? {});
  return new Set(values.flatMap((value) => value.toLowerCase().split(/[\s,:]+/)));
}

type Named = (name: string) => SceneObject | null;

function graphScales(graph: SceneGraph, named: Named, axis: Axis, anchor: string): Scale[] {
  const labels = graph.objects.map((object) => object.label);
  const measured = (value: (object: SceneObject) => number | undefined, compare: Compare): Scale =>
    scaleOf(
      graph.objects.filter((object) => value(object) !== undefined).map((object) => object.label),
      (name) => {
        const object = named(name);
        return object ? value(object) : undefined;
      },
      decisive(compare),
    );
  if (isDepth(axis, anchor)) {
    return [measured((object) => object.depth, compareDepths), edges(graph, named, 'front_behind', labels)];
  }
  if (axis === 'left_right' || axis === 'above_below') {
    const places = placesOf(graph);
    const coordinate = axis === 'left_right' ? 'x' : 'y';
    return [
      measured(
        (object) => places.get(object.id)?.[coordinate],
        (x, y) => compareWithin(x, y, PLACE_TOLERANCE),
      ),
      edges(graph, named, axis, labels),
    ];
  }
  if (axis === 'near_far') {
    const to = named(anchor);
    return to ? [measured((object) => distance(graph, object, to), compareDepths)] : [];
  }
  if (axis === 'height') return [measured((object) => object.size?.h, compareDepths)];
  if (axis === 'width') return [measured((object) => object.size?.w, compareDepths)];
  if (axis === 'size') return [measured(volume, compareDepths)];
  if (axis === 'quantity') return [scaleOf(labels, (name) => countOf(graph, name) ?? undefined, exactly)];
  return [];
}

function volume({ size }: SceneObject): number | undefined {
  return size?.w && size.h && size.d ? size.w * size.h * size.d : undefined;
}

/** Returns the length on an edge, such as {predicate: "distance to", value: {n: 1.2, unit: "m"}}, in metres. */
function distance(graph: SceneGraph, a: SceneObject, b: SceneObject): number | undefined {
  const edge = graph.relations.find(
    ({ subject, object, value }) =>
      value !== undefined && ((subject === a.id && object === b.id) || (subject === b.id && object === a.id)),
  );
  return edge?.value && (metres(edge.value) ?? undefined);
}

/**
 * Counts the nodes for a name: "chairs" includes every node whose label is "chair" or ends in "chair", "red chairs"
 * only nodes that are red by label or attribute. A single node counts as its `count`. Null without matching nodes,
 * because a graph can be incomplete.
 */
export function countOf(graph: SceneGraph, name: string): number | null {
  const words = nameKey(name).split(' ').map(singular);
  const nodes = graph.objects.filter((object) => {
    const label = nameKey(object.label).split(' ').map(singular);
    const described = new Set([...label, ...attributeWords(object)]);
    return label.at(-1) === words.at(-1) && words.every((word) => described.has(word));
  });
  if (nodes.length === 0) return null;
  return nodes.length === 1 ? (nodes[0]!.count ?? 1) : nodes.length;
}

/** Returns the order from edges and their transitive closure. A pair with edges in both directions has no order. */
function edges(graph: SceneGraph, named: Named, direction: Direction, names: string[]): Scale {
  const next = new Map<string, string[]>();
  for (const relation of graph.relations) {
    for (const order of ordersOf(relation)) {
      if (order.direction !== direction) continue;
      const [low, high] =
        order.pole === 0 ? [relation.subject, relation.object] : [relation.object, relation.subject];
      next.set(low, [...(next.get(low) ?? []), high]);
    }
  }
  const reaches = (from: string, to: string) => {
    const seen = new Set([from]);
    for (const node of seen) for (const after of next.get(node) ?? []) seen.add(after);
    return from !== to && seen.has(to);
  };
  return {
    names,
    compare: (a, b) => {
      const [from, to] = [named(a)?.id, named(b)?.id];
      if (from === undefined || to === undefined) return undefined;
      const [before, after] = [reaches(from, to), reaches(to, from)];
      return before === after ? undefined : before ? -1 : 1;
    },
  };
}

/**
 * Returns the candidate with a rank along an axis, counted from a pole: the candidate that is strictly beyond all but
 * `rank` − 1 others. Undefined unless the facts order this candidate against every other candidate without a tie.
 */
export function ranked(
  facts: Facts,
  axis: Axis,
  pole: 0 | 1,
  rank: number,
  candidates: readonly string[],
  anchor: string,
): number | undefined {
  const towards = pole === 0 ? -1 : 1;
  const index = candidates.findIndex((candidate, i) => {
    const signs = candidates.flatMap((other, j) =>
      i === j ? [] : [facts.compare(axis, candidate, other, anchor)],
    );
    const behind = signs.filter((sign) => sign === -towards).length;
    return signs.every((sign) => sign !== undefined && sign !== 0) && behind === rank - 1;
  });
  return index < 0 ? undefined : index;
}
