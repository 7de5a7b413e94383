import { basename } from 'node:path';
import { setInJson } from '../../core/annotation/edit-json.ts';
import { conflictsOf, mergeRows, type RowConflict } from '../../core/annotation/merge-rows.ts';
import { ReviewFigures } from '../../core/annotation/review-figures.ts';
import { parseSample } from '../../rows/sample/parse-sample.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { VARIANT_NAMES, type VariantName } from '../../rows/view-list.ts';
import { lines } from '../files/lines.ts';
import { readText, streamFile } from '../files/regular.ts';
import { openDataFile } from './data-file.ts';
import { DataError } from './data-error.ts';
import { parseJson } from './parse-json.ts';

interface MergedRow {
  id: string;
  conflicts: RowConflict[];
  /** Variants in which the annotators disagree. */
  disagree: VariantName[];
}

interface MergeResult {
  rows: number;
  /** Number of rows that only later files contain. These rows are written last. */
  added: number;
  /** Rows with open conflicts or disagreements, in the order of the merged file. */
  open: MergedRow[];
  figures: Record<VariantName, ReviewFigures>;
}

/**
 * Merges files that people annotated separately, by row id, in the order of the first file. Rows that are equal in all
 * files keep their bytes.
 * @param base original of all files. With `base`, a change by one person is not a conflict
 * @throws DataError, before writing anything, for a line that is not a row, for an id that occurs twice in a file, and
 * if no file has a row
 */
export async function mergeAnnotated(
  [first, ...others]: readonly string[],
  base: string | null,
  output: string,
  onRead: (file: string) => void = () => undefined,
): Promise<MergeResult> {
  const out = await openDataFile(output);
  const read = (file: string) => {
    onRead(file);
    return rowsOf(file);
  };
  try {
    const started = base === null ? null : await read(base);
    const merged = await read(first!);
    const ownCount = merged.size;
    const names = namesOf([first!, ...others]);
    for (const [i, other] of others.entries()) {
      for (const [id, text] of await read(other)) {
        const before = merged.get(id);
        if (before === undefined) merged.set(id, text);
        else if (before !== text) {
          const [a, b] = [before, text].map(fieldsOf);
          const start = started?.get(id);
          const row = mergeRows(
            { from: names[0]!, row: a! },
            { from: names[i + 1]!, row: b! },
            start === undefined ? null : fieldsOf(start),
          );
          merged.set(id, withFields(before, a!, row));
        }
      }
    }
    if (merged.size === 0) throw new DataError('no-rows', 'The files contain no rows.', { file: first! });
    const figures = Object.fromEntries(
      VARIANT_NAMES.map((name) => [name, new ReviewFigures(name)]),
    ) as MergeResult['figures'];
    const open: MergedRow[] = [];
    const { mark, ending } = await writtenIn(first!);
    await out.file.writeFile(mark);
    for (const [id, text] of merged) {
      await out.file.writeFile(`${text}${ending}`);
      const sample = parseSample(fieldsOf(text)).sample!;
      const disagree = VARIANT_NAMES.filter((name) => figures[name].add(sample)?.consensus === 'disagree');
      const conflicts = conflictsOf(sample);
      if (disagree.length + conflicts.length > 0) open.push({ id, conflicts, disagree });
    }
    await out.commit();
    return { rows: merged.size, added: merged.size - ownCount, open, figures };
  } catch (error) {
    await out.discard();
    throw error;
  }
}

/** Returns the byte-order mark and line ending of a file. The merged file also uses them. */
async function writtenIn(path: string): Promise<{ mark: string; ending: string }> {
  const [line] = (await readText(path)).split('\n', 1);
  return { mark: line!.startsWith('\uFEFF') ? '\uFEFF' : '', ending: line!.endsWith('\r') ? '\r\n' : '\n' };
}

/** Returns the base names of the files, or their paths if base names repeat. */
function namesOf(files: readonly string[]): string[] {
  const names = files.map((file) => basename(file));
  return new Set(names).size === names.length ? names : [...files];
}

async function rowsOf(path: string): Promise<Map<string, string>> {
  const rows = new Map<string, string>();
  for await (const { number: line, text } of lines(await streamFile(path))) {
    if (text?.trim() === '') continue;
    const { value } = text === null ? { value: undefined } : parseJson(text);
    const sample: Sample | null = value === undefined ? null : parseSample(value).sample;
    const wrong = (code: string, message: string, fix: string) =>
      new DataError(code, message, { file: `${path}:${line}`, fix });
    if (!sample)
      throw wrong(
        'unreadable',
        'The line is not a row.',
        `List the problems with chirality data check ${path}`,
      );
    if (rows.has(sample.id))
      throw wrong(
        'duplicate-id',
        `The id ${JSON.stringify(sample.id)} occurs twice.`,
        'Set a unique id for every row.',
      );
    rows.set(sample.id, text!.trim());
  }
  return rows;
}

/** Returns the fields of a row's text from `rowsOf`, which always contains an object. */
const fieldsOf = (text: string) => JSON.parse(text) as Record<string, unknown>;

function withFields(text: string, before: Record<string, unknown>, after: Record<string, unknown>): string {
  let written = text;
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
    if (JSON.stringify(before[key]) !== JSON.stringify(after[key]))
      written = setInJson(written, [key], after[key]);
  return written;
}
