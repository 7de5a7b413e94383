import type { ComparedLooks, ThroughFigure } from '../../insight/compare-looks.ts';
import type { SetFigure } from '../../insight/insight-files.ts';
import { ROLES, throughTitle } from '../../insight/set-names.ts';
import type { Metric } from '../../evaluation/results.ts';
import { groupBy } from '../../evaluation/scored-row.ts';
import { viewOf, type ViewId } from '../../../rows/view-list.ts';
import { NONE, cellsOf, countCell, figureCell, left, right, withoutEmpty } from '../cells.ts';
import { chartTable, type Cell, type Chart, type ReportDocument, type Table } from '../document.ts';

/** What the answers of several looks depend on, and their figures by layer, next to the first look's. */
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
      `${rows} answers per model${missing > 0 ? `; ${missing} excluded, because some models lack them` : ''}.`,
    ],
    sections: [
      { id: 'reliance', title: 'Dependence on input', text, tables: [reliance], charts: [] },
      ...(through.length === 0
        ? []
        : [
            {
              id: 'through',
              title: 'By layer',
              text: [],
              tables: through.map(({ table }) => table),
              charts: through.map(({ chart }) => chart),
            },
          ]),
    ],
  };
}

/** The same as a page shows it: what is followed through the layers, or why nothing is, and what answers depend on. */
export const comparedFigures = (compared: ComparedLooks, names: readonly string[]) => ({
  through: throughFigures(compared.through ?? [], names),
  text: compared.through
    ? []
    : ['Layers are not compared, because the models have different layers or heads.'],
  reliance: relianceTable(compared, names[0]!),
});

/** How often the right answer is the likeliest with something hidden, and what hiding costs. */
const relianceTable = ({ reliance }: ComparedLooks, first: string): Table =>
  withoutEmpty({
    id: 'reliance-table',
    caption: 'Dependence on input: right answer likeliest, %',
    columns: [
      left('attention analysis'),
      left('view'),
      left('hidden'),
      right('right'),
      right('loss when hidden'),
      right(`gain over ${first}`),
      right('rows'),
    ],
    rows: reliance.map(({ look, view, hidden, likeliest, loss, gain }) => ({
      cells: [
        { text: look },
        { text: viewOf(view).label },
        { text: hidden ?? 'nothing' },
        ...cellsOf([likeliest, loss ?? undefined, gain ?? undefined]),
        countCell(likeliest.n),
      ],
    })),
    notes: [],
  });

/** A figure of one look or of several that are compared. */
type Through = Pick<ThroughFigure, 'figure' | 'of' | 'view' | 'layer' | 'look'> &
  Record<'mean' | 'change', Pick<Metric, 'value' | 'n' | 'interval'> | null>;

/** A figure that is followed through the layers, as lines and as a table. */
export interface LayersFigure {
  title: string;
  chart: Chart;
  table: Table;
}

/** What can be followed through the layers of a look that is alone, in order. */
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

/** The titles of what can be followed through the layers, in order. */
function throughTitles(figures: readonly Pick<SetFigure, 'figure' | 'of'>[]): string[] {
  const rank = ({ figure, of }: Pick<SetFigure, 'figure' | 'of'>) =>
    10 * ORDER.indexOf(figure) + ROLES.indexOf(of as (typeof ROLES)[number]);
  const sorted = [...figures].sort((a, b) => rank(a) - rank(b));
  return [...new Set(sorted.flatMap((figure) => throughTitle(figure) ?? []))];
}

export const isShare = ({ figure }: Pick<SetFigure, 'figure'>): boolean =>
  ['picture', 'mass', 'source', 'likeliest'].includes(figure);

/** Shares in percent, other figures with two decimals. */
export const throughCell = (
  figure: Pick<SetFigure, 'figure'> | undefined,
  metric: Through['mean'] | undefined,
): Cell => {
  if (!figure || !metric) return NONE;
  return isShare(figure)
    ? figureCell({ ...metric, unit: 'share' })
    : figureCell({ ...metric, unit: 'count' }, 2);
};

/** The figures of a title by layer and view: of every look, and less those of the first. */
function throughTable(
  id: string,
  title: string,
  figures: readonly Through[],
  looks: readonly string[],
): Table {
  const [first, ...others] = looks as [string, ...string[]];
  const mine = figures.filter((figure) => throughTitle(figure) === title);
  const lines = [...groupBy(mine, ({ layer, view }) => `${layer} ${view}`).values()];
  return {
    id,
    caption: title,
    columns: [
      right('layer'),
      left('view'),
      ...looks.map((name) => right(name || 'mean')),
      ...others.map((name) => right(`${name} minus ${first}`)),
    ],
    rows: lines.map((line) => {
      const ofLook = (name: string) => line.find(({ look }) => look === name);
      return {
        cells: [
          countCell(line[0]!.layer),
          { text: viewOf(line[0]!.view).label },
          ...looks.map((name) => throughCell(ofLook(name), ofLook(name)?.mean)),
          ...others.map((name) => throughCell(ofLook(name), ofLook(name)?.change)),
        ],
      };
    }),
    notes: [],
  };
}

/** The figures of a title as lines over the layers: for every view, one of each look. */
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
      .flatMap((through) => {
        const { value, interval } = throughCell(through, through.mean);
        return value === undefined ? [] : [{ x: through.layer, y: value, ...(interval && { interval }) }];
      }),
  });
  return {
    id,
    caption: title,
    kind: 'line',
    x: { label: 'layer' },
    y: { label: title },
    series: views.flatMap((view) => looks.map((look) => line(view, look))),
    notes: [],
    inTables: true,
  };
}
