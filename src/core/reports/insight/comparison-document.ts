import type { ComparedLooks, ThroughFigure } from '../../insight/compare-looks.ts';
import type { SetFigure } from '../../insight/insight-files.ts';
import { ROLES, throughTitle } from '../../insight/set-names.ts';
import type { Metric } from '../../evaluation/results.ts';
import { groupBy } from '../../evaluation/scored-row.ts';
import { viewOf, type ViewId } from '../../../rows/view-list.ts';
import { NONE, cellsOf, countCell, figureCell, right, withoutEmpty } from '../cells.ts';
import {
  chartOf,
  chartTable,
  pointOf,
  section,
  tableOf,
  words,
  type Cell,
  type Chart,
  type ColumnOf,
  type ReportDocument,
  type Table,
} from '../document.ts';

/** Returns a report that compares several attention analyses: reliance of the answers, and metrics by layer. */
export function comparisonDocument(
  title: string,
  compared: ComparedLooks,
  names: readonly string[],
): ReportDocument {
  const { rows, left: missing } = compared;
  const { through, text, reliance } = comparedFigures(compared, names);
  return {
    title,
    lead: [
      `${rows} shared answers per model.${missing > 0 ? ` ${missing} answers are excluded, because at least one model lacks the answer.` : ''}`,
    ],
    sections: [
      section('reliance', 'Dependence on input', text, [reliance]),
      ...(through.length === 0
        ? []
        : [
            section(
              'through',
              'Values by layer',
              [],
              through.map(({ table }) => table),
              through.map(({ chart }) => chart),
            ),
          ]),
    ],
  };
}

/** Returns the content of a page: metrics by layer, or the reason why none exist, and the reliance of answers. */
export const comparedFigures = (compared: ComparedLooks, names: readonly string[]) => ({
  through: throughFigures(compared.through ?? [], names),
  text: compared.through
    ? []
    : ['Chirality does not compare layers, because the models have different layers or heads.'],
  reliance: relianceTable(compared, names[0]!),
});

/** Explanation of why a model can answer without the image. */
export const OF_HIDDEN =
  'Only the answer is evaluated without the hidden part. The model wrote the completion before the answer with the full input, and can read there what it saw.';

const relianceTable = ({ reliance }: ComparedLooks, first: string): Table =>
  withoutEmpty(
    tableOf(
      'reliance-table',
      'Dependence on input: reference answer ranked first, %',
      reliance.map(({ likeliest, loss, gain, ...about }) => ({
        ...about,
        n: likeliest.n,
        cells: cellsOf([likeliest, loss ?? undefined, gain ?? undefined]),
      })),
      [
        words('attention analysis', ({ look }) => look),
        words('view', ({ view }) => viewOf(view).label),
        words('hidden', ({ hidden }) => hidden ?? 'nothing'),
        [right('ranked first'), ({ cells }) => cells[0]!],
        [right('decrease when hidden'), ({ cells }) => cells[1]!],
        [right(`gain over ${first}`), ({ cells }) => cells[2]!],
        [right('rows'), ({ n }) => countCell(n)],
      ],
      [OF_HIDDEN],
    ),
  );

type Through = Pick<ThroughFigure, 'figure' | 'of' | 'view' | 'layer' | 'look'> &
  Record<'mean' | 'change', Pick<Metric, 'value' | 'n' | 'interval'> | null>;

export interface LayersFigure {
  title: string;
  chart: Chart;
  table: Table;
}

/** Returns the metrics by layer of a single analysis, in the order in which they are displayed. */
export const layersFigures = (figures: readonly SetFigure[]): LayersFigure[] =>
  throughFigures(
    figures.flatMap((figure) =>
      figure.layer === null || throughTitle(figure) === null
        ? []
        : [{ ...figure, layer: figure.layer, look: '', mean: figure, change: null }],
    ),
    [''],
  );

function throughFigures(figures: readonly Through[], looks: readonly string[]): LayersFigure[] {
  return throughTitles(figures).map((title, i) => {
    const chart = throughChart(`through-${i}`, title, figures, looks);
    const table =
      looks.length > 1 ? throughTable(`through-table-${i}`, title, figures, looks) : chartTable(chart);
    return { title, chart, table };
  });
}

const ORDER = ['odds', 'likeliest', 'picture', 'mass', 'source'];

function throughTitles(figures: readonly Pick<SetFigure, 'figure' | 'of'>[]): string[] {
  const rank = ({ figure, of }: Pick<SetFigure, 'figure' | 'of'>) =>
    10 * ORDER.indexOf(figure) + ROLES.indexOf(of as (typeof ROLES)[number]);
  const sorted = [...figures].sort((a, b) => rank(a) - rank(b));
  return [...new Set(sorted.flatMap((figure) => throughTitle(figure) ?? []))];
}

export const isShare = ({ figure }: Pick<SetFigure, 'figure'>): boolean =>
  ['picture', 'mass', 'source', 'likeliest'].includes(figure);

/** Formats shares in percent, and other values with two decimals. */
export const throughCell = (
  figure: Pick<SetFigure, 'figure'> | undefined,
  metric: Through['mean'] | undefined,
): Cell => {
  if (!figure || !metric) return NONE;
  return isShare(figure)
    ? figureCell({ ...metric, unit: 'share' })
    : figureCell({ ...metric, unit: 'count' }, 2);
};

function throughTable(
  id: string,
  title: string,
  figures: readonly Through[],
  looks: readonly string[],
): Table {
  const [first, ...others] = looks as [string, ...string[]];
  const mine = figures.filter((figure) => throughTitle(figure) === title);
  const lines = [...groupBy(mine, ({ layer, view }) => `${layer} ${view}`).values()];
  type Line = typeof mine;
  const ofLook = (name: string, which: 'mean' | 'change') => (line: Line) => {
    const figure = line.find(({ look }) => look === name);
    return throughCell(figure, figure?.[which]);
  };
  return tableOf<Line>(id, title, lines, [
    [right('layer'), (line) => countCell(line[0]!.layer)],
    words('view', (line) => viewOf(line[0]!.view).label),
    ...looks.map((name): ColumnOf<Line> => [right(name || 'mean'), ofLook(name, 'mean')]),
    ...others.map((name): ColumnOf<Line> => [right(`${name} minus ${first}`), ofLook(name, 'change')]),
  ]);
}

function throughChart(
  id: string,
  title: string,
  figures: readonly Through[],
  looks: readonly string[],
): Chart {
  const mine = figures.filter((figure) => throughTitle(figure) === title);
  const views = [...new Set(mine.map(({ view }) => view))];
  const line = (view: ViewId, look: string) => ({
    name: [look, viewOf(view).label].filter(Boolean).join(', '),
    points: mine
      .filter((through) => through.view === view && through.look === look)
      .flatMap((through) => pointOf(throughCell(through, through.mean), { x: through.layer })),
  });
  const series = views.flatMap((view) => looks.map((look) => line(view, look)));
  return chartOf('line', id, title, 'layer', title, series, { inTables: true });
}
