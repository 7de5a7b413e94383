import { describe, expect, it } from 'vitest';
import { Random } from '../../../../src/core/random.ts';
import { tablesOf, type ReportDocument } from '../../../../src/core/reports/document.ts';
import { reportHtml } from '../../../../src/core/reports/html.ts';
import { sweepReport } from '../../../../src/core/reports/sweep.ts';
import { planOf, runsOf } from '../../../support/sweep.ts';

const reportOf = (seeds: number, shares: readonly number[]): ReportDocument => {
  const plan = planOf(seeds);
  return sweepReport('eta', plan, runsOf(plan, shares), Random.from('test'));
};
const tableOf = (report: ReportDocument, id: string) => {
  const { columns, rows } = tablesOf(report).find((table) => table.id === id)!;
  return rows.map(({ cells }) => Object.fromEntries(cells.map((cell, c) => [columns[c]!.title, cell])));
};

describe('the report of a sweep', () => {
  it('names the best cell and whether it can be told from the next one', () => {
    const apart = reportOf(3, [0.5, 0.8, 0.6]).lead.at(-1)!;
    expect(apart).toMatch(/^Best by both views right on val: eta-1 with [\d.]+ \([\d. –]+\), over 3 seeds\./);
    expect(apart).toContain('they are told apart.');
    expect(reportOf(3, [0.6, 0.6, 0.6]).lead.at(-1)).toContain('they are not told apart by these seeds.');
    expect(reportOf(1, [0.6, 0.6, 0.6]).lead.at(-1)).toContain(
      'over 1 seed: the interval is that of its rows.',
    );
    const plan = planOf(2);
    expect(sweepReport('eta', plan, [], Random.from('test')).lead.at(-1)).toBe(
      'There is nothing to compare yet.',
    );
  });

  it('has the text of the sweep as paragraphs', () => {
    expect(reportOf(2, [0.5, 0.6, 0.7]).lead.slice(0, 2)).toEqual([
      'What does η do?',
      'A paper says nothing of it.',
    ]);
  });

  it('takes a run that failed out of the figures, and lists it', () => {
    const report = reportOf(3, [0.5, 0.8, 0.6]);
    expect(tableOf(report, 'cells').map(({ seeds }) => seeds!.value)).toEqual([3, 3, 2]);
    expect(tableOf(report, 'unfinished')).toMatchObject([
      { cell: { text: 'eta-10' }, seed: { text: '3' }, status: { text: 'failed' } },
    ]);
    expect(reportHtml(report)).toContain('The &lt;b&gt;disk');
  });

  it('shows what the penalty did beside η', () => {
    const rows = tableOf(reportOf(2, [0.5, 0.6, 0.7]), 'penalty');
    expect(rows.map((row) => [row.η!.value, row.none!.text, row.inverted!.text])).toEqual([
      [0, '100.0', '0.0'],
      [1, '90.0', '10.0'],
      [10, '80.0', '20.0'],
    ]);
  });

  it('compares by seed and by row with the first cell', () => {
    const [row] = tableOf(reportOf(3, [0.5, 0.8, 0.6]), 'against-1');
    const { 'difference by seed': bySeed, 'difference by row': byRow } = row!;
    expect(bySeed!.value).toBeCloseTo(byRow!.value!, 9);
    expect(row!['only the first right']!.value).toBe(0);
    const [own] = tableOf(reportOf(3, [0.5, 0.8, 0.6]), 'cells').slice(1);
    const [first] = tableOf(reportOf(3, [0.5, 0.8, 0.6]), 'cells');
    const figure = 'both views right on val';
    expect(bySeed!.value).toBeCloseTo(own![figure]!.value! - first![figure]!.value!, 9);
  });

  it('draws curves with bands, the last point at the last step', () => {
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

  it('compares steps as arms of their own', () => {
    const plan = { ...planOf(2), cells: ['eta-0'], at_steps: [20, 60] };
    const report = sweepReport('steps', plan, runsOf(plan, [0.5]), Random.from('test'));
    expect(tableOf(report, 'cells').map(({ cell }) => cell!.text)).toEqual(['step 20', 'step 60']);
  });
});
