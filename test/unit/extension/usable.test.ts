import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeEach, expect, test, vi } from 'vitest';
import type { Call } from '../../../src/base/call.ts';
import { freezeDataSet } from '../../../src/extension/commands/freeze-data-set.ts';
import { withCopies } from '../../../src/extension/launch/start-run.ts';
import { tellMade, usableFiles, type RowLooker } from '../../../src/panels/host/usable-files.host.ts';
import { encodePng } from '../../../src/lab/images/png.ts';
import { usableService } from '../../../src/panels/usable.reads.ts';
import { quiet } from '../../support/call.ts';
import { folderOfEachTest } from '../../support/folder.ts';
import { readRows } from '../../support/rows.ts';
import { commands, person, record, Uri, window, workspace } from './fake-vscode.ts';

let folder = '';
folderOfEachTest('usable-', (made) => (folder = made));
const at = (name: string) => join(folder, name);
const tools = {
  service: {
    call: (name: keyof typeof usableService, args: never, call: Partial<Call<number>> = {}) =>
      Promise.resolve(usableService[name](args, { ...quiet, ...call } as never)),
  },
} as unknown as RowLooker;
const row = (id: string, image: string, question = 'Left?') =>
  `${JSON.stringify({ id, question, answer: 'Yes', images: [image] })}\n`;
const look = (...names: string[]) =>
  usableFiles(
    tools,
    names.map((name) => Uri.file(at(name)) as never),
  );

beforeEach(async () => {
  const png = await encodePng({ w: 40, h: 40, rgb: new Uint8Array(4800).fill(9) });
  writeFileSync(at('a.png'), png);
  writeFileSync(at('Küche.png'), png);
  writeFileSync(at('cut.png'), png.subarray(0, 60));
});

test('row check: accepts files with only usable rows without a message', async () => {
  writeFileSync(at('x.qa.jsonl'), row('1', 'a.png'));
  expect((await look('x.qa.jsonl', 'x.qa.jsonl'))!.map(({ fsPath }) => fsPath)).toEqual([
    at('x.qa.jsonl'),
    at('x.qa.jsonl'),
  ]);
  expect(record.messages).toEqual([]);
});

test('row check: writes a copy with images that moved, none of which stands for another', async () => {
  mkdirSync(at('new/left'), { recursive: true });
  for (const name of ['new/left/1.png', 'new/2.png', '1.png']) copyFileSync(at('a.png'), at(name));
  const rows = ['old/left/1.png', 'old/2.png', 'a.png'];
  writeFileSync(at('x.qa.jsonl'), rows.map((image, i) => row(`${i}`, image)).join(''));
  person.press = (_, buttons) => buttons.find((button) => button === 'Locate Images…');
  person.open = () => [Uri.file(at('new'))];
  const [copy] = (await look('x.qa.jsonl'))!;
  expect(copy!.fsPath).toBe(at('x.located.qa.jsonl'));
  const imagesIn = (path: string) => readRows(path).map(({ images }) => (images as string[])[0]);
  expect(imagesIn(copy!.fsPath)).toEqual(['new/left/1.png', 'new/2.png', 'a.png']);
  // Below the folder that was replaced in the first path, there is no right/1.png.
  rmSync(copy!.fsPath);
  writeFileSync(at('x.qa.jsonl'), row('1', 'old/left/1.png') + row('2', 'old/right/left/1.png'));
  person.press = (_, buttons) => (existsSync(copy!.fsPath) ? undefined : buttons[0]);
  expect(await look('x.qa.jsonl')).toBeNull();
  expect(imagesIn(copy!.fsPath)).toEqual(['new/left/1.png', 'old/right/left/1.png']);
  rmSync(copy!.fsPath);
  person.open = () => [Uri.file(join(folder, '..'))];
  await expect(look('x.qa.jsonl')).rejects.toThrow(` is outside ${folder}.`);
  writeFileSync(at('x.qa.jsonl'), row('1', 'gone.png'));
  person.open = () => [Uri.file(at('new'))];
  await expect(look('x.qa.jsonl')).rejects.toThrow('new contains none of the missing images.');
  expect(existsSync(copy!.fsPath)).toBe(false);
});

test('row check: checks an unchanged file without faults once, and a file with faults each time', async () => {
  writeFileSync(at('x.qa.jsonl'), row('1', 'a.png'));
  writeFileSync(at('x.qa.jsonl'), row('0', 'Küche.png') + row('1', 'a.png'));
  await look('x.qa.jsonl');
  rmSync(at('a.png'));
  expect(await look('x.qa.jsonl')).not.toBeNull();
  // Images can move while the file stays the same. The first row shows it.
  renameSync(at('Küche.png'), at('moved.png'));
  expect(await look('x.qa.jsonl')).toBeNull();
  renameSync(at('moved.png'), at('Küche.png'));
  writeFileSync(at('x.qa.jsonl'), row('1', 'a.png') + row('2', 'a.png'));
  expect(await look('x.qa.jsonl')).toBeNull();
  writeFileSync(at('a.png'), await encodePng({ w: 8, h: 8, rgb: new Uint8Array(192) }));
  expect(await look('x.qa.jsonl')).not.toBeNull();
});

test('row check: lists the unusable rows of all files in one message, with a link per fault', async () => {
  writeFileSync(at('x.qa.jsonl'), row('1', 'a.png') + row('2', 'gone.png') + row('3', 'cut.png') + '{\n');
  writeFileSync(at('[y](command:z).qa.jsonl'), row('1', 'gone.png'));
  expect(await look('x.qa.jsonl', '[y](command:z).qa.jsonl')).toBeNull();
  expect(record.messages).toHaveLength(1);
  const [{ text, buttons }] = record.messages as [(typeof record.messages)[number]];
  const plain = text.replace(/\[([^\]]*)\]\(command:[^)]*\)/g, '<$1>');
  expect(plain).toBe(
    'x.qa.jsonl: 1 of 4 rows usable: <1 image missing> · <1 image damaged> · <1 unreadable row>;  y  command:z .qa.jsonl: 0 of 1 row usable: <1 image missing>. If the images moved, locate their folder.',
  );
  const [, address] = /command:chirality\.annotateRows\?([^)]*)\)/.exec(text)!;
  expect(JSON.parse(decodeURIComponent(address!))).toEqual([
    { path: at('x.qa.jsonl'), filter: 'fault = missing' },
  ]);
  // Nothing is left of the second file, and both are in UTF-8.
  expect(buttons).toEqual(['Locate Images…', 'Show Unusable Rows']);
});

test('row check: writes usable rows to a copy, and leaves the file unchanged', async () => {
  const text = row('1', 'a.png') + row('2', 'gone.png') + row('3', 'a.png');
  writeFileSync(at('x.qa.jsonl'), text);
  person.press = (_, buttons) => buttons.find((button) => button === 'Exclude Unusable Rows');
  const [copy] = (await look('x.qa.jsonl'))!;
  expect(copy!.fsPath).toBe(at('x.usable.qa.jsonl'));
  expect(readFileSync(copy!.fsPath, 'utf8')).toBe(row('1', 'a.png') + row('3', 'a.png'));
  expect(readFileSync(at('x.qa.jsonl'), 'utf8')).toBe(text);
  expect(record.messages.at(-1)!.text).toBe(
    'Wrote the usable rows to x.usable.qa.jsonl. x.qa.jsonl is unchanged.',
  );
});

test('row check: saves unsaved changes before it copies the usable rows, and says so', async () => {
  writeFileSync(at('x.qa.jsonl'), row('1', 'a.png') + row('2', 'gone.png'));
  const uri = Uri.file(at('x.qa.jsonl'));
  const tabs = [{ isDirty: true, input: { uri } }];
  window.tabGroups.all = [{ tabs }];
  const save = vi.spyOn(workspace, 'save').mockImplementation((() => {
    writeFileSync(at('x.qa.jsonl'), row('1', 'a.png', 'Right?') + row('2', 'gone.png'));
    return Promise.resolve(uri);
  }) as never);
  person.press = (_, buttons) => buttons.find((button) => button === 'Exclude Unusable Rows');
  try {
    await look('x.qa.jsonl');
    expect(readFileSync(at('x.usable.qa.jsonl'), 'utf8')).toBe(row('1', 'a.png', 'Right?'));
    expect(record.messages.at(-1)!.text).toBe(
      'Saved x.qa.jsonl, and wrote its usable rows to x.usable.qa.jsonl.',
    );
    save.mockResolvedValue(undefined);
    await expect(look('x.qa.jsonl')).rejects.toThrow('x.qa.jsonl has unsaved changes.');
  } finally {
    window.tabGroups.all = [];
    save.mockRestore();
  }
});

test('tellMade: gives the reason of an omitted row, and opens the table at its line', async () => {
  const table = Uri.file(at('answers.csv'));
  const rows = [{ place: '7', message: 'Column "gold" is empty.' }];
  const usable = { rows: 12, usable: 11, faults: [{ kind: 'incomplete' as const, count: 1, rows }] };
  const execute = vi.spyOn(commands, 'executeCommand').mockResolvedValue(undefined);
  person.press = (_, buttons) => buttons[0];
  await tellMade(tools, Uri.file(at('x.qa.jsonl')) as never, usable, table as never);
  const { text, buttons } = record.messages.at(-1)!;
  expect(text).toBe(
    'x.qa.jsonl: 11 of 12 rows usable: 1 row with an error (answers.csv, line 7): Column "gold" is empty.',
  );
  expect(buttons).toEqual(['Open Table']);
  expect(execute).toHaveBeenCalledWith('vscode.open', table, {
    selection: expect.objectContaining({ line: 6, endLine: 6 }) as unknown,
  });
  execute.mockRestore();
});

test('freezing says that nothing was frozen if rows are unusable', async () => {
  writeFileSync(at('x.qa.jsonl'), row('1', 'a.png') + row('2', 'gone.png'));
  await freezeDataSet({ program: {}, ...tools } as never, Uri.file(at('x.qa.jsonl')));
  expect(record.messages.map(({ text }) => text)).toEqual([
    expect.stringMatching(/^Not frozen: x\.qa\.jsonl: 1 of 2 rows usable: /),
  ]);
});

test('row check: rewrites a file in another encoding as a UTF-8 copy, and checks the copy', async () => {
  writeFileSync(at('x.qa.jsonl'), Buffer.from(row('1', 'Küche.png', 'Wo steht die Tür?'), 'latin1'));
  person.press = (_, buttons) => buttons.find((button) => button === 'Fix Encoding');
  person.pick = (question, labels) => {
    expect(question).toContain('Select an encoding that shows correct text');
    return labels.find((label) => label.startsWith('windows-1252'));
  };
  const [copy] = (await look('x.qa.jsonl'))!;
  expect(record.messages[0]!.text).toContain('1 name not UTF-8');
  expect(copy!.fsPath).toBe(at('x.utf-8.qa.jsonl'));
  expect(readRows(copy!.fsPath)).toMatchObject([{ question: 'Wo steht die Tür?', images: ['Küche.png'] }]);
});

test.each(['images', 'depth_map'])(
  'row check: asks once for the range of 16-bit %s, and stores the answer',
  async (field) => {
    mkdirSync(at('deep'));
    const grey = { raw: { width: 2, height: 1, channels: 1 as const } };
    await sharp(Uint16Array.of(0, 5000), grey).toColourspace('grey16').png().toFile(at('deep/a.png'));
    const more = field === 'images' ? { images: ['deep/a.png'] } : { depth_map: 'deep/a.png' };
    const sample = { ...JSON.parse(row('1', 'Küche.png')), ...more };
    writeFileSync(at('x.qa.jsonl'), `${JSON.stringify(sample)}\n`);
    person.press = (_, buttons) => buttons.find((button) => button === 'Set Range');
    person.type = () => '0..5000';
    expect(await look('x.qa.jsonl')).toHaveLength(1);
    expect(record.messages.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^x\.qa\.jsonl has 16-bit/),
    ]);
    expect(readFileSync(at('deep/depth-range.json'), 'utf8')).toBe('{"depth_range":"0..5000"}\n');
    await look('x.qa.jsonl');
    expect(record.messages).toHaveLength(1);
  },
);

test('row check: opens the unusable rows in the annotation editor', async () => {
  writeFileSync(at('x.qa.jsonl'), row('2', 'gone.png'));
  person.press = (_, buttons) => buttons.find((button) => button === 'Show Unusable Rows');
  expect(await look('x.qa.jsonl')).toBeNull();
  expect(record.executed).toContainEqual([
    'chirality.annotateRows',
    { path: at('x.qa.jsonl'), filter: 'not fault = none' },
  ]);
});

test.each([
  ['data:\n  train: x.qa.jsonl\n', 'data:\n  train: "x.usable.qa.jsonl"\n'],
  [
    'data: { train: "x.qa.jsonl", eval: { v: x.qa.jsonl } }',
    'data: { train: "x.usable.qa.jsonl", eval: { v: "x.usable.qa.jsonl" } }',
  ],
  ["train: 'x.qa.jsonl' # rows", 'train: "x.usable.qa.jsonl" # rows'],
  ['train: my-x.qa.jsonl\nother: x.qa.jsonl.bak\n', 'train: my-x.qa.jsonl\nother: x.qa.jsonl.bak\n'],
])('withCopies: replaces the file by its copy in the config %j', (text, changed) => {
  expect(withCopies(text, [['x.qa.jsonl', 'x.usable.qa.jsonl']])).toBe(changed);
});
