import { describe, expect, it } from 'vitest';
import { fit } from '../../../src/core/psychophysics/fit.ts';
import { leanings } from '../../../src/core/psychophysics/leanings.ts';
import { answersOf } from '../../../src/core/psychophysics/measure.ts';
import type { AcuityAnswer } from '../../../src/core/psychophysics/likelihood.ts';
import { THRESHOLD } from '../../../src/core/psychophysics/observer.ts';
import { planStimuli, questionsOf } from '../../../src/core/psychophysics/plan-stimuli.ts';
import { Random } from '../../../src/base/random.ts';
import type { Size } from '../../../src/rows/sample/boxes.ts';
import { parseSample } from '../../../src/rows/sample/parse-sample.ts';
import { inView } from '../../../src/rows/views/view.ts';
import { askClip } from '../../../src/core/worlds/acuity/ask-clip.ts';
import { ACUITY, ACUITY_FORMS, asksOf, CLIP, levelToX } from '../../../src/core/worlds/acuity/axes.ts';
import { drawClip, OFF_MIDDLE } from '../../../src/core/worlds/acuity/draw-clip.ts';
import { CLIP_AXES, type ClipAxis, TIME_HABITS } from '../../../src/core/worlds/acuity/acuity-axes.ts';
import type { SeenClip } from '../../../src/core/worlds/motion/seen-clip.ts';
import { movingSceneOf } from '../../../src/core/worlds/motion/moving-scene.ts';
import type { Style } from '../../../src/core/worlds/questions/question.ts';
import { few, isSlow, slowly } from '../../support/slow.ts';
import { expectFramesLaw } from './worlds-motion-laws.ts';

const CASES = (['compact', 'english'] as const).flatMap((style) =>
  CLIP_AXES.map((axis) => ({ axis, style })),
);
const SIZES: Record<Style, Size[]> = {
  english: [
    { w: 224, h: 224 },
    { w: 200, h: 150 },
    { w: 448, h: 448 },
  ],
  compact: [
    { w: 48, h: 48 },
    { w: 96, h: 96 },
  ],
};
const signed = (sizes: readonly number[]) => [...sizes.filter((one) => one > 0).map((one) => -one), ...sizes];
const IMAGES = { original: ['o1', 'o2', 'o3', 'o4'], mirror: ['m1', 'm2', 'm3', 'm4'] };
const imagesOf = (style: Style) => {
  const names = (view: string) =>
    Array.from({ length: CLIP[style].frames }, (_, k) => `${view}-${k + 1}.png`);
  return { original: names('original'), mirror: names('mirror') };
};

/** Where object i is in each frame: its centre, and the middle of its box of pixels, in shares of the width. */
const centres = ({ frames }: SeenClip, i: number) => frames.map(({ solids }) => solids[i]!.right);
const boxes = ({ frames, size }: SeenClip, i: number) =>
  frames.map(({ solids }) => (solids[i]!.box![0] + solids[i]!.box![2]) / 2 / size.w - 0.5);
type Places = typeof centres;

const way = (clip: SeenClip, i: number, of: Places): number => of(clip, i).at(-1)! - of(clip, i)[0]!;

/**
 * The frame in whose middle an object moves, from where it is in each frame: the share of its way that is left, added up
 * over frames, is exact for a movement that takes whole frames.
 */
function middleOf(clip: SeenClip, i: number, of: Places): number {
  const places = of(clip, i);
  return places.reduce((all, place) => all + (places.at(-1)! - place) / way(clip, i, of), 0);
}

/** The difference that the frames show, without what planted it. */
function shown(axis: ClipAxis, clip: SeenClip, of: Places = centres): number {
  switch (axis) {
    case 'motion':
      return 100 * way(clip, 0, of);
    case 'speed':
      return 100 * Math.log(Math.abs(way(clip, 0, of) / way(clip, 1, of)));
    case 'order':
      return middleOf(clip, 0, of) - middleOf(clip, 1, of);
  }
}

/** What the mirror, and the other order, make of a difference. */
const TURNS: Record<ClipAxis, { mirror: 1 | -1; reverse: 1 | -1 }> = {
  motion: { mirror: -1, reverse: -1 },
  speed: { mirror: 1, reverse: 1 },
  order: { mirror: 1, reverse: -1 },
};

describe.each(few(CASES, CLIP_AXES.length))('clips for $axis in the $style style', ({ axis, style }) => {
  const levels = signed(ACUITY[axis].levels[style]!);
  // Each level in one size, in the slow tests in all.
  const scenes = SIZES[style].flatMap((size, s, { length }) =>
    levels.flatMap((level, i) => {
      if (!isSlow && i % length !== s) return [];
      const random = Random.from(`${axis} ${size.w}`).fork(i);
      return { level, stimulus: drawClip(random, axis, level, { style, size }) };
    }),
  );

  it('clips contain the specified difference, which mirror and reverse flip or keep', () => {
    const { mirror, reverse } = TURNS[axis];
    for (const { level, stimulus } of scenes) {
      const x = levelToX(axis, level);
      const { clips } = stimulus;
      expect(shown(axis, clips.original)).toBeCloseTo(x, 6);
      expect(shown(axis, clips.mirror)).toBeCloseTo(mirror * x, 6);
      expect(shown(axis, clips.reverse)).toBeCloseTo(reverse * x, 6);
      expect(shown(axis, clips['mirror+reverse'])).toBeCloseTo(mirror * reverse * x, 6);
    }
  });

  it('clips show the difference in their pixels, to within a few pixels', () => {
    for (const { level, stimulus } of scenes) {
      const { original } = stimulus.clips;
      for (const i of axis === 'motion' ? [0] : [0, 1])
        for (const [k, place] of centres(original, i).entries())
          expect(Math.abs(boxes(original, i)[k]! - place) * original.size.w).toBeLessThan(
            0.04 * original.size.w + 1.5,
          );
      // A difference that is plain in the pixels has its sign there.
      const x = levelToX(axis, level);
      if (Math.abs(x) >= (axis === 'order' ? 1 : axis === 'motion' ? 8 : 40))
        expect(Math.sign(shown(axis, original, boxes))).toBe(Math.sign(x));
    }
  });

  it('clips have the properties of moving worlds at any size, and show complete objects', () => {
    for (const { stimulus } of scenes.slice(0, 4))
      expectFramesLaw(stimulus.clips.original.moving, { w: 40, h: 32 });
    for (const { stimulus } of scenes)
      for (const { solids } of stimulus.clips.original.frames)
        for (const i of axis === 'motion' ? [0] : [0, 1]) {
          const { box, hidden } = solids[i]!;
          expect(hidden).toBeLessThanOrEqual(0.02);
          expect(Math.min(box![2] - box![0], box![3] - box![1])).toBeGreaterThanOrEqual(CLIP[style].box_px);
        }
  });

  it.each(ACUITY_FORMS.filter((form) => ACUITY[axis].forms[style]![form]))(
    'clips have questions that cancel biases, and texts that match view rules, as %s',
    (form) => {
      for (const { level, stimulus } of scenes) {
        const about = { axis, level, block: `${axis}-1`, form, style };
        const rows = askClip(stimulus, about, imagesOf(style));
        expect(rows).toHaveLength(asksOf({ axis, style, form }).length);
        expect(new Set(rows.map(({ sample }) => sample.id)).size).toBe(rows.length);
        for (const quick of [rows, askClip(stimulus, { ...about, quick: true }, imagesOf(style))]) {
          const truth = quick.map(({ acuity }) => ({ block: 'a', claim: acuity.claim, signs: acuity.signs }));
          const of = leanings(truth);
          if (level !== 0) for (const { value } of Object.values(of)) expect(value).toBe(0);
        }
        if (level === 0) continue;
        for (const { sample, acuity } of rows) {
          expect(parseSample(sample).problems).toEqual([]);
          expect(movingSceneOf(sample.meta)!.moving).toEqual(stimulus.clips[acuity.view].moving);
          expect(acuity.claim).toBe(Math.sign(level));
          if (acuity.view !== 'original') continue;
          for (const view of ['mirror', 'reverse', 'mirror+reverse'] as const) {
            const seen = inView(sample, view)!;
            const there = rows.filter((one) => one.acuity.view === view).map((one) => one.sample);
            const texts = there.map(({ question, answer }) => `${question} ${answer}`);
            expect(texts).toContain(`${seen.question} ${seen.answer}`);
          }
        }
      }
    },
  );
});

describe('clips of acuity', () => {
  it('reversed acuity clips contain the frames in reverse order', () => {
    const size = { w: 48, h: 48 };
    const stimulus = drawClip(Random.from('order'), 'motion', 24, { style: 'compact', size });
    const about = { axis: 'motion', level: 24, block: 'b', form: 'choice', style: 'compact' } as const;
    const paths = askClip(stimulus, about, IMAGES).map(({ sample }) =>
      sample.images.map((image) => (image as { path: string }).path),
    );
    expect(paths).toEqual([
      ['o1', 'o2', 'o3', 'o4'],
      ['m1', 'm2', 'm3', 'm4'],
      ['o4', 'o3', 'o2', 'o1'],
      ['m4', 'm3', 'm2', 'm1'],
    ]);
  });

  it('acuity clips have sixteen questions for two named objects, and eight in quick mode', () => {
    const questions = (axis: ClipAxis, chosen: { quick?: true }) =>
      questionsOf(planStimuli(axis, { style: 'english', seed: 1, blocks: 1, ...chosen }).plan);
    expect(questions('speed', {})).toBe(13 * 16);
    expect(questions('speed', { quick: true })).toBe(13 * 8);
    expect(questions('order', {})).toBe(11 * 16);
    expect(questions('motion', {})).toBe(13 * 8);
  });

  it('objects stay within the clip when their starts are farthest apart', () => {
    const size = { w: 224, h: 224 };
    for (let i = 0; i < 20; i++) {
      const level = i % 2 === 0 ? 5 : -5;
      const { clips } = drawClip(Random.from('far').fork(i), 'order', level, { style: 'english', size });
      expect(shown('order', clips.original)).toBeCloseTo(level, 6);
      for (const { from, to } of clips.original.moving.paths)
        expect([from >= -1, to <= 1]).toEqual([true, true]);
    }
  });

  slowly('acuity clips are rejected if no clip can show the difference', () => {
    const about = { style: 'english', blocks: 1, seed: 1 } as const;
    expect(() => planStimuli('order', { ...about, levels: [6] })).toThrow('at most 5 frames apart, not 6');
    const size = { w: 48, h: 48 };
    expect(() => drawClip(Random.from(1), 'motion', 100, { style: 'compact', size })).toThrow(
      'Cannot create a clip of 48 × 48 pixels with a difference of 100% for "motion"',
    );
  });
});

/** Frames of a clip, and how many there are of each object; what an observer of images has. */
type Eye = (clip: SeenClip, random: Random) => 1 | -1;

/**
 * What an observer answers who sees frames and question alone.
 * @param eye whether A of the clip as it is shown goes to the right, is faster, or begins last
 */
function answered(axis: ClipAxis, scenes: number, eye: Eye): AcuityAnswer[] {
  const style = 'compact';
  const size = { w: 48, h: 48 };
  const { plan } = planStimuli(axis, { style, blocks: scenes, seed: 1 });
  const answers: AcuityAnswer[] = [];
  for (let i = 0; i < scenes * plan.levels.length; i++) {
    const level = plan.levels[i % plan.levels.length]!;
    const random = Random.from(`${axis} planted`).fork(i);
    const stimulus = drawClip(random, axis, level, { style, size });
    const about = { axis, level, block: `b${i}`, form: 'choice', style } as const;
    for (const { sample, acuity } of askClip(stimulus, about, IMAGES)) {
      const of = sample.choices!;
      const saysA = eye(stimulus.clips[acuity.view], random) === 1;
      const isFirst = sample.question.includes('last') || sample.question.includes('faster');
      const colour = stimulus.clips.original.frames[0]!.world.objects[0]!.colour;
      const answer =
        axis === 'motion'
          ? saysA
            ? 'right'
            : 'left'
          : of.find((one) => one.startsWith(colour) === (saysA === isFirst))!;
      const right = answer === sample.answer;
      answers.push({
        block: acuity.block,
        x: acuity.x,
        conditions: { view: acuity.view, word: acuity.word },
        claim: right ? acuity.claim : acuity.claim === 1 ? -1 : 1,
        signs: acuity.signs,
        right,
      });
    }
  }
  return answers;
}

/** Where each habit is seen: on which side A is, and to which it goes. */
const CUES: Record<ClipAxis, { name: string; of: (clip: SeenClip) => number }> = {
  motion: { name: TIME_HABITS.motion, of: (clip) => centres(clip, 0)[0]! + centres(clip, 0).at(-1)! },
  speed: { name: TIME_HABITS.speed, of: (clip) => way(clip, 0, centres) },
  order: { name: TIME_HABITS.order, of: (clip) => centres(clip, 0)[0]! - centres(clip, 1)[0]! },
};

describe('simulated observers with a temporal bias', () => {
  /** Within an interval of 95%, made wider by 60%, so that it holds nearly always. */
  const holds = ([low, high]: readonly [number, number], truth: number) => {
    expect(Math.abs(truth - (low + high) / 2)).toBeLessThan((1.6 * (high - low)) / 2);
  };
  /** An observer of what the frames show, with noise, a shift towards its cue, and a share that the cue replaces. */
  const sees =
    (axis: ClipAxis, width: number, shift: number, share: number): Eye =>
    (clip, random) => {
      const cue = Math.sign(CUES[axis].of(clip));
      const noise = (width / (2 * 1.6448536269514722)) * random.normal();
      const value = random.chance(share) ? cue : shown(axis, clip) + shift * cue + noise;
      return value > 0 ? 1 : -1;
    };

  const biases = [
    ['motion', 20, 8, 'shift'],
    ['speed', 60, 0.35, 'share'],
    ['order', 1, 0.4, 'shift'],
    ['motion', 20, 0.35, 'share'],
    ['speed', 60, 25, 'shift'],
    ['order', 1, 0.35, 'share'],
  ] as const;
  it.each(few(biases))('observers about %s of width %d have the bias %d of %s', (axis, width, much, kind) => {
    const eye = sees(axis, width, kind === 'shift' ? much : 0, kind === 'share' ? much : 0);
    const answers = answersOf(answered(axis, axis === 'motion' ? 24 : 12, eye));
    const of = fit(answers);
    const h = answers.habits.indexOf(CUES[axis].name);
    holds(of.threshold.interval, THRESHOLD * width);
    holds((kind === 'shift' ? of.shifts : of.shares)[h]!.interval, much);
    for (const [other, { interval }] of of.shifts.entries()) if (other !== h) holds(interval, 0);
  });

  slowly.each([
    ['last', 1],
    ['first', -1],
  ] as const)('simulated observers with only the %s frame have a PSE shift by position', (frame, sign) => {
    const eye: Eye = (clip, random) => {
      const place = centres(clip, 0).at(frame === 'last' ? -1 : 0)!;
      return sign * place + 0.02 * random.normal() > 0 ? 1 : -1;
    };
    const answers = answersOf(answered('motion', 12, eye));
    const of = fit(answers);
    const time = answers.habits.indexOf('the side it is on');
    // At either end it is off the middle by half of its way and by where it moves.
    holds(of.shifts[time]!.interval, sign * 100 * 2 * OFF_MIDDLE);
    holds(of.shifts[1 - time]!.interval, 0);
  });

  it('simulated observers without frame order have only the bias', () => {
    const answers = answered('motion', 12, (clip) => (CUES.motion.of(clip) > 0 ? 1 : -1));
    expect(leanings(answers)['the side it is on']!.value).toBe(1);
    const both = (block: string, views: string[]) =>
      answers.filter((one) => one.block === block && views.includes(one.conditions.view));
    for (const { block, x } of answers) {
      if (x === 0) continue;
      expect(both(block, ['original', 'reverse']).filter(({ right }) => right)).toHaveLength(1);
    }
  });
});
