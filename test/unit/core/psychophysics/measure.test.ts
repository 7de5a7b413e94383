import { describe, expect, it } from 'vitest';
import { isTrusted, measure, type AcuityAnswer } from '../../../../src/core/psychophysics/measure.ts';
import { probability, type Observer } from '../../../../src/core/psychophysics/observer.ts';
import { acuitySentence, curveLines, verdictText } from '../../../../src/core/psychophysics/text.ts';
import { mayBeTooWide } from '../../../../src/core/psychophysics/verdict.ts';
import { Random } from '../../../../src/core/random.ts';

const LEVELS = [-16, -8, -4, -2, -1, 0, 1, 2, 4, 8, 16];
const SHARP: Observer = { bias: 0, width: 8, lapseLow: 0.01, lapseHigh: 0.01, overdispersion: 0 };

/** Answers to scenes of each level, in both views, with both words and both orders. */
function answers(
  claim: (x: number, word: string, random: Random) => 1 | -1 | null,
  scenes = 12,
): AcuityAnswer[] {
  const random = Random.from('answers');
  return LEVELS.flatMap((x) =>
    Array.from({ length: scenes }, (_, i) => i).flatMap((i) =>
      ['original', 'mirror'].flatMap((view) =>
        ['right', 'left'].flatMap((word) =>
          ([1, -1] as const).map((named): AcuityAnswer => {
            const turned = view === 'mirror' ? -1 : 1;
            const asked = word === 'right' ? 1 : -1;
            const sign = (value: number) => (value < 0 ? -1 : 1);
            const signs = {
              yes: sign(turned * named * asked),
              'first is right': sign(turned * named),
            } as const;
            return {
              block: `${x} ${i}`,
              x,
              conditions: { view, word },
              claim: claim(x, word, random),
              right: true,
              signs,
            };
          }),
        ),
      ),
    ),
  );
}

const sees = (x: number, random: Random) => (random.chance(probability(x, SHARP)) ? 1 : -1);

const IT = { model: 'it', axis: 'side' } as const;

describe('the measure of a model', () => {
  it('who sees has its threshold, no leaning and no difference of mirrors', () => {
    const figures = measure(answers((x, _, random) => sees(x, random)));
    expect(figures.all.verdict).toBe('measured');
    const [low, high] = figures.all.threshold!.interval;
    const truth = (8 * 0.6744897501960817) / (2 * 1.6448536269514722);
    expect(low).toBeLessThan(truth);
    expect(high).toBeGreaterThan(truth);
    expect(figures.heard).toBe(null);
    for (const { interval } of Object.values(figures.difference!)) {
      expect(interval[0]).toBeLessThanOrEqual(0);
      expect(interval[1]).toBeGreaterThanOrEqual(0);
    }
    expect(acuitySentence({ ...figures, ...IT })).toMatch(
      /^it tells right from left from 1\.\d % of the width on/,
    );
  });

  it('with few answers and errors on plain differences is said to have perhaps too large a threshold', () => {
    const errs = { ...SHARP, lapseLow: 0.1, lapseHigh: 0.1 };
    const figures = measure(answers((x, _, random) => (random.chance(probability(x, errs)) ? 1 : -1), 1));
    const remark =
      / With so few answers, errors on plain differences may have made the threshold too large\.$/;
    expect(acuitySentence({ ...figures, ...IT })).toMatch(remark);
    const { levels } = figures.all;
    expect(mayBeTooWide(levels, false)).toBe(true);
    const falling = levels.map((level) => ({ ...level, x: -level.x }));
    expect(mayBeTooWide(falling, true)).toBe(true);
    const many = levels.map((level) => ({ ...level, positive: 2 * level.positive, n: 2 * level.n }));
    expect(mayBeTooWide(many, false)).toBe(false);
    const right = levels.map((level) => ({ ...level, positive: level.x > 0 ? level.n : 0 }));
    expect(mayBeTooWide(right, false)).toBe(false);
    const once = right.map((level) => (level.x === 16 ? { ...level, positive: level.n - 1 } : level));
    expect(mayBeTooWide(once, false)).toBe(false);
  });

  it('that answers both words alike sees, and is said to hear one of them', () => {
    const figures = measure(
      answers((x, word, random) => (sees(x, random) === (word === 'right' ? 1 : -1) ? 1 : -1)),
    );
    expect(figures.all.verdict).toBe('cannot tell');
    expect(figures.heard).toBe('right');
    expect(acuitySentence({ ...figures, ...IT })).toContain('answers “left” as if it were asked “right”');
  });

  it('that says the opposite is called inverted, with the bias on its own side', () => {
    const biased = { ...SHARP, bias: 3 };
    const figures = measure(answers((x, _, random) => (random.chance(probability(x, biased)) ? -1 : 1)));
    expect(figures.all.verdict).toBe('inverted');
    expect(figures.all.bias!.interval[0]).toBeLessThan(3);
    expect(figures.all.bias!.interval[1]).toBeGreaterThan(3);
  });

  it('that says the opposite is told so, too, where its curve is wider than the levels', () => {
    const wide = { ...SHARP, width: 60 };
    const figures = measure(answers((x, _, random) => (random.chance(probability(x, wide)) ? -1 : 1)));
    expect(figures.all.verdict).toBe('out of range');
    expect(acuitySentence({ ...figures, ...IT })).toContain(
      'tells right from left, but says the opposite, and no',
    );
    expect(verdictText({ ...figures, ...IT })).toBe('inverted, threshold out of range');
  });

  it('that says one thing has no curve, and one that cannot be read is not trusted', () => {
    const constant = measure(answers(() => 1));
    expect(constant.all).toMatchObject({ verdict: 'constant', threshold: null });
    const silent = measure(answers((x, _, random) => (random.chance(0.1) ? null : sees(x, random))));
    expect(isTrusted(silent)).toBe(false);
    expect(acuitySentence({ ...silent, ...IT })).toMatch(
      /^(9|10|11) % of the answers of it could not be read/,
    );
  });

  it('is drawn in characters, one line a level', () => {
    const { all } = measure(answers((x, _, random) => sees(x, random)));
    const lines = curveLines('side', all);
    expect(lines).toHaveLength(LEVELS.length + 1);
    expect(lines.at(-1)).toMatch(/^ 16 % │ .*●│ \d+ of 96$/);
  });
});
