import { describe, expect, it } from 'vitest';
import { tablesOf, type Chart, type ReportDocument } from '../../../../src/core/reports/document.ts';
import { drawChart } from '../../../../src/core/reports/drawing.ts';
import { reportHtml } from '../../../../src/core/reports/html.ts';
import { sweepReport } from '../../../../src/core/reports/sweep/build-sweep-report.ts';
import type { SweepPlan } from '../../../../src/core/config/sweep-plan.ts';
import type { SweepRun } from '../../../../src/core/reports/sweep/arm-results.ts';
import { planOf, runsOf } from '../../../support/sweep.ts';

const reportOf = (seeds: number, shares: readonly number[]): ReportDocument => {
  const plan = planOf(seeds);
  return sweepReport('eta', plan, runsOf(plan, shares));
};
/** The same, had its last run not failed. */
const finished = (seeds: number, shares: readonly number[]): ReportDocument => {
  const plan = planOf(seeds + 1);
  const runs = runsOf(plan, shares).filter(({ seed }) => seed <= seeds);
  return sweepReport('eta', planOf(seeds), runs);
};
/** A run that has every row right. */
const lucky = (run: SweepRun): SweepRun => ({
  ...run,
  evaluations: run.evaluations.map(({ step, values }) => ({
    step,
    values: values.map((rows) => rows.map((row) => ({ ...row, value: 1 }))),
  })),
});
const tableOf = (report: ReportDocument, id: string) => {
  const { columns, rows } = tablesOf(report).find((table) => table.id === id)!;
  return rows.map(({ cells }) => Object.fromEntries(cells.map((cell, c) => [columns[c]!.title, cell])));
};

describe('sweep report', () => {
  it('names the best condition, and tests its difference from the second condition', () => {
    const winner = (seeds: number, shares: readonly number[]) => finished(seeds, shares).lead.at(-1)!;
    const apart = winner(3, [0.5, 0.8, 0.6]);
    expect(apart).toMatch(
      /^Best by pair accuracy on val: eta-1 with [\d.]+% \([\d. –]+\), over 3 seeds\. The next condition, eta-10, is [\d.]+ points behind/,
    );
    expect(apart).toContain('the difference exceeds the noise of these seeds.');
    expect(winner(3, [0.6, 0.6, 0.6])).toContain('within the noise of these seeds.');
    expect(winner(1, [0.6, 0.6, 0.6])).toContain('over one seed (interval over rows).');
    const even = { ...planOf(1), cells: ['eta-0', 'eta-1'] };
    const [one] = runsOf(even, [0.5, 0.5]);
    const level = sweepReport('eta', even, [one!, { ...one!, cell: 'eta-1' }]);
    expect(level.lead.at(-1)).toContain('The next condition, eta-1, is equal: the difference');
    const others = one!.evaluations.map(({ step, values }) => ({
      step,
      values: values.map((rows) => rows.map((row) => ({ ...row, id: `other ${row.id}` }))),
    }));
    const two = { ...one!, cell: 'eta-1', evaluations: others };
    const apartRows = sweepReport('eta', even, [one!, two]);
    expect(apartRows.lead.at(-1)).toContain('shares no rows with the best condition.');
    expect(finished(3, [0.5, 0.8, 0.6]).lead[0]).toBe('3 conditions × 3 seeds: all 9 runs finished.');
    const plan = planOf(2);
    expect(sweepReport('eta', plan, []).lead.at(-1)).toBe('No results to compare yet.');
    const alone = { ...planOf(1), about: '', cells: ['eta-0'] };
    expect(sweepReport('eta', alone, runsOf(planOf(1), [0.5, 0.5, 0.5]).slice(0, 1)).lead).toEqual([
      '1 condition × 1 seed: the run is finished.',
    ]);
  });

  it('begins with signs of failure, each once, with the affected runs', () => {
    const plan = planOf(3);
    const runs = runsOf(plan, [0.5, 0.8, 0.6]).map((run) => ({
      ...run,
      ...(run.cell === 'eta-1' && {
        alarm: 'linguistic-overfitting',
        message: `Overfits since step ${run.seed}.`,
      }),
      ...(run.cell === 'eta-10' && run.seed === 2 && { alarm: 'reward-hacking', message: 'Hacks.' }),
    }));
    expect(sweepReport('eta', plan, runs).lead.slice(0, 2)).toEqual([
      'eta-1, seed 1: Overfits since step 1. The same applies to eta-1, seed 2; eta-1, seed 3.',
      'eta-10, seed 2: Hacks.',
    ]);
    expect(reportOf(3, [0.5, 0.8, 0.6]).lead[0]).toContain('conditions');
  });

  it('reports the image-free bound, and the conditions that are not above the bound', () => {
    const plan = planOf(3);
    const leadWith = (floor: { constant: number; words: number; bounded: boolean }) =>
      sweepReport(
        'eta',
        plan,
        runsOf(plan, [0.5, 0.8, 0.6]).map((run) => ({
          ...run,
          evaluations: run.evaluations.map((one) => ({ ...one, floor })),
        })),
      ).lead.at(-1)!;
    expect(leadWith({ constant: 0.1, words: 0.2, bounded: false })).toMatch(
      /The image-free bound of all questions, which a model can reach without the image, is 20\.0% of pairs\. A model with one fixed answer to each form of question reaches 10\.0%\.$/,
    );
    expect(leadWith({ constant: 0.1, words: 0.7, bounded: true })).toMatch(
      /at most 70\.0% of pairs\. A model with one fixed answer to each form of question reaches at most 10\.0%\. eta-10 is not clearly above the image-free bound of all questions, so there is no evidence that the model used the images\.$/,
    );
    expect(reportOf(3, [0.5, 0.8, 0.6]).lead.at(-1)).not.toContain('The image-free bound');
  });

  it.each([
    ['later condition', [0.5, 0.55, 0.2]],
    ['first condition', [0.55, 0.5, 0.2]],
  ])('shows the same interval in the summary and in the tests, with the %s ahead', (_, shares) => {
    const report = finished(1, shares);
    const { value, interval } = tableOf(report, 'against-1')[0]!['difference']!;
    const ends = value! > 0 ? interval! : [-interval![1], -interval![0]];
    const text = ends.map((end) => end.toFixed(1).replace('-', '−')).join(' – ');
    expect(report.lead.at(-1)).toContain(`points behind (${text})`);
  });

  it('is provisional until all runs finish, and compares common seeds', () => {
    const { lead, sections } = reportOf(3, [0.5, 0.8, 0.6]);
    expect(lead[0]).toBe(
      '3 conditions × 3 seeds: 8 of 9 runs finished, 1 failed. All values are provisional.',
    );
    expect(lead.at(-1)).toMatch(
      /^Provisional: some runs are unfinished\. Best so far .*, over 2 seeds that all conditions share\./,
    );
    const marks = ({ sections }: ReportDocument) =>
      sections[0]!.tables[0]!.rows.flatMap(({ cells }) => cells.flatMap(({ best }) => best ?? []));
    expect(marks({ title: '', lead, sections })).toEqual([]);
    expect(marks(finished(3, [0.5, 0.8, 0.6]))).toEqual([true, true]);

    // The first cell, whose first seed is missing, is the best on the one that all have: the last one lacks the third.
    const plan = planOf(3);
    const some = runsOf(plan, [0.6, 0.5, 0.4]).map((run) => {
      if (run.seed > 1) return run;
      return run.cell === 'eta-0' ? { ...run, status: 'running', evaluations: [] } : lucky(run);
    });
    expect(sweepReport('eta', plan, some).lead.at(-1)).toContain('eta-0 with');
  });

  it('uses the labels of the sweep, and shows published values next to its values', () => {
    const plan = {
      ...planOf(2),
      labels: { 'eta-0': 'η = 0' },
      published: { 'success, %': { 'eta-0': 52.32, 'eta-1': 58.42, 'eta-10': 'not said' } },
    };
    const report = sweepReport('eta', plan, runsOf(plan, [0.5, 0.6, 0.7]));
    expect(tableOf(report, 'cells').map((row) => [row.condition!.text, row['success, %']!.text])).toEqual([
      ['η = 0', '52.32'],
      ['eta-1', '58.42'],
      ['eta-10', 'not said'],
    ]);
    const [bars] = report.sections[0]!.charts;
    expect(
      bars!.series.map(({ name, origin, points }) => [name, origin, points.map(({ y }) => y).length]),
    ).toEqual([
      ['pair accuracy on val', undefined, 3],
      ['accuracy on val, mirrors', undefined, 3],
      ['success, %', 'published', 2],
    ]);
    expect(report.sections[1]!.text).toEqual(['Every condition minus η = 0.']);
  });

  it('tests contrasts of a sweep over seeds and rows, with the detectable difference', () => {
    const plan: SweepPlan = {
      ...planOf(4),
      contrast: [
        ['eta-1', 'eta-10'],
        ['eta-10', 'eta-0'],
      ],
    };
    const runs = runsOf(plan, [0.5, 0.8, 0.6]);
    const report = sweepReport('eta', plan, runs);
    expect(report.sections[1]).toMatchObject({ id: 'contrasts', title: 'Contrasts' });
    const [up, down] = tableOf(report, 'contrasts-1');
    expect([up!.contrast!.text, down!.contrast!.text]).toEqual(['eta-1 minus eta-10', 'eta-10 minus eta-0']);
    const { value, interval } = up!.difference!;
    expect(value).toBeGreaterThan(15);
    expect(interval![0]).toBeLessThan(value!);
    expect(interval![1]).toBeGreaterThan(value!);
    // The last run of the last cell failed: three seeds have both cells.
    const table = tablesOf(report).find(({ id }) => id === 'contrasts-1')!;
    expect(table.notes[0]).toContain('Over 3 seeds.');
    expect(up!['minimum detectable']!.value).toBeLessThan(value!);
    expect(up!.h!.value).toBeCloseTo(2 * Math.asin(Math.sqrt(0.8)) - 2 * Math.asin(Math.sqrt(0.6)), 1);

    const one = { ...planOf(2), contrast: plan.contrast };
    const some = runsOf(one, [0.5, 0.8, 0.6]).filter(({ seed }) => seed === 1);
    const single = tablesOf(sweepReport('eta', one, some)).find(({ id }) => id === 'contrasts-1')!;
    expect(single.columns[1]!.note).toMatch(/^One seed/);
  });

  it('gives views the colours of the Run panel, unless published values are next to them', () => {
    const plan: SweepPlan = { ...planOf(2), also: [{ set: 'val', view: 'original', metric: 'accuracy' }] };
    const colours = (of: SweepPlan) =>
      sweepReport('eta', of, runsOf(of, [0.5, 0.6, 0.7])).sections[0]!.charts[0]!.series.map(
        ({ colour }) => colour,
      );
    expect(colours(plan)).toEqual([2, 0]);
    const published = { 'success, %': { 'eta-0': 52.32 } };
    expect(colours({ ...plan, published })).toEqual([undefined, undefined, undefined]);
  });

  it('draws losses with negative interval ends on a separate axis', () => {
    const plan: SweepPlan = {
      ...planOf(2),
      also: [{ set: 'val', view: 'polarity', metric: 'drop' }],
      published: { 'success, %': { 'eta-0': 52.32 }, 'points lost': { 'eta-1': 12.03 } },
    };
    const runs = runsOf(plan, [0.5, 0.6, 0.7]).map((run) => ({
      ...run,
      evaluations: run.evaluations.map(({ step, values: [pairs, rows] }) => ({
        step,
        values: [pairs!, rows!.map((row, i) => ({ ...row, value: run.seed === 1 ? -(i % 2) : i % 2 }))],
      })),
    }));
    const [shares, losses] = sweepReport('flips', plan, runs).sections[0]!.charts;
    const lowest = (chart: Chart) =>
      Math.min(
        ...drawChart(chart)
          .marks.flatMap(({ tag, text }) => (tag === 'text' ? [Number(text!.replace('−', '-'))] : []))
          .filter(Number.isFinite),
      );
    expect(shares!.series.map(({ name }) => name)).toEqual(['pair accuracy on val', 'success, %']);
    expect(lowest(shares!)).toBe(0);
    expect(losses!.series.map(({ name }) => name)).toEqual([
      'accuracy loss on val from originals to opposite questions',
      'points lost',
    ]);
    expect(lowest(losses!)).toBe(-100);
    expect(drawChart(losses!).marks.filter(({ at }) => at.class === 'base')).toHaveLength(1);
  });

  it('lists first the sections that the sweep requests', () => {
    const plan = { ...planOf(2), show: ['cost' as const, 'penalty' as const] };
    const { sections } = sweepReport('eta', plan, runsOf(plan, [0.5, 0.6, 0.7]));
    expect(sections.map(({ id }) => id)).toEqual([
      'comparison',
      'cost',
      'penalty',
      'tests',
      'sampling',
      'curves',
      'unfinished',
    ]);
  });

  it('reports the cost of conditions: median time and maximum memory', () => {
    expect(tableOf(reportOf(3, [0.5, 0.8, 0.6]), 'cost')[1]).toMatchObject({
      'trained weights': { value: 400_000 },
      'seconds per step': { value: 1.5 },
      'peak memory, GB': { text: '0.31', value: 0.313 },
    });
  });

  it('omits statistics that need several seeds, with a note', () => {
    const table = tablesOf(finished(1, [0.5, 0.8, 0.6])).find(({ id }) => id === 'against-1')!;
    expect(table.columns.map(({ title }) => title)).toEqual([
      'condition',
      'difference',
      'p',
      'rows lost',
      'rows gained',
    ]);
    expect(table.columns[1]!.note).toContain('Other seeds can differ.');
    const cells = tablesOf(finished(1, [0.5, 0.8, 0.6])).find(({ id }) => id === 'cells')!;
    expect(cells.rows.flatMap((row) => row.cells.flatMap(({ best }) => best ?? []))).toEqual([]);
  });

  it('contains the sweep’s text as paragraphs', () => {
    expect(reportOf(2, [0.5, 0.6, 0.7]).lead.slice(1, 3)).toEqual([
      'What does η do?',
      'A paper says nothing of it.',
    ]);
  });

  it('excludes a failed run from the values, and lists the run', () => {
    const report = reportOf(3, [0.5, 0.8, 0.6]);
    expect(tableOf(report, 'cells').map(({ seeds }) => seeds!.value)).toEqual([3, 3, 2]);
    expect(tableOf(report, 'unfinished')).toMatchObject([
      { condition: { text: 'eta-10' }, seed: { text: '3' }, status: { text: 'failed' } },
    ]);
    expect(reportHtml(report)).toContain('The &lt;b&gt;disk');
  });

  it('reports the effect of the view penalty by η', () => {
    const rows = tableOf(reportOf(2, [0.5, 0.6, 0.7]), 'penalty');
    expect(rows.map((row) => [row.η!.value, row['none, %']!.text, row['inverted, %']!.text])).toEqual([
      [0, '100.0', '0.0'],
      [1, '90.0', '10.0'],
      [10, '80.0', '20.0'],
    ]);
  });

  it('compares each condition with the first condition', () => {
    const [row] = tableOf(reportOf(3, [0.5, 0.8, 0.6]), 'against-1');
    const { difference } = row!;
    expect(row!['rows lost']!.value).toBe(0);
    const [own] = tableOf(reportOf(3, [0.5, 0.8, 0.6]), 'cells').slice(1);
    const [first] = tableOf(reportOf(3, [0.5, 0.8, 0.6]), 'cells');
    const figure = 'pair accuracy on val, %';
    expect(difference!.value).toBeCloseTo(own![figure]!.value! - first![figure]!.value!, 9);
  });

  it('draws curves with bands that end at the last step', () => {
    const charts = reportOf(2, [0.5, 0.6, 0.7]).sections.find(({ id }) => id === 'curves')!.charts;
    const [figure] = charts;
    expect(figure!.series.map(({ name, points }) => [name, points.map(({ x }) => x)])).toEqual([
      ['eta-0', [20, 40, 60]],
      ['eta-1', [20, 40, 60]],
      ['eta-10', [20, 40, 60]],
    ]);
    for (const { x, y, interval } of charts.flatMap(({ series }) => series.flatMap(({ points }) => points))) {
      expect(x).toBeLessThanOrEqual(60);
      if (interval) expect(interval[0] <= y && y <= interval[1]).toBe(true);
    }
  });

  it('compares steps as conditions', () => {
    const plan = { ...planOf(2), cells: ['eta-0'], at_steps: [20, 60] };
    const report = sweepReport('steps', plan, runsOf(plan, [0.5]));
    expect(tableOf(report, 'cells').map(({ condition }) => condition!.text)).toEqual(['step 20', 'step 60']);
    expect(report.lead[0]).toContain('2 steps × 2 seeds: ');
  });
});
