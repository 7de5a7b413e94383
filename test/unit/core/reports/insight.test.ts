import { describe, expect, it } from 'vitest';
import { compareLooks } from '../../../../src/core/insight/compare-looks.ts';
import { patchFigures } from '../../../../src/core/insight/patch.ts';
import { probeNumber } from '../../../../src/core/insight/probe-number.ts';
import { probe } from '../../../../src/core/insight/probe.ts';
import { setFigures } from '../../../../src/core/insight/set-figures.ts';
import { Random } from '../../../../src/base/random.ts';
import { tablesOf, type ReportDocument } from '../../../../src/core/reports/document.ts';
import { reportHtml } from '../../../../src/core/reports/html.ts';
import { comparisonDocument } from '../../../../src/core/reports/insight/comparison-document.ts';
import { patchDocument } from '../../../../src/core/reports/insight/patch-document.ts';
import { probeDocument } from '../../../../src/core/reports/insight/probe-document.ts';
import { setDocument } from '../../../../src/core/reports/insight/set-document.ts';
import { reportLatex } from '../../../../src/core/reports/latex.ts';
import { tableCsv } from '../../../../src/core/reports/table-text.ts';
import { lookedRows, patchedRows, probedRows } from '../../../support/insights.ts';

const rows = lookedRows();
const figures = setFigures(rows, [0, 1]);
const late = rows.map((row) => ({ ...row, share: row.share.map((share) => share / 2) }));
const looks = [
  { name: 'early', rows, layers: [0, 1] },
  { name: 'late', rows: late, layers: [0, 1] },
];
const fitted = (results: ReturnType<typeof probe | typeof probeNumber>[]) =>
  results.filter((one) => one !== null);
const documents: Record<string, ReportDocument> = {
  set: setDocument('Where a model looks', rows, figures, ['answer']),
  looks: comparisonDocument('Where two look', compareLooks(looks), ['early', 'late']),
  probes: probeDocument(
    'What it knows',
    fitted([
      probe(probedRows(), 'side', Random.from('probe')),
      probeNumber(probedRows(), 'depth', Random.from('probe')),
    ]),
  ),
  patches: patchDocument('Where the side passes', patchFigures(patchedRows(), [0, 1])),
};

describe.for(Object.entries(documents))('document of %s', ([, document]) => {
  it('the document has a cell for each column of each row, and unique ids', () => {
    const tables = tablesOf(document);
    for (const { columns, rows } of tables)
      for (const { cells } of rows) expect(cells).toHaveLength(columns.length);
    const charts = document.sections.flatMap((section) => section.charts);
    const ids = [...tables, ...charts, ...document.sections].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(tables.length).toBeGreaterThan(0);
  });

  it('the document exports as HTML and LaTeX', () => {
    for (const { caption } of tablesOf(document))
      expect(reportHtml(document)).toContain(caption.replaceAll("'", '&#39;').replaceAll('"', '&quot;'));
    expect(reportLatex(document).match(/\\caption\{/g)).toHaveLength(tablesOf(document).length);
  });
});

it('probe report: draws probe values, answers, and a band of chance and controls', () => {
  const [side, depth] = documents.probes!.sections.map(({ charts }) => charts[0]!.series);
  expect(side!.map(({ name }) => name)).toEqual([
    'Original',
    'Mirror',
    'model’s answers',
    'chance and controls',
  ]);
  const [band] = side!.filter(({ curve }) => curve);
  expect(band!.points).toEqual([]);
  for (const { interval } of band!.curve!) {
    expect(interval![0]).toBeLessThanOrEqual(50);
    expect(interval![1]).toBeGreaterThanOrEqual(50);
  }
  // Nothing answers with a depth.
  expect(depth!.map(({ name }) => name)).toEqual(['Original', 'Mirror', 'chance and controls']);
  expect(reportHtml(documents.probes!)).toContain('class="band s3"');
});

it('patch report: draws the shift of the answer by each group of tokens', () => {
  const [chart] = documents.patches!.sections[0]!.charts;
  const { columns, rows } = documents.patches!.sections[0]!.tables[0]!;
  for (const { name, points } of chart!.series) {
    const column = columns.findIndex(({ title }) => title === `${name}, %`);
    expect(points.map(({ y }) => y)).toEqual(rows.map(({ cells }) => cells[column]!.value));
  }
});

it('patch report: exports the effect of patches to CSV, with both intervals', () => {
  const rows = patchedRows().map((row, i) => ({
    ...row,
    patched: [{ group: 'names' as const, odds: [row.odds.original - 3 - (i % 3)] }],
  }));
  const [table] = tablesOf(patchDocument('', patchFigures(rows, [0])));
  const [head, first] = tableCsv(table!).split('\r\n');
  expect(head).toBe('after layer,names,names low,names high,"names, %","names, % low","names, % high"');
  const [layer, change, low, high, moved, from, to] = first!.split(',').map(Number);
  expect([layer, change]).toEqual([0, expect.closeTo(-4)]);
  // The whole difference is 6.825 on average.
  expect(moved).toBeCloseTo(400 / 6.825, 1);
  expect([low! < -4, high! > -4, from! < moved!, to! > moved!]).toEqual([true, true, true, true]);
});

it('attention report: exports the change between two analyses to CSV in full precision', () => {
  const picture = tablesOf(documents.looks!).find(({ caption }) => caption === 'Attention on the image, %');
  const [head, first] = tableCsv(picture!).split('\r\n');
  expect(head!.split(',').filter((name) => !/ (?:low|high)$/.test(name))).toEqual([
    'layer',
    'view',
    'early',
    'late',
    'late minus early',
  ]);
  // All rows have the same share, so that there is no interval.
  expect(first).toBe('0,Original,50,,,25,,,-25,,');
});

it.for(['set', 'looks'])('attention report: draws only values of %s that its tables contain', (name) => {
  const { sections } = documents[name]!;
  const shown = new Set(
    tablesOf(documents[name]!).flatMap(({ rows }) =>
      rows.flatMap(({ cells }) => cells.map(({ value }) => value?.toFixed(6))),
    ),
  );
  const drawn = sections.flatMap(({ charts }) =>
    charts.flatMap(({ series }) => series.flatMap(({ points }) => points.map(({ y }) => y.toFixed(6)))),
  );
  expect(drawn.filter((value) => !shown.has(value))).toEqual([]);
  expect(drawn.length).toBeGreaterThan(0);
});
