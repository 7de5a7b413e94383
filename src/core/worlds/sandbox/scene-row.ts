import { declaredSize, type Sample } from '../../../rows/sample/sample.ts';
import { observe } from '../observation.ts';
import { ask } from '../questions/question-forms.ts';
import { rasterise } from '../raster.ts';
import { shade } from '../shade.ts';
import { pivotOf, sceneForRow, sceneOf } from '../views/scene.ts';
import { isAskable, type SandboxScene } from './sandbox-scene.ts';

/** Minimum and maximum side of an image that is drawn, in pixels. */
const SIDES = { least: 16, most: 1024 };

const isDrawn = (side: number): boolean =>
  Number.isInteger(side) && side >= SIDES.least && side <= SIDES.most;

/** Returns the scene in a row's image for the sandbox; null if the row has no scene, or no usable image size. */
export function sceneOfRow({ meta, images }: Sample): SandboxScene | null {
  const size = declaredSize(images[0]);
  const scene = size && isDrawn(size.w) && isDrawn(size.h) ? sceneOf(meta) : null;
  if (!size || !scene || scene.world.objects.length < 2) return null;
  const { world, question, style } = scene;
  return { world, question, style, size };
}

/**
 * Returns a scene as a row, with its image. `meta.world` of the row contains the scene.
 * @param path path of the image's file
 * @throws RangeError if the scene cannot be drawn, or its image does not show the answer
 */
export function rowOfScene(
  given: SandboxScene,
  id: string,
  path: string,
): { sample: Sample; picture: { w: number; h: number; rgb: Uint8Array } } {
  const { size } = given;
  // Reads the scene as from a row: rounds numbers, and accepts only scenes that can be drawn again.
  const read = sceneOf({ world: sceneForRow({ ...given, pivot: { x: 0, z: 0 } }) });
  if (!read || !isDrawn(size.w) || !isDrawn(size.h)) throw new RangeError('Cannot draw this scene.');
  const { world, question, style } = read;
  const raster = rasterise(world, size);
  const observation = { ...observe(world, raster), exact: true };
  if (!isAskable(observation, question, style))
    throw new RangeError('The image does not show the answer to this question. Move an object.');
  const sample: Sample = ask(observation, question, style, { id, image: { path, ...size } });
  const scene = { ...read, pivot: pivotOf(world, undefined) };
  const row: Sample = { ...sample, source: 'sandbox', meta: { ...sample.meta, world: sceneForRow(scene) } };
  return { sample: row, picture: shade(world, raster) };
}
