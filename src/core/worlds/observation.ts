import type { Size, Xyxy } from '../../rows/sample/boxes.ts';
import { distanceToCamera, lens, project } from './camera.ts';
import type { Raster } from './raster.ts';
import type { World } from './world.ts';

/** Appearance of one object of a world in an image. */
export interface Sighting {
  /** Colour and shape of the object, such as "red cube". */
  name: string;
  /** Edges of the object's visible part, in pixels; null if the object is hidden. */
  box: Xyxy | null;
  /** Share of the object's pixels in the image that other objects hide, 0–1. */
  hidden: number;
  /**
   * Position of the centre, to the right of the image's centre line, as a share of the width; `above` is its height
   * above the middle.
   */
  right: number;
  above: number;
  /** Distance between the camera and the object's centre, in metres. */
  distance: number;
}

/** World, and its appearance in an image, from which all questions and answers are computed. */
export interface Observation {
  world: World;
  size: Size;
  solids: Sighting[];
  /** Whether comparisons of objects are exact, without margins, as for stimuli that measure acuity. */
  exact?: boolean;
}

/** Computes the exact visible boxes, occlusion and distances of objects, in the order of `world.objects`. */
export function observe(world: World, { size, ids, covered }: Raster): Observation {
  const boxes = world.objects.map((): Xyxy => [Infinity, Infinity, -Infinity, -Infinity]);
  const seen = world.objects.map(() => 0);
  for (let y = 0, at = 0; y < size.h; y++) {
    for (let x = 0; x < size.w; x++, at++) {
      const id = ids[at]!;
      if (id < 0) continue;
      const box = boxes[id]!;
      seen[id]! += 1;
      if (x < box[0]) box[0] = x;
      if (y < box[1]) box[1] = y;
      if (x >= box[2]) box[2] = x + 1;
      box[3] = y + 1;
    }
  }
  const l = lens(world.camera, size);
  const solids = world.objects.map((solid, i): Sighting => {
    const p = project(l, solid.x, solid.y + solid.size / 2, solid.z);
    return {
      name: `${solid.colour} ${solid.shape}`,
      box: seen[i]! > 0 ? boxes[i]! : null,
      hidden: seen[i]! > 0 ? 1 - seen[i]! / covered[i]! : 1,
      right: p.dx / size.w,
      above: 0.5 - p.y / size.h,
      distance: distanceToCamera(world.camera, solid),
    };
  });
  return { world, size, solids };
}
