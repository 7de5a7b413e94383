import { ROLES, COUNT_VERDICTS } from '../../insight/set-names.ts';
import type { SetFigure } from '../../insight/insight-files.ts';
import { hasOdds } from '../../insight/set-figures.ts';
import type { SetRow } from '../../insight/set-row.ts';
import { several } from '../../../base/format.ts';
import { groupBy } from '../../evaluation/scored-row.ts';
import { viewOf } from '../../../rows/view-list.ts';
import { countCell, NONE, right } from '../cells.ts';
import {
  chartOf,
  section,
  sectionOf,
  tableOf,
  words,
  type Axis,
  type Cell,
  type Chart,
  type ColumnOf,
  type ReportDocument,
  type Table,
} from '../document.ts';
import { isShare, layersFigures, OF_HIDDEN, throughCell } from './comparison-document.ts';

/** Returns a report on the attention over the rows of an evaluation set, for some queries. */
export function setDocument(
  title: string,
  rows: readonly SetRow[],
  figures: readonly SetFigure[],
  queries: readonly string[],
): ReportDocument {
  const means = figures.filter(({ head }) => head === null);
  const all = means.filter(({ among }) => among === 'all');
  const split = means.filter(
    ({ among, figure, of }) => among !== 'all' && figure === 'mass' && of !== 'other',
  );
  const answers = all.filter(({ query }) => query === 'answer');
  const shown = [
    sectionOf(
      'attention',
      'Attention',
      [],
      queries.flatMap((query, q) => {
        const ofQuery = all.filter((figure) => figure.query === query);
        const table = attentionTable(`attention-${q}`, ofQuery, query);
        return table.rows.length > 0 ? [table] : [];
      }),
    ),
    sectionOf(
      'words',
      'Reference answer',
      [],
      [wordsTable('odds', all), wordsTable('likeliest', all)].filter(({ rows }) => rows.length > 0),
      layersFigures(answers).map(({ chart }) => chart),
    ),
    section('answers', 'Answers', answersText(rows), split.length > 0 ? [byAnswerTable(split)] : []),
  ];
  return { title, lead: [], sections: shown.filter((section) => section !== null) };
}

/** Formats shares in percent, and other values with two decimals. Adds the number of rows if it is not `rows`. */
function setCell(figure: SetFigure | undefined, rows: number | undefined): Cell {
  if (figure?.value == null) return NONE;
  const cell = throughCell(figure, figure);
  return {
    ...cell,
    ...(isShare(figure) && { shade: figure.value }),
    ...(figure.n !== rows && { n: figure.n }),
  };
}

/** Returns the column title of an attention metric; null for metrics of words. */
const columnOf = ({ figure, of }: SetFigure): string | null =>
  figure === 'odds' || figure === 'likeliest'
    ? null
    : figure === 'lift' || figure === 'over other boxes'
      ? `${of}, ${figure}`
      : figure === 'mass' || figure === 'source'
        ? of
        : figure;

type Head = [title: string, of: (figure: SetFigure) => string];

/**
 * Returns a table with one line per combination of heads, sorted by layer, and one column per name. The last column is
 * the number of rows in a line's first value.
 */
function linesTable(
  about: Pick<Table, 'id' | 'caption'>,
  figures: readonly SetFigure[],
  heads: readonly Head[],
  columns: readonly [title: string, is: (figure: SetFigure) => boolean][],
): Table {
  const lines = [
    ...groupBy(figures, (figure) => JSON.stringify(heads.map(([, textOf]) => textOf(figure)))).values(),
  ];
  // Values without a layer were measured with hidden parts of the input; these values follow the last layer.
  lines.sort(([a], [b]) => (a!.layer ?? Infinity) - (b!.layer ?? Infinity));
  return tableOf<readonly SetFigure[]>(about.id, about.caption, lines, [
    ...heads.map(([title, textOf]) => words<readonly SetFigure[]>(title, ([figure]) => textOf(figure!))),
    ...columns.map(([title, is]): ColumnOf<readonly SetFigure[]> => [
      right(title),
      (line) => setCell(line.find(is), line[0]!.n),
    ]),
    [right('rows'), ([figure]) => countCell(figure!.n)],
  ]);
}

const LAYER: Head = ['layer', ({ layer }) => `${layer}`];
const VIEW: Head = ['view', ({ view }) => viewOf(view).label];

/** Returns the attention by layer and view: on the image, on objects as a part of it, and on texts. */
export function attentionTable(id: string, figures: readonly SetFigure[], query = 'answer'): Table {
  const shown = figures.filter((figure) => columnOf(figure) !== null);
  const names = new Set(shown.map((figure) => columnOf(figure)!));
  const order = ['picture', ...ROLES.flatMap((role) => [role, `${role}, lift`, `${role}, over other boxes`])];
  const last = ['mirror error', 'unfolded error', 'follow'];
  const texts = [...names].filter((name) => !order.includes(name) && !last.includes(name));
  return linesTable(
    { id, caption: `Attention of "${query}" in % (lift: attention relative to a uniform map)` },
    shown,
    new Set(shown.map(({ view }) => view)).size > 1 ? [LAYER, VIEW] : [LAYER],
    [...order, ...texts, ...last]
      .filter((name) => names.has(name))
      .map((name) => [
        name === 'picture' ? 'image' : name.replace('unfolded error', 'error without flipping back'),
        (figure) => columnOf(figure) === name,
      ]),
  );
}

const READ = {
  odds: 'Log-odds of the reference answer',
  likeliest: 'Reference answer ranked first, % of rows',
};

/** Returns the logit lens of the answer after each layer, and with hidden parts of the input, by view. */
export function wordsTable(figure: keyof typeof READ, all: readonly SetFigure[]): Table {
  const figures = all.filter((setFigure) => setFigure.figure === figure);
  return linesTable(
    { id: figure, caption: READ[figure] },
    figures,
    [['', ({ of, layer }) => of ?? `after layer ${layer}`]],
    [...new Set(figures.map(({ view }) => view))].map((view) => [
      viewOf(view).label,
      (cell) => cell.view === view,
    ]),
  );
}

/**
 * Draws the reliance of the answers as bars: the share of rows whose right answer is most likely, with the whole input
 * and with each part hidden. Null if no part was hidden.
 */
export function dependsChart(all: readonly SetFigure[]): Chart | null {
  const last = Math.max(...all.map(({ layer }) => layer ?? -1));
  const figures = all.filter(
    ({ figure, of, layer, value }) =>
      figure === 'likeliest' && value !== null && (of !== null || layer === last),
  );
  const names = [...new Set(figures.map(({ of }) => of ?? 'full input'))];
  if (names.length < 2) return null;
  const series = [...groupBy(figures, ({ view }) => view).values()].map((ofView) => ({
    name: viewOf(ofView[0]!.view).label,
    points: ofView.map(({ of, value }) => {
      const label = of ?? 'full input';
      return { x: names.indexOf(label), y: 100 * value!, label };
    }),
  }));
  const caption = 'Dependence on input: reference answer ranked first, % of rows';
  const y: Axis = { label: '%', range: [0, 100] };
  return chartOf('bars', 'depends', caption, '', y, series, { inTables: true, notes: [OF_HIDDEN] });
}

function answersText(rows: readonly SetRow[]): string[] {
  const isCounting = rows.some(({ count }) => count !== null);
  const alike = rows.filter((row) => row.words.length > 1 && !hasOdds(row)).length;
  const texts = [...groupBy(rows, ({ view }) => view)].map(([view, ofView]) => {
    const counts = isCounting
      ? COUNT_VERDICTS.map(
          (verdict) =>
            `${ofView.filter(({ count }) => count === verdict).length} ${verdict.replace('right', 'correct')}`,
        )
      : [`${ofView.filter((row) => row.right).length} of ${ofView.length} correct`];
    return `${viewOf(view).label}: ${counts.join(', ')}`;
  });
  return alike === 0
    ? texts
    : [...texts, `${several(alike, 'answer')} without log-odds: the choices begin with the same token.`];
}

const byAnswerTable = (figures: readonly SetFigure[]): Table =>
  linesTable(
    { id: 'mass-by-answer', caption: 'Attention on objects by answer, %' },
    figures,
    [LAYER, VIEW, ['answers', ({ among }) => among]],
    [...new Set(figures.map(({ of }) => of!))].map((role) => [role, (figure) => figure.of === role]),
  );
