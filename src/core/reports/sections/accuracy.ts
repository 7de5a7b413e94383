import {
  byJudgeColumn,
  cellsOf,
  chanceCell,
  countCell,
  figureCell,
  notJudgedColumn,
  ownTable,
  ownTables,
  pairChanceColumn,
  right,
  totalCell,
  unparsedCell,
  unparsedColumn,
} from '../cells.ts';
import {
  markBest,
  section,
  sectionOf,
  words,
  type Column,
  type ColumnOf,
  type Section,
  type Table,
} from '../document.ts';
import {
  figureOf,
  shownSets,
  unevenWarnings,
  type Evaluation,
  type Figure,
  type ReportOptions,
  type ShownCheckpoints,
} from '../evaluation.ts';
import {
  MIRROR,
  MIRROR_KEEP,
  ORIGINAL,
  POLARITY,
  VIEW_IDS,
  viewOf,
  type ViewId,
  PAIR,
  viewLabel,
} from '../../../rows/view-list.ts';
import { several } from '../../../base/format.ts';
import { kindLabel, taskLabel } from '../../../base/labels.ts';
import { ROW_FIELDS } from '../../metrics/by-field.ts';

const OTHER_WORDS =
  'Accuracy on opposite questions about the same images. Rows without an opposite question are excluded.';

/** Views with a separate table, which does not change if further views are evaluated. */
const MAIN: readonly ViewId[] = [ORIGINAL, MIRROR, MIRROR_KEEP, POLARITY];
const OTHERS = VIEW_IDS.filter((view) => !MAIN.includes(view));

/** Returns the section with the accuracy in every view, with chance and the unparsed share (R24). */
export function accuracySection(evaluations: readonly Evaluation[], options: ReportOptions): Section | null {
  const tables = shownSets(evaluations, options).flatMap(({ set, shown }, s) => [
    ...viewsTable(shown, set, MAIN, { id: `accuracy-${s}`, caption: `Accuracy on ${set}, percent` }),
    ...viewsTable(shown, set, OTHERS, {
      id: `accuracy-views-${s}`,
      caption: `Accuracy on ${set} in other views, percent`,
    }),
  ]);
  return sectionOf('accuracy', 'Accuracy', unevenWarnings(evaluations), tables);
}

function viewsTable(
  shown: readonly Evaluation[],
  set: string,
  views: readonly ViewId[],
  about: Pick<Table, 'id' | 'caption'>,
): Table[] {
  const items = shown.map((evaluation) => ({
    evaluation,
    figures: views.map((view) => figureOf(evaluation, set, { metric: 'accuracy', view })),
  }));
  const columns = views.map((view) => {
    const { plural, kind } = viewOf(view);
    return right(plural, 'higher', kind === 'text' ? OTHER_WORDS : undefined);
  });
  return accuracyTable(about, items, [], columns).map(markBest);
}

/**
 * Returns a table of accuracies; [] if no accuracy is known.
 * @param before columns between the name and the accuracies
 * @param after columns after the chance of the accuracies
 */
function accuracyTable<T extends { evaluation: Evaluation; figures: readonly (Figure | undefined)[] }>(
  { id, caption }: Pick<Table, 'id' | 'caption'>,
  all: readonly T[],
  before: readonly ColumnOf<T>[],
  columns: readonly Column[],
  after: readonly ColumnOf<T>[] = [],
): Table[] {
  const items = all.filter(({ figures }) => figures.some(Boolean));
  const first = ({ figures }: T) => figures.find(Boolean)!;
  // The metric of pairs, which counts pairs instead of answers, has no view.
  const answers = ({ figures }: T) =>
    figures.filter((figure) => figure !== undefined && figure.view !== null);
  return ownTables(id, caption, items, [
    ...before,
    ...columns.map((column, c): ColumnOf<T> => [column, ({ figures }) => cellsOf(figures)[c]!]),
    [
      right('chance', undefined, 'Expected accuracy of guesses on rows where guessing is possible.'),
      (item) => chanceCell(first(item)),
    ],
    ...after,
    [unparsedColumn(), (item) => unparsedCell(answers(item))],
    [byJudgeColumn(), (item) => totalCell(answers(item), 'by_judge')],
    [notJudgedColumn(), (item) => totalCell(answers(item), 'not_judged')],
    [right('rows'), (item) => countCell(first(item).n)],
  ]);
}

/**
 * Returns the section with the accuracy by kind of row: question types of SAT, relations of VSR, spatial
 * and general questions [B-64]; null if no evaluation set has kinds.
 */
export function kindSection(evaluations: readonly Evaluation[], options: ShownCheckpoints): Section | null {
  const tables = shownSets(evaluations, options).flatMap(({ set, shown }, s) =>
    Object.keys(ROW_FIELDS).flatMap((field) => kindTable(shown, set, field, s)),
  );
  return sectionOf('kinds', 'Accuracy by kind', [], tables);
}

function kindTable(shown: readonly Evaluation[], set: string, field: string, s: number): Table[] {
  const kindsOf = (evaluation: Evaluation) =>
    evaluation.figures.flatMap(({ set: own, slice }) =>
      own === set && slice?.field === field ? slice.value : [],
    );
  const values = [...new Set(shown.flatMap(kindsOf))].sort();
  const items = values.flatMap((value) =>
    shown.map((evaluation) => {
      const figure = (metric: string, view: ViewId | null) =>
        figureOf(evaluation, set, { slice: { field, value }, metric, view });
      const inEach = PAIR.map((view) => figure('accuracy', view));
      return { evaluation, value, figures: [...inEach, figure('consistent', null)] };
    }),
  );
  const about = {
    id: `kinds-${field.replaceAll('_', '-')}-${s}`,
    caption: `Accuracy on ${set} by ${taskLabel(field)}, percent`,
  };
  const columns = PAIR.map((view) => right(viewLabel(view), 'higher'));
  const ofPairs: ColumnOf<(typeof items)[number]>[] = [
    [right('pair accuracy', 'higher'), ({ figures }) => cellsOf(figures)[2]!],
    [pairChanceColumn(), ({ figures }) => chanceCell(figures[2])],
    [
      right('image-free bound', undefined, 'Highest pair accuracy without the image.'),
      ({ figures: [, , pairs] }) =>
        figureCell(pairs?.floor && { value: pairs.floor.words, unit: 'share', n: pairs.n }),
    ],
  ];
  return accuracyTable(
    about,
    items,
    [words(taskLabel(field), ({ value }) => kindLabel(value))],
    columns,
    ofPairs,
  );
}

export function labelSection(evaluations: readonly Evaluation[]): Section | null {
  const sets = [...new Set(evaluations.flatMap(({ reviewed = [] }) => reviewed.map(({ set }) => set)))];
  if (sets.length === 0) return null;
  const labelsOf = (set: string) =>
    evaluations.flatMap((evaluation) => {
      const labels = evaluation.reviewed?.find((each) => each.set === set);
      return labels ? [{ evaluation, labels }] : [];
    });
  return section(
    'labels',
    'Reviewed labels',
    [
      ...sets.map((set) => {
        const [{ labels }] = labelsOf(set) as [ReturnType<typeof labelsOf>[number]];
        return `${set}: people reviewed ${several(labels.looked, 'label')} and corrected ${labels.corrected}.`;
      }),
      'Accuracy on originals with original and reviewed labels. If people reviewed only rows where these models contradict the label, accuracy on reviewed labels is too high. Errors that models share with the labels remain (docs/label-quality.md).',
    ],
    sets.map((set, s) =>
      ownTable(
        `labels-${s}`,
        `Accuracy on originals of ${set} before and after label review, percent`,
        labelsOf(set),
        [
          [right('original labels'), ({ labels }) => figureCell(labels.given)],
          [right('reviewed labels'), ({ labels }) => figureCell(labels.reviewed)],
          [right('rows'), ({ labels }) => countCell(labels.given.n)],
        ],
      ),
    ),
  );
}
