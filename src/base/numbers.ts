/** Returns the sum, added from first to last. 0 for an empty list. */
export function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** Returns the mean of the values, or null for an empty list. */
export const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : sum(values) / values.length;

/**
 * Returns the first integer in [from, to) that passes a test; `to` if none passes. All later integers must also pass,
 * because the search is binary.
 */
export function firstIn(from: number, to: number, test: (i: number) => boolean): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (test(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Returns the number of occurrences of each value, in the order of first occurrence. */
export function countsOf<T>(values: Iterable<T>): Map<T, number> {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

const decimalsOf = (text: string): number => (text.includes('.') ? text.length - text.indexOf('.') - 1 : 0);

/** Converts a decimal text to an integer, in units of 10^-decimals. */
function scaled(text: string, decimals: number): bigint {
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(`${whole}${fraction.padEnd(decimals, '0')}`);
}

/**
 * Computes `from − a − b …` for plain decimals (`12`, `0.50`, `.5`), with the decimals of the most precise input. If
 * `a` has no leading zero, a result between −1 and 1 has none either.
 */
export function subtractDecimals(from: string, ...parts: string[]): string {
  const decimals = Math.max(...[from, ...parts].map(decimalsOf));
  const value = parts.reduce((sum, part) => sum - scaled(part, decimals), scaled(from, decimals));
  const digits = String(value < 0n ? -value : value).padStart(decimals + 1, '0');
  const cut = digits.length - decimals;
  const whole = parts[0]?.startsWith('.') && digits.slice(0, cut) === '0' ? '' : digits.slice(0, cut);
  return `${value < 0n ? '-' : ''}${whole}${decimals ? `.${digits.slice(cut)}` : ''}`;
}

/** A multidimensional array. The last axis varies fastest. */
export interface Values {
  shape: number[];
  data: Float32Array;
}

/** Returns the sub-array at the leading indices, without a copy. @throws RangeError for an index out of range */
export function at({ shape, data }: Values, ...indices: number[]): Float32Array {
  let [start, length] = [0, data.length];
  indices.forEach((index, axis) => {
    const n = shape[axis] ?? 0;
    if (!Number.isInteger(index) || index < 0 || index >= n)
      throw new RangeError(`Index ${index} does not exist on axis ${axis} of length ${n}.`);
    length /= n;
    start += index * length;
  });
  return data.subarray(start, start + length);
}
