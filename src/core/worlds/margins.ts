import type { Xyxy } from '../../rows/sample/boxes.ts';
import { looksDown } from './camera.ts';
import { supportOf, type Solid } from './world.ts';
import type { Observation } from './observation.ts';

/** Axes for comparing two objects. The name of an axis starts with its first pole. */
export type Axis =
  | 'left-right'
  | 'above-below'
  | 'front-behind'
  | 'near-far'
  | 'large-small'
  | 'picture-across'
  | 'picture-down';

/** Returns whether a camera of this pitch shows an axis. From straight above, neither front nor height is visible. */
export const isShown = (axis: Axis, pitch: number): boolean =>
  !looksDown(pitch) || !['above-below', 'front-behind', 'near-far'].includes(axis);

/** Axes along which all objects of a world can be ordered. */
export type RankedAxis = 'left-right' | 'near-far' | 'large-small';

/**
 * Minimum differences that are visible in the image. Questions never depend on smaller differences, so every strict
 * comparison has an answer, and the opposite comparison has the opposite answer.
 */
export const MARGINS = {
  /** Distance between centres as a share of the image's width, larger than one column of the compact style. */
  side: 0.12,
  /** Distance between the centres of two boxes as a share of the image's width, or of its height. */
  plane: 0.12,
  /** Difference between two distances from the camera, in metres and as a share of the smaller distance. */
  near_m: 0.45,
  near_share: 0.12,
  /** Difference between two distances of objects from each other, in metres and as a share. */
  apart_m: 0.35,
  apart_share: 0.2,
  /** Difference in depth along the line of sight, in metres. */
  front_m: 0.5,
  size_ratio: 1.25,
  /** Sine of the minimum bearing from an object's own front-back line: 30 degrees. */
  own_bearing: 0.5,
  /** Minimum width and height of the box of an object in a question, in pixels, and maximum hidden share. */
  box_px: 4,
  hidden: 0.5,
  /** Minimum box height in pixels, and maximum hidden share, at which eyes and arrow are recognisable. */
  face_px: 32,
  face_hidden: 0.2,
} as const;

/**
 * Result of comparing `a` with `b`: −1 if `a` is closer to the first pole of the axis (left, above, in front, near,
 * large, higher), 1 if `a` is closer to the other pole.
 */
export type Comparison = -1 | 0 | 1;

/**
 * Compares two objects along an axis; 0 if the difference is too small to see, or if the image suggests another answer.
 * For an exact observation, every difference counts.
 */
export function compare(o: Observation, axis: Axis, a: number, b: number): Comparison {
  if (!isShown(axis, o.world.camera.pitch)) return 0;
  if (o.exact) return placeOf(o, axis, a) < placeOf(o, axis, b) ? -1 : 1;
  const [sa, sb] = [o.solids[a]!, o.solids[b]!];
  const [wa, wb] = [o.world.objects[a]!, o.world.objects[b]!];
  switch (axis) {
    case 'left-right': {
      if (!sa.box || !sb.box) return 0;
      const byBox = sa.box[0] + sa.box[2] - sb.box[0] - sb.box[2];
      return agree(beyond(sa.right - sb.right, MARGINS.side), byBox);
    }
    case 'picture-across':
      return alongPicture(sa.box, sb.box, 0, o.size.w);
    case 'picture-down':
      return alongPicture(sa.box, sb.box, 1, o.size.h);
    case 'near-far': {
      const order = byDistance(sa.distance, sb.distance, MARGINS.near_m, MARGINS.near_share);
      return agree(order, wa.z - wb.z);
    }
    case 'front-behind':
      return agree(beyond(wa.z - wb.z, MARGINS.front_m), sa.distance - sb.distance);
    case 'above-below': {
      const order = higher(wa, wb) ? -1 : higher(wb, wa) ? 1 : 0;
      return agree(order, sb.above - sa.above);
    }
    case 'large-small': {
      const ratio = Math.max(wa.size, wb.size) / Math.min(wa.size, wb.size);
      return ratio < MARGINS.size_ratio ? 0 : wa.size > wb.size ? -1 : 1;
    }
  }
}

/** Returns the coordinate of an object's centre along an axis, or its size; smaller is nearer to the first pole. */
export function placeOf({ solids, world }: Observation, axis: Axis, i: number): number {
  const [seen, { size, y, z }] = [solids[i]!, world.objects[i]!];
  switch (axis) {
    case 'left-right':
    case 'picture-across':
      return seen.right;
    case 'picture-down':
      return -seen.above;
    case 'near-far':
      return seen.distance;
    case 'front-behind':
      return z;
    case 'above-below':
      return -y;
    case 'large-small':
      return -size;
  }
}

/** Orders all objects from the first pole of an axis to the second; null if some neighbours are indistinguishable. */
export function ranking(o: Observation, axis: RankedAxis): number[] | null {
  const order = o.solids.map((_, i) => i).sort((a, b) => placeOf(o, axis, a) - placeOf(o, axis, b));
  return order.every((a, i) => i === 0 || compare(o, axis, order[i - 1]!, a) < 0) ? order : null;
}

/** Returns the distance between the centres of two objects, in metres. */
export function centreDistance(o: Observation, a: number, b: number): number {
  const [p, q] = [o.world.objects[a]!, o.world.objects[b]!];
  const rise = p.y + p.size / 2 - q.y - q.size / 2;
  return Math.sqrt((p.x - q.x) ** 2 + rise ** 2 + (p.z - q.z) ** 2);
}

/** Returns −1 if `a` is closer to `reference` than `b` is, 1 if `b` is closer, 0 if indistinguishable. */
export const closerTo = (o: Observation, reference: number, a: number, b: number): Comparison =>
  byDistance(
    centreDistance(o, reference, a),
    centreDistance(o, reference, b),
    MARGINS.apart_m,
    MARGINS.apart_share,
  );

/**
 * Returns the owner's side on which `other` is, from the owner's viewpoint: −1 left, 1 right. Returns 0 if the owner
 * has no visible face, if both objects are stacked, or if the bearing is too close to front or back. For an exact
 * observation, every bearing counts.
 */
export function ownSide(o: Observation, owner: number, other: number): Comparison {
  const [solid, { x, z }] = [o.world.objects[owner]!, o.world.objects[other]!];
  const { box, hidden } = o.solids[owner]!;
  const isSeen = solid.face && box && box[3] - box[1] >= MARGINS.face_px && hidden <= MARGINS.face_hidden;
  if (!isSeen && !o.exact) return 0;
  const [dx, dz] = [x - solid.x, z - solid.z];
  const length = Math.sqrt(dx * dx + dz * dz);
  // If the owner faces away from the viewer, (0, 1), its left side is the viewer's left side, (−1, 0).
  const leftward = dz * solid.front.x - dx * solid.front.z;
  if (o.exact) return leftward > 0 ? -1 : 1;
  return length === 0 ? 0 : beyond(-leftward / length, MARGINS.own_bearing);
}

/** Returns whether an object is visible enough for questions, and its centre is within the image. */
export function isInSight(o: Observation, i: number): boolean {
  const { box, hidden, right, above } = o.solids[i]!;
  const least = box ? Math.min(box[2] - box[0], box[3] - box[1]) : 0;
  const within = Math.max(Math.abs(right), Math.abs(above)) <= 0.5;
  return within && least >= MARGINS.box_px && hidden <= MARGINS.hidden;
}

/** Whether the object `top` is directly on the object `support`. */
export const standsOn = (o: Observation, top: number, support: number): boolean =>
  supportOf(o.world, top) === support;

/** Compares the centres of two boxes along an image axis (0 or 1). @param length length of the axis in pixels */
function alongPicture(a: Xyxy | null, b: Xyxy | null, axis: 0 | 1, length: number): Comparison {
  if (!a || !b) return 0;
  return beyond((a[axis] + a[axis + 2]! - b[axis] - b[axis + 2]!) / (2 * length), MARGINS.plane);
}

const higher = (a: Solid, b: Solid): boolean => a.y > 0 && a.y >= b.y + b.size;

const byDistance = (a: number, b: number, metres: number, share: number): Comparison =>
  beyond(a - b, Math.max(metres, share * Math.min(a, b)));

const beyond = (difference: number, margin: number): Comparison =>
  difference <= -margin ? -1 : difference >= margin ? 1 : 0;

const agree = (order: Comparison, witness: number): Comparison => (order * witness > 0 ? order : 0);
