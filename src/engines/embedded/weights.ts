import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { parseRecord } from '../../base/record.ts';
import { writeSynced } from '../synced.ts';

/** Float32 arrays by name. */
export type Arrays = Record<string, Float32Array>;

/** Contents of a safetensors file: arrays with their shapes, and strings by name. */
interface TensorFile {
  arrays: Arrays;
  shapes: Record<string, number[]>;
  metadata: Record<string, string>;
}

const offset = z.int().min(0);

/** Header of a safetensors file: strings under one key, and the offsets of each array under its name. */
const headerSchema = z
  .object({ __metadata__: z.record(z.string(), z.string()).default({}) })
  .catchall(z.object({ dtype: z.string(), shape: z.array(offset), data_offsets: z.tuple([offset, offset]) }));

/** Writes a safetensors file. Resolves when the bytes are on disk. */
export const writeTensors = (path: string, file: TensorFile): Promise<void> =>
  writeSynced(path, tensorBytes(file));

/**
 * Returns the bytes of a safetensors file: the length of the header (8 bytes, little-endian), a JSON header with the
 * offsets of every array, and the arrays.
 */
export function tensorBytes({ arrays, shapes, metadata }: TensorFile): Buffer {
  let at = 0;
  const places = Object.entries(arrays).map(([name, { byteLength }]) => [
    name,
    { dtype: 'F32', shape: shapes[name]!, data_offsets: [at, (at += byteLength)] },
  ]);
  const json = JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(places) });
  // The format requires aligned data, so spaces pad the JSON to a multiple of eight bytes.
  const header = Buffer.from(
    json.padEnd(Math.ceil(Buffer.byteLength(json) / 8) * 8 - Buffer.byteLength(json) + json.length),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const data = Object.values(arrays).map((x) => Buffer.from(x.buffer, x.byteOffset, x.byteLength));
  return Buffer.concat([length, header, ...data]);
}

/** Reads a safetensors file. Throws if the file is truncated or invalid, or has arrays other than float32. */
export async function readTensors(path: string): Promise<TensorFile> {
  const bytes = await readFile(path);
  const start = bytes.length < 8 ? Infinity : 8 + Number(bytes.readBigUInt64LE());
  if (start > bytes.length) throw new Error(`${path} is not a safetensors file or is truncated.`);
  const header = parseRecord(headerSchema, bytes.toString('utf8', 8, start), { file: path });
  const { __metadata__: metadata, ...arrays } = header;
  const file: TensorFile = { arrays: {}, shapes: {}, metadata };
  let copied = 0;
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(arrays)) {
    const [from, to] = [start + data_offsets[0], start + data_offsets[1]];
    if (dtype !== 'F32') throw new Error(`${path}: ${name} is ${dtype}, but only F32 is supported.`);
    if (to > bytes.length) throw new Error(`${path} is truncated: ${name} ends after the file.`);
    copied += Math.max(0, to - from);
    if (copied > bytes.length) throw new Error(`${path}: the arrays overlap.`);
    file.arrays[name] = new Float32Array(Uint8Array.from(bytes.subarray(from, to)).buffer);
    file.shapes[name] = shape;
  }
  return file;
}
