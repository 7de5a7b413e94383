import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ReportDocument } from '../../../src/core/reports/document.ts';
import { Agent } from '../../support/agent.ts';
import { writeEvaluation, yesNoRows } from '../../support/evaluation.ts';
import { chirality } from '../lab/recipes/cli.ts';
import { folderOfTests } from '../../support/folder.ts';

const folder = folderOfTests('chirality-report-');

const evaluation = (path: string, right: { original: number; mirror: number }, manifest: object) =>
  writeEvaluation(join(folder, path), yesNoRows(right), manifest);

for (const run of ['given', 'spatial']) {
  await mkdir(join(folder, 'runs', run), { recursive: true });
  await writeFile(join(folder, 'runs', run, 'run.yaml'), 'recipe: grpo\n');
}
await evaluation('runs/given/eval/step-000010', { original: 30, mirror: 10 }, { step: 10, model: 'tiny' });
await evaluation('runs/spatial/eval/step-000005', { original: 32, mirror: 31 }, { step: 5, model: 'tiny' });
await evaluation('runs/spatial/eval/step-000010', { original: 30, mirror: 28 }, { step: 10, model: 'tiny' });
await evaluation('evals/qwen-1', { original: 20, mirror: 20 }, { model: 'Qwen', prompt: 'answer-direct' });
await mkdir(join(folder, 'runs/spatial/eval/step-000015')); // begun, and without results

const json = async (...args: string[]): Promise<ReportDocument> => {
  const { code, stdout, stderr } = await chirality(folder, 'report', ...args, '--json');
  expect([code, stderr]).toEqual([0, expect.stringMatching(/^(?:\d+ evaluations?\.\n)?$/)]);
  return JSON.parse(stdout) as ReportDocument;
};
const names = ({ sections }: ReportDocument, id = 'consistency') =>
  sections.find((section) => section.id === id)!.tables[0]!.rows.map(({ cells }) => cells[0]!.text);

describe('chirality report', () => {
  it('includes all runs and endpoint evaluations, or only the runs in its arguments', async () => {
    const all = ['Qwen, answer-direct', 'given, step 10', 'spatial, step 10'];
    expect(names(await json()).sort()).toEqual(all);
    expect(names(await json('spatial', '--checkpoints', 'best'))).toEqual(['spatial, step 5']);
    expect(names(await json('--eval', 'evals/qwen-1'))).toEqual(['Qwen, answer-direct']);
    expect(names(await json('evals/qwen-1'))).toEqual(['Qwen, answer-direct']);
  });

  it('writes every format, by file extension', async () => {
    const written = async (name: string, ...args: string[]) => {
      const { code, stdout, stderr } = await chirality(folder, 'report', 'given', '-o', name, ...args);
      expect([code, stdout, stderr]).toEqual([0, '', `1 evaluation.\nWrote ${name}.\n`]);
      return readFile(join(folder, name), 'utf8');
    };
    expect(await written('r.md')).toMatch(/^# Evaluations\n[^]*\| given, step 10³ \|/);
    const tex = await written('r.tex');
    expect(tex).toMatch(/\\begin\{tabular\}\{[^\n]*r\}\n\\toprule/);
    expect(tex.match(/\\label\{[^}]*\}/g)).toEqual(['\\label{tab:consistency-0}']);
    expect(await written('r.tex', '--table', 'accuracy-0')).toContain('\\label{tab:accuracy-0}');
    expect((await written('r.tex', '--all')).match(/\\label\{/g)!.length).toBeGreaterThan(3);
    expect(await written('r.html')).toMatch(/^<!doctype html>[^]*<svg/);
    expect(await written('r.csv', '--table', 'consistency-0')).toMatch(
      /^evaluation,originals,originals low,originals high,[^]*\r\n"given, step 10",75,/,
    );
    const alone = await written('one.md', '--table', 'consistency-0');
    expect(await written('r.md')).toContain(alone.trim());
    expect(alone).not.toMatch(/^#/m);
    expect(alone).toContain('| given, step 10');
    expect(JSON.parse(await written('r.json'))).toHaveProperty('sections');
  });

  it('report compares two runs row by row', async () => {
    const { lead, sections } = await json('--compare', 'given', 'spatial');
    expect(lead.join('\n')).toContain('To rank the evaluations, use the paired test of shared rows below.');
    expect(lead.join('\n')).not.toContain('before you trust the order');
    expect(sections[0]!.title).toBe('given, step 10 (A) against spatial, step 10 (B)');
    expect(sections[0]!.text[2]).toMatch(
      /^val, mirrors: B is better\. B minus A is \+45\.0 points.*Confidence: high\.$/,
    );
    expect(sections[0]!.tables.at(-1)!.caption).toBe('A wrong, B correct: 18 rows');
    const { stdout } = await chirality(folder, 'report', '--compare', 'given', 'evals/qwen-1');
    expect(stdout).toContain('Is it \\| the 12th?');
  });

  it('reports invalid arguments with a fix', async () => {
    const refused = async (...args: string[]) => {
      const { code, stderr } = await chirality(folder, 'report', ...args);
      return [code, stderr];
    };
    expect(await refused('nobody')).toEqual([
      2,
      expect.stringMatching(/Run "nobody" does not exist.*\n?.*chirality runs/),
    ]);
    expect(await refused('--format', 'csv')).toEqual([
      2,
      expect.stringMatching(/Pass it with --table: outcome-examples, accuracy-0/),
    ]);
    expect(await refused('--format', 'latex', '--table', 'none')).toEqual([
      2,
      expect.stringMatching(/table "none" does not exist\. Tables: outcome-examples, accuracy-0/),
    ]);
    expect(await refused('--all')).toEqual([
      2,
      expect.stringContaining('--all requires --format latex, not markdown'),
    ]);
    expect(await refused('--match', 'test=cv-bench')).toEqual([
      2,
      expect.stringMatching(/evaluation set "test" does not exist.*val/),
    ]);
    expect(await refused('--match', 'val=imagenet')).toEqual([2, expect.stringMatching(/q-spatial/)]);
    expect(await refused('--metric', 'beauty')).toEqual([2, expect.stringMatching(/accuracy/)]);
    expect(await refused('--base', 'nobody')).toEqual([
      2,
      expect.stringMatching(/"nobody" has no evaluation/),
    ]);
    expect(await refused('--compare', 'given')).toEqual([2, expect.stringMatching(/two runs/)]);
    expect(await refused('--eval', 'runs/given')).toEqual([
      1,
      expect.stringMatching(/no finished evaluation/),
    ]);
  });

  it('names the searched folders if no evaluation exists', async () => {
    const { code, stdout, stderr } = await chirality(folder, 'report', '--runs', 'elsewhere/runs');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^chirality: No evaluations in .*elsewhere.runs.*elsewhere.evals.*\n.*--eval/);
    expect(stderr.trim().split('\n').length).toBeLessThan(4);
  });

  it('contains the published tables without an evaluation only on request', async () => {
    const report = await json('--runs', 'elsewhere/runs', '--published');
    expect(report.lead[0]).toMatch(/^No evaluations/);
    expect(report.sections.map(({ id }) => id)).toEqual([
      'shift',
      'pass',
      'published',
      'claims',
      'limits',
      'about',
    ]);
  });
});

it('compares evaluations of equal files as one set, whatever its name is', async () => {
  const other = folderOfTests('chirality-report-sets-');
  const write = async (run: string, set: string, sha256: string) => {
    await mkdir(join(other, 'runs', run), { recursive: true });
    await writeFile(join(other, 'runs', run, 'run.yaml'), 'recipe: grpo\n');
    const rows = yesNoRows({ original: 30, mirror: 10 }).map((row) => ({ ...row, set }));
    const manifest = { step: 10, model: 'tiny', data: [{ set, sha256 }] };
    await writeEvaluation(join(other, 'runs', run, 'eval/step-000010'), rows, manifest);
  };
  await write('wizard', 'data.val', 'abc');
  await write('typed', 'val', 'abc');
  await write('other', 'val', 'def');
  const agent = await Agent.in(other);
  const compared = async (...runs: string[]) => {
    const { stdout } = await chirality(other, 'report', '--compare', ...runs, '--json');
    const { sections } = JSON.parse(stdout) as ReportDocument;
    const { unfair = [], paired } = await agent.call<{ unfair?: string[]; paired: unknown[] }>(
      'compare_runs',
      { runs },
    );
    const [{ title, text, tables }] = sections as [ReportDocument['sections'][number]];
    return { title, text: text.join(' '), tables: tables.length, unfair: unfair.join(' '), paired };
  };
  const equal = await compared('wizard', 'typed');
  expect(equal.text).toContain('data.val, both views correct: no difference.');
  expect(equal.tables).toBeGreaterThan(0);
  expect(equal.unfair).not.toContain('share no rows');
  expect(equal.paired.length).toBeGreaterThan(0);
  const different = await compared('wizard', 'other');
  expect(different.text).toContain('because A is an evaluation of data.val, and B of val.');
  expect(different.unfair).toContain('because wizard is an evaluation of data.val, and other of val.');
  expect([different.tables, different.paired]).toEqual([0, []]);
});
