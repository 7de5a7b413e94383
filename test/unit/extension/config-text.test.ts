import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { untrainedNotes } from '../../../src/cli/training-sets.ts';
import { loadRun } from '../../../src/core/config/load.ts';
import { loadSweep } from '../../../src/core/config/load-sweep.ts';
import { presetItem } from '../../../src/extension/launch/choose-start.ts';
import {
  configText,
  distinctPaths,
  namedSets,
  planText,
  proposedEvaluation,
  splitOf,
  trainingOrder,
} from '../../../src/extension/launch/propose.ts';
import { listPresets, readPreset } from '../../../src/lab/library.ts';
import { forAll, property } from '../../support/property.ts';

describe('configText', () => {
  test.each(listPresets().map(({ name }) => name))('configText writes a valid config for %s', (name) => {
    const data = { train: '../my data/train.qa.jsonl', eval: { val: 'val.qa.jsonl', 'a: b': '#1.qa.jsonl' } };
    const text = configText(readPreset(name)!, data);
    const { config, problems } = loadRun(text, 'new.run.yaml', () => null);
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(config!.data).toMatchObject(data);
    // Every line of the preset is there, comments too.
    expect(text.split('\n')).toEqual(expect.arrayContaining(readPreset(name)!.split('\n')));
  });

  test.each(listPresets().map(({ name }) => name))(
    'configText asks %s for no reasoning if the rows have none, and trains stored mirrors unless the preset does not',
    (name) => {
      const data = { train: 'a.qa.jsonl', eval: {} };
      const preset = loadRun(configText(readPreset(name)!, data), 'p', () => null).config!;
      for (const reasoning of [true, false])
        for (const mirrors of [true, false]) {
          const text = configText(readPreset(name)!, data, undefined, { reasoning, mirrors });
          const { config, problems } = loadRun(text, 'new.run.yaml', () => null);
          expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
          if (!reasoning) expect(text).not.toContain('{reasoning}');
          const added = mirrors && preset.recipe === 'sft' ? { mirror: true } : undefined;
          expect(config!.views).toEqual(preset.views ?? added);
          expect(config).toMatchObject({
            ...preset,
            ...('target' in preset && { target: expect.any(String) }),
          });
        }
    },
  );

  test('configText writes a valid config without an evaluation set', () => {
    const text = configText('# About.\nrecipe: sft\n', { train: 'a.qa.jsonl', eval: {} });
    expect(text).toBe('# About.\ndata:\n  train: a.qa.jsonl\nrecipe: sft\n');
  });
});

describe('initial model of a config', () => {
  const data = { train: 'a.qa.jsonl', eval: { val: 'b.qa.jsonl' } };
  const load = (text: string) => loadRun(text, 'new.run.yaml', readPreset);

  test('the initial model is a checkpoint in init, without a warning about an untrained model', () => {
    const codes = (text: string) => untrainedNotes(load(text).config!).map(({ code }) => code);
    expect(codes(configText(readPreset('demo')!, data))).toEqual(['untrained']);
    const text = configText(readPreset('demo')!, data, {
      kind: 'checkpoint',
      path: '../my run/checkpoints/step-000400',
    });
    expect(codes(text)).toEqual([]);
    // The heading of a preset describes the preset's model.
    expect(text).toMatch(/^init: /);
    expect(load(text)).toMatchObject({ problems: [], config: { init: '../my run/checkpoints/step-000400' } });
  });

  test.each(['./models/mine', 'Qwen/Qwen3-VL-4B-Instruct'])(
    'the initial model replaces the model of the preset with %s',
    (model) => {
      const text = configText(readPreset('svqa-r1-24gb')!, data, { kind: 'model', model });
      expect(text).not.toContain('3B');
      const { config } = load(text);
      expect(config!.engine).toMatchObject({ kind: 'torch', model });
    },
  );

  test.each([true, false])('SFT of a plan trains stored mirrors: %s', (mirrors) => {
    const { sweep, problems } = loadSweep(planText(data, mirrors), 'p', {
      readPreset,
      readConfig: () => null,
    });
    expect(problems).toEqual([]);
    expect(sweep!.arms[0]!.config.views).toEqual(mirrors ? { mirror: true } : undefined);
  });

  test('a plan trains SFT, then GRPO from its last checkpoint, and compares both runs', () => {
    const files = { readPreset, readConfig: () => null };
    const { sweep, problems } = loadSweep(
      planText({ ...data, eval: { 'a: b': '#1.qa.jsonl', ...data.eval } }),
      'p',
      files,
    );
    expect(problems).toEqual([]);
    expect(sweep!.arms).toMatchObject([
      { name: 'sft', isStage: false, config: { recipe: 'sft', data: { train: 'a.qa.jsonl' } } },
      {
        name: 'grpo',
        isStage: false,
        config: { recipe: 'grpo', init: 'sft', data: { eval: { val: 'b.qa.jsonl' } } },
      },
    ]);
    expect(sweep!.arms.every(({ config }) => config.evaluate.at_start)).toBe(true);
  });
});

test('details of list items fit the width of a list', () => {
  const files = readdirSync('src/extension', { recursive: true, encoding: 'utf8' });
  const long = files
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => [...readFileSync(join('src/extension', file), 'utf8').matchAll(/detail: '([^']*)'/g)])
    .filter(([, detail]) => detail!.length > 80);
  expect(long.map(([, detail]) => detail)).toEqual([]);
});

describe('proposed training and evaluation files', () => {
  const files = (sizes: Record<string, number | null>) =>
    Object.entries(sizes).map(([path, rows]) => ({ path, rows }));
  const order = (sizes: Record<string, number | null>) => trainingOrder(files(sizes)).map(({ path }) => path);

  test('splitOf: reads the split from file and folder names', () => {
    const splits = {
      '/w/val/data': 'held-out',
      '/w/a.test': 'held-out',
      '/w/train/data': 'train',
      '/w/a.train': 'train',
      '/w/clean/data': 'whole',
      '/w/validity': 'whole',
      '/test/w/a': 'whole',
    };
    for (const [path, split] of Object.entries(splits)) expect(splitOf(`${path}.qa.jsonl`)).toBe(split);
    expect(splitOf('/w/a.val.mirrored.qa.jsonl')).toBe('held-out');
  });

  test('proposes the largest demo dataset for training, and val only for evaluation', () => {
    const demo = {
      '/w/val/data.qa.jsonl': 256,
      '/w/skewed/data.qa.jsonl': 1600,
      '/w/clean/data.qa.jsonl': 4000,
    };
    const ordered = order(demo);
    expect(ordered).toEqual(['/w/clean/data.qa.jsonl', '/w/skewed/data.qa.jsonl', '/w/val/data.qa.jsonl']);
    const [train, ...others] = ordered as [string, ...string[]];
    expect(
      proposedEvaluation(
        { path: train, rows: 4000 },
        others.map((path) => ({ path, shared: 0 })),
      ),
    ).toEqual({ files: ['/w/val/data.qa.jsonl'], holdsOut: false });
  });

  test.each([
    ['/w/own', ['/w/scenes/data.val', '/w/scenes/data', '/w/scenes.val/data'], []],
    ['/w/own', ['/w/cups.val', '/w/other'], ['/w/cups.val']],
    ['/w/own', ['/w/val/data', '/w/other'], ['/w/val/data']],
    ['/w/scenes/data.train', ['/w/scenes/data.val', '/w/val/data'], ['/w/scenes/data.val']],
  ])('proposes for %s only evaluation sets that belong to it', (train, others, proposed) => {
    const file = (path: string) => `${path}.qa.jsonl`;
    const shared = others.map((path) => ({ path: file(path), shared: 0 }));
    const { files, holdsOut } = proposedEvaluation({ path: file(train), rows: 11 }, shared);
    expect(files).toEqual(proposed.map(file));
    expect(holdsOut).toBe(proposed.length === 0);
  });

  const some = fc.uniqueArray(
    fc.record({
      path: fc
        .tuple(
          fc.constantFrom('/w', '/w/a', '/w/train', '/w/val', '/w/test'),
          fc.constantFrom('x', 'x.train', 'y.val', 'z-test', 'data'),
        )
        .map(([folder, name]) => `${folder}/${name}.qa.jsonl`),
      rows: fc.option(fc.nat(5000)),
      shared: fc.constantFrom<number | 'too-large'>(0, 0, 0.5, 'too-large'),
    }),
    { selector: ({ path }) => path, minLength: 1 },
  );

  property('proposes a held-out part for training only if no other rows exist', [some], (all) => {
    const ordered = trainingOrder(all);
    expect(new Set(ordered)).toEqual(new Set(all));
    const isLast = splitOf(ordered[0]!.path) === 'held-out';
    expect(isLast).toBe(all.every(({ path }) => splitOf(path) === 'held-out'));
    // In any order in which the files are found.
    expect(trainingOrder(all.toReversed())).toEqual(ordered);
  });

  property(
    'proposes evaluation files without training rows, or holds out rows from ten on',
    [some],
    ([train, ...others]) => {
      const { files, holdsOut } = proposedEvaluation(train!, others);
      expect(holdsOut).toBe(files.length === 0 && (train!.rows ?? 10) >= 10);
      for (const path of files) {
        expect(others.find((other) => other.path === path)!.shared).toBe(0);
        expect(splitOf(path)).not.toBe('train');
      }
      const isNear = (path: string) => dirname(path) === dirname(train!.path);
      const free = others.some(
        ({ path, shared }) => shared === 0 && isNear(path) && splitOf(path) === 'held-out',
      );
      if (free) expect(files.every((path) => splitOf(path) === 'held-out')).toBe(true);
    },
  );

  test('property: distinctPaths: returns distinct file names that include a folder', () => {
    forAll([some], (all) => {
      const paths = all.map(({ path }) => path.slice(1));
      const names = distinctPaths(paths);
      expect(new Set(names).size).toBe(paths.length);
      for (const [i, name] of names.entries()) {
        expect(paths[i]!.endsWith(name)).toBe(true);
        expect(name).toContain('/');
      }
    });
    expect(distinctPaths(['a.qa.jsonl', 'b/a.qa.jsonl', 'c/b/a.qa.jsonl'])).toEqual([
      'a.qa.jsonl',
      'b/a.qa.jsonl',
      'c/b/a.qa.jsonl',
    ]);
  });
});

test('namedSets: names sets after their file or folder, without duplicates', () => {
  const paths = ['/a/val.qa.jsonl', '/a/val/data.qa.jsonl', 'data.qa.jsonl', '/b/val/data.qa.jsonl'];
  expect(namedSets(paths)).toEqual({ val: paths[0], 'val-2': paths[1], data: paths[2], 'val-3': paths[3] });
});

test('presetItem: describes each preset differently, in lines that fit the list', () => {
  const items = listPresets().map((preset) => presetItem({ ...preset, ready: true, seconds: null }));
  for (const preset of listPresets())
    expect(presetItem({ ...preset, ready: false, seconds: null }).detail!.length).toBeLessThanOrEqual(75);
  // As much as a list shows in a window of 700 pixels.
  for (const { label, description, detail } of items) {
    expect(`${label} ${description!}`.length).toBeLessThanOrEqual(75);
    expect(detail).toMatch(/^(?:CPU|(?:one |eight )?GPUs?)\b.{5,60}$/);
  }
  const begins = items.map(({ description }) => description!.slice(0, 12));
  expect(new Set(begins).size).toBe(items.length);
});
