import { percentText, points, withInterval } from '../../base/format.ts';
import { mean } from '../../base/numbers.ts';
import { ORIGINAL, partnerAmong, viewOfRow } from '../../rows/view-list.ts';
import type { Figure } from '../config/sweep.ts';
import { groupBy } from '../evaluation/scored-row.ts';
import type { JudgedRow } from '../metrics/outcomes.ts';
import { compareTwo } from './sweep/arm-results.ts';
import { figureName, figureValues } from './sweep/figure.ts';

/** Accuracy from which a start counts as strong. */
const STRONG = 0.8;

/** Gain that an evaluation must exclude. With too few rows, its interval contains both no gain and a large gain. */
const LARGE = 0.1;

/**
 * Describes each evaluation set on which a run has no clear gain: the 95% interval of the paired difference between the
 * last and the first evaluation contains 0 or lies below (a loss), and excludes a large gain. Uses pair accuracy, or accuracy on
 * originals without pairs.
 */
export const withoutGain = (first: readonly JudgedRow[], last: readonly JudgedRow[]): string[] =>
  [...groupBy(last, ({ set }) => set ?? '')].flatMap(([set, rows]) => {
    const view = partnerAmong(rows.map(viewOfRow));
    const figures: Figure[] = [
      ...(view === undefined ? [] : [{ set, view, metric: 'consistent' }]),
      { set, view: ORIGINAL, metric: 'accuracy' },
    ];
    for (const figure of figures) {
      const [start, end] = [first, last].map((all) => {
        const values = figureValues(all, figure);
        return { name: '', seeds: [{ seed: 0, values }], share: mean(values.map(({ value }) => value)) };
      });
      const difference = compareTwo(start!, end!, figure);
      if (!difference?.interval || difference.bounds) continue;
      if (difference.interval[0] > 0 || difference.interval[1] >= LARGE) return [];
      const change = withInterval({ ...difference, value: difference.mean }, points);
      const isLoss = difference.interval[1] < 0;
      return [
        `${isLoss ? 'Loss' : 'No clear gain'} in ${figureName(figure)}: ${percentText(start!.share)} at the start, ${percentText(end!.share)} at the end, difference ${change} points. ${
          start!.share! >= STRONG && !isLoss
            ? 'Such a strong start leaves little to gain: use harder rows, or start from an earlier checkpoint.'
            : 'Check whether the reward rises. If it rises, the rewards improve something that this set does not measure.'
        }`,
      ];
    }
    return [];
  });
