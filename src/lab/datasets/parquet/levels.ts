import type { ColumnMetaData } from 'hyparquet';
import { readRleBitPackedHybrid } from 'hyparquet/src/encoding.js';
import type { Leaf, ParquetFile } from './file.ts';
import { decodePage, type DecodedPage, type Page } from './pages.ts';

export type Levels = Pick<DecodedPage, 'definition' | 'repetition'>;

/**
 * The levels of a page, which say how many images each row has, without its values: levels come first, so the page's
 * first kilobytes will do where it is not compressed or compressed by Snappy. That is the difference between reading
 * some megabytes of SAT and all of its 5 GB. Other pages are read as a whole.
 */
export async function readLevels(
  file: ParquetFile,
  leaf: Leaf,
  chunk: ColumnMetaData,
  page: Page,
): Promise<Levels> {
  const { header } = page;
  const widths = [bitWidth(leaf.maxRepetition), bitWidth(leaf.maxDefinition)] as const;
  // Bit-packed levels with their run headers; runs of equal levels take less.
  const expected = 64 + Math.ceil((page.entries * (widths[0] + widths[1])) / 8) * 1.25;
  const v2 = header.data_page_header_v2;
  const wanted = v2
    ? v2.repetition_levels_byte_length + v2.definition_levels_byte_length
    : Math.ceil(expected);
  const prefix = new Uint8Array(
    await file.slice(page.at, page.at + Math.min(wanted + 1024, header.compressed_page_size)),
  );
  const compressed = !v2 && chunk.codec !== 'UNCOMPRESSED';
  if (compressed && chunk.codec !== 'SNAPPY') return decodePage(file, leaf, chunk, page);
  try {
    const bytes = compressed ? snappyPrefix(prefix, wanted) : prefix;
    const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
    const read = (width: number, length?: number): number[] => {
      const levels = new Array<number>(width > 0 ? page.entries : 0);
      if (width > 0) readRleBitPackedHybrid(reader, width, levels, length);
      return levels;
    };
    const repetition = read(widths[0], v2?.repetition_levels_byte_length);
    return { repetition, definition: read(widths[1], v2?.definition_levels_byte_length) };
  } catch (error) {
    if (error instanceof RangeError) return decodePage(file, leaf, chunk, page); // unusually long levels
    throw error;
  }
}

const bitWidth = (max: number): number => 32 - Math.clz32(max);

/**
 * The first bytes of a Snappy block, from the first bytes of its compressed form (Snappy's format description): literals
 * and back references, decoded until `length` bytes are there or the input ends.
 */
function snappyPrefix(input: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  let [at, done] = [0, 0];
  while (input[at++]! >= 128); // the uncompressed length, a varint
  while (done < length && at < input.length) {
    const tag = input[at++]!;
    if ((tag & 3) === 0) {
      let size = tag >>> 2;
      if (size >= 60) {
        const bytes = size - 59;
        size = 0;
        for (let i = bytes - 1; i >= 0; i--) size = size * 256 + input[at + i]!;
        at += bytes;
      }
      const piece = input.subarray(at, at + Math.min(size + 1, length - done));
      out.set(piece, done);
      done += piece.length;
      at += size + 1;
      continue;
    }
    const wide = tag & 3;
    const size = wide === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
    let offset = wide === 1 ? ((tag >>> 5) << 8) | input[at]! : input[at]! | (input[at + 1]! << 8);
    if (wide === 3) offset += input[at + 2]! * 2 ** 16 + input[at + 3]! * 2 ** 24;
    at += wide === 3 ? 4 : wide;
    // A reference may overlap what it writes: byte by byte.
    for (let i = 0; i < size && done < length; i++, done++) out[done] = out[done - offset]!;
  }
  return out.subarray(0, done);
}
