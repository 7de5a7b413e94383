/**
 * Conversion of 16-bit grey images to 8 bits: the values that become black and white, or the upper 8 bits, which divide
 * values by 256.
 */
export type DepthRange = readonly [from: number, to: number] | 'upper';

export const DepthRange = {
  /** Parses a depth range: "0..5000", "5000..0" (near is bright) or "upper". Null for any other text. */
  parse(text: string): DepthRange | null {
    if (text === 'upper') return text;
    const [, from, to] = /^(\d+)\.\.(\d+)$/.exec(text) ?? [];
    return from !== undefined && Number(from) !== Number(to) ? [Number(from), Number(to)] : null;
  },
  text: (range: DepthRange): string => (range === 'upper' ? range : `${range[0]}..${range[1]}`),
};
