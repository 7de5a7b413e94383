import { groupBy } from '../evaluation/scored-row.ts';
import { studentQuantile } from '../metrics/statistics.ts';
import { mean, sum } from '../../base/numbers.ts';
import type { AcuityAnswer } from './likelihood.ts';
import type { MetresRecord } from './acuity-record.ts';

/** One scene as a point of the fit: x is the logarithm of the true distance, y the mean logarithm of the estimates. */
interface Scene {
  x: number;
  y: number;
}

const square = (value: number) => value * value;

/**
 * Fits estimated distances to true distances (Stevens' power law): the slope of log estimate on log true distance, with
 * Student's intervals. Uses least squares over scenes, because answers to one scene are not independent. Also computes
 * the mean relative error, and the deviation of single answers from the line.
 */
export function measureMetres(
  answers: readonly AcuityAnswer[],
): Pick<MetresRecord, 'distances' | 'slope' | 'bias' | 'spread' | 'n' | 'unread'> {
  const told = answers.flatMap(({ told: metres, ...answer }) =>
    metres === undefined ? [] : [{ ...answer, y: Math.log(metres) }],
  );
  const scenes = [...groupBy(told, ({ block }) => block).values()].map((part): Scene => ({
    x: part[0]!.x,
    y: mean(part.map(({ y }) => y))!,
  }));
  const line = lineThrough(scenes);
  const off = line && told.map(({ x, y }) => y - line.at(x));
  return {
    distances: [...groupBy(told, ({ x }) => String(x)).values()]
      .map((part) => {
        const here = scenes.filter(({ x }) => x === part[0]!.x).map(({ y }) => y);
        const { mean: middle, interval } = withStudent(here)!;
        return {
          metres: round(Math.exp(part[0]!.x)),
          told: Math.exp(middle),
          interval: interval && ([Math.exp(interval[0]), Math.exp(interval[1])] as [number, number]),
          n: part.length,
        };
      })
      .sort((a, b) => a.metres - b.metres),
    slope: line?.slope ?? null,
    bias: line?.bias ?? null,
    spread: off && off.length > 2 ? Math.expm1(Math.sqrt(sum(off.map(square)) / (off.length - 2))) : null,
    n: answers.length,
    unread: answers.length - told.length,
  };
}

/** Rounds distances to remove errors of the logarithm and its inverse. */
const round = (metres: number) => Number(metres.toPrecision(10));

function lineThrough(scenes: readonly Scene[]) {
  const n = scenes.length;
  const [mx, my] = [mean(scenes.map(({ x }) => x)), mean(scenes.map(({ y }) => y))];
  const across = sum(scenes.map(({ x }) => square(x - mx!)));
  if (n < 3 || new Set(scenes.map(({ x }) => x)).size < 2) return null;
  const slope = sum(scenes.map(({ x, y }) => (x - mx!) * (y - my!))) / across;
  const line = (x: number) => my! + slope * (x - mx!);
  const residual = sum(scenes.map(({ x, y }) => square(y - line(x))));
  const single = studentQuantile(n - 2) * Math.sqrt(residual / (n - 2));
  const [half, off] = [single / Math.sqrt(across), single / Math.sqrt(n)];
  const middle = my! - mx!;
  return {
    at: line,
    slope: { mean: slope, interval: [slope - half, slope + half] as [number, number] },
    // The interval of the bias uses only the deviation from the line, not the slope.
    bias: {
      mean: Math.expm1(middle),
      interval: [Math.expm1(middle - off), Math.expm1(middle + off)] as [number, number],
    },
  };
}

/** Returns the mean with Student's 95% interval; the interval is null for a single value. */
function withStudent(values: readonly number[]) {
  const middle = mean(values);
  const n = values.length;
  if (middle === null) return null;
  if (n < 2) return { mean: middle, interval: null };
  const half =
    studentQuantile(n - 1) * Math.sqrt(sum(values.map((value) => square(value - middle))) / (n - 1) / n);
  return { mean: middle, interval: [middle - half, middle + half] as [number, number] };
}
