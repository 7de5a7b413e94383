import { accuracyRow, byJudgeColumn, left, notJudgedColumn, right, withoutEmpty } from '../cells.ts';
import { type Section, type Table, sectionOf, markBest } from '../document.ts';
import {
  figureOf,
  setsOf,
  shownFor,
  unevenWarnings,
  type Evaluation,
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
import { taskLabel } from '../../../base/labels.ts';
import { ROW_FIELDS } from '../../metrics/by-field.ts';

/** Note on views that only change the wording. */
const OTHER_WORDS = 'The same images with different wording; only rows that have this form.';

/** The views with a table of their own, which those that were asked next to them leave as it is. */
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
  return sectionOf('accuracy', 'Accuracy', unevenWarnings(evaluations), tables);
}

/** The accuracy of the evaluations that were asked in one of the views; nothing if none was. */
function tableOf(
  shown: readonly Evaluation[],
  set: string,
  views: readonly ViewId[],
  about: Pick<Table, 'id' | 'caption'>,
): Table[] {
  const rows = shown.flatMap((evaluation) =>
    accuracyRow(
      evaluation,
      views.map((view) => figureOf(evaluation, set, { metric: 'accuracy', view })),
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
          right('chance', undefined, 'Expected accuracy of guessing, over rows that can be guessed.'),
          right('unparsed', undefined, 'Answers that could not be read. They count as wrong.'),
          byJudgeColumn(),
          notJudgedColumn(),
          right('rows'),
        ],
        rows,
        notes: [],
      }),
    ),
  ];
}

/**
 * Accuracy by kind of row: question types of SAT, relations of VSR, spatial and general questions [B-64];
 * null if no set has kinds.
 */
export function kindSection(evaluations: readonly Evaluation[], options: ShownCheckpoints): Section | null {
  const tables = setsOf(evaluations).flatMap((set, s) =>
    Object.keys(ROW_FIELDS).flatMap((field) => kindTable(shownFor(evaluations, set, options), set, field, s)),
  );
  return sectionOf('kinds', 'Accuracy by kind', [], tables);
}

function kindTable(shown: readonly Evaluation[], set: string, field: string, s: number): Table[] {
  const kindsOf = (evaluation: Evaluation) =>
    evaluation.figures.flatMap(({ set: own, slice }) =>
      own === set && slice?.field === field ? slice.value : [],
    );
  const values = [...new Set(shown.flatMap(kindsOf))].sort();
  const rows = values.flatMap((value) =>
    shown.flatMap((evaluation) => {
      const figure = (metric: string, view: ViewId | null) =>
        figureOf(evaluation, set, { slice: { field, value }, metric, view });
      const inEach = PAIR.map((view) => figure('accuracy', view));
      return accuracyRow(evaluation, [...inEach, figure('consistent', null)], [{ text: value }]);
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
        right('pair accuracy', 'higher'),
        right('chance'),
        right('unparsed', undefined, 'Unparsed answers count as wrong.'),
        byJudgeColumn(),
        notJudgedColumn(),
        right('rows'),
      ],
      rows,
      notes: [],
    }),
  ];
}
