/** Shown for an unknown value. */
export const UNKNOWN = '–';

/** Formats a number for people: with a true minus sign, but none before a zero. Files and --json use plain numbers. */
export const fixed = (value: number | null, digits: number): string =>
  value === null
    ? UNKNOWN
    : value
        .toFixed(digits)
        .replace(/^-(?=[0.]+$)/, '')
        .replace('-', '−');
