import { expect } from 'vitest';
import { groupBy } from '../../../src/core/evaluation/scored-row.ts';
import { Random } from '../../../src/base/random.ts';
import { rewriteFor } from '../../../src/rows/views/view.ts';
import type { Sample } from '../../../src/rows/sample/sample.ts';
import { isTrusted } from '../../../src/rows/sample/variant.ts';
import { observe } from '../../../src/core/worlds/observation.ts';
import { ask } from '../../../src/core/worlds/questions/question-forms.ts';
import type { Question } from '../../../src/core/worlds/questions/question.ts';
import { rasterise } from '../../../src/core/worlds/raster.ts';
import { RING, ROOM, sampleWorld } from '../../../src/core/worlds/sample-worlds.ts';
import { drawScene, rewriteScene } from '../../../src/core/worlds/views/rewrite-scene.ts';
import { pivotOf, sceneForRow, sceneOf, type RowScene } from '../../../src/core/worlds/views/scene.ts';
import { everyQuestion } from './worlds-everything.ts';

const SMALL = { w: 112, h: 96 };
/** Faces can be seen from this size on. */
const LARGE = { w: 360, h: 320 };

/** A random world with one of its questions of each form, as rows; every sixth world is large, to ask about own sides. */
export function rowsOfWorld(seed: number): Sample[] {
  const large = seed % 6 === 0;
  const size = large ? LARGE : SMALL;
  const random = Random.from(`scene ${seed}`);
  const options = random.chance(0.7) ? RING : ROOM;
  const drawn = sampleWorld(random, { ...options, faces: 0.6, stacked: 0.2 }, size.w / size.h);
  const scene = { world: drawn, pivot: pivotOf(drawn, options.ring), style: 'english' as const };
  const nothing: Question = { family: 'size', form: 'metric', pole: 0, wording: 0, objects: [0] };
  const { world } = sceneOf({ world: sceneForRow({ ...scene, question: nothing }) })!;
  const o = observe(world, rasterise(world, size));
  const byForm = groupBy(everyQuestion(o, 'english'), ({ family, form }) => `${family}.${form}`);
  const asked = [...byForm].filter(([topic]) => !large || topic.startsWith('own-side'));
  return asked.map(([, questions], i) => {
    const question = random.pick(questions);
    const sample = ask(o, question, 'english', { id: `${seed}-${i}` });
    return { ...sample, meta: { ...sample.meta, world: sceneForRow({ ...scene, world, question }) } };
  });
}

/** As a file has it, where −0 is 0. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));

const inScene = (row: Sample, view: string): Sample | null => {
  const variant = rewriteFor(row, view, { draw: rewriteScene });
  return isTrusted(variant) ? { ...row, ...variant, variants: {} } : null;
};

/** Where the camera stands and looks after an orbit, in the world of the original; nothing of the program's geometry. */
function eye({ world, pivot }: RowScene, degrees: number) {
  const a = (degrees * Math.PI) / 180;
  const radius = pivot.z;
  const at = { x: pivot.x + radius * Math.sin(a), z: pivot.z - radius * Math.cos(a) };
  const ahead = { x: -Math.sin(a), z: Math.cos(a) };
  const right = { x: Math.cos(a), z: Math.sin(a) };
  const { height, pitch } = world.camera;
  return (i: number) => {
    const solid = world.objects[i]!;
    const [dx, dz, up] = [solid.x - at.x, solid.z - at.z, solid.y + solid.size / 2 - height];
    const across = dx * right.x + dz * right.z;
    const along = dx * ahead.x + dz * ahead.z;
    const depth = along * Math.cos(pitch) - up * Math.sin(pitch);
    return { slope: across / depth, along, distance: Math.hypot(dx, dz, up) };
  };
}

const yes = (answer: string): boolean => answer.startsWith('Yes');

/** What a question's answer must be for a camera at another place, for the forms that vectors alone can answer. */
function truth(scene: RowScene, degrees: number): boolean | string | undefined {
  const { family, form, pole, objects } = scene.question;
  const from = eye(scene, degrees);
  const [a, b] = objects.slice(0, 2).map(from);
  const first = pole === 0;
  switch (`${family}.${form}`) {
    case 'side.yesno':
      return a!.slope < b!.slope === first;
    case 'front.yesno':
      return a!.along < b!.along === first;
    case 'nearer.yesno':
      return a!.distance < b!.distance === first;
    case 'distance.camera':
      return `${a!.distance.toFixed(1)} meters`;
    default:
      return undefined;
  }
}

/** Families whose answers a camera that goes around the scene does not change, and those that it may. */
const STAYS_IN_ORBIT =
  /^(own-side|above\.yesno|size|count\.(colour|shape|more)|distance\.between|nearer\.to-another)/;
const STAYS_IN_DEPTH_MIRROR =
  /^(above\.yesno|size|count\.(colour|shape|more)|distance\.between|nearer\.to-another)/;

/** Checks the laws of scene views on one world. @returns how many questions had a view. */
export function expectSceneLaws(seed: number): number {
  const random = Random.from(`laws ${seed}`);
  const degrees = random.pick([90, 180, 270, 30, 137]);
  let had = 0;
  for (const row of rowsOfWorld(seed)) {
    const scene = sceneOf(row.meta)!;
    const topic = `${row.meta!.family as string}.${row.meta!.form as string}`;
    const seen = inScene(row, `orbit:${degrees}`);
    if (seen) {
      had += 1;
      expect([topic, seen.question]).toEqual([topic, row.question]);
      const right = truth(scene, degrees);
      if (typeof right === 'boolean') expect([topic, yes(seen.answer)]).toEqual([topic, right]);
      if (typeof right === 'string') expect(seen.answer).toContain(right);
      if (STAYS_IN_ORBIT.test(topic)) expect([topic, seen.answer]).toEqual([topic, row.answer]);
      // The view goes back to the row: byte for byte after quarter turns, where coordinates stay on the grid.
      if (degrees % 90 === 0) {
        const back = inScene(seen, `orbit:${360 - degrees}`)!;
        for (const key of [
          'question',
          'answer',
          'choices',
          'boxes',
          'reasoning',
          'scene_graph',
          'meta',
        ] as const)
          expect(plain(back[key])).toEqual(plain(row[key]));
        expect(JSON.stringify(back.meta!.world)).toBe(JSON.stringify(row.meta!.world));
      }
    }
    const behind = inScene(row, 'depth-mirror');
    if (behind && STAYS_IN_DEPTH_MIRROR.test(topic))
      expect([topic, behind.answer]).toEqual([topic, row.answer]);
    if (behind && topic === 'own-side.where') expect(behind.answer).not.toBe(row.answer);
    if (behind && topic === 'front.yesno') expect(yes(behind.answer)).toBe(!yes(row.answer));
    const zoomed = inScene(row, 'zoom:1.25');
    if (zoomed && !/^box/.test(topic)) expect([topic, zoomed.answer]).toEqual([topic, row.answer]);
    const lit = inScene(row, random.pick(['relight:3', 'repaint:4']));
    expect([topic, lit?.answer]).toEqual([topic, row.answer]);
    const near = inScene(row, 'dolly:0.5');
    if (near) expect(inScene(near, 'dolly:-0.5')?.answer).toBe(row.answer);
    const imagined = inScene(row, `imagine:orbit:${degrees}`);
    if (imagined) expect([topic, imagined.answer]).toEqual([topic, seen?.answer]);
  }
  return had;
}

/** The image of the depth mirror is the mirror of the image from behind, pixel for pixel. */
export function expectMirrorOfBehind(seed: number): void {
  const row = rowsOfWorld(6 * seed + 1)[0]!;
  const [{ rgb, w, h }, mirrored] = [drawScene(row, 'orbit:180')!, drawScene(row, 'depth-mirror')!];
  const flopped = rgb.slice();
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++)
      flopped.set(rgb.subarray((y * w + w - 1 - x) * 3, (y * w + w - x) * 3), (y * w + x) * 3);
  expect(Buffer.compare(flopped, mirrored.rgb)).toBe(0);
}
