import { Column } from './column.ts';

/**
 * TensorBoard's smoothing of a column that grows: an exponential moving average that starts at zero, divided by the
 * weight that it has seen: sₙ = w·sₙ₋₁ + (1 − w)·vₙ, shown as oₙ = sₙ / (1 − wⁿ). Written as steps of o, so that equal
 * values stay exactly equal: oₙ = oₙ₋₁ + (vₙ − oₙ₋₁)·(1 − w) / (1 − wⁿ). Gaps stay gaps and change nothing.
 */
export class Smoothing {
  private readonly smooth = new Column();
  private average = 0;
  /** wⁿ */
  private unseen = 1;

  /** @param weight of the past, in [0, 1) */
  constructor(
    private readonly column: Column,
    readonly weight: number,
  ) {}

  at(row: number): number {
    this.extend();
    return this.smooth.at(row);
  }

  private extend(): void {
    const { column, smooth, weight } = this;
    for (let row = smooth.length; row < column.length; row++) {
      const value = column.at(row);
      if (!Number.isNaN(value)) {
        this.unseen *= weight;
        this.average += ((value - this.average) * (1 - weight)) / (1 - this.unseen);
      }
      smooth.put(row, Number.isNaN(value) ? NaN : this.average);
    }
  }
}
