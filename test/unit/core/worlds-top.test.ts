import { describe, expect, it } from 'vitest';
import { groupBy } from '../../../src/core/metrics/scored-row.ts';
import { Random } from '../../../src/core/random.ts';
import type { Sample } from '../../../src/core/spatial/sample.ts';
import { applyVariant, isTrusted } from '../../../src/core/spatial/variant.ts';
import { SYMMETRIES, turnPixels, type Symmetry } from '../../../src/core/spatial/views/symmetry.ts';
import { rewriteFor } from '../../../src/core/spatial/views/view.ts';
import { observe, type Observation } from '../../../src/core/worlds/observation.ts';
import { ask } from '../../../src/core/worlds/questions/ask.ts';
import { rasterise } from '../../../src/core/worlds/raster.ts';
import { drawRow, familiesFor } from '../../../src/core/worlds/rows.ts';
import { sampleWorld, TOP } from '../../../src/core/worlds/sampling.ts';
import { shade } from '../../../src/core/worlds/shade.ts';
import { rewriteScene } from '../../../src/core/worlds/views/rewrite.ts';
import { orbited, pivotOf, sceneForRow, sceneOf } from '../../../src/core/worlds/views/scene.ts';
import { mirrorWorld, type World } from '../../../src/core/worlds/world.ts';
import { everyQuestion } from './worlds-everything.ts';

/*
 * Worlds from straight above are the oracle of turned pictures: turning the picture is turning the world. The rules for
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

const DIRECTION = /\b(left|right|above|below|top|bottom)(?:most)?\b/;
/** How far a solid is towards a direction of the picture. */
const towards = ({ solids }: Observation, i: number, word: string): number => {
  const { right, above } = solids[i]!;
  return { left: -right, right, above, top: above, below: -above, bottom: -above }[word]!;
};

/** The answer to a question about directions of the picture, from nothing but places. */
function answerOf(o: Observation, { question, choices }: Sample): string | undefined {
  const names = o.solids.map(({ name }) => name);
  const named = [...question.matchAll(/\bthe (\w+ (?:cube|ball|cone|cylinder))\b/g)].map(([, name]) =>
    names.indexOf(name!),
  );
  const word = DIRECTION.exec(question)?.[1];
  const [a, b] = named as [number, number];
  if (/which side|\bor (?:to the )?(?:left|right|above|below)\b/.test(question)) {
    const [one, other] = /which side/.test(question) ? [b, a] : [a, b];
    return choices!.find((choice) => {
      const to = DIRECTION.exec(choice)![1]!;
      return towards(o, one, to) > towards(o, other, to);
    });
  }
  if (!word) return undefined;
  const order = names.map((_, i) => i).sort((i, j) => towards(o, j, word) - towards(o, i, word));
  if (/^Which.*second from/.test(question)) return names[order[1]!];
  if (/^Which.*most\b/.test(question)) return names[order[0]!];
  if (/^How many/.test(question))
    return String(order.filter((i) => towards(o, i, word) > towards(o, a, word)).length);
  if (/^Is the/.test(question)) return towards(o, a, word) > towards(o, b, word) ? 'Yes' : 'No';
  return undefined;
}

describe('a world from straight above', () => {
  it('is turned by turning its picture, pixel for pixel', () => {
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

  it('is asked in its turned picture as the turned world is, or the row is deferred', () => {
    const had = new Map<string, number>();
    for (let i = 0; i < 5; i++) {
      const random = Random.from(`words ${i}`);
      const o = see(drawn(`words ${i}`));
      const forms = groupBy(everyQuestion(o, 'english'), ({ family, form }) => `${family}.${form}`);
      for (const symmetry of SYMMETRIES.slice(1)) {
        const turned = see(turnedWorld(o.world, symmetry));
        const texts = new Map(
          everyQuestion(turned, 'english').map((question) => {
            const asked = ask(turned, question);
            return [`${asked.question} ${asked.choices?.length === 2 ? asked.choices.join() : ''}`, asked];
          }),
        );
        for (const [topic, questions] of forms) {
          const question = random.pick(questions);
          const row = ask(o, question);
          const variant = rewriteFor(row, symmetry);
          if (!isTrusted(variant)) continue;
          const seen = applyVariant(row, variant);
          const same = texts.get(`${seen.question} ${seen.choices?.length === 2 ? seen.choices.join() : ''}`);
          const right = same?.answer ?? answerOf(turned, seen);
          const said = (text: string) => text.replace(/^(Yes|No),.*/, '$1');
          expect([symmetry, topic, seen.question, said(seen.answer)]).toEqual([
            ...[symmetry, topic, seen.question, right && said(right)],
          ]);
          if (seen.boxes && same) expect(seen.boxes).toEqual(same.boxes);
          had.set(`${topic} ${symmetry}`, 1);
        }
      }
    }
    const quarter = [...had.keys()].filter((key) => key.endsWith('rotate:90'));
    expect(quarter.map((key) => key.split(' ')[0]).sort()).toEqual([
      ...['box.named', 'count.colour', 'count.more', 'count.shape', 'count.side', 'distance.between'],
      ...['distance.camera', 'nearer.to-another', 'plane.height', 'plane.side', 'plane.which-height'],
      ...['plane.which-side', 'side.yesno', 'size.which', 'size.yesno'],
    ]);
  });

  it('has no questions about depth and height, which its picture does not show', () => {
    expect(familiesFor('english', size, TOP.pitch[0])).toEqual([
      ...['side', 'own-side', 'nearer', 'ordinal', 'distance', 'size', 'count', 'box', 'between', 'plane'],
    ]);
    const families = new Set(everyQuestion(see(drawn('depth')), 'english').map(({ family }) => family));
    expect([...families]).not.toContain('front');
    expect(() =>
      drawRow(Random.from(1), { world: TOP, size, families: ['front'], style: 'english', bias: {} }),
    ).toThrow('no questions "front" with at most 5 solids from straight above');
  });

  it('says so in its rows, until a view shows it from elsewhere', () => {
    const { observation, question } = drawRow(Random.from('rows'), {
      ...{ world: { ...TOP, faces: 1 }, size: { w: 400, h: 400 }, style: 'english' as const, bias: {} },
      families: ['own-side.yesno'],
    });
    const { world } = observation;
    const asked = ask(observation, question);
    const scene = sceneForRow({ world, question, style: 'english', pivot: pivotOf(world, TOP.ring) });
    const row: Sample = { ...asked, meta: { ...asked.meta, world: scene } };
    expect(row.meta).toMatchObject({ viewpoint: 'top_down' });
    const view = (id: string) => rewriteFor(row, id, { draw: rewriteScene });
    expect(view('rotate:90')).toMatchObject({ status: 'invariant', answer: row.answer });
    expect(view('orbit:90')).toMatchObject({ answer: row.answer, meta: { viewpoint: 'top_down' } });
    expect(view('imagine:orbit:90')).toMatchObject({ status: 'discard', code: 'no_pivot' });
    const { colour, shape } = world.objects[question.objects[1]!]!;
    expect(view(`take:${colour} ${shape}`).meta).not.toHaveProperty('viewpoint');
  });

  it.each([[1.6], [Math.PI], ['down']])('is none at a pitch of %s', (pitch) => {
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
      ...{ id: 'a', question: 'Is it in front?', answer: 'Yes', images: [size] },
      meta: { world: { ...world, camera } },
    };
    expect(rewriteFor(row, 'orbit:90', { draw: rewriteScene })).toMatchObject({ code: 'margin' });
  });
});
