import { signed } from '../../../base/format.ts';
import { controlLabel, metricLabel } from '../../../base/labels.ts';
import {
  bareCell,
  chanceCell,
  countCell,
  figureCell,
  left,
  notJudgedColumn,
  ownTables,
  right,
} from '../cells.ts';
import { type ColumnOf, type Section, type Table, section, sectionOf, words } from '../document.ts';
import { figureOf, shownSets, type Evaluation, type ShownCheckpoints } from '../evaluation.ts';
import { viewLabel, VIEW_IDS } from '../../../rows/view-list.ts';

/** Returns the section with the accuracy that remains without the image, or without the model's own graph. */
export function controlSection(
  evaluations: readonly Evaluation[],
  options: ShownCheckpoints,
): Section | null {
  if (evaluations.length === 0) return null;
  const tables = shownSets(evaluations, options).flatMap(controlTables);
  const none =
    'These evaluations have no control results. To add controls, run chirality eval with --controls blind,shuffled.';
  return section(
    'controls',
    'Controls',
    [
      'Controls repeat the questions without part of the input. Accuracy without the image results from the wording alone. Accuracy that remains after shuffling the names in the model’s own scene graph shows that the model does not use its graph.',
      ...(tables.length === 0 ? [none] : []),
    ],
    tables,
  );
}

function controlTables({ set, shown }: ReturnType<typeof shownSets>[number], s: number): Table[] {
  const items = shown.flatMap((evaluation) =>
    evaluation.controls.flatMap((control) => (control.set === set ? [{ evaluation, ...control }] : [])),
  );
  const share = (value: number | null, n: number, bounds?: [number, number]) =>
    bareCell({ value, unit: 'share', n, ...(bounds && { bounds }) });
  return ownTables(`controls-${s}`, `Accuracy on ${set} under controls, percent`, items, [
    words('control', ({ name }) => controlLabel(name)),
    words('view', ({ view }) => viewLabel(view)),
    [right('accuracy'), ({ accuracy, n, accuracy_bounds }) => share(accuracy, n, accuracy_bounds)],
    [right('with control'), ({ control, n, control_bounds }) => share(control, n, control_bounds)],
    [
      right('change, points', undefined, 'Change over the same rows, with a 95% interval over images.'),
      ({ difference: value, ...change }) => figureCell({ unit: 'share', ...change, value }, 1, signed),
    ],
    [
      right(
        'chance',
        undefined,
        'Expected accuracy of guesses. Accuracy above chance under a control does not depend on the removed input.',
      ),
      ({ evaluation, view }) => chanceCell(figureOf(evaluation, set, { metric: 'accuracy', view })),
    ],
    [notJudgedColumn(), ({ not_judged }) => countCell(not_judged)],
    [right('answers'), ({ n }) => countCell(n)],
    [
      left('removed input'),
      ({ alert, bounds }) =>
        alert
          ? {
              text: 'no effect shown',
              note: bounds
                ? 'Unscored answers might explain the change, or the interval of the change includes zero.'
                : 'The interval of the change includes zero.',
            }
          : { text: 'matters', note: 'Accuracy falls by more than random variation explains.' },
    ],
  ]);
}

/** Metrics that are shares of the wrong answers; all others are shares of the scene graphs and of the right answers. */
const WRONG = ['error_format', 'error_graph', 'error_answer'];
const FIGURES = [...WRONG, 'graph_right', 'right_without_graph'];

/** Returns the section on whether perception or reasoning fails, by scene graphs; null without scene graphs. */
export function errorSection(evaluations: readonly Evaluation[], options: ShownCheckpoints): Section | null {
  const tables = shownSets(evaluations, options).flatMap(({ set, shown }, s): Table[] => {
    const items = shown.flatMap((evaluation) =>
      VIEW_IDS.map((view) => ({
        evaluation,
        view,
        figure: (metric: string) => figureOf(evaluation, set, { task: 'attribution', metric, view }),
      })).filter(({ figure }) => figure('graph_right')),
    );
    return ownTables(`errors-${s}`, `Causes of wrong answers on ${set}, percent`, items, [
      words('view', ({ view }) => viewLabel(view)),
      ...FIGURES.map((metric): ColumnOf<(typeof items)[number]> => {
        const what = WRONG.includes(metric)
          ? 'wrong answers'
          : metric === 'graph_right'
            ? 'graphs'
            : 'correct answers';
        return [
          right(metricLabel(metric), undefined, `Share of ${what}.`),
          ({ figure }) => figureCell(figure(metric)),
        ];
      }),
      [right('wrong answers'), ({ figure }) => countCell(figure('error_format')?.n)],
      [right('answers'), ({ figure }) => countCell(figure('graph_right')!.n)],
    ]);
  });
  return sectionOf(
    'errors',
    'Errors: perception or reasoning',
    [
      'The tables count rows where the model writes a scene graph and the row’s own graph decides the question. A wrong answer has one of three causes: an unparsed answer or graph, a graph that contradicts the correct answer, or a model that ignores its graph.',
    ],
    tables,
  );
}
