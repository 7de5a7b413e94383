import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildReport } from '../../../../src/core/reports/build-report.ts';
import { cardsDocument } from '../../../../src/core/reports/cards.ts';
import type { Card } from '../../../../src/core/metrics/card.ts';
import type { Cell, ReportDocument } from '../../../../src/core/reports/document.ts';
import { matrixOf } from '../../../../src/core/metrics/view-matrix.ts';
import { measuredRow, type EvaluationRow } from '../../../../src/core/evaluation/evaluation-row.ts';
import { sweepReport } from '../../../../src/core/reports/sweep/build-sweep-report.ts';
import { outcomeLines } from '../../../../src/core/reports/figures-text.ts';
import {
  evaluationsBeside,
  evaluationsOfRun,
  readEvaluation,
} from '../../../../src/lab/evaluation/evaluation-folders.ts';
import { listRuns } from '../../../../src/lab/runs/listed-runs.ts';
import { evaluationOf, OPTIONS, rowOf } from '../../../support/evaluation.ts';
import { planOf, runsOf } from '../../../support/sweep.ts';
import { property } from '../../../support/property.ts';

/** What columns, bars and sentences call the share of both views, and the shares of one view. */
const BOTH = /^pair accuracy$|^both views(?: right)?\b/;
const ONE_VIEW = /^(?:accuracy|originals?|mirrors?|ID|OOD)\b/i;

/** Figures that stand together: what they are of, the share in percent, and the number of rows if it is printed. */
type Together = { name: string; value: number; n: number | null }[];

/**
 * Both views right is at most what either view is, on the same rows. Where a figure looks greater than one next to it,
 * the number of rows must stand there and differ.
 */
function impossibleOrders(together: Together): string[] {
  return together
    .filter(({ name }) => BOTH.test(name))
    .flatMap((both) =>
      together
        .filter(({ name, value, n }) => ONE_VIEW.test(name) && both.value > value + 1e-9 && both.n === n)
        .map(
          (view) => `${both.name} ${both.value} > ${view.name} ${view.value} of ${view.n ?? 'unsaid'} rows`,
        ),
    );
}

const cellsOf = (names: readonly string[], cells: readonly Cell[]): Together =>
  cells.flatMap(({ value, n = null }, c) => (value === undefined ? [] : [{ name: names[c]!, value, n }]));

/** Everything in a document that stands together: rows of tables, squares of matrices, bars over one label. */
function allTogether({ sections }: ReportDocument): Together[] {
  const tables = sections.flatMap((section) => section.tables);
  const charts = sections.flatMap((section) => section.charts);
  return [
    ...tables.flatMap(({ columns, rows }) =>
      rows.map(({ cells }) =>
        cellsOf(
          columns.map(({ title }) => title),
          cells,
        ),
      ),
    ),
    // In the matrix of both right, the diagonal has the accuracy of a view; rows and columns belong to it.
    ...tables
      .filter(({ caption }) => caption.startsWith('Pair accuracy'))
      .flatMap(({ rows }) =>
        rows.flatMap((_, a) =>
          rows.flatMap((_, b) => {
            const [diagonal, square] = [rows[a]!.cells[a + 1]!, rows[a]!.cells[b + 1]!];
            return a === b ? [] : [cellsOf(['accuracy', 'pair accuracy'], [diagonal, square])];
          }),
        ),
      ),
    ...charts
      .filter(({ kind }) => kind === 'bars')
      .flatMap(({ series }) => {
        const places = new Set(series.flatMap(({ points }) => points.map(({ x }) => x)));
        return [...places].map((x) =>
          series.flatMap(({ name, points }) =>
            points.filter((point) => point.x === x).map(({ y }) => ({ name, value: y, n: countIn(name) })),
          ),
        );
      }),
  ];
}

const countIn = (text: string): number | null =>
  Number(/\((?:n = )?(\d+)(?:, \d+)*(?: rows?)?\)/.exec(text)?.[1] ?? NaN) || null;

/** "val: accuracy on originals 12% (n = 43), pair accuracy 45% (n = 11)." */
const lineTogether = (line: string): Together =>
  [...line.matchAll(/(originals|mirrors|pair accuracy) ([\d.]+)%( \(n = \d+\))?/g)].map(
    ([, name, value, of = '']) => ({ name: name!, value: Number(value), n: countIn(of) }),
  );

const problemsOf = (document: ReportDocument): string[] => allTogether(document).flatMap(impossibleOrders);

/** Rows about the sides of things, of which only some have a mirror and other views. */
const ROWS = fc
  .array(
    fc.record({
      mirror: fc.boolean(),
      turn: fc.boolean(),
      polarity: fc.boolean(),
      right: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 14 },
  )
  .map((rows) =>
    rows.flatMap(({ right, ...has }, i): EvaluationRow[] => {
      const views = [
        'original',
        ...(has.mirror ? ['mirror'] : []),
        ...(has.turn ? ['rotate:180'] : []),
        ...(has.polarity ? ['polarity'] : []),
      ];
      return views.map((view, v) =>
        rowOf({ id: `r${i}`, view, task: 'yesno', answer: 'yes', completion: right[v] ? 'yes' : 'no' }),
      );
    }),
  );

const cardOf = (rows: readonly EvaluationRow[]): Card => {
  const evaluation = evaluationOf(rows);
  const views = [...new Set(rows.map(({ view }) => view))];
  const accuracies = evaluation.figures.filter(({ metric, slice }) => metric === 'accuracy' && !slice);
  const matrix = matrixOf('own', rows.map(measuredRow));
  const others = accuracies.filter(({ task }) => task === 'all');
  return {
    kind: 'chirality-card',
    version: 1,
    program: '0',
    date: '2026-01-01T00:00:00Z',
    scoring_rules: 2,
    model: { name: 'm', engine: 'embedded' },
    asked: {
      strategy: 'direct',
      sampling: { n: 1, temperature: 0, max_tokens: 9 },
      sha256: '0'.repeat(64),
    },
    sets: [
      {
        name: 'own',
        sha256: '0'.repeat(64),
        rows: rows.filter(({ view }) => view === 'original').length,
        views: views.map((view) => ({
          view,
          rows: rows.filter((row) => row.view === view).length,
          lacking: {},
        })),
        figures: [...others, ...matrix],
      },
    ],
  };
};

describe('property: values shown together have the same rows or show their numbers of rows', () => {
  property(
    'values in reports of rows with different views show their numbers of rows',
    [ROWS],
    { numRuns: 60 },
    (rows) => {
      const evaluation = evaluationOf(rows);
      expect(problemsOf(buildReport([evaluation], OPTIONS))).toEqual([]);
      expect(
        outcomeLines(evaluation.figures).flatMap((line) => impossibleOrders(lineTogether(line))),
      ).toEqual([]);
    },
  );

  property(
    'values in consistency cards have the same rows or show their numbers of rows',
    [ROWS],
    { numRuns: 40 },
    (rows) => {
      expect(problemsOf(cardsDocument([cardOf(rows)], 'Card'))).toEqual([]);
    },
  );

  it('property: values in sweeps on different rows show their numbers of rows', () => {
    const plan = planOf(2);
    const of = (rows: number) => ({
      ...plan,
      runs: runsOf(plan, [0.4, 0.5, 0.9]).map((run) => ({
        ...run,
        evaluations: run.evaluations.map(({ step, values }) => ({
          step,
          values: [values[0]!.filter(({ value }) => value === 1).slice(0, rows), values[1]!],
        })),
      })),
    });
    const { runs } = of(11);
    expect(problemsOf(sweepReport('few', plan, runs))).toEqual([]);
  });

  it('property: values in all fixture evaluations have the same rows or show their numbers', async () => {
    const folders = (
      await Promise.all(
        ['test/fixtures/runs', 'test/fixtures/recorded/project/runs'].map(async (runs) => [
          ...(await Promise.all((await listRuns(runs)).map(({ dir }) => evaluationsOfRun(dir)))).flat(),
          ...(await evaluationsBeside(runs)),
        ]),
      )
    ).flat();
    expect(folders.length).toBeGreaterThan(5);
    const evaluations = await Promise.all(folders.map((folder) => readEvaluation(folder)));
    for (const checkpoints of ['last', 'all'] as const)
      expect(problemsOf(buildReport(evaluations, { ...OPTIONS, checkpoints }))).toEqual([]);
    for (const { figures } of evaluations)
      expect(outcomeLines(figures).flatMap((line) => impossibleOrders(lineTogether(line)))).toEqual([]);
  });

  it('detects a pair accuracy above the accuracy of one view', () => {
    // 43 originals of which 5 are right, 11 of them with a mirror: both right 5 of 11.
    const rows = Array.from({ length: 43 }, (_, i) =>
      (i < 11 ? ['original', 'mirror'] : ['original']).map((view) =>
        rowOf({ id: `r${i}`, view, task: 'yesno', answer: 'yes', completion: i < 5 ? 'yes' : 'no' }),
      ),
    ).flat();
    const document = buildReport([evaluationOf(rows)], OPTIONS);
    expect(document.lead[0]).toContain(
      'both views correctly for 45.5% (19.1 – 74.7) of the 11 of its 43 rows that were evaluated in both views',
    );
    const [chart] = document.sections.find(({ id }) => id === 'outcome')!.charts;
    expect(chart!.series.map(({ points }) => points[0]!.y)).toEqual([500 / 11, 500 / 11, 500 / 11]);
    const accuracy = document.sections.find(({ id }) => id === 'accuracy')!.tables[0]!;
    expect(accuracy.rows[0]!.cells.slice(1, 3).map(({ n }) => n)).toEqual([43, 11]);
    // The check itself sees it where the numbers are left out.
    const bare = accuracy.rows[0]!.cells.slice(1, 2).map(({ value }) => ({ text: '', value: value! }));
    expect(
      impossibleOrders(cellsOf(['originals', 'pair accuracy'], [...bare, { text: '', value: 45.5 }])),
    ).toHaveLength(1);
  });
});
