import { chanceCell, NONE, countCell, figureCell, left, nameCell, right } from '../cells.ts';
import { withBest, type Section, type Table } from '../document.ts';
import { figureOf, setsOf, shownFor, type Evaluation, type ReportOptions } from '../evaluation.ts';

/** How often answers are right, in every view, with what guessing reaches and what could not be read (R24). */
export function accuracySection(evaluations: readonly Evaluation[], options: ReportOptions): Section | null {
  const tables = setsOf(evaluations).map((set, s): Table => {
    const rows = shownFor(evaluations, set, options).map((one) => {
      const figure = (view: 'original' | 'mirror' | 'polarity') =>
        figureOf(one, set, { metric: 'accuracy', view });
      const original = figure('original') ?? figure('mirror') ?? figure('polarity');
      return {
        key: one.key,
        origin: 'own' as const,
        cells: [
          nameCell(one),
          figureCell(figure('original')),
          figureCell(figure('mirror')),
          figureCell(figure('polarity')),
          chanceCell(original),
          countCell(original?.unparsed),
          countCell(original?.n),
        ],
      };
    });
    return withBest({
      id: `accuracy-${s}`,
      caption: `Accuracy on ${set}, percent`,
      columns: [
        left('evaluation'),
        right('originals', 'higher'),
        right('mirrors', 'higher'),
        right(
          'polarity flips',
          'higher',
          'The same pictures with the wording turned round; only rows that have such a form.',
        ),
        right('chance', undefined, 'What guessing reaches; none where questions are open.'),
        right('unparsed', undefined, 'Answers that could not be read. They count as wrong.'),
        right('rows'),
      ],
      rows,
      notes: [],
    });
  });
  return tables.length === 0
    ? null
    : {
        id: 'accuracy',
        title: 'Accuracy',
        text: [],
        tables: tables.map(withoutEmpty),
        charts: [],
      };
}

/** Without the columns that no row has a figure in. */
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
