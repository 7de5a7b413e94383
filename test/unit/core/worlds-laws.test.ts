import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/random.ts';
import { mirrorSample } from '../../../src/core/spatial/mirror/mirror-sample.ts';
import { observe, type Observation } from '../../../src/core/worlds/observation.ts';
import { ask, mirrorQuestion } from '../../../src/core/worlds/questions/ask.ts';
import type { Question, Style } from '../../../src/core/worlds/questions/question.ts';
import { rasterise } from '../../../src/core/worlds/raster.ts';
import { drawRow, familiesFor, type RowOptions } from '../../../src/core/worlds/rows.ts';
import { ROOM, TINY } from '../../../src/core/worlds/sampling.ts';
import { mirrorWorld } from '../../../src/core/worlds/world.ts';
import { everyQuestion } from './worlds-everything.ts';

/**
 * The oracle law: the rules that rewrite text and boxes know nothing of the world; asking the mirrored world the
 * mirrored question must give exactly what they give. One of the two is wrong otherwise.
 */
function expectMirrorLaw(o: Observation, mirrored: Observation, q: Question, style: Style): void {
  const sample = ask(o, q, style);
  const variant = mirrorSample(sample);
  const expected = ask(mirrored, mirrorQuestion(q), style);
  const chiral = /left|right/.test(
    JSON.stringify([sample.question, sample.answer, sample.choices, sample.reasoning]),
  );
  const got = { ...variant, scene_graph: { ...variant.scene_graph, view: 'original' } };
  expect(got).toMatchObject({
    question: expected.question,
    answer: expected.answer,
    reasoning: expected.reasoning,
    ...(expected.choices && { choices: expected.choices }),
    ...(expected.boxes && { boxes: expected.boxes }),
    scene_graph: expected.scene_graph,
  });
  expect(Object.values(variant.checks)).not.toContain('fail');
  if (sample.task !== 'bbox')
    expect([sample, variant.status]).toEqual([sample, chiral ? 'flipped' : 'invariant']);
  else expect(['flipped', 'invariant']).toContain(variant.status);
}

const reflect = ({ world, size }: Observation): Observation => {
  const mirrored = mirrorWorld(world);
  return observe(mirrored, rasterise(mirrored, size));
};

const options = (style: Style, w: number, h: number): RowOptions => ({
  world: style === 'english' ? ROOM : TINY,
  size: { w, h },
  families: familiesFor(style, { w, h }),
  style,
  bias: {},
});

describe.each([
  ['english', options('english', 160, 120), 1200, 2],
  ['compact', options('compact', 64, 64), 800, 6],
] as const)('in %s, the rules agree with the world', (style, rows, worlds, exhausted) => {
  it(`on a mirrored question about each of ${worlds} mirrored worlds`, () => {
    for (let i = 0; i < worlds; i++) {
      const { observation, question } = drawRow(Random.from('mirror law').fork(i), rows);
      expectMirrorLaw(observation, reflect(observation), question, style);
    }
  });

  it('on every question that can be asked about some of them', () => {
    for (let i = 0; i < exhausted; i++) {
      const { observation } = drawRow(Random.from('every question').fork(i), rows);
      const mirrored = reflect(observation);
      for (const question of everyQuestion(observation, style))
        expectMirrorLaw(observation, mirrored, question, style);
    }
  });
});
