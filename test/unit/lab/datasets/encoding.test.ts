import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDataset } from '../../../../src/lab/datasets/open-dataset.ts';
import { folderOfTests } from '../../../support/folder.ts';

const folder = folderOfTests('encoding-');

const TABLE =
  'bild;question;answer\nküche.png;Steht der Tisch vor dem Sofa? Größe „egal“ – ja;Nein, natürlich hinter der Tür\n';
const single = (text: string) =>
  Buffer.from(
    [...text].map((letter) => ({ '„': 0x84, '“': 0x93, '–': 0x96 })[letter] ?? letter.codePointAt(0)!),
  );

async function read(bytes: Buffer, encoding?: string) {
  const path = join(folder, 'table.csv');
  writeFileSync(path, bytes);
  const set = await openDataset(path, {
    map: 'question=question,answer=answer,images=bild',
    ...(encoding && { encoding }),
  });
  const rows = [];
  for await (const row of set.rows) rows.push(row);
  return { encoding: set.encoding ?? null, rows };
}

test.each([
  ['UTF-8', Buffer.from(TABLE), null],
  ['UTF-8 with a byte-order mark', Buffer.from(`\uFEFF${TABLE}`), null],
  ['windows-1252 from Excel', single(TABLE), 'windows-1252'],
  ['UTF-16 from Excel', Buffer.from(`\uFEFF${TABLE}`, 'utf16le'), 'utf-16le'],
  ['big-endian UTF-16', Buffer.from(`\uFEFF${TABLE}`, 'utf16le').swap16(), 'utf-16be'],
])('openDataset decodes a table in %s', async (_, bytes, encoding) => {
  const { rows, encoding: found } = await read(bytes);
  expect(found).toBe(encoding);
  expect(rows).toMatchObject([
    {
      sample: {
        question: 'Steht der Tisch vor dem Sofa? Größe „egal“ – ja',
        answer: 'Nein, natürlich hinter der Tür',
        images: ['küche.png'],
      },
    },
  ]);
});

test('openDataset accepts an encoding by name, and rejects an unknown encoding', async () => {
  expect(
    (await read(single('bild;question;answer\n\xBE.png;Is it left?;Yes\n'), 'macintosh')).rows,
  ).toMatchObject([{ sample: { images: ['æ.png'] } }]);
  await expect(read(Buffer.from(TABLE), 'klingon')).rejects.toThrow('Encoding "klingon" is not supported');
});

test('openDataset rejects a row with bytes that are invalid in the encoding', async () => {
  const { rows } = await read(single(TABLE), 'utf-8');
  expect(rows).toMatchObject([{ sample: null, problems: [{ severity: 'error', code: 'utf8' }] }]);
});
