import { mean } from '../../../base/numbers.ts';
import type { Size } from '../../../rows/sample/boxes.ts';
import type { Sample } from '../../../rows/sample/sample.ts';
import { distanceToCamera, lens, project } from '../camera.ts';
import { sceneOf, type RowScene } from '../views/scene.ts';
import { CLIP } from './axes.ts';
import type { SceneAxis, Whole } from './acuity-axes.ts';

/**
 * Returns the value of 100% on an axis: the image's width or height, or the objects' distance or size in pixels, as
 * geometric means over the scenes. For frames, returns the duration of one frame; null for all other axes.
 * @param scenes one row about each scene
 */
export function wholeOf(axis: SceneAxis, size: Size, scenes: readonly Sample[]): Whole | null {
  if (axis === 'side' || axis === 'motion') return { value: size.w, unit: 'px' };
  if (axis === 'height') return { value: size.h, unit: 'px' };
  if (axis === 'order') return { value: 1000 / CLIP.english.fps, unit: 'ms' };
  if (axis !== 'nearer' && axis !== 'size') return null;
  const valuesOf = axis === 'nearer' ? distances : (scene: RowScene) => sizesInPixels(scene, size);
  const logs = scenes.flatMap(({ meta }) => {
    const scene = sceneOf(meta);
    return scene ? valuesOf(scene).map(Math.log) : [];
  });
  const middle = mean(logs);
  return middle === null ? null : { value: Math.exp(middle), unit: axis === 'nearer' ? 'm' : 'px' };
}

const named = ({ world, question }: RowScene) => question.objects.flatMap((i) => world.objects[i] ?? []);

const distances = (scene: RowScene): number[] =>
  named(scene).map((solid) => distanceToCamera(scene.world.camera, solid));

function sizesInPixels(scene: RowScene, size: Size): number[] {
  const l = lens(scene.world.camera, size);
  return named(scene).map((s) => (l.focal * s.size) / project(l, s.x, s.y + s.size / 2, s.z).depth);
}
