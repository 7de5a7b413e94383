import { splitFormat, toPixels, type Size } from '../sample/boxes.ts';
import type { SceneGraph, SceneObject } from './scene-graph.ts';

/** Centre of an object, as fractions of the image's width and height, from the top-left corner. */
export interface Centre {
  x: number;
  y: number;
}

/** Maximum difference between centres of objects that count as equally far left (or high), per width (or height). */
export const PLACE_TOLERANCE = 0.02;
/** Maximum difference between depths that count as equal, as a share of the larger depth. */
const DEPTH_TOLERANCE = 0.02;

/** Returns the sign of a − b, or 0 if the difference is within the tolerance (plus a margin for rounding errors). */
export function compareWithin(a: number, b: number, tolerance: number): -1 | 0 | 1 {
  const gap = a - b;
  return Math.abs(gap) <= tolerance + 1e-9 ? 0 : gap < 0 ? -1 : 1;
}

/** Returns the sign of the difference of two depths, or 0 within the tolerance. */
export function compareDepths(a: number, b: number): -1 | 0 | 1 {
  return compareWithin(a, b, DEPTH_TOLERANCE * Math.max(Math.abs(a), Math.abs(b)));
}

/**
 * Returns the centre of each object, by id, as fractions of the image. `centroid` takes precedence over `box`. Pixel
 * coordinates require the image's size: the graph's size, else the given size, else the extent of the coordinates.
 */
export function placesOf(graph: SceneGraph, size?: Size): Map<string, Centre> {
  const full = graph.image ?? size ?? extentOf(graph);
  const places = new Map<string, Centre>();
  for (const object of graph.objects) {
    const centre = full && centreOf(object, full);
    if (centre) places.set(object.id, { x: centre[0] / full.w, y: centre[1] / full.h });
  }
  return places;
}

const formatOf = (object: SceneObject) => object.box_format ?? 'xyxy_px';

function centreOf(object: SceneObject, size: Size): [number, number] | null {
  const unit = splitFormat(formatOf(object))?.unit ?? 'px';
  if (object.centroid) {
    const [x, y] = toPixels(object.centroid, `point_${unit}`, size);
    return [x, y];
  }
  if (!object.box || !splitFormat(formatOf(object)) || formatOf(object).startsWith('point')) return null;
  const [x1, y1, x2, y2] = toPixels(object.box, formatOf(object), size);
  return [(x1 + x2) / 2, (y1 + y2) / 2];
}

/** Returns the smallest image that contains all pixel coordinates; a unit square if all coordinates are relative. */
function extentOf(graph: SceneGraph): Size | null {
  const pixels = graph.objects.filter((object) => splitFormat(formatOf(object))?.unit === 'px');
  const points = pixels.flatMap((object) => {
    if (!object.box) return object.centroid ? [object.centroid] : [];
    const [, , x2, y2] = formatOf(object).startsWith('point')
      ? [0, 0, 0, 0]
      : toPixels(object.box, formatOf(object));
    return [[x2, y2]];
  });
  if (points.length === 0) return graph.objects.some((o) => o.box ?? o.centroid) ? { w: 1, h: 1 } : null;
  // Avoid Math.max(...), because a large graph has more objects than a call can have arguments.
  const largest = (values: number[]) => values.reduce((a, b) => Math.max(a, b));
  const [w, h] = [largest(points.map(([x]) => x!)), largest(points.map(([, y]) => y!))];
  return w > 0 && h > 0 ? { w, h } : null;
}
