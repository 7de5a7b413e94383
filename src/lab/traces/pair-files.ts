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
  /** Name in messages: the path relative to the run. */
  name: string;
  step: number;
  /** Changes with the content, for files whose size and time do not suffice. Their pairs have no lines. */
  version?: string;
}

/** Location of a line in its file, in bytes. */
export interface ByteSpan {
  at: number;
  bytes: number;
}

/** A pair, and the one or two lines that it was read from. */
interface ReadPair {
  pair: RecordedPair;
  summary: TraceSummary;
  spans: ByteSpan[];
}

/** Reason why a line is unreadable, with its file and number. */
interface BrokenLine {
  problem: string;
}

export type PairOrProblem = ReadPair | BrokenLine;

/** The files of a run that contain pairs, and the reader of their lines: traces, or an evaluation. */
export interface PairSource {
  /**
   * Returns a time (ms) that changes when files are added, removed or replaced, usually the last ones. Null if there is
   * none. Absent if all files must be checked.
   */
  changed?(): Promise<number | null>;
  /** Returns the files, sorted by step. */
  files(): Promise<PairFile[]>;
  /** Yields the pairs in a file's lines. An incomplete last line is left for later. */
  read(file: PairFile, lines: AsyncIterable<LineText>): AsyncGenerator<PairOrProblem>;
  /** Parses the pair in lines that `read` has found. @throws with a message for users */
  open(file: PairFile, texts: readonly string[], pair: number): PairAndArrays | Promise<PairAndArrays>;
}

/** A pair, and the bytes of its arrays if there is no `.bin` file next to the trace. */
export interface PairAndArrays {
  pair: RecordedPair;
  arrays?: Uint8Array;
}

/** A line of a file. The text is null if it is too long. `ended`: a line break follows. */
export interface LineText extends ByteSpan {
  number: number;
  text: string | null;
  ended: boolean;
}

/**
 * Yields the contents of lines, or the reasons why they are unreadable. Blank lines and an incomplete last line are
 * skipped.
 * @param file name in messages
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

/** Whether a line is incomplete JSON, for example while it is being written. */
function isCut(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch {
    return true;
  }
}

const BLOCK = 2 ** 20;

/** Returns a string that distinguishes versions of a file. */
export const versionOf = (
  stats: Stats,
  { version = versionIn(stats) }: PairFile,
): { version: string; size: number } => ({ version, size: stats.size });

/** Yields the lines in the first `size` bytes of an open file, which stays open. */
export async function* lineTexts(file: FileHandle, size: number): AsyncGenerator<LineText> {
  for await (const line of lines(blocks(file, size))) yield { ...line, ended: line.at + line.bytes < size };
}

/** Yields blocks of a file. A step's traces mostly fit into one block: one read here, three in a stream. */
async function* blocks(file: FileHandle, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < size;) {
    const block = Buffer.allocUnsafeSlow(Math.min(BLOCK, size - at));
    const { bytesRead } = await file.read(block, 0, block.length, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield block.subarray(0, bytesRead);
  }
}

/** Contents of one file, which is read again as a whole when it changes. */
export interface Part {
  file: PairFile;
  version: string;
  /** Number of the pair by row, ascending. */
  pairs: readonly number[];
  /** For each row, `at, bytes` of the first line and of the second, whose length is 0 if there is none. */
  spans: readonly number[];
  /** Why some lines cannot be read. */
  problems: string[];
}

/** All pairs of a source at one time. Immutable: further reading creates another snapshot. */
export interface Snapshot {
  parts: readonly Part[];
  /** First row of every part. */
  starts: readonly number[];
  table: PairTable;
}

/** Returns the row of a pair in its part, or −1. */
export const rowOf = ({ pairs }: Part, pair: number): number => pairs.indexOf(pair);
