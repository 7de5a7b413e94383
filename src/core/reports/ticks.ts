/** Round numbers (1, 2 or 5 times a power of ten) from at most `low` to at least `high`, about `wanted` of them. */
export function ticks(low: number, high: number, wanted = 5): number[] {
  const span = high - low || Math.abs(high) || 1;
  const power = 10 ** Math.floor(Math.log10(span / wanted));
  const step = power * ([1, 2, 5].find((factor) => factor * power * wanted >= span * 0.999) ?? 10);
  // In whole numbers of steps, so that nothing adds up.
  const [first, last] = [Math.floor(low / step + 1e-9), Math.ceil(high / step - 1e-9)];
  return Array.from({ length: Math.max(last - first, 1) + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
}
