import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/base/random.ts';
import type { Sample, ViewVariant } from '../../../src/rows/sample/sample.ts';
import { applyVariant, isTrusted } from '../../../src/rows/sample/variant.ts';
import { SYMMETRIES, turnPixels, type Symmetry } from '../../../src/rows/symmetry.ts';
import { rewriteFor } from '../../../src/rows/views/view.ts';
import { observe, type Observation } from '../../../src/core/worlds/observation.ts';
import { ask } from '../../../src/core/worlds/questions/question-forms.ts';
import type { Family } from '../../../src/core/worlds/questions/question.ts';
import { rasterise } from '../../../src/core/worlds/raster.ts';
import { drawRow, familiesFor, TOPICS } from '../../../src/core/worlds/world-rows.ts';
import { sampleWorld, TOP } from '../../../src/core/worlds/sample-worlds.ts';
import { shade } from '../../../src/core/worlds/shade.ts';
import { rewriteScene } from '../../../src/core/worlds/views/rewrite-scene.ts';
import { orbited, pivotOf, sceneForRow, sceneOf } from '../../../src/core/worlds/views/scene.ts';
import { mirrorWorld, type World } from '../../../src/core/worlds/world.ts';
import { everyQuestion } from './worlds-everything.ts';

/*
 * Worlds from straight above are the oracle of turned images: turning the image is turning the world. The rules for
 * words, boxes and pixels know nothing of worlds.
 */

/** As a turn of the world: mirrored or not, then turned clockwise about the camera's axis. */
const TURNS: Record<Symmetry, [mirrors: boolean, degrees: number]> = {
  original: [false, 0],
  mirror: [true, 0],
  flip: [true, 180],
  'rotate:90': [false, 90],
  'rotate:180': [false, 180],
  'rotate:270': [false, 270],
  transpose: [true, 270],
  antitranspose: [true, 90],
};

const size = { w: 160, h: 160 };
const see = (world: World, at = size): Observation => observe(world, rasterise(world, at));

/** A world as `meta.world` has it, with its coordinates on the grid. */
function drawn(seed: string): World {
  const world = sampleWorld(Random.from(seed), { ...TOP, objects: [3, 5], faces: 0.6 });
  const question = { family: 'size', form: 'yesno', pole: 0 as const, wording: 0, objects: [0, 1] } as const;
  const row = { world, pivot: { x: 0, z: 0 }, style: 'english', question: { ...question, objects: [0, 1] } };
  return sceneOf({ world: sceneForRow(row as Parameters<typeof sceneForRow>[0]) })!.world;
}

function turnedWorld(world: World, symmetry: Symmetry): World {
  const [mirrors, degrees] = TURNS[symmetry];
  return orbited({ world: mirrors ? mirrorWorld(world) : world, pivot: { x: 0, z: 0 } }, degrees).world;
}

const SOLID = /\b(?:the )?(\w+ (?:cube|ball|cone|cylinder))\b/;
const RELATION = /\b(left|right|above|below)(?: of)? the (\w+ \w+)/g;
const MORE: Record<string, string> = { higher: 'above', lower: 'below', top: 'above', bottom: 'below' };

/** The answer to a question about directions of the image, from nothing but where things are in it. */
function answerOf({ solids }: Observation, { question, choices = [] }: Sample): string | undefined {
  const place = (name: string) => solids.find((solid) => solid.name === name)!;
  /** How far an object is towards a direction of the image. */
  const towards = (name: string, word: string): number => {
    const { right, above } = place(name);
    return { left: -right, right, above, below: -above }[MORE[word] ?? word]!;
  };
  const first = SOLID.exec(question)?.[1] ?? '';
  const menu = choices.map((choice) => /\b(left|right|above|below)\b/.exec(choice)?.[1]);
  if (menu.length === 2 && menu.every((word) => word !== undefined)) {
    const names = [...question.matchAll(new RegExp(SOLID, 'g'))].map(([, name]) => name!);
    const [one, other] = question.startsWith('Is') ? names : names.reverse();
    return choices.find((_, i) => towards(one!, menu[i]!) > towards(other!, menu[i]!));
  }
  const relations = [...question.matchAll(RELATION)].map(([, word, name]) => [word!, name!] as const);
  if (relations.length > 0) {
    const fits = ({ name }: { name: string }) =>
      relations.every(([word, other]) => towards(name, word) > towards(other, word));
    if (question.startsWith('Is')) return fits(place(first)) ? 'Yes' : 'No';
    const found = solids.filter(fits);
    return question.startsWith('How many') ? String(found.length) : found[0]?.name;
  }
  const word = /\b(left|right|top|bottom|higher|lower)/.exec(question)?.[1];
  if (!word) return undefined;
  const names = choices.length > 0 ? [...choices] : solids.map(({ name }) => name);
  const order = names.sort((a, b) => towards(b, word) - towards(a, word));
  const found = order[/second/.test(question) ? 1 : 0]!;
  return /bounding box/.test(question) ? `[${place(found).box!.join(', ')}]` : found;
}

const sorted = (choices: readonly string[] = []) => [...choices].sort().join();

/** Forms about depth and height, and one about the height of an object. */
const NOT_SEEN = /^(?:above|front)\.|^nearer\.(?!to-another)|^ordinal\.depth|^size\.metric/;

describe('world seen from above', () => {
  it('a world from above rotates with its image, pixel by pixel', () => {
    for (let i = 0; i < 6; i++) {
      const world = drawn(`pixels ${i}`);
      for (const symmetry of SYMMETRIES) {
        const quarter = TURNS[symmetry][1] % 180 !== 0;
        const at = { w: quarter || i % 2 === 0 ? 56 : 70, h: 56 };
        const picture = (one: World) => {
          const { w, h, rgb } = shade(one, rasterise(one, at));
          return { width: w, height: h, data: rgb };
        };
        const [turned, expected] = [
          turnPixels(picture(world), symmetry),
          picture(turnedWorld(world, symmetry)),
        ];
        expect([symmetry, Buffer.compare(turned.data, expected.data)]).toEqual([symmetry, 0]);
      }
    }
  });

  it('a world from above has the same answers in rotated image and world, or is deferred', () => {
    const had = new Map<string, Set<string>>();
    for (const topic of TOPICS.filter((one) => one.includes('.'))) {
      const [family] = topic.split('.') as [Family];
      const at = family === 'own-side' ? { w: 360, h: 360 } : size;
      const options = {
        world: { ...TOP, objects: [2, 5] as [number, number] },
        style: 'english' as const,
        bias: {},
      };
      if (!familiesFor('english', at, TOP.pitch[0]).includes(family) || NOT_SEEN.test(topic)) continue;
      const { observation: o, question } = drawRow(Random.from(topic), {
        ...options,
        size: at,
        families: [topic],
      });
      const row = ask(o, question);
      for (const symmetry of SYMMETRIES.slice(1)) {
        const variant = rewriteFor(row, symmetry);
        if (!isTrusted(variant)) continue;
        const seen = applyVariant(row, variant);
        const turned = see(turnedWorld(o.world, symmetry), at);
        const same = everyQuestion(turned, 'english')
          .filter((one) => one.family === family)
          .map((one) => ask(turned, one))
          .find(
            ({ question, choices }) => question === seen.question && sorted(choices) === sorted(seen.choices),
          );
        const right = same?.answer ?? answerOf(turned, seen);
        const said = (text: string | undefined) => text?.replace(/^(Yes|No),.*/, '$1');
        expect([symmetry, topic, seen.question, said(seen.answer)]).toEqual([
          symmetry,
          topic,
          seen.question,
          said(right),
        ]);
        if (seen.boxes && same) expect(seen.boxes).toEqual(same.boxes);
        had.set(topic, (had.get(topic) ?? new Set()).add(symmetry));
      }
    }
    expect([...had.keys()].sort()).toEqual(
      TOPICS.filter((topic) => topic.includes('.') && !NOT_SEEN.test(topic)).sort(),
    );
    for (const topic of ['side.where', 'between.yesno', 'plane.side']) expect(had.get(topic)?.size).toBe(7);
  });

  it('a world from above has no questions about depth and height, which are invisible', () => {
    expect(familiesFor('english', size, TOP.pitch[0])).toEqual([
      'side',
      'own-side',
      'nearer',
      'ordinal',
      'distance',
      'size',
      'count',
      'box',
      'between',
      'plane',
    ]);
    const families = new Set(everyQuestion(see(drawn('depth')), 'english').map(({ family }) => family));
    expect([...families]).not.toContain('front');
    expect(() =>
      drawRow(Random.from(1), { world: TOP, size, families: ['front'], style: 'english', bias: {} }),
    ).toThrow('"front" questions do not exist with at most 5 objects from straight above');
  });

  it('rows from above are marked until a view moves the camera elsewhere', () => {
    const front = { x: 0, z: 1 };
    const cube = { shape: 'cube' as const, y: 0, z: 2.4, front, face: false };
    const world: World = {
      ...drawn('rows'),
      objects: [
        { ...cube, colour: 'red', size: 0.4, x: -0.6 },
        { ...cube, colour: 'blue', size: 0.8, x: 0.6 },
        { ...cube, colour: 'green', size: 0.6, x: 0, z: 0, face: true },
      ],
    };
    const question = { family: 'size', form: 'which', pole: 0, wording: 0, objects: [0, 1] } as const;
    const scene = { world, question: { ...question, objects: [0, 1] }, style: 'english' as const };
    const asked = ask(see(world), scene.question);
    const row: Sample = {
      ...asked,
      meta: { ...asked.meta, world: sceneForRow({ ...scene, pivot: pivotOf(world, undefined) }) },
    };
    const view = (id: string): ViewVariant => rewriteFor(row, id, { draw: rewriteScene });
    expect(row.meta).toMatchObject({ viewpoint: 'top_down' });
    expect(view('orbit:180')).toMatchObject({ answer: 'blue cube', meta: { viewpoint: 'top_down' } });
    expect(view('imagine:orbit:180')).toMatchObject({ status: 'discard', code: 'no_pivot' });
    const taken = view('take:green cube');
    expect(taken).toMatchObject({ status: 'invariant', answer: 'blue cube' });
    expect(taken.meta).not.toHaveProperty('viewpoint');
  });

  it.each([[1.6], [Math.PI], ['down']])('a world from above is rejected for a pitch of %s', (pitch) => {
    const { camera, ...rest } = drawn('pitch');
    const question = { family: 'front', form: 'yesno', pole: 0, wording: 0, objects: [0, 1] };
    const world = {
      ...rest,
      camera: { ...camera, pitch },
      pivot: { x: 0, z: 0 },
      question,
      style: 'english',
    };
    expect(sceneOf({ world })).toBeNull();
    // A question that somebody wrote about a depth that is not shown.
    const row: Sample = {
      id: 'a',
      question: 'Is it in front?',
      answer: 'Yes',
      images: [size],
      meta: { world: { ...world, camera } },
    };
    expect(rewriteFor(row, 'orbit:90', { draw: rewriteScene })).toMatchObject({ code: 'margin' });
  });
});
