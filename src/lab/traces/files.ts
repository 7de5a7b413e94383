import type { Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { RecordedPair } from '../../core/run-data/trace.ts';
import type { TraceSummary } from '../../core/run-data/summary.ts';
import { parseLine, type RecordError, type RowReader } from '../../core/record.ts';
import { lines } from '../files/lines.ts';
import type { PairTable } from '../../core/run-data/table.ts';

/** A file of pairs. */
export interface PairFile {
  path: string;
  /** As messages call it: relative to the run. */
  name: string;
  step: number;
  /** Tells two states of what it holds apart, where that is not its own size and time; then its pairs have no lines. */
  version?: string;
}

/** Where a line stands in its file, in bytes. */
export interface Span {
  at: number;
  bytes: number;
}

/** A pair that was read, and the one or two lines that it was read from. */
interface ReadPair {
  pair: RecordedPair;
  summary: TraceSummary;
  spans: Span[];
}

/** Why a line cannot be read, with its file and number. */
interface BrokenLine {
  problem: string;
}

export type PairOrProblem = ReadPair | BrokenLine;

/** The files of a run that hold pairs, and how their lines are read: traces, or an evaluation. */
export interface PairSource {
  /** The time (ms) that changes when files come, go or are replaced; null where only looking at all of them tells. */
  changed(): Promise<number | null>;
  /** By step. */
  files(): Promise<PairFile[]>;
  /** The pairs of a file's lines; a last line that is still being written is left for later. */
  read(file: PairFile, lines: AsyncIterable<LineText>): AsyncGenerator<PairOrProblem>;
  /** The pair that stands in these lines, which `read` has found. @throws in words */
  open(file: PairFile, texts: readonly string[], pair: number): RecordedPair | Promise<RecordedPair>;
}

/** A line of a file; null where it is too long to be read. `ended`: a line end follows. */
export interface LineText extends Span {
  number: number;
  text: string | null;
  ended: boolean;
}

/**
 * What lines hold, or why they cannot be read. Blank ones are left out, and so is a last one that is still being
 * written.
 * @param file as messages call it
 */
export async function* readLines<T>(
  lines: AsyncIterable<LineText>,
  file: string,
  read: RowReader<T>,
): AsyncGenerator<{ value: T; place: LineText } | BrokenLine> {
  for await (const place of lines) {
    const { number: line, text, ended } = place;
    if (text === null) {
      yield { problem: `${file}:${line}: The line is longer than 64 MiB.` };
      continue;
    }
    const problems: string[] = [];
    const leaveOut = ({ message }: RecordError) => problems.push(message);
    for (const value of parseLine(text, { file, line }, read, leaveOut)) yield { value, place };
    if (ended || !isCut(text)) for (const problem of problems) yield { problem };
  }
}

/** Whether a line is no JSON, as one that is still being written. */
function isCut(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch {
    return true;
  }
}

const BLOCK = 2 ** 20;

/** What tells two states of a file apart. */
export const versionOf = (
  { size, mtimeMs, ino }: Stats,
  { version = `${size} ${mtimeMs} ${ino}` }: PairFile,
): { version: string; size: number } => ({ version, size });

/** The lines among the first `size` bytes of an open file, which stays open. */
export async function* lineTexts(file: FileHandle, size: number): AsyncGenerator<LineText> {
  for await (const line of lines(blocks(file, size))) yield { ...line, ended: line.at + line.bytes < size };
}

/** A step's traces mostly fit into one block: a stream would wait three times where this waits once. */
async function* blocks(file: FileHandle, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < size;) {
    const block = Buffer.allocUnsafeSlow(Math.min(BLOCK, size - at));
    const { bytesRead } = await file.read(block, 0, block.length, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield block.subarray(0, bytesRead);
  }
}

/** What one file holds; it is read again as a whole when it changes. */
export interface Part {
  file: PairFile;
  version: string;
  table: PairTable;
  /** Number of the pair by row, ascending. */
  pairs: Float64Array;
  /** By row: `at, bytes` of the first line and of the second, whose length is 0 where there is none. */
  spans: Float64Array;
  /** The lines that cannot be read, in words. */
  problems: string[];
}

/** All pairs of a source at one time. It does not change: what is read later makes another one. */
export interface Snapshot {
  parts: readonly Part[];
  /** The first row of every part. */
  starts: readonly number[];
  table: PairTable;
}

/** The row of a pair in its part, or −1. */
export const rowOf = ({ pairs }: Part, pair: number): number => pairs.indexOf(pair);
