import { endsText, fixed, lackText, plain } from '../../base/format.ts';

/**
 * A report as data, independent of how it is shown. Panels draw it, and exporters write it as Markdown, LaTeX, CSV or
 * HTML. Texts are plain. Those that come from runs, sets and models are untrusted, and every exporter escapes them.
 */
export interface ReportDocument {
  title: string;
  /** Paragraphs that say what the report is about. */
  lead: string[];
  sections: Section[];
}

export interface Section {
  /** Unique in the document: letters, digits and hyphens. */
  id: string;
  title: string;
  /** Paragraphs above the tables. */
  text: string[];
  tables: Table[];
  charts: Chart[];
}

export const section = (
  id: string,
  title: string,
  text: string[] = [],
  tables: Table[] = [],
  charts: Chart[] = [],
): Section => ({ id, title, text, tables, charts });

/** The same; null if it has nothing to show. */
export const sectionOf = (...parts: Parameters<typeof section>): Section | null => {
  const { tables, charts } = section(...parts);
  return tables.length + charts.length === 0 ? null : section(...parts);
};

/** A section of parts that have a table and a chart each; null if there are none. */
export const sectionOfParts = (
  id: string,
  title: string,
  text: string[],
  parts: readonly { table: Table; chart: Chart }[],
): Section | null =>
  sectionOf(
    id,
    title,
    text,
    parts.map(({ table }) => table),
    parts.map(({ chart }) => chart),
  );

/** Whether the figures of a row or curve are those of a paper or of the user's own runs. */
export type Origin = 'published' | 'own';

export interface Table {
  /** Unique in the document: letters, digits and hyphens. */
  id: string;
  caption: string;
  columns: Column[];
  /** Every row has a cell for each column; the first one names the row. */
  rows: Row[];
  /** Notes on the table as a whole, shown below it. */
  notes: string[];
}

export interface Column {
  title: string;
  note?: string;
  align: 'left' | 'right';
  /** Whether the highest or lowest figure is the best; absent if there is no best one. */
  better?: 'higher' | 'lower';
}

export interface Row {
  cells: Cell[];
  origin?: Origin;
  /** The version of the rules by which the answers of own figures are scored. */
  rules?: number;
  /** Identifies what the row stands for, for readers that can open it. */
  key?: string;
}

export interface Cell {
  text: string;
  /** The figure in the unit of the text, for sorting and CSV. */
  value?: number;
  /** Instead of a value, the least and the greatest that it can be, as some rows are not scored; and how many. */
  bounds?: [low: number, high: number];
  lacks?: { not_judged: number; n: number };
  /** 95% interval, in the unit of the text. */
  interval?: [low: number, high: number];
  /** Number of rows or pairs that the figure is of, where figures next to it are of others. */
  n?: number;
  note?: string;
  /** True for the best of its column, if its interval says so. */
  best?: true;
  href?: `https://${string}`;
  /** How far the figure is above (up to 1) or below (down to −1) what is to be expected, for colours. */
  shade?: number;
  /** Whether the answer that the cell is about is right, for colours. */
  right?: boolean;
  /** True if the figure covers so few rows that it says little. */
  few?: true;
  /** The rows behind the figure, for readers that can open them. */
  opens?: CellRows;
}

/** The questions of a set that an evaluation answered in two views. */
export interface CellRows {
  key: string;
  set: string;
  views: readonly [one: string, other: string];
}

/** The shade of a cell in steps, −4 to 4; 0 without one. */
export const shadeStep = ({ shade = 0 }: Pick<Cell, 'shade'>): number =>
  Math.max(-4, Math.min(4, Math.round(4 * shade)));

export interface Chart {
  /** Unique in the document: letters, digits and hyphens. */
  id: string;
  caption: string;
  /**
   * `dumbbell`: for each category a line on which the series are dots, from left to right. `map`: no axes and no series,
   * but cells over an image.
   */
  kind: 'line' | 'scatter' | 'bars' | 'dumbbell' | 'map';
  x: Axis;
  y: Axis;
  series: Series[];
  map?: CellMap;
  notes: string[];
  /** True if tables of the report have its figures: formats without drawings leave it out. */
  inTables?: true;
}

/** Shares of right answers by where in an image something was. */
export interface CellMap {
  /** A PNG as a data address; null if there is none. */
  picture: string | null;
  /** Its width over its height. */
  aspect: number;
  columns: number;
  rows: number;
  /** Shares of the image's height above the first row, and above the end of the last one. */
  top: number;
  bottom: number;
  cells: { column: number; row: number; right: number; n: number }[];
  /** The result whose answers stand behind the cells, for readers that can open them. */
  key?: string;
}

/** A chart. @param x label of the axis, or the axis; `y` likewise */
export const chartOf = (
  kind: Chart['kind'],
  id: string,
  caption: string,
  x: string | Axis,
  y: string | Axis,
  series: Series[],
  more: Partial<Chart> = {},
): Chart => {
  const [ofX, ofY] = [x, y].map((axis) => (typeof axis === 'string' ? { label: axis } : axis));
  return { id, caption, kind, x: ofX!, y: ofY!, series, notes: [], ...more };
};

export interface Axis {
  label: string;
  /** Start and end of the axis; derived from its points if absent. */
  range?: [from: number, to: number];
}

export interface Series {
  name: string;
  origin?: Origin;
  points: Point[];
  /** A curve fitted to the points, in a scatter chart. Its intervals are drawn as a band. */
  curve?: Pick<Point, 'x' | 'y' | 'interval'>[];
}

export interface Point {
  /** For bars and dumbbells, the index of the category (0, 1, …) that `label` names. */
  x: number;
  y: number;
  /**
   * Where not all rows are judged: the least and the greatest that it can be. The whole range is drawn; `y` is its middle,
   * where a name or a line may stand, and no figure.
   */
  bounds?: [low: number, high: number];
  /** 95% interval; of bounds, around both. */
  interval?: [low: number, high: number];
  label?: string;
  note?: string;
  /** The answers behind the point, for readers that can open them. */
  opens?: PointAnswers;
}

/** Answers of a measurement of acuity. */
export interface PointAnswers {
  key: string;
  /** Those to scenes with this x; of a map all. */
  x?: number;
  /** Those in one view; all if absent. */
  view?: string;
  /** Of a map: those in a cell. */
  cell?: readonly [column: number, row: number];
}

export const left = (title: string, note?: string): Column => ({
  title,
  align: 'left',
  ...(note && { note }),
});

export const right = (title: string, better?: Column['better'], note?: string): Column => ({
  title,
  align: 'right',
  ...(better && { better }),
  ...(note && { note }),
});

/** A column of a table of items, with what an item has in it. */
export type ColumnOf<T> = readonly [Column, cell: (item: T) => Cell];

/** A table with a row for each item. @param about what a row has besides its cells */
export const tableOf = <T>(
  id: string,
  caption: string,
  items: readonly T[],
  columns: readonly ColumnOf<T>[],
  notes: string[] = [],
  about: (item: T) => Omit<Row, 'cells'> = () => ({}),
): Table => ({
  id,
  caption,
  columns: columns.map(([column]) => column),
  rows: items.map((item) => ({ ...about(item), cells: columns.map(([, cell]) => cell(item)) })),
  notes,
});

/** What rows of our own figures have. */
export const ownFigures = (): Omit<Row, 'cells'> => ({ origin: 'own' });

/** A column of texts. */
export const words = <T>(title: string, textOf: (item: T) => string, note?: string): ColumnOf<T> => [
  left(title, note),
  (item) => ({ text: textOf(item) }),
];

/** Every table of a report, in order. */
export const tablesOf = ({ sections }: ReportDocument): Table[] => sections.flatMap(({ tables }) => tables);

/**
 * Marks the best figure of each column that has a better direction, and figures equal to it, if the intervals say so:
 * they must lie beyond those of all other rows. Figures of papers have no intervals, and are not marked; nor are any where
 * answers were scored by different rules.
 */
export function markBest(table: Table): Table {
  if (new Set(table.rows.flatMap(({ rules }) => rules ?? [])).size > 1) return table;
  const isBest = table.columns.map(({ better }, c) => {
    const cells = table.rows.flatMap(({ cells, origin }) => (origin === 'published' ? [] : [cells[c]!]));
    const judged = cells.filter(({ value }) => value !== undefined);
    const open = cells.filter(({ bounds }) => bounds);
    const [low, high] = [Math.min, Math.max].map((end) => end(...judged.map(({ value }) => value!)));
    const best = better === 'higher' ? high : low;
    if (better === undefined || (low === high && open.length === 0)) return () => false;
    const others = judged.filter(({ value }) => value !== best);
    return (cell: Cell) =>
      cell.value === best &&
      others.every((other) => areApart(cell, other)) &&
      // Whatever those that are not known turn out to be.
      open.every(
        (other) =>
          areApart(cell, other) &&
          (better === 'higher' ? other.bounds![1] < cell.value! : other.bounds![0] > cell.value!),
      );
  });
  const rows = table.rows.map((row) => ({
    ...row,
    cells: row.cells.map((cell, c): Cell => (isBest[c]!(cell) ? { ...cell, best: true } : cell)),
  }));
  return { ...table, rows };
}

const areApart = ({ interval: a }: Cell, { interval: b }: Cell): boolean =>
  a !== undefined && b !== undefined && (a[0] > b[1] || a[1] < b[0]);

/**
 * Formats what follows a figure: its interval, with as many decimals, and its number of rows, or how many of them are not
 * judged: `60.2 – 70.1, n 11`, `21.9 – 88.7, 10 of 20 not judged`; "" if it has none of them.
 */
export function besideText(
  { text, interval, n, lacks }: Pick<Cell, 'text' | 'interval' | 'n' | 'lacks'>,
  between = ' – ',
): string {
  const digits = /\.(\d+)/.exec(text)?.[1]!.length ?? 0;
  const ends = interval?.map((end) => fixed(end, digits)).join(between);
  const rows = lacks ? lackText(lacks.not_judged, lacks.n) : n === undefined ? '' : `n ${n}`;
  return [ends, rows].filter(Boolean).join(', ');
}

/** The point of a chart that shows a cell's figure; none if it has none. */
export function pointOf({ value, bounds, interval }: Cell, about: Omit<Point, 'y'>): Point[] {
  const y = bounds ? (bounds[0] + bounds[1]) / 2 : value;
  if (y === undefined) return [];
  return [{ ...about, y, ...(bounds && { bounds }), ...(interval && { interval }) }];
}

/** The sections as formats without drawings have them: charts become tables of their points. */
export const withoutDrawings = (sections: readonly Section[]): Omit<Section, 'charts'>[] =>
  sections.flatMap(({ charts, tables, ...section }) => {
    const all = [...tables, ...charts.filter(({ inTables }) => !inTables).map(chartTable)];
    return all.length + section.text.length > 0 ? [{ ...section, tables: all }] : [];
  });

/** Lists the points of a chart as a table, for formats without drawings. Curves are side by side. */
export function chartTable(chart: Chart): Table {
  const labelled = chart.series.some(({ points }) => points.some(({ label, note }) => label ?? note));
  return chart.kind === 'line' && !labelled ? curveTable(chart) : pointTable(chart);
}

/**
 * A number of a chart with the digits that it supports: two of half its interval's width, with one decimal at least, as
 * in all tables. Without an interval, one decimal for percent, otherwise three digits, and whole numbers in full.
 * Figures of papers stay as printed.
 */
function figure(
  value: number,
  { label }: Axis,
  { origin, interval, bounds }: Pick<Point, 'interval' | 'bounds'> & Pick<Series, 'origin'>,
): Cell {
  if (bounds)
    return { text: endsText(bounds, (end) => fixed(end, 1)), bounds, ...(interval && { interval }) };
  if (origin === 'published') return { text: String(value).replace('-', '−'), value };
  const half = interval && (interval[1] - interval[0]) / 2;
  const text =
    half || label.endsWith('%')
      ? fixed(value, half ? Math.max(1, decimals(half, 2)) : 1)
      : plain(value, decimals(value, 3));
  return { text, value, ...(interval && { interval }) };
}

/** How many decimals show so many significant digits of a number. */
const decimals = (value: number, digits: number): number =>
  Math.min(12, Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(value) || 1))));

function curveTable({ id, caption, x, y, series, notes }: Chart): Table {
  const places = [...new Set(series.flatMap(({ points }) => points.map((point) => point.x)))].sort(
    (a, b) => a - b,
  );
  return tableOf(
    id,
    caption,
    places,
    [
      [right(x.label), (place) => ({ text: plain(place, 3), value: place })],
      ...series.map(({ name, origin, points }): ColumnOf<number> => [
        right(name),
        (place) => {
          const point = points.find((drawn) => drawn.x === place);
          return point ? figure(point.y, y, { origin, ...point }) : { text: '' };
        },
      ]),
    ],
    caption === y.label ? notes : [`${y.label}.`, ...notes],
  );
}

function pointTable({ id, caption, kind, x, y, series, notes }: Chart): Table {
  const hasCategories = kind === 'bars' || kind === 'dumbbell';
  const labelled = !hasCategories && series.some(({ points }) => points.some(({ label }) => label));
  return {
    id,
    caption,
    columns: [
      { title: '', align: 'left' },
      ...(labelled ? [{ title: 'point', align: 'left' as const }] : []),
      { title: x.label, align: hasCategories ? 'left' : 'right' },
      { title: y.label, align: 'right' },
    ],
    rows: series.flatMap(({ name, origin, points }) =>
      points.map(({ label = '', note, interval, bounds, ...point }) => ({
        ...(origin && { origin }),
        cells: [
          { text: name },
          ...(labelled ? [{ text: label }] : []),
          hasCategories ? { text: label } : figure(point.x, x, { origin }),
          { ...figure(point.y, y, { origin, interval, bounds }), ...(note && { note }) },
        ],
      })),
    ),
    notes,
  };
}
