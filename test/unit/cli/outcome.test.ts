import { percentText } from '../../../src/base/format.ts';
import { expect, it } from 'vitest';
import { addEvalCommand } from '../../../src/cli/commands/eval.command.ts';
import { addReportCommand } from '../../../src/cli/commands/report.command.ts';
import { addAttachCommand, addRunsCommand } from '../../../src/cli/commands/runs.command.ts';
import { addTraceCommand } from '../../../src/cli/commands/trace.command.ts';
import {
  formatResults,
  mainFigures,
  nearChance,
  outcomeLines,
} from '../../../src/core/reports/figures-text.ts';
import { evaluationResultSchema } from '../../../src/core/evaluation/results.ts';
import { shareWithInterval } from '../../../src/core/metrics/share.ts';
import { newestEvaluation } from '../../../src/lab/evaluation/evaluation-folders.ts';
import { runCommand } from '../../support/command.ts';
import { folderOfTests } from '../../support/folder.ts';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const RUNS = 'test/fixtures/runs';
const folder = folderOfTests('outcome-');
const { results } = (await newestEvaluation(`${RUNS}/given`))!;

it('outcomeLines: reports accuracy by view, and pair accuracy', async () => {
  expect(outcomeLines(results)).toEqual([
    expect.stringMatching(
      /^val: accuracy on originals [\d.]+%, mirrors [\d.]+%, pair accuracy [\d.]+% \(\d+ rows\)\.$/,
    ),
  ]);
  const originals = results.filter(({ view }) => view === 'original');
  expect(outcomeLines(originals)).toEqual([
    expect.stringMatching(/^val: accuracy on originals [\d.]+% \(\d+ rows\)\.$/),
  ]);
  expect(outcomeLines(results.filter(({ metric }) => metric !== 'accuracy'))).toEqual([]);
  // Where few rows have a mirror, every share says of how many rows it is.
  const few = results.map((one) => (one.view === 'original' ? one : { ...one, n: 11 }));
  expect(outcomeLines(few)).toEqual([
    expect.stringMatching(
      /^val: accuracy on originals [\d.]+% \(n = \d+\), mirrors [\d.]+% \(n = 11\), pair accuracy [\d.]+% \(n = 11\)\.$/,
    ),
  ]);
  const { err } = await runCommand(addAttachCommand, 'attach', 'given', '--runs', RUNS);
  expect(err.join('\n')).toContain(outcomeLines(results)[0]);
  // The next command finds the run where it is.
  expect(err.at(-1)).toContain(`\`chirality report given --runs ${RUNS}\``);
});

it('nearChance: reports a model with accuracy near chance in every view', () => {
  const at = (view: 'original' | 'mirror', right: number) => {
    const rows = Array.from({ length: 100 }, (_, i) => ({ cluster: String(i), value: Number(i < right) }));
    const accuracy = { ...shareWithInterval(rows), chance: 0.5 };
    return evaluationResultSchema.parse({ set: 'val', view, metric: 'accuracy', ...accuracy });
  };
  expect(nearChance([at('original', 56), at('mirror', 45)])).toEqual([
    'val: near chance on originals (50.0%) and mirrors (50.0%); the 95% intervals include chance.',
  ]);
  // Better than chance in one view, or right by habit in one and wrong in the other.
  expect(nearChance([at('original', 75), at('mirror', 52)])).toEqual([]);
  expect(nearChance([at('original', 98), at('mirror', 3)])).toEqual([]);
  // Open answers cannot be guessed, and what guesses at some of the rows reach says nothing of all of them.
  expect(nearChance([{ ...at('original', 50), chance: undefined }])).toEqual([]);
  expect(nearChance([{ ...at('original', 50), chance_n: 60 }])).toEqual([]);
  expect(formatResults([{ ...at('original', 50), chance_n: 60 }], false)).toContain('50.0 (of 60)');
  // The table of all kinds contains the bound of each kind.
  const floor = { constant: 0, words: 0.878, bounded: false };
  expect(formatResults([{ ...at('original', 50), floor }], true)).toMatch(/image-free bound\n.* 87\.8$/m);
});

it('mainFigures: selects the main values, with one per set, view and task', () => {
  const main = mainFigures(results);
  expect(main.length).toBeLessThan(results.length / 2);
  expect(
    main.filter(({ view }) => view === 'mirror').map(({ task, metric }) => `${task} ${metric}`),
  ).toContain('all accuracy');
  const ofViews = main.filter(({ view }) => view !== null).map((one) => `${one.set} ${one.view} ${one.task}`);
  expect(new Set(ofViews).size).toBe(ofViews.length);
});

it('runs: shows pair accuracy', async () => {
  const { out } = await runCommand(addRunsCommand, 'runs', '--runs', RUNS, '--sort', 'right');
  const both = results.find(({ metric, view, slice }) => metric === 'consistent' && view === null && !slice)!;
  expect(out.join('\n')).toMatch(new RegExp(`given +finished .* ${percentText(both.value)}`));
});

it('runs: shows alarms of external runs with their first step', async () => {
  const log = Array.from({ length: 40 }, (_, i) => ({
    step: i + 1,
    reward: i / 40,
    'completions/clipped_ratio': i < 20 ? 0 : 1,
  }));
  const run = join(folder, 'grpo/checkpoint-40');
  mkdirSync(run, { recursive: true });
  writeFileSync(join(run, 'trainer_state.json'), JSON.stringify({ log_history: log, global_step: 40 }));
  const { out } = await runCommand(addRunsCommand, 'runs', '--runs', folder);
  expect(out.join('\n')).toContain(
    'alarm from step 20: At least 90% of completions are truncated at the token limit',
  );
  const { out: json } = await runCommand(addRunsCommand, 'runs', '--runs', folder, '--json');
  expect(JSON.parse(json.join('\n'))).toMatchObject({
    runs: [{ alarms: [{ since: 20, message: expect.stringContaining('token limit') as unknown }] }],
  });
});

it('trace: reports why a run has no traces, and suggests its evaluations', async () => {
  await expect(runCommand(addTraceCommand, 'trace', 'sft', '--runs', RUNS)).rejects.toMatchObject({
    message: expect.stringContaining('Only GRPO runs') as unknown,
    where: { fix: expect.stringContaining('--eval step-000300') as unknown },
  });
});

it('eval: prints percentages, and accepts a run with --model', async () => {
  const main = formatResults(mainFigures(results), false);
  expect(main).toMatch(/accuracy +[\d.]+% /);
  const missing = runCommand(addEvalCommand, 'eval', '--model', 'nobody', '--runs', RUNS);
  await expect(missing).rejects.toThrow('Run "nobody" does not exist');
});

it('report: distinguishes a file from a missing run', async () => {
  await expect(runCommand(addReportCommand, 'report', 'README.md')).rejects.toMatchObject({
    message: 'README.md is a file, not the folder of a run or evaluation.',
    where: { fix: expect.stringContaining('chirality metrics README.md') as unknown },
  });
});

it('trace, report and attach: report a folder without a run in the same words as import', async () => {
  for (const add of [addTraceCommand, addReportCommand, addAttachCommand]) {
    const name = add === addTraceCommand ? 'trace' : add === addReportCommand ? 'report' : 'attach';
    await expect(runCommand(add, name, 'docs')).rejects.toThrow('docs does not contain a run of a program');
  }
});

it('report: includes an evaluation whose rows were deleted', async () => {
  const { err } = await runCommand(addReportCommand, 'report', '--runs', RUNS);
  expect(err).toContain('3 evaluations.');
});
