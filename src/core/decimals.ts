/** What is not known. */
export const UNKNOWN = '–';

/** A number for people: with a true minus sign, and none before a zero. Files and --json have plain numbers. */
export const fixed = (value: number | null, digits: number): string =>
  value === null
    ? UNKNOWN
    : value
        .toFixed(digits)
        .replace(/^-(?=[0.]+$)/, '')
        .replace('-', '−');
