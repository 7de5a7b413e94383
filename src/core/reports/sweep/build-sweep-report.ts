import { fixed, several } from '../../../base/format.ts';
import { penaltySection, samplingSection, costSection } from './training-sections.ts';
import type { Figure } from '../../config/sweep.ts';
import { groupBy } from '../../evaluation/scored-row.ts';
import { labelOf, type SweepPlan } from '../../config/sweep-plan.ts';
import {
  compareArms,
  type ArmResult,
  type OpenMean,
  type SweepRun,
  compareTwo,
  ranked,
} from './arm-results.ts';
import { besideText, section, tableOf, words, type ReportDocument, type Section } from '../document.ts';
import { withSharedAxes } from '../drawing.ts';
import {
  scaleOf,
  titleOf,
  type NamedArm,
  figureCell,
  figureName,
  unitOf,
  rangeOf,
  unitText,
} from './figure.ts';
import { curveCharts, curvesText } from './sweep-charts.ts';
import { figuresSection, contrastsSection, testsSection } from './comparison.ts';
import type { SeedMean } from '../../metrics/statistics.ts';
import { isFailedStatus } from '../../run-data/run-status.ts';
import { isLowerBetter } from '../../metrics/metric.ts';
import { floorSentences } from '../sections/outcome-section.ts';

/**
 * Returns the report that compares the conditions of a sweep, from the runs that are already available. @param runs
 * runs of the conditions, in the order of the plan
 */
export function sweepReport(name: string, plan: SweepPlan, runs: readonly SweepRun[]): ReportDocument {
  const figures = [plan.compare, ...plan.also];
  const arms = figures.map((_, f) => armsOf(plan, runs, f));
  const results = figures.map((figure, f) => compareArms(arms[f]!, figure));
  const training = [
    ...penaltySection(plan, runs),
    ...samplingSection(plan, runs),
    ...curvesSection(plan, figures, runs),
    ...costSection(plan, runs),
  ];
  const sections = plan.show.flatMap((id) => training.filter((section) => section.id === id));
  return withSharedAxes({
    title: name,
    lead: [
      ...signatureTexts(plan, runs),
      standingText(plan, runs),
      ...plan.about.split(/\n\s*\n/).map((text) => text.replace(/\s+/g, ' ').trim()),
      winnerText(plan, runs, arms[0]!),
    ].filter(Boolean),
    sections: [
      figuresSection(plan, figures, arms[0]!, results, isComplete(runs)),
      ...contrastsSection(plan, figures, arms),
      ...sections,
      ...testsSection(figures, arms[0]!, results),
      ...training.filter((section) => !sections.includes(section)),
      ...unfinishedSection(plan, runs),
      ...leftOutSection(runs),
    ],
  });
}

/** Returns the results of each condition by the compared metric at the compared step, for other programs. */
export const comparedCells = (
  plan: SweepPlan,
  runs: readonly SweepRun[],
): { figure: string; cells: ArmResult[] } => ({
  figure: figureName(plan.compare),
  cells: compareArms(armsOf(plan, runs, 0), plan.compare),
});

/** Returns the conditions with the values of a metric in each run, at the compared steps. */
function armsOf(plan: SweepPlan, runs: readonly SweepRun[], f: number): NamedArm[] {
  const { cells, at_steps } = plan;
  return cells.flatMap((cell): NamedArm[] => {
    const ofCell = runs.filter((run) => run.cell === cell);
    const label = labelOf(plan, cell);
    const valuesAt = (stepOf: (run: SweepRun) => number) =>
      ofCell.flatMap((run) => {
        const values = run.evaluations.find(({ step }) => step === stepOf(run))?.values[f] ?? [];
        return values.length > 0 ? [{ seed: run.seed, values }] : [];
      });
    if (!at_steps)
      return [{ name: cell, label, key: cell, cell, step: null, seeds: valuesAt((run) => run.steps) }];
    const isAlone = cells.length === 1;
    return at_steps.map((step) => ({
      name: `${cell}, step ${step}`,
      label: isAlone ? `step ${step}` : `${label}, step ${step}`,
      key: isAlone ? String(step) : cell,
      cell,
      step,
      seeds: valuesAt(() => step),
    }));
  });
}

function curvesSection(plan: SweepPlan, figures: readonly Figure[], runs: readonly SweepRun[]): Section[] {
  const charts = curveCharts(
    plan,
    runs,
    figures.map((figure) => ({ name: titleOf(figure), scale: scaleOf(figure) })),
  );
  if (charts.length === 0) return [];
  return [section('curves', 'Learning curves', curvesText(charts, runs), [], charts)];
}

function unfinishedSection(plan: SweepPlan, runs: readonly SweepRun[]): Section[] {
  const open = runs.filter(({ status }) => status !== 'finished');
  if (open.length === 0) return [];
  const table = tableOf('unfinished', 'Runs without a result', open, [
    words('condition', ({ cell }) => labelOf(plan, cell)),
    words('seed', ({ seed }) => String(seed)),
    words('status', ({ status }) => status ?? 'waiting'),
    words('message', ({ message }) => message),
  ]);
  const text = 'The values in this report cover only the results so far.';
  return [section('unfinished', 'Unfinished runs', [text], [table])];
}

const NAMED = 5;

function leftOutSection(runs: readonly SweepRun[]): Section[] {
  const all = runs.flatMap(({ leftOut }) => leftOut);
  if (all.length === 0) return [];
  const more = all.length > NAMED ? [`${all.length - NAMED} more lines are not listed.`] : [];
  const text = ['All values in this report exclude these unreadable lines.', ...all.slice(0, NAMED), ...more];
  return [section('left-out', 'Excluded lines', text)];
}

const isComplete = (runs: readonly SweepRun[]): boolean =>
  runs.length > 0 && runs.every(({ status }) => status === 'finished');

function standingText({ cells, seeds, at_steps }: SweepPlan, runs: readonly SweepRun[]): string {
  const finished = runs.filter(({ status }) => status === 'finished').length;
  const failed = runs.filter(({ status }) => status !== null && isFailedStatus(status)).length;
  const grid = [
    ...(cells.length > 1 || !at_steps ? [several(cells.length, 'condition')] : []),
    ...(at_steps ? [several(at_steps.length, 'step')] : []),
    several(seeds.length, 'seed'),
  ].join(' × ');
  if (isComplete(runs))
    return `${grid}: ${runs.length === 1 ? 'the run is' : `all ${runs.length} runs`} finished.`;
  const bad = failed > 0 ? `, ${failed} failed` : '';
  return `${grid}: ${finished} of ${several(runs.length, 'run')} finished${bad}. All values are provisional.`;
}

/** Describes each failure signature by the first run with this alarm, and lists the other runs [A-29, A-45, A-46]. */
function signatureTexts(plan: SweepPlan, runs: readonly SweepRun[]): string[] {
  const failed = runs.filter(({ alarm }) => alarm);
  const nameOf = ({ cell, seed }: SweepRun) => `${labelOf(plan, cell)}, seed ${seed}`;
  return [...groupBy(failed, ({ alarm }) => alarm ?? '').values()].map(([first, ...others]) => {
    const more = others.length > 0 ? ` The same applies to ${others.map(nameOf).join('; ')}.` : '';
    return `${nameOf(first!)}: ${first!.message}${more}`;
  });
}

/** Describes the best condition and whether its lead is significant; the result is provisional if runs are missing. */
function winnerText(plan: SweepPlan, runs: readonly SweepRun[], arms: readonly NamedArm[]): string {
  const complete = isComplete(runs);
  // A finished single condition has no rival to wait for.
  if (complete && arms.length === 1) return '';
  const equal = complete ? arms : onSharedSeeds(arms);
  const order = ranked(compareArms(equal, plan.compare), plan.compare);
  if (!order) return 'No results to compare yet.';
  const [best, next] = order.map(({ name, figure }) => ({
    figure: figure!,
    arm: equal.find((arm) => arm.name === name)!,
  })) as [Ranked, Ranked];
  const { compare } = plan;
  return (
    (complete ? 'Best' : 'Provisional: some runs are unfinished. Best so far') +
    ` by ${figureName(compare)}: ${best.arm.label} with ${figureCell(compare, best.figure).text}${unitText(compare)}${rangeText(compare, best.figure, rangeOf(compare))}, over ${seedsText(best.figure)}${complete ? '' : ' that all conditions share'}. The next condition, ${next.arm.label}, ${leadText(compare, equal, best.arm, next.arm)}.` +
    floorSentences(
      // All runs have the same rows. If answers are unscored, the mean is the lower bound.
      [best, next].map(({ arm, figure: { mean, interval } }) => ({
        name: arm.label,
        low: interval?.[0] ?? mean,
        floor: runs.flatMap(({ evaluations }) =>
          evaluations.flatMap((evaluation) => evaluation.floor ?? []),
        )[0],
      })),
    )
      .map((sentence) => ` ${sentence}`)
      .join('')
  );
}

/** Describes the lead of a condition over another condition on common rows, and whether the lead is significant. */
function leadText(figure: Figure, arms: readonly NamedArm[], best: NamedArm, next: NamedArm): string {
  // Subtracts the earlier condition from the later one, as the tests do, for the same interval.
  const isLater = arms.indexOf(best) > arms.indexOf(next);
  const lead = isLater ? compareTwo(next, best, figure) : compareTwo(best, next, figure);
  if (!lead) return 'shares no rows with the best condition';
  const isGain = isLater !== isLowerBetter(figure.metric);
  const mean = isGain ? lead.mean : -lead.mean;
  const interval: [number, number] | undefined =
    lead.interval && !isGain ? [-lead.interval[1], -lead.interval[0]] : lead.interval;
  const around = { mean, ...(interval && { interval }) };
  const points = unitOf(figure) === 'share' ? ' points' : '';
  if (lead.bounds) {
    const bounds: [number, number] = isGain ? lead.bounds : [-lead.bounds[1], -lead.bounds[0]];
    const behind = `${figureCell(figure, { mean, bounds }).text}${points} behind${rangeText(figure, around)}`;
    return `is ${behind}: ${bounds[0] > 0 ? 'regardless of answers that are not scored, without a p value' : 'the order depends on answers that are not scored'}`;
  }
  const behind = `${fixed(scaleOf(figure) * mean, 1)}${points} behind${rangeText(figure, around)}`;
  const verdict =
    interval && interval[0] > 0
      ? `the difference exceeds the noise ${lead.n > 1 ? 'of these seeds' : 'of these rows, but other seeds can differ'}`
      : `the difference is within the noise of ${lead.n > 1 ? 'these seeds' : 'these rows'}`;
  return `is ${Math.abs(mean) < 1e-9 ? 'equal' : behind}: ${verdict}`;
}

/** Describes the number of seeds, and the basis of the interval: if seeds are identical, the interval of their rows. */
function seedsText({ n, p }: SeedMean): string {
  if (n === 1) return 'one seed (interval over rows)';
  return p === undefined ? `${n} identical seeds (interval over rows)` : `${n} seeds`;
}

interface Ranked {
  figure: OpenMean;
  arm: NamedArm;
}

/** Removes seeds that a condition with values lacks, because means over different seeds are not comparable. */
function onSharedSeeds(arms: readonly NamedArm[]): NamedArm[] {
  const begun = arms.filter(({ seeds }) => seeds.length > 0);
  return begun.map((arm) => ({
    ...arm,
    seeds: arm.seeds.filter(({ seed }) =>
      begun.every(({ seeds }) => seeds.some((other) => other.seed === seed)),
    ),
  }));
}

function rangeText(
  figure: Figure,
  found: Pick<OpenMean, 'mean' | 'interval'>,
  range?: readonly [number, number],
): string {
  const ends = besideText(figureCell(figure, found, range));
  return ends && ` (${ends})`;
}
