import { Column } from './column.ts';

/**
 * TensorBoard's smoothing of a column that grows: an exponential moving average that starts at zero, divided by
 * the weight that it has seen, sᵢ = (w·sᵢ₋₁ + (1 − w)·vᵢ) and vᵢ' = sᵢ / (1 − wⁿ) after n values. Gaps stay gaps and
 * leave the average as it is.
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
        this.average = weight * this.average + (1 - weight) * value;
        this.unseen *= weight;
      }
      smooth.put(row, Number.isNaN(value) ? NaN : this.average / (1 - this.unseen));
    }
  }
}
