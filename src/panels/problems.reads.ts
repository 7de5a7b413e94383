import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { thousands } from '../base/format.ts';
import type { Call } from '../base/call.ts';
import type { Problem } from '../base/problem.ts';
import type { ParsedSample } from '../rows/sample/parse-sample.ts';
import { checkGraphOf } from '../rows/views/check-row.ts';
import { DatasetCheck } from '../lab/datasets/check-dataset.ts';
import { ImageFiles } from '../lab/datasets/image-files.ts';
import { parseJson } from '../lab/datasets/parse-json.ts';
import { toSample } from '../lab/datasets/rows.ts';
import { lines, type Line } from '../lab/files/lines.ts';
import type { ImageFolders } from './data-rows.reads.ts';
import type { Node } from 'jsonc-parser';
import { jsonTree, NotJson, valueAt } from '../core/annotation/edit-json.ts';
import { streamFile } from '../lab/files/regular.ts';

/** Problem of a row with its position: the line from 1, and UTF-16 columns from 0 (the end is exclusive). */
export interface RowProblem extends Problem {
  line: number;
  from: number;
  to: number;
}

export interface CheckResult {
  rows: number;
  /** Number of rows with at least one problem. */
  badRows: number;
  errors: number;
  warnings: number;
  /** Whether the check searched for image files. The check never decodes images. */
  pictures: boolean;
  /** First problems only, because the Problems panel shows a limited number per file. */
  problems: RowProblem[];
}

/** Maximum number of problems that VS Code shows per file. */
const MAX_PROBLEMS = 1000;
/** Maximum number of rows, and of characters, to check between two progress reports and abort checks. */
const BATCH = 500;
const BATCH_CHARACTERS = 1 << 16;
/** Maximum length of a row to check while the user types, in characters. Longer rows take seconds. */
const LONGEST_TYPED = 1 << 16;

/**
 * Checks all rows of a text. `name`: the file name in messages about other rows. `place`: location of the images; null
 * if the text is not a file on disk.
 */
export async function checkText(
  { name, text, place }: { name: string; text: string; place: ImageFolders | null },
  call: Call,
): Promise<CheckResult> {
  const all = text.split(/\r\n|\r|\n/).map((text, i) => ({ number: i + 1, text }));
  return checkLines(name, all, place, call, { longest: LONGEST_TYPED });
}

/** Checks all rows of a file. Reports progress as the share that was read, from 0 to 1. */
export async function checkFile(
  { path, place }: { path: string; place: ImageFolders | null },
  call: Call<number>,
): Promise<CheckResult> {
  const { size } = await stat(path);
  const stream = await streamFile(path);
  return checkLines(basename(path), lines(stream), place, call, {
    progress: () => call.onProgress(stream.bytesRead / Math.max(size, 1)),
  });
}

async function checkLines(
  name: string,
  all: Iterable<Line> | AsyncIterable<Line | { number: number; text: null }>,
  place: ImageFolders | null,
  { signal }: Call,
  { progress, longest = Infinity }: { progress?: () => void; longest?: number },
): Promise<CheckResult> {
  const result: CheckResult = {
    pictures: place !== null,
    rows: 0,
    badRows: 0,
    errors: 0,
    warnings: 0,
    problems: [],
  };
  // Check only that images exist: decoding requires a native module, which the extension host does not load.
  const dataset = new DatasetCheck(place ? { files: new ImageFiles(place.folder, place.root) } : undefined);
  dataset.startFile(name);
  let characters = 0;
  for await (const { number: line, text } of all) {
    if (text?.trim() === '') continue;
    result.rows += 1;
    characters += text?.length ?? 0;
    if (result.rows % BATCH === 0 || characters > BATCH_CHARACTERS) {
      characters = 0;
      progress?.();
      await nextTurn(undefined, { signal });
    }
    const parsed = text === null ? tooLong : toSample(parseJson(text));
    const problems =
      (text?.length ?? 0) > longest
        ? [...parsed.problems, uncheckedRow(text!)]
        : await checkedRow(dataset, line, parsed);
    if (problems.length > 0) result.badRows += 1;
    for (const { severity } of problems) result[severity === 'error' ? 'errors' : 'warnings'] += 1;
    const shown = problems.slice(0, MAX_PROBLEMS - result.problems.length);
    const rangeOf = shown.length > 0 ? problemRanges(text ?? '') : null;
    for (const problem of shown) result.problems.push({ ...problem, line, ...rangeOf!(problem.path) });
  }
  return result;
}

async function checkedRow(dataset: DatasetCheck, line: number, parsed: ParsedSample): Promise<Problem[]> {
  const problems = await dataset.row({ line, ...parsed });
  const graph = parsed.sample ? checkGraphOf(parsed.sample) : [];
  return [...problems, ...graph.filter(({ severity }) => severity === 'warning')];
}

const uncheckedRow = ({ length }: string): Problem => ({
  severity: 'warning',
  code: 'long-row',
  message: `The row is too long to check while you type (${thousands(length)} characters).`,
  fix: 'For rows of any length, run “Chirality: Check Data File”.',
});

const tooLong: ParsedSample = {
  sample: null,
  problems: [{ severity: 'error', code: 'long-line', message: 'The line must be at most 64 MiB.' }],
};

/** Part of a line, in UTF-16 columns from 0 (the end is exclusive). */
interface Range {
  from: number;
  to: number;
}

/**
 * Finds the position of a problem at `path` (`boxes[2]`, `variants.mirror.status`) in a row's JSON text: the value, or
 * the smallest existing part around the value. A problem of the whole row is at the row's id, to avoid underlining a
 * long line. In invalid JSON, the position is the first invalid character. Parses the text once for all paths.
 */
export function problemRanges(text: string): (path: string | undefined) => Range {
  const whole = { from: Math.max(text.search(/\S/), 0), to: text.trimEnd().length };
  let row: Node;
  try {
    row = jsonTree(text);
  } catch (error) {
    if (!(error instanceof NotJson)) return () => whole; // The row is nested too deeply to search.
    const from = Math.max(Math.min(error.at, whole.to - 1), 0);
    return () => ({ from, to: from + 1 });
  }
  return (path) => {
    let node = row;
    for (const step of path?.match(/[^.[\]]+/g) ?? []) {
      const inner = valueAt(node, step);
      if (!inner) break;
      node = inner;
    }
    if (node === row) node = valueAt(row, 'id') ?? row;
    return { from: node.offset, to: node.offset + node.length };
  };
}
