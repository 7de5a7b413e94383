/**
 * A world: solids on a floor, a light and a camera. Axes are the viewer's: x to the right, y up, z away from the
 * camera, in metres; the floor is y = 0 and the camera stands at (0, height, 0), looking along +z.
 * Directions are stored as unit vectors, not angles, so that mirroring is a change of sign and therefore exact.
 */

export const SHAPES = ['cube', 'ball', 'cylinder', 'cone'] as const;
export type Shape = (typeof SHAPES)[number];

export const COLOURS = ['red', 'green', 'blue', 'yellow', 'purple', 'cyan', 'orange', 'white'] as const;
export type Colour = (typeof COLOURS)[number];

/** A place or a direction on the floor. */
export interface OnFloor {
  x: number;
  z: number;
}

export interface Solid {
  shape: Shape;
  colour: Colour;
  /** Height and width, in metres. */
  size: number;
  /** The centre of its base. `y` is 0 on the floor, the support's size on top of another solid. */
  x: number;
  y: number;
  z: number;
  /** Where its front points, a unit vector. */
  front: OnFloor;
  /** Whether the front is painted with eyes, and the top with an arrow. Only such solids have a side of their own. */
  face: boolean;
}

export interface Camera {
  /** Metres above the floor. */
  height: number;
  /** Radians, downwards. */
  pitch: number;
  /** Focal length divided by the image's height. */
  focal: number;
}

export interface Floor {
  pattern: 'plain' | 'checker';
  /** Which pair of floor tones (shade.ts), an index. */
  tone: number;
  /** Edge of a tile, in metres. */
  tile: number;
  /** The direction of one row of tiles, a unit vector, and the centre of one tile. */
  heading: OnFloor;
  origin: OnFloor;
}

export interface World {
  camera: Camera;
  floor: Floor;
  /** Unit vector towards the lamp. */
  light: { x: number; y: number; z: number };
  /** No two have both colour and shape in common, so that "the red cube" names one. */
  objects: Solid[];
}

/**
 * The world behind a mirror that stands in the plane x = 0, which contains the camera's axis: its picture is the
 * mirrored picture, pixel for pixel. Applied twice it is the identity.
 */
export function mirrorWorld(world: World): World {
  const { floor, light } = world;
  return {
    camera: world.camera,
    floor: {
      ...floor,
      heading: mirrored(floor.heading),
      origin: mirrored(floor.origin),
    },
    light: { ...light, x: -light.x },
    // Written out as everywhere, because solids of one hidden class make ray tracing three times as fast.
    objects: world.objects.map(({ shape, colour, size, x, y, z, front, face }) => {
      return { shape, colour, size, x: -x, y, z, front: mirrored(front), face };
    }),
  };
}

const mirrored = ({ x, z }: OnFloor): OnFloor => ({ x: -x, z });

/** The solid that carries this one, by index; −1 for one that stands on the floor. */
export function supportOf(world: World, index: number): number {
  const top = world.objects[index]!;
  if (top.y === 0) return -1;
  return world.objects.findIndex((s) => s.x === top.x && s.z === top.z && s.y + s.size === top.y);
}
