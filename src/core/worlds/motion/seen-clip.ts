import type { Size } from '../../../rows/sample/boxes.ts';
import { isInSight } from '../margins.ts';
import { observe, type Observation } from '../observation.ts';
import { rasterise, type Raster } from '../raster.ts';
import { frameTimes, reverseMoving, worldAt, type MovingWorld } from './moving-world.ts';

/** Moving world, and the appearance of its frames, from which all questions and answers are computed. */
export interface SeenClip {
  moving: MovingWorld;
  size: Size;
  frames: readonly Observation[];
  /** Whether comparisons of objects are exact, without margins, as for stimuli that measure acuity. */
  exact?: boolean;
}

/** Observes every frame of a moving world. Also returns the rasters for shading. */
export function seeClip(moving: MovingWorld, size: Size): { clip: SeenClip; rasters: Raster[] } {
  const worlds = frameTimes(moving.frames).map((time) => worldAt(moving, time));
  const rasters = worlds.map((world) => rasterise(world, size));
  return { clip: { moving, size, frames: worlds.map((world, i) => observe(world, rasters[i]!)) }, rasters };
}

/** Returns a reversed clip. Reuses the frames, because they equal the frames of the reversed world. */
export const reversedClip = (clip: SeenClip): SeenClip => ({
  ...clip,
  moving: reverseMoving(clip.moving),
  frames: clip.frames.toReversed(),
});

export const atStart = ({ frames }: SeenClip): Observation => frames[0]!;
export const atEnd = ({ frames }: SeenClip): Observation => frames.at(-1)!;

/** Returns the indices of the objects that are sufficiently visible in every frame. */
export const inSightThroughout = ({ frames }: SeenClip): number[] =>
  frames[0]!.solids.map((_, i) => i).filter((i) => frames.every((frame) => isInSight(frame, i)));
