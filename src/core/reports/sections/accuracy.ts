import { cellsOf, chanceCell, countCell, left, ownRow, right, withoutEmpty } from '../cells.ts';
import { type Section, type Table, sectionOf, markBest } from '../document.ts';
import { figureOf, setsOf, shownFor, type Evaluation, type ReportOptions } from '../evaluation.ts';
import { VIEW_IDS, VIEWS, type ViewId } from '../../views/list.ts';

/** Note on views that only change the wording. */
const OTHER_WORDS = 'The same pictures with the wording turned round; only rows that have such a form.';

/** How often answers are right in every view, with chance and the share of unparsed answers (R24). */
export function accuracySection(evaluations: readonly Evaluation[], options: ReportOptions): Section | null {
  const tables = setsOf(evaluations).map((set, s): Table => {
    const rows = shownFor(evaluations, set, options).map((one) => {
      const figure = (view: ViewId) => figureOf(one, set, { metric: 'accuracy', view });
      const views = VIEW_IDS.map(figure);
      const first = views.find((one) => one);
      return ownRow(one, [
        ...cellsOf(views),
        chanceCell(first),
        countCell(first?.unparsed),
        countCell(first?.n),
      ]);
    });
    return markBest({
      id: `accuracy-${s}`,
      caption: `Accuracy on ${set}, percent`,
      columns: [
        left('evaluation'),
        ...VIEWS.map(({ plural, kind }) =>
          right(plural, 'higher', kind === 'text' ? OTHER_WORDS : undefined),
        ),
        right('chance', undefined, 'What guessing reaches; none where questions are open.'),
        right('unparsed', undefined, 'Answers that could not be read. They count as wrong.'),
        right('rows'),
      ],
      rows,
      notes: [],
    });
  });
  return sectionOf('accuracy', 'Accuracy', [], tables.map(withoutEmpty));
}
