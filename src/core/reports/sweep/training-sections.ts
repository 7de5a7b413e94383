import { fixed, thousands } from '../../../base/format.ts';
import { mean, sum } from '../../../base/numbers.ts';
import { quantile } from '../../metrics/metric.ts';
import { meanOfSeeds } from '../../metrics/statistics.ts';
import { labelOf, type SweepPlan } from '../../config/sweep-plan.ts';
import { countCell, NONE, right } from '../cells.ts';
import { section, tableOf, words, type Cell, type ColumnOf, type Section, type Table } from '../document.ts';
import { spreadChart } from './sweep-charts.ts';
import type { SweepRun } from './arm-results.ts';

const meanOf = ({ metrics }: SweepRun, name: string): number | null =>
  mean(metrics.flatMap((row) => row[name] ?? []));

/** Returns a table of metrics, as means over steps and then over seeds. Includes conditions with the first metric. */
function metricsTable(
  plan: SweepPlan,
  runs: readonly SweepRun[],
  table: Pick<Table, 'id' | 'caption' | 'notes'>,
  columns: readonly { title: string; metric: string; digits?: number; scale?: number; note?: string }[],
  extra: { title: string; valueOf: (run: SweepRun) => number | null }[] = [],
): Table | null {
  const cells = plan.cells.flatMap((cell) => {
    const ofCell = runs.filter((run) => run.cell === cell && meanOf(run, columns[0]!.metric) !== null);
    return ofCell.length > 0 ? [{ cell, runs: ofCell }] : [];
  });
  if (cells.length === 0) return null;
  return tableOf(
    table.id,
    table.caption,
    cells,
    [
      words('condition', ({ cell }) => labelOf(plan, cell)),
      ...extra.map(({ title, valueOf }): ColumnOf<(typeof cells)[number]> => [
        right(title),
        ({ runs }) => countCell(valueOf(runs[0]!) ?? undefined),
      ]),
      ...columns.map(({ title, note, metric, digits = 1, scale = 100 }): ColumnOf<(typeof cells)[number]> => [
        right(title, undefined, note),
        ({ runs }) => {
          const values = runs.flatMap((run) => meanOf(run, metric) ?? []);
          if (values.length === 0) return NONE;
          const { mean: value, interval } = meanOfSeeds(values.map((each) => scale * each));
          // Shares and counts are never below 0, but the interval over a few seeds can extend below 0.
          const most = scale === 100 ? 100 : Infinity;
          const ends = interval?.map((end) => Math.min(most, Math.max(0, end))) as
            [number, number] | undefined;
          return { text: fixed(value, digits), value, ...(ends && { interval: ends }) };
        },
      ]),
    ],
    table.notes,
    ({ cell }) => ({ key: cell }),
  );
}

/** Returns the section on the effect of the view penalty, with its strength η, on the advantages (R3). */
export function penaltySection(plan: SweepPlan, runs: readonly SweepRun[]): Section[] {
  const table = metricsTable(
    plan,
    runs.filter(({ eta }) => eta !== null),
    {
      id: 'penalty',
      caption: 'Effect of the view penalty on advantages',
      notes: ['Shares of pairs, averaged over all steps, then over seeds with 95% intervals.'],
    },
    [
      { title: 'none, %', metric: 'spatial/effect_none', note: 'No advantage of the pair changed.' },
      {
        title: 'scaled, %',
        metric: 'spatial/effect_scaled',
        note: 'Advantages changed, but not their order.',
      },
      {
        title: 'inverted, %',
        metric: 'spatial/effect_inverted',
        note: 'A better answer got a lower advantage than a worse answer.',
      },
      { title: 'erased, %', metric: 'spatial/effect_erased', note: 'All advantages became equal.' },
      {
        title: 'penalised, %',
        metric: 'spatial/penalised_frac',
        note: 'Share of penalised completions.',
      },
      { title: 'mean |Δ|', metric: 'spatial/delta_abs', scale: 1, digits: 3 },
    ],
    [{ title: 'η', valueOf: ({ eta }) => eta }],
  );
  if (!table) return [];
  const text =
    'Advantages are relative to the mean and std of a group, so a penalty that all correct answers share does not change any advantage (R3). If nearly all pairs are under “none”, η had no effect.';
  return [section('penalty', 'Effect of the view penalty', [text], [table])];
}

const withDropped = (row: SweepRun['metrics'][number]): SweepRun['metrics'][number] => {
  const { 'dynamic_sampling/groups_drawn': drawn, 'dynamic_sampling/groups_kept': kept } = row;
  return drawn && kept != null ? { ...row, dropped: 1 - kept / drawn } : row;
};

/** Returns the section on the reward std in groups, and on groups that dynamic sampling drops. */
export function samplingSection(plan: SweepPlan, runs: readonly SweepRun[]): Section[] {
  const groups = metricsTable(
    plan,
    runs.map((run) => ({ ...run, metrics: run.metrics.map(withDropped) })),
    {
      id: 'groups',
      caption: 'Groups',
      notes: [
        'Values are averaged over all steps, then over seeds with 95% intervals. The columns “drawn” and “kept” count groups per step.',
      ],
    },
    [
      { title: 'zero variance, %', metric: 'frac_reward_zero_std' },
      { title: 'all correct, %', metric: 'by_group/frac_all_good' },
      { title: 'all wrong, %', metric: 'by_group/frac_all_bad' },
      { title: 'drawn', metric: 'dynamic_sampling/groups_drawn', scale: 1 },
      { title: 'kept', metric: 'dynamic_sampling/groups_kept', scale: 1 },
      { title: 'dropped, %', metric: 'dropped', note: 'Share of drawn groups that the training skips.' },
      {
        title: 'KL share of gradient, %',
        metric: 'kl_share',
        note: 'Share of the gradient that comes from the KL term.',
      },
      { title: 'KL', metric: 'kl', scale: 1, digits: 4 },
    ],
  );
  if (!groups) return [];
  const spreads = plan.cells.map((cell) => ({
    cell,
    values: runs
      .filter((run) => run.cell === cell)
      .flatMap((run) => run.spreads)
      .sort((a, b) => a - b),
  }));
  const measured = spreads.filter(({ values }) => values.length > 0);
  type Measured = (typeof spreads)[number];
  const distribution = tableOf<Measured>(
    'spreads',
    'Reward std within groups',
    measured,
    [
      words('condition', ({ cell }) => labelOf(plan, cell)),
      [right('groups'), ({ values }) => countCell(values.length)],
      [
        right('zero %'),
        ({ values }) => numberCell((100 * values.filter((value) => value === 0).length) / values.length, 1),
      ],
      ...[0.25, 0.5, 0.75, 0.9].map((q): ColumnOf<Measured> => [
        right(q === 0.5 ? 'median' : `${100 * q}%`),
        ({ values }) => numberCell(quantile(values, q), 3),
      ]),
    ],
    ['Traced groups of all seeds. For long runs, only groups of evenly spaced steps.'],
    ({ cell }) => ({ key: cell }),
  );
  const tables = measured.length > 0 ? [groups, distribution] : [groups];
  const charts = spreadChart(measured.map(({ cell, values }) => ({ cell: labelOf(plan, cell), values })));
  return [section('sampling', 'Rewards within groups', [], tables, charts)];
}

const numberCell = (value: number, digits: number): Cell => ({ text: fixed(value, digits), value });

/** Returns the section on the training time and the memory of the conditions. */
export function costSection(plan: SweepPlan, runs: readonly SweepRun[]): Section[] {
  const cells = plan.cells.flatMap((cell) => {
    const ofCell = runs.filter((run) => run.cell === cell && run.seconds.length > 0);
    const { trainable = null } = ofCell[0] ?? {};
    const seconds = ofCell.flatMap((run) => run.seconds).sort((a, b) => a - b);
    const peak = Math.max(...ofCell.map(({ peakMemory }) => peakMemory ?? 0));
    return trainable === null ? [] : [{ cell, runs: ofCell.length, trainable, seconds, peak }];
  });
  if (cells.length === 0) return [];
  const cell = (value: number) => (value > 0 ? numberCell(value, 2) : NONE);
  const table = tableOf(
    'cost',
    'Cost by condition',
    cells,
    [
      words('condition', ({ cell }) => labelOf(plan, cell)),
      [right('trained weights'), ({ trainable }) => ({ text: thousands(trainable), value: trainable })],
      [right('seconds per step'), ({ seconds }) => cell(quantile(seconds, 0.5))],
      [right('minutes per run'), ({ seconds, runs }) => cell(sum(seconds) / runs / 60)],
      [right('peak memory, GB'), ({ peak }) => cell(peak)],
    ],
    [
      'Maximum over all seeds. If the GPU runs the model, GPU memory, otherwise memory of the engine process.',
      'Median over the steps of all seeds. Minutes cover the finished steps without evaluations, and depend on other load on the machine.',
    ],
    ({ cell }) => ({ key: cell }),
  );
  return [section('cost', 'Cost', [], [table])];
}
