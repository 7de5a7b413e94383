/**
 * Formats of numbers in the terminal, panels, reports and configs: one function for each kind of number. Files and
 * `--json` output have plain numbers. This file imports nothing.
 */

export const UNKNOWN = '–';

/** Replaces the minus of a number and of its exponent by a true minus sign. */
const withMinus = (text: string): string => text.replaceAll('-', '−');

/** Formats a number with `digits` decimals and a true minus sign. Zero has no sign. */
export const fixed = (value: number | null | undefined, digits: number): string =>
  value == null ? UNKNOWN : withMinus(value.toFixed(digits).replace(/^-(?=[0.]+$)/, ''));

/** Formats a difference with its sign: "−0.250", "+0.250", "0.000". */
export function signed(value: number | null | undefined, digits = 3): string {
  const text = fixed(value, digits);
  return value != null && value > 0 && Number(text) !== 0 ? `+${text}` : text;
}

/** Formats a number without trailing zeros: "0.5", "12". */
export const plain = (value: number, digits: number): string =>
  withMinus(String(Number(value.toFixed(digits))));

/** Formats significant digits without trailing zeros: "0.937", "−0.2", "12.5". */
export const short = (value: number, digits = 3): string =>
  withMinus(String(Number(value.toPrecision(digits))));

/** Formats a value with up to four digits. Very small and large values get three digits and a power of ten. */
export function figure(value: number | null | undefined): string {
  if (value == null || Number.isNaN(value)) return UNKNOWN;
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e6)
    return withMinus(value.toExponential(2).replace('e', ' e').replace('+', ''));
  if (size >= 1000) return withMinus(thousands(Math.round(value)));
  return size < 1 ? plain(value, 4) : short(value, 4);
}

/** Formats a number in short form: 950, 1.2k, 3.45M. */
export function compact(value: number): string {
  const units: [number, string][] = [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ];
  const unit = units.find(([size]) => Math.abs(value) >= size);
  return unit ? `${Number((value / unit[0]).toPrecision(3))}${unit[1]}` : String(Math.round(value));
}

/** Formats the tick labels of a chart axis, with as many decimals as the steps between ticks need. */
export function ticks(values: readonly (number | null)[]): string[] {
  const numbers = values.filter((value) => value !== null);
  const gap = numbers.length > 1 ? Math.abs(numbers[1]! - numbers[0]!) : Math.abs(numbers[0] ?? 1);
  const largest = Math.max(...numbers.map(Math.abs), 0);
  if (largest >= 1e6 || (largest > 0 && largest < 1e-3)) {
    return values.map((value) =>
      value === null
        ? ''
        : value === 0
          ? '0'
          : withMinus(String(Number(value.toPrecision(3)).toExponential())),
    );
  }
  let decimals = 0;
  // A step of 0.25 needs two decimals, a step of 0.5 one.
  while (decimals < 6 && Math.abs(gap * 10 ** decimals - Math.round(gap * 10 ** decimals)) > 1e-6)
    decimals += 1;
  return values.map((value) =>
    value === null ? '' : largest >= 10_000 ? compact(value) : withMinus(value.toFixed(decimals)),
  );
}

/**
 * Formats a whole number with commas: "12,345". `toLocaleString` returns the same, but its first call in a page loads
 * the rules of all languages, which takes longer than drawing a panel's list.
 */
export const thousands = (n: number): string => String(n).replace(/\B(?=(?:\d{3})+$)/g, ',');

/** Formats a number with its noun: "1,200 rows", "1 row". */
export const several = (n: number, thing: string): string => `${thousands(n)} ${thing}${n === 1 ? '' : 's'}`;

/** Formats a share in percent without the percent sign, for columns and lists that already have the sign: "12.5". */
export const percent = (share: number | null | undefined): string => percentWith(share, 1);

/**
 * Formats a share in percent with `digits` decimals, or with more decimals if a share below 1 would round to 100: 2,999
 * of 3,000 is 99.97.
 */
export function percentWith(share: number | null | undefined, digits: number): string {
  const text = fixed(share == null ? null : 100 * share, digits);
  if (share == null || share >= 1 - 1e-12 || Number(text) !== 100) return text;
  return fixed(100 * share, Math.floor(-Math.log10(1 - share)) - 1);
}

/** Formats a share in percent: "12.5%". */
export const percentText = (share: number | null | undefined): string =>
  share == null ? UNKNOWN : `${percent(share)}%`;

/** Formats a share without the percent sign, or its bounds if not all rows are scored: "12.5", "30.0–80.0". */
export const percents = (ends: readonly [number, number] | null): string =>
  ends ? endsText(ends, percent) : UNKNOWN;

/** Formats a share or its bounds with the percent sign: "12.5%", "30.0–80.0%". */
export const percentsText = (ends: readonly [number, number] | null): string =>
  ends ? `${percents(ends)}%` : UNKNOWN;

/** Formats a share above 0 in percent, so that a small share does not become 0: `under 0.1%`, `96.7%`. */
export const shareText = (share: number): string => (share < 0.001 ? 'under 0.1%' : percentText(share));

/** Formats a p value, which is never 0: "0.0300", "< 0.0001". */
export const pText = (p: number): string => (p < 0.0001 ? '< 0.0001' : fixed(p, 4));

/** Formats a part of a whole in percent: "12.5%". Returns "0.0%" if the whole is 0. */
export const partOf = (n: number, whole: number): string => percentText(whole === 0 ? 0 : n / whole);

/** Formats a difference of shares in percentage points, with its sign: "+3.1". */
export const points = (difference: number | null | undefined): string =>
  signed(difference == null ? null : 100 * difference, 1);

/** Formats one value, or a range: "30–80", or with signs "−5 to +3". */
export function endsText([low, high]: readonly [number, number], text: (value: number) => string): string {
  const [from, to] = [text(low), text(high)];
  if (low === high) return from;
  return `${from}${/^[−+-]/.test(from) || /^[−+-]/.test(to) ? ' to ' : '–'}${to}`;
}

/** Formats a value, with its confidence interval if known: "0.42 [0.31, 0.53]". */
export function withInterval(
  figure: { value: number | null; interval?: readonly number[] | undefined },
  text: (value: number) => string,
): string {
  const { value, interval } = figure;
  if (value === null) return UNKNOWN;
  return `${text(value)}${interval ? ` [${interval.map(text).join(', ')}]` : ''}`;
}

/** Formats the number of unscored rows: "10 of 20 not scored". */
export const lackText = (not_judged: number, n: number): string =>
  `${thousands(not_judged)} of ${thousands(n)} not scored`;

/** Adds the number of rows to the text of a value, if the value covers only some rows: "50.0 (of 30)". */
export const ofRows = (figure: string, n: number | undefined): string =>
  n === undefined ? figure : `${figure} (of ${thousands(n)})`;

/** Formats a duration in its two largest units: `45 s`, `3 min 20 s`, `1 h 20 min`, `3 d`. */
export function duration(seconds: number): string {
  const units: [number, string][] = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
  ];
  for (const [i, [size, unit]] of units.entries()) {
    if (seconds < size) continue;
    const [smaller, name] = units[i + 1] ?? [1, 's'];
    const rest = Math.floor((seconds % size) / smaller);
    return `${Math.floor(seconds / size)} ${unit}${rest > 0 ? ` ${rest} ${name}` : ''}`;
  }
  return seconds >= 10 || seconds === 0 ? `${Math.round(seconds)} s` : `${Number(seconds.toPrecision(2))} s`;
}

/** Returns the remaining time as text, '' if unknown. @param pace seconds per step */
export const timeLeftText = (
  pace: number | null,
  { step, steps }: { step: number; steps: number },
): string =>
  pace === null || step >= steps ? '' : `about ${duration(Math.round(pace * (steps - step)))} left`;

/** Formats the price of an endpoint's answers, to the cent or to two digits: "12.50", "0.034". */
export const money = (price: number): string =>
  price === 0 || price >= 1 ? price.toFixed(2) : price.toPrecision(2);

/** Returns a time in ISO 8601 in the user's time zone, such as `2026-11-30 14:05`; empty if the time is invalid. */
export function localTime(iso: string | null): string {
  const time = new Date(iso ?? NaN);
  if (Number.isNaN(time.getTime())) return '';
  const two = (n: number) => String(n).padStart(2, '0');
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  return `${day} ${two(time.getHours())}:${two(time.getMinutes())}`;
}
