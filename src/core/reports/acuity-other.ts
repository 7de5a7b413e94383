import { fixed, percent } from '../../base/format.ts';
import { isTrusted } from '../psychophysics/measure.ts';
import {
  type MapRecord,
  type MetresRecord,
  type Share,
  type TurnRecord,
} from '../psychophysics/acuity-record.ts';
import { leaningsText } from '../psychophysics/text.ts';
import { recordSentence } from '../psychophysics/text-other.ts';
import { answered, scaledCell, type Shown } from './acuity-tables.ts';
import { NONE, right, withoutEmpty } from './cells.ts';
import {
  chartOf,
  ownFigures,
  pointOf,
  section,
  tableOf,
  words,
  type Cell,
  type Chart,
  type ColumnOf,
  type Section,
  type Table,
} from './document.ts';

const opened = ({ key }: { key?: string }, x: number) => (key === undefined ? {} : { opens: { key, x } });

export const shareCell = ({ right: k, n, interval }: Share): Cell =>
  n === 0
    ? NONE
    : {
        text: percent(k / n),
        value: (100 * k) / n,
        ...(interval && { interval: [100 * interval[0], 100 * interval[1]] as [number, number] }),
      };

const sectionAbout = (
  kind: string,
  g: number,
  group: readonly (TurnRecord | MetresRecord)[],
  table: Table,
  chart: Chart,
): Section => section(`${kind}-${g}`, kind, group.map(recordSentence), [withoutEmpty(table)], [chart]);

const trusted =
  <R extends TurnRecord | MetresRecord>(cell: (record: R) => Cell) =>
  (record: R) =>
    isTrusted(record) ? cell(record) : NONE;

export function turnSection(group: readonly Shown<TurnRecord>[], g: number): Section {
  const table = tableOf<TurnRecord>(
    `acuity-${g}`,
    'Sides after an imagined turn: correct answers, %',
    group,
    [
      words('model', ({ model }) => model),
      [right('all'), trusted(({ all }) => shareCell(all))],
      [right('turn keeps the side'), trusted(({ stays }) => shareCell(stays))],
      [right('turn changes the side'), trusted(({ changes }) => shareCell(changes))],
      words('response bias', ({ leanings }) => leaningsText('side', leanings)),
      ...answered,
    ],
    [
      'A model that answers with the visible side is correct where the turn keeps the side and wrong where the turn changes the side. Chance is 50%.',
    ],
    ownFigures,
  );
  const series = group.map((record) => ({
    name: record.model,
    points: record.angles.flatMap(({ degrees, ...share }) =>
      pointOf(shareCell(share), { x: degrees, ...opened(record, degrees) }),
    ),
  }));
  const chart = chartOf(
    'line',
    `acuity-turn-${g}`,
    'Correct answers by angle of the turn',
    { label: 'turn to the right, degrees', range: [-180, 180] },
    { label: 'correct answers, %', range: [0, 100] },
    series,
  );
  return sectionAbout('turn', g, group, table, chart);
}

export const exponentCell = ({ slope }: MetresRecord): Cell =>
  scaledCell(
    slope,
    (value) => value,
    (value) => fixed(value, 2),
  );

export function metresSection(group: readonly Shown<MetresRecord>[], g: number): Section {
  const caption = 'Estimated distance by true distance';
  const table = tableOf<MetresRecord>(
    `acuity-${g}`,
    caption,
    group,
    [
      words('model', ({ model }) => model),
      [right('exponent'), trusted(exponentCell)],
      [right('overestimated, %'), trusted(({ bias }) => scaledCell(bias, (share) => 100 * share))],
      [
        right('std, %'),
        trusted(({ spread }) =>
          spread === null ? NONE : { text: fixed(100 * spread, 0), value: 100 * spread },
        ),
      ],
      ...answered,
    ],
    [
      'Exponent: slope of the log of the estimated distance on the log of the true distance. If estimates double when distances double, the exponent is 1. Std: standard deviation of single answers around the line.',
    ],
    ownFigures,
  );
  const series = group.map((record) => ({
    name: record.model,
    points: record.distances.map(({ metres, told, interval, n }) => ({
      x: Math.log2(metres),
      y: Math.log2(told),
      ...(interval && { interval: [Math.log2(interval[0]), Math.log2(interval[1])] as [number, number] }),
      note: `${metres} m, estimated as ${fixed(told, 1)} m, ${n} answers`,
      ...opened(record, Math.log(metres)),
    })),
  }));
  const [x, y] = ['true', 'estimated'].map((what) => `${what} distance, doublings of a metre (log₂)`);
  return sectionAbout(
    'metres',
    g,
    group,
    table,
    chartOf('line', `acuity-metres-${g}`, caption, x!, y!, series),
  );
}

/** Returns the section with the accuracy by position in the image. */
export const mapSection = (group: readonly Shown<MapRecord>[], title: string, g: number): Section =>
  section(
    `map-${g}`,
    title,
    group.map(recordSentence),
    group.map((record, i) => mapTable(record, `${g}-${i}`)),
    group.map((record, i) => mapChart(record, `${g}-${i}`)),
  );

const captionOf = ({ model, axis }: MapRecord) =>
  `Correct answers of ${model} about ${axis}, %, by position of the first object`;

const mapChart = (record: Shown<MapRecord>, id: string): Chart => {
  const { picture, plan, columns, rows, top, bottom, cells, key } = record;
  const aspect = plan.size.w / plan.size.h;
  return chartOf('map', `acuity-map-${id}`, captionOf(record), '', '', [], {
    map: { picture, aspect, columns, rows, top, bottom, cells, ...(key !== undefined && { key }) },
    notes: [
      'The image shows the position of the other object. In cells without a number, the image cannot show the whole first object.',
    ],
    inTables: true,
  });
};

function mapTable(record: MapRecord, id: string): Table {
  const cellAt = new Map(record.cells.map((cell) => [`${cell.column} ${cell.row}`, cell]));
  return tableOf(
    `acuity-map-table-${id}`,
    `${captionOf(record)}: columns and rows of the image`,
    [...Array(record.rows).keys()],
    [
      words('row', (row) => String(row + 1)),
      ...[...Array(record.columns).keys()].map((column): ColumnOf<number> => [
        right(String(column + 1)),
        (row) => {
          const cell = cellAt.get(`${column} ${row}`);
          if (!cell || cell.n === 0) return { text: '' };
          const share = cell.right / cell.n;
          return { text: fixed(100 * share, 0), value: 100 * share, n: cell.n, shade: 2 * share - 1 };
        },
      ]),
    ],
    [
      'Row 1 is the farthest. n: number of answers in the cell. Mirrored images count in the cell that shows the object.',
    ],
    ownFigures,
  );
}
