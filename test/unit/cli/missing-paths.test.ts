import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { chirality } from '../lab/recipes/cli.ts';
import { folderOfTests } from '../../support/folder.ts';
import { few } from '../../support/slow.ts';

const folder = folderOfTests('chirality-missing-');
mkdirSync(join(folder, 'rows'));
writeFileSync(join(folder, 'rows/train.qa.jsonl'), '');

/** A config that lies next to `rows`, and is started from the folder above. */
function write(name: string, lines: string[]): string {
  writeFileSync(join(folder, 'rows', name), `${lines.join('\n')}\n`);
  return join('rows', name);
}

test('runs: fails if the folder of --runs does not exist', async () => {
  const { code, stderr } = await chirality(folder, 'runs', '--runs', 'gone');
  expect(code).toBe(2);
  expect(stderr).toContain('--runs gone: the folder does not exist.');
});

describe('paths in a config are checked before a run folder is created', () => {
  const start = ['preset: demo', 'data:', '  train: train.qa.jsonl'];
  test.each(
    few<[string, string[], string]>([
      [
        'training rows',
        ['preset: demo', 'data: { train: gone.qa.jsonl }'],
        '2:9: error: File gone.qa.jsonl does not exist',
      ],
      [
        'an evaluation set',
        [...start, '  eval:', '    val: gone.qa.jsonl'],
        '5:5: error: File gone.qa.jsonl does not exist',
      ],
      ['the data root', [...start, '  root: gone'], '4:3: error: Folder gone does not exist'],
      [
        'weights to start from',
        [...start, 'init: runs/sft/gone'],
        '4:1: error: Folder runs/sft/gone does not exist',
      ],
      [
        'an encoder',
        [...start, 'rewards:', '  semantic: { encoder: minilm, encoder_path: gone }'],
        '5:32: error: Folder gone does not exist',
      ],
      [
        'a model next to the config',
        [...start, 'engine: { kind: torch, model: ./gone }'],
        '4:24: error: Folder ./gone does not exist',
      ],
    ]),
  )('train reports missing paths: %s', async (_, lines, message) => {
    const path = write('a.run.yaml', lines);
    for (const more of [[], ['--dry-run']]) {
      const { code, stderr } = await chirality(folder, 'train', path, ...more);
      expect([code, stderr]).toEqual([1, expect.stringContaining(`${path}:${message}`)]);
    }
    expect(existsSync(join(folder, 'runs'))).toBe(false);
  });

  test('train lists missing paths with the other mistakes', async () => {
    const path = write('b.run.yaml', ['recipe: gpro', 'data: { train: gone.qa.jsonl }']);
    const { code, stderr } = await chirality(folder, 'train', path);
    expect(code).toBe(1);
    expect(stderr).toContain(`${path}:1:1: error: "recipe"`);
    expect(stderr).toContain(`${path}:2:9: error: File gone.qa.jsonl does not exist`);
  });

  test('sweep reports paths in its conditions', async () => {
    const path = write('a.sweep.yaml', [
      'base: { preset: demo, data: { train: train.qa.jsonl, eval: { val: train.qa.jsonl } } }',
      'cells:',
      '  a: { init: gone/weights }',
      '  b: { data: { eval: { val: gone.qa.jsonl } } }',
      'compare: { set: val }',
      'seeds: [1]',
    ]);
    for (const more of [[], ['--dry-run']]) {
      const { code, stderr } = await chirality(folder, 'sweep', path, ...more);
      expect([code, stderr]).toEqual([
        1,
        expect.stringContaining(`${path}: These files do not exist: gone/weights, gone.qa.jsonl.`),
      ]);
    }
    expect(existsSync(join(folder, 'sweeps'))).toBe(false);
  });
});

test.each(few(['../elsewhere', 'con', 'a?', '.hidden']))(
  'train and sweep reject the name %s',
  async (name) => {
    const config = write('b.run.yaml', ['preset: demo', 'data: { train: train.qa.jsonl }']);
    const sweep = write('b.sweep.yaml', [
      'base: { preset: demo, data: { train: train.qa.jsonl, eval: { val: train.qa.jsonl } } }',
      'cells: { a: {}, b: { batch: { rows: 2 } } }',
      'compare: { set: val }',
      'seeds: [1]',
    ]);
    for (const args of [
      ['train', config],
      ['sweep', sweep],
    ]) {
      const { code, stderr } = await chirality(folder, ...args, '--name', name);
      expect([code, stderr]).toEqual([
        2,
        expect.stringContaining(`--name must be a folder name without slashes, not "${name}"`),
      ]);
    }
  },
);
