import * as zlib from 'node:zlib';
import type { Compressors } from 'hyparquet';

/**
 * Loads decompressors by parquet codec on demand, because WebAssembly reserves gigabytes of addresses. If a memory
 * limit forbids this, Node's decompressors are used. hyparquet reads Snappy itself, and Zstandard requires Node
 * 22.
 */
export async function loadCompressors(): Promise<Compressors> {
  try {
    return (await import('hyparquet-compressors')).compressors;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return withoutWebAssembly();
  }
}

function withoutWebAssembly(): Compressors {
  const { gunzipSync, brotliDecompressSync, zstdDecompressSync } = zlib as typeof zlib & {
    zstdDecompressSync?: typeof gunzipSync;
  };
  const limited = (decompress: typeof gunzipSync) => (input: Uint8Array, length: number) =>
    decompress(input, { maxOutputLength: Math.max(1, length) });
  return {
    GZIP: limited(gunzipSync),
    BROTLI: limited(brotliDecompressSync),
    ...(zstdDecompressSync && { ZSTD: limited(zstdDecompressSync) }),
  };
}
