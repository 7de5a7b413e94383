// What scripts that sum up several seeds share: means with Student's t over seeds, and tables in Markdown.

/** 97.5 % quantile of Student's t, by degrees of freedom from 1. */
const T = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145];
const MOST = T.length + 1;

/** The files named as arguments, by number; ends the script if there are too few or too many for an interval. */
export function seedFiles(script) {
  const files = process.argv.slice(2).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  if (files.length >= 2 && files.length <= MOST) return files;
  console.error(`usage: node scripts/${script} FILE FILE …, 2 to ${MOST} of them`);
  process.exit(2);
}

export const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;

/** Mean ± half the width of its 95 % interval; a dash for fewer than two values. */
export function interval(values) {
  if (values.length < 2) return '–';
  const middle = mean(values);
  const variance = values.reduce((sum, x) => sum + (x - middle) ** 2, 0) / (values.length - 1);
  return `${middle.toFixed(1)} ± ${(T[values.length - 2] * Math.sqrt(variance / values.length)).toFixed(1)}`;
}

/**
 * The mean of a normal distribution, of which some values are known to be at least `atLeast` only, with its 95 % profile
 * interval (Tobit); "–" if fewer than two are known.
 */
export function censored(values) {
  const known = values.filter((value) => typeof value === 'number');
  const bounds = values.filter((value) => typeof value !== 'number').map(({ atLeast }) => atLeast);
  if (known.length < 2) return '–';
  const [low, high] = [Math.min(...known), Math.max(...known, ...bounds)];
  const range = Math.max(high - low, 1e-9);
  /** The best log-likelihood at a mean, over standard deviations. */
  const profile = (middle) => {
    let best = -Infinity;
    for (let i = 0; i <= 120; i++) {
      const sd = range * 0.02 * 500 ** (i / 120);
      let log = 0;
      for (const x of known) log -= Math.log(sd) + 0.5 * ((x - middle) / sd) ** 2;
      for (const x of bounds) log += Math.log(above((x - middle) / sd));
      if (log > best) best = log;
    }
    return best;
  };
  const means = Array.from({ length: 801 }, (_, i) => low - range + (4 * range * i) / 800);
  const logs = means.map(profile);
  const most = Math.max(...logs);
  // Student's t instead of the normal quantile, for few values.
  const t = T[Math.min(known.length, MOST) - 2];
  const inside = means.filter((_, i) => logs[i] > most - t ** 2 / 2);
  return `${means[logs.indexOf(most)].toFixed(1)} [${inside[0].toFixed(1)}, ${inside.at(-1) === means.at(-1) ? '∞' : inside.at(-1).toFixed(1)}]`;
}

/** The normal distribution's upper tail (Abramowitz and Stegun 7.1.26, to 1e-7). */
function above(z) {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const series =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const tail = Math.max((series * Math.exp(-x * x)) / 2, 1e-300);
  return z > 0 ? tail : 1 - tail;
}

export const line = (cells) => console.log(`| ${cells.join(' | ')} |`);
export const header = (cells) => {
  line(cells);
  line(cells.map((_, i) => (i === 0 ? '---' : '---:')));
};
