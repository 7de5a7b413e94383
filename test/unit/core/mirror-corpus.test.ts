import { describe, expect, it } from 'vitest';
import { corpus, score } from './mirror-corpus.ts';

describe('the mirror corpora', () => {
  it('hold no wrong row among the working ones, and few deferred', () => {
    const rows = corpus('mirror').map((row) => ({ id: row.sample.id, score: score(row).score }));
    expect(rows.filter((row) => row.score === 'wrong')).toEqual([]);
    expect(rows.filter((row) => row.score === 'deferred').length / rows.length).toBeLessThan(0.02);
  });

  // Only the score: rules that are fitted to held-out rows make it worthless.
  it('are scored on held-out rows as docs/mirror.md reports', () => {
    const scores = corpus('mirror-heldout').map((row) => score(row).score);
    expect(scores.filter((s) => s === 'right').length).toBeGreaterThanOrEqual(113);
    expect(scores.filter((s) => s === 'wrong').length).toBeLessThanOrEqual(3);
  });
});
