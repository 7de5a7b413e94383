// Log of a run in a wandb folder: blocks as in a LevelDB log, with protobuf records. No library for Node reads it.
import { fields, isBytes } from '../../../base/read-protobuf.ts';
import { parsePythonJson } from './python-json.ts';

type WandbRecord =
  | { kind: 'history'; row: Record<string, unknown> }
  | { kind: 'config'; config: Record<string, unknown> }
  | { kind: 'exit'; code: number };

const BLOCK = 32_768;
const HEADER = 7;
const MAX_RECORD = 2 ** 26;

const isWandbLog = (bytes: Buffer): boolean =>
  bytes.length >= HEADER && bytes.toString('latin1', 0, 4) === ':W&B' && bytes.readUInt16LE(4) === 0xbee1;

/**
 * Yields the records of a log, up to an incomplete last record.
 * @param stop called with the reason if the rest of the log is unreadable
 */
export function* wandbRecords(log: Buffer, stop: (at: number, why: string) => void): Generator<WandbRecord> {
  if (!isWandbLog(log)) return stop(0, 'the file is not a wandb log');
  let at = HEADER;
  let parts: Buffer[] = [];
  while (at + HEADER <= log.length) {
    const left = BLOCK - (at % BLOCK);
    if (left < HEADER) {
      at += left;
      continue;
    }
    const length = log.readUInt16LE(at + 4);
    const type = log[at + 6]!;
    if (type === 0 && length === 0) {
      at += left; // Skips the unused rest of a preallocated block.
      continue;
    }
    if (type < 1 || type > 4 || HEADER + length > left) return stop(at, 'a record has an unknown format');
    if (at + HEADER + length > log.length) return;
    if (type === 1 || type === 2) parts = [];
    parts.push(log.subarray(at + HEADER, at + HEADER + length));
    if (parts.reduce((sum, part) => sum + part.length, 0) > MAX_RECORD)
      return stop(at, 'a record is longer than 64 MiB');
    if (type === 1 || type === 4) {
      try {
        yield* recordsOf(Buffer.concat(parts));
      } catch (error) {
        return stop(at, (error as Error).message);
      }
      parts = [];
    }
    at += HEADER + length;
  }
}

function* recordsOf(record: Buffer): Generator<WandbRecord> {
  for (const [number, value] of fields(record)) {
    if (!isBytes(value)) continue;
    if (number === 2) yield { kind: 'history', row: items(value, 1) };
    else if (number === 5) yield { kind: 'config', config: items(value, 1) };
    else if (number === 17) yield* configIn(value);
    else if (number === 18) yield { kind: 'exit', code: exitCode(value) };
  }
}

function* configIn(run: Buffer): Generator<WandbRecord> {
  for (const [number, value] of fields(run))
    if (number === 4 && isBytes(value)) yield { kind: 'config', config: items(value, 1) };
}

function exitCode(exit: Buffer): number {
  for (const [number, value] of fields(exit)) if (number === 1 && !isBytes(value)) return Number(value);
  return 0;
}

/** Returns the values of a message by name. Nested names are joined with dots. Omits values that are not JSON. */
function items(message: Buffer, field: number): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [number, item] of fields(message)) {
    if (number !== field || !isBytes(item)) continue;
    let key = '';
    let json = '';
    const nested: string[] = [];
    for (const [inner, value] of fields(item)) {
      if (!isBytes(value)) continue;
      if (inner === 1) key = value.toString('utf8');
      else if (inner === 2) nested.push(value.toString('utf8'));
      else if (inner === 16) json = value.toString('utf8');
    }
    try {
      values[nested.length > 0 ? nested.join('.') : key] = parsePythonJson(json);
    } catch {
      // A value that is not JSON is not a metric.
    }
  }
  return values;
}
