import {
  parquetMetadataAsync,
  parquetSchema,
  type Compressors,
  type FileMetaData,
  type SchemaTree,
} from 'hyparquet';
import { DataError } from '../data-error.ts';
import { loadCompressors } from '../../files/compressors.ts';
import { openFile } from '../../files/regular.ts';

/** An open parquet file: its footer, and access to ranges of bytes. Implements hyparquet's `AsyncBuffer`. */
export interface ParquetFile {
  path: string;
  byteLength: number;
  metadata: FileMetaData;
  schema: SchemaTree;
  rows: number;
  /** Functions that decompress pages, by codec. */
  compressors: Compressors;
  slice(start: number, end?: number): Promise<ArrayBuffer>;
  close(): Promise<void>;
}

/** A physical column: one primitive value per entry. `nodes` is its path in the schema, from the root. */
export interface Leaf {
  path: string[];
  nodes: SchemaTree[];
  maxRepetition: number;
  maxDefinition: number;
}

/** Opens a parquet file and reads its footer. @throws DataError if the file is not parquet, or is truncated */
export async function openParquet(path: string): Promise<ParquetFile> {
  const handle = await openFile(path);
  const { size: byteLength } = await handle.stat();
  const read = async (start: number, end: number): Promise<ArrayBuffer> => {
    // A damaged file can contain any offsets. Allocates no memory for bytes beyond the end of the file.
    if (!(start >= 0 && start <= end && end <= byteLength))
      throw new Error('an offset refers to data beyond the end of the file');
    const buffer = new ArrayBuffer(end - start);
    // A single read is limited to 2 GiB, and can return fewer bytes.
    for (let done = 0; done < buffer.byteLength;) {
      const length = Math.min(buffer.byteLength - done, 2 ** 30);
      const { bytesRead } = await handle.read(new Uint8Array(buffer, done, length), 0, length, start + done);
      if (bytesRead === 0) throw new DataError('cut-off', 'The file ends early.', { file: path });
      done += bytesRead;
    }
    return buffer;
  };
  const slice = (start: number, end = byteLength): Promise<ArrayBuffer> => {
    const bytes = read(start, end);
    // hyparquet reads several ranges concurrently and stops at the first failure. This handler ignores later failures.
    bytes.catch(() => undefined);
    return bytes;
  };
  try {
    const compressors = await loadCompressors();
    const metadata = await parquetMetadataAsync({ byteLength, slice });
    const rows = metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
    const schema = parquetSchema(metadata);
    return { path, byteLength, metadata, schema, rows, compressors, slice, close: () => handle.close() };
  } catch (error) {
    await handle.close();
    const reason =
      error instanceof RangeError || error instanceof TypeError
        ? 'the footer is damaged'
        : (error as Error).message;
    const fix = 'Download the file again, and check that the file is complete.';
    throw new DataError('parquet', `Cannot read the parquet file: ${reason}.`, { file: path, fix });
  }
}

/** Returns every physical column below a node of the schema. For the root, returns all columns of the file. */
export function leaves(node: SchemaTree, above: SchemaTree[] = []): Leaf[] {
  const nodes = [...above, node];
  if (node.children.length > 0) return node.children.flatMap((child) => leaves(child, nodes));
  const kinds = nodes.map(({ element }) => element.repetition_type);
  const maxRepetition = kinds.filter((kind) => kind === 'REPEATED').length;
  const maxDefinition = kinds.slice(1).filter((kind) => kind !== 'REQUIRED').length;
  return [{ path: node.path, nodes, maxRepetition, maxDefinition }];
}
