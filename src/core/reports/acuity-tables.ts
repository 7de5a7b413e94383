import { fixed, percent } from '../../base/format.ts';
import type { Difference } from '../psychophysics/differences.ts';
import type { Estimate } from '../psychophysics/fit.ts';
import { differenceOf, isTrusted } from '../psychophysics/measure.ts';
import type { AcuityRecord, Curve } from '../psychophysics/acuity-record.ts';
import { habitEnds, leaningsText, verdictText } from '../psychophysics/text.ts';
import { type AcuityAxis, inPrinted, unitText } from '../worlds/acuity/acuity-axes.ts';
import { countCell, left, NONE, right, withoutEmpty } from './cells.ts';
import type { Cell, Table } from './document.ts';

/** An estimate in the axis's printed unit. */
export function estimateCell(axis: AcuityAxis, estimate: Estimate | null): Cell {
  if (!estimate) return NONE;
  const value = inPrinted(axis, estimate.mean);
  const [low, high] = estimate.interval;
  return { text: fixed(value, 1), value, interval: [inPrinted(axis, low), inPrinted(axis, high)] };
}

/** A threshold, or its lower bound where it is out of range. */
export const thresholdCell = (axis: AcuityAxis, { threshold, atLeast }: Curve): Cell =>
  atLeast === undefined ? estimateCell(axis, threshold) : { text: `≥ ${fixed(inPrinted(axis, atLeast), 1)}` };

/** A share in percent. */
export const lapseCell = (lapse: Estimate | null): Cell => {
  if (!lapse) return NONE;
  const [low, high] = lapse.interval;
  return { text: percent(lapse.mean), value: 100 * lapse.mean, interval: [100 * low, 100 * high] };
};

export const isMeasured = ({ verdict }: Curve): boolean => verdict === 'measured' || verdict === 'inverted';

/** Threshold, lapses, habits and leanings of each model. */
export function figuresTable(group: readonly AcuityRecord[], g: number, notes: string[]): Table {
  const { axis } = group[0]!;
  const names = [...new Set(group.flatMap(({ all }) => Object.keys(all.habits)))];
  return withoutEmpty({
    id: `acuity-${g}`,
    caption: `Discrimination threshold: ${axis}, ${unitText(axis)}; lapse rate and response bias, percent of answers`,
    columns: [
      left('model'),
      left('result'),
      right('threshold'),
      right('lapse rate'),
      ...names.flatMap((name) => [
        right(`PSE shift to ${habitEnds(axis, name)}`),
        right(`replaced by ${habitEnds(axis, name)}, %`),
      ]),
      left('response bias'),
      right('answers'),
      right('unparsed'),
    ],
    rows: group.map((record) => {
      const { model, all, leanings, n, unread } = record;
      const trusted = isTrusted(record);
      return {
        origin: 'own',
        cells: [
          { text: model },
          {
            text: trusted ? verdictText(record) : 'unreliable: too many unparsed answers',
          },
          trusted ? thresholdCell(axis, all) : NONE,
          trusted ? lapseCell(all.lapse) : NONE,
          ...names.flatMap((name) => {
            const habit = trusted ? all.habits[name] : undefined;
            return habit ? [estimateCell(axis, habit.shift), lapseCell(habit.share)] : [NONE, NONE];
          }),
          { text: leaningsText(axis, leanings) },
          countCell(n),
          unread > 0 ? countCell(unread) : NONE,
        ],
      };
    }),
    notes,
  });
}

/** How every other model differs from the first one, and each model's mirrors from its originals, on the same scenes. */
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
  const rows = pairs.flatMap(([name, differences]) => {
    if (!differences) return [];
    const cell = (difference: Difference | undefined, percent: (value: number) => number): Cell => {
      if (!difference) return NONE;
      const { value, interval } = difference;
      const ends = interval.map(percent).sort((a, b) => a - b) as [number, number];
      return { text: fixed(percent(value), 1), value: percent(value), interval: ends };
    };
    const inUnit = (x: number) => inPrinted(axis, x);
    return [
      {
        origin: 'own' as const,
        cells: [
          { text: name },
          cell(differences.threshold, inUnit),
          ...names.map((habit) => cell(differences.shifts[habit], inUnit)),
          cell(differences.lapse, (share) => 100 * share),
        ],
      },
    ];
  });
  if (rows.length === 0) return [];
  return [
    {
      id: `acuity-differences-${g}`,
      caption: `Differences on the same scenes: ${axis}, ${unitText(axis)}; lapse rate, percentage points`,
      columns: [
        left(''),
        right('threshold'),
        ...names.map((habit) => right(`PSE shift to ${habitEnds(axis, habit)}`)),
        right('lapse rate'),
      ],
      rows,
      notes: ['Differences of posterior means, with intervals of their joint posterior.'],
    },
  ];
}
