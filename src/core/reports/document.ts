import { endsText, fixed, lackText, plain } from '../../base/format.ts';

/**
 * A report as data, independent of its format. Panels display the report; exporters write it as Markdown, LaTeX, CSV or
 * HTML. All texts are plain. Texts from runs, sets and models are untrusted, so every exporter escapes all texts.
 */
export interface ReportDocument {
  title: string;
  /** Paragraphs that introduce the report. */
  lead: string[];
  sections: Section[];
}

export interface Section {
  /** Id of the section, unique in the document: letters, digits and hyphens. */
  id: string;
  title: string;
  /** Paragraphs of the section, above its tables. */
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

/** Returns a section; null if the section would have neither tables nor charts. */
export const sectionOf = (...parts: Parameters<typeof section>): Section | null => {
  const { tables, charts } = section(...parts);
  return tables.length + charts.length === 0 ? null : section(...parts);
};

/** Returns a section with a table and a chart for each part; null without parts. */
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

/** Whether the values in a table row or a curve are from a paper or from the user's own runs. */
export type Origin = 'published' | 'own';

export interface Table {
  /** Id of the table or chart, unique in the document: letters, digits and hyphens. */
  id: string;
  caption: string;
  columns: Column[];
  /** Rows of the table, with one cell per column. The first cell is the name of the row. */
  rows: Row[];
  /** Notes on the whole table, displayed below it. */
  notes: string[];
}

export interface Column {
  title: string;
  note?: string;
  align: 'left' | 'right';
  /** Whether the highest or the lowest value in the column is best; absent if the column has no best value. */
  better?: 'higher' | 'lower';
}

export interface Row {
  cells: Cell[];
  origin?: Origin;
  /** Version of the scoring rules for own values in the row. */
  rules?: number;
  /** Key of the row's subject, for readers in which the user can open this subject. */
  key?: string;
}

export interface Cell {
  text: string;
  /** Value of the cell in the unit of the cell's text, for sorting and CSV. */
  value?: number;
  /** Lowest and highest possible value if some rows are not scored, with the number of unscored rows. */
  bounds?: [low: number, high: number];
  lacks?: { not_judged: number; n: number };
  /** 95% confidence interval of the value, in the unit of the text. */
  interval?: [low: number, high: number];
  /** Number of rows or pairs in the value, if it differs from the number in adjacent values. */
  n?: number;
  note?: string;
  /** True for the best value in a column, if the intervals support that it is best. */
  best?: true;
  href?: `https://${string}`;
  /** Excess of the value over its expected value, from −1 to 1, which determines the colour of the cell. */
  shade?: number;
  /** Whether the answer in the cell is right, which determines the colour of the cell. */
  right?: boolean;
  /** True if the value is from too few rows. */
  few?: true;
  /** Rows of the value, for readers in which the user can open these rows. */
  opens?: CellRows;
}

/** Questions of an evaluation set that an evaluation answered in two views. */
export interface CellRows {
  key: string;
  set: string;
  views: readonly [one: string, other: string];
}

/** Returns the shade of a cell as a step from −4 to 4; 0 if the cell has no shade. */
export const shadeStep = ({ shade = 0 }: Pick<Cell, 'shade'>): number =>
  Math.max(-4, Math.min(4, Math.round(4 * shade)));

export interface Chart {
  /** Id of the chart, unique in the document: letters, digits and hyphens. */
  id: string;
  caption: string;
  /**
   * `dumbbell`: for each category, a horizontal line with one dot per series. `map`: cells over an image, without axes
   * and series.
   */
  kind: 'line' | 'scatter' | 'bars' | 'dumbbell' | 'map';
  x: Axis;
  y: Axis;
  series: Series[];
  map?: CellMap;
  notes: string[];
  /** True if tables of the report contain the same values. Formats without drawings then omit the chart. */
  inTables?: true;
}

export interface CellMap {
  /** PNG of the scene's image as a data URL; null without an image. */
  picture: string | null;
  /** Aspect ratio of the image (width / height). */
  aspect: number;
  columns: number;
  rows: number;
  /** Top of the first row and bottom of the last row of cells, as shares of the image's height. */
  top: number;
  bottom: number;
  cells: { column: number; row: number; right: number; n: number }[];
  /** Key of the result with the answers in the cells, for readers in which the user can open this result. */
  key?: string;
}

/** Returns a chart. @param x label of the horizontal axis, or the axis itself; `y` likewise for the vertical axis */
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
  /** Start and end of the axis; by default, computed from the points. */
  range?: [from: number, to: number];
}

export interface Series {
  name: string;
  origin?: Origin;
  /** Index of the colour, as in the Run panel: 0 for originals, 1 for mirrors, 2 for both. Default: the position. */
  colour?: number;
  points: Point[];
  /** Curve that was fitted to the points of a scatter chart. The intervals of the curve are drawn as a band. */
  curve?: Pick<Point, 'x' | 'y' | 'interval'>[];
}

export interface Point {
  /** Horizontal value; for bars and dumbbells, the index of the category in `label`, from 0. */
  x: number;
  y: number;
  /**
   * Lowest and highest possible value if some rows are not scored. The chart draws the whole range. `y` is the middle
   * of the range, which is not a value and only determines the position of names and lines.
   */
  bounds?: [low: number, high: number];
  /** 95% interval of the value; with bounds, around both bounds. */
  interval?: [low: number, high: number];
  label?: string;
  note?: string;
  /** Answers in the point, for readers in which the user can open these answers. */
  opens?: PointAnswers;
}

export interface PointAnswers {
  key: string;
  /** If set, selects only answers to scenes with this x; absent for maps. */
  x?: number;
  /** If set, selects only answers in this view; by default, answers in all views are selected. */
  view?: string;
  /** For maps: the cell whose answers are selected. */
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

/** Column of a table of items, with a function that returns the cell of an item. */
export type ColumnOf<T> = readonly [Column, cell: (item: T) => Cell];

/** Returns a table with one row per item. @param about fields of a table row in addition to its cells */
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

/** Returns the fields of a table row with own values, without the cells. */
export const ownFigures = (): Omit<Row, 'cells'> => ({ origin: 'own' });

export const words = <T>(title: string, textOf: (item: T) => string, note?: string): ColumnOf<T> => [
  left(title, note),
  (item) => ({ text: textOf(item) }),
];

/** Returns all tables of a report, in order. */
export const tablesOf = ({ sections }: ReportDocument): Table[] => sections.flatMap(({ tables }) => tables);

/**
 * Marks the best value of each column that has a direction, and values equal to it, if their intervals exclude the
 * intervals of all other rows. Values from papers have no intervals and are never marked. Marks no value if answers
 * were scored by different rules.
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
      // The cell must be best for every possible value of the cells that have bounds.
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
 * Formats the interval of a value with as many decimals as the value, and the number of its rows or of its unscored
 * rows, such as `60.2 – 70.1, n 11` or `21.9 – 88.7, 10 of 20 not scored`; "" if the value has neither.
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

/** Returns the chart point for the value of a cell; [] if the cell has no value. */
export function pointOf({ value, bounds, interval }: Cell, about: Omit<Point, 'y'>): Point[] {
  const y = bounds ? (bounds[0] + bounds[1]) / 2 : value;
  if (y === undefined) return [];
  return [{ ...about, y, ...(bounds && { bounds }), ...(interval && { interval }) }];
}

/** Returns sections for formats without drawings: each chart becomes a table of its points. */
export const withoutDrawings = (sections: readonly Section[]): Omit<Section, 'charts'>[] =>
  sections.flatMap(({ charts, tables, ...section }) => {
    const all = [...tables, ...charts.filter(({ inTables }) => !inTables).map(chartTable)];
    return all.length + section.text.length > 0 ? [{ ...section, tables: all }] : [];
  });

/** Returns the points of a chart as a table. Curves become adjacent columns. */
export function chartTable(chart: Chart): Table {
  const labelled = chart.series.some(({ points }) => points.some(({ label, note }) => label ?? note));
  return chart.kind === 'line' && !labelled ? curveTable(chart) : pointTable(chart);
}

/**
 * Formats a chart value so that half of its interval's width has two significant digits, with at least one decimal, as
 * in tables. Without an interval, percentages have one decimal, other numbers three digits, and integers all digits.
 * Values from papers are unchanged.
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

/** Returns the number of decimals at which a number has this many significant digits. */
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
