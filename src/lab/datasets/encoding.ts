import { analyse } from 'chardet';
import { openAtomic } from '../files/atomic.ts';
import { readRange, streamFile } from '../files/regular.ts';
import { DataError } from './data-error.ts';

/** How much of a text is looked at: a table may have its first letter outside of ASCII far below its head. */
const LOOKED_AT = 1 << 20;

/** A text as bytes in UTF-8, and the encoding that it was read from; null for UTF-8. */
export interface Decoded {
  encoding: string | null;
  stream: AsyncIterable<Buffer>;
}

/**
 * Turns a text in any encoding into UTF-8: in the one that is named, in that of its byte-order mark, in UTF-8 if it is
 * that, else in the likeliest for its first megabyte. Excel writes tables in the system's encoding, often windows-1252.
 * @throws DataError for an encoding that is not known
 */
export async function decoded(bytes: AsyncIterable<Buffer>, named?: string): Promise<Decoded> {
  const iterator = bytes[Symbol.asyncIterator]();
  const seen: Buffer[] = [];
  for (let size = 0; size < LOOKED_AT; size += seen.at(-1)!.length) {
    const { value, done } = await iterator.next();
    if (done) break;
    seen.push(value);
  }
  async function* all(): AsyncGenerator<Buffer> {
    try {
      yield* seen;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  const encoding = named === undefined ? encodingOf(Buffer.concat(seen)) : labelOf(named);
  if (encoding === 'utf-8') return { encoding: null, stream: all() };
  async function* inUtf8(): AsyncGenerator<Buffer> {
    const decoder = new TextDecoder(encoding);
    for await (const chunk of all()) yield Buffer.from(decoder.decode(chunk, { stream: true }));
    yield Buffer.from(decoder.decode());
  }
  return { encoding, stream: inUtf8() };
}

/** A file of text in any encoding. */
export class EncodedText {
  constructor(private readonly path: string) {}

  /** Its encoding, by its first megabyte. */
  async encoding(): Promise<string> {
    return encodingOf(await this.start());
  }

  /** Its first words that other encodings read differently, in each of these; '' where it has none. */
  async wordsIn(encodings: readonly string[]): Promise<string[]> {
    const start = await this.start();
    const at = start.findIndex((byte) => byte >= 0x80);
    const part = at < 0 ? Buffer.alloc(0) : start.subarray(Math.max(0, at - 20), at + 40);
    return encodings.map((name) => new TextDecoder(labelOf(name)).decode(part).trim());
  }

  /** Writes it in UTF-8 to another file. @throws DataError for an encoding that is not known */
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
    // Any bytes are text in a single-byte encoding, so a guess of another kind needs to be surer than that.
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

/** The name of an encoding as browsers know it. */
function labelOf(name: string): string {
  try {
    return new TextDecoder(name).encoding;
  } catch {
    throw new DataError('encoding', `Encoding "${name}" is not supported.`, {
      fix: 'Use for example utf-8, utf-16le, windows-1252, iso-8859-2, macintosh, gb18030, shift_jis or euc-kr.',
    });
  }
}
