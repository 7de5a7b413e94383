import type { Solid } from './world.ts';

/** Returns half of the maximum width of an object. */
export const girth = (s: Pick<Solid, 'shape' | 'size'>): number =>
  s.size * (s.shape === 'cube' ? Math.SQRT1_2 : 0.5);

/** Type of functions that intersect a ray o + t·d with an object. They return the smallest t > 0, or Infinity. */
type Hit = (solid: Solid, ox: number, oy: number, oz: number, dx: number, dy: number, dz: number) => number;

/**
 * Returns the smallest t > 0 at which the ray o + t·d meets an object, or Infinity. Every object is convex. Every
 * formula is invariant to a sign change of all x, and to an exchange of x and z. So a mirrored or turned ray meets a
 * mirrored or turned object at exactly the same t.
 */
export const hit: Hit = (solid, ox, oy, oz, dx, dy, dz) => {
  const x = ox - solid.x;
  const y = oy - solid.y;
  const z = oz - solid.z;
  switch (solid.shape) {
    case 'ball':
      return hitBall(solid, x, y - solid.size / 2, z, dx, dy, dz);
    case 'cube':
      return hitCube(solid, x, y, z, dx, dy, dz);
    case 'cylinder':
      return hitCylinder(solid, x, y, z, dx, dy, dz);
    case 'cone':
      return hitCone(solid, x, y, z, dx, dy, dz);
  }
};

// In the functions for single shapes, the origin of a ray is relative to the object's base; for a ball, to its centre.

const hitBall: Hit = ({ size }, x, y, z, dx, dy, dz) => {
  const r = size / 2;
  const a = dx * dx + dz * dz + dy * dy;
  const b = x * dx + z * dz + y * dy;
  const c = x * x + z * z + y * y - r * r;
  const root = b * b - a * c;
  if (root < 0) return Infinity;
  const t = (-b - Math.sqrt(root)) / a;
  return t > 0 ? t : Infinity;
};

const hitCube: Hit = ({ size, front }, x, y, z, dx, dy, dz) => {
  const r = size / 2;
  let enter = 0;
  let leave = Infinity;
  const slab = (p: number, d: number): void => {
    const t1 = (-r - p) / d;
    const t2 = (r - p) / d;
    enter = Math.max(enter, Math.min(t1, t2));
    leave = Math.min(leave, Math.max(t1, t2));
  };
  slab(x * front.x + z * front.z, dx * front.x + dz * front.z);
  slab(x * front.z - z * front.x, dx * front.z - dz * front.x);
  slab(y - r, dy);
  return enter > 0 && enter < leave ? enter : Infinity;
};

const hitCylinder: Hit = ({ size }, x, y, z, dx, dy, dz) => {
  const a = dx * dx + dz * dz;
  const b = x * dx + z * dz;
  const c = x * x + z * z - (size * size) / 4;
  const root = b * b - a * c;
  if (root < 0) return Infinity;
  const half = Math.sqrt(root);
  const low = -y / dy;
  const high = (size - y) / dy;
  const enter = Math.max((-b - half) / a, Math.min(low, high));
  const leave = Math.min((-b + half) / a, Math.max(low, high));
  return enter > 0 && enter < leave ? enter : Infinity;
};

/** The base is a disc with the radius size / 2. The radius decreases by half a metre per metre of height. */
const hitCone: Hit = ({ size }, x, y, z, dx, dy, dz) => {
  const slope2 = 0.25;
  const w = size - y;
  const a = dx * dx + dz * dz - slope2 * dy * dy;
  const b = x * dx + z * dz + slope2 * w * dy;
  const c = x * x + z * z - slope2 * w * w;
  let best = Infinity;
  const root = b * b - a * c;
  if (root >= 0) {
    const half = Math.sqrt(root);
    for (const t of [(-b - half) / a, (-b + half) / a]) {
      const height = y + t * dy;
      if (t > 0 && t < best && height >= 0 && height <= size) best = t;
    }
  }
  const base = -y / dy;
  if (base > 0 && base < best) {
    const bx = x + base * dx;
    const bz = z + base * dz;
    if (bx * bx + bz * bz <= slope2 * size * size) best = base;
  }
  return best;
};

/** A point on an object's surface in the object's frame of reference, with the outward normal in the world's. */
export interface Surface {
  nx: number;
  ny: number;
  nz: number;
  /** Position in units of the object's size: towards the front, across, and above the base. */
  ahead: number;
  across: number;
  up: number;
  /** Index of a smooth piece of the surface. Points on different pieces are separated by an edge. */
  piece: number;
}

/** Computes the surface of an object at the point (px, py, pz), and writes the result to `out`. */
export function surfaceAt(solid: Solid, px: number, py: number, pz: number, out: Surface): void {
  const x = px - solid.x;
  const y = py - solid.y;
  const z = pz - solid.z;
  const fx = solid.front.x;
  const fz = solid.front.z;
  const s = solid.size;
  out.ahead = (x * fx + z * fz) / s;
  out.across = (x * fz - z * fx) / s;
  out.up = y / s;
  out.piece = 0;
  switch (solid.shape) {
    case 'ball':
      return setNormal(out, x, y - s / 2, z);
    case 'cone':
      return setNormal(out, x, Math.sqrt(x * x + z * z) / 2, z);
    case 'cylinder':
      if (out.up > 1 - 1e-6) return setFlat(out);
      return setNormal(out, x, 0, z);
    case 'cube': {
      const a = Math.abs(out.ahead);
      const b = Math.abs(out.across);
      if (Math.abs(out.up - 0.5) > Math.max(a, b)) return setFlat(out);
      out.piece = a > b ? 1 : 2;
      return a > b
        ? setNormal(out, fx * Math.sign(out.ahead), 0, fz * Math.sign(out.ahead))
        : setNormal(out, fz * Math.sign(out.across), 0, -fx * Math.sign(out.across));
    }
  }
}

function setFlat(out: Surface): void {
  out.piece = 3;
  out.nx = 0;
  out.ny = 1;
  out.nz = 0;
}

function setNormal(out: Surface, x: number, y: number, z: number): void {
  const length = Math.sqrt(x * x + z * z + y * y) || 1;
  out.nx = x / length;
  out.ny = y / length;
  out.nz = z / length;
}
