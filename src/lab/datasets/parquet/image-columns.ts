import { endingOf } from '../picture-file.ts';
import { leaves, type Leaf, type ParquetFile } from './file.ts';
import { chunkOf, decodePage, pagesOf, readLevels } from './column-pages.ts';

/** A column of images, at any depth: bytes, or `{bytes, path}` as the datasets library writes them. */
export interface ImageColumn {
  name: string;
  bytes: Leaf;
  /** Minimum definition level of an image. At lower levels, the cell, the list or the element is null. */
  presentFrom: number;
  /** Keys that lead to the images, if the column also has other values: images in the parts of messages. */
  keys?: string[];
}

/** Entries of a row group that are images, and the entries of each row. */
export interface Entries {
  /** Row r has the entries `first[r]` to `first[r + 1] − 1` of the row group. */
  first: Int32Array;
  /** Whether each entry of the row group is an image: 1 or 0. */
  present: Uint8Array;
}

/**
 * Returns the image columns of a file. By convention, a leaf called `bytes` in a struct contains images. Other columns
 * without a type are examined, because many writers do not mark strings as text either.
 */
export async function imageColumns(file: ParquetFile): Promise<ImageColumn[]> {
  const columns: ImageColumn[] = [];
  for (const column of file.schema.children) {
    const all = leaves(column, [file.schema]);
    const binary = all.filter(
      ({ nodes }) =>
        nodes.at(-1)!.element.type === 'BYTE_ARRAY' &&
        !nodes.at(-1)!.element.converted_type &&
        !nodes.at(-1)!.element.logical_type,
    );
    for (const leaf of binary) {
      const inStruct = leaf.path.length > 1 && leaf.path.at(-1) === 'bytes';
      if (!inStruct && !(await beginsLikeAnImage(file, leaf))) continue;
      const element = inStruct ? leaf.nodes.slice(0, -1) : leaf.nodes;
      const isMixed = leaf.maxRepetition > 1 || all.some(({ nodes }) => nodes.at(-2) !== leaf.nodes.at(-2));
      const presentFrom = isMixed
        ? leaf.maxDefinition
        : element.slice(1).filter((n) => n.element.repetition_type !== 'REQUIRED').length;
      columns.push({
        name: column.element.name,
        bytes: leaf,
        presentFrom,
        ...(isMixed && { keys: keysOf(leaf) }),
      });
      break;
    }
  }
  return columns;
}

/** Returns the keys from a column's value to a leaf, without the two levels of each list. */
function keysOf({ nodes }: Leaf): string[] {
  const isInner = (i: number) => [1, 2].some((back) => nodes[i - back]?.element.converted_type === 'LIST');
  return nodes.flatMap(({ element }, i) => (i < 2 || isInner(i) ? [] : [element.name]));
}

async function beginsLikeAnImage(file: ParquetFile, leaf: Leaf): Promise<boolean> {
  for (let group = 0; group < file.metadata.row_groups.length; group++) {
    const paged = await pagesOf(file, group, leaf);
    for (const page of paged.pages) {
      const { values } = await decodePage(paged, page);
      const first = values[0] as Uint8Array | undefined;
      if (first) return endingOf(first) !== 'bin';
    }
  }
  return false;
}

/** Maximum number of cells without image. The number of cells with an image is limited by the bytes of the images. */
const MOST_FREE = 2 ** 20;

/**
 * Counts the images of every row without loading them. If a struct has a small column (`path`) next to the bytes, this
 * column is read instead, because both columns have the same levels.
 */
export async function readEntries(file: ParquetFile, group: number, column: ImageColumn): Promise<Entries> {
  const parent = column.bytes.nodes.at(-2)!;
  const isAlone = parent === file.schema || column.keys;
  const siblings = isAlone ? [column.bytes] : leaves(parent, column.bytes.nodes.slice(0, -2));
  const cost = (leaf: Leaf) => Number(chunkOf(file, group, leaf).total_compressed_size);
  const leaf = siblings.reduce((best, next) => (cost(next) < cost(best) ? next : best));

  const paged = await pagesOf(file, group, leaf);
  const rows = Number(file.metadata.row_groups[group]!.num_rows);
  const values = Number(paged.chunk.num_values);
  const held = paged.pages.reduce((sum, { entries }) => sum + entries, 0);
  if (values !== held) throw new Error(`the column declares ${values} values, but its pages contain ${held}`);
  if (Math.max(rows, values) > MOST_FREE + file.byteLength)
    throw new Error(`a file of ${file.byteLength} bytes declares ${Math.max(rows, values)} images`);
  const first = new Int32Array(rows + 1);
  const present = new Uint8Array(values);
  let row = -1;
  for (const page of paged.pages) {
    const { definition, repetition } = await readLevels(paged, page);
    for (let i = 0; i < page.entries; i++) {
      const entry = page.firstEntry + i;
      if (repetition.length === 0 || repetition[i] === 0) first[++row] = entry;
      present[entry] = definition.length === 0 || definition[i]! >= column.presentFrom ? 1 : 0;
    }
  }
  if (row !== rows - 1) throw new Error(`column ${leaf.path.join('.')} has ${row + 1} rows of ${rows}`);
  first[rows] = present.length;
  return { first, present };
}
