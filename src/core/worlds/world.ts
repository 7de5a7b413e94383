/**
 * A world: objects on a floor, a light and a camera. Axes are those of the viewer: x to the right, y up, z away from
 * the camera, in metres. The floor is y = 0, and the camera is at (0, height, 0), looking along +z. Directions are unit
 * vectors and not angles, so that mirroring is an exact change of sign.
 */

export const SHAPES = ['cube', 'ball', 'cylinder', 'cone'] as const;
export type Shape = (typeof SHAPES)[number];

export const COLOURS = ['red', 'green', 'blue', 'yellow', 'purple', 'cyan', 'orange', 'white'] as const;
export type Colour = (typeof COLOURS)[number];

/** A position or direction on the floor. */
export interface OnFloor {
  x: number;
  z: number;
}

export interface Solid {
  shape: Shape;
  colour: Colour;
  /** Height and width of the object, in metres. */
  size: number;
  /** Centre of the object's base. `y` is 0 on the floor; on top of another object, `y` is the size of that object. */
  x: number;
  y: number;
  z: number;
  /** Direction of the object's front, as a unit vector. */
  front: OnFloor;
  /** Whether the front has painted eyes and the top an arrow. Only such objects have left and right of their own. */
  face: boolean;
}

export interface Camera {
  /** Height of the camera above the floor, in metres. */
  height: number;
  /** Downward pitch of the camera, in radians. */
  pitch: number;
  /** Focal length of the camera, divided by the image's height. */
  focal: number;
}

export interface Floor {
  pattern: 'plain' | 'checker';
  /** Index of the pair of floor tones in `FLOORS` (shade.ts). */
  tone: number;
  /** Edge length of a floor tile, in metres. */
  tile: number;
  /** Direction of a row of floor tiles, as a unit vector; `origin` is the centre of one tile. */
  heading: OnFloor;
  origin: OnFloor;
}

export interface World {
  camera: Camera;
  floor: Floor;
  /** Direction from the floor towards the lamp, as a unit vector. */
  light: { x: number; y: number; z: number };
  /** Objects with different names (colour and shape), so that "the red cube" is unambiguous. */
  objects: Solid[];
}

/**
 * Mirrors the world in the plane x = 0, which contains the camera's axis. The image of the result is the mirrored
 * image, pixel for pixel. Mirroring twice restores the world.
 */
export function mirrorWorld(world: World): World {
  const { floor, light } = world;
  return {
    camera: world.camera,
    floor: { ...floor, heading: mirrored(floor.heading), origin: mirrored(floor.origin) },
    light: { ...light, x: -light.x },
    // All fields are written out, as in other places: ray tracing is three times as fast if objects share a hidden
    // class.
    objects: world.objects.map(({ shape, colour, size, x, y, z, front, face }) => {
      return { shape, colour, size, x: -x, y, z, front: mirrored(front), face };
    }),
  };
}

const mirrored = ({ x, z }: OnFloor): OnFloor => ({ x: -x, z });

/** Whether a shape has a flat top, which can carry an object, and a side for a face. */
export const isFlat = ({ shape }: Pick<Solid, 'shape'>): boolean => shape === 'cube' || shape === 'cylinder';

/** Returns the index of the object that carries the given object; −1 if the floor carries it. */
export function supportOf(world: World, index: number): number {
  const top = world.objects[index]!;
  if (top.y === 0) return -1;
  return world.objects.findIndex((s) => s.x === top.x && s.z === top.z && s.y + s.size === top.y);
}
