import { signed } from '../../../base/format.ts';
import { controlLabel, metricLabel } from '../../../base/labels.ts';
import type { Metric } from '../../evaluation/results.ts';
import {
  bareCell,
  chanceCell,
  countCell,
  figureCell,
  left,
  notJudgedColumn,
  ownRow,
  right,
  withoutEmpty,
} from '../cells.ts';
import { type Section, type Table, sectionOf } from '../document.ts';
import { figureOf, setsOf, shownFor, type Evaluation, type ShownCheckpoints } from '../evaluation.ts';
import { viewLabel, VIEW_IDS } from '../../../rows/view-list.ts';

/** How much accuracy remains if the image, or the model's own graph, is removed. */
export function controlSection(
  evaluations: readonly Evaluation[],
  options: ShownCheckpoints,
): Section | null {
  if (evaluations.length === 0) return null;
  const tables = setsOf(evaluations).flatMap((set, index) => controlTable(evaluations, set, index, options));
  return {
    id: 'controls',
    title: 'Controls',
    text: [
      'Controls repeat the questions with part of the input removed. Accuracy that remains without the image comes from the wording alone. Accuracy that remains after shuffling the names in the model’s own scene graph shows that the model does not use its graph.',
      ...(tables.length === 0
        ? [
            'These evaluations have no controls. To add them, run chirality eval with --controls blind,shuffled.',
          ]
        : []),
    ],
    tables,
    charts: [],
  };
}

function controlTable(
  evaluations: readonly Evaluation[],
  set: string,
  index: number,
  options: ShownCheckpoints,
): Table[] {
  const rows = shownFor(evaluations, set, options).flatMap((evaluation) =>
    evaluation.controls
      .filter((control) => control.set === set)
      .map((control) => {
        const { name, view, n, alert, not_judged, interval } = control;
        const share = (value: number | null, bounds?: [number, number]) =>
          bareCell({ value, unit: 'share', n, ...(bounds && { bounds }) });
        const change: Metric = {
          value: control.difference,
          unit: 'share',
          n,
          ...(control.bounds && { bounds: control.bounds, not_judged }),
          ...(interval && { interval }),
        };
        return ownRow(evaluation, [
          { text: controlLabel(name) },
          { text: viewLabel(view) },
          share(control.accuracy, control.accuracy_bounds),
          share(control.control, control.control_bounds),
          figureCell(change, 1, signed),
          chanceCell(figureOf(evaluation, set, { metric: 'accuracy', view })),
          countCell(not_judged),
          countCell(n),
          alert
            ? {
                text: 'not shown to matter',
                note: control.bounds
                  ? 'Unscored answers might explain the change, or its interval includes zero.'
                  : 'The interval of the change includes zero.',
              }
            : { text: 'matters', note: 'Accuracy falls by more than chance explains.' },
        ]);
      }),
  );
  if (rows.length === 0) return [];
  return [
    withoutEmpty({
      id: `controls-${index}`,
      caption: `Accuracy on ${set} under controls, percent`,
      columns: [
        left('evaluation'),
        left('control'),
        left('view'),
        right('accuracy'),
        right('with control'),
        right('change, points', undefined, 'Over the same rows, with a 95% interval over images.'),
        right(
          'chance',
          undefined,
          'Expected accuracy of guessing. Accuracy above it under a control does not need the removed input.',
        ),
        notJudgedColumn(),
        right('answers'),
        left('removed input'),
      ],
      rows,
      notes: [],
    }),
  ];
}

/** Figures over the wrong answers (`WRONG`), over the graphs, and over the right answers. */
const WRONG = ['error_format', 'error_graph', 'error_answer'];
const FIGURES = [...WRONG, 'graph_right', 'right_without_graph'];

/** Shows whether seeing or reasoning fails, for models that draw scene graphs; null if none did. */
export function errorSection(evaluations: readonly Evaluation[], options: ShownCheckpoints): Section | null {
  const tables = setsOf(evaluations).flatMap((set, s): Table[] => {
    const rows = shownFor(evaluations, set, options).flatMap((evaluation) =>
      VIEW_IDS.flatMap((view) => {
        const figure = (metric: string) => figureOf(evaluation, set, { task: 'attribution', metric, view });
        const graphs = figure('graph_right');
        if (!graphs) return [];
        return [
          ownRow(evaluation, [
            { text: viewLabel(view) },
            ...FIGURES.map((metric) => figureCell(figure(metric))),
            countCell(figure('error_format')?.n),
            countCell(graphs.n),
          ]),
        ];
      }),
    );
    if (rows.length === 0) return [];
    return [
      {
        id: `errors-${s}`,
        caption: `Causes of wrong answers on ${set}, percent`,
        columns: [
          left('evaluation'),
          left('view'),
          ...FIGURES.map((metric) =>
            right(
              metricLabel(metric),
              undefined,
              WRONG.includes(metric)
                ? 'Share of wrong answers.'
                : metric === 'graph_right'
                  ? 'Share of graphs.'
                  : 'Share of right answers.',
            ),
          ),
          right('wrong answers'),
          right('answers'),
        ],
        rows,
        notes: [],
      },
    ];
  });
  return sectionOf(
    'errors',
    'Errors: perception or reasoning',
    [
      'Counts rows where the model writes a scene graph and the row’s own graph decides the question. A wrong answer has one of three causes: no answer or graph could be read, the graph does not lead to the right answer, or the model did not follow its graph.',
    ],
    tables,
  );
}
