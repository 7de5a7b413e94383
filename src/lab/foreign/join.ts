import { stat } from 'node:fs/promises';
import { rowSlots } from '../../core/prompts/template.ts';
import { JoinIndex } from '../../core/run-data/foreign/join.ts';
import type { Sample } from '../../core/spatial/sample.ts';
import { DataError } from '../datasets/data-error.ts';
import { openDataset } from '../datasets/read.ts';

/** Most rows of a data set that are held in memory to be found by their texts. */
const MAX_ROWS = 1_000_000;

const textsOf = (sample: Sample): string[] => [sample.question, rowSlots(sample, '{question}').question];

/** Data sets by path, with their version: panels ask for the same one for every step. */
const known = new Map<string, { version: string; index: Promise<JoinIndex> }>();
const MAX_KNOWN = 2;

/** What changes whenever a data file changes. @throws DataError if there is none */
export async function dataVersion(path: string): Promise<string> {
  const stats = await stat(path).catch(() => null);
  if (!stats?.isFile()) throw new DataError('no-file', 'There is no such data set.', { file: path });
  return `${path} ${stats.size} ${stats.mtimeMs}`;
}

/**
 * The rows of a data set by id and by question: a `*.qa.jsonl`, or any table that `chirality convert` reads.
 * @throws DataError if it cannot be read
 */
export async function joinIndex(path: string): Promise<JoinIndex> {
  const version = await dataVersion(path);
  const found = known.get(path);
  if (found?.version === version) return found.index;
  const index = read(path);
  index.catch(() => known.delete(path));
  known.set(path, { version, index });
  if (known.size > MAX_KNOWN) known.delete(known.keys().next().value!);
  return index;
}

async function read(path: string): Promise<JoinIndex> {
  const index = new JoinIndex(textsOf);
  let count = 0;
  for await (const { sample } of (await openDataset(path)).rows) {
    if (!sample) continue;
    count += 1;
    if (count > MAX_ROWS)
      throw new DataError('too-many-rows', `More than ${MAX_ROWS} rows cannot be joined.`, {
        file: path,
        fix: 'Take the part that the run was trained on: chirality convert --sample.',
      });
    index.add(sample);
  }
  if (count === 0) throw new DataError('no-rows', 'The data set has no usable row.', { file: path });
  return index;
}
