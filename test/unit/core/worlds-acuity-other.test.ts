import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/base/random.ts';
import { parseSample } from '../../../src/rows/sample/parse-sample.ts';
import { type PairView, viewOf } from '../../../src/rows/view-list.ts';
import { askCell, drawCell, mapScene } from '../../../src/core/worlds/acuity/map.ts';
import { askMetres, drawMetres } from '../../../src/core/worlds/acuity/metres.ts';
import { askTurn, drawTurn } from '../../../src/core/worlds/acuity/draw-turn.ts';
import type { Stimulus } from '../../../src/core/worlds/acuity/draw-stimulus.ts';
import { ask } from '../../../src/core/worlds/questions/question-forms.ts';
import { shade } from '../../../src/core/worlds/shade.ts';
import { rewriteScene } from '../../../src/core/worlds/views/rewrite-scene.ts';
import { sceneOf } from '../../../src/core/worlds/views/scene.ts';

const IMAGES = { original: 'a.png', mirror: 'b.png' };
const SIZE = { w: 160, h: 160 };

/** Every byte of the mirror's image is that of the original's, turned around. */
function expectMirrored({ original, mirror }: Stimulus['views']): void {
  const [{ rgb, w, h }, turned] = [original, mirror].map((one) =>
    shade(one.observation.world, one.raster),
  ) as [ReturnType<typeof shade>, ReturnType<typeof shade>];
  const back = new Uint8Array(rgb.length);
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++)
      for (const c of [0, 1, 2]) back[3 * (y * w + x) + c] = turned.rgb[3 * (y * w + w - 1 - x) + c]!;
  expect(Buffer.compare(Buffer.from(back), Buffer.from(rgb))).toBe(0);
}

describe.each([0, 30, -30, 60, -120, 150, 180])('rotation by %i°', (degrees) => {
  const turned = drawTurn(Random.from(`turn ${degrees}`), degrees, SIZE);

  it('a rotation has an answer from geometry, and a mirror with equal bytes', () => {
    expectMirrored(turned.views);
    const { objects, camera } = turned.views.original.observation.world;
    const [{ x, z }, b] = [objects[1]!, objects[0]!];
    // Where the camera stands after it has gone around B, and what is to its right there.
    const angle = (degrees * Math.PI) / 180;
    const eye = { x: b.x + b.z * Math.sin(angle), z: b.z - b.z * Math.cos(angle) };
    const right = { x: Math.cos(angle), z: Math.sin(angle) };
    expect(camera.pitch).toBeGreaterThan(0);
    const side = Math.sign((x - eye.x) * right.x + (z - eye.z) * right.z);
    for (const form of ['yesno', 'choice'] as const)
      for (const { sample, acuity } of askTurn(turned, { block: 'turn-1', form }, IMAGES)) {
        expect(acuity.claim).toBe(side);
        expect(acuity.changes).toBe(Math.sign(x) !== side);
        expect(parseSample(sample).problems).toEqual([]);
        if (form === 'choice') continue;
        const says = acuity.pole === 1 ? 1 : -1;
        const turn = (acuity.view === 'mirror' ? -1 : 1) * (acuity.order === 'A first' ? 1 : -1);
        expect(sample.answer).toBe(side * turn * says > 0 ? 'Yes' : 'No');
        if (degrees === 0) continue;
        // What the view of an ordinary row says in its place.
        const scene = sceneOf(sample.meta)!;
        const { observation } = turned.views[acuity.view as PairView];
        const plain = {
          ...ask(observation, scene.question, 'english', { id: 'a', image: { path: 'a.png', ...SIZE } }),
          meta: sample.meta!,
        };
        const by = acuity.view === 'mirror' ? -degrees : degrees;
        const { id } = viewOf(`imagine:orbit:${(by + 360) % 360}`);
        const view = rewriteScene(plain, id, 'keep-question') as {
          question?: string;
          answer?: unknown;
          reason?: string;
        };
        const { question, answer, reason } = view;
        expect(reason).toBeUndefined();
        expect([question, answer]).toEqual([sample.question, sample.answer]);
      }
  });
});

describe.each([
  { style: 'english', metres: 1, size: 448 },
  { style: 'english', metres: 8.2, size: 448 },
  { style: 'english', metres: 40, size: 448 },
  { style: 'compact', metres: 5, size: 64 },
] as const)('object $metres m away in the $style style', ({ style, metres, size }) => {
  it('an object has the exact distance, full visibility, and a mirror with equal bytes', () => {
    const stimulus = drawMetres(Random.from(`metres ${metres}`), metres, {
      style,
      size: { w: size, h: size },
    });
    expectMirrored(stimulus.views);
    for (const { observation } of Object.values(stimulus.views)) {
      const { x, z, size: side } = observation.world.objects[0]!;
      expect(Math.hypot(x, z, side / 2 - observation.world.camera.height)).toBeCloseTo(metres, 6);
      const { box, hidden } = observation.solids[0]!;
      expect(hidden).toBeLessThanOrEqual(0.02);
      expect(Math.min(box![2] - box![0], box![3] - box![1])).toBeGreaterThanOrEqual(12);
    }
    const rows = askMetres(stimulus, { metres, block: 'metres-1', style }, IMAGES);
    expect(rows.map(({ sample }) => sample.answer)).toEqual(
      Array(2).fill(style === 'compact' ? '5 metres' : `${metres.toFixed(1)} meters`),
    );
    for (const { sample } of rows) expect(parseSample(sample).problems).toEqual([]);
  });
});

it.each(['side', 'height', 'nearer'] as const)(
  'a map of %s has answers that match the position of the object in its images',
  (axis) => {
    const about = { axis, style: 'english', size: SIZE, map: { columns: 6, rows: 4 }, seed: 1 } as const;
    const scene = mapScene(about);
    let cells = 0;
    for (let cell = 0; cell < 24; cell++) {
      const stimulus = drawCell(Random.from(`map ${cell}`), scene, about, cell);
      if (!stimulus) continue;
      cells += 1;
      expectMirrored(stimulus.views);
      expect(stimulus.views.original.observation.world.objects[1]).toMatchObject({
        x: 0,
        z: scene.world.objects[0]!.z,
      });
      for (const { sample, acuity } of askCell(
        stimulus,
        about,
        { block: 'map-1', form: 'yesno', cell },
        IMAGES,
      )) {
        const { solids } = stimulus.views[acuity.view as PairView].observation;
        const place = (0.5 - solids[0]!.above - scene.top) / (scene.bottom - scene.top);
        expect(acuity.cell).toEqual([Math.floor(6 * (solids[0]!.right + 0.5)), Math.floor(4 * place)]);
        expect(parseSample(sample).problems).toEqual([]);
        expect(Math.sign(acuity.x)).toBe(acuity.claim);
      }
    }
    expect(cells).toBeGreaterThanOrEqual(12);
  },
);
