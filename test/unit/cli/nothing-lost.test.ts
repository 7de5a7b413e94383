import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CLI } from '../lab/recipes/cli.ts';
import { folderOfEachTest } from '../../support/folder.ts';
import { few, slowly } from '../../support/slow.ts';

const GOOD =
  '{"id":"a","question":"Is the cup left of the plate?","answer":"Yes","images":[{"w":9,"h":9}]}\n';
const BROKEN = '{"id":"b","question":"Is the cup lef\n';

let folder = '';
folderOfEachTest('chirality-nothing-lost-', (made) => (folder = made));
const at = (name: string) => join(folder, name);
const text = (name: string) => readFileSync(at(name), 'utf8');

const chirality = (...args: string[]) =>
  new Promise<{ code: number; err: string }>((resolve) => {
    execFile(process.execPath, [CLI, ...args], { cwd: folder }, (error, _, err) => {
      resolve({ code: error ? Number(error.code) : 0, err });
    });
  });

describe('unreadable rows', () => {
  test.each([
    ['view mirror', 'data.qa.jsonl'],
    ['view polarity', 'data.qa.jsonl'],
  ])('%s preserves unreadable rows instead of overwriting them', async (command, file) => {
    writeFileSync(at(file), GOOD + BROKEN);
    const { code, err } = await chirality(...command.split(' '), file, '-o', file);
    expect([code, err]).toEqual([1, expect.stringContaining('Cannot write')]);
    expect(err).toContain(`${file}:2: error`);
    expect(text(file)).toBe(GOOD + BROKEN);
  });

  test.each(
    few([['view mirror'], ['view polarity'], ['convert'], ['score'], ['graph convert --from clevr']]),
  )('%s preserves its existing output if no row is readable', async (command) => {
    writeFileSync(at('in.qa.jsonl'), BROKEN);
    writeFileSync(at('out.qa.jsonl'), GOOD);
    const { code } = await chirality(...command.split(' '), 'in.qa.jsonl', '-o', 'out.qa.jsonl');
    expect(code).toBe(command.startsWith('graph') ? 1 : 2);
    expect(text('out.qa.jsonl')).toBe(GOOD);
  });

  slowly('unreadable rows are excluded and reported if the output is another file', async () => {
    writeFileSync(at('in.qa.jsonl'), GOOD + BROKEN);
    const { code, err } = await chirality('view', 'mirror', 'in.qa.jsonl', '-o', 'out.qa.jsonl');
    expect([code, text('out.qa.jsonl').trim().split('\n').length]).toEqual([1, 1]);
    expect(err).toContain('in.qa.jsonl:2: error');
  });

  test('data audit reports unreadable rows, and uses the readable rows', async () => {
    writeFileSync(at('in.qa.jsonl'), GOOD + BROKEN);
    const { code, err } = await chirality('data', 'audit', 'in.qa.jsonl');
    expect([code, err]).toEqual([0, expect.stringContaining('in.qa.jsonl:2: error')]);
    writeFileSync(at('in.qa.jsonl'), BROKEN);
    expect(await chirality('data', 'audit', 'in.qa.jsonl')).toMatchObject({ code: 2 });
    expect(await chirality('data', 'stats', 'in.qa.jsonl')).toMatchObject({ code: 2 });
  });
});

test('graph compose: does not overwrite its input', async () => {
  writeFileSync(at('in.qa.jsonl'), GOOD);
  const { code, err } = await chirality('graph', 'compose', 'in.qa.jsonl', '-o', './in.qa.jsonl');
  expect([code, err]).toEqual([2, expect.stringContaining('Pass another file')]);
  expect(text('in.qa.jsonl')).toBe(GOOD);
});

test.each(few([['view mirror in.qa.jsonl'], ['data check in.qa.jsonl'], ['score in.qa.jsonl']]))(
  '%s reports a folder given as its output',
  async (command) => {
    writeFileSync(at('in.qa.jsonl'), GOOD);
    mkdirSync(at('out'));
    const { code, err } = await chirality(...command.split(' '), '-o', 'out');
    expect(code).toBe(1);
    expect(err).toContain('out is a folder, not a file.');
    expect(err).not.toContain('.tmp');
  },
);

test.each(
  few([
    ['convert', 'rows.qa.jsonl', 'rows.qa.jsonl', 1],
    ['data check', 'rows.qa.jsonl', 'rows.qa.jsonl', 1],
    ['convert --sample 1', 'rows.qa.jsonl', 'rows.qa.jsonl', 2],
    ['convert --split train=1', 'rows.train.qa.jsonl', 'rows.qa.jsonl', 2],
    ['score', 'rows.qa.jsonl', 'rows.qa.jsonl', 2],
  ]),
)('%s does not overwrite %s with fewer rows', async (command, input, output, expected) => {
  writeFileSync(at(input), GOOD + BROKEN);
  const { code } = await chirality(...command.split(' '), input, '-o', output);
  expect([code, text(input)]).toEqual([expected, GOOD + BROKEN]);
});

test('view mirror: does not overwrite its input images', async () => {
  mkdirSync(at('images'));
  const picture = readFileSync(new URL('../../fixtures/images/rgb.png', import.meta.url));
  writeFileSync(at('images/a.png'), picture);
  writeFileSync(at('in.qa.jsonl'), GOOD.replace('{"w":9,"h":9}', '"images/a.png"'));
  const { code, err } = await chirality(
    'view',
    'mirror',
    'in.qa.jsonl',
    '-o',
    'out.qa.jsonl',
    '--write-images',
    '.',
  );
  expect([code, err]).toEqual([2, expect.stringContaining('would replace the image')]);
  expect(readFileSync(at('images/a.png'))).toEqual(picture);
});

test('convert: writes images of a second set next to the images of the first set', async () => {
  const set = (name: string, picture: string) => {
    const bytes = readFileSync(new URL(`../../fixtures/images/${picture}`, import.meta.url)).toString(
      'base64',
    );
    const row = {
      id: '0',
      question: 'Is it left?',
      answer: 'yes',
      images: [`data:image/png;base64,${bytes}`],
    };
    writeFileSync(at(name), `${JSON.stringify(row)}\n`);
  };
  set('a.qa.jsonl', 'rgb.png');
  set('b.qa.jsonl', 'rgba.png');
  const shown: string[] = [];
  for (const name of ['a', 'b', 'a']) {
    await chirality(
      'convert',
      `${name}.qa.jsonl`,
      '-o',
      `${name}-out.qa.jsonl`,
      '--extract-images',
      'images',
    );
    shown.push((JSON.parse(text(`${name}-out.qa.jsonl`)) as { images: string[] }).images[0]!);
  }
  expect(shown).toEqual(['images/0-0.png', 'images/0-0-2.png', 'images/0-0.png']);
});
