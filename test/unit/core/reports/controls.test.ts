import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compareControls } from '../../../../src/core/metrics/control-metrics.ts';
import { controlSection, errorSection } from '../../../../src/core/reports/sections/control-section.ts';
import { measuredRow } from '../../../../src/core/evaluation/evaluation-row.ts';
import { evaluationVersion, readEvaluation } from '../../../../src/lab/evaluation/evaluation-folders.ts';
import { evaluationOf, OPTIONS, writeEvaluation, yesNoRows } from '../../../support/evaluation.ts';
import { folderOfTests } from '../../../support/folder.ts';

const judged = (rows: ReturnType<typeof yesNoRows>) => rows.map(measuredRow);
const own = yesNoRows({ original: 30, mirror: 30 });
const controls = (right: { original: number; mirror: number }) =>
  compareControls('blind', judged(own), judged(yesNoRows(right)));

describe('controls in a report [A-44]', () => {
  it('reports for each view the effect of removed input, next to chance', () => {
    const rows = controls({ original: 29, mirror: 10 });
    const shuffled = { ...rows[1]!, name: 'shuffled', set: 'another set' };
    const one = { ...evaluationOf(own), controls: [...rows, shuffled] };
    const section = controlSection([one, evaluationOf(own, { subject: 'other' })], OPTIONS)!;
    expect(section.tables).toHaveLength(1);
    const cells = section.tables[0]!.rows.map((row) => row.cells);
    expect(cells.map((row) => row.map(({ text }) => text))).toEqual([
      ['mine', 'without the image', 'originals', '75.0', '72.5', '−2.5', '50.0', '40', 'no effect shown'],
      ['mine', 'without the image', 'mirrors', '75.0', '25.0', '−50.0', '50.0', '40', 'matters'],
    ]);
    expect(cells[1]![5]!.interval![1]).toBeLessThan(0);
  });

  it('suggests missing controls, and shows no controls without evaluations', () => {
    expect(controlSection([evaluationOf(own)], OPTIONS)!.text.at(-1)).toContain('--controls blind,shuffled');
    expect(controlSection([], OPTIONS)).toBe(null);
  });

  it('reads controls from the folder of an evaluation, and reports invalid entries', async () => {
    const folder = folderOfTests('controls-');
    const found = controls({ original: 30, mirror: 0 });
    await writeEvaluation(folder, own, { model: 'm' });
    expect((await readEvaluation(folder)).controls).toEqual([]);
    const before = await evaluationVersion(folder);
    await writeFile(join(folder, 'controls.json'), JSON.stringify([...found, null, { name: 'blind' }, 7]));
    expect(await evaluationVersion(folder)).not.toBe(before);
    const leftOut: string[] = [];
    const read = (await readEvaluation(folder, ({ message }) => void leftOut.push(message))).controls;
    expect(leftOut).toEqual([
      expect.stringContaining('controls.json cannot be read: it must be an object, not null.'),
      expect.stringContaining('controls.json cannot be read: "set" is missing.'),
      expect.stringContaining('controls.json cannot be read: it must be an object, not 7.'),
    ]);
    expect(read).toMatchObject(
      found.map(({ name, view, difference, alert }) => ({ name, view, difference, alert })),
    );
    await writeFile(join(folder, 'controls.json'), '[{"na');
    expect((await readEvaluation(folder)).controls).toEqual([]);
  });
});

describe('errors in a report [A-43]', () => {
  it('groups errors by cause, for rows with a decisive graph', () => {
    const blame = ['format', 'graph', 'graph', 'answer'] as const;
    const rows = own.map((row, i) => {
      if (row.view !== 'original' || i < 26) return row;
      const error = row.right ? null : blame[i % 4]!;
      const graph = error === 'format' ? 'none' : error === 'graph' ? 'wrong' : 'right';
      return { ...row, attribution: { graph, error } as const };
    });
    const [table] = errorSection([evaluationOf(rows)], OPTIONS)!.tables;
    // Four right answers and ten wrong ones were attributed.
    expect(table!.rows.map(({ cells }) => cells.map(({ text }) => text))).toEqual([
      ['mine', 'originals', '20.0', '50.0', '30.0', '50.0', '0.0', '10', '14'],
    ]);
    expect(table!.rows[0]!.cells.slice(2, 7).every(({ interval }) => interval)).toBe(true);
    expect(errorSection([evaluationOf(own)], OPTIONS)).toBe(null);
  });
});
