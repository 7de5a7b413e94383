import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadRun } from '../../../../src/core/config/load.ts';
import { reportTargets } from '../../../../src/lab/curves/targets.ts';

const preset = readFileSync('library/presets/demo.run.yaml', 'utf8');
const load = (value: string) =>
  loadRun(
    `preset: demo\nsteps: 1\ndata: { train: rows.qa.jsonl }\nreport_to: ${value}\n`,
    'a.run.yaml',
    () => preset,
  );
const targets = (value: string) => reportTargets(load(value).config!.report_to);

test('report_to accepts one tool or several tools, and removes repeats', () => {
  expect(targets('tensorboard')).toEqual([{ tool: 'tensorboard', sendTo: null }]);
  expect(targets('[wandb, mlflow, wandb]')).toEqual([
    { tool: 'wandb', sendTo: null },
    { tool: 'mlflow', sendTo: null },
  ]);
  expect(reportTargets(undefined)).toEqual([]);
});

test('report_to sends data only to the destinations in the config', () => {
  expect(targets('[wandb, { wandb: online, mlflow: "http://localhost:5000" }, mlflow]')).toEqual([
    { tool: 'wandb', sendTo: 'online' },
    { tool: 'mlflow', sendTo: 'http://localhost:5000' },
  ]);
});

test.each([
  '[]',
  'weights',
  '{ wandb: offline }',
  '{ trackio: online }',
  '{ mlflow: "file:///etc" }',
  '{}',
  '{ mlflow: "http://me:secret@h" }',
])('report_to: rejects %s with its line number', (value) => {
  expect(load(value).problems[0]).toMatchObject({ path: expect.stringMatching(/^report_to/), line: 4 });
});
