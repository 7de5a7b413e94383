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
  ['UTF-8 with a mark', Buffer.from(`\uFEFF${TABLE}`), null],
  ['windows-1252, as Excel writes it', single(TABLE), 'windows-1252'],
  ['UTF-16, as Excel calls Unicode', Buffer.from(`\uFEFF${TABLE}`, 'utf16le'), 'utf-16le'],
  ['UTF-16 of other machines', Buffer.from(`\uFEFF${TABLE}`, 'utf16le').swap16(), 'utf-16be'],
])('a table in %s is read with its own letters', async (_, bytes, encoding) => {
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

test('an encoding can be named, and one that is not known is refused', async () => {
  expect(
    (await read(single('bild;question;answer\n\xBE.png;Is it left?;Yes\n'), 'macintosh')).rows,
  ).toMatchObject([{ sample: { images: ['æ.png'] } }]);
  await expect(read(Buffer.from(TABLE), 'klingon')).rejects.toThrow('Encoding "klingon" is not supported');
});

test('a row with a hole where a letter was is not written', async () => {
  const { rows } = await read(single(TABLE), 'utf-8');
  expect(rows).toMatchObject([{ sample: null, problems: [{ severity: 'error', code: 'utf8' }] }]);
});
