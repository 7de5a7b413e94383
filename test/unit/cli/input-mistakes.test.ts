import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { chirality } from '../lab/recipes/cli.ts';
import { folderOfTests } from '../../support/folder.ts';
import { few } from '../../support/slow.ts';

const folder = folderOfTests('chirality-mistakes-');
mkdirSync(join(folder, 'dir'));
writeFileSync(join(folder, 'garbage'), Buffer.from('\x00\xffno rows\n\x01{\n', 'latin1'));
writeFileSync(join(folder, 'good.qa.jsonl'), '{"id":"a","question":"Is it?","answer":"No","images":[]}\n');

/** Commands that read the file F. */
const COMMANDS = [
  'data check F',
  'data stats F',
  'data audit F',
  'data freeze F --release 1',
  'convert F',
  'view mirror F',
  'view polarity F',
  'graph compose F',
  'review F',
  'graph check F',
  'graph convert --from clevr F',
  'score F',
  'metrics F',
  'train F',
  'sweep F',
  'engine tiny F -o tiny',
  'ask F what? --endpoint http://127.0.0.1:9/v1 --model none',
  'eval --set val=F --endpoint http://127.0.0.1:9/v1 --model none',
  'strategies show direct --row F:1',
];

/** Of rows: in other files, garbage is a mistake of its own kind. */
const ROWS = COMMANDS.filter(
  (command) => !/^(train|sweep|ask|eval|strategies|data freeze|engine|graph)/.test(command),
);

const READERS = COMMANDS.filter((command) => !/^(train|sweep|ask|engine)/.test(command));

const BINARY = [
  ['photo.png', '\x89PNG\r\n\x1a\n', 'an image'],
  ['photo.qa.jsonl', '\xff\xd8\xff\xe0', 'an image'],
  ['clip.mp4', '\0\0\0\x20ftypisom', 'a video'],
  ['rows.zip', 'PK\x03\x04', 'a ZIP archive'],
  ['model.safetensors', '\x08\0\0\0\0\0\0\0{}', 'a binary file'],
] as const;

/** Commands about the run or model R. */
const RUNS = [
  'attach R',
  'stop R',
  'resume R',
  'fork R --name x --step 3',
  'trace R',
  'report R',
  'eval R',
  'eval R --step 3',
  'ask garbage what? --model R',
  'inspect row R --set good.qa.jsonl',
  'inspect probe R --set good.qa.jsonl',
];

describe('equal mistakes have the same message and exit code 2', () => {
  test.each(few(COMMANDS, 3))('missing files and folders have equal messages: %s', async (command) => {
    const run = async (file: string) => {
      const { code, stderr } = await chirality(folder, ...command.replace('F', file).split(' '));
      return [code, stderr.trim().split('\n')[0]];
    };
    expect(await run('missing')).toEqual([2, 'chirality: missing: The file does not exist.']);
    expect(await run('dir')).toEqual([2, 'chirality: dir: The path is a folder, not a file.']);
  });

  test.each(few(ROWS, 3))('unreadable rows have equal messages: %s', async (command) => {
    const { code, stderr } = await chirality(folder, ...command.replace('F', 'garbage').split(' '));
    expect([code, stderr]).toEqual([2, expect.stringContaining('chirality: garbage has no readable rows.')]);
    expect(stderr).toContain('garbage:1: error: Not valid JSON');
  });

  test.each(few(READERS, 4))('a file that is no text has one message: %s', async (command) => {
    for (const [name, bytes, kind] of BINARY) {
      writeFileSync(join(folder, name), Buffer.from(`${bytes}\n`.repeat(30), 'latin1'));
      const { code, stderr } = await chirality(folder, ...command.replace('F', name).split(' '));
      expect([code, stderr]).toEqual([2, `chirality: ${name} is ${kind}, not a file of rows.\n`]);
    }
  });

  test.each(COMMANDS.filter((command) => /^(view|graph|review|data freeze|eval)/.test(command)))(
    'for a table instead of rows: %s',
    async (command) => {
      writeFileSync(join(folder, 'my.csv'), 'question,answer\nIs it?,No\n');
      const { code, stderr } = await chirality(folder, ...command.replace('F', 'my.csv').split(' '));
      expect([code, stderr]).toEqual([
        2,
        expect.stringContaining('`chirality convert my.csv -o my.qa.jsonl`'),
      ]);
    },
  );

  test('for a folder, with the name of a data file in it', async () => {
    mkdirSync(join(folder, 'yolo'));
    writeFileSync(join(folder, 'yolo/data.yaml'), 'names: [cup]\n');
    const { stderr } = await chirality(folder, 'convert', 'yolo', '-o', '-');
    expect(stderr).toContain(`Pass a file of the folder, for example ${join('yolo', 'data.yaml')}.`);
  });

  test('rows without the requested field have equal messages', async () => {
    const row = { id: 'a', question: 'Is it left?', answer: 'Yes', images: [], completion: 'Yes' };
    writeFileSync(join(folder, 'a.qa.jsonl'), `${JSON.stringify(row)}\n`);
    const says = async (...args: string[]) => {
      const { code, stderr } = await chirality(folder, ...args);
      return [code, stderr];
    };
    expect(await says('metrics', 'a.qa.jsonl', '--by', 'nosuch')).toEqual([
      2,
      expect.stringContaining('--by: field "nosuch" does not exist in a.qa.jsonl.'),
    ]);
    expect(await says('review', 'a.qa.jsonl')).toEqual([
      2,
      expect.stringContaining('Add it with `chirality view mirror`'),
    ]);
    const endpoint = ['--endpoint', 'http://127.0.0.1:9/v1', '--model', 'none'];
    expect(await says('eval', '--set', 'val=garbage', ...endpoint)).toEqual([
      2,
      expect.stringContaining('garbage:1: Not valid JSON'),
    ]);
    expect(await says('report', '--eval', 'missing')).toEqual([
      2,
      expect.stringContaining('--eval missing: The folder does not exist.'),
    ]);
    expect(await says('sweep', 'report', 'none')).toEqual([
      2,
      expect.stringContaining('Sweep "none" does not exist'),
    ]);
    expect(await says('graph', 'check', 'garbage')).toEqual([
      2,
      expect.stringContaining('garbage has no readable rows.'),
    ]);
    const scored = { ...row, view: 'original' };
    writeFileSync(join(folder, 'b.qa.jsonl'), JSON.stringify({ ...scored, id: 'b' }));
    expect(await says('metrics', 'a.qa.jsonl', '--against', 'b.qa.jsonl')).toEqual([
      1,
      expect.stringContaining('Cannot compare the files'),
    ]);
    expect(await says('strategies', 'show', './garbage')).toEqual([2, expect.not.stringMatching(/.{300}/)]);
  });
});

describe('missing runs, steps and rows are wrong usage', () => {
  test.each(few(RUNS, 3))('a missing run is wrong usage: %s', async (command) => {
    const { code, stderr } = await chirality(folder, ...command.replace('R', 'missing').split(' '));
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/(?:Run|Model) "missing" does not exist|no model "missing"/),
    ]);
  });

  test('for a misspelt run, with the run meant', async () => {
    const project = 'test/fixtures/recorded/project';
    const fix = async (name: string) =>
      (await chirality(project, 'attach', name)).stderr.split('\n')[1]!.trim();
    expect(await fix('spatail')).toBe('Did you mean "spatial"?');
    expect(await fix('nothing-like-it')).toBe('List the runs with `chirality runs`.');
  });

  test('for a step, pair or row to review', async () => {
    const runs = join(import.meta.dirname, '../../fixtures/recorded/project/runs');
    const step = await chirality(folder, 'trace', 'spatial', '--runs', runs, '--step', '999');
    expect([step.code, step.stderr]).toEqual([
      2,
      expect.stringContaining('Step 999 of spatial was not traced.'),
    ]);
    const pair = await chirality(folder, 'trace', 'spatial', '--runs', runs, '--step', '1', '--pair', '99');
    expect([pair.code, pair.stderr]).toEqual([2, expect.stringMatching(/Step 1 has \d+ pairs/)]);
    const row = await chirality(folder, 'strategies', 'show', 'direct', '--row', 'good.qa.jsonl:9');
    expect([row.code, row.stderr]).toEqual([
      2,
      expect.stringContaining('good.qa.jsonl:9: The line does not contain a row.'),
    ]);
  });
});

test('data check: fails for an empty file', async () => {
  writeFileSync(join(folder, 'empty.qa.jsonl'), '\n');
  const { code, stdout, stderr } = await chirality(folder, 'data', 'check', 'empty.qa.jsonl');
  expect([code, stderr]).toEqual([2, expect.stringContaining('empty.qa.jsonl has no rows.')]);
  expect(stdout).toContain('no rows');
  expect(stdout).not.toContain('good');
  const json = await chirality(folder, 'data', 'check', '--json', 'empty.qa.jsonl');
  expect([json.code, JSON.parse(json.stdout)]).toMatchObject([2, { summary: { rows: 0 } }]);
});
