// Reads whole tables of a SQLite database, without SQL. No npm package is used, because trackio's newest rows are in
// the `-wal` file next to the database, which only native modules can read. Format: https://sqlite.org/fileformat2.html
import { stat } from 'node:fs/promises';
import { ifMissing } from '../../files/disk-error.ts';
import { readBytes, readRange } from '../../files/regular.ts';

export type SqliteValue = null | number | bigint | string | Uint8Array;
type SqliteRow = Record<string, SqliteValue>;

/** Maximum size of a database record, in bytes. */
const MAX_RECORD = 2 ** 26;
const MAX_DEPTH = 40;
const LEAF = 13;
const INNER = 5;
const LOG_HEADER = 32;
const FRAME = 24;
/** Maximum size of a database, and of its log, in bytes. Both are read as a whole. */
const MAX_BYTES = 256 * 2 ** 20;
/** Maximum number of attempts to read a database whose log restarts during the read. */
const ATTEMPTS = 5;
const SIGNATURE = 'SQLite format 3\0';

/** Whether bytes begin with the header of a SQLite database. */
const isSqlite = (bytes: Buffer): boolean =>
  bytes.length >= 100 && bytes.toString('latin1', 0, 16) === SIGNATURE;

interface Table {
  root: number;
  columns: readonly { name: string; isRowid: boolean }[];
}

/** A database at the time when its bytes were read: the file, with the committed pages of its log. */
export class SqliteFile {
  private readonly pageSize: number;
  /** Number of bytes in a page that can contain data. */
  private readonly usable: number;
  private readonly count: number;
  private readonly over: ReadonlyMap<number, Buffer>;
  private readonly tables = new Map<string, Table>();
  /** Number of bytes of records that can still be read. Limited, because damaged pages can all refer to one page. */
  private left = 0;

  /**
   * @param log bytes of the `-wal` file. Empty without such a file
   * @param stop called with each unreadable page, and the reason. Pages below an unreadable page are omitted
   * @throws an error with a message for users, if the database is unreadable
   */
  constructor(
    private readonly file: Buffer,
    log: Buffer,
    private readonly stop: (page: number, why: string) => void,
  ) {
    const wal = walPages(log);
    this.over = wal.pages;
    const first = this.over.get(1) ?? file.subarray(0, 100);
    if (!isSqlite(first)) throw new Error('the file is not an SQLite database');
    const size = first.readUInt16BE(16);
    this.pageSize = size === 1 ? 65_536 : size;
    this.usable = this.pageSize - first[20]!;
    if (this.pageSize < 512 || (this.pageSize & (this.pageSize - 1)) > 0 || this.usable < 480)
      throw new Error('the page size is not supported');
    if (first.readUInt32BE(56) > 1) throw new Error('the text encoding is not UTF-8');
    if (wal.pageSize !== null && wal.pageSize !== this.pageSize)
      throw new Error('the write-ahead log belongs to another database');
    this.count = Math.max(Math.floor(file.length / this.pageSize), ...this.over.keys());
    for (const [, [type, name, , root, sql]] of this.all(1))
      if (type === 'table' && typeof name === 'string' && typeof root === 'number' && typeof sql === 'string')
        this.tables.set(name, { root, columns: columnsOf(sql) });
  }

  has(table: string, ...columns: string[]): boolean {
    const names = this.tables.get(table)?.columns.map(({ name }) => name);
    return names !== undefined && columns.every((name) => names.includes(name));
  }

  /** Yields the rows of a table by rowid. Yields nothing if the table does not exist. */
  *rows(table: string): Generator<SqliteRow> {
    const definition = this.tables.get(table);
    if (!definition) return;
    for (const [rowid, values] of this.all(definition.root))
      yield Object.fromEntries(
        definition.columns.map(({ name, isRowid }, i) => [name, values[i] ?? (isRowid ? rowid : null)]),
      );
  }

  private all(root: number): Generator<[number, SqliteValue[]]> {
    this.left = 2 * (this.file.length + this.over.size * this.pageSize);
    return this.records(root, 0, new Set());
  }

  private page(number: number): Buffer {
    const from = (number - 1) * this.pageSize;
    const page = this.over.get(number) ?? this.file.subarray(from, from + this.pageSize);
    if (number < 1 || page.length < this.pageSize) throw new Error(`page ${number} does not exist`);
    return page;
  }

  /** Yields the records below a page. @param seen visited pages of this table: damaged pages can form a cycle */
  private *records(number: number, depth: number, seen: Set<number>): Generator<[number, SqliteValue[]]> {
    if (seen.has(number) || depth > MAX_DEPTH) return this.stop(number, 'the page tree is circular');
    seen.add(number);
    try {
      const page = this.page(number);
      const head = number === 1 ? 100 : 0;
      const type = page[head]!;
      if (type !== LEAF && type !== INNER) throw new Error('the page does not belong to a table');
      const cells = page.readUInt16BE(head + 3);
      const pointers = head + (type === INNER ? 12 : 8);
      for (let i = 0; i < cells; i++) {
        const at = page.readUInt16BE(pointers + 2 * i);
        if (type === INNER) yield* this.records(page.readUInt32BE(at), depth + 1, seen);
        else yield this.cell(page, at);
      }
      if (type === INNER) yield* this.records(page.readUInt32BE(head + 8), depth + 1, seen);
    } catch (error) {
      this.stop(number, (error as Error).message);
    }
  }

  private cell(page: Buffer, at: number): [number, SqliteValue[]] {
    const [length, afterLength] = varint(page, at);
    const [rowid, start] = varint(page, afterLength);
    return [rowid, recordOf(this.payload(page, start, length))];
  }

  /** Returns the bytes of a record. A long record continues in a chain of overflow pages. */
  private payload(page: Buffer, start: number, length: number): Buffer {
    if (length > MAX_RECORD) throw new Error('a record is longer than 64 MiB');
    if ((this.left -= length) < 0) throw new Error('records overlap');
    const most = this.usable - 35;
    if (length <= most) return whole(page, start, length);
    const least = Math.floor(((this.usable - 12) * 32) / 255) - 23;
    const wished = least + ((length - least) % (this.usable - 4));
    const local = wished <= most ? wished : least;
    const parts = [whole(page, start, local)];
    let next = page.readUInt32BE(start + local);
    for (let left = length - local, links = 0; left > 0; links++) {
      if (links > this.count) throw new Error('a record is circular');
      const more = this.page(next);
      const size = Math.min(left, this.usable - 4);
      parts.push(whole(more, 4, size));
      left -= size;
      next = more.readUInt32BE(0);
    }
    return Buffer.concat(parts);
  }
}

function whole(bytes: Buffer, from: number, length: number): Buffer {
  if (from + length > bytes.length) throw new Error('a record ends beyond its page');
  return bytes.subarray(from, from + length);
}

/** Reads a number of one to nine bytes. Returns the number and the offset of the next byte. */
function varint(bytes: Buffer, at: number): [value: number, next: number] {
  let value = 0n;
  for (let i = 0; i < 9; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) throw new Error('a number ends beyond its page');
    if (i === 8) return [Number(BigInt.asIntN(64, (value << 8n) | BigInt(byte))), at + 9];
    value = (value << 7n) | BigInt(byte & 127);
    if (byte < 128) return [Number(value), at + i + 1];
  }
  throw new Error('a number has more than nine bytes');
}

/** Number of bytes of each integer type, from 1 to 6. */
const INTEGERS = [0, 1, 2, 3, 4, 6, 8];

function recordOf(bytes: Buffer): SqliteValue[] {
  const [head, first] = varint(bytes, 0);
  if (head > bytes.length) throw new Error('the header of a record is longer than the record');
  const values: SqliteValue[] = [];
  for (let at = first, from = head; at < head;) {
    const [type, next] = varint(bytes, at);
    at = next;
    const size = type <= 6 ? (INTEGERS[type] ?? NaN) : type === 7 ? 8 : type < 12 ? 0 : (type - 12) >> 1;
    values.push(valueOf(type, whole(bytes, from, size)));
    from += size;
  }
  return values;
}

function valueOf(type: number, bytes: Buffer): SqliteValue {
  if (type === 0) return null;
  if (type === 6) {
    const value = bytes.readBigInt64BE(0);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }
  if (type < 6) return bytes.readIntBE(0, bytes.length);
  if (type === 7) return bytes.readDoubleBE(0);
  if (type === 8 || type === 9) return type - 8;
  if (type < 12) throw new Error('a value has an unknown type');
  return type % 2 === 1 ? bytes.toString('utf8') : bytes;
}

/** Reads the columns in a `CREATE TABLE`. A column that is an alias of the rowid is not stored in the records. */
function columnsOf(sql: string): Table['columns'] {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const sign of `${sql.slice(sql.indexOf('(') + 1, sql.lastIndexOf(')'))},`) {
    if (sign === '(') depth++;
    if (sign === ')') depth--;
    if (sign === ',' && depth === 0) {
      parts.push(part.trim());
      part = '';
    } else part += sign;
  }
  return parts
    .filter((text) => !/^(?:UNIQUE|PRIMARY|FOREIGN|CHECK|CONSTRAINT)\b/i.test(text))
    .map((text) => ({
      name: text.split(/\s+/)[0]!.replace(/["`[\]]/g, ''),
      isRowid: /^\S+\s+INTEGER\s+PRIMARY\s+KEY\b/i.test(text),
    }));
}

/**
 * Returns the pages that a log has committed, with the newest version of each page. Ignores frames of incomplete
 * transactions, and older frames, which have other salts.
 */
function walPages(log: Buffer): { pages: Map<number, Buffer>; pageSize: number | null } {
  const pages = new Map<number, Buffer>();
  if (log.length < LOG_HEADER) return { pages, pageSize: null };
  const magic = log.readUInt32BE(0);
  const pageSize = log.readUInt32BE(8);
  if (magic >>> 1 !== 0x377f0682 >>> 1 || pageSize < 512 || pageSize > 65_536 || pageSize % 512 > 0)
    return { pages, pageSize: null };
  const word = (at: number) => (magic & 1 ? log.readUInt32BE(at) : log.readUInt32LE(at));
  let [a, b] = [0, 0];
  const sum = (from: number, length: number) => {
    for (let at = from; at < from + length; at += 8) {
      a = (a + word(at) + b) >>> 0;
      b = (b + word(at + 4) + a) >>> 0;
    }
  };
  sum(0, 24);
  const pending = new Map<number, Buffer>();
  for (let at = LOG_HEADER; at + FRAME + pageSize <= log.length; at += FRAME + pageSize) {
    if (!log.subarray(at + 8, at + 16).equals(log.subarray(16, 24))) break;
    sum(at, 8);
    sum(at + FRAME, pageSize);
    if (log.readUInt32BE(at + 16) !== a || log.readUInt32BE(at + 20) !== b) break;
    pending.set(log.readUInt32BE(at), log.subarray(at + FRAME, at + FRAME + pageSize));
    if (log.readUInt32BE(at + 4) === 0) continue;
    for (const [number, page] of pending) pages.set(number, page);
    pending.clear();
  }
  return { pages, pageSize };
}

/**
 * Reads the bytes of a database and its log. The log is read second, so that it contains all changes to the database
 * file during the read. If the log restarts between the reads, both are read again. This function writes and locks
 * nothing.
 * @throws an error with a message for users
 */
export async function readWithLog(path: string): Promise<{ file: Buffer; log: Buffer }> {
  for (let attempt = 1; ; attempt++) {
    // The header of the log changes when the log restarts.
    const before = await readRange(`${path}-wal`, 0, LOG_HEADER).catch(ifMissing(Buffer.alloc(0)));
    const file = await bounded(path);
    const log = await bounded(`${path}-wal`).catch(ifMissing(Buffer.alloc(0)));
    if (before.equals(log.subarray(0, LOG_HEADER))) return { file, log };
    if (attempt === ATTEMPTS) throw new Error('another program keeps changing the file');
  }
}

async function bounded(path: string): Promise<Buffer> {
  if ((await stat(path)).size > MAX_BYTES) throw new Error('the file is larger than 256 MiB');
  return readBytes(path);
}
