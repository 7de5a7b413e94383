import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/base/random.ts';
import { lens, project } from '../../../src/core/worlds/camera.ts';
import { observe } from '../../../src/core/worlds/observation.ts';
import { FLOOR, rasterise, SKY } from '../../../src/core/worlds/raster.ts';
import { ROOM, sampleWorld, TINY } from '../../../src/core/worlds/sample-worlds.ts';
import { shade } from '../../../src/core/worlds/shade.ts';
import { mirrorWorld } from '../../../src/core/worlds/world.ts';
import { worldOf } from '../../support/world.ts';
import { property } from '../../support/property.ts';

const furnished = { ...ROOM, objects: [1, 6] as [number, number], stacked: 0.3, faces: 0.5 };
const world = (options = furnished) =>
  fc.integer().map((seed) => sampleWorld(Random.from(seed), options, 4 / 3));
const size = fc.record({ w: fc.integer({ min: 20, max: 60 }), h: fc.integer({ min: 20, max: 48 }) });

describe('mirrorWorld', () => {
  property('mirrorWorld: is an involution', [world()], (w) => {
    expect(mirrorWorld(mirrorWorld(w))).toEqual(w);
  });

  property(
    'mirrorWorld: mirrors the image pixel by pixel, at any size',
    [fc.oneof(world(), world({ ...TINY, objects: [1, 5] })), size],
    { numRuns: 150 },
    (w, { w: width, h }) => {
      const original = rasterise(w, { w: width, h });
      const mirror = rasterise(mirrorWorld(w), { w: width, h });
      const [a, b] = [shade(w, original).rgb, shade(mirrorWorld(w), mirror).rgb];
      let different = 0;
      for (let y = 0; y < h; y++) {
        for (let x = 0; x < width; x++) {
          const [at, to] = [y * width + x, y * width + width - 1 - x];
          if (original.ids[at] !== mirror.ids[to] || original.depth[at] !== mirror.depth[to]) different += 1;
          for (let c = 0; c < 3; c++) if (a[at * 3 + c] !== b[to * 3 + c]) different += 1;
        }
      }
      expect(different).toBe(0);
      expect(mirror.covered).toEqual(original.covered);
    },
  );

  property(
    'mirrorWorld: mirrors boxes and positions, and keeps distances and occlusion',
    [world(), size],
    (w, s) => {
      const original = observe(w, rasterise(w, s));
      const mirror = observe(mirrorWorld(w), rasterise(mirrorWorld(w), s));
      mirror.solids.forEach((seen, i) => {
        const { box, right, ...rest } = original.solids[i]!;
        expect(seen).toEqual({
          ...rest,
          right: -right,
          box: box && [s.w - box[2], box[1], s.w - box[0], box[3]],
        });
      });
    },
  );
});

describe('rasterise', () => {
  property(
    'rasterise: shows a ball where rays pass its centre within its radius',
    [fc.double({ min: -1, max: 1, noNaN: true }), fc.double({ min: 2, max: 6, noNaN: true })],
    { numRuns: 40 },
    (x, z) => {
      const w = worldOf([{ x, z }]);
      const s = { w: 40, h: 40 };
      const { ids } = rasterise(w, s);
      for (let j = 0; j < s.h; j++) {
        for (let i = 0; i < s.w; i++) {
          const ray = [(i + 0.5 - 20) / 40, (20 - j - 0.5) / 40, 1] as const;
          const centre = [x, -0.5, z] as const;
          const along = (ray[0] * centre[0] + ray[1] * centre[1] + z) / Math.hypot(...ray);
          const off = Math.sqrt(Math.max(0, Math.hypot(...centre) ** 2 - along ** 2));
          if (Math.abs(off - 0.5) > 1e-9) expect(ids[j * s.w + i] === 0).toBe(off < 0.5);
        }
      }
    },
  );

  property(
    'rasterise: draws the box of a cube around its projected corners',
    [fc.double({ min: 0, max: 6.3, noNaN: true }), fc.double({ min: -1, max: 1, noNaN: true })],
    (turn, x) => {
      const front = { x: Math.cos(turn), z: Math.sin(turn) };
      const w = worldOf([{ shape: 'cube', x, front }]);
      const s = { w: 200, h: 200 };
      const corners = [-0.5, 0.5].flatMap((a) =>
        [-0.5, 0.5].flatMap((b) =>
          [0, 1].map((y) =>
            project(lens(w.camera, s), x + a * front.x + b * front.z, y, 4 + a * front.z - b * front.x),
          ),
        ),
      );
      const [xs, ys] = [corners.map((c) => 100 + c.dx), corners.map((c) => c.y)];
      const expected = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
      const { box } = observe(w, rasterise(w, s)).solids[0]!;
      box!.forEach((edge, k) => expect(Math.abs(edge - expected[k]!)).toBeLessThanOrEqual(1));
    },
  );

  it('computes depth along the axis for the floor and the near face of a cube', () => {
    const s = { w: 40, h: 40 };
    const { depth, ids } = rasterise(worldOf([{ shape: 'cube' }]), s);
    // Row j looks down by (j + 0.5 − 20)/40 per metre from one metre up.
    expect(depth[39 * 40]).toBeCloseTo(40 / 19.5, 12);
    expect(ids[39 * 40]).toBe(FLOOR);
    expect(ids[0]).toBe(SKY);
    expect(depth[22 * 40 + 20]).toBeCloseTo(3.5, 12);
  });

  it('computes the hidden share: 1 for a ball behind a larger cube, and 0 next to it', () => {
    const s = { w: 80, h: 80 };
    const w = worldOf([
      { shape: 'cube', z: 3 },
      { size: 0.5, z: 5 },
      { colour: 'blue', size: 0.5, x: 2, z: 5 },
    ]);
    const { solids } = observe(w, rasterise(w, s));
    expect(solids[1]).toMatchObject({ box: null, hidden: 1 });
    expect(solids[2]!.hidden).toBe(0);
    expect(solids[2]!.name).toBe('blue ball');
  });

  it.each(['ball', 'cube', 'cylinder', 'cone'] as const)(
    'casts the shadow of a %s away from the lamp',
    (shape) => {
      const w = { ...worldOf([{ shape }]), light: { x: Math.SQRT1_2, y: Math.SQRT1_2, z: 0 } };
      const s = { w: 81, h: 81 };
      const { rgb } = shade(w, rasterise(w, s));
      const at = (x: number, z: number) => {
        const p = project(lens(w.camera, s), x, 0, z);
        return rgb[(Math.floor(p.y) * s.w + Math.floor(40.5 + p.dx)) * 3]!;
      };
      expect(at(-0.8, 4)).toBeLessThan(0.85 * at(0.8, 4));
    },
  );
});

describe('sampleWorld', () => {
  property('sampleWorld: returns the requested objects, all visible, with unique names', [world()], (w) => {
    expect(w.objects.length).toBeGreaterThanOrEqual(1);
    expect(w.objects.length).toBeLessThanOrEqual(6);
    const { solids } = observe(w, rasterise(w, { w: 120, h: 90 }));
    expect(new Set(solids.map((s) => s.name)).size).toBe(solids.length);
    for (const { box, hidden } of solids) {
      expect(box).not.toBeNull();
      expect(hidden).toBeLessThan(0.6);
    }
  });

  it('sampleWorld depends only on its seed', () => {
    expect(sampleWorld(Random.from(7), ROOM)).toEqual(sampleWorld(Random.from(7), ROOM));
    expect(sampleWorld(Random.from(7), ROOM)).not.toEqual(sampleWorld(Random.from(8), ROOM));
  });

  it('sampleWorld reports a lack of space or of names', () => {
    const crowded = { ...ROOM, objects: [7, 7] as [number, number], size: [2, 2] as [number, number] };
    expect(() => sampleWorld(Random.from(1), crowded)).toThrow(/Cannot place 7 objects/);
    const nameless = {
      ...ROOM,
      objects: [3, 3] as [number, number],
      shapes: ['ball'] as const,
      colours: ['red'] as const,
    };
    expect(() => sampleWorld(Random.from(1), nameless)).toThrow(/more shapes or colours/);
  });
});
