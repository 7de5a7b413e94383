import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../../src/base/random.ts';
import { isTrusted } from '../../../src/rows/sample/variant.ts';
import { MIRROR, ORIGINAL } from '../../../src/rows/view-list.ts';
import { mirrorToAsk } from '../../../src/rows/views/view.ts';
import { lens, project } from '../../../src/core/worlds/camera.ts';
import {
  findChange,
  floorAt,
  lineThrough,
  moved,
  standingAt,
} from '../../../src/core/worlds/sandbox/move-solids.ts';
import { rowOfScene, sceneOfRow } from '../../../src/core/worlds/sandbox/scene-row.ts';
import {
  newScene,
  differenceOf,
  isAskable,
  seen,
  seenInMirror,
  sandboxForms,
  sandboxOf,
  wordsOf,
  type SandboxScene,
} from '../../../src/core/worlds/sandbox/sandbox-scene.ts';
import { inEnglish } from '../../../src/core/worlds/questions/in-english.ts';
import { mirrorWorld } from '../../../src/core/worlds/world.ts';
import type { Style } from '../../../src/core/worlds/questions/question.ts';
import { property, forAllAsync } from '../../support/property.ts';

const scenes = fc
  .record({ seed: fc.nat(1e6), style: fc.constantFrom<Style>('english', 'compact') })
  .map(({ seed, style }): SandboxScene => ({ ...newScene(Random.from(seed), style), size: { w: 64, h: 64 } }))
  .filter((scene) => isAskable(seen(scene), scene.question, scene.style));
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe('property: sandbox objects', () => {
  property(
    'moved sandbox objects stay in the image and apart from each other',
    [scenes, fc.array(fc.tuple(fc.nat(2), share, share), { maxLength: 8 })],
    { numRuns: 60 },
    (scene, steps) => {
      let { world } = scene;
      const { size } = scene;
      for (const [pick, x, y] of steps) {
        const to = floorAt({ world, size }, x, y);
        if (to) world = moved(world, pick % world.objects.length, to, size);
      }
      const l = lens(world.camera, size);
      world.objects.forEach((a, i) => {
        const { dx, y } = project(l, a.x, a.size / 2, a.z);
        expect(Math.abs(dx)).toBeLessThanOrEqual(size.w / 2);
        expect(y >= 0 && y <= size.h).toBe(true);
        for (const b of world.objects.slice(i + 1))
          expect(Math.hypot(a.x - b.x, a.z - b.z)).toBeGreaterThan((a.size + b.size) / 2 - 1e-9);
      });
    },
  );

  property(
    'sandbox objects are placed on the floor under the pointer',
    [scenes, share, share],
    ({ world, size }, x, y) => {
      const at = floorAt({ world, size }, x, y);
      if (!at || at.z > 100) return;
      const back = project(lens(world.camera, size), at.x, 0, at.z);
      expect(back.dx / size.w + 0.5).toBeCloseTo(x, 6);
      expect(back.y / size.h).toBeCloseTo(y, 6);
    },
  );

  property('sandbox objects are at the floor positions that the image shows', [scenes], (scene) => {
    scene.world.objects.forEach((solid, i) => {
      const { x, y } = standingAt(scene, i);
      const floor = floorAt(scene, x, y)!;
      expect([floor.x, floor.z]).toEqual([expect.closeTo(solid.x, 6), expect.closeTo(solid.z, 6)]);
    });
  });
});

describe('property: sandbox question', () => {
  const asked = (scene: SandboxScene) =>
    sandboxForms(scene)
      .map(({ family, form, wording }) => ({
        ...scene,
        question: { ...scene.question, family, form, wording },
      }))
      .filter((one) => isAskable(seen(one), one.question, one.style));

  property(
    'a sandbox question has the mirrored text and answer that the rules return',
    [scenes],
    { numRuns: 40 },
    (scene) => {
      for (const one of asked(scene)) {
        const { sample } = rowOfScene(one, 'x', 'x.png');
        const mirror = mirrorToAsk(sample);
        const { question, answer } = wordsOf(one, MIRROR);
        expect(isTrusted(mirror)).toBe(true);
        expect([question, answer]).toEqual([mirror.question, mirror.answer]);
        expect(wordsOf(one, ORIGINAL)).toMatchObject({ question: sample.question, answer: sample.answer });
      }
    },
  );

  property(
    'the label of a sandbox question is the question about A and B',
    [scenes, fc.constantFrom(0, 1)],
    { numRuns: 40 },
    (scene, pole) => {
      for (const { question, ...one } of asked(scene)) {
        const { labels } = sandboxForms(scene).find(
          ({ family, form }) => family === question.family && form === question.form,
        )!;
        const names = question.objects.map((i) => one.world.objects[i]!);
        const words = names.reduce(
          (text, { colour, shape }, i) => text.replace(`the ${colour} ${shape}`, 'AB'[i]!),
          inEnglish(wordsOf({ ...one, question: { ...question, pole } }, ORIGINAL).question),
        );
        const short = words
          .replace('Which object', 'Which')
          .replace(/ (?:to|from) the camera|, (?:left or right|right or left)(?=\?)/, '');
        expect(labels[pole]).toBe(short);
      }
    },
  );

  property(
    'a sandbox question is mirrored without an image of the mirror',
    [scenes],
    { numRuns: 40 },
    ({ world, size }) => {
      const drawn = seen({ world: mirrorWorld(world), size });
      expect(seenInMirror(seen({ world, size }))).toEqual(drawn);
    },
  );

  property('a sandbox row restores the same scene', [scenes], { numRuns: 20 }, (scene) => {
    const { sample, picture } = rowOfScene(scene, 'x', 'x.png');
    const again = sceneOfRow(sample)!;
    expect(again.size).toEqual(scene.size);
    const second = rowOfScene(sandboxOf(again), 'x', 'x.png');
    expect(second.sample).toEqual(sample);
    expect(second.picture.rgb).toEqual(picture.rgb);
  });

  test('property: a sandbox question is rejected if the image does not show its answer', () => {
    const scene = newScene(Random.from(1), 'english');
    const [a, b] = scene.world.objects;
    const inside = { ...a!, x: b!.x, z: b!.z, size: 0.05 };
    const hidden = { ...scene, world: { ...scene.world, objects: [inside, b!] } };
    expect(() => rowOfScene(hidden, 'x', 'x.png')).toThrow('The image does not show the answer');
    expect(() => rowOfScene({ ...scene, size: { w: 1e6, h: 1e6 } }, 'x', 'x.png')).toThrow(
      'Cannot draw this scene.',
    );
  });

  test('property: the first sandbox question replaces a question of an unsupported kind', () => {
    const scene = newScene(Random.from(3), 'english');
    const counting = { ...scene, question: { ...scene.question, family: 'count' as const, objects: [] } };
    expect(sandboxOf(counting).question).toEqual(scene.question);
  });
});

describe('position where an answer changes', () => {
  property('a breaking point is on a line with monotonic differences', [scenes], { numRuns: 20 }, (scene) => {
    const line = lineThrough(scene)!;
    expect(line.scenes[line.start]).toBe(scene);
    const differences = line.scenes.map((one) => differenceOf(seen(one), one.question));
    expect(differences).toEqual([...differences].sort((a, b) => a - b));
  });

  test('property: a breaking point is found in either direction with few questions', async () => {
    await forAllAsync([fc.integer({ min: 2, max: 129 }), share, share], async (places, at, from) => {
      const edge = 1 + Math.floor(at * (places - 1.0001));
      const start = Math.floor(from * (places - 0.0001));
      const tried: number[] = [];
      const ask = (place: number) => Promise.resolve((tried.push(place), place >= edge));
      const { change } = await findChange(places, start, ask, String);
      const [near, far] = start >= edge ? [edge, edge - 1] : [edge - 1, edge];
      expect(change).toEqual({ from: near, to: far, answers: [near >= edge, far >= edge] });
      expect(new Set(tried).size).toBe(tried.length);
      expect(tried.length).toBeLessThanOrEqual(28);
    });
  });

  test('the breaking point is null if both ends of the line have the same answer', async () => {
    const { change, answers } = await findChange(
      50,
      20,
      (place) => Promise.resolve(place),
      () => 'left',
    );
    expect(change).toBeNull();
    expect([answers.has(0), answers.has(49)]).toEqual([true, true]);
  });
});
