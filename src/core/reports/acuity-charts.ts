import { isTrusted } from '../psychophysics/measure.ts';
import type { AcuityRecord, Curve } from '../psychophysics/acuity-record.ts';
import { bandToDraw, habitEnds, onePercent } from '../psychophysics/text.ts';
import { AXIS_WORDS, type AcuityAxis, inPrinted, unitText } from '../worlds/acuity/acuity-axes.ts';
import { shareCell } from './acuity-other.ts';
import { estimateCell, isMeasured, lapseCell } from './acuity-tables.ts';
import { NONE } from './cells.ts';
import type { Cell, Chart, Series } from './document.ts';

/** A result with a curve, and the key by which the answers behind its points can be opened. */
type Shown = AcuityRecord & { key?: string };
/** Results about one axis. */
export type Group = readonly Shown[];

/** Curves and points of one condition: how often the answers claim the positive pole, by the true difference. */
function curveSeries(
  name: string,
  { axis, key }: Pick<Shown, 'axis' | 'key'>,
  curve: Curve,
  view?: string,
): Series {
  return {
    name,
    points: curve.levels.map(({ x, positive, n, interval: [low, high] }) => ({
      x: inPrinted(axis, x),
      y: (100 * positive) / n,
      interval: [100 * low, 100 * high],
      note: `${positive} of ${n}`,
      ...(key !== undefined && { opens: { key, x, ...(view !== undefined && { view }) } }),
    })),
    curve: bandToDraw(curve).map(({ x, value, low, high }) => ({
      x: inPrinted(axis, x),
      y: 100 * value,
      interval: [100 * low, 100 * high],
    })),
  };
}

function curveChart(id: string, caption: string, records: readonly AcuityRecord[], series: Series[]): Chart {
  const [first] = records as [AcuityRecord];
  const { axis } = first;
  const { positive } = AXIS_WORDS[axis];
  // Images of another size, or other scenes, have another width in pixels, or mean distance in metres.
  const percent = records.every((record) => onePercent(record) === onePercent(first))
    ? onePercent(first)
    : '';
  return {
    id,
    caption,
    kind: 'scatter',
    x: { label: `difference towards ${positive}, ${unitText(axis).replace('percent', '%')}${percent}` },
    y: { label: `answers that claim ${positive}, %`, range: [0, 100] },
    series,
    notes: [OF_LEANS],
  };
}

/** Why a lean shows in no curve, which is of all ways of asking. */
const OF_LEANS =
  'Every scene is asked in opposite ways, so a response bias counts equally for both sides. It flattens the curve towards 50% but does not move it. See the chart “Response bias”.';

/** A mirror turns sides around; its curve is drawn by the original's x, so that a model that sees has one curve. */
export function viewsChart(record: Shown, g: number): Chart {
  const { model, conditions } = record;
  const series = Object.entries(conditions.view).map(([view, curve]) =>
    curveSeries(view, record, curve, view),
  );
  return curveChart(`acuity-views-${g}`, `Answers of ${model} by the true difference`, [record], series);
}

/** Of a model that hears one word whatever is asked: the curve of the other word falls. */
export function wordsChart(record: AcuityRecord, id: string): Chart {
  const { axis, model, conditions } = record;
  const series = Object.entries(conditions.word).map(([word, curve]) =>
    curveSeries(`asked “${word}”`, { axis }, curve),
  );
  return curveChart(`acuity-words-${id}`, `Answers of ${model} by the word asked`, [record], series);
}

/** Of somebody's own side: the curve where they look away as the viewer does, and where they face the viewer. */
export function facingChart(record: AcuityRecord, id: string): Chart[] {
  const { axis, model, conditions } = record;
  const series = Object.entries(conditions.facing ?? {}).map(([way, curve]) =>
    curveSeries(way, { axis }, curve),
  );
  if (series.length === 0) return [];
  return [curveChart(`acuity-facing-${id}`, `Answers of ${model} by facing direction`, [record], series)];
}

/** Of somebody's own side: right answers all around. */
export function bearingsChart(group: Group, g: number): Chart[] {
  const series = group.flatMap(({ model, bearings = [] }) => ({
    name: model,
    points: bearings.flatMap(({ degrees, ...share }) => {
      const { value, interval } = shareCell(share);
      return value === undefined ? [] : [{ x: degrees, y: value, ...(interval && { interval }) }];
    }),
  }));
  if (series.every(({ points }) => points.length === 0)) return [];
  return [
    {
      id: `acuity-bearings-${g}`,
      caption: 'Right answers by direction from the reference object',
      kind: 'polar',
      x: { label: 'direction from its front to its own right, degrees' },
      y: { label: 'right answers, %', range: [0, 100] },
      series,
      notes: [
        'Up is the front of the object; right is its own right. The outer ring marks 100%, the inner ring 50%.',
      ],
    },
  ];
}

/** Which share of the answers each habit decides. */
export function leaningsChart(group: Group, g: number): Chart[] {
  const names = [...new Set(group.flatMap(({ leanings }) => Object.keys(leanings)))];
  const series = group.map(({ model, axis, leanings }) => ({
    name: model,
    points: names.flatMap((name, x) => {
      const { value = null, interval } = leanings[name] ?? {};
      const label = habitEnds(axis, name);
      if (value === null) return [];
      const ends = interval?.map((end) => 100 * end) as [number, number] | undefined;
      return [{ x, y: 100 * value, label, ...(ends && { interval: ends }) }];
    }),
  }));
  if (series.every(({ points }) => points.length === 0)) return [];
  return [
    {
      id: `acuity-leanings-${g}`,
      caption: 'Response bias',
      kind: 'bars',
      x: { label: 'preferred answer' },
      y: { label: 'share of the answers, %', range: [-100, 100] },
      series,
      notes: [
        'Share of answers given regardless of the image. Above 0: the first answer; below 0: the second. An interval that contains 0 shows no bias.',
      ],
      inTables: true,
    },
  ];
}

/** As many curves as can be told apart in one image. */
const CURVES = 6;

/** The curves of several models. */
export function modelCharts(group: Group, g: number): Chart[] {
  const parts = Array.from({ length: Math.ceil(group.length / CURVES) }, (_, i) =>
    group.slice(i * CURVES, (i + 1) * CURVES),
  );
  return parts.map((part, i) => {
    const name = `Answers by the true difference${parts.length > 1 ? `, ${i + 1} of ${parts.length}` : ''}`;
    const series = part.map((record) => curveSeries(record.model, record, record.all));
    return curveChart(`acuity-curves-${g}-${i}`, name, part, series);
  });
}

/** Threshold, shifts and lapses over the steps of trainings. A checkpoint without a threshold has no point. */
export function trainingCharts(
  axis: AcuityAxis,
  trainings: readonly [run: string, steps: Group][],
  g: number,
): Chart[] {
  const chart = (key: string, label: string, cellOf: (curve: Curve) => Cell): Chart => ({
    id: `acuity-${key}-${g}`,
    caption: `During training: ${key}`,
    kind: 'line',
    x: { label: 'step' },
    y: { label },
    series: trainings.map(([run, steps]) => ({
      name: run,
      points: [...steps]
        .sort((a, b) => a.step! - b.step!)
        .flatMap((record) => {
          const curve = heardCurve(record);
          const { value, interval } = isMeasured(curve) && isTrusted(record) ? cellOf(curve) : NONE;
          return value === undefined ? [] : [{ x: record.step!, y: value, ...(interval && { interval }) }];
        }),
    })),
    notes: [
      'Checkpoints without a threshold at these levels have no point.',
      ...(trainings.some(([, steps]) => steps.some(({ heard }) => heard !== null))
        ? ['For models that hear one word regardless of the question, only questions with this word count.']
        : []),
    ],
    inTables: true,
  });
  return [
    ...trainings.map((training, i) => habitsChart(training, i, trainings.length > 1)),
    chart('threshold', `threshold, ${unitText(axis)}`, ({ threshold }) => estimateCell(axis, threshold)),
    ...trainings.map((training, i) => shiftsChart(axis, training, i, trainings.length > 1)),
    chart('lapses', 'lapse rate, %', ({ lapse }) => lapseCell(lapse)),
  ].filter(({ series }) => series.some(({ points }) => points.length > 0));
}

/** The curve that says how finely a model sees: of the word that it hears, if it hears but one. */
const heardCurve = ({ all, heard, conditions }: AcuityRecord): Curve =>
  heard === null ? all : conditions.word[heard]!;

/** What habits decide over the steps of one training. */
function habitsChart([run, steps]: readonly [run: string, steps: Group], i: number, isNamed: boolean): Chart {
  const rising = [...steps].sort((a, b) => a.step! - b.step!);
  return {
    id: `acuity-habits-${rising[0]!.axis}-${i}`,
    caption: `During training: response bias${isNamed ? ` in ${run}` : ''}`,
    kind: 'line',
    x: { label: 'step' },
    y: { label: 'share of the answers, %', range: [-100, 100] },
    series: Object.keys(rising[0]!.leanings).map((name) => ({
      name: habitEnds(rising[0]!.axis, name),
      points: rising.flatMap(({ step, leanings }) => {
        const { value = null, interval } = leanings[name] ?? {};
        if (value === null) return [];
        const ends = interval?.map((end) => 100 * end) as [number, number] | undefined;
        return [{ x: step!, y: 100 * value, ...(ends && { interval: ends }) }];
      }),
    })),
    notes: ['Above 0: towards the first answer; below 0: towards the second.'],
    inTables: true,
  };
}

/** By how much habits shift what is seen, over the steps of one training. */
function shiftsChart(
  axis: AcuityAxis,
  [run, steps]: readonly [run: string, steps: Group],
  i: number,
  isNamed: boolean,
): Chart {
  const rising = [...steps].sort((a, b) => a.step! - b.step!);
  const names = [...new Set(rising.flatMap(({ all }) => Object.keys(all.habits)))];
  return {
    id: `acuity-shifts-${axis}-${i}`,
    caption: `During training: PSE shift${isNamed ? ` in ${run}` : ''}`,
    kind: 'line',
    x: { label: 'step' },
    y: { label: `PSE shift, ${unitText(axis)}` },
    series: names.map((name) => ({
      name: habitEnds(axis, name),
      points: rising.flatMap((record) => {
        const { value, interval } = isTrusted(record)
          ? estimateCell(axis, record.all.habits[name]?.shift ?? null)
          : NONE;
        return value === undefined ? [] : [{ x: record.step!, y: value, ...(interval && { interval }) }];
      }),
    })),
    notes: ['Above 0: towards the first answer; below 0: towards the second.'],
    inTables: true,
  };
}
