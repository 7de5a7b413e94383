import { describe, expect, it } from 'vitest';
import { isTrusted, measure } from '../../../../src/core/psychophysics/measure.ts';
import type { AcuityAnswer } from '../../../../src/core/psychophysics/likelihood.ts';
import { probability, THRESHOLD } from '../../../../src/core/psychophysics/observer.ts';
import {
  acuitySentence,
  curveLines,
  curveText,
  verdictText,
} from '../../../../src/core/psychophysics/text.ts';
import { Random } from '../../../../src/base/random.ts';
import { MISFITS, observer } from '../../../support/simulated-observers.ts';
import { slowly } from '../../../support/slow.ts';

const LEVELS = [-16, -8, -4, -2, -1, 0, 1, 2, 4, 8, 16];
const SHARP = observer({ lapseLow: 0.01, lapseHigh: 0.01 });

/** Answers to scenes of each level, in both views, with both words and both orders. */
function answers(
  claim: (x: number, word: string, random: Random, signs: readonly [1 | -1, 1 | -1]) => 1 | -1 | null,
  scenes = 6,
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
              claim: claim(x, word, random, [signs.yes, signs['first is right']]),
              right: true,
              signs,
            };
          }),
        ),
      ),
    ),
  );
}

const sees = (x: number, random: Random) => (random.chance(probability(x, [1, 1], SHARP)) ? 1 : -1);

const IT = { model: 'it', axis: 'side', version: 2 } as const;

describe('measure of a model', () => {
  const unbiased = measure(answers((x, _, random) => sees(x, random)));

  it('returns the threshold, no bias and no mirror difference for an unbiased observer', () => {
    const figures = unbiased;
    expect(figures.all.verdict).toBe('measured');
    const [low, high] = figures.all.threshold!.interval;
    const truth = 8 * THRESHOLD;
    expect(low).toBeLessThan(truth);
    expect(high).toBeGreaterThan(truth);
    expect(figures.heard).toBe(null);
    const { threshold, lapse, shifts, shares } = figures.difference!;
    for (const { interval } of [threshold, lapse, ...Object.values(shifts), ...Object.values(shares)]) {
      expect(interval[0]).toBeLessThanOrEqual(0);
      expect(interval[1]).toBeGreaterThanOrEqual(0);
    }
    expect(acuitySentence({ ...figures, ...IT })).toMatch(
      /^it distinguishes right from left at differences of at least 1\.\d% of the width/,
    );
  });

  it('returns the size of a response bias, and the threshold without the bias', () => {
    const leans = observer({ width: 4, shifts: [0, 4] });
    const figures = measure(
      answers((x, _, random, signs) => (random.chance(probability(x, signs, leans)) ? 1 : -1)),
    );
    const { threshold, habits } = figures.all;
    // A curve through all questions would have more than three times as much.
    expect(threshold!.interval[0]).toBeLessThan(4 * THRESHOLD);
    expect(threshold!.interval[1]).toBeLessThan(2 * 4 * THRESHOLD);
    expect(habits['first is right']!.shift.interval[0]).toBeGreaterThan(3);
    expect(acuitySentence({ ...figures, ...IT })).toMatch(
      /, has a response bias to first is right \(PSE shift \d\.\d% \[.+\]\), and misses /,
    );
    // Asked one word, the two habits claim the same.
    expect(figures.conditions.word.right!.habits).toEqual({});
  });

  slowly('reports free asymptotes separately', () => {
    const lapses = observer({ lapseLow: 0.2 });
    const figures = measure(
      answers((x, _, random) => (random.chance(probability(x, [1, 1], lapses)) ? 1 : -1)),
      8,
      'free',
    );
    expect(figures.all.lapses!.low.interval[0]).toBeGreaterThan(figures.all.lapses!.high.interval[1]);
    expect(curveText(IT, figures.all)).toMatch(
      / · lapse rate \S+% \[.+\] if clearly left, \S+% \[.+\] if clearly right$/,
    );
  });

  slowly('reports the failed check if no curve fits the answers', () => {
    const figures = measure(
      answers((x, _, random) => (random.chance(MISFITS['a sawtooth']!(x, [1, 1], 0)) ? 1 : -1)),
    );
    expect(figures.all.checks!.levels).toBeLessThan(0.05);
    expect(acuitySentence({ ...figures, ...IT })).toMatch(
      / accuracy deviates from the curve at some sizes of the difference \(p [=<] \S+\)\.$/,
    );
  });

  it('reports that a model ignores one of two words', () => {
    const figures = measure(
      answers((x, word, random) => (sees(x, random) === (word === 'right' ? 1 : -1) ? 1 : -1)),
    );
    expect(figures.all.verdict).toBe('cannot tell');
    expect(figures.heard).toBe('right');
    expect(acuitySentence({ ...figures, ...IT })).toContain('answers “left” as if it were asked “right”');
  });

  slowly('classifies a model with opposite answers as inverted', () => {
    const figures = measure(answers((x, _, random) => (sees(x, random) === 1 ? -1 : 1)));
    expect(figures.all.verdict).toBe('inverted');
    expect(figures.all.band[0]!.value).toBeGreaterThan(figures.all.band.at(-1)!.value);
  });

  slowly('returns a lower bound for a threshold above the levels, and reports opposite answers', () => {
    const wide = observer({ width: 60 });
    const figures = measure(
      answers((x, _, random) => (random.chance(probability(x, [1, 1], wide)) ? -1 : 1)),
    );
    const { verdict, threshold, atLeast } = figures.all;
    expect({ verdict, threshold }).toEqual({ verdict: 'out of range', threshold: null });
    expect(atLeast).toBeLessThan(60 * THRESHOLD);
    expect(atLeast).toBeGreaterThan(16 * THRESHOLD);
    expect(acuitySentence({ ...figures, ...IT })).toContain(
      'distinguishes right from left, but answers the opposite, and the',
    );
    expect(verdictText({ ...figures, ...IT })).toBe('inverted, threshold out of range');
  });

  it('returns no threshold for a random observer', () => {
    const { all } = measure(answers((_, __, random) => (random.chance(0.5) ? 1 : -1)));
    expect(all).toMatchObject({ verdict: 'cannot tell', threshold: null, lapse: null, habits: {}, band: [] });
  });

  slowly('returns no curve for constant answers, and marks results with unparsed answers', () => {
    const constant = measure(answers(() => 1));
    expect(constant.all).toMatchObject({ verdict: 'constant', threshold: null });
    const silent = measure(answers((x, _, random) => (random.chance(0.1) ? null : sees(x, random))));
    expect(isTrusted(silent)).toBe(false);
    expect(acuitySentence({ ...silent, ...IT })).toMatch(
      /^(9|10|11)% of the answers of it could not be parsed/,
    );
  });

  it('draws a measurement as text, one line per level', () => {
    const lines = curveLines('side', unbiased.all);
    expect(lines).toHaveLength(LEVELS.length + 1);
    expect(lines.at(-1)).toMatch(/^ 16% │ .*●│ \d+ of 48$/);
  });
});
