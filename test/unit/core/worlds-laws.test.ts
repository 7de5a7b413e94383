import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/base/random.ts';
import { mirrorSample } from '../../../src/rows/views/mirror/mirror-sample.ts';
import { flipPolarity } from '../../../src/rows/views/polarity/flip.ts';
import { checkAnswer } from '../../../src/rows/scene-graph/check-answer.ts';
import { observe, type Observation } from '../../../src/core/worlds/observation.ts';
import { ask, oppositeQuestion } from '../../../src/core/worlds/questions/question-forms.ts';
import { inCompact, inEnglish } from '../../../src/core/worlds/questions/in-english.ts';
import type { Question, Style } from '../../../src/core/worlds/questions/question.ts';
import { rasterise } from '../../../src/core/worlds/raster.ts';
import { drawRow, familiesFor, type RowOptions } from '../../../src/core/worlds/world-rows.ts';
import { ROOM, TINY } from '../../../src/core/worlds/sample-worlds.ts';
import { mirrorWorld } from '../../../src/core/worlds/world.ts';
import { everyQuestion, mirrorQuestion } from './worlds-everything.ts';
import { isSlow } from '../../support/slow.ts';

/*
 * The oracle laws. The rules that rewrite texts, boxes and graphs know nothing of worlds; asking the mirrored world the
 * mirrored question, or the same world the opposite one, must give exactly what they give. If not, one of the two is
 * wrong.
 */

function expectMirrorLaw(o: Observation, mirrored: Observation, q: Question, style: Style): void {
  const sample = ask(o, q, style);
  const variant = mirrorSample(sample);
  const { question, answer, reasoning, choices, boxes, scene_graph, meta } = ask(
    mirrored,
    mirrorQuestion(q),
    style,
  );
  expect({ ...sample, ...variant }).toMatchObject({
    question,
    answer,
    reasoning,
    ...(choices && { choices }),
    ...(boxes && { boxes }),
    scene_graph: { ...scene_graph, view: 'mirror' },
    meta,
  });
  expect([sample, variant.status]).toEqual([sample, expect.stringMatching(/^(flipped|invariant)$/)]);

  // Keeping the question and changing the answer asks the mirrored world the same question.
  const kept = mirrorSample(sample, { strategy: 'keep-question' });
  if (kept.strategy !== 'keep-question') return;
  const same = ask(mirrored, q, style);
  expect([kept.question, kept.answer]).toEqual([same.question, same.answer]);
}

/** What only the world can answer: the box or the number at the other end, and two conditions at once. */
const BEYOND_RULES = /^(box\.extreme|count\.side|between\..*)$/;

function expectPolarityLaw(o: Observation, q: Question, style: Style): void {
  const sample = ask(o, q, style);
  const variant = flipPolarity(sample);
  const opposite = oppositeQuestion(q);
  if (!opposite || BEYOND_RULES.test(`${q.family}.${q.form}`)) {
    expect([sample, variant.status]).toEqual([sample, expect.not.stringMatching('flipped')]);
    return;
  }
  const expected = ask(o, opposite, style);
  expect([sample, variant.status]).toEqual([sample, 'flipped']);
  expect({ ...sample, ...variant }).toMatchObject({
    question: expected.question,
    answer: expected.answer,
    ...(expected.choices && { choices: expected.choices }),
  });
}

/** The checker that reads question, answer and graph must never find the world wrong. */
function expectGraphAgrees(o: Observation, q: Question, style: Style): void {
  const { question, answer, choices, scene_graph, meta } = ask(o, q, style);
  const { verdict } = checkAnswer(question, answer, choices, scene_graph, meta);
  expect([question, answer, scene_graph, verdict]).not.toContain('contradicts');
}

/** What people read of a question in the compact style is what the English style asks of the same world. */
function expectEnglish(o: Observation, q: Question, style: Style): void {
  const { question } = ask(o, q, style);
  expect(inEnglish(question)).toBe(ask(o, q, 'english').question);
  if (style === 'compact') expect(inCompact(inEnglish(question))).toBe(question);
  // English is shown as it is, also once it has been translated.
  expect(inEnglish(inEnglish(question))).toBe(inEnglish(question));
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
  ['english', options('english', 160, 120), isSlow ? 2400 : 100, isSlow ? 2 : 1],
  ['compact', options('compact', 64, 64), isSlow ? 1600 : 100, isSlow ? 6 : 1],
] as const)('property: in %s, rules agree with the world', (style, rows, worlds, exhausted) => {
  const drawn = Array.from({ length: worlds }, (_, i) => drawRow(Random.from('laws').fork(i), rows));

  it(`property: rules agree with the mirrored question about each of ${worlds} worlds`, () => {
    for (const { observation, question } of drawn)
      expectMirrorLaw(observation, reflect(observation), question, style);
  });

  it('property: rules agree with the world for the opposite question and the graph', () => {
    for (const { observation, question } of drawn) {
      expectPolarityLaw(observation, question, style);
      expectGraphAgrees(observation, question, style);
    }
  });

  it('property: rules agree with the world for the question in English', () => {
    for (const { observation, question } of drawn) expectEnglish(observation, question, style);
  });

  it('property: rules agree with every possible question about a few worlds', () => {
    for (const { observation } of drawn.slice(0, exhausted)) {
      const mirrored = reflect(observation);
      for (const question of everyQuestion(observation, style)) {
        expectMirrorLaw(observation, mirrored, question, style);
        expectPolarityLaw(observation, question, style);
        expectGraphAgrees(observation, question, style);
        expectEnglish(observation, question, style);
      }
    }
  });
});
