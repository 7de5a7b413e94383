import { Random } from '../random.ts';

/**
 * The order in which a run draws its rows: position c is row c mod n of epoch ⌊c/n⌋, and each epoch is shuffled from
 * the seed. A checkpoint therefore only needs the position to continue.
 */
export class DrawOrder {
  private epoch = -1;
  private rows: number[] = [];

  /** @param count number of rows, at least one. */
  constructor(
    private readonly seed: number,
    readonly count: number,
    private readonly order: 'shuffled' | 'as_given',
  ) {
    if (count < 1) throw new RangeError('There are no rows to draw from.');
  }

  at(position: number): number {
    const epoch = Math.floor(position / this.count);
    if (this.order === 'as_given') return position % this.count;
    if (epoch !== this.epoch) {
      const all = Array.from({ length: this.count }, (_, i) => i);
      this.rows = Random.from(`rows/${this.seed}/${epoch}`).shuffle(all);
      this.epoch = epoch;
    }
    return this.rows[position % this.count]!;
  }
}
