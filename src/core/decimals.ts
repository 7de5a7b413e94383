/** A number for people: with a true minus sign, and none before a zero. Files and --json have plain numbers. */
export const fixed = (value: number, digits: number): string =>
  value
    .toFixed(digits)
    .replace(/^-(?=[0.]+$)/, '')
    .replace('-', '−');
