import {
  chanceCell,
  countCell,
  figureCell,
  left,
  notJudgedColumn,
  ownRow,
  right,
  withoutEmpty,
} from '../cells.ts';
import { type Section, type Table, sectionOf, markBest } from '../document.ts';
import { figureOf, setsOf, shownFor, type Evaluation, type ReportOptions } from '../evaluation.ts';
import { PAIR_SHARES } from '../../metrics/consistency.ts';
import { floorLines } from '../../metrics/floor.ts';
import { MIRROR, PAIR, viewLabel } from '../../view-list.ts';

/**
 * How often the same question is answered correctly in both views: a model that guesses gets only one of them right
 * [B-61].
 */
export function consistencySection(
  evaluations: readonly Evaluation[],
  options: ReportOptions,
): Section | null {
  const tables = setsOf(evaluations).flatMap((set, s): Table[] => {
    const pairs = (one: Evaluation, metric: string) => figureOf(one, set, { metric, view: null });
    const shown = shownFor(evaluations, set, options).filter((one) => pairs(one, 'consistent'));
    if (shown.length === 0) return [];
    return [
      markBest({
        id: `consistency-${s}`,
        caption: `Original and mirror of the same question on ${set}, percent of pairs`,
        columns: [
          left('evaluation'),
          ...PAIR.map((view) => right(viewLabel(view), 'higher')),
          right('both right', 'higher'),
          right('only the original', 'lower'),
          right('only the mirror', 'lower'),
          right('neither', 'lower'),
          right('both by chance', undefined, 'When each view is guessed for itself.'),
          notJudgedColumn(),
          right('pairs'),
        ],
        rows: shown.map((one) => {
          const both = pairs(one, 'consistent')!;
          return ownRow(one, [
            ...PAIR_SHARES.map((metric) => figureCell(pairs(one, metric))),
            chanceCell(both),
            countCell(both.not_judged),
            countCell(both.n),
          ]);
        }),
        notes: floorLines(shown[0]!.figures, set, MIRROR),
      }),
    ];
  });
  return sectionOf(
    'consistency',
    'Consistency',
    [
      'A model that sees space answers a question and its mirror equally well. One that guesses, or has learnt where things usually stand, gets only one of them right.',
    ],
    tables.map(withoutEmpty),
  );
}
