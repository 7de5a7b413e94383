import { accuracyRow, left, notJudgedColumn, right, withoutEmpty } from '../cells.ts';
import { type Section, type Table, sectionOf, markBest } from '../document.ts';
import { figureOf, setsOf, shownFor, type Evaluation, type ReportOptions } from '../evaluation.ts';
import { MIRROR, MIRROR_KEEP, ORIGINAL, POLARITY, VIEW_IDS, viewOf, type ViewId } from '../../view-list.ts';

/** Note on views that only change the wording. */
const OTHER_WORDS = 'The same pictures with the wording turned round; only rows that have such a form.';

/** The views with a table of their own, which those that were asked beside them leave as it is. */
const MAIN: readonly ViewId[] = [ORIGINAL, MIRROR, MIRROR_KEEP, POLARITY];
const OTHERS = VIEW_IDS.filter((view) => !MAIN.includes(view));

/** How often answers are right in every view, with chance and the share of unparsed answers (R24). */
export function accuracySection(evaluations: readonly Evaluation[], options: ReportOptions): Section | null {
  const tables = setsOf(evaluations).flatMap((set, s) => {
    const shown = shownFor(evaluations, set, options);
    return [
      ...tableOf(shown, set, MAIN, { id: `accuracy-${s}`, caption: `Accuracy on ${set}, percent` }),
      ...tableOf(shown, set, OTHERS, {
        id: `accuracy-views-${s}`,
        caption: `Accuracy on ${set} in other views, percent`,
      }),
    ];
  });
  return sectionOf('accuracy', 'Accuracy', [], tables);
}

/** The accuracy of the evaluations that were asked in one of the views; nothing if none was. */
function tableOf(
  shown: readonly Evaluation[],
  set: string,
  views: readonly ViewId[],
  about: Pick<Table, 'id' | 'caption'>,
): Table[] {
  const rows = shown.flatMap((one) =>
    accuracyRow(
      one,
      views.map((view) => figureOf(one, set, { metric: 'accuracy', view })),
    ),
  );
  if (rows.length === 0) return [];
  return [
    withoutEmpty(
      markBest({
        ...about,
        columns: [
          left('evaluation'),
          ...views.map((view) => {
            const { plural, kind } = viewOf(view);
            return right(plural, 'higher', kind === 'text' ? OTHER_WORDS : undefined);
          }),
          right('chance', undefined, 'What guessing reaches, of the rows that can be guessed.'),
          right('unparsed', undefined, 'Answers that could not be read. They count as wrong.'),
          notJudgedColumn(),
          right('rows'),
        ],
        rows,
        notes: [],
      }),
    ),
  ];
}
