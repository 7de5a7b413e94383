import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataError } from '../../../../src/lab/datasets/data-error.ts';
import { openParquet } from '../../../../src/lab/datasets/parquet/file.ts';
import { ParquetImages } from '../../../../src/lab/datasets/parquet/image-cells.ts';
import { imageColumns, readEntries } from '../../../../src/lab/datasets/parquet/image-columns.ts';
import { parquetRows, type CellReference } from '../../../../src/lab/datasets/parquet/parquet-rows.ts';
import { folderOfTests } from '../../../support/folder.ts';
import { forAllAsync } from '../../../support/property.ts';

const fixtures = join(import.meta.dirname, '../../../fixtures/datasets');
const folder = folderOfTests('chirality-parquet-');

interface Part {
  text?: string;
  image?: CellReference;
}

async function rowsOf(path: string) {
  const file = await openParquet(path);
  const rows = [];
  try {
    for await (const row of parquetRows(file, path)) rows.push(row);
  } finally {
    await file.close();
  }
  return rows;
}

const cells = JSON.parse(readFileSync(join(fixtures, 'shapes.json'), 'utf8')) as (string[] | null)[];

describe.each(['snappy', 'zstd-v2', 'plain'])('a table written by pyarrow (%s)', (layout) => {
  const path = join(fixtures, `shapes-${layout}.parquet`);

  it('a table of pyarrow is read with the values of its JSON form', async () => {
    const rows = await rowsOf(path);
    expect(rows).toHaveLength(60);
    rows.forEach(({ row, value }, i) => {
      const padded = (digits: number) => String(i).padStart(digits, '0');
      expect([row, value]).toMatchObject([
        i,
        {
          text: `Wörter ${i}`,
          big: String(2n ** 60n + BigInt(i)),
          small: [0.1, i],
          unmarked_text: `text ${i}`,
          tenths: { of: [Number(`${Math.floor(i / 10)}.${i % 10}`)] },
          price: `-12345678901234567890.${padded(5)}`,
          time: `2024-01-02T03:04:05.678${i === 0 ? 900 : 900 + i}Z`,
        },
      ]);
    });
  });

  it.each(['list_of_structs', 'list_of_bytes', 'one_struct', 'one'])(
    'creates a reference to each image of %s',
    async (name) => {
      const images = new ParquetImages();
      for (const { row, value } of await rowsOf(path)) {
        const references = (value as Record<string, CellReference[]>)[name]!;
        const bytes = [];
        for (const cell of references)
          bytes.push(Buffer.from(await images.bytes(path, cell)).toString('hex'));
        const expected = cells[row] ?? [];
        expect(bytes).toEqual(name.startsWith('list') ? expected : expected.slice(0, 1));
      }
      await images.close();
    },
  );
});

describe.each(['snappy', 'zstd-v2', 'plain'])('images in the parts of messages (%s)', (layout) => {
  it('are references at their places, and the texts stay', async () => {
    const path = join(fixtures, `shapes-${layout}.parquet`);
    const images = new ParquetImages();
    for (const { row, value } of await rowsOf(path)) {
      const [asked, answered] = (value as { messages: { content: Part[] }[] }).messages;
      const bytes = asked!.content.flatMap(({ image }) => (image ? [images.bytes(path, image)] : []));
      expect((await Promise.all(bytes)).map((each) => Buffer.from(each).toString('hex'))).toEqual(
        cells[row] ?? [],
      );
      expect([asked, answered].map((message) => message!.content.at(-1)!.text)).toEqual([
        `Which, ${row}?`,
        'left',
      ]);
    }
    await images.close();
  });
});

describe('a reference to a missing image', () => {
  const path = join(fixtures, 'shapes-snappy.parquet');
  it.each([
    [{ column: 'pictures', row: 0 }, 'Column "pictures" does not exist'],
    [{ column: 'text', row: 0 }, 'Column "text" does not exist or contains no images'],
    [{ column: 'one', row: 60 }, 'Row 60 does not exist. The file has 60'],
    [{ column: 'list_of_bytes', row: 1, index: 2 }, 'Row 1 has no image 2'],
    [{ column: 'one', row: 2 }, 'has no bytes'],
  ])('a reference to a missing image is rejected for %j: %s', async (cell, message) => {
    const images = new ParquetImages();
    await expect(images.bytes(path, cell)).rejects.toThrow(message);
    await images.close();
  });
});

describe('a damaged parquet file', () => {
  const whole = readFileSync(join(fixtures, 'shapes-snappy.parquet'));

  it('a truncated, empty or foreign parquet file is rejected with a suggested fix', async () => {
    for (const bytes of [
      whole.subarray(0, whole.length - 9),
      Buffer.alloc(0),
      Buffer.from('PAR1 but no more PAR1'),
    ]) {
      const path = join(folder, 'cut.parquet');
      writeFileSync(path, bytes);
      await expect(openParquet(path)).rejects.toThrow(
        /Cannot read the parquet file[^]*Download the file again/,
      );
    }
  });

  it('a parquet file is reported as damaged if its footer has invalid fields', async () => {
    const path = join(folder, 'zeros.parquet');
    const length = Buffer.from([20, 0, 0, 0]);
    writeFileSync(path, Buffer.concat([Buffer.from('PAR1'), Buffer.alloc(40), length, Buffer.from('PAR1')]));
    await expect(openParquet(path)).rejects.toThrow('Cannot read the parquet file: the footer is damaged.');
  });

  it('a damaged parquet file loses only the rows in the damaged row group', async () => {
    const file = await openParquet(join(fixtures, 'shapes-snappy.parquet'));
    const text = file.metadata.row_groups[1]!.columns.find((c) => c.meta_data!.path_in_schema[0] === 'text')!;
    await file.close();
    const bytes = Buffer.from(whole);
    bytes.fill(0xff, Number(text.meta_data!.data_page_offset), Number(text.meta_data!.data_page_offset) + 40);
    const path = join(folder, 'damaged.parquet');
    writeFileSync(path, bytes);
    const rows = await rowsOf(path);
    expect(rows.filter(({ value }) => value).map(({ row }) => row)).toEqual(
      [...Array(60).keys()].filter((row) => row < 25 || row >= 50),
    );
    expect(rows[25]!.problem?.message).toContain('Cannot read rows 25 to 49');
  });

  it('a parquet file is rejected quickly if its pages declare impossible sizes', async () => {
    const file = await openParquet(join(fixtures, 'shapes-snappy.parquet'));
    const text = file.metadata.row_groups[1]!.columns.find((c) => c.meta_data!.path_in_schema[0] === 'text')!;
    await file.close();
    const at = Number(text.meta_data!.dictionary_page_offset ?? text.meta_data!.data_page_offset);
    // A header begins with the page's type and its two sizes: each a byte for the field and a zigzag varint.
    const sizes = [at + 3];
    while (whole[sizes.at(-1)!]! >= 128) sizes.push(sizes.at(-1)! + 1);
    const [full, compressed] = [at + 3, sizes.at(-1)! + 2];
    for (const [where, words] of [
      [full, /a page of \d+ bytes expands to -\d+/],
      [compressed, /a page ends outside its column/],
    ] as const) {
      const bytes = Buffer.from(whole);
      bytes[where]! |= 1; // zigzag: odd is negative
      const path = join(folder, 'negative.parquet');
      writeFileSync(path, bytes);
      const rows = await rowsOf(path);
      expect(rows.filter(({ value }) => value)).toHaveLength(35);
      expect(rows[25]!.problem?.message).toMatch(words);
    }
    const beyond = await openParquet(join(fixtures, 'shapes-snappy.parquet'));
    await expect(beyond.slice(0, 2 ** 40)).rejects.toThrow('refers to data beyond the end of the file');
    await beyond.close();
  });

  it.each([
    ['num_values', /declares 1073741824 values, but its pages contain \d+$/],
    ['num_rows', /a file of \d+ bytes declares 1073741824 images/],
  ] as const)('openParquet allocates no memory for more images than fit (%s)', async (field, words) => {
    const file = await openParquet(join(fixtures, 'shapes-plain.parquet'));
    const column = (await imageColumns(file)).find(({ name }) => name === 'one')!;
    const [group] = file.metadata.row_groups;
    if (field === 'num_rows') group!.num_rows = 2n ** 30n;
    else for (const { meta_data } of group!.columns) meta_data!.num_values = 2n ** 30n;
    await expect(readEntries(file, 0, column)).rejects.toThrow(words);
    await file.close();
  });

  it('property: openParquet: raises only a DataError after random byte changes', async () => {
    const small = readFileSync(join(fixtures, 'q-spatial.parquet'));
    const damage = fc.array(fc.tuple(fc.nat(small.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    await forAllAsync([damage], { numRuns: 150 }, async (changes) => {
      const bytes = Buffer.from(small);
      for (const [at, byte] of changes) bytes[at] = byte;
      const path = join(folder, 'random.parquet');
      writeFileSync(path, bytes);
      const rows = await rowsOf(path).catch((error: unknown) => error);
      if (!Array.isArray(rows)) expect(rows).toBeInstanceOf(DataError);
    });
  });
});
