import { fixed, percent } from '../../base/format.ts';
import type { Difference } from '../psychophysics/differences.ts';
import type { Estimate } from '../psychophysics/fit.ts';
import { differenceOf, isTrusted } from '../psychophysics/measure.ts';
import type { AcuityRecord, Curve } from '../psychophysics/acuity-record.ts';
import { habitEnds, leaningsText, verdictText } from '../psychophysics/text.ts';
import { type AcuityAxis, inPrinted, unitText } from '../worlds/acuity/acuity-axes.ts';
import { countCell, figureCell, NONE, right, withoutEmpty } from './cells.ts';
import type { Leaning } from '../psychophysics/leanings.ts';
import { ownFigures, tableOf, words, type Cell, type ColumnOf, type Table } from './document.ts';

/** A record, with a key by which a reader opens the answers behind the record's points. */
export type Shown<T> = T & { key?: string };

/** Formats an estimate after conversion to another unit. */
export function scaledCell(
  estimate: Estimate | null | undefined,
  scaled: (value: number) => number,
  text = (value: number) => fixed(value, 1),
): Cell {
  if (!estimate) return NONE;
  const [value, ...ends] = [estimate.mean, ...estimate.interval].map(scaled) as [number, number, number];
  return { text: text(value), value, interval: ends.sort((a, b) => a - b) };
}

export const estimateCell = (axis: AcuityAxis, estimate: Estimate | null): Cell =>
  scaledCell(estimate, (value) => inPrinted(axis, value));

/** Formats a threshold, or the lower bound if the threshold is out of range. */
export const thresholdCell = (axis: AcuityAxis, { threshold, atLeast }: Curve): Cell =>
  atLeast === undefined ? estimateCell(axis, threshold) : { text: `≥ ${fixed(inPrinted(axis, atLeast), 1)}` };

/** Formats a lapse rate in percent. */
export const lapseCell = (lapse: Estimate | null): Cell =>
  scaledCell(
    lapse,
    (share) => 100 * share,
    (value) => percent(value / 100),
  );

/** Formats the share of answers that a response bias determines; a dash if unknown. */
export const leaningCell = ({ value, interval }: Partial<Leaning> = {}): Cell =>
  figureCell({ value: value ?? null, unit: 'share', n: 0, ...(interval && { interval }) });

export const isMeasured = ({ verdict }: Curve): boolean => verdict === 'measured' || verdict === 'inverted';

/** Returns the table with threshold, lapse rate and response biases of each model. */
export function figuresTable(group: readonly AcuityRecord[], g: number, notes: string[]): Table {
  const { axis } = group[0]!;
  const names = [...new Set(group.flatMap(({ all }) => Object.keys(all.habits)))];
  const trusted = (cell: (record: AcuityRecord) => Cell) => (record: AcuityRecord) =>
    isTrusted(record) ? cell(record) : NONE;
  const caption = `Discrimination threshold of ${axis} in ${unitText(axis)}, lapse rate and response bias in percent of answers`;
  const columns: ColumnOf<AcuityRecord>[] = [
    words('model', ({ model }) => model),
    words('result', (record) =>
      isTrusted(record) ? verdictText(record) : 'unreliable: too many unparsed answers',
    ),
    [right('threshold'), trusted(({ all }) => thresholdCell(axis, all))],
    [right('lapse rate'), trusted(({ all }) => lapseCell(all.lapse))],
    ...names.flatMap((name): ColumnOf<AcuityRecord>[] => [
      [
        right(`PSE shift to ${habitEnds(axis, name)}`),
        trusted(({ all }) => estimateCell(axis, all.habits[name]?.shift ?? null)),
      ],
      [
        right(`answers replaced by bias to ${habitEnds(axis, name)}, %`),
        trusted(({ all }) => lapseCell(all.habits[name]?.share ?? null)),
      ],
    ]),
    words('response bias', ({ leanings }) => leaningsText(axis, leanings)),
    ...answered,
  ];
  const ofBias = names.length > 0 ? [OF_BIAS] : [];
  return withoutEmpty(tableOf(`acuity-${g}`, caption, group, columns, [...notes, ...ofBias], ownFigures));
}

const OF_BIAS =
  'A PSE shift changes answers at small differences, and replaced answers are changed at every difference. If they have opposite signs, the bias changes its direction as the difference increases.';

export const answered: readonly ColumnOf<{ n: number; unread: number }>[] = [
  [right('answers'), ({ n }) => countCell(n)],
  [right('unparsed'), ({ unread }) => (unread > 0 ? countCell(unread) : NONE)],
];

/** Compares each model with the first model, and each model's mirrors with its originals, on the same scenes. */
export function differencesTable(group: readonly AcuityRecord[], g: number): Table[] {
  const measured = group.filter((record) => record.all.verdict === 'measured' && isTrusted(record));
  const [first, ...others] = measured.filter((record) => record.rows_sha256 === measured[0]!.rows_sha256);
  if (!first) return [];
  const pairs = [
    ...others.map((other) => [`${other.model} − ${first.model}`, differenceOf(first, other)] as const),
    ...measured.map(({ model, difference }) => [`${model}: mirror − original`, difference] as const),
  ];
  const { axis } = first;
  const names = [...new Set(pairs.flatMap(([, differences]) => Object.keys(differences?.shifts ?? {})))];
  const shown = pairs.flatMap(([name, differences]) => (differences ? [{ name, ...differences }] : []));
  if (shown.length === 0) return [];
  const cell = (difference: Difference | undefined, scaled = (x: number) => inPrinted(axis, x)) =>
    scaledCell(difference && { mean: difference.value, interval: difference.interval }, scaled);
  return [
    tableOf(
      `acuity-differences-${g}`,
      `Differences of ${axis} on the same scenes in ${unitText(axis)}, and of the lapse rate in percentage points`,
      shown,
      [
        words('', ({ name }) => name),
        [right('threshold'), ({ threshold }) => cell(threshold)],
        ...names.map((habit): ColumnOf<(typeof shown)[number]> => [
          right(`PSE shift to ${habitEnds(axis, habit)}`),
          ({ shifts }) => cell(shifts[habit]),
        ]),
        [right('lapse rate'), ({ lapse }) => cell(lapse, (share) => 100 * share)],
      ],
      ['Differences of posterior means, with intervals of their joint posterior.'],
      ownFigures,
    ),
  ];
}
