import { analyse } from 'chardet';
import { openAtomic } from '../files/atomic.ts';
import { readRange, streamFile } from '../files/regular.ts';
import { DataError } from './data-error.ts';

/** Maximum number of bytes read to detect the encoding. The first non-ASCII letter can be far below the header. */
const LOOKED_AT = 1 << 20;

/** A text as UTF-8 bytes, and its original encoding. The encoding is null for UTF-8. */
export interface Decoded {
  encoding: string | null;
  stream: AsyncIterable<Buffer>;
}

/**
 * Reads the beginning of a stream. Returns a stream of the same bytes, from the beginning.
 * @param take receives each chunk; returns whether the beginning is long enough
 */
export async function beginning(
  bytes: AsyncIterable<Buffer>,
  take: (chunk: Buffer) => boolean,
): Promise<AsyncGenerator<Buffer>> {
  const iterator = bytes[Symbol.asyncIterator]();
  const seen: Buffer[] = [];
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    seen.push(next.value);
    if (take(next.value)) break;
  }
  async function* all(): AsyncGenerator<Buffer> {
    try {
      yield* seen;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  return all();
}

/**
 * Converts a text to UTF-8. Uses the given encoding, else the encoding of the byte-order mark, else UTF-8 if valid,
 * else the likeliest encoding of the first megabyte. Excel writes tables in the system's encoding, often windows-1252.
 * @throws DataError for an unknown encoding
 */
export async function decoded(bytes: AsyncIterable<Buffer>, named?: string): Promise<Decoded> {
  const seen: Buffer[] = [];
  let size = 0;
  const all = await beginning(bytes, (chunk) => (size += (seen.push(chunk), chunk.length)) >= LOOKED_AT);
  let encoding: string;
  try {
    encoding = named === undefined ? encodingOf(Buffer.concat(seen)) : labelOf(named);
  } catch (error) {
    // Starts the generator, because a generator that has not started closes no file.
    await all.next();
    await all.return(undefined);
    throw error;
  }
  if (encoding === 'utf-8') return { encoding: null, stream: all };
  async function* inUtf8(): AsyncGenerator<Buffer> {
    const decoder = new TextDecoder(encoding);
    for await (const chunk of all) yield Buffer.from(decoder.decode(chunk, { stream: true }));
    yield Buffer.from(decoder.decode());
  }
  return { encoding, stream: inUtf8() };
}

export class EncodedText {
  constructor(private readonly path: string) {}

  /** Detects the encoding of the text from its first megabyte. */
  async encoding(): Promise<string> {
    return encodingOf(await this.start());
  }

  /** Returns the text around the first non-ASCII byte, decoded with each encoding. Returns '' for an ASCII text. */
  async wordsIn(encodings: readonly string[]): Promise<string[]> {
    const start = await this.start();
    const at = start.findIndex((byte) => byte >= 0x80);
    const part = at < 0 ? Buffer.alloc(0) : start.subarray(Math.max(0, at - 20), at + 40);
    return encodings.map((name) => new TextDecoder(labelOf(name)).decode(part).trim());
  }

  /** Writes the text as UTF-8 to another file. @throws DataError for an unknown encoding */
  async writeInUtf8(encoding: string, to: string): Promise<void> {
    const { stream } = await decoded(await streamFile(this.path), encoding);
    const out = await openAtomic(to);
    try {
      for await (const chunk of stream) await out.file.writeFile(chunk);
      await out.commit();
    } catch (error) {
      await out.discard();
      throw error;
    }
  }

  private start(): Promise<Buffer> {
    return readRange(this.path, 0, LOOKED_AT);
  }
}

function encodingOf(start: Buffer): string {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(start, { stream: true });
    return 'utf-8';
  } catch {
    // Any bytes are valid in a single-byte encoding, so a guess of a multi-byte encoding requires more confidence.
    const guesses = analyse(start).filter(({ name }) => isKnown(name));
    return labelOf(guesses[0]?.name.replace('ISO-8859-1', 'windows-1252') ?? 'windows-1252');
  }
}

function isKnown(name: string): boolean {
  try {
    return new TextDecoder(name).encoding !== 'utf-8';
  } catch {
    return false;
  }
}

function labelOf(name: string): string {
  try {
    return new TextDecoder(name).encoding;
  } catch {
    throw new DataError('encoding', `Encoding "${name}" is not supported.`, {
      fix: 'Use for example utf-8, utf-16le, windows-1252, iso-8859-2, macintosh, gb18030, shift_jis or euc-kr.',
    });
  }
}
