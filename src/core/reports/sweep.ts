import type { Random } from '../random.ts';
import { figureName, isLowerBetter, unitOf, type FigureValue } from '../sweeps/figure.ts';
import type { SweepPlan } from '../sweeps/plan.ts';
import { compareArms, compareTwo, ranked, type Arm, type ArmResult } from '../sweeps/results.ts';
import { withBest, type Cell, type ReportDocument, type Section, type Table } from './document.ts';
import { fixed, NONE } from './cells.ts';
import { pCell, textCell } from './sweep-cells.ts';
import { curveCharts } from './sweep-charts.ts';
import { costSection, penaltySection, samplingSection } from './sweep-training.ts';

type Figure = SweepPlan['compare'];

/** What a run of a cell has to say. */
export interface SweepRun {
  cell: string;
  seed: number;
  /** How it ended, or what it is doing; null before it has begun. */
  status: string | null;
  message: string;
  steps: number;
  /** η where the views are coupled; null for other runs. */
  eta: number | null;
  /** Evaluations in order of their steps, each with the rows of every compared figure. */
  evaluations: { step: number; values: FigureValue[][] }[];
  /** Rows of metrics.jsonl. */
  metrics: ({ step: number } & Record<string, number | null>)[];
  /** Weights that are trained; null before the run has opened its model. */
  trainable: number | null;
  /** Of each step, in seconds. */
  seconds: number[];
  /** Standard deviation of the rewards of each traced group. */
  spreads: number[];
}

/** The comparison of a sweep, of the runs that have come so far. @param runs those of cells, in the order of the plan. */
export function sweepReport(
  name: string,
  plan: SweepPlan,
  runs: readonly SweepRun[],
  random: Random,
): ReportDocument {
  const figures = [plan.compare, ...plan.also];
  const results = figures.map((figure, f) => compareArms(armsOf(plan, runs, f), figure, random.fork(f)));
  return {
    title: name,
    lead: [
      ...plan.about.split(/\n\s*\n/).map((text) => text.replace(/\s+/g, ' ').trim()),
      ...winner(plan, runs, results[0]!, random),
    ].filter(Boolean),
    sections: [
      comparisonSection(figures, results),
      ...penaltySection(plan, runs),
      ...samplingSection(plan, runs),
      ...curvesSection(plan, figures, runs),
      ...costSection(plan, runs),
      ...unfinishedSection(runs),
    ],
  };
}

/** The cells, each with what its runs say of a figure at the compared step or steps. */
function armsOf({ cells, at_steps }: SweepPlan, runs: readonly SweepRun[], f: number): Arm[] {
  return cells.flatMap((cell) => {
    const own = runs.filter((run) => run.cell === cell);
    const at = (stepOf: (run: SweepRun) => number) =>
      own.flatMap((run) => {
        const values = run.evaluations.find(({ step }) => step === stepOf(run))?.values[f] ?? [];
        return values.length > 0 ? [{ seed: run.seed, values }] : [];
      });
    if (!at_steps) return [{ name: cell, seeds: at((run) => run.steps) }];
    return at_steps.map((step) => ({
      name: cells.length > 1 ? `${cell}, step ${step}` : `step ${step}`,
      seeds: at(() => step),
    }));
  });
}

/** A value in the unit that is printed: shares times 100. */
const scaleOf = (figure: Figure): number => (unitOf(figure) === 'share' ? 100 : 1);

function figureCell(
  figure: Figure,
  found: { mean: number; interval?: [number, number] } | null,
  [low, high]: readonly [number, number] = [-Infinity, Infinity],
): Cell {
  if (!found) return NONE;
  const scale = scaleOf(figure);
  const value = scale * found.mean;
  const { interval } = found;
  return {
    text: fixed(value, 1),
    value,
    ...(interval && {
      interval: [scale * Math.max(low, interval[0]), scale * Math.min(high, interval[1])],
    }),
  };
}

/** What a figure can be: the interval of few seeds reaches beyond. */
const rangeOf = (figure: Figure): readonly [number, number] =>
  unitOf(figure) === 'share' ? [0, 1] : [0, Infinity];

/** Which arm is best, and whether it can be told from the next one. */
function winner(
  plan: SweepPlan,
  runs: readonly SweepRun[],
  results: readonly ArmResult[],
  random: Random,
): string[] {
  const order = ranked(results, plan.compare);
  if (!order) return ['There is nothing to compare yet.'];
  const [best, next] = order;
  const arms = armsOf(plan, runs, 0);
  const armNamed = (wanted: string) => arms.find(({ name }) => name === wanted)!;
  const scale = scaleOf(plan.compare);
  const range = (interval: [number, number] | undefined, [low, high] = [-Infinity, Infinity]) =>
    interval
      ? ` (${interval.map((end) => fixed(scale * Math.min(high!, Math.max(low!, end)), 1)).join(' – ')})`
      : '';
  const lead = compareTwo(armNamed(next.name), armNamed(best.name), plan.compare, random.fork(0));
  const isTold = ({ interval }: { interval?: [number, number] }) =>
    interval !== undefined && (interval[0] > 0 || interval[1] < 0);
  const said = lead?.bySeed ?? { ...lead?.byRow, mean: lead?.byRow.difference ?? 0 };
  return [
    `Best by ${figureName(plan.compare)}: ${best.name} with ${fixed(scale * best.figure!.mean, 1)}${range(best.figure!.interval, [...rangeOf(plan.compare)])}, ` +
      `over ${seedsText(best.figure!)}. ` +
      `The next, ${next.name}, is ${fixed(scale * Math.abs(said.mean), 1)} points behind${range(absolute(said.interval))}: ` +
      `${isTold(said) ? 'they are told apart' : `they are not told apart ${lead?.bySeed ? 'by these seeds' : 'by these rows'}`}.`,
  ];
}

/** How many, and whose interval it is: seeds that agree have none of their own. */
function seedsText({ n, p }: NonNullable<ArmResult['figure']>): string {
  if (n === 1) return '1 seed: the interval is that of its rows';
  return p === undefined ? `${n} seeds, which agree: the interval is that of their rows` : `${n} seeds`;
}

/** An interval turned so that its middle is above 0. */
const absolute = (interval: [number, number] | undefined): [number, number] | undefined =>
  interval && interval[0] + interval[1] < 0 ? [-interval[1], -interval[0]] : interval;

function comparisonSection(figures: readonly Figure[], results: readonly (readonly ArmResult[])[]): Section {
  const names = results[0]!.map(({ name }) => name);
  const chances = figures.flatMap((figure, f) => {
    const chance = results[f]!.find((result) => result.figure !== null)?.chance;
    return chance == null ? [] : `${figureName(figure)} ${fixed(scaleOf(figure) * chance, 1)}`;
  });
  const table: Table = {
    id: 'cells',
    caption: 'Cells',
    columns: [
      { title: 'cell', align: 'left' },
      { title: 'seeds', align: 'right' },
      ...figures.flatMap((figure) => [
        {
          title: figureName(figure),
          align: 'right' as const,
          better: isLowerBetter(figure) ? ('lower' as const) : ('higher' as const),
        },
        { title: 'unparsed %', align: 'right' as const },
      ]),
    ],
    rows: names.map((name, i) => ({
      cells: [
        textCell(name),
        { text: String(results[0]![i]!.figure?.n ?? 0), value: results[0]![i]!.figure?.n ?? 0 },
        ...figures.flatMap((figure, f) => {
          const result = results[f]![i]!;
          return [
            figureCell(figure, result.figure, rangeOf(figure)),
            result.figure === null || result.unparsed === null
              ? NONE
              : { text: fixed(100 * result.unparsed, 1), value: 100 * result.unparsed },
          ];
        }),
      ],
      key: name,
    })),
    notes: [
      results[0]!.some(({ figure }) => figure && figure.n > 1)
        ? 'Means over seeds; 95 % intervals by Student’s t over seeds, which says how far another seed may fall, or of the rows where all seeds agree.'
        : 'One seed: 95 % intervals are those of the rows, and say nothing of another seed.',
      ...(chances.length > 0 ? [`Chance: ${chances.join(', ')}.`] : []),
    ],
  };
  return {
    id: 'comparison',
    title: 'Comparison',
    text: [],
    tables: [withBest(table), ...figures.map((figure, f) => againstTable(figure, results[f]!, f))],
    charts: [],
  };
}

function againstTable(figure: Figure, results: readonly ArmResult[], f: number): Table {
  const first = results[0]!.name;
  return {
    id: `against-${f + 1}`,
    caption: `Against ${first}: ${figureName(figure)}`,
    columns: [
      { title: 'cell', align: 'left' },
      { title: 'difference by seed', align: 'right', note: 'Runs with the same seed, Student’s t.' },
      { title: 'p', align: 'right' },
      {
        title: 'difference by row',
        align: 'right',
        note: 'The same rows in runs with the same seed; interval and permutation test resample images. It holds for these runs, not for other seeds.',
      },
      { title: 'p by row', align: 'right' },
      { title: 'only the first right', align: 'right' },
      { title: 'only this right', align: 'right' },
      { title: 'McNemar p', align: 'right', note: 'Exact; rows of all seeds together.' },
    ],
    rows: results.slice(1).map(({ name, against }) => {
      const { bySeed = null, byRow } = against ?? {};
      const count = (value: number | undefined): Cell =>
        value === undefined ? NONE : { text: String(value), value };
      const row = byRow?.difference == null ? null : { ...byRow, mean: byRow.difference };
      return {
        cells: [
          textCell(name),
          figureCell(figure, bySeed),
          pCell(bySeed?.p),
          figureCell(figure, row),
          pCell(byRow?.p),
          count(byRow?.mcnemar?.only_first),
          count(byRow?.mcnemar?.only_second),
          pCell(byRow?.mcnemar?.p),
        ],
        key: name,
      };
    }),
    notes: [],
  };
}

function curvesSection(plan: SweepPlan, figures: readonly Figure[], runs: readonly SweepRun[]): Section[] {
  const charts = curveCharts(
    plan.cells,
    runs,
    figures.map((figure) => ({ name: figureName(figure), scale: scaleOf(figure) })),
  );
  if (charts.length === 0) return [];
  return [{ id: 'curves', title: 'Learning curves', text: [], tables: [], charts }];
}

function unfinishedSection(runs: readonly SweepRun[]): Section[] {
  const open = runs.filter(({ status }) => status !== 'finished');
  if (open.length === 0) return [];
  const table: Table = {
    id: 'unfinished',
    caption: 'Runs that are not finished',
    columns: ['cell', 'seed', 'status', 'what happened'].map((title) => ({ title, align: 'left' })),
    rows: open.map(({ cell, seed, status, message }) => ({
      cells: [cell, String(seed), status ?? 'waiting', message].map(textCell),
    })),
    notes: [],
  };
  const text = 'The figures above are of the runs that have come so far.';
  return [{ id: 'unfinished', title: 'Not finished', text: [text], tables: [table], charts: [] }];
}
