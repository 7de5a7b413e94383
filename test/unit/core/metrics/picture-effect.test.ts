import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  pictureEffect,
  pictureEffectText,
  type AnswerLikelihoods,
} from '../../../../src/core/metrics/picture-effect.ts';
import { forAll } from '../../../support/property.ts';

/** Sixteen answers about as many images, which gain so much over grey and over another image, give or take 0.3. */
const answers = (overGrey: number, overOther: number | null): AnswerLikelihoods[] =>
  Array.from({ length: 16 }, (_, i) => {
    const wobble = i % 2 === 0 ? 0.3 : -0.3;
    return {
      cluster: `image ${i}`,
      length: 4,
      picture: -5,
      grey: -5 - overGrey - wobble,
      other: overOther === null ? null : -5 - overOther + wobble,
    };
  });
const sightOf = (...[overGrey, overOther]: Parameters<typeof answers>) =>
  pictureEffect(answers(overGrey, overOther), 1e-3).sight;

describe('pictureEffect', () => {
  it('classifies answers as dependent on their own image, on any image or on none', () => {
    expect(sightOf(2, 1)).toBe('sees');
    expect(sightOf(0, 1)).toBe('sees');
    expect(sightOf(2, 0)).toBe('any');
    expect(sightOf(2, -1)).toBe('any');
    expect(sightOf(0, 0)).toBe('blind');
    expect(sightOf(-1, -1)).toBe('misled');
    expect(sightOf(0, -1)).toBe('misled');
    expect(sightOf(-1, 0)).toBe('misled');
    // All rows have one image.
    expect(sightOf(2, null)).toBe('one-picture');
    const one = answers(8, 0).map((row) => ({ ...row, cluster: 'image' }));
    expect(pictureEffect(one, 1e-3).sight).toBe('one-picture');
  });

  it('classifies changes within rounding as unmoved, even if all have the same direction', () => {
    const rounding = 1e-3;
    const all = (by: number) => answers(0, 0).map((one) => ({ ...one, grey: -5 - by, other: -5 - by }));
    expect(pictureEffect(all(4 * 0.9 * rounding), rounding).sight).toBe('unmoved');
    expect(pictureEffect(all(0), 0).sight).toBe('unmoved');
    expect(pictureEffect(answers(0, 0), 0.05).sight).toBe('blind');
  });

  it('property: pictureEffect: is invariant to a constant shift of an answer’s likelihoods', () => {
    const shift = fc.double({ min: -50, max: 50, noNaN: true });
    forAll([fc.array(shift, { minLength: 16, maxLength: 16 })], (shifts) => {
      const moved = answers(2, 1).map((one, i) => ({
        ...one,
        picture: one.picture + shifts[i]!,
        grey: one.grey + shifts[i]!,
        other: one.other! + shifts[i]!,
      }));
      const { sight, over_grey, over_other } = pictureEffect(moved, 1e-3);
      expect(sight).toBe('sees');
      expect(over_grey.difference).toBeCloseTo(2, 9);
      expect(over_other!.difference).toBeCloseTo(1, 9);
    });
  });

  it('describes the effect of images with its values', () => {
    expect(pictureEffectText(pictureEffect(answers(2, 1), 1e-3))).toMatch(
      /^Gain in log-probability from the image, mean of 16 answers: 2\.00 nats \[1\.\d\d, 2\.\d\d\] over a grey image, 1\.00 nats \[0\.\d\d, 1\.\d\d\] over another row’s image\. .* the model uses the image\.$/,
    );
    expect(pictureEffectText(pictureEffect(answers(0, 0), 1e-3))).toContain(
      'No evidence that answers are likelier with the row’s image. Possible reasons: the model does not use (or receive) the image',
    );
    expect(pictureEffectText(pictureEffect(answers(2, null), 1e-3))).not.toContain('another row');
  });

  it('property: never describes an effect as “as likely” if an interval excludes 0', () => {
    const gain = fc.double({ min: -2, max: 2, noNaN: true });
    forAll([gain, gain], (overGrey, overOther) => {
      const effect = pictureEffect(answers(overGrey, overOther), 1e-3);
      const text = pictureEffectText(effect);
      const differs = [effect.over_grey, effect.over_other!].some(
        ({ interval }) => interval![0] > 0 || interval![1] < 0,
      );
      expect(text.includes('as likely') || text.includes('No evidence')).toBe(!differs);
      const isWorse = effect.over_other!.interval![1] < 0;
      expect(/less likely .* with another row’s|even likelier with another row’s/.test(text)).toBe(isWorse);
    });
  });
});
