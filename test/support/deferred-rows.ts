import type { Sample } from '../../src/rows/sample/sample.ts';

/** Rows that the rules hand on, numbered. */
export const deferredRows = (n: number): Sample[] =>
  Array.from({ length: n }, (_, i) => ({
    id: `r${i}`,
    question: `What is left of cake ${i}?`,
    answer: 'crumbs',
    images: [],
  }));
