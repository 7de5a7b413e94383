import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { addSuspectsCommand } from '../../../src/cli/commands/suspects.command.ts';
import { buildReport } from '../../../src/core/reports/build-report.ts';
import { tablesOf } from '../../../src/core/reports/document.ts';
import { confirmed, doubted } from '../../../src/core/annotation/review.ts';
import type { Sample } from '../../../src/rows/sample/sample.ts';
import { evaluationVersion, readEvaluation } from '../../../src/lab/evaluation/evaluation-folders.ts';
import { SuspectLabels } from '../../../src/lab/datasets/suspects-file.ts';
import { runCommand } from '../../support/command.ts';
import { OPTIONS, rowOf, writeEvaluation } from '../../support/evaluation.ts';
import { folderOfEachTest } from '../../support/folder.ts';
import { parseRows, readRows, rowLines } from '../../support/rows.ts';

let folder = '';
folderOfEachTest('suspects-', (made) => (folder = made));
const at = (name: string) => join(folder, name);

const ROWS = 40;
/** The label of row 7 is wrong: every model says so, in the mirror, too. */
const labelOf = (i: number) => (i % 2 === 0 ? 'left' : 'right');
const truthOf = (i: number) => (i === 7 ? 'left' : labelOf(i));
const other = (side: string) => (side === 'left' ? 'right' : 'left');
const questionOf = (i: number) => `Is cup ${i} left or right of the plate?`;
const sampleOf = (i: number): Sample => ({
  id: `r${i}`,
  question: questionOf(i),
  answer: labelOf(i),
  images: [`r${i}.png`],
});

/** The answers of a model to both views of every row of a set. */
const rowsOf = (set: string) =>
  Array.from({ length: ROWS }, (_, i) =>
    (['original', 'mirror'] as const).map((view) => {
      const seen = (side: string) => (view === 'mirror' ? other(side) : side);
      const [answer, completion] = [seen(labelOf(i)), seen(truthOf(i))];
      return rowOf({ id: `r${i}`, set, view, task: 'side', question: questionOf(i), answer, completion });
    }),
  ).flat();

beforeEach(async () => {
  await writeFile(at('own.qa.jsonl'), rowLines(Array.from({ length: ROWS }, (_, i) => sampleOf(i))));
  for (const model of ['a', 'b', 'c']) {
    await writeEvaluation(at(model), rowsOf('own'), { model, sets: { own: at('own.qa.jsonl') } });
  }
});

it('suspects: writes the editor’s list; a corrected label changes the report', async () => {
  const list = at('own.suspects.jsonl');
  const { out, err } = await runCommand(
    addSuspectsCommand,
    'suspects',
    ...['a', 'b', 'c'].map(at),
    '--min',
    '0.5',
    '-o',
    list,
  );
  expect(out.join('\n')).toMatch(
    /^1\. r7: label right; 6 of 6 model answers contradict the label \(most frequent answer: left\)\n/,
  );
  expect(err.join('\n')).toContain(`${list}: 1 row.`);
  expect(err.join('\n')).toContain(
    'Found 1 likely label error in 40 rows: at least 50.0% of the answers contradict the label.',
  );
  expect(readRows<object>(list)).toMatchObject([
    { id: 'r7', reference: 'right', likely: 'left', rank: 1, answered: 6, contradicting: 6 },
  ]);
  expect(err.join('\n')).toContain('\nTo estimate the share of wrong labels, review 40 of them.\n');
  const labels = new SuspectLabels(at('own.qa.jsonl'));
  const doubt = (await labels.doubtOf(sampleOf(7)))!;
  expect(doubt.likely).toBe('left');
  expect((await readEvaluation(at('a'))).reviewed).toEqual([]);
  const version = await evaluationVersion(at('a'));

  const sent = { ...sampleOf(7), label_review: doubted(sampleOf(7), doubt), answer: 'left' };
  const corrected = { ...sent, label_review: confirmed(sent, { by: 'mira', at: '2026-01-02T03:04:05Z' }) };
  const kept = { ...sampleOf(8), label_review: confirmed(sampleOf(8), { at: '2026-01-02T03:04:05Z' }) };
  const rows = Array.from({ length: ROWS }, (_, i) => (i === 7 ? corrected : i === 8 ? kept : sampleOf(i)));
  await writeFile(at('own.qa.jsonl'), rowLines(rows));
  expect(await evaluationVersion(at('a'))).not.toBe(version);
  const again = await runCommand(addSuspectsCommand, 'suspects', ...['a', 'b', 'c'].map(at));
  expect(again.err.join('\n')).toMatch(/\nEstimated share of wrong labels: 2\.5–[\d.]+%/);
  expect(again.err.join('\n')).toMatch(/\nWrong among 1 reviewed label: 1 \([\d.]+–100\.0%\)\.\n/);
  const evaluation = await readEvaluation(at('a'));
  expect(evaluation.reviewed).toMatchObject([
    { set: 'own', looked: 2, corrected: 1, given: { value: 39 / 40, n: 40 }, reviewed: { value: 1 } },
  ]);
  const report = buildReport([evaluation], OPTIONS);
  const section = report.sections.find(({ id }) => id === 'labels')!;
  expect(section.text[0]).toBe('own: people reviewed 2 labels and corrected 1.');
  const table = tablesOf(report).find(({ id }) => id === 'labels-0')!;
  expect(table.rows[0]!.cells.map(({ text }) => text)).toEqual(['a, direct', '97.5', '100.0', '40']);
});

it('suspects: prints a range without a probability if no row was reviewed', async () => {
  const { out } = await runCommand(addSuspectsCommand, 'suspects', ...['a', 'b'].map(at), '--json');
  const [row, last] = parseRows<Record<string, unknown>>(out.join('\n'));
  expect(Object.keys(row!).sort()).toEqual(
    'answered,contradicting,id,image,independent,label,likely,question,rank,reference,review,said,set'.split(
      ',',
    ),
  );
  const upper = expect.any(Number) as number;
  const contradicts = { value: 1 / 40, n: 40, unit: 'share', interval: [upper, upper] };
  const models = ['a', 'b'].map((model) => ({ model: `${model}, direct`, contradicts }));
  expect(last).toEqual({ summary: { rows: 40, left_out: 0, range: [0, upper], reviewed: null, models } });
});

it('suspects: selects the evaluation of the set from a run with several', async () => {
  for (const model of ['a', 'b']) {
    const run = at(`runs/${model}`);
    for (const set of ['early', 'late']) {
      const about = {
        sets: { [set]: at(`${set}.qa.jsonl`) },
        run: model,
        step: 5,
        model: `${model}, step 5`,
      };
      await writeEvaluation(join(run, 'eval', `step-000005-${set}`), rowsOf(set), about);
    }
    await writeFile(join(run, 'run.yaml'), 'recipe: grpo\n');
  }
  const suspects = (set: string) =>
    runCommand(addSuspectsCommand, 'suspects', 'a', 'b', '--runs', at('runs'), '--set', set);
  for (const set of ['early', 'late']) {
    const { out } = await suspects(set);
    expect(out.join('\n')).toMatch(
      /^1\. r7: .*\n.*\n {2}a, direct, step 5: left, left \(mirror, mapped back\)\n {2}b, direct, step 5/,
    );
  }
  await expect(suspects('other')).rejects.toThrow('a has no evaluation on other, only on early, late.');
});
