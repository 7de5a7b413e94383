import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { withValue, type Tree } from '../../../src/core/config/tree.ts';
import { configText, planText } from '../../../src/extension/launch/propose.ts';
import { readPreset } from '../../../src/lab/library.ts';
import type { EvaluationResult } from '../../../src/core/evaluation/results.ts';
import { endsOf } from '../../../src/core/metrics/metric.ts';
import { ownPictures } from '../../support/own-table.ts';
import { folderOfTests } from '../../support/folder.ts';
import { chirality } from '../lab/recipes/cli.ts';
import { readRows } from '../../support/rows.ts';

// A plan as it is proposed trains for minutes.
vi.setConfig({ testTimeout: 1_800_000 });

const folder = folderOfTests('chirality-wizard-');
const run = async (...words: string[]) => {
  const { code, stdout, stderr } = await chirality(folder, ...words);
  expect(code, stderr).toBe(0);
  return stdout + stderr;
};
const worlds = (name: string, count: number, style: string) =>
  run('worlds', '--count', `${count}`, '-o', name, '--seed', name, '--style', style, '--size', '96');

/** Datasets that a wizard may meet, each with what makes its rows. */
const SETS: Record<string, (rows: string) => Promise<unknown>> = {
  'ten pictures and a CSV': async (rows) => {
    ownPictures(join(folder, 'own'));
    const table = join(folder, 'own/fragen.csv');
    writeFileSync(table, readFileSync(table, 'utf8').replace('Frage, auf Englisch', 'Frage'));
    const map = 'id=Nr,images=Bild,question=Frage,answer=Antwort';
    await run('convert', table, '-o', rows, '--image-folder', join(folder, 'own/photos'), '--map', map);
  },
  'compact worlds': () => worlds('compact worlds', 1000, 'compact'),
  'English worlds': () => worlds('English worlds', 400, 'english'),
  'rows of SAT': async (rows) => {
    // A run reads images in its folder alone.
    copyFileSync('test/fixtures/datasets/sat.parquet', join(folder, 'sat.parquet'));
    await run('convert', join(folder, 'sat.parquet'), '-o', rows);
  },
};

/** The accuracy on the rows that a run learnt from, at its first and its last evaluation. */
function accuracies(dir: string, steps: number): { first: number; last: number } {
  const at = (step: number) => {
    const path = join(dir, `eval/step-${String(step).padStart(6, '0')}/results.json`);
    const results = JSON.parse(readFileSync(path, 'utf8')) as EvaluationResult[];
    const fits = ({ set, view, task, metric, slice }: EvaluationResult) =>
      [set, view, task, metric].join() === 'learnt,original,all,accuracy' && slice === undefined;
    // Where free text cannot be judged, what is right for sure.
    return endsOf(results.find(fits)!)![0];
  };
  return { first: at(0), last: at(steps) };
}

describe.each(Object.keys(SETS))('plan of the wizard for %s', (name) => {
  const rows = join(folder, name, 'data.qa.jsonl');
  // The held-out part would show whether ten rows are enough to see, which they are not: here, whether it learns.
  const data = () => ({
    train: join(name, 'data.train.qa.jsonl'),
    eval: { learnt: join(name, 'data.train.qa.jsonl') },
  });
  const plainName = name.replaceAll(' ', '-');
  const runs = join(folder, 'sweeps', plainName, 'runs');

  it('the wizard’s plan trains by SFT, then improves by GRPO', async () => {
    mkdirSync(dirname(rows), { recursive: true });
    await SETS[name]!(rows);
    await run('convert', rows, '-o', rows, '--split', 'train=0.9,val=0.1');
    writeFileSync(join(folder, 'plan.sweep.yaml'), planText(data()));
    const text = await run('sweep', 'plan.sweep.yaml', '--name', plainName);
    expect(text).toMatch(/SFT for \d+ steps, then GRPO for \d+ steps/);
    const report = await run('sweep', 'report', plainName);
    expect(report).toMatch(/by pair accuracy on learnt[^:]*: (SFT|GRPO) with .* The next condition, /);
    expect(report).toContain('Every condition minus SFT.');
    const [sft, grpo] = ['sft', 'grpo'].map((arm) => join(runs, `${arm}-seed-0`)) as [string, string];
    const steps = (dir: string) =>
      (parse(readFileSync(join(dir, 'run.yaml'), 'utf8')) as { steps: number }).steps;
    const seen = accuracies(sft, steps(sft));
    expect(seen.last).toBeGreaterThan(seen.first);
    const better = accuracies(grpo, steps(grpo));
    expect(better.last).toBeGreaterThan(seen.first);
    expect(JSON.parse(readFileSync(join(grpo, 'state.json'), 'utf8'))).not.toHaveProperty('alarm');
    // What is learnt by then has rewards; a new model has none.
    const rewards = readRows<{ reward: number }>(join(grpo, 'metrics.jsonl')).map((row) => row.reward);
    expect(rewards[0]).toBeGreaterThan(0);
    // GRPO does not lose what SFT has learnt. Where that is all of the rows, there is nothing left to win.
    expect(better.last).toBeGreaterThanOrEqual(better.first - 0.05);
  });

  it('learns: GRPO from a checkpoint', async () => {
    const path = join(runs, 'sft-seed-0/checkpoints/step-000300');
    const text = configText(readPreset('demo')!, data(), { kind: 'checkpoint', path });
    const evaluate = { at_start: true, max_tokens: 32 };
    const short = withValue(parse(text) as Tree, ['evaluate'], evaluate);
    writeFileSync(join(folder, 'demo.run.yaml'), stringify(short));
    await run('train', 'demo.run.yaml', '--name', plainName);
    const dir = join(folder, 'runs', plainName);
    const state = JSON.parse(readFileSync(join(dir, 'state.json'), 'utf8')) as {
      alarm?: string;
      steps: number;
    };
    expect(state.alarm).toBeUndefined();
    expect(accuracies(dir, state.steps).last).toBeGreaterThan(0);
  });
});
