import type { Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { RecordedPair } from '../../core/run-data/trace.ts';
import type { TraceSummary } from '../../core/run-data/trace-summary.ts';
import { parseLine, type RecordError, type RowReader } from '../../base/record.ts';
import { lines } from '../files/lines.ts';
import { versionIn } from '../files/version.ts';
import type { PairTable } from '../../core/run-data/trace-table.ts';

export interface PairFile {
  path: string;
  /** Name of the file in messages: the path relative to the run. */
  name: string;
  step: number;
  /** Version of the content, for files whose size and time do not identify it. Pairs of such files have no lines. */
  version?: string;
}

/** Location of a line in its file, in bytes. */
export interface ByteSpan {
  at: number;
  bytes: number;
}

/** Reason why a line is unreadable, with the line's file and number. */
interface BrokenLine {
  problem: string;
}

export type PairOrProblem = { pair: RecordedPair; summary: TraceSummary; spans: ByteSpan[] } | BrokenLine;

/** Files of a run that contain pairs (traces, or an evaluation), with the reader of their lines. */
export interface PairSource {
  /**
   * Returns a time (ms) that changes when files are added, removed or replaced; usually, the last files change. Null
   * for a missing folder. Absent if all files must be checked.
   */
  changed?(): Promise<number | null>;
  /** Returns the files, sorted by step. */
  files(): Promise<PairFile[]>;
  /** Yields the pairs in a file's lines, except an incomplete last line. */
  read(file: PairFile, lines: AsyncIterable<LineText>): AsyncGenerator<PairOrProblem>;
  /** Parses the pair in lines that `read` has yielded. @throws an error with a message for users */
  open(file: PairFile, texts: readonly string[], pair: number): PairAndArrays | Promise<PairAndArrays>;
}

/** A pair, and the bytes of its arrays if the trace has no `.bin` file. */
export interface PairAndArrays {
  pair: RecordedPair;
  arrays?: Uint8Array;
}

/** A line of a file. The text of an overlong line is null. `ended`: a line break follows the line. */
export interface LineText extends ByteSpan {
  number: number;
  text: string | null;
  ended: boolean;
}

/**
 * Yields the contents of lines, or the reasons why lines are unreadable. Skips blank lines and an incomplete last line.
 */
export async function* readLines<T>(
  lines: AsyncIterable<LineText>,
  file: string,
  read: RowReader<T>,
): AsyncGenerator<{ value: T; place: LineText } | BrokenLine> {
  for await (const place of lines) {
    const { number: line, text, ended } = place;
    if (text === null) {
      yield { problem: `${file}:${line}: the line is longer than 64 MiB.` };
      continue;
    }
    const problems: string[] = [];
    const leaveOut = ({ message }: RecordError) => problems.push(message);
    for (const value of parseLine(text, { file, line }, read, leaveOut)) yield { value, place };
    if (ended || !isCut(text)) for (const problem of problems) yield { problem };
  }
}

/** Whether a line is incomplete JSON, for example while a program writes it. */
function isCut(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch {
    return true;
  }
}

const BLOCK = 2 ** 20;

export const versionOf = (
  stats: Stats,
  { version = versionIn(stats) }: PairFile,
): { version: string; size: number } => ({ version, size: stats.size });

/** Yields the lines in the first `size` bytes of an open file, which stays open. */
export async function* lineTexts(file: FileHandle, size: number): AsyncGenerator<LineText> {
  for await (const line of lines(blocks(file, size))) yield { ...line, ended: line.at + line.bytes < size };
}

/** Yields blocks of a file. Traces of a step mostly fit into one block, which takes one read; a stream takes three. */
async function* blocks(file: FileHandle, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < size;) {
    const block = Buffer.allocUnsafeSlow(Math.min(BLOCK, size - at));
    const { bytesRead } = await file.read(block, 0, block.length, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield block.subarray(0, bytesRead);
  }
}

/** Contents of one file. A changed file is read again as a whole. */
export interface Part {
  file: PairFile;
  version: string;
  /** Numbers of the pairs in the order of rows, ascending. */
  pairs: readonly number[];
  /** For each row, `at, bytes` of the first line and of the second line. The length of a missing second line is 0. */
  spans: readonly number[];
  /** Reasons why lines of the file are unreadable. */
  problems: string[];
}

/** All pairs of a source at a point in time. Immutable: further reading creates another snapshot. */
export interface Snapshot {
  parts: readonly Part[];
  /** Number of the first row of each part in the snapshot. */
  starts: readonly number[];
  table: PairTable;
}

/** Returns the row of a pair in its part, or −1 if the part lacks the pair. */
export const rowOf = ({ pairs }: Part, pair: number): number => pairs.indexOf(pair);
