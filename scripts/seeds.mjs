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

/** Student's t of so many values. */
export const quantile = (n) => T[n - 2];

/** Mean ± half the width of its 95 % interval; a dash for fewer than two values. */
export function interval(values) {
  if (values.length < 2) return '–';
  const middle = mean(values);
  const variance = values.reduce((sum, x) => sum + (x - middle) ** 2, 0) / (values.length - 1);
  return `${middle.toFixed(1)} ± ${(quantile(values.length) * Math.sqrt(variance / values.length)).toFixed(1)}`;
}

export const line = (cells) => console.log(`| ${cells.join(' | ')} |`);
export const header = (cells) => {
  line(cells);
  line(cells.map((_, i) => (i === 0 ? '---' : '---:')));
};
