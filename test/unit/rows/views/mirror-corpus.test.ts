import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { corpus, score } from './mirror-corpus.ts';

describe('mirror corpora', () => {
  it('the mirror corpus has no wrong rows and less than 2% deferred rows in the working set', () => {
    const rows = corpus('mirror').map((row) => ({ id: row.sample.id, score: score(row).score }));
    expect(rows.filter((row) => row.score === 'wrong')).toEqual([]);
    expect(rows.filter((row) => row.score === 'deferred').length / rows.length).toBeLessThan(0.02);
  });

  it('contains no wrong row among answers that might be text in the image', () => {
    for (const name of ['reading', 'reading-heldout'] as const) {
      const rows = corpus(name).map((row) => ({ ...row, ...score(row) }));
      expect(rows.filter((row) => row.score === 'wrong').map(({ sample }) => sample)).toEqual([]);
      const seen = rows.filter((row) => row.class === 'seeing');
      expect(seen.length).toBeGreaterThan(rows.length / 2);
      expect(seen.filter((row) => row.score === 'deferred').length / seen.length).toBeLessThan(0.04);
    }
  });

  // Only the score: rules that are fitted to held-out rows make it worthless.
  it('the mirror corpus has the held-out scores of docs/rewriting-rules.md', () => {
    const scores = corpus('mirror-heldout').map((row) => score(row).score);
    expect(scores.filter((s) => s === 'right').length).toBeGreaterThanOrEqual(110);
    expect(scores.filter((s) => s === 'wrong').length).toBeLessThanOrEqual(2);
  });

  it('the mirror corpus has the scores per class in its README', () => {
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
