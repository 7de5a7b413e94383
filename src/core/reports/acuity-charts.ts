import { isTrusted } from '../psychophysics/measure.ts';
import type { AcuityRecord, Curve } from '../psychophysics/acuity-record.ts';
import { bandToDraw, habitEnds, onePercent } from '../psychophysics/text.ts';
import { AXIS_WORDS, type AcuityAxis, inPrinted, unitText } from '../worlds/acuity/acuity-axes.ts';
import { shareCell } from './acuity-other.ts';
import { estimateCell, isMeasured, lapseCell, leaningCell, type Shown } from './acuity-tables.ts';
import { NONE } from './cells.ts';
import { chartOf, pointOf, type Axis, type Cell, type Chart, type Series } from './document.ts';

export type Group = readonly Shown<AcuityRecord>[];

/** Returns curve and points of one condition: the share of answers for the positive pole, by true difference. */
function curveSeries(
  name: string,
  { axis, key }: Pick<Shown<AcuityRecord>, 'axis' | 'key'>,
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
  // Records with other image sizes or scenes have other pixel sizes, or other mean distances in metres.
  const percent = records.every((record) => onePercent(record) === onePercent(first))
    ? onePercent(first)
    : '';
  return chartOf(
    'scatter',
    id,
    caption,
    `difference towards ${positive}, ${unitText(axis).replace('percent', '%')}${percent}`,
    { label: `answers claiming ${positive}, %`, range: [0, 100] },
    series,
    { notes: [OF_LEANS] },
  );
}

/** Explanation of why the curve over all questions shows no response bias. */
const OF_LEANS =
  'Every scene has questions in opposite forms, so a response bias counts equally for both sides. The bias flattens the curve towards 50% and does not move it. The threshold excludes bias and lapses, so the curve reaches 75% only at a larger difference.';

/** Draws one curve per view. The mirror's x axis is the original's, so that perception gives a single curve. */
export function viewsChart(record: Shown<AcuityRecord>, g: number): Chart {
  const { model, conditions } = record;
  const series = Object.entries(conditions.view).map(([view, curve]) =>
    curveSeries(view, record, curve, view),
  );
  return curveChart(`acuity-views-${g}`, `Answers of ${model} by the true difference`, [record], series);
}

/** Draws one curve per word in the question. For a model that ignores the word, one of the curves is reversed. */
export function wordsChart(record: AcuityRecord, id: string): Chart {
  const { axis, model, conditions } = record;
  const series = Object.entries(conditions.word).map(([word, curve]) =>
    curveSeries(`question: “${word}”`, { axis }, curve),
  );
  return curveChart(`acuity-words-${id}`, `Answers of ${model} by relation word`, [record], series);
}

/** Draws the curves for an object's own side: for objects that face away, like the viewer, and that face the viewer. */
export function facingChart(record: AcuityRecord, id: string): Chart[] {
  const { axis, model, conditions } = record;
  const series = Object.entries(conditions.facing ?? {}).map(([way, curve]) =>
    curveSeries(way, { axis }, curve),
  );
  if (series.length === 0) return [];
  return [curveChart(`acuity-facing-${id}`, `Answers of ${model} by facing direction`, [record], series)];
}

/** Draws the accuracy on an object's own side by bearing. */
export function bearingsChart(group: Group, g: number): Chart[] {
  const series = group.flatMap(({ model, bearings = [] }) => ({
    name: model,
    points: bearings.flatMap(({ degrees, ...share }) => pointOf(shareCell(share), { x: degrees })),
  }));
  if (series.every(({ points }) => points.length === 0)) return [];
  return [
    chartOf(
      'line',
      `acuity-bearings-${g}`,
      'Correct answers by direction from the reference object',
      { label: 'direction clockwise from the front, degrees', range: [-180, 180] },
      { label: 'correct answers, %', range: [0, 100] },
      series,
    ),
  ];
}

/** Draws the share of answers that each response bias determines. */
export function leaningsChart(group: Group, g: number): Chart[] {
  const names = [...new Set(group.flatMap(({ leanings }) => Object.keys(leanings)))];
  const series = group.map(({ model, axis, leanings }) => ({
    name: model,
    points: names.flatMap((name, x) =>
      pointOf(leaningCell(leanings[name]), { x, label: habitEnds(axis, name) }),
    ),
  }));
  if (series.every(({ points }) => points.length === 0)) return [];
  const notes = [
    'Share of answers given regardless of the image. Values above 0 show a bias towards the first answer, values below 0 towards the second answer. An interval that contains 0 shows no bias.',
  ];
  const more = { notes, inTables: true } as const;
  const id = `acuity-leanings-${g}`;
  return [chartOf('bars', id, 'Response bias', 'preferred answer', LEANINGS, series, more)];
}

const LEANINGS: Axis = { label: 'share of answers, %', range: [-100, 100] };

/** Maximum number of curves that readers can distinguish in one chart. */
const CURVES = 6;

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

/** Draws threshold, PSE shift and lapse rate by training step. A checkpoint without a threshold has no point. */
export function trainingCharts(
  axis: AcuityAxis,
  trainings: readonly [run: string, steps: Group][],
  g: number,
): Chart[] {
  const heard = trainings.some(([, steps]) => steps.some((record) => record.heard !== null));
  const notes = [
    'Checkpoints without a threshold at these levels have no point.',
    ...(heard
      ? ['For models that assume one word in every question, only questions with this word count.']
      : []),
  ];
  const chart = (key: string, label: string, cellOf: (curve: Curve) => Cell): Chart => {
    const series = trainings.map(([name, steps]) =>
      overSteps(name, steps, (record) => {
        const curve = heardCurve(record);
        return isMeasured(curve) && isTrusted(record) ? cellOf(curve) : NONE;
      }),
    );
    return stepsChart(`acuity-${key}-${g}`, key, label, series, notes);
  };
  /** Draws one chart per run, with one curve for each response bias. */
  const ofHabits = (
    key: string,
    what: string,
    y: string | Axis,
    namesOf: (record: AcuityRecord) => string[],
    cellOf: (record: AcuityRecord, name: string) => Cell,
  ) =>
    trainings.map(([run, steps], i) => {
      const names = [...new Set(inOrder(steps).flatMap(namesOf))];
      const series = names.map((name) =>
        overSteps(habitEnds(axis, name), steps, (record) => cellOf(record, name)),
      );
      const caption = `${what}${trainings.length > 1 ? ` in ${run}` : ''}`;
      return stepsChart(`acuity-${key}-${axis}-${i}`, caption, y, series, [OF_SIGNS]);
    });
  return [
    ...ofHabits(
      'habits',
      'response bias',
      LEANINGS,
      ({ leanings }) => Object.keys(leanings),
      ({ leanings }, name) => leaningCell(leanings[name]),
    ),
    chart('threshold', `threshold, ${unitText(axis)}`, ({ threshold }) => estimateCell(axis, threshold)),
    ...ofHabits(
      'shifts',
      'PSE shift',
      `PSE shift, ${unitText(axis)}`,
      ({ all }) => Object.keys(all.habits),
      (record, name) =>
        isTrusted(record) ? estimateCell(axis, record.all.habits[name]?.shift ?? null) : NONE,
    ),
    chart('lapses', 'lapse rate, %', ({ lapse }) => lapseCell(lapse)),
  ].filter(({ series }) => series.some(({ points }) => points.length > 0));
}

const OF_SIGNS = 'Values above 0 show a bias to the first answer, values below 0 to the second.';

const inOrder = (steps: Group) => [...steps].sort((a, b) => a.step! - b.step!);

const overSteps = (name: string, steps: Group, cellOf: (record: AcuityRecord) => Cell): Series => ({
  name,
  points: inOrder(steps).flatMap((record) => pointOf(cellOf(record), { x: record.step! })),
});

const stepsChart = (id: string, what: string, y: string | Axis, series: Series[], notes: string[]): Chart =>
  chartOf('line', id, `During training: ${what}`, 'step', y, series, { notes, inTables: true });

/** Returns the curve with the threshold. If the model uses only one word, this is the curve for that word. */
const heardCurve = ({ all, heard, conditions }: AcuityRecord): Curve =>
  heard === null ? all : conditions.word[heard]!;
