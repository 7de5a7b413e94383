import { styleOf } from '../metrics/lengths.ts';
import { groupBy, type ScoredRow } from '../metrics/scored-row.ts';
import { shiftMetrics, shiftPairs } from '../metrics/shift.ts';
import type { Random } from '../random.ts';
import type { SetDigest } from './evaluation.ts';

/** What the rows of an evaluation say beyond its figures, by set. */
export function digestRows(rows: readonly ScoredRow[], random: Random): Record<string, SetDigest> {
  return Object.fromEntries(
    [...groupBy(rows, ({ set }) => set ?? '')].map(([set, ofSet]) => {
      const views = groupBy(ofSet, ({ view }) => view ?? 'original');
      const originals = views.get('original') ?? [];
      // Pairs are matched by view and id: here the view is the change itself.
      const changed = (views.get('polarity') ?? []).map((row) => ({ ...row, view: 'original' }));
      const shift =
        changed.length > 0 ? shiftMetrics(shiftPairs(originals, changed), random.fork(set)) : null;
      return [set, { style: styleOf(originals.filter(({ score }) => !score.problem)), shift }];
    }),
  );
}
