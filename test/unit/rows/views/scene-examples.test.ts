import { describe, expect, it } from 'vitest';
import { parseSample } from '../../../../src/rows/sample/parse-sample.ts';
import { readViewId } from '../../../../src/rows/view-list.ts';
import { rewriteFor } from '../../../../src/rows/views/view.ts';
import type { ViewVariant } from '../../../../src/rows/sample/sample.ts';
import { isTrusted } from '../../../../src/rows/sample/variant.ts';
import { observe } from '../../../../src/core/worlds/observation.ts';
import { rasterise } from '../../../../src/core/worlds/raster.ts';
import { rewriteScene } from '../../../../src/core/worlds/views/rewrite-scene.ts';
import { orbited, sceneOf, travelled, type Scene } from '../../../../src/core/worlds/views/scene.ts';
import { rowOfScene, SCENE_EXAMPLES, SCENE_S, SIZE } from '../../../support/scene-examples.ts';

describe('worked examples of scene views', () => {
  it.each(SCENE_EXAMPLES.map((one) => [one.n, one.view, one] as const))('%i: %s', (_, view, example) => {
    const row = rowOfScene(example);
    expect(parseSample(row).problems).toEqual([]);
    expect([row.question, row.answer]).toEqual(example.from);
    const { policy: answer = 'keep-question', to, code } = example;
    const variant: ViewVariant = rewriteFor(row, view, { draw: rewriteScene, answer });
    if (to === null) expect([isTrusted(variant), variant.code]).toEqual([false, code]);
    else {
      expect(variant.reason).toBeUndefined();
      expect([variant.question, variant.answer]).toEqual(to);
      expect(variant.effect).toBe(to[1] === example.from[1] ? 'stays' : 'changes');
      expect(variant.recomputed_from).toBe('world');
    }
  });

  it('reads orbit:180+mirror as depth-mirror (example 62)', () => {
    expect(readViewId('orbit:180+mirror')).toEqual({ id: 'depth-mirror' });
  });

  it('restores the world byte for byte after four quarter turns (example 61)', () => {
    const start: Scene = sceneOf(rowOfScene(SCENE_EXAMPLES[0]!).meta)!;
    let scene = start;
    for (let i = 0; i < 4; i++) scene = orbited(scene, 90);
    expect(JSON.stringify(scene.world)).toBe(JSON.stringify(start.world));
  });

  it.each([
    ['original', SCENE_S, [134, 356, 302, 200, 256], [4.34, 4.2, 5.58, 5.5, 4.71]],
    ['orbit:90', orbited(SCENE_S, 90), [211, 178, 366, 334, 256], [5.69, 3.98, 4.3, 5.34, 4.71]],
    ['orbit:180', orbited(SCENE_S, 180), [355, 178, 189, 334, 256], [5.27, 5.34, 3.86, 3.98, 4.71]],
    ['dolly:1', travelled(SCENE_S, 0, 0, 1), [98, 386, 312, 188, 256], [3.44, 3.3, 4.62, 4.55, 3.77]],
  ])('computes the documented columns and distances in %s', (_, { world }, columns, distances) => {
    const { solids } = observe(world, rasterise(world, SIZE));
    expect(solids.map(({ right }) => Math.round(256 + right * 512))).toEqual(columns);
    expect(solids.map(({ distance }) => Math.round(distance * 100) / 100)).toEqual(distances);
  });
});
