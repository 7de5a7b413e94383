import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { corpus, score } from './mirror-corpus.ts';

describe('the mirror corpora', () => {
  it('hold no wrong row among the working ones, and few deferred', () => {
    const rows = corpus('mirror').map((row) => ({ id: row.sample.id, score: score(row).score }));
    expect(rows.filter((row) => row.score === 'wrong')).toEqual([]);
    expect(rows.filter((row) => row.score === 'deferred').length / rows.length).toBeLessThan(0.02);
  });

  it('hold no row that passes although its answer may have been read in the image', () => {
    for (const name of ['reading', 'reading-heldout'] as const) {
      const rows = corpus(name).map((row) => ({ ...row, ...score(row) }));
      expect(rows.filter((row) => row.score === 'wrong').map(({ sample }) => sample)).toEqual([]);
      const seen = rows.filter((row) => row.class === 'seeing');
      expect(seen.length).toBeGreaterThan(rows.length / 2);
      expect(seen.filter((row) => row.score === 'deferred').length / seen.length).toBeLessThan(0.04);
    }
  });

  // Only the score: rules that are fitted to held-out rows make it worthless.
  it('are scored on held-out rows as docs/rewriting-rules.md reports', () => {
    const scores = corpus('mirror-heldout').map((row) => score(row).score);
    expect(scores.filter((s) => s === 'right').length).toBeGreaterThanOrEqual(110);
    expect(scores.filter((s) => s === 'wrong').length).toBeLessThanOrEqual(2);
  });

  it('are scored class by class as the table of the corpora has them', () => {
    const page = readFileSync(new URL('../../../fixtures/corpus/README.md', import.meta.url), 'utf8');
    const counted = (name: 'mirror' | 'mirror-heldout', of: string) => {
      const scores = corpus(name).flatMap((row) =>
        of === 'all' || row.class === of ? [score(row).score] : [],
      );
      return (['right', 'deferred', 'wrong'] as const)
        .map((kind) => scores.filter((one) => one === kind).length)
        .join(' / ');
    };
    const printed = [
      ...page.matchAll(
        /^\| (?:\*\*)?([\w-]+)(?:\*\*)? +\|[\d /]+\| ([\d /]+?) +\|[\d /]+\| ([\d /]+?) +\|$/gm,
      ),
    ];
    expect(printed.length).toBeGreaterThan(25);
    expect(printed.map(([, of, working, heldOut]) => [of, working, heldOut])).toEqual(
      printed.map(([, of]) => [of, counted('mirror', of!), counted('mirror-heldout', of!)]),
    );
  });
});
