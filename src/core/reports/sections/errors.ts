import { metricLabel } from '../../labels.ts';
import { countCell, figureCell, left, ownRow, right } from '../cells.ts';
import { type Section, type Table, sectionOf } from '../document.ts';
import { figureOf, setsOf, shownFor, type Evaluation, type ShownCheckpoints } from '../evaluation.ts';
import { VIEW_IDS, viewLabel } from '../../view-list.ts';

/** Figures over the wrong answers (`WRONG`), over the graphs, and over the right answers. */
const WRONG = ['error_format', 'error_graph', 'error_answer'];
const FIGURES = [...WRONG, 'graph_right', 'right_without_graph'];

/** Shows whether seeing or reasoning fails, for models that draw scene graphs; null if none did. */
export function errorSection(evaluations: readonly Evaluation[], options: ShownCheckpoints): Section | null {
  const tables = setsOf(evaluations).flatMap((set, s): Table[] => {
    const rows = shownFor(evaluations, set, options).flatMap((one) =>
      VIEW_IDS.flatMap((view) => {
        const figure = (metric: string) => figureOf(one, set, { task: 'attribution', metric, view });
        const graphs = figure('graph_right');
        if (!graphs) return [];
        return [
          ownRow(one, [
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
