import type { Solid, World } from '../../src/core/worlds/world.ts';

/** A world of given objects under a level camera one metre high, with the lamp overhead. */
export const worldOf = (
  objects: readonly Partial<Solid>[],
  camera: World['camera'] = { height: 1, pitch: 0, focal: 1 },
): World => ({
  camera,
  floor: { pattern: 'plain', tone: 0, tile: 1, heading: { x: 1, z: 0 }, origin: { x: 0, z: 0 } },
  light: { x: 0, y: 1, z: 0 },
  objects: objects.map((solid) => ({
    shape: 'ball',
    colour: 'red',
    size: 1,
    x: 0,
    y: 0,
    z: 4,
    front: { x: 0, z: -1 },
    face: false,
    ...solid,
  })),
});
