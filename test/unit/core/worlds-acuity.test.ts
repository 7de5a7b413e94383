import { describe, expect, it } from 'vitest';
import { leanings } from '../../../src/core/psychophysics/leanings.ts';
import { planStimuli, QUICK_BLOCKS, questionsOf } from '../../../src/core/psychophysics/plan-stimuli.ts';
import { Random } from '../../../src/base/random.ts';
import { parseSample } from '../../../src/rows/sample/parse-sample.ts';
import type { Style } from '../../../src/core/worlds/questions/question.ts';
import { shade } from '../../../src/core/worlds/shade.ts';
import { askBlock } from '../../../src/core/worlds/acuity/ask-block.ts';
import { asksOf, ACUITY, ACUITY_FORMS, levelToX, NUMBERS } from '../../../src/core/worlds/acuity/axes.ts';
import { STILL_AXES, type StillAxis, inPrinted } from '../../../src/core/worlds/acuity/acuity-axes.ts';
import { wholeOf } from '../../../src/core/worlds/acuity/whole.ts';
import { drawStimulus, type Stimulus } from '../../../src/core/worlds/acuity/draw-stimulus.ts';
import { few, slowly } from '../../support/slow.ts';

const CASES = (['compact', 'english'] as const).flatMap((style) =>
  STILL_AXES.filter((axis) => ACUITY[axis].forms[style]).map((axis) => ({ axis, style })),
);
/** Numbers need larger images, since twelve objects must be seen. */
const sizeOf = (style: Style, axis?: StillAxis) =>
  style === 'compact' ? { w: 64, h: 64 } : axis === 'number' ? { w: 240, h: 240 } : { w: 160, h: 120 };

/** The difference that a scene shows, by its geometry, without the code that planted it. */
function shown(axis: StillAxis, { views, objects: [a, b] }: Stimulus): number {
  const { solids, world } = views.original.observation;
  const [A, B] = [solids[a]!, solids[b]!];
  const many = (i: number) => world.objects.filter(({ shape }) => shape === world.objects[i]!.shape).length;
  switch (axis) {
    case 'side':
      return 100 * (A.right - B.right);
    case 'height':
      return 100 * (A.above - B.above);
    case 'nearer':
      return 100 * Math.log(B.distance / A.distance);
    case 'size':
      return 100 * Math.log(world.objects[a]!.size / world.objects[b]!.size);
    case 'number':
      return 100 * Math.log(many(a) / many(b));
    case 'own-side': {
      const [{ x, z }, owner] = [world.objects[a]!, world.objects[b]!];
      const [dx, dz] = [x - owner.x, z - owner.z];
      const [ahead, right] = [
        dx * owner.front.x + dz * owner.front.z,
        dx * owner.front.z - dz * owner.front.x,
      ];
      return (180 / Math.PI) * Math.atan2(right, Math.abs(ahead));
    }
  }
}

describe.each(few(CASES, STILL_AXES.length))('stimuli of $axis in the $style style', ({ axis, style }) => {
  const size = sizeOf(style, axis);
  const sizes = ACUITY[axis].levels[style]!;
  const scenes = [...sizes.filter((one) => one > 0).map((one) => -one), ...sizes].map((level) => {
    const stimulus = drawStimulus(Random.from(`${axis} ${level}`), axis, level, { style, size });
    return { level, stimulus };
  });

  it('stimuli differ by the specified value, and have mirrors that match pixel by pixel', () => {
    for (const { level, stimulus } of scenes) {
      expect(shown(axis, stimulus)).toBeCloseTo(levelToX(axis, level), 6);
      const { original, mirror } = stimulus.views;
      const [rgb, turned] = [original, mirror].map((one) => shade(one.observation.world, one.raster).rgb);
      const width = 3 * size.w;
      const opposite = rgb!.map((_, i) => {
        const [y, x] = [Math.floor(i / width), Math.floor((i % width) / 3)];
        return turned![y * width + 3 * (size.w - 1 - x) + (i % 3)]!;
      });
      expect(Buffer.compare(opposite, rgb!), `level ${level}`).toBe(0);
    }
  });

  it('stimuli show both objects completely', () => {
    for (const { stimulus } of scenes)
      for (const { observation } of Object.values(stimulus.views))
        for (const i of stimulus.objects) {
          const { box, hidden } = observation.solids[i]!;
          expect(hidden).toBeLessThanOrEqual(0.02);
          expect(Math.min(box![2] - box![0], box![3] - box![1])).toBeGreaterThanOrEqual(12);
        }
  });

  it.each(ACUITY_FORMS.filter((form) => ACUITY[axis].forms[style]![form]))(
    'stimuli have questions that cancel biases, with correct reference answers, as %s',
    (form) => {
      for (const { level, stimulus } of scenes) {
        const about = { axis, level, block: `${axis}-1`, form, style };
        const rows = askBlock(stimulus, about, { original: 'a.png', mirror: 'b.png' });
        expect(rows).toHaveLength(asksOf({ axis, style, form }).length);
        const texts = new Set(rows.map(({ sample }) => `${sample.images[0] as never} ${sample.question}`));
        expect(texts.size).toBeLessThanOrEqual(rows.length);
        for (const { sample, acuity } of rows) {
          expect(parseSample(sample).problems).toEqual([]);
          if (levelToX(axis, level) !== 0) expect(acuity.claim).toBe(Math.sign(level));
        }
        const answers = rows.map(({ acuity }) => ({ block: 'a', claim: acuity.claim, signs: acuity.signs }));
        if (levelToX(axis, level) !== 0)
          for (const { value } of Object.values(leanings(answers))) expect(value).toBe(0);
        const quick = askBlock(stimulus, { ...about, quick: true }, { original: 'a.png', mirror: 'b.png' });
        expect(quick).toHaveLength(Math.min(4, rows.length));
        for (const { sample } of quick)
          expect(rows.map((row) => row.sample.question)).toContain(sample.question);
        const quickly = quick.map(({ acuity }) => ({ block: 'a', claim: acuity.claim, signs: acuity.signs }));
        expect(() => leanings(quickly)).not.toThrow();
      }
    },
  );
});

describe('acuity stimuli', () => {
  it('stimuli with ratios are symmetric around 0, and printed in percent', () => {
    for (const level of [-40, -2, 0, 5, 40]) {
      expect(levelToX('nearer', -level)).toBeCloseTo(-levelToX('nearer', level), 12);
      expect(inPrinted('nearer', levelToX('nearer', level))).toBeCloseTo(level, 9);
    }
  });

  it('stimuli have units in % of the width, of the mean distance in metres, or of the mean size', () => {
    const size = { w: 240, h: 160 };
    const drawn = (axis: 'nearer' | 'size') =>
      [-40, 5, 20].map((level) => {
        const stimulus = drawStimulus(Random.from(level), axis, level, { style: 'english', size });
        const about = { axis, level, block: 'b', form: 'yesno', style: 'english' } as const;
        const { sample } = askBlock(stimulus, about, { original: 'a', mirror: 'b' })[0]!;
        const { solids } = stimulus.views.original.observation;
        return { sample, solids: stimulus.objects.map((i) => solids[i]!) };
      });
    const middle = (values: number[]) =>
      Math.exp(values.reduce((all, one) => all + Math.log(one), 0) / values.length);
    const whole = (axis: 'nearer' | 'size', scenes: ReturnType<typeof drawn>) =>
      wholeOf(
        axis,
        size,
        scenes.map(({ sample }) => sample),
      )!;
    const far = drawn('nearer');
    const distances = far.flatMap(({ solids }) => solids.map(({ distance }) => distance));
    expect(whole('nearer', far)).toEqual({ value: expect.closeTo(middle(distances), 6), unit: 'm' });
    const large = drawn('size');
    const heights = large.flatMap(({ solids }) => solids.map(({ box }) => box![3] - box![1]));
    const { value, unit } = whole('size', large);
    expect(unit).toBe('px');
    // Boxes hold more than the side: objects are seen from above.
    expect(value / middle(heights)).toBeGreaterThan(0.7);
    expect(value / middle(heights)).toBeLessThan(1);
    expect(wholeOf('side', size, [])).toEqual({ value: 240, unit: 'px' });
    expect(wholeOf('height', size, [])).toEqual({ value: 160, unit: 'px' });
    expect(wholeOf('own-side', size, [])).toBeNull();
  });

  it('stimuli have an eighth of the questions in quick mode', () => {
    const questions = (chosen: { blocks: number; quick?: true }) =>
      questionsOf(planStimuli('side', { style: 'english', seed: 1, ...chosen }).plan);
    expect(questions({ blocks: 12 })).toBe(1056);
    expect(questions({ blocks: QUICK_BLOCKS, quick: true })).toBe(132);
  });

  it('stimuli of number have every ratio up to 5:1 of 4 to 12 objects in eight colours', () => {
    const ratios = new Set<number>();
    for (let more = 1; more <= 8; more++)
      for (let fewer = 1; fewer <= more; fewer++) {
        const [total, percent] = [more + fewer, Math.round(100 * (more / fewer - 1))];
        if (total >= 4 && total <= 12 && percent <= 400) ratios.add(percent);
      }
    const levels = [...ratios].sort((a, b) => a - b);
    expect(Object.keys(NUMBERS).map(Number)).toEqual(levels);
    const chosen = { style: 'english', blocks: 12, seed: 1 } as const;
    const { plan } = planStimuli('number', chosen);
    expect(plan.levels.filter((one) => one >= 0)).toEqual(levels);
    expect(questionsOf(plan)).toBe(2976);
    expect(() => planStimuli('number', { ...chosen, levels: [60] })).toThrow('67, 75, 100, 133');
  });

  slowly('stimuli are rejected if no image can show the difference', () => {
    expect(() =>
      drawStimulus(Random.from(1), 'side', 300, { style: 'compact', size: sizeOf('compact') }),
    ).toThrow('Cannot create a scene of 64 × 64 pixels with a difference of 300%');
  });
});
