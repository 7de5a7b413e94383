/** Another order of a row's pictures: the frames of a clip, or two pictures of one place. */
export type Sequence = { op: 'reverse' } | { op: 'exchange' } | { op: 'repeat' | 'every'; k: number };

const FORM = /^(?:(reverse|exchange)|(repeat|every):([2-9]|[1-9]\d))$/;

/** Reads a part of a view's id; null if it is none of these views. */
export function readSequence(text: string): Sequence | null {
  const [, plain, name, k] = FORM.exec(text) ?? [];
  if (plain) return { op: plain as 'reverse' | 'exchange' };
  return name ? { op: name as 'repeat' | 'every', k: Number(k) } : null;
}

export const writeSequence = (one: Sequence): string => ('k' in one ? `${one.op}:${one.k}` : one.op);

/** The indices of those of n pictures that are shown, in their new order. */
export function orderOf(one: Sequence, n: number): number[] {
  const all = Array.from({ length: n }, (_, i) => i);
  switch (one.op) {
    case 'reverse':
    case 'exchange':
      return all.reverse();
    case 'repeat':
      return Array.from({ length: one.k }, () => all).flat();
    case 'every':
      return all.filter((i) => i % one.k === 0);
  }
}
