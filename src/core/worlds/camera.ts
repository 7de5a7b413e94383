import type { Size } from '../../rows/sample/boxes.ts';
import type { Camera, Solid } from './world.ts';

/** A pinhole camera for one image size. Functions are even or odd in x, so mirrored rays are exact negatives in x. */
export interface Lens {
  size: Size;
  /** Focal length of the camera in pixels. */
  focal: number;
  height: number;
  sin: number;
  cos: number;
}

/** Pitch of a camera that looks straight down. Up in the image is +z, so turning the image turns the world. */
export const STRAIGHT_DOWN = Math.PI / 2;

export const looksDown = (pitch: number): boolean => pitch === STRAIGHT_DOWN;

/** Returns a camera for images of one size, with values for projection that are computed only once. */
export function lens(camera: Camera, size: Size): Lens {
  return {
    size,
    focal: camera.focal * size.h,
    height: camera.height,
    sin: Math.sin(camera.pitch),
    cos: looksDown(camera.pitch) ? 0 : Math.cos(camera.pitch),
  };
}

/** Projects a point. Returns pixels from the image's centre line and upper edge, and depth along the camera axis. */
export function project(l: Lens, x: number, y: number, z: number): { dx: number; y: number; depth: number } {
  const up = y - l.height;
  const depth = z * l.cos - up * l.sin;
  const rise = up * l.cos + z * l.sin;
  return { dx: (l.focal * x) / depth, y: l.size.h / 2 - (l.focal * rise) / depth, depth };
}

/** Returns the distance between the camera and the centre of an object, in metres, as questions use it. */
export function distanceToCamera(camera: Camera, { x, y, z, size }: Solid): number {
  const up = y + size / 2 - camera.height;
  return Math.sqrt(x * x + up * up + z * z);
}
