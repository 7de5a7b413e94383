/**
 * The mean of a normal distribution with its 95 % profile interval, where of some values only a lower bound is known
 * (Tobit).
 * @param {readonly number[]} known at least two
 * @param {readonly number[]} bounds
 * @param {number} t the quantile of the interval, Student's t of as many values as are known
 * @returns {{ mean: number, interval: [number, number] }} whose upper end is Infinity if the values do not limit it
 */
export function censored(known, bounds, t) {
  const low = Math.min(...known);
  const range = Math.max(Math.max(...known, ...bounds) - low, 1e-9);
  const sds = Array.from({ length: 121 }, (_, i) => range * 0.02 * 500 ** (i / 120));
  const means = Array.from({ length: 801 }, (_, i) => low - range + (4 * range * i) / 800);
  const profile = means.map((mean) =>
    Math.max(
      ...sds.map((sd) => {
        let log = 0;
        for (const x of known) log -= Math.log(sd) + 0.5 * ((x - mean) / sd) ** 2;
        for (const x of bounds) log += Math.log(above((x - mean) / sd));
        return log;
      }),
    ),
  );
  const most = Math.max(...profile);
  const inside = means.filter((_, i) => profile[i] !== undefined && profile[i] > most - t ** 2 / 2);
  const highest = Math.max(...inside);
  return {
    mean: means[profile.indexOf(most)] ?? NaN,
    interval: [Math.min(...inside), highest === means.at(-1) ? Infinity : highest],
  };
}

/**
 * The normal distribution's upper tail (Abramowitz and Stegun 7.1.26, to 1e-7).
 * @param {number} z
 */
function above(z) {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const series =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const tail = Math.max((series * Math.exp(-x * x)) / 2, 1e-300);
  return z > 0 ? tail : 1 - tail;
}
