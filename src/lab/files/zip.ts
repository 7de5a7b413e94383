import { inflateRawSync } from 'node:zlib';
import { buffer } from 'node:stream/consumers';
import type { Entry, ZipFile } from 'yauzl';
import { loadCompressors } from './compressors.ts';
import { openFile } from './regular.ts';

const MAX_MEMBERS = 100_000;
/** Maximum unpacked size of an archive member, in bytes. */
const MAX_MEMBER = 256 * 2 ** 20;
/** Zip's number for Zstandard (APPNOTE 6.3.10), a method that Inspect writes and few libraries read. */
const ZSTD = 93;

/** An open zip archive. If a member is repeated, the last copy counts. */
export interface Zip {
  readonly members: ReadonlyMap<string, Entry>;
  /** Whether the archive contains a member twice. */
  readonly isRepeated: boolean;
  /** Size of the archive file, in bytes. */
  readonly size: number;
  /** @throws an error if the member is missing, damaged, too large, or packed by an unknown method */
  read(name: string): Promise<Buffer>;
  close(): Promise<void>;
}

/** Opens a zip archive without unpacking it. @throws if the directory is missing, as in an unfinished archive */
export async function openZip(path: string): Promise<Zip> {
  const file = await openFile(path);
  try {
    const { default: yauzl } = await import('yauzl');
    const zip = await yauzl.fromFdPromise(file.fd, { autoClose: false, lazyEntries: true });
    const members = new Map<string, Entry>();
    for await (const entry of zip.eachEntry()) {
      if (members.size === MAX_MEMBERS) throw new Error(`the archive has more than ${MAX_MEMBERS} members`);
      members.set(entry.fileName, entry);
    }
    const isRepeated = members.size < zip.entryCount;
    const { size } = await file.stat();
    return {
      members,
      isRepeated,
      size,
      read: (name) => unpack(zip, name, members.get(name)),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function unpack(zip: ZipFile, name: string, entry: Entry | undefined): Promise<Buffer> {
  if (!entry) throw new Error(`the archive does not contain ${name}`);
  const { compressedSize: packed, uncompressedSize: size, compressionMethod: method } = entry;
  if (Math.max(packed, size) > MAX_MEMBER) throw new Error(`${name} is larger than 256 MiB`);
  const bytes = await buffer(await zip.openReadStreamPromise(entry, { decodeFileData: false }));
  const content = await inflate(name, bytes, method, size);
  if (content.length !== size) throw new Error(`${name} has ${content.length} bytes instead of ${size}`);
  return content;
}

async function inflate(name: string, bytes: Buffer, method: number, size: number): Promise<Buffer> {
  if (method === 0) return bytes;
  if (method === 8) return inflateRawSync(bytes, { maxOutputLength: Math.max(1, size) });
  if (method !== ZSTD) throw new Error(`${name} uses compression method ${method}, which is not supported`);
  const { ZSTD: unpack } = await loadCompressors();
  if (!unpack) throw new Error(`${name} uses Zstandard, which requires more memory or Node 22`);
  return Buffer.from(unpack(new Uint8Array(bytes), size));
}
