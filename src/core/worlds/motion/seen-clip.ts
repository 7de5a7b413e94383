import type { Size } from '../../../rows/sample/boxes.ts';
import { isInSight } from '../margins.ts';
import { observe, type Observation } from '../observation.ts';
import { rasterise, type Raster } from '../raster.ts';
import { frameTimes, reverseMoving, worldAt, type MovingWorld } from './moving-world.ts';

/** A moving world with what each of its frames shows: everything that questions are asked and answered from. */
export interface SeenClip {
  moving: MovingWorld;
  size: Size;
  frames: readonly Observation[];
  /** Compares movements exactly, below the margins, too: for stimuli that measure how finely a model sees. */
  exact?: boolean;
}

/** Computes what every frame shows, and the rasters to shade. */
export function seeClip(moving: MovingWorld, size: Size): { clip: SeenClip; rasters: Raster[] } {
  const worlds = frameTimes(moving.frames).map((time) => worldAt(moving, time));
  const rasters = worlds.map((world) => rasterise(world, size));
  return {
    clip: { moving, size, frames: worlds.map((world, i) => observe(world, rasters[i]!)) },
    rasters,
  };
}

/** The clip backwards. Its frames are those of the reversed world, which need not be computed again. */
export const reversedClip = (clip: SeenClip): SeenClip => ({
  ...clip,
  moving: reverseMoving(clip.moving),
  frames: clip.frames.toReversed(),
});

export const atStart = ({ frames }: SeenClip): Observation => frames[0]!;
export const atEnd = ({ frames }: SeenClip): Observation => frames.at(-1)!;

/** Indices of the objects that can be seen well enough in every frame. */
export const inSightThroughout = ({ frames }: SeenClip): number[] =>
  frames[0]!.solids.map((_, i) => i).filter((i) => frames.every((frame) => isInSight(frame, i)));
