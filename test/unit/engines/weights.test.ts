import fc from 'fast-check';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTensors, writeTensors } from '../../../src/engines/embedded/weights.ts';
import { scratchFolders } from './tiny.ts';
import { forAllAsync } from '../../support/property.ts';

const scratch = scratchFolders();

const path = join(scratch(), 'x.safetensors');

describe('readTensors', () => {
  it('property: readTensors: returns the tensors that writeTensors wrote', async () => {
    const array = fc.float32Array({ minLength: 0, maxLength: 9 });
    const named = fc.dictionary(
      fc.string({ minLength: 1 }).filter((name) => !name.startsWith('__')),
      array,
    );
    await forAllAsync([named], { numRuns: 10 }, async (arrays) => {
      const shapes = Object.fromEntries(Object.entries(arrays).map(([name, x]) => [name, [x.length]]));
      const file = { arrays, shapes, metadata: { who: 'me' } };
      await writeTensors(path, file);
      expect(await readTensors(path)).toEqual(file);
    });
  });

  it('readTensors and writeTensors use the layout of safetensors', async () => {
    const arrays = { é: Float32Array.of(1, 2), b: Float32Array.of(3) };
    await writeTensors(path, { arrays, shapes: { é: [2, 1], b: [1] }, metadata: {} });
    const bytes = readFileSync(path);
    const length = Number(bytes.readBigUInt64LE());
    expect(length % 8).toBe(0);
    expect(JSON.parse(bytes.toString('utf8', 8, 8 + length))).toEqual({
      __metadata__: {},
      é: { dtype: 'F32', shape: [2, 1], data_offsets: [0, 8] },
      b: { dtype: 'F32', shape: [1], data_offsets: [8, 12] },
    });
    expect([0, 4, 8].map((at) => bytes.readFloatLE(8 + length + at))).toEqual([1, 2, 3]);
    expect(bytes).toHaveLength(8 + length + 12);
  });

  it.each([
    ['an empty file', Buffer.alloc(0), 'not a safetensors file'],
    ['text', Buffer.from('this is not a file of tensors'), 'not a safetensors file'],
    ['a wrong number type', file({ w: { dtype: 'BF16', shape: [1], data_offsets: [0, 2] } }), 'w is BF16'],
    ['a header without offsets', file({ w: { dtype: 'F32', shape: [1] } }), '"w.data_offsets" is missing'],
    ['missing data', file({ w: { dtype: 'F32', shape: [9], data_offsets: [0, 36] } }), 'is truncated'],
  ])('readTensors rejects %s', async (_, bytes, message) => {
    writeFileSync(path, bytes);
    await expect(readTensors(path)).rejects.toThrow(message);
  });
});

function file(header: object): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, Buffer.alloc(4)]);
}
