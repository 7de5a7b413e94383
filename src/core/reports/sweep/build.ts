import { labelOf, type SweepPlan } from '../../config/sweep-plan.ts';
import { compareArms, type SweepRun } from './results.ts';
import type { ReportDocument, Section, Table } from '../document.ts';
import { withSharedAxes } from '../drawing.ts';
import { scaleOf, textCell, titleOf, type NamedArm } from './cells.ts';
import { curveCharts, curvesText } from './charts.ts';
import { figuresSection, testsSection } from './comparison.ts';
import { contrastsSection } from './contrasts.ts';
import { costSection, penaltySection, samplingSection } from './training.ts';
import { isComplete, standingText, winnerText } from './winner.ts';

type Figure = SweepPlan['compare'];

/**
 * Builds the comparison of a sweep from the runs available so far. @param runs the runs of cells, in the order of the
 * plan
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

/** The cells, each with its runs' values of a figure at the compared step or steps. */
function armsOf(plan: SweepPlan, runs: readonly SweepRun[], f: number): NamedArm[] {
  const { cells, at_steps } = plan;
  return cells.flatMap((cell): NamedArm[] => {
    const own = runs.filter((run) => run.cell === cell);
    const label = labelOf(plan, cell);
    const at = (stepOf: (run: SweepRun) => number) =>
      own.flatMap((run) => {
        const values = run.evaluations.find(({ step }) => step === stepOf(run))?.values[f] ?? [];
        return values.length > 0 ? [{ seed: run.seed, values }] : [];
      });
    if (!at_steps) return [{ name: cell, label, key: cell, cell, step: null, seeds: at((run) => run.steps) }];
    const one = cells.length === 1;
    return at_steps.map((step) => ({
      name: `${cell}, step ${step}`,
      label: one ? `step ${step}` : `${label}, step ${step}`,
      key: one ? String(step) : cell,
      cell,
      step,
      seeds: at(() => step),
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
  return [{ id: 'curves', title: 'Learning curves', text: curvesText(charts, runs), tables: [], charts }];
}

function unfinishedSection(plan: SweepPlan, runs: readonly SweepRun[]): Section[] {
  const open = runs.filter(({ status }) => status !== 'finished');
  if (open.length === 0) return [];
  const table: Table = {
    id: 'unfinished',
    caption: 'Runs that are not finished',
    columns: ['cell', 'seed', 'status', 'what happened'].map((title) => ({ title, align: 'left' })),
    rows: open.map(({ cell, seed, status, message }) => ({
      cells: [labelOf(plan, cell), String(seed), status ?? 'waiting', message].map(textCell),
    })),
    notes: [],
  };
  const text = 'The figures above are of the runs that have come so far.';
  return [{ id: 'unfinished', title: 'Not finished', text: [text], tables: [table], charts: [] }];
}

/** Number of left-out lines that are listed individually. */
const NAMED = 5;

function leftOutSection(runs: readonly SweepRun[]): Section[] {
  const all = runs.flatMap(({ leftOut }) => leftOut);
  if (all.length === 0) return [];
  const more = all.length > NAMED ? [`And ${all.length - NAMED} more.`] : [];
  const text = ['These lines cannot be read, and are in no figure above.', ...all.slice(0, NAMED), ...more];
  return [{ id: 'left-out', title: 'Left out', text, tables: [], charts: [] }];
}
