import { Random } from '../../base/random.ts';
import type { Sequence } from '../view-parts.ts';

/**
 * Returns the indices of the displayed images among n images, in their new order.
 * @param id id of the row, which determines the row's shuffles together with the seed
 */
export function orderOf(sequence: Sequence, n: number, id = ''): number[] {
  const all = Array.from({ length: n }, (_, i) => i);
  switch (sequence.op) {
    case 'reverse':
    case 'exchange':
      return all.reverse();
    case 'repeat':
      return Array.from({ length: sequence.k }, () => all).flat();
    case 'every':
      return all.filter((i) => i % sequence.k === 0);
    case 'shuffle':
      return n < 2 ? all : anotherOrder(all, Random.from(`shuffle/${sequence.k}/${id}`));
  }
}

/** Draws an order of the numbers that differs from their given order. */
export function anotherOrder(all: readonly number[], random: Random): number[] {
  for (;;) {
    const order = random.shuffle(all);
    if (order.some((place, i) => place !== all[i])) return order;
  }
}
