import { describe, expect, it } from 'vitest';
import { fitLogistic, fitRidge, valueAt } from '../../../../src/core/insight/linear.ts';
import { probeNumber } from '../../../../src/core/insight/probe-number.ts';
import type { ProbeRow } from '../../../../src/core/insight/probe-row.ts';
import { probe } from '../../../../src/core/insight/probe.ts';
import { probeSentence } from '../../../../src/core/insight/sentences.ts';
import { Random } from '../../../../src/base/random.ts';
import { few } from '../../../support/slow.ts';

const noise = (random: Random, width: number) => Float32Array.from({ length: width }, () => random.normal());

describe('fitLogistic', () => {
  it('fitLogistic: returns even odds for an uninformative feature, with balanced classes', () => {
    // Three of four rows are of the second class, but classes weigh the same: the odds are even.
    const rows = [1, 1, -1, -1].map((x) => Float32Array.of(x));
    const fitted = fitLogistic(rows, [true, false, true, false]);
    expect(fitted.weights[0]).toBeCloseTo(0, 4);
    expect(fitLogistic([...rows, ...rows.slice(0, 1)], [true, true, true, false, true]).bias).not.toBeNaN();
  });

  it('fitLogistic: satisfies the optimality conditions', () => {
    const random = Random.from('minimum');
    const rows = Array.from({ length: 60 }, () => noise(random, 3).map((v, j) => 5 * j + v * (j + 1)));
    const labels = rows.map((row) => row[0]! + random.normal() > 0);
    const fitted = fitLogistic(rows, labels);
    const second = labels.filter(Boolean).length;
    const slopes = rows.map((row, i) => {
      const p = 1 / (1 + Math.exp(-valueAt(fitted, row)));
      return (p - (labels[i] ? 1 : 0)) / (2 * (labels[i] ? second : 60 - second));
    });
    expect(slopes.reduce((a, b) => a + b)).toBeCloseTo(0, 3);
    for (const j of [0, 1, 2]) {
      const mean = rows.reduce((sum, row) => sum + row[j]!, 0) / 60;
      const scale = Math.sqrt(rows.reduce((sum, row) => sum + (row[j]! - mean) ** 2, 0) / 60);
      const gradient = slopes.reduce((sum, slope, i) => sum + (slope * (rows[i]![j]! - mean)) / scale, 0);
      // The penalty pulls with 0.01 · w on the standardised feature.
      expect(gradient + 0.01 * fitted.weights[j]! * scale).toBeCloseTo(0, 3);
    }
  });

  it('fitLogistic: rejects rows of a single class', () => {
    expect(() => fitLogistic([Float32Array.of(1)], [true])).toThrow('both classes');
  });
});

const WIDTH = 24;

/** Rows whose hidden state after layer 1 has the label on a line, and otherwise is noise. Two rows share an image. */
function planted(count: number, strength: number, seed = 'planted'): ProbeRow[] {
  const random = Random.from(seed);
  const code = noise(random, WIDTH);
  return Array.from({ length: count }, (_, i) => {
    const label = random.chance(0.5) ? 'left' : 'right';
    return (['original', 'mirror'] as const).flatMap((view) =>
      [false, true].map((blind): ProbeRow => {
        const mine = view === 'original' ? label : label === 'left' ? 'right' : 'left';
        const data = noise(random, 2 * WIDTH);
        const sign = blind ? 0 : mine === 'right' ? strength : -strength;
        for (let j = 0; j < WIDTH; j++) data[WIDTH + j]! += sign * code[j]!;
        const about = { id: `${i}`, view, image: `${i >> 1}`, blind, reference: mine, answer: 'left' };
        const known = { labels: { side: mine }, numbers: {}, asks: ['side' as const], positions: ['last'] };
        return { ...about, right: mine === 'left', ...known, hidden: { layers: 2, width: WIDTH, data } };
      }),
    );
  }).flat();
}

describe('fitRidge', () => {
  it('fitRidge: satisfies the optimality conditions', () => {
    const random = Random.from('ridge');
    const rows = Array.from({ length: 50 }, () => noise(random, 4).map((v, j) => 3 + v * (j + 1)));
    const values = rows.map((row) => 2 * row[0]! - row[3]! + random.normal());
    const { weights, bias } = fitRidge(rows, values, 0.3);
    const errors = rows.map((row, i) => valueAt({ weights, bias }, row) - values[i]!);
    expect(errors.reduce((a, b) => a + b)).toBeCloseTo(0, 3);
    for (const j of [0, 1, 2, 3]) {
      const mean = rows.reduce((sum, row) => sum + row[j]! / 50, 0);
      const variance = rows.reduce((sum, row) => sum + (row[j]! - mean) ** 2 / 50, 0);
      const pull = errors.reduce((sum, error, i) => sum + (error * (rows[i]![j]! - mean)) / 50, 0);
      expect(pull + 0.3 * weights[j]! * variance).toBeCloseTo(0, 3);
    }
  });
});

describe('probeNumber', () => {
  /** Rows whose hidden state after layer 1 has the number on a line; those without the image do not. */
  function counting(count: number, strength: number): ProbeRow[] {
    const random = Random.from('numbers');
    const code = noise(random, WIDTH);
    return Array.from({ length: count }, (_, i) => {
      const number = random.below(4);
      return [false, true].map((blind): ProbeRow => {
        const data = noise(random, 2 * WIDTH).map((v) => v / 4);
        for (let j = 0; j < WIDTH; j++) data[WIDTH + j]! += blind ? 0 : strength * number * code[j]!;
        return {
          id: `${i}`,
          view: 'original',
          image: `${i}`,
          blind,
          reference: '',
          answer: '',
          right: null,
          labels: {},
          numbers: { count: number, depth: number, row: number / 4 },
          asks: [],
          positions: ['last'],
          hidden: { layers: 2, width: WIDTH, data },
        };
      });
    }).flat();
  }

  it('finds a simulated number at its layer, and none without image or with shuffled numbers', () => {
    const { figures, best } = probeNumber(counting(120, 1), 'count', Random.from('probe'))!;
    expect(best).toMatchObject({ position: 'last', layer: 1 });
    for (const { layer, control, value, rounded, interval, n } of figures) {
      expect([n, interval![0] < value!, interval![1] > value!]).toEqual([120, true, true]);
      if (layer === 1 && control === null) expect([value! > 0.95, rounded! > 0.9]).toEqual([true, true]);
      else expect([value! < 0.2, rounded! < 0.6]).toEqual([true, true]);
    }
    expect(figures.map(({ control }) => control)).toEqual([
      null,
      'shuffled',
      'blind',
      null,
      'shuffled',
      'blind',
    ]);
  });

  it('uses the vertical position alone as a control for depth', () => {
    const { figures } = probeNumber(counting(60, 0), 'depth', Random.from('probe'))!;
    const alone = figures.filter(({ control }) => control === 'row alone');
    expect(alone.map(({ value }) => value! > 0.95)).toEqual([true, true]);
  });

  it('requires a varying number and enough rows', () => {
    const rows = counting(120, 1);
    expect(probeNumber(rows, 'column', Random.from('probe'))).toBeNull();
    expect(probeNumber(rows.slice(0, 40), 'count', Random.from('probe'))).toBeNull();
    const same = rows.map((row) => ({ ...row, numbers: { count: 2 } }));
    expect(probeNumber(same, 'count', Random.from('probe'))).toBeNull();
  });
});

describe('probe of a binary fact', () => {
  const found = (rows: ProbeRow[]) => probe(rows, 'side', Random.from('probe'))!;

  it('finds a simulated code in both views, and none without image or with shuffled labels', () => {
    const rows = planted(150, 1);
    const { figures, best, labels } = found(rows);
    const lefts = rows.filter(
      (row) => row.labels.side === 'left' && row.view === 'original' && !row.blind,
    ).length;
    const each = 2 * Math.min(lefts, 150 - lefts);
    expect(labels).toEqual(['left', 'right']);
    expect(best).toMatchObject({ position: 'last', layer: 1 });
    for (const { layer, control, value, chance, n, interval, test } of figures) {
      expect(n).toBe(test === 'all views' ? 2 * each : each);
      const [low, high] = interval!;
      if (layer === 1 && control === null) expect(value).toBeGreaterThan(0.95);
      else expect([low < chance + 0.02, high > 0.42, value! < 0.62]).toEqual([true, true, true]);
    }
    expect(new Set(figures.map(({ train }) => train))).toEqual(new Set(['all views', 'originals']));
  });

  it.for(few([16, 60]))('reports no evidence from noise with %i candidate positions', (places) => {
    // The luckiest of so many places is far above chance; the one that is chosen without the tested rows is not.
    const told = [1, 2, 3, 4].map((seed) => {
      const random = Random.from(`places ${seed}`);
      const rows = planted(60, 0, `noise ${seed}`).map((row) => {
        const positions = Array.from({ length: places / 2 }, (_, p) => `p${p}`);
        return { ...row, positions, hidden: { layers: 2, width: 8, data: noise(random, 8 * places) } };
      });
      const result = found(rows);
      const all = result.figures.filter(
        ({ test, train, control }) => test === 'all views' && train === test && !control,
      );
      const luckiest = Math.max(...all.map(({ value }) => value!));
      expect([luckiest > 0.55, result.where!.value! < luckiest]).toEqual([true, true]);
      return probeSentence(result);
    });
    expect(told.filter((text) => !text.startsWith('No evidence'))).toEqual([]);
  });

  it('reports no evidence if the text alone predicts the label', () => {
    const rows = planted(60, 1).map((row) => {
      const data = row.hidden.data.slice();
      data[0] = row.labels.side === 'left' ? 4 : -4;
      return { ...row, hidden: { ...row.hidden, data } };
    });
    const { where, knows, says } = found(rows);
    expect([where!.value, where!.controls[0]!.value]).toEqual([1, 1]);
    expect(probeSentence(found(rows))).toMatch(
      /^No evidence that the hidden states contain the [\w ]+: .* 100\.0% of rows .*, without the image 100\.0%/,
    );
    expect([knows, says]).toEqual([[], []]);
  });

  it('finds no code in random features', () => {
    for (const { value } of found(planted(150, 0)).figures) expect(Math.abs(value! - 0.5)).toBeLessThan(0.12);
  });

  it('lists rows that encode the right label but have a wrong answer', () => {
    // This model always says left.
    const { knows, says, said, shuffled } = found(planted(100, 1));
    expect(shuffled!.knows).toBeLessThan(50);
    expect(knows.length).toBeGreaterThan(80);
    expect(
      knows.every(
        ({ reference, answer, read }) => reference === 'right' && answer === 'left' && read === 'right',
      ),
    ).toBe(true);
    expect(says.length).toBeLessThan(5);
    const [original] = said;
    expect(original).toMatchObject({ view: 'original', n: 100 });
  });

  it('never trains a probe on a row of the tested image', () => {
    // The same noise in all rows of an image, and labels that only the image tells: held out, this is chance.
    const random = Random.from('leak');
    const rows = Array.from({ length: 60 }, (_, i) => {
      const data = noise(random, WIDTH);
      const label = random.chance(0.5) ? 'left' : 'right';
      return Array.from({ length: 4 }, (_, k): ProbeRow => ({
        id: `${i}-${k}`,
        view: 'original',
        image: `${i}`,
        blind: false,
        reference: label,
        answer: label,
        right: true,
        numbers: {},
        labels: { side: label },
        asks: ['side'],
        positions: ['last'],
        hidden: { layers: 1, width: WIDTH, data },
      }));
    }).flat();
    const [figure] = found(rows).figures;
    expect(figure!.value).toBeLessThan(0.68);
    // Four rows of an image are worth one: the interval is that of 60.
    expect(figure!.interval![1] - figure!.interval![0]).toBeGreaterThan(0.2);
  });

  /** Rows whose hidden state tells nothing but whether the image is mirrored. @param left share of `left` in originals */
  const tellingMirrors = (left: number): ProbeRow[] =>
    planted(150, 0).map((row, i) => {
      const isLeft = (i >> 2) % 10 < 10 * left === (row.view === 'original');
      const data = row.hidden.data.map((v) => v + (row.view === 'original' ? 3 : -3));
      return { ...row, labels: { side: isLeft ? 'left' : 'right' }, hidden: { ...row.hidden, data } };
    });

  it('does not decode sides from features of mirrored images if both views have both sides', () => {
    const skewed = found(tellingMirrors(0.7));
    expect(skewed.balanced).toBe(true);
    for (const { value, n, chance, test } of skewed.figures) {
      expect(value).toBeLessThan(0.65);
      // Of 105 and 45 originals, 45 each are left.
      expect([n, chance]).toEqual([test === 'all views' ? 180 : 90, 0.5]);
    }
  });

  it('uses all rows of a set that cannot be balanced, and reports the imbalance', () => {
    const { balanced, figures } = found(tellingMirrors(1));
    expect(balanced).toBe(false);
    expect(figures.filter(({ control }) => control === null).every(({ value }) => value === 1)).toBe(true);
  });

  it('requires two labels for a probe', () => {
    expect(probe(planted(3, 1), 'nearer', Random.from('probe'))).toBeNull();
    expect(probe(planted(2, 1), 'side', Random.from('probe'))).toBeNull();
  });
});
