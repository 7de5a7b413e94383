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
      'The same questions, asked again with something taken away. Accuracy that stays without the image comes from the words of the question: an answer that needs no image is not evidence of seeing. Accuracy that stays with the names in its own scene graph shuffled says that the graph was written and not read.',
      ...(tables.length === 0
        ? [
            'None of these evaluations has a control. The option --controls blind,shuffled of chirality eval asks again.',
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
                  ? 'Answers that are not scored may change the accuracy as much, or the interval of the change reaches zero.'
                  : 'The interval of the change reaches zero or more.',
              }
            : { text: 'matters', note: 'Accuracy falls by more than chance explains.' },
        ]);
      }),
  );
  if (rows.length === 0) return [];
  return [
    withoutEmpty({
      id: `controls-${index}`,
      caption: `Accuracy on ${set} with something taken away, percent`,
      columns: [
        left('evaluation'),
        left('asked again'),
        left('of'),
        right('accuracy'),
        right('what remains'),
        right('change, points', undefined, 'Of the same rows, with a 95% interval by image.'),
        right(
          'chance',
          undefined,
          'What guessing reaches. What is left above it, the words alone give away.',
        ),
        notJudgedColumn(),
        right('answers'),
        left('what was taken away'),
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
        caption: `What wrong answers on ${set} are due to, percent`,
        columns: [
          left('evaluation'),
          left('of'),
          ...FIGURES.map((metric) =>
            right(
              metricLabel(metric),
              undefined,
              WRONG.includes(metric)
                ? 'Of the wrong answers.'
                : metric === 'graph_right'
                  ? 'Of all graphs.'
                  : 'Of the right answers.',
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
    'Errors: sight or logic',
    [
      'Where the model draws a scene graph and that of the row decides the question, a wrong answer is due to one of three: no answer or no graph could be read, the graph does not lead to the right answer, or it does and was not followed. Only such rows are counted.',
    ],
    tables,
  );
}
