import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scratch, torch } from './open.ts';

const CLI = join(process.cwd(), 'dist/cli.js');

describe.skipIf(!torch)('datasets converted for trainers', () => {
  it('exported datasets load in the datasets library, with both images of every pair', () => {
    const folder = scratch();
    cpSync('test/fixtures/foreign-runs/data', folder, { recursive: true });
    const convert = (...args: string[]) =>
      execFileSync(process.execPath, [CLI, 'convert', 'worlds.qa.jsonl', ...args], { cwd: folder });
    convert('--to', 'trl', '-o', 'trl.parquet');
    convert('--to', 'verl', '-o', 'verl.parquet');
    convert('--to', 'ms-swift', '-o', 'swift.jsonl', '--extract-images', 'mirrored');
    const out = execFileSync(torch!.python, ['test/python/trainer_data.py', folder], { encoding: 'utf8' });
    const question =
      'which is closer , the yellow-cone or the purple-cone ? Choose between the following options: yellow-cone or purple-cone.';
    expect(JSON.parse(out.trim().split('\n').at(-1)!)).toEqual({
      trl: {
        columns: ['prompt', 'images', 'solution', 'pair', 'view'],
        first: {
          prompt: [{ role: 'user', content: question }],
          solution: 'yellow-cone',
          pair: 'worlds-3-1',
          view: 'original',
        },
        rows: 12,
        mirrored: true,
      },
      verl: {
        columns: ['data_source', 'prompt', 'images', 'ability', 'reward_model', 'extra_info'],
        first: {
          data_source: 'worlds',
          ability: 'mcq',
          prompt: [{ role: 'user', content: `<image>${question}` }],
          reward_model: { style: 'rule', ground_truth: 'yellow-cone' },
          extra_info: {
            index: 0,
            pair: 'worlds-3-1',
            view: 'original',
            question: 'which is closer , the yellow-cone or the purple-cone ?',
            answer: 'yellow-cone',
          },
        },
        rows: 12,
        mirrored: true,
      },
      'ms-swift': {
        first: {
          messages: [{ role: 'user', content: `<image>${question}` }],
          solution: 'yellow-cone',
          pair: 'worlds-3-1',
          view: 'original',
          images: ['images/000001.png'],
        },
        mirrored: true,
      },
    });
  });
});
