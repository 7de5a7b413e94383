import { fixed, percent } from '../format.ts';
import { differenceOf, isTrusted } from '../psychophysics/measure.ts';
import type { AcuityRecord, Curve } from '../psychophysics/record.ts';
import { leaningsText, verdictText } from '../psychophysics/text.ts';
import { AXIS_WORDS, type AcuityAxis, inPrinted, unitText } from '../worlds/acuity/words.ts';
import { countCell, left, NONE, right, withoutEmpty } from './cells.ts';
import type { Cell, Table } from './document.ts';

/** An estimate in the axis's printed unit. @param turn −1 to print the opposite */
export function estimateCell(axis: AcuityAxis, estimate: Curve['bias'], turn: 1 | -1 = 1): Cell {
  if (!estimate) return NONE;
  const inUnit = (x: number) => inPrinted(axis, turn * x);
  const value = inUnit(estimate.mean);
  const [low, high] = estimate.interval.map(inUnit).sort((a, b) => a - b) as [number, number];
  return { text: fixed(value, 1), value, interval: [low, high] };
}

export const lapseCell = (lapse: Curve['lapse']): Cell => {
  if (!lapse) return NONE;
  const [low, high] = lapse.interval;
  return { text: percent(lapse.mean), value: 100 * lapse.mean, interval: [100 * low, 100 * high] };
};

/** Whether bias, threshold and lapses of a curve mean what they say. */
export const isMeasured = ({ verdict }: Curve): boolean => verdict === 'measured' || verdict === 'inverted';

/** Threshold, bias, lapses and leanings of each model. */
export function figuresTable(group: readonly AcuityRecord[], g: number, notes: string[]): Table {
  const { axis } = group[0]!;
  const { positive } = AXIS_WORDS[axis];
  return withoutEmpty({
    id: `acuity-${g}`,
    caption: `How finely models see: ${axis}, ${unitText(axis)}; lapses and leanings, percent of the answers`,
    columns: [
      left('model'),
      left('result'),
      right('threshold'),
      right(`bias towards ${positive}`),
      right('lapses'),
      left('leanings'),
      right('answers'),
      right('unread'),
    ],
    rows: group.map((one) => {
      const { model, all, leanings, n, unread } = one;
      const figures = isMeasured(all) && isTrusted(one);
      return {
        origin: 'own',
        cells: [
          { text: model },
          {
            text: isTrusted(one) ? verdictText(one) : 'not to be trusted: too many answers could not be read',
          },
          ...(figures
            ? [
                estimateCell(axis, all.threshold),
                // With a positive bias the difference must be larger before the positive answer is given.
                estimateCell(axis, all.bias, -1),
                lapseCell(all.lapse),
              ]
            : [NONE, NONE, NONE]),
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
  const measured = group.filter((one) => one.all.verdict === 'measured' && isTrusted(one));
  const [first, ...others] = measured.filter((one) => one.rows_sha256 === measured[0]!.rows_sha256);
  if (!first) return [];
  const pairs = [
    ...others.map(
      (other) => [`${other.model} − ${first.model}`, differenceOf(first.scenes, other.scenes)] as const,
    ),
    ...measured.map(({ model, difference }) => [`${model}: mirror − original`, difference] as const),
  ];
  const rows = pairs.flatMap(([name, differences]) => {
    if (!differences) return [];
    const cell = (key: 'threshold' | 'bias' | 'lapse', percent: (value: number) => number): Cell => {
      const { value, interval } = differences[key];
      const ends = interval.map(percent).sort((a, b) => a - b) as [number, number];
      return { text: fixed(percent(value), 1), value: percent(value), interval: ends };
    };
    const inUnit = (x: number) => inPrinted(first.axis, x);
    return [
      {
        origin: 'own' as const,
        cells: [
          { text: name },
          cell('threshold', inUnit),
          cell('bias', (x) => inUnit(-x)),
          cell('lapse', (share) => 100 * share),
        ],
      },
    ];
  });
  if (rows.length === 0) return [];
  const { axis } = first;
  return [
    {
      id: `acuity-differences-${g}`,
      caption: `Differences on the same scenes: ${axis}, ${unitText(axis)}; lapses, points of percent`,
      columns: [
        left(''),
        right('threshold'),
        right(`bias towards ${AXIS_WORDS[axis].positive}`),
        right('lapses'),
      ],
      rows,
      notes: ['Differences of posterior means; intervals by drawing scenes with replacement.'],
    },
  ];
}
