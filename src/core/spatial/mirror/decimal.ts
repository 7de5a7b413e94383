/**
 * Decimal arithmetic on numbers as they are written. In floating point 1 − 0.1 − 0.8 is 0.09999999999999998; a
 * mirrored file must say 0.1, and mirrored again be the same bytes.
 */

const decimalsOf = (text: string): number => (text.includes('.') ? text.length - text.indexOf('.') - 1 : 0);

/** A decimal text as an integer number of 10^-decimals. */
function scaled(text: string, decimals: number): bigint {
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(`${whole}${fraction.padEnd(decimals, '0')}`);
}

/**
 * `from − a − b …` of plain decimals (`12`, `0.50`, `.5`), written with as many decimals as the most precise of them;
 * a fraction without a leading zero stays one.
 */
export function subtractDecimals(from: string, ...parts: string[]): string {
  const decimals = Math.max(...[from, ...parts].map(decimalsOf));
  const value = parts.reduce((sum, part) => sum - scaled(part, decimals), scaled(from, decimals));
  const digits = String(value < 0n ? -value : value).padStart(decimals + 1, '0');
  const cut = digits.length - decimals;
  const whole = parts[0]?.startsWith('.') && digits.slice(0, cut) === '0' ? '' : digits.slice(0, cut);
  return `${value < 0n ? '-' : ''}${whole}${decimals ? `.${digits.slice(cut)}` : ''}`;
}

/** The shortest text of a number, without exponent. Below 1e-20 a coordinate is zero. */
const plain = (x: number): string => (String(x).includes('e') ? x.toFixed(20) : String(x));

/**
 * `from − a − b …` on each number's own decimals. Its own inverse as long as the operands have 15 significant digits
 * in common; a double cannot hold more.
 */
export function subtract(from: number, ...parts: number[]): number {
  return Number(subtractDecimals(plain(from), ...parts.map(plain)));
}
