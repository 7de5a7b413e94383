import { imageKey } from '../../core/metrics/scored-row.ts';
import { missingFor, type Strategy } from '../../core/prompts/strategy.ts';
import type { ViewId } from '../../core/view-list.ts';
import { evaluationSamples, hashOf, setFiles } from '../evaluation/samples.ts';
import type { RowToLook } from './ask.ts';

/** Version of the files in a folder of such rows. */
export const VERSION = 1;

/** A row of a set, in the views that it has. */
export interface SetRowToLook extends RowToLook {
  id: string;
  /** Intervals are by this. */
  image: string;
}

/** Which rows to look at, and how they are asked. */
interface SetToLook {
  file: string;
  root: string;
  views: readonly ViewId[];
  strategy: Strategy;
  limit: number | undefined;
}

/** What was read of a set. */
export interface ReadSet {
  rows: SetRowToLook[];
  skipped: Record<string, number>;
  file: { path: string; sha256: string; rows: number };
}

export type ReadRows = (set: SetToLook) => Promise<ReadSet>;

/** Reads sets, each only once, however many models are asked its rows. */
export function readOnce(): ReadRows {
  const sets = new Map<string, Promise<ReadSet>>();
  return (set) => {
    const key = JSON.stringify(set);
    const read = sets.get(key) ?? rowsToLook(set);
    sets.set(key, read);
    return read;
  };
}

/** Reads all rows of a file that a strategy can ask; the others are counted by reason. */
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
  const [read] = await setFiles({ set: file });
  const { path, sha256, rows: count } = read!;
  return { rows: [...rows.values()], skipped, file: { path, sha256, rows: count } };
}

/** A hash of what determines the results: where it is the same, they can be continued. */
export const contentOf = (
  { views, strategy, limit }: SetToLook,
  { sha256 }: ReadSet['file'],
  about: object,
): string => hashOf([VERSION, sha256, views, strategy, limit ?? null, about]);
