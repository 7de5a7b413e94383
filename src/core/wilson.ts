/** The 97.5 % quantile of the normal distribution. */
const Z = 1.959963984540054;

/**
 * Wilson's 95 % interval of a share: [low, high], within 0–1 and around the share, with a width even if all or none of
 * a few rows are right. E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927.
 * @param share 0–1
 * @param n number of independent rows; above 0, not always whole
 */
export function wilson(share: number, n: number): [number, number] {
  const centre = share + Z ** 2 / (2 * n);
  const spread = Z * Math.sqrt((share * (1 - share)) / n + Z ** 2 / (4 * n ** 2));
  const scale = 1 + Z ** 2 / n;
  // Rounding may move an end that equals 0, 1 or the share slightly to the wrong side.
  return [
    Math.max(0, Math.min(share, (centre - spread) / scale)),
    Math.min(1, Math.max(share, (centre + spread) / scale)),
  ];
}
