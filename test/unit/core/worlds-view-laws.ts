import { expect } from 'vitest';
import { Random } from '../../../src/core/random.ts';
import type { Sample, ViewVariant } from '../../../src/core/spatial/sample.ts';
import { graphOf } from '../../../src/core/spatial/scene-graph/read.ts';
import { applyVariant, isTrusted } from '../../../src/core/spatial/variant.ts';
import { focalOf } from '../../../src/core/spatial/views/focal.ts';
import { readResample } from '../../../src/core/spatial/views/resample-id.ts';
import { warpOf } from '../../../src/core/spatial/views/resample.ts';
import { resamplePixels } from '../../../src/core/spatial/views/resample-pixels.ts';
import { rewriteFor } from '../../../src/core/spatial/views/view.ts';
import { observe } from '../../../src/core/worlds/observation.ts';
import { ask } from '../../../src/core/worlds/questions/ask.ts';
import { rasterise } from '../../../src/core/worlds/raster.ts';
import { drawScene, rewriteScene } from '../../../src/core/worlds/views/rewrite.ts';
import { sceneOf } from '../../../src/core/worlds/views/scene.ts';
import { rowsOfWorld } from './worlds-scene-laws.ts';

const inView = (row: Sample, view: string): Sample | null => {
  const variant: ViewVariant = rewriteFor(row, view, { draw: rewriteScene });
  return isTrusted(variant) ? applyVariant(row, variant) : null;
};
const yes = (answer: string): boolean => answer.startsWith('Yes');
const sizeOf = (row: Sample) => row.images[0] as { w: number; h: number };
const topicOf = ({ meta }: Sample) => `${meta!.family as string}.${meta!.form as string}`;

/** The same row, of a camera that looks straight ahead, so that a pan is a turn of the camera on the spot. */
function levelled(row: Sample): Sample {
  const { world, question, style, pivot } = sceneOf(row.meta)!;
  const level = { ...world, camera: { ...world.camera, pitch: 0 } };
  const o = observe(level, rasterise(level, sizeOf(row)));
  const sample = ask(o, question, style, { id: row.id });
  return { ...sample, meta: { ...sample.meta, world: { ...level, pivot, question, style } } };
}

/** Fields that no view may change beside those that it moves. */
const plain = ({ question, answer, choices, reasoning }: Sample) =>
  JSON.parse(JSON.stringify({ question, answer, choices, reasoning })) as object;

/** Checks views of the picture and of the words against the world itself. @returns how many rows had such a view. */
export function expectViewLaws(seed: number): Record<string, number> {
  const random = Random.from(`views ${seed}`);
  const had: Record<string, number> = {};
  const count = (view: string) => (had[view] = (had[view] ?? 0) + 1);
  for (const row of rowsOfWorld(seed)) {
    const topic = topicOf(row);
    const { world, question, style } = sceneOf(row.meta)!;
    const size = sizeOf(row);
    const o = observe(world, rasterise(world, size));

    // Words: the world is asked about its solids the other way round.
    const exchanged = inView(row, 'exchange-names');
    if (exchanged && question.objects.length === 2 && row.task === 'yesno') {
      count('exchange-names');
      const other = ask(o, { ...question, objects: [...question.objects].reverse() }, style);
      expect([topic, exchanged.question, yes(exchanged.answer)]).toEqual([
        ...[topic, exchanged.question, yes(other.answer)],
      ]);
    }
    const converse = inView(row, 'converse');
    if (converse) {
      count('converse');
      const pole = question.pole === 0 ? 1 : 0;
      const other = ask(o, { ...question, pole, objects: [...question.objects].reverse() }, style);
      expect([topic, yes(converse.answer)]).toEqual([topic, yes(other.answer)]);
    }

    // Pixels: sides are those of the boxes that are seen then.
    const degrees = random.pick([2, 5, -5, 10]);
    const crop = [
      0.1 * random.between(0, 1),
      0.1 * random.between(0, 1),
      1 - 0.1 * random.between(0, 1),
      1 - 0.1 * random.between(0, 1),
    ];
    for (const view of [
      `crop:${crop.map((part) => part.toFixed(3)).join(',')}`,
      ...['pad:square', 'scale:0.75', 'scale:2', 'light:0.5', 'grey'],
      ...[`roll:${degrees}`, `pan:${degrees}`, `slant:${degrees}`],
    ]) {
      const seen = inView(row, view);
      if (!seen) continue;
      count(view.split(':')[0]!);
      if (!/^box/.test(topic)) expect([view, topic, plain(seen)]).toEqual([view, topic, plain(row)]);
      const warp = warpOf(readResample(view)!, size, focalOf(row));
      if (!warp) continue;
      const before = graphOf(row)!.objects;
      const after = graphOf(seen)!.objects;
      for (const { id, box } of after) {
        const { box: from } = before.find((object) => object.id === id)!;
        if (!box || !from) continue;
        const corners = [warp.to([from[0], from[1]]), warp.to([from[2], from[3]])].flat();
        box.forEach((v, i) => expect(v).toBeCloseTo(corners[i]!, 2));
        expect(Math.min(...box)).toBeGreaterThanOrEqual(view.startsWith('crop') ? 0 : -1e-6);
      }
      if (/^box/.test(topic)) {
        const said = JSON.parse(/\[.*\]/.exec(seen.answer)![0]) as number[];
        said.forEach((v, i) => expect(Math.abs(v - seen.boxes![0]![i]!)).toBeLessThanOrEqual(0.51));
      }
      if (topic === 'side.yesno') {
        const [a, b] = question.objects.map((i) => {
          const [x1, y1, x2, y2] = before[i]!.box!;
          return warp.to([(x1 + x2) / 2, (y1 + y2) / 2])[0];
        });
        expect([view, a! < b!]).toEqual([view, yes(row.answer) === (question.pole === 0)]);
      }
    }

    // What undoes itself gives the row back.
    for (const [view, back] of [
      ...(['mirror', 'flip', 'rotate:180', 'transpose', 'converse'] as const).map((v) => [v, v] as const),
      ['rotate:90', 'rotate:270'] as const,
    ]) {
      const seen = inView(row, view);
      const returned = seen && inView(seen, back);
      if (seen) expect([view, topic, returned && plain(returned)]).toEqual([view, topic, plain(row)]);
    }

    // The same pan, by turning the camera in the world, which takes long.
    if (seed % 6 !== 1) continue;
    const level = levelled(row);
    const [panned, turned] = [inView(level, `pan:${degrees}`), inView(level, `turn:${degrees}`)];
    if (panned && turned && !/^box/.test(topic)) {
      count('turned');
      expect([topic, panned.question, panned.answer]).toEqual([topic, turned.question, turned.answer]);
    }
  }
  return had;
}

/** A panned picture is what the camera draws after it has turned on the spot, but for edges. */
export function expectPanDrawsTurn(seed: number, degrees: number): void {
  const row = levelled(rowsOfWorld(6 * seed + 1)[0]!);
  const { w, h } = sizeOf(row);
  const draw = (view: string) => drawScene(row, view)!;
  const straight = draw('turn:0');
  const one = readResample(`pan:${degrees}`)!;
  const picture = resamplePixels({ width: w, height: h, data: straight.rgb }, one, focalOf(row));
  const turned = draw(`turn:${degrees}`);
  const warp = warpOf(one, { w, h }, focalOf(row))!;
  // The middle of the turned picture is where the pan takes its new axis.
  const axis = warp.to([w / 2 + focalOf(row)! * Math.tan((degrees * Math.PI) / 180), h / 2]);
  const [dx, dy] = [w / 2 - axis[0], h / 2 - axis[1]];
  let [sum, n] = [0, 0];
  for (let y = 0; y < picture.height; y++)
    for (let x = 0; x < picture.width; x++) {
      const [u, v] = [Math.round(x + dx), Math.round(y + dy)];
      if (u < 0 || v < 0 || u >= w || v >= h) continue;
      for (let c = 0; c < 3; c++)
        sum += Math.abs(picture.data[3 * (y * picture.width + x) + c]! - turned.rgb[3 * (v * w + u) + c]!);
      n += 3;
    }
  expect(n).toBeGreaterThan(0.5 * 3 * picture.width * picture.height);
  expect(sum / n).toBeLessThan(2);
}
