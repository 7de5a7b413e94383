import type { SceneGraph, SceneObject, SceneRelation } from '../scene-graph/scene-graph.ts';
import { label, type Style } from './questions/question.ts';
import { compare, ownSide, standsOn, type Axis, type Comparison } from './margins.ts';
import type { Observation } from './observation.ts';
import type { OnFloor } from './world.ts';
import { ORIGINAL } from '../view-list.ts';

const PREDICATES: [Axis, string, string][] = [
  ['left-right', 'left of', 'right of'],
  ['front-behind', 'in front of', 'behind'],
];

/**
 * Returns the exact scene graph of an observation: a node per solid and, per pair of solids, the relations that can be
 * told apart, each stated once. Labels are the names that questions use in this style. Numbers are rounded to a
 * meaningful precision: pixels, centimetres.
 */
export function graphOf(o: Observation, style: Style): SceneGraph {
  const objects = o.solids.map((seen, i): SceneObject => {
    const { colour, shape, size, face, front } = o.world.objects[i]!;
    const metres = round(size);
    return {
      id: idOf(i),
      label: label(o, i, style),
      ...(seen.box && {
        box: seen.box,
        box_format: 'xyxy_px' as const,
        centroid: [(seen.box[0] + seen.box[2]) / 2, (seen.box[1] + seen.box[3]) / 2] as [number, number],
      }),
      depth: round(seen.distance),
      depth_unit: 'm',
      size: { w: metres, h: metres, d: metres, unit: 'm' },
      attributes: { color: colour, shape },
      ...(face && { facing: facingOf(front) }),
    };
  });
  const relations: SceneRelation[] = [];
  const relate = (
    a: number,
    order: Comparison,
    first: string,
    second: string,
    b: number,
    frame: SceneRelation['frame'],
  ) => {
    if (order !== 0)
      relations.push({ subject: idOf(a), predicate: order < 0 ? first : second, object: idOf(b), frame });
  };
  for (let a = 0; a < objects.length; a++) {
    for (let b = a + 1; b < objects.length; b++) {
      for (const [axis, first, second] of PREDICATES)
        relate(a, compare(o, axis, a, b), first, second, b, 'viewer');
      const carried = standsOn(o, a, b) ? -1 : standsOn(o, b, a) ? 1 : 0;
      relate(a, carried, 'above', 'below', b, 'viewer');
      relate(a, ownSide(o, b, a), 'left of', 'right of', b, 'object');
      relate(b, ownSide(o, a, b), 'left of', 'right of', a, 'object');
    }
  }
  return {
    version: 1,
    image: o.size,
    objects,
    relations,
    frame: 'viewer',
    source: 'dataset',
    view: ORIGINAL,
  };
}

const idOf = (i: number): string => `o${i + 1}`;

const round = (metres: number): number => Math.round(metres * 100) / 100;

/** The direction of a front as seen by the viewer, one of eight: `front` is towards the viewer. */
function facingOf({ x, z }: OnFloor): string {
  const across = Math.abs(x) > Math.sin(Math.PI / 8) ? (x < 0 ? 'left' : 'right') : '';
  const along = Math.abs(z) > Math.sin(Math.PI / 8) ? (z < 0 ? 'front' : 'back') : '';
  return [along, across].filter(Boolean).join('-');
}
