import type { Lens } from './camera.ts';
import { HORIZON, paintOf, patchOf, tileOf, toneOf, ZENITH, type Rgb } from './paint.ts';
import { FLOOR, SKY } from './raster.ts';
import { hit, surfaceAt, type Surface } from './solids.ts';
import type { World } from './world.ts';

const AMBIENT = 0.42;
const DIRECT = 0.72;
const GLOSS = 0.22;
/** Depth in metres at which the floor has faded into the horizon. */
const HAZE = 22;

/** What a ray hits: the solid (or FLOOR, SKY) and the depth, then the linear light from there. Reused between rays. */
export interface Ray {
  id: number;
  t: number;
  rgb: [number, number, number];
  /**
   * Differs between neighbouring rays only if there is an edge between them: of a solid, a tile, a patch of paint, a
   * shadow.
   */
  key: number;
}

/**
 * Computes the light along a ray `dx` pixels right of the centre line that rises `slope` per unit of depth: one distant
 * lamp with hard shadows, light from the sky, and a floor that darkens where a solid touches it.
 */
export function light(world: World, l: Lens, dx: number, slope: number, ray: Ray): void {
  const rx = dx / l.focal;
  const ry = slope * l.cos - l.sin;
  const rz = slope * l.sin + l.cos;
  if (ray.id === SKY) {
    mix(ray.rgb, HORIZON, ZENITH, Math.min(1, Math.max(0, ry * 1.6)));
    ray.key = SKY;
  } else if (ray.id === FLOOR) {
    lightFloor(world, rx * ray.t, rz * ray.t, ray);
  } else {
    lightSolid(world, rx, ry, rz, l.height, ray);
  }
}

function lightFloor(world: World, x: number, z: number, ray: Ray): void {
  const tile = tileOf(world.floor, x, z);
  const lit = !inShadow(world, FLOOR, x, 0, z);
  let strength = AMBIENT + (lit ? DIRECT * world.light.y : 0);
  for (const solid of world.objects) {
    if (solid.y > 0) continue;
    const dx = x - solid.x;
    const dz = z - solid.z;
    const near = 1 - (dx * dx + dz * dz) / (0.81 * solid.size * solid.size);
    if (near > 0) strength *= 1 - 0.5 * near * near;
  }
  const tone = toneOf(world.floor, tile);
  ray.rgb[0] = tone[0] * strength;
  ray.rgb[1] = tone[1] * strength;
  ray.rgb[2] = tone[2] * strength;
  const far = Math.min(1, ray.t / HAZE);
  mix(ray.rgb, ray.rgb, HORIZON, far * far);
  ray.key = -8 - 2 * tile - (lit ? 1 : 0);
}

const surface: Surface = { nx: 0, ny: 0, nz: 0, ahead: 0, across: 0, up: 0, piece: 0 };

function lightSolid(world: World, rx: number, ry: number, rz: number, height: number, ray: Ray): void {
  const solid = world.objects[ray.id]!;
  const x = rx * ray.t;
  const y = height + ry * ray.t;
  const z = rz * ray.t;
  surfaceAt(solid, x, y, z, surface);
  const { nx, ny, nz, piece } = surface;
  const patch = patchOf(solid, surface);
  const lamp = world.light;
  const facing = nx * lamp.x + ny * lamp.y + nz * lamp.z;
  const lit = facing > 0 && !inShadow(world, ray.id, x, y, z);
  const strength = AMBIENT * (0.75 + 0.25 * ny) + (lit ? DIRECT * facing : 0);
  let gloss = 0;
  if (lit && piece === 0) {
    // Blinn's highlight on curved surfaces: cosine of normal and half vector, to the 32nd power.
    const eye = Math.sqrt(rx * rx + ry * ry + rz * rz);
    const hx = lamp.x - rx / eye;
    const hy = lamp.y - ry / eye;
    const hz = lamp.z - rz / eye;
    const along = nx * hx + ny * hy + nz * hz;
    gloss = GLOSS * ((along * along) / (hx * hx + hy * hy + hz * hz)) ** 16;
  }
  const paint = paintOf(solid, patch);
  ray.rgb[0] = paint[0] * strength + gloss;
  ray.rgb[1] = paint[1] * strength + gloss;
  ray.rgb[2] = paint[2] * strength + gloss;
  ray.key = ray.id * 64 + piece * 16 + patch * 2 + (lit ? 1 : 0);
}

/** Whether another solid is between the point and the lamp. A convex solid casts no shadow on its own lit side. */
function inShadow(world: World, self: number, x: number, y: number, z: number): boolean {
  const lamp = world.light;
  for (let i = 0; i < world.objects.length; i++) {
    if (i === self) continue;
    const solid = world.objects[i]!;
    // A ray that misses the bounding sphere, of squared radius 0.75 size², cannot hit.
    const px = solid.x - x;
    const py = solid.y + solid.size / 2 - y;
    const pz = solid.z - z;
    const along = px * lamp.x + py * lamp.y + pz * lamp.z;
    const off = px * px + py * py + pz * pz - along * along;
    if (off > 0.76 * solid.size * solid.size || along < -solid.size) continue;
    if (hit(solid, x, y, z, lamp.x, lamp.y, lamp.z) < Infinity) return true;
  }
  return false;
}

function mix(out: [number, number, number], a: Rgb, b: Rgb, t: number): void {
  out[0] = a[0] + (b[0] - a[0]) * t;
  out[1] = a[1] + (b[1] - a[1]) * t;
  out[2] = a[2] + (b[2] - a[2]) * t;
}
