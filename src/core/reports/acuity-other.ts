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
import { countCell, left, NONE, right, withoutEmpty } from './cells.ts';
import type { Cell, Chart, Section, Table } from './document.ts';

/** A record, with the key by which the answers behind its points can be opened. */
type Shown<T> = T & { key?: string };

const opened = ({ key }: { key?: string }, x: number) => (key === undefined ? {} : { opens: { key, x } });

export const shareCell = ({ right: k, n, interval }: Share): Cell =>
  n === 0
    ? NONE
    : {
        text: percent(k / n),
        value: (100 * k) / n,
        ...(interval && { interval: [100 * interval[0], 100 * interval[1]] as [number, number] }),
      };

/** How often models are right after a turn in thought. */
export function turnSection(group: readonly Shown<TurnRecord>[], g: number): Section {
  const table: Table = withoutEmpty({
    id: `acuity-${g}`,
    caption: 'Sides after an imagined turn: right answers, %',
    columns: [
      left('model'),
      right('all'),
      right('side unchanged'),
      right('side changed'),
      left('response bias'),
      right('answers'),
      right('unparsed'),
    ],
    rows: group.map((record) => ({
      origin: 'own',
      cells: [
        { text: record.model },
        ...(isTrusted(record)
          ? [record.all, record.stays, record.changes].map(shareCell)
          : [NONE, NONE, NONE]),
        { text: leaningsText('side', record.leanings) },
        countCell(record.n),
        record.unread > 0 ? countCell(record.unread) : NONE,
      ],
    })),
    notes: [
      'A model that answers with the visible side is right where the turn keeps the side and wrong where it changes. Chance is 50%.',
    ],
  });
  const chart: Chart = {
    id: `acuity-turn-${g}`,
    caption: 'Right answers by the angle of the turn',
    kind: 'line',
    x: { label: 'turn to the right, degrees', range: [-180, 180] },
    y: { label: 'right answers, %', range: [0, 100] },
    series: group.map((record) => ({
      name: record.model,
      points: record.angles.flatMap(({ degrees, ...share }) => {
        const { value, interval } = shareCell(share);
        if (value === undefined) return [];
        return [{ x: degrees, y: value, ...(interval && { interval }), ...opened(record, degrees) }];
      }),
    })),
    notes: [],
  };
  return {
    id: `turn-${g}`,
    title: 'turn',
    text: group.map(recordSentence),
    tables: [table],
    charts: [chart],
  };
}

const estimateCell = (estimate: MetresRecord['slope'], factor: number, digits: number): Cell =>
  estimate
    ? {
        text: fixed(factor * estimate.mean, digits),
        value: factor * estimate.mean,
        interval: [factor * estimate.interval[0], factor * estimate.interval[1]],
      }
    : NONE;

export const exponentCell = ({ slope }: MetresRecord): Cell => estimateCell(slope, 1, 2);

/** How told distances grow with true ones. */
export function metresSection(group: readonly Shown<MetresRecord>[], g: number): Section {
  const table: Table = withoutEmpty({
    id: `acuity-${g}`,
    caption: 'Estimated against true distance',
    columns: [
      left('model'),
      right('exponent'),
      right('overestimated, %'),
      right('std, %'),
      right('answers'),
      right('unparsed'),
    ],
    rows: group.map((record) => ({
      origin: 'own',
      cells: [
        { text: record.model },
        ...(isTrusted(record)
          ? [
              exponentCell(record),
              estimateCell(record.bias, 100, 1),
              record.spread === null
                ? NONE
                : { text: fixed(100 * record.spread, 0), value: 100 * record.spread },
            ]
          : [NONE, NONE, NONE]),
        countCell(record.n),
        record.unread > 0 ? countCell(record.unread) : NONE,
      ],
    })),
    notes: [
      'Exponent: slope of the log of the estimated distance on the log of the true distance; 1 if estimates double when distances double. Std: standard deviation of single answers around the line.',
    ],
  });
  const chart: Chart = {
    id: `acuity-metres-${g}`,
    caption: 'Estimated against true distance',
    kind: 'line',
    x: { label: 'true distance, doublings of a metre (log₂)' },
    y: { label: 'estimated distance, doublings of a metre (log₂)' },
    series: group.map((record) => ({
      name: record.model,
      points: record.distances.map(({ metres, told, interval, n }) => ({
        x: Math.log2(metres),
        y: Math.log2(told),
        ...(interval && { interval: [Math.log2(interval[0]), Math.log2(interval[1])] as [number, number] }),
        note: `${metres} m, estimated as ${fixed(told, 1)} m, ${n} answers`,
        ...opened(record, Math.log(metres)),
      })),
    })),
    notes: [],
  };
  return {
    id: `metres-${g}`,
    title: 'metres',
    text: group.map(recordSentence),
    tables: [table],
    charts: [chart],
  };
}

/** Where in the image models are right. */
export function mapSection(group: readonly Shown<MapRecord>[], title: string, g: number): Section {
  return {
    id: `map-${g}`,
    title,
    text: group.map(recordSentence),
    tables: group.map((record, i) => mapTable(record, `${g}-${i}`)),
    charts: group.map((record, i) => mapChart(record, `${g}-${i}`)),
  };
}

const captionOf = ({ model, axis }: MapRecord) =>
  `Right answers of ${model} about ${axis}, %, by position of the first object`;

const mapChart = (record: Shown<MapRecord>, id: string): Chart => ({
  id: `acuity-map-${id}`,
  caption: captionOf(record),
  kind: 'map',
  x: { label: '' },
  y: { label: '' },
  series: [],
  map: {
    picture: record.picture,
    aspect: record.plan.size.w / record.plan.size.h,
    columns: record.columns,
    rows: record.rows,
    top: record.top,
    bottom: record.bottom,
    cells: record.cells,
    ...(record.key !== undefined && { key: record.key }),
  },
  notes: [
    'The image shows the position of the other object. Cells without a number cannot show the first object in full.',
  ],
  inTables: true,
});

function mapTable(record: MapRecord, id: string): Table {
  const cellAt = new Map(record.cells.map((cell) => [`${cell.column} ${cell.row}`, cell]));
  return {
    id: `acuity-map-table-${id}`,
    caption: `${captionOf(record)}: columns and rows of the image`,
    columns: [
      left('row'),
      ...Array.from({ length: record.columns }, (_, column) => right(String(column + 1))),
    ],
    rows: Array.from({ length: record.rows }, (_, row) => ({
      origin: 'own',
      cells: [
        { text: String(row + 1) },
        ...Array.from({ length: record.columns }, (_, column): Cell => {
          const cell = cellAt.get(`${column} ${row}`);
          if (!cell || cell.n === 0) return { text: '' };
          const share = cell.right / cell.n;
          return { text: fixed(100 * share, 0), value: 100 * share, n: cell.n, shade: 2 * share - 1 };
        }),
      ],
    })),
    notes: [
      'Row 1 is the farthest. n: number of answers in the cell. Mirrored images count in the cell that shows the object.',
    ],
  };
}
