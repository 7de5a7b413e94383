import { sum } from '../../base/numbers.ts';
import { indexOfLetter } from '../../base/item-names.ts';
import type { CellValue } from 'read-excel-file/universal';
import { readBytes } from '../files/regular.ts';
import { openZip } from '../files/zip.ts';
import { DataError } from './data-error.ts';
import { tableProblem, type RawRow } from './rows.ts';

/** Maximum size of a workbook, compressed or not, in bytes. Decoded cells take many times this size in memory. */
const MAX_BYTES = 64 * 2 ** 20;
const MAX_UNPACKED = 128 * 2 ** 20;
/** Maximum number of cells in the rectangle around all cells of a sheet. The library fills this rectangle in memory. */
const MAX_PLACES = 2 ** 24;

/**
 * Reads the rows of a workbook's only sheet as objects, keyed by the first row. Values are strings, as in other tables,
 * and empty cells are omitted. `line` is the row's number in the sheet.
 * @throws DataError with the file name, and the name of the sheet if known
 */
export async function workbookRows(path: string, name = path): Promise<(RawRow & { line: number })[]> {
  const fail = (message: string) => new DataError('table', message, { file: name });
  const unreadable = (error: Error) => {
    // A TypeError of the library has no message that helps users.
    const why = error instanceof TypeError ? 'the parts of the file are inconsistent' : error.message;
    throw fail(`Cannot read the workbook: ${why.replace(/\.+$/, '')}.`);
  };
  await checkSizes(path).catch(unreadable);
  const bytes = await readBytes(path);
  const { default: readWorkbook } = await import('read-excel-file/universal');
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  const sheets = await readWorkbook(buffer).catch(unreadable);
  const full = sheets.filter(({ data }) => data.length > 0);
  if (full.length > 1) {
    const names = full.map(({ sheet }) => `"${sheet}"`).join(', ');
    throw fail(`The workbook has several sheets (${names}). Keep only the sheet with the rows.`);
  }
  const [first] = full;
  if (!first) return [];
  const [top, ...rows] = first.data;
  const header = top!.map((cell) => textOf(cell) ?? '');
  const twice = header.find((column, i) => column !== '' && header.indexOf(column) < i);
  if (twice !== undefined) throw fail(`Sheet "${first.sheet}", row 1: two columns have the name "${twice}".`);
  return rows.flatMap((cells, i): (RawRow & { line: number })[] => {
    const line = i + 2;
    const texts = cells.map(textOf);
    if (texts.every((text) => text === null)) return [];
    const stray = texts.findIndex((text, c) => text !== null && !header[c]);
    if (stray >= 0)
      return [
        {
          line,
          problem: tableProblem(`Sheet "${first.sheet}": column ${stray + 1} of the row has no name.`),
        },
      ];
    const entries = header.flatMap((column, c) => (texts[c] == null ? [] : [[column, texts[c]] as const]));
    return [{ line, value: Object.fromEntries(entries) }];
  });
}

/**
 * Checks sizes before reading: the library trusts the unpacked sizes in the archive and the cell addresses in a sheet.
 */
async function checkSizes(path: string): Promise<void> {
  const zip = await openZip(path);
  try {
    const sizes = [...zip.members.values()].map(({ uncompressedSize }) => uncompressedSize);
    if (zip.size > MAX_BYTES) throw new Error('the file is larger than 64 MiB');
    if (sum(sizes) > MAX_UNPACKED) throw new Error('the unpacked file is larger than 128 MiB');
    if (zip.isRepeated) throw new Error('the file contains a part twice');
    for (const name of zip.members.keys())
      if (/\.xml$/i.test(name)) checkAddresses((await zip.read(name)).toString());
  } finally {
    await zip.close();
  }
}

/** Matches the address of a cell in a sheet's XML. */
const CELL = /<(?:\w+:)?c\b(?:"[^"]*"|'[^']*'|[^<>"'])*?\sr\s*=\s*["']([^"']*)["']/g;

/** @throws an error if a cell's address would make the sheet too large for memory */
function checkAddresses(xml: string): void {
  let [columns, rows] = [1, 1];
  for (const [, address] of xml.matchAll(CELL)) {
    const [, letters, digits] = /^([A-Z]{1,3})(\d{1,7})$/.exec(address!) ?? [];
    columns = Math.max(columns, indexOfLetter(letters ?? '') + 1);
    rows = Math.max(rows, Number(digits));
    if (digits === undefined || columns * rows > MAX_PLACES)
      throw new Error(`the address of cell ${JSON.stringify(address!.slice(0, 40))} is too large`);
  }
}

const textOf = (cell: CellValue | null | undefined): string | null =>
  cell == null || cell === '' ? null : cell instanceof Date ? cell.toISOString() : String(cell);
