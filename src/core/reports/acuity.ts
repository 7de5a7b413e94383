import { fixed } from '../labels.ts';
import { groupBy } from '../metrics/scored-row.ts';
import { differenceOf, isTrusted } from '../psychophysics/measure.ts';
import {
  ACUITY_KIND,
  type AcuityRecord,
  type AnyAcuityRecord,
  type Curve,
  MAP_KIND,
  subjectOf,
} from '../psychophysics/record.ts';
import {
  acuitySentence,
  bandToDraw,
  habitEnds,
  leaningsText,
  percentOf,
  verdictText,
} from '../psychophysics/text.ts';
import { AXIS_WORDS, type AcuityAxis, inPrinted, unitText } from '../worlds/acuity/words.ts';
import { exponentCell, mapSection, metresSection, shareCell, turnSection } from './acuity-other.ts';
import { counted, countCell, left, NONE, right, withoutEmpty } from './cells.ts';
import type { Cell, Chart, ReportDocument, Section, Series, Table } from './document.ts';

/** A record, with the key by which the answers behind its points can be opened. */
export type ShownRecord = AnyAcuityRecord & { key?: string };
type Shown = AcuityRecord & { key?: string };

/** How finely models see: for each axis, their figures side by side, their curves, and how they came about. */
export function acuityDocument(records: readonly ShownRecord[], title: string): ReportDocument {
  const groups = [...groupBy(records, subjectOf)];
  const hasCurve = records.some(({ kind }) => kind === ACUITY_KIND);
  const models = new Set(records.map(({ model }) => model)).size;
  return {
    title,
    lead: [
      `${counted(models, 'model')}, asked about scenes with one controlled difference.${hasCurve ? ` ${OF_CURVES}` : ''} Intervals are 95 %, for other scenes of the same kind.`,
    ],
    sections: [
      ...(groups.length > 1 ? [overview(groups)] : []),
      ...groups.map(([subject, group], g) => sectionAbout(group, subject, g)),
    ],
  };
}

/** Models by what they were asked about: the one figure of each. */
function overview(groups: readonly (readonly [subject: string, group: readonly ShownRecord[]])[]): Section {
  const models = [...new Set(groups.flatMap(([, group]) => group.map(({ model }) => model)))];
  const table: Table = {
    id: 'acuity-overview-table',
    caption: 'Models by what they were asked about',
    columns: [left('model'), ...groups.map(([subject, [one]]) => right(`${subject}: ${figureOf(one!)}`))],
    rows: models.map((model) => ({
      origin: 'own',
      cells: [
        { text: model },
        // Of results about other scenes, the last.
        ...groups.map(([, group]) => overviewCell(group.findLast((one) => one.model === model))),
      ],
    })),
    notes: [],
  };
  return { id: 'acuity-overview', title: 'Overview', text: [], tables: [table], charts: [] };
}

function figureOf(one: ShownRecord): string {
  if (one.kind === ACUITY_KIND) return `threshold, ${unitText(one.axis)}`;
  return one.kind === 'chirality-acuity-metres' ? 'exponent' : 'right answers, %';
}

function overviewCell(one: ShownRecord | undefined): Cell {
  if (!one) return NONE;
  if (!isTrusted(one)) return { text: 'not to be trusted' };
  switch (one.kind) {
    case ACUITY_KIND:
      return isMeasured(one.all) ? estimateCell(one.axis, one.all.threshold) : { text: verdictText(one) };
    case 'chirality-acuity-metres':
      return exponentCell(one);
    default:
      return shareCell(one.all);
  }
}

const OF_CURVES =
  'Threshold: half the distance between the 25 % and the 75 % point of the curve. Bias: how much farther the answers go over to one side than the truth. Lapses: how often plain differences are missed.';

/** @param group records of one subject */
function sectionAbout(group: readonly ShownRecord[], subject: string, g: number): Section {
  const of = <K extends AnyAcuityRecord['kind']>(kind: K) =>
    group.filter((one): one is Extract<ShownRecord, { kind: K }> => one.kind === kind);
  switch (group[0]!.kind) {
    case ACUITY_KIND:
      return axisSection(of(ACUITY_KIND), g);
    case 'chirality-acuity-turn':
      return turnSection(of('chirality-acuity-turn'), g);
    case 'chirality-acuity-metres':
      return metresSection(of('chirality-acuity-metres'), g);
    case MAP_KIND:
      return mapSection(of(MAP_KIND), subject, g);
  }
}

/** Results about one axis. */
type Group = readonly Shown[];

function axisSection(group: Group, g: number): Section {
  const { axis } = group[0]!;
  const trainings = [...groupBy(group, ({ run }) => run ?? '')].filter(
    ([run, steps]) => run !== '' && new Set(steps.map(({ step }) => step)).size > 1,
  );
  // Of a training, the last checkpoint is compared with other models; the others have curves over steps.
  const shown = group.filter(({ run, step }) =>
    trainings.every(([name, steps]) => name !== run || step === Math.max(...steps.map((one) => one.step!))),
  );
  return {
    id: `${axis}-${g}`,
    title: axis,
    text: shown.map(acuitySentence),
    tables: [figuresTable(group, g, scenesLines(shown)), ...differencesTable(shown, g)],
    charts: [
      ...(shown.length === 1 ? [viewsChart(shown[0]!, g)] : modelCharts(shown, g)),
      ...shown.filter(({ heard }) => heard !== null).map((one, i) => wordsChart(one, `${g}-${i}`)),
      ...shown.flatMap((one, i) => facingChart(one, `${g}-${i}`)),
      ...bearingsChart(shown, g),
      ...leaningsChart(shown, g),
      ...(trainings.length > 0 ? trainingCharts(axis, trainings, g) : []),
    ],
  };
}

/** Which scenes were shown; where not all saw the same ones, to whom. */
function scenesLines(group: Group): string[] {
  const sets = [...groupBy(group, ({ rows_sha256 }) => rows_sha256).values()];
  return sets.map((set) => {
    const { plan, scenes: asked } = set[0]!;
    const { size, seed } = plan;
    const scenes = `${counted(asked.length, 'scene')} of ${size.w} × ${size.h} pixels, seed ${seed}`;
    return sets.length > 1 ? `${scenes}: ${set.map(({ model }) => model).join(', ')}.` : `${scenes}.`;
  });
}

/** An estimate in the axis's printed unit. @param turn −1 to print the opposite */
function estimateCell(axis: AcuityAxis, estimate: Curve['bias'], turn: 1 | -1 = 1): Cell {
  if (!estimate) return NONE;
  const inUnit = (x: number) => inPrinted(axis, turn * x);
  const value = inUnit(estimate.mean);
  const [low, high] = estimate.interval.map(inUnit).sort((a, b) => a - b) as [number, number];
  return { text: fixed(value, 1), value, interval: [low, high] };
}

const lapseCell = (lapse: Curve['lapse']): Cell => {
  if (!lapse) return NONE;
  const [low, high] = lapse.interval;
  return { text: fixed(100 * lapse.mean, 1), value: 100 * lapse.mean, interval: [100 * low, 100 * high] };
};

/** Whether bias, threshold and lapses of a curve mean what they say. */
const isMeasured = ({ verdict }: Curve): boolean => verdict === 'measured' || verdict === 'inverted';

function figuresTable(group: Group, g: number, notes: string[]): Table {
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
function differencesTable(group: Group, g: number): Table[] {
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

function curveChart(id: string, caption: string, of: readonly AcuityRecord[], series: Series[]): Chart {
  const [first] = of as [AcuityRecord];
  const { axis } = first;
  const { positive } = AXIS_WORDS[axis];
  // Pictures of another size, or other scenes, have another width in pixels, or mean distance in metres.
  const percent = of.every((one) => percentOf(one) === percentOf(first)) ? percentOf(first) : '';
  return {
    id,
    caption,
    kind: 'scatter',
    x: { label: `difference towards ${positive}, ${unitText(axis).replace('percent', '%')}${percent}` },
    y: { label: `answers that claim ${positive}, %`, range: [0, 100] },
    series,
    notes: [],
  };
}

/** A mirror turns sides around; its curve is drawn by the original's x, so that a model that sees has one curve. */
function viewsChart(one: Shown, g: number): Chart {
  const { model, conditions } = one;
  const series = Object.entries(conditions.view).map(([view, curve]) => curveSeries(view, one, curve, view));
  return curveChart(`acuity-views-${g}`, `Answers of ${model} by the true difference`, [one], series);
}

/** Of a model that hears one word whatever is asked: the curve of the other word falls. */
function wordsChart(one: AcuityRecord, id: string): Chart {
  const { axis, model, conditions } = one;
  const series = Object.entries(conditions.word).map(([word, curve]) =>
    curveSeries(`asked “${word}”`, { axis }, curve),
  );
  return curveChart(`acuity-words-${id}`, `Answers of ${model} by the word that is asked`, [one], series);
}

/** Of somebody's own side: the curve where they look away as the viewer does, and where they face the viewer. */
function facingChart(one: AcuityRecord, id: string): Chart[] {
  const { axis, model, conditions } = one;
  const series = Object.entries(conditions.facing ?? {}).map(([way, curve]) =>
    curveSeries(way, { axis }, curve),
  );
  if (series.length === 0) return [];
  return [curveChart(`acuity-facing-${id}`, `Answers of ${model} by where the solid looks`, [one], series)];
}

/** Of somebody's own side: right answers all around. */
function bearingsChart(group: Group, g: number): Chart[] {
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
      caption: 'Right answers all around the solid whose own side is asked for',
      kind: 'polar',
      x: { label: 'direction from its front to its own right, degrees' },
      y: { label: 'right answers, %', range: [0, 100] },
      series,
      notes: ['Up is its front, to the right its own right. The outer ring is 100 %, the inner one 50 %.'],
    },
  ];
}

/** Which share of the answers each habit decides. */
function leaningsChart(group: Group, g: number): Chart[] {
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
      caption: 'What a habit decides, whatever is seen',
      kind: 'bars',
      x: { label: 'habit' },
      y: { label: 'share of the answers, %', range: [-100, 100] },
      series,
      notes: ['Above 0: the habit named first; below 0: the second.'],
      inTables: true,
    },
  ];
}

/** As many curves as can be told apart in one picture. */
const CURVES = 6;

function modelCharts(group: Group, g: number): Chart[] {
  const parts = Array.from({ length: Math.ceil(group.length / CURVES) }, (_, i) =>
    group.slice(i * CURVES, (i + 1) * CURVES),
  );
  return parts.map((part, i) => {
    const name = `Answers by the true difference${parts.length > 1 ? `, ${i + 1} of ${parts.length}` : ''}`;
    const series = part.map((one) => curveSeries(one.model, one, one.all));
    return curveChart(`acuity-curves-${g}-${i}`, name, part, series);
  });
}

/** Threshold, bias and lapses over the steps of trainings. A checkpoint without a threshold has no point. */
function trainingCharts(
  axis: AcuityAxis,
  trainings: readonly [run: string, steps: Group][],
  g: number,
): Chart[] {
  const { positive } = AXIS_WORDS[axis];
  const chart = (key: string, label: string, cellOf: (curve: Curve) => Cell): Chart => ({
    id: `acuity-${key}-${g}`,
    caption: `Through training: ${key}`,
    kind: 'line',
    x: { label: 'step' },
    y: { label },
    series: trainings.map(([run, steps]) => ({
      name: run,
      points: [...steps]
        .sort((a, b) => a.step! - b.step!)
        .flatMap((one) => {
          const curve = heardCurve(one);
          const { value, interval } = isMeasured(curve) && isTrusted(one) ? cellOf(curve) : NONE;
          return value === undefined ? [] : [{ x: one.step!, y: value, ...(interval && { interval }) }];
        }),
    })),
    notes: [
      'A checkpoint without a threshold at these levels has no point.',
      ...(trainings.some(([, steps]) => steps.some(({ heard }) => heard !== null))
        ? ['Where one word is heard whatever is asked: of the questions that ask for it.']
        : []),
    ],
    inTables: true,
  });
  return [
    ...trainings.map((training, i) => habitsChart(training, i, trainings.length > 1)),
    chart('threshold', `threshold, ${unitText(axis)}`, ({ threshold }) => estimateCell(axis, threshold)),
    chart('bias', `bias towards ${positive}, ${unitText(axis)}`, ({ bias }) => estimateCell(axis, bias, -1)),
    chart('lapses', 'lapses, %', ({ lapse }) => lapseCell(lapse)),
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
    caption: `Through training: what habits decide${isNamed ? ` in ${run}` : ''}`,
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
    notes: ['Above 0: the habit named first; below 0: the second.'],
    inTables: true,
  };
}
