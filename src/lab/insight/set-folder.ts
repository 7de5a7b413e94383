import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord } from '../../base/json.ts';
import { checkRecord, decodeRecord, RecordError, type RecordSchema } from '../../base/record.ts';
import { ifMissing } from '../files/disk-error.ts';
import { makeFolder } from '../files/folders.ts';
import { readText } from '../files/regular.ts';
import { LineWriter, readLines } from '../runs/line-writer.ts';
import { lockFolder } from '../runs/folder-lock.ts';
import { programVersions } from '../runs/versions.ts';
import { DataError } from '../datasets/data-error.ts';
import type { Inspector, Wanted } from '../../engines/inspector.ts';
import type { Sampler } from '../../engines/sampler.ts';
import { asInspector, checkAskable, type AskingForLook, type RowToLook } from './ask-inspector.ts';
import { imageKey } from '../../core/evaluation/scored-row.ts';
import { missingFor, type Strategy } from '../../core/prompts/strategy.ts';
import type { ViewId } from '../../rows/view-list.ts';
import { evaluationSamples, hashOf, setFiles } from '../evaluation/evaluation-samples.ts';

/** Number of rows that are analysed per call. */
const BATCH = 16;

/** A task that analyses rows one after another and writes to a folder. */
export interface SetJob<R extends { id: string }> {
  dir: string;
  /** Description of the analysis. To continue the work, `content` must be the same. */
  manifest: { kind: string; content: string; [key: string]: unknown };
  file: string;
  schema: RecordSchema<R>;
  linesOf(row: SetRowToLook): number;
  /** Opens the model. Called only if rows remain. */
  open: () => Promise<Sampler>;
  /** Future requests to the model, with example names of queries and boxes. */
  wanted: Wanted;
  /** Settings with which each row is evaluated. */
  asking: readonly AskingForLook[];
  work(inspector: Sampler & Inspector, rows: readonly SetRowToLook[]): Promise<R[]>;
  /** Returns the contents of files to write at the end, by name. */
  finish(lines: readonly R[]): Record<string, string | Uint8Array>;
  signal?: AbortSignal;
}

/**
 * Analyses all rows of a set. Lines are appended as they arrive, and a second call continues an interrupted call. Fails
 * while another process works in the folder, or if the folder contains other data.
 * @returns all lines, in the order of the rows
 * @throws DataError before the first row, if the model does not support the requests or a row
 */
export async function runSetJob<R extends { id: string }>(
  rows: readonly SetRowToLook[],
  job: SetJob<R>,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<R[]> {
  await makeFolder(job.dir);
  const lock = await lockFolder(job.dir);
  const path = join(job.dir, job.file);
  let earlier: Map<string, R[]> | null = null;
  try {
    await checkManifest(job);
    const done = (earlier = await knownLines(path, rows, job));
    const left = rows.filter(({ id }) => !done.has(id));
    await lock.writeJson('manifest.json', { version: VERSION, ...job.manifest, versions: programVersions() });
    const writer = await LineWriter.open(lock, path, ({ id }) => typeof id === 'string' && done.has(id));
    try {
      let inspector: (Sampler & Inspector) | null = null;
      for (let at = 0; at < left.length; at += BATCH) {
        job.signal?.throwIfAborted();
        inspector ??= await openInspector(job, rows);
        for (const line of await job.work(inspector, left.slice(at, at + BATCH))) {
          await writer.append(line);
          done.set(line.id, [...(done.get(line.id) ?? []), line]);
        }
        onProgress(rows.length - left.length + Math.min(left.length, at + BATCH), rows.length);
      }
      await writer.sync();
    } finally {
      await writer.close();
    }
    const lines = rows.flatMap(({ id }) => done.get(id) ?? []);
    for (const [name, content] of Object.entries(job.finish(lines)))
      await lock.write(join(job.dir, name), content);
    return lines;
  } catch (error) {
    // Without any lines, there is no work to continue.
    if (earlier?.size === 0)
      for (const name of [path, join(job.dir, 'manifest.json')]) await lock.remove(name);
    throw error;
  } finally {
    await lock.release();
    await rmdir(job.dir).catch(() => undefined); // Succeeds only if the folder is empty.
  }
}

async function openInspector<R extends { id: string }>(
  { open, wanted, asking }: SetJob<R>,
  rows: readonly SetRowToLook[],
): Promise<Sampler & Inspector> {
  const inspector = await asInspector(await open(), wanted);
  const views = rows.flatMap((row) => row.views);
  for (const way of asking) checkAskable(inspector, views, way);
  return inspector;
}

/** @throws DataError if the folder contains a different analysis */
async function checkManifest<R extends { id: string }>({ dir, manifest }: SetJob<R>): Promise<void> {
  const file = join(dir, 'manifest.json');
  const text = await readText(file).catch(ifMissing(null));
  if (text === null) return;
  const before = decodeRecord(text, { file });
  if (isRecord(before) && before.version === VERSION && before.content === manifest.content) return;
  throw new DataError('other-insight', `${dir} contains results for other rows or settings.`, {
    fix: 'Move or delete the folder.',
  });
}

/** Returns the lines of an earlier call, by row. Rows with missing or damaged lines are analysed again. */
async function knownLines<R extends { id: string }>(
  file: string,
  rows: readonly SetRowToLook[],
  { schema, linesOf }: SetJob<R>,
): Promise<Map<string, R[]>> {
  const lines = new Map<string, R[]>();
  const broken = new Set<unknown>();
  for await (const { row } of readLines(file)) {
    try {
      const line = checkRecord(schema, row, { file });
      lines.set(line.id, [...(lines.get(line.id) ?? []), line]);
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      broken.add(row.id);
    }
  }
  const whole = rows.filter((row) => lines.get(row.id)?.length === linesOf(row) && !broken.has(row.id));
  return new Map(whole.map(({ id }) => [id, lines.get(id)!]));
}

/** Version of the files in these folders. */
export const VERSION = 1;

/** A row of an evaluation set in its available views. */
export interface SetRowToLook extends RowToLook {
  id: string;
  image: string;
}

/** Rows to analyse, and the prompting strategy. */
interface SetToLook {
  file: string;
  root: string;
  views: readonly ViewId[];
  strategy: Strategy;
  limit: number | undefined;
}

export interface ReadSet {
  rows: SetRowToLook[];
  skipped: Record<string, number>;
  /** `depth`: stored depth ranges of 16-bit images, by folder. */
  file: { path: string; sha256: string; rows: number; depth?: Record<string, string> };
}

export type ReadRows = (set: SetToLook) => Promise<ReadSet>;

/** Returns a function that reads each set only once, even for several models. */
export function readOnce(): ReadRows {
  const sets = new Map<string, Promise<ReadSet>>();
  return (set) => {
    const key = JSON.stringify(set);
    const read = sets.get(key) ?? rowsToLook(set);
    sets.set(key, read);
    return read;
  };
}

/** Reads all rows of a file that a strategy supports. Counts unsupported rows by reason. */
export async function rowsToLook({ file, root, views, strategy, limit }: SetToLook): Promise<ReadSet> {
  const skipped: Record<string, number> = {};
  const skip = (why: string) => (skipped[why] = (skipped[why] ?? 0) + 1);
  const samples = await evaluationSamples(
    { sets: { set: file }, root, views, limit },
    ({ message }) => skip(message),
    (view) => skip(`no ${view}`),
  );
  const rows = new Map<string, SetRowToLook & { views: SetRowToLook['views'][number][] }>();
  for (const { id, view, sample, images } of samples) {
    const lack = missingFor(strategy, sample);
    if (lack !== null) skip(lack);
    else if (rows.has(id)) rows.get(id)!.views.push({ view, sample });
    else rows.set(id, { id, image: imageKey(sample), images, views: [{ view, sample }] });
  }
  const [read] = await setFiles({ sets: { set: file }, root, limit });
  return { rows: [...rows.values()], skipped, file: read! };
}

/** Hashes all inputs that determine the results. An analysis with an equal hash can be continued. */
export const contentOf = (
  { views, strategy, limit }: SetToLook,
  { sha256, depth }: ReadSet['file'],
  about: object,
): string => hashOf([VERSION, sha256, views, strategy, limit ?? null, about, ...(depth ? [depth] : [])]);
