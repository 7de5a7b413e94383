import { withoutReasoning } from '../../../src/rows/views/view-variant.ts';
import { expect } from 'vitest';
import { Random } from '../../../src/base/random.ts';
import type { Sample, ViewVariant } from '../../../src/rows/sample/sample.ts';
import { graphOf } from '../../../src/rows/scene-graph/read-graph.ts';
import { applyVariant, isTrusted } from '../../../src/rows/sample/variant.ts';
import { focalOf, warpOf } from '../../../src/rows/views/resample/warp.ts';
import { readResample } from '../../../src/rows/view-parts.ts';
import { resamplePixels } from '../../../src/rows/views/resample/pixels.ts';
import { rewriteFor } from '../../../src/rows/views/view.ts';
import { directionIn, sizeIn, SYMMETRIES, type Symmetry } from '../../../src/rows/symmetry.ts';
import { turnBox } from '../../../src/rows/views/geometry.ts';
import type { Xyxy } from '../../../src/rows/sample/boxes.ts';
import type { Pole, Question } from '../../../src/core/worlds/questions/question.ts';
import { observe, type Observation } from '../../../src/core/worlds/observation.ts';
import { ask } from '../../../src/core/worlds/questions/question-forms.ts';
import { rasterise } from '../../../src/core/worlds/raster.ts';
import { drawScene, rewriteScene } from '../../../src/core/worlds/views/rewrite-scene.ts';
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

/** The same objects where a turned image shows them. */
const turnedBoxes = (o: Observation, view: Symmetry): Observation => ({
  ...o,
  size: sizeIn(view, o.size),
  solids: o.solids.map((solid) => ({
    ...solid,
    box: solid.box && (turnBox(solid.box, view, 'xyxy_px', o.size) as Xyxy),
  })),
});

const DIRECTIONS = { side: ['left', 'right'], height: ['above', 'below'] } as const;

/** A question about the image's own axes, as a turned image answers it in the same way. */
function turnedQuestion(question: Question, view: Symmetry): Question {
  const [, which, form] = /^(which-)?(side|height)$/.exec(question.form)!;
  const to = directionIn(view, DIRECTIONS[form as keyof typeof DIRECTIONS][question.pole]);
  const axis = to === 'left' || to === 'right' ? 'side' : 'height';
  const pole = (DIRECTIONS[axis] as readonly string[]).indexOf(to) as Pole;
  return { ...question, form: `${which ?? ''}${axis}`, pole };
}

/** The texts of a row, as a file has them. */
/** What a view keeps of a row: all but a reasoning that it had to drop. */
const keptOf = (row: Sample, seen: Sample) => (seen.reasoning === undefined ? withoutReasoning(row) : row);
const textsOf = ({ question, answer, choices, reasoning }: Sample) =>
  JSON.parse(JSON.stringify({ question, answer, choices, reasoning })) as object;

/** Checks views of the image and of the words against the world itself. @returns how many rows had such a view. */
export function expectViewLaws(seed: number): Record<string, number> {
  const random = Random.from(`views ${seed}`);
  const had: Record<string, number> = {};
  const count = (view: string) => (had[view] = (had[view] ?? 0) + 1);
  for (const row of rowsOfWorld(seed)) {
    const topic = topicOf(row);
    const { world, question, style } = sceneOf(row.meta)!;
    const size = sizeOf(row);
    const o = observe(world, rasterise(world, size));

    // Words: the world is asked about its objects the other way round.
    const exchanged = inView(row, 'exchange-names');
    if (exchanged && question.objects.length === 2 && row.task === 'yesno') {
      count('exchange-names');
      const other = ask(o, { ...question, objects: [...question.objects].reverse() }, style);
      expect([topic, exchanged.question, yes(exchanged.answer)]).toEqual([
        topic,
        exchanged.question,
        yes(other.answer),
      ]);
    }
    const converse = inView(row, 'converse');
    if (converse) {
      count('converse');
      const pole = question.pole === 0 ? 1 : 0;
      const other = ask(o, { ...question, pole, objects: [...question.objects].reverse() }, style);
      expect([topic, yes(converse.answer)]).toEqual([topic, yes(other.answer)]);
    }

    // Turned images, three of the seven in each world: the image's own axes, letter by letter, from the turned boxes.
    if (question.family === 'plane')
      for (const view of [seed, seed + 2, seed + 4].map((i) => SYMMETRIES[1 + (i % 7)]!)) {
        count(view);
        const turned = ask(turnedBoxes(o, view), turnedQuestion(question, view), style);
        const seen = inView(row, view);
        expect([view, topic, seen && textsOf(seen)]).toEqual([view, topic, textsOf(turned)]);
      }

    // Pixels: sides are those of the boxes that are seen then.
    const degrees = random.pick([2, 5, -5, 10]);
    const crop = [
      0.1 * random.between(0, 1),
      0.1 * random.between(0, 1),
      1 - 0.1 * random.between(0, 1),
      1 - 0.1 * random.between(0, 1),
    ];
    const frames = ['roll', 'pan', 'slant'].map((op) => `${op}:${degrees}`);
    const plain = ['pad:square', 'scale:0.75', 'scale:2', 'light:0.5', 'grey'];
    for (const view of [
      `crop:${crop.map((part) => Number(part.toFixed(3))).join(',')}`,
      random.pick(frames),
      random.pick(plain),
    ]) {
      const seen = inView(row, view);
      if (!seen) continue;
      count(view.split(':')[0]!);
      if (!/^(box|plane)/.test(topic))
        expect([view, topic, textsOf(seen)]).toEqual([view, topic, textsOf(keptOf(row, seen))]);
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
    const view = random.pick(['mirror', 'flip', 'rotate:180', 'transpose', 'converse', 'rotate:90']);
    const seen = inView(row, view);
    const returned = seen && inView(seen, view === 'rotate:90' ? 'rotate:270' : view);
    if (seen)
      expect([view, topic, returned && textsOf(returned)]).toEqual([view, topic, textsOf(keptOf(row, seen))]);

    // The same pan, by turning the camera in the world, which takes long.
    if (seed % 6 !== 1 || /^(box|plane)/.test(topic)) continue;
    const level = levelled(row);
    const [panned, turned] = [inView(level, `pan:${degrees}`), inView(level, `turn:${degrees}`)];
    if (panned && turned) {
      count('turned');
      expect([topic, panned.question, panned.answer]).toEqual([topic, turned.question, turned.answer]);
    }
  }
  return had;
}

/** A panned image is what the camera draws after it has turned on the spot, but for edges and far tiles. */
export function expectPanDrawsTurn(seed: number, degrees: number): void {
  const row = levelled(rowsOfWorld(6 * seed + 1).find((one) => !topicOf(one).startsWith('box'))!);
  const { w, h } = sizeOf(row);
  const one = readResample(`pan:${degrees}`)!;
  const focal = focalOf(row)!;
  const panned = resamplePixels({ width: w, height: h, data: drawScene(row, 'turn:0')!.rgb }, one, focal);
  // The new axis of the camera is in the middle of the turned image.
  const [x, y] = warpOf(one, { w, h }, focal)!.to([
    w / 2 + focal * Math.tan((degrees * Math.PI) / 180),
    h / 2,
  ]);
  const differs = (view: string): number => {
    const { rgb } = drawScene(row, view)!;
    const [dx, dy] = [Math.round(w / 2 - x), Math.round(h / 2 - y)];
    let [sum, n] = [0, 0];
    for (let v = Math.max(0, -dy); v < Math.min(panned.height, h - dy); v++)
      for (let u = Math.max(0, -dx); u < Math.min(panned.width, w - dx); u++, n++)
        sum += Math.abs(panned.data[3 * (v * panned.width + u)]! - rgb[3 * ((v + dy) * w + u + dx)]!);
    expect(n).toBeGreaterThan(0.5 * panned.width * panned.height);
    return sum / n;
  };
  const right = differs(`turn:${degrees}`);
  expect(right).toBeLessThan(4);
  expect(right).toBeLessThan(0.7 * differs(`turn:${-degrees}`));
}
