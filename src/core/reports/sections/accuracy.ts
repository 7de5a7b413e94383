import { chanceCell, NONE, countCell, figureCell, left, ownRow, right } from '../cells.ts';
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
        ...views.map((one) => figureCell(one)),
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

/** Removes columns in which no row has a figure. */
export function withoutEmpty(table: Table): Table {
  const used = table.columns.map(
    (_, c) => c === 0 || table.rows.some(({ cells }) => cells[c]!.text !== NONE.text),
  );
  const keep = <T>(list: readonly T[]): T[] => list.filter((_, c) => used[c]);
  return {
    ...table,
    columns: keep(table.columns),
    rows: table.rows.map((row) => ({ ...row, cells: keep(row.cells) })),
  };
}
