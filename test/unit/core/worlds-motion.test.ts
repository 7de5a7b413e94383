import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/base/random.ts';
import type { Sample } from '../../../src/rows/sample/sample.ts';
import { inView } from '../../../src/rows/views/view.ts';
import { drawMoving } from '../../../src/core/worlds/motion/draw-moving.ts';
import {
  drawMotionRow,
  drawMotionSample,
  motionOptions,
} from '../../../src/core/worlds/motion/motion-rows.ts';
import { movingForRow, movingSceneOf } from '../../../src/core/worlds/motion/moving-scene.ts';
import { frameTimes, placeAt, type MovingWorld } from '../../../src/core/worlds/motion/moving-world.ts';
import { askMotion, motionFormOf } from '../../../src/core/worlds/motion/questions/ask-motion.ts';
import type { MotionFamily } from '../../../src/core/worlds/motion/questions/motion-question.ts';
import { seeClip } from '../../../src/core/worlds/motion/seen-clip.ts';
import { inCompact, inEnglish } from '../../../src/core/worlds/questions/in-english.ts';
import { girth } from '../../../src/core/worlds/solids.ts';
import { drawnRow, expectFramesLaw, expectRulesLaw, formsOf, optionsFor } from './worlds-motion-laws.ts';
import '../../support/properties.ts';
import { property } from '../../support/property.ts';

type Topic = `${MotionFamily}.${string}`;

const topics = fc.oneof(
  fc.constantFrom(...formsOf('english')).map((topic) => ['english', topic] as const),
  fc.constantFrom(...formsOf('compact')).map((topic) => ['compact', topic] as const),
);

/** A random moving world with something to ask of a random form about. */
const moving = fc.tuple(topics, fc.nat(1e6)).map(([[style, topic], seed]): MovingWorld => {
  const options = optionsFor(style, topic, seed % 2 === 1);
  const [family, form] = topic.split('.') as [MotionFamily, string];
  return drawMoving(Random.from(seed), options, { family, form }, 4 / 3);
});

const size = fc.record({ w: fc.integer({ min: 20, max: 48 }), h: fc.integer({ min: 20, max: 40 }) });

describe('moving world', () => {
  property(
    'a moving world has mirrored frames in the mirror, at any size',
    [moving, size],
    { numRuns: 10 },
    expectFramesLaw,
  );

  property(
    'a moving world keeps its objects half a width apart at every instant',
    [moving],
    { numRuns: 10 },
    (m) => {
      const { objects } = m.world;
      for (let step = 0; step <= 500; step++) {
        const places = objects.map((_, i) => placeAt(m, i, step / 250 - 1));
        for (const [b, q] of places.entries())
          for (const [a, p] of places.slice(0, b).entries()) {
            const width = (objects[a]!.size + objects[b]!.size) / 2;
            const gap = Math.hypot(p.x - q.x, p.z - q.z) - girth(objects[a]!) - girth(objects[b]!);
            expect(gap).toBeGreaterThanOrEqual(width / 2 - 1e-9);
          }
      }
    },
  );

  property(
    'a moving world shows at least half of every object in every frame',
    [moving],
    { numRuns: 10 },
    (m) => {
      for (const { solids } of seeClip(m, { w: 120, h: 90 }).clip.frames)
        for (const { box, hidden } of solids) {
          expect(box).not.toBeNull();
          expect(hidden).toBeLessThan(0.6);
        }
    },
  );

  it('frame times of a moving world are symmetric around 0', () => {
    for (const frames of [2, 3, 4, 7, 8, 16, 64]) {
      const times = frameTimes(frames);
      expect(times.toReversed().map((time) => 0 - time)).toEqual(times.map((time) => time + 0));
      expect([times[0], times.at(-1)]).toEqual([-1, 1]);
    }
  });

  it('a moving world survives a round trip through a row, which rejects invalid values', () => {
    const { clip, question } = drawnRow('scene', 'english', 'moves.side', 1);
    const scene = { moving: clip.moving, question, style: 'english' as const };
    const world = JSON.parse(JSON.stringify(movingForRow(scene))) as Record<string, unknown>;
    expect(movingSceneOf({ world })).toEqual(scene);
    for (const other of [
      undefined,
      { ...world, frames: 1e9 },
      { ...world, paths: [] },
      { ...world, question: { ...question, form: 'toString' } },
      { ...world, question: { ...question, objects: [99] } },
      { ...world, course: { ...clip.moving.course, from: 1, to: -1 } },
    ])
      expect(movingSceneOf({ world: other })).toBeNull();
  });
});

describe('language rules for clips', () => {
  it.each([
    ...formsOf('english').map((topic) => ['english', topic] as const),
    ...formsOf('compact').map((topic) => ['compact', topic] as const),
  ])('language rules match the world in mirror, reverse and both: %s %s', (style, topic) => {
    expect(expectRulesLaw(drawnRow('laws', style, topic, 1), style)).toEqual([
      'mirror',
      'reverse',
      'mirror+reverse',
    ]);
  });
});

/** A clip as somebody sees it who does not see its order. */
const bagOf = ({ question, choices, images }: Sample): string =>
  JSON.stringify([question, choices, images.map((image) => (image as { path: string }).path).sort()]);

describe('observer without frame order', () => {
  it('an observer without frame order answers no pair with changed answers correctly', () => {
    let changed = 0;
    for (const [i, topic] of formsOf('english').entries()) {
      const row = drawnRow('bag', 'english', topic, i);
      const paths = row.clip.frames.map((_, k) => `${i}-${k}.png`);
      const sample = askMotion(row.clip, row.question, 'english', { id: 'bag', paths });
      const reversed = inView(sample, 'reverse');
      if (!reversed || reversed.answer === sample.answer) continue;
      changed += 1;
      // Whatever is answered to the bag is answered to both.
      expect([topic, bagOf(reversed)]).toEqual([topic, bagOf(sample)]);
    }
    expect(changed).toBeGreaterThan(5);
  });
});

describe('questions in the compact style', () => {
  it.each(formsOf('compact'))('compact questions of %s translate to English style', (topic) => {
    const { clip, question } = drawnRow('english', 'compact', topic, 0);
    const of = (style: 'compact' | 'english') => askMotion(clip, question, style, { id: 'x' }).question;
    const read = inEnglish(of('compact'));
    expect(inCompact(read)).toBe(of('compact'));
    // Which side is named first is a matter of the choices there.
    if (topic === 'moves.where-side') expect(read).toMatch(/^In which direction does the \w+ \w+ move\?$/);
    else expect(read).toBe(of('english'));
  });
});

describe('rows about clips', () => {
  const families = ['moves', 'faster', 'apart'] as const;

  it.each(families)('rows about %s follow a bias, and are balanced without a bias', (family) => {
    const truths = (share: number | undefined): number[] =>
      Array.from({ length: 8 }, (_, i) => {
        const options = {
          ...optionsFor('english', `${family}.${family === 'faster' ? 'which' : 'x'}`, false),
          families: [family === 'faster' ? ('faster.which' as Topic) : family],
          bias: share === undefined ? {} : { [family]: share },
        };
        const { clip, question } = drawMotionRow(Random.from('bias').fork(i), options);
        return motionFormOf(question).truth!(clip, question.objects);
      });
    expect(new Set(truths(1))).toEqual(new Set([0]));
    expect(new Set(truths(0))).toEqual(new Set([1]));
    expect(new Set(truths(undefined))).toEqual(new Set([0, 1]));
  });

  it('rows about clips have the configured shares of yes answers and poles', () => {
    const options = { ...optionsFor('english', 'moves.side', false), bias: { yes: 1, pole: 0 } };
    for (let i = 0; i < 6; i++) {
      const { sample } = drawMotionSample(Random.from('yes').fork(i), options, {
        id: 'y',
        paths: Array.from({ length: 8 }, (_, k) => `${k}.png`),
        withWorld: false,
      });
      expect([sample.answer, /to the right/.test(sample.question)]).toEqual(['Yes', true]);
      expect(sample.meta).not.toHaveProperty('world');
    }
  });

  it('rows about clips are rejected with an explanation if the question is impossible', () => {
    const compact = motionOptions({ style: 'compact', bias: {}, families: ['spin'] });
    expect(() => drawMotionRow(Random.from(1), compact)).toThrow(
      '"spin" questions do not exist in the compact style',
    );
    const tiny = motionOptions({ style: 'english', bias: {}, families: ['spin'], size: { w: 16, h: 16 } });
    expect(() => drawMotionRow(Random.from(1), tiny)).toThrow(/Cannot create a clip with a visible "spin\./);
  });
});
