import type { Problem } from '../../core/problem.ts';
import type { ParsedSample } from '../../core/spatial/parse-sample.ts';

/** Where a row stands: a line of a text file from 1, or a row of a table from 0. */
export type Place = { line: number; row?: undefined } | { row: number; line?: undefined };

/** One row as its file has it, before any mapping; `value` is absent when it could not be decoded. */
export type RawRow = Place & { value?: unknown; problem?: Problem };

/** One row as a sample, with its problems. */
export type DataRow = Place & ParsedSample;

/** `12` or `row 16`, as it follows the file name in messages. */
export const placeText = ({ line, row }: Place): string => (line !== undefined ? `${line}` : `row ${row}`);
