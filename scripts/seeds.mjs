// What scripts that sum up several seeds share: means with Student's t over seeds, and tables in Markdown.

/** 97.5 % quantile of Student's t, by degrees of freedom from 1. */
const T = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145];
const MOST = T.length + 1;

/**
 * The files named as arguments, by number; ends the script if there are too few or too many for an interval.
 * @param {string} script
 */
export function seedFiles(script) {
  const files = process.argv.slice(2).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  if (files.length >= 2 && files.length <= MOST) return files;
  console.error(`usage: node scripts/${script} FILE FILE …, 2 to ${MOST} of them`);
  process.exit(2);
}

/**
 * With one decimal; what rounds to 0 has no sign.
 * @param {number} value
 */
export const fixed = (value) => value.toFixed(1).replace(/^-0\.0$/, '0.0');

/** @param {readonly number[]} values */
export const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;

/**
 * Student's t of so many values, 2 to 15.
 * @param {number} n
 */
export const quantile = (n) => T[n - 2] ?? NaN;

/**
 * Mean ± half the width of its 95 % interval; a dash for fewer than two values.
 * @param {readonly number[]} values
 */
export function interval(values) {
  if (values.length < 2) return '–';
  const half = quantile(values.length) * Math.sqrt(variance(values) / values.length);
  return `${fixed(mean(values))} ± ${fixed(half)}`;
}

/** @param {readonly number[]} values */
const variance = (values) => {
  const middle = mean(values);
  return values.reduce((sum, x) => sum + (x - middle) ** 2, 0) / (values.length - 1);
};

/**
 * The mean of a table and half the width of its 95 % interval over rows and columns at once, both drawn by chance: the
 * variance of a two-way layout, with Satterthwaite's degrees of freedom. Missing values (null) take the mean of their row,
 * so a few of them narrow the interval a little; rows without a value are left out.
 * @param {readonly (readonly (number | null)[])[]} values at least two columns
 * @returns {{ middle: number, half: number } | null} null for fewer than two rows
 */
export function crossed(values) {
  const rows = values.map(filled).filter((row) => row !== null);
  const [r, c] = [rows.length, rows[0]?.length ?? 0];
  if (r < 2) return null;
  const ofRows = rows.map(mean);
  const ofColumns = Array.from({ length: c }, (_, j) => mean(rows.map((row) => row[j] ?? NaN)));
  const middle = mean(ofRows);
  const all = rows.flat();
  const [a, b] = [c * variance(ofRows), r * variance(ofColumns)];
  // Squares about the mean are those of rows, of columns and of the rest.
  const [da, db, de] = [r - 1, c - 1, (r - 1) * (c - 1)];
  const e = Math.max(0, (all.length - 1) * variance(all) - da * a - db * b) / de;
  // The difference estimates the variance without bias, but may fall below either part by chance.
  const total = Math.max(a + b - e, a, b);
  const freedom = total ** 2 / (a ** 2 / da + b ** 2 / db + e ** 2 / de);
  const t = T[Math.min(T.length, Math.max(1, Math.round(freedom))) - 1] ?? NaN;
  return { middle, half: total === 0 ? 0 : t * Math.sqrt(total / (r * c)) };
}

/**
 * A row whose missing values are the mean of the others; null if it has none.
 * @param {readonly (number | null)[]} row
 */
function filled(row) {
  const known = row.filter((value) => value !== null);
  return known.length === 0 ? null : row.map((value) => value ?? mean(known));
}

/** @param {readonly (string | number)[]} cells */
export const line = (cells) => console.log(`| ${cells.join(' | ')} |`);
/** @param {readonly string[]} cells */
export const header = (cells) => {
  line(cells);
  line(cells.map((_, i) => (i === 0 ? '---' : '---:')));
};
