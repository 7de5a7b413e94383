import { describe, expect, test } from 'vitest';
import { loadRun } from '../../../src/core/config/load.ts';
import { configText, setName, tradeOff } from '../../../src/extension/launch/new-config.ts';
import { listPresets, readPreset } from '../../../src/lab/library.ts';

describe('a new config', () => {
  test.each(listPresets().map(({ name }) => name))('of %s is valid and reads the chosen data', (name) => {
    const data = { train: '../my data/train.qa.jsonl', eval: { val: 'val.qa.jsonl', 'a: b': '#1.qa.jsonl' } };
    const text = configText(readPreset(name)!, data);
    const { config, problems } = loadRun(text, 'new.run.yaml', () => null);
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(config!.data).toMatchObject(data);
    // Every line of the preset is there, comments too.
    expect(text.split('\n')).toEqual(expect.arrayContaining(readPreset(name)!.split('\n')));
  });

  test('needs no evaluation set', () => {
    const text = configText('# About.\nrecipe: sft\n', { train: 'a.qa.jsonl', eval: {} });
    expect(text).toBe('# About.\ndata:\n  train: a.qa.jsonl\nrecipe: sft\n');
  });
});

test('sets are named after their file, or after the folder of a data.qa.jsonl', () => {
  expect(['/a/val.qa.jsonl', '/a/val/data.qa.jsonl', 'data.qa.jsonl'].map(setName)).toEqual([
    'val',
    'val',
    'data',
  ]);
});

test('presets say when to choose them, and what their rank costs', () => {
  const texts = Object.fromEntries(listPresets().map((preset) => [preset.name, tradeOff(preset)]));
  expect(texts['demo-sft']).toBe('SFT: for coverage, and where data are scarce');
  expect(texts['svqa-r1']).toMatch(/^GRPO: for precision.*LoRA of rank 16: /);
});
