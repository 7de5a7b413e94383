import { dirname } from 'node:path';
import { isRecord } from '../../base/json.ts';
import type { TraceSource } from '../../core/run-data/trace-summary.ts';
import { parseSample } from '../../rows/sample/parse-sample.ts';
import { openDataFile } from '../datasets/data-file.ts';
import { relocateImages } from '../datasets/image-files.ts';
import { lines } from '../files/lines.ts';
import { streamFile } from '../files/regular.ts';
import { dataOf } from './data-folders.ts';

/** Id of the row that pairs are about. `set`: the evaluation set, or null for traces. */
export interface SampleId {
  sample: string;
  set: string | null;
}

interface DataRow {
  id: string;
  text: string;
}

/** Yields the rows of a data file that have an id, as text and as JSON, with the line. Checks report all other rows. */
export async function* rowsIn(
  path: string,
  signal?: AbortSignal,
): AsyncGenerator<{ id: string; line: number; text: string; json: object }> {
  for await (const { number: line, text } of lines(await streamFile(path))) {
    signal?.throwIfAborted();
    if (!text?.trim()) continue;
    try {
      const json: unknown = JSON.parse(text);
      if (!isRecord(json)) continue;
      const { id } = json;
      if (typeof id === 'string' || typeof id === 'number') yield { id: String(id), line, text, json };
    } catch {
      // Lines that are not JSON are not part of the run.
    }
  }
}

const keyOf = ({ sample, set }: SampleId) => JSON.stringify([set, sample]);

const filesOf = async (source: TraceSource, set: string | null, allowed: readonly string[]) =>
  (await dataOf(source, set, allowed)).files.filter((path) => path.endsWith('.jsonl'));

/** Finds rows by id, in the order of the files, without duplicates. */
async function find(
  source: TraceSource,
  samples: readonly SampleId[],
  allowed: readonly string[],
): Promise<{ files: { path: string; rows: DataRow[] }[]; missing: number }> {
  const wanted = new Map(samples.map((each) => [keyOf(each), each]));
  const total = wanted.size;
  const files = new Map<string, Map<string, DataRow>>();
  let count = 0;
  for (const set of new Set(samples.map((each) => each.set))) {
    for (const path of await filesOf(source, set, allowed)) {
      for await (const { id, text } of rowsIn(path)) {
        if (!wanted.delete(keyOf({ sample: id, set }))) continue;
        count += 1;
        // Keys rows by id, because two sets can be the same file.
        const rows = files.get(path) ?? new Map<string, DataRow>();
        files.set(path, rows.set(id, { id, text }));
      }
    }
  }
  return {
    files: [...files].map(([path, rows]) => ({ path, rows: [...rows.values()] })),
    missing: total - count,
  };
}

export async function rowsOfSamples(
  ...args: [source: TraceSource, samples: readonly SampleId[], allowed: readonly string[]]
): Promise<{ files: { path: string; ids: string[] }[]; missing: number }> {
  const { files, missing } = await find(...args);
  return { files: files.map(({ path, rows }) => ({ path, ids: rows.map(({ id }) => id) })), missing };
}

/**
 * Writes rows to a file, with image paths relative to the file's folder. Rows of several files with the same id get the
 * number of their file as prefix.
 * @throws if no row was found, or the file cannot be written
 */
export async function saveSamples(
  source: TraceSource,
  samples: readonly SampleId[],
  allowed: readonly string[],
  path: string,
): Promise<{ rows: number; missing: number }> {
  const { files, missing } = await find(source, samples, allowed);
  const ids = new Set<string>();
  const out = files.flatMap(({ path: from, rows }, f) =>
    rows.map(({ id, text }) => {
      const unique = ids.has(id) ? `${f + 1}-${id}` : id;
      ids.add(id);
      if (unique === id && dirname(from) === dirname(path)) return text;
      const { sample } = parseSample(JSON.parse(text));
      return sample
        ? JSON.stringify({ ...relocateImages(sample, dirname(from), dirname(path)), id: unique })
        : text;
    }),
  );
  if (out.length === 0)
    throw new Error(
      'Cannot find these rows. Their data files do not exist, have changed, or are not readable.',
    );
  const { file, commit, discard } = await openDataFile(path);
  try {
    await file.writeFile(`${out.join('\n')}\n`);
    await commit();
  } catch (error) {
    await discard();
    throw error;
  }
  return { rows: out.length, missing };
}
