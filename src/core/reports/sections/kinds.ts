import { taskLabel } from '../../labels.ts';
import { ROW_FIELDS } from '../../metrics/by-field.ts';
import { accuracyRow, left, notJudgedColumn, right, withoutEmpty } from '../cells.ts';
import { type Section, type Table, sectionOf } from '../document.ts';
import { figureOf, setsOf, shownFor, type Evaluation, type ShownCheckpoints } from '../evaluation.ts';
import { PAIR, viewLabel, type ViewId } from '../../view-list.ts';

/**
 * Accuracy by kind of row: question types of SAT, relations of VSR, spatial and general questions [B-64];
 * null if no set has kinds.
 */
export function kindSection(evaluations: readonly Evaluation[], options: ShownCheckpoints): Section | null {
  const tables = setsOf(evaluations).flatMap((set, s) =>
    Object.keys(ROW_FIELDS).flatMap((field) => kindTable(shownFor(evaluations, set, options), set, field, s)),
  );
  return sectionOf('kinds', 'Kinds of rows', [], tables);
}

function kindTable(shown: readonly Evaluation[], set: string, field: string, s: number): Table[] {
  const of = (one: Evaluation) =>
    one.figures.flatMap(({ set: own, slice }) => (own === set && slice?.field === field ? slice.value : []));
  const values = [...new Set(shown.flatMap(of))].sort();
  const rows = values.flatMap((value) =>
    shown.flatMap((one) => {
      const figure = (metric: string, view: ViewId | null) =>
        figureOf(one, set, { slice: { field, value }, metric, view });
      const inEach = PAIR.map((view) => figure('accuracy', view));
      return accuracyRow(one, [...inEach, figure('consistent', null)], [{ text: value }]);
    }),
  );
  if (rows.length === 0) return [];
  return [
    withoutEmpty({
      id: `kinds-${field.replaceAll('_', '-')}-${s}`,
      caption: `Accuracy on ${set} by ${taskLabel(field)}, percent`,
      columns: [
        left('evaluation'),
        left(taskLabel(field)),
        ...PAIR.map((view) => right(viewLabel(view), 'higher')),
        right('both right', 'higher'),
        right('chance'),
        right('unparsed', undefined, 'They count as wrong.'),
        notJudgedColumn(),
        right('rows'),
      ],
      rows,
      notes: [],
    }),
  ];
}
