import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { workbookRows } from '../../../../src/lab/datasets/xlsx.ts';
import { folderOfTests } from '../../../support/folder.ts';

const FIXTURE = new URL(
  '../../../fixtures/foreign-runs/vlmevalkit/Qwen2.5-VL-3B-Instruct/T20261121_Gabcdef12/Qwen2.5-VL-3B-Instruct_Worlds.xlsx',
  import.meta.url,
).pathname;
const scratch = folderOfTests('xlsx-');

/** A zip archive whose members are stored as they are. `claimed` sizes replace the true ones in the directory. */
function zipOf(members: Record<string, string>, claimed: Record<string, number> = {}): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, text] of Object.entries(members)) {
    const [path, data] = [Buffer.from(name), Buffer.from(text)];
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt32LE(crc32(data), 10);
    fields.writeUInt32LE(data.length, 14);
    fields.writeUInt32LE(claimed[name] ?? data.length, 18);
    fields.writeUInt16LE(path.length, 22);
    parts.push(Buffer.from('PK\x03\x04', 'latin1'), fields, path, data);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fields, tail, path);
    at += 30 + path.length + data.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(Object.keys(members).length, 8);
  end.writeUInt16LE(Object.keys(members).length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, listed, end]);
}

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

/** A workbook with one list of cells per row, by sheet; an empty cell is left out. */
function workbook(sheets: Record<string, string[][]>): Record<string, string> {
  const names = Object.keys(sheets);
  const cell = (text: string, c: number, r: number) =>
    text === '' ? '' : `<c r="${'ABC'[c]}${r + 1}" t="inlineStr"><is><t>${text}</t></is></c>`;
  return {
    '[Content_Types].xml': '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
    'xl/workbook.xml': `<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets>${names
      .map((name, i) => `<sheet name="${name}" sheetId="${i + 1}" r:id="rId${i + 1}"/>`)
      .join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${names
      .map(
        (_, i) =>
          `<Relationship Id="rId${i + 1}" Type="${RELATIONS}/worksheet" Target="worksheets/sheet${i + 1}.xml"/>`,
      )
      .join('')}</Relationships>`,
    ...Object.fromEntries(
      names.map((name, i) => [
        `xl/worksheets/sheet${i + 1}.xml`,
        `<worksheet xmlns="${MAIN}"><sheetData>${sheets[name]!.map(
          (cells, r) => `<row r="${r + 1}">${cells.map((text, c) => cell(text, c, r)).join('')}</row>`,
        ).join('')}</sheetData></worksheet>`,
      ]),
    ),
  };
}

const file = async (bytes: Buffer): Promise<string> => {
  const path = join(scratch, 'table.xlsx');
  await writeFile(path, bytes);
  return path;
};

test('workbookRows reads a pandas workbook: texts, numbers, empty cells and escaped characters', async () => {
  const rows = await workbookRows(FIXTURE);
  expect(rows.map(({ line }) => line)).toEqual([2, 3, 4, 5]);
  expect(rows[0]!.value).toMatchObject({ index: '0', A: 'yellow-cone', prediction: 'B' });
  expect(rows[1]!.value).toMatchObject({ prediction: '<think>Ä & <b>bold</b>\u0007</think>\nA. green-ball' });
  expect(rows[2]!.value).not.toHaveProperty('prediction');
});

test('workbookRows keeps row numbers across empty rows, and names columns without a name', async () => {
  const path = await file(
    zipOf(workbook({ Data: [['question', 'answer'], ['a', 'b'], [], ['c', 'd', 'e']] })),
  );
  expect(await workbookRows(path)).toMatchObject([
    { line: 2, value: { question: 'a', answer: 'b' } },
    { line: 4, problem: { message: 'Sheet "Data": column 3 of the row has no name.' } },
  ]);
});

test('workbookRows rejects a workbook that is not a single table, and names file and sheet', async () => {
  const two = await file(zipOf(workbook({ One: [['a'], ['1']], Two: [['a'], ['2']] })));
  await expect(workbookRows(two, 'two.xlsx')).rejects.toThrow(/several sheets \("One", "Two"\)/);
  const same = await file(
    zipOf(
      workbook({
        One: [
          ['a', 'a'],
          ['1', '2'],
        ],
      }),
    ),
  );
  await expect(workbookRows(same)).rejects.toThrow('Sheet "One", row 1: two columns have the name "a".');
  const odd = zipOf({
    '[Content_Types].xml': '<Types/>',
    'xl/workbook.xml':
      '<workbook xmlns:r="r"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>',
    'xl/_rels/workbook.xml.rels':
      '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>',
    'xl/worksheets/sheet1.xml':
      '<worksheet><sheetData><row><c r="A1" t="s"><v>99999999999</v></c></row></sheetData></worksheet>',
  });
  await expect(workbookRows(await file(odd), 'odd.xlsx')).rejects.toThrow(
    'Cannot read the workbook: the parts of the file are inconsistent.',
  );
  const text = await file(Buffer.from('question,answer\n'));
  await expect(workbookRows(text, 'text.xlsx')).rejects.toThrow(/Cannot read the workbook: .*[^.]\.$/);
});

test('workbookRows rejects a small file that unpacks to a large file, without using memory', async () => {
  const members = workbook({ One: [['a'], ['1']] });
  const path = await file(zipOf(members, { 'xl/worksheets/sheet1.xml': 2 ** 30 }));
  await expect(workbookRows(path)).rejects.toThrow(/larger|larger than 128 MiB|Cannot read/);
  for (const address of ['A2000000000', 'ZZZZZZ2', 'XFD1048576', '&#65;2']) {
    const sheet = members['xl/worksheets/sheet1.xml']!.replace('"A2"', `"${address}"`);
    const far = await file(zipOf({ ...members, 'xl/worksheets/sheet1.xml': sheet }));
    await expect(workbookRows(far)).rejects.toThrow(
      `Cannot read the workbook: the address of cell "${address}" is too large.`,
    );
  }
  const cut = await file((await readFile(FIXTURE)).subarray(0, 3000));
  await expect(workbookRows(cut)).rejects.toThrow(/Cannot read/);
});

test('workbookRows rejects a sheet with millions of unclosed tags quickly', async () => {
  const path = join(scratch, 'open.xlsx');
  await writeFile(path, zipOf({ 'xl/worksheets/sheet1.xml': '<c '.repeat(2_000_000) }));
  await expect(workbookRows(path)).rejects.toThrow();
});
