import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageBytes } from '../core/protocol/pair.ts';
import type { WatchedImage } from '../core/protocol/run-panel.ts';
import { chooseWatched, watchedRow, type Watched, type WatchedRow } from '../core/run-data/watched.ts';
import { firstRows, quickChecks } from '../lab/evaluation/folders.ts';
import { UntilChanged } from '../lab/files/until-changed.ts';
import { versionIn } from '../lab/files/version.ts';
import { pairImage } from '../lab/traces/images.ts';
import { imageType } from './pair-row.ts';

/** How many pairs are shown, and from how many lines of each evaluation they are chosen. */
const SHOWN = 6;
const LINES = 1000;

/** Answers of finished evaluations, by their folder. */
const answersByFolder = new UntilChanged<WatchedRow[]>();

/** Reads the pairs whose answers the Run panel shows through a run's evaluations. */
export const watchedService = {
  async watched({ dir }: { dir: string }): Promise<Watched> {
    const evaluations = [];
    for (const { name, step, dir: folder } of await quickChecks(dir)) {
      const rows = await answersIn(folder);
      if (rows.length > 0) evaluations.push({ name, step, rows });
    }
    return chooseWatched(evaluations, SHOWN);
  },

  async watchedImage({
    dir,
    evaluation,
    set,
    ref,
    allowed,
  }: WatchedImage & { allowed: readonly string[] }): Promise<ImageBytes> {
    const bytes = await pairImage({ run: dir, source: evaluation }, set, ref, allowed);
    // Copy the bytes: they may be part of a larger buffer, which would be transferred as a whole.
    return { bytes: new Uint8Array(bytes), type: imageType(bytes) };
  },
};

/** The first answers of an evaluation; none while it is not finished. Lines that are no row are left out. */
async function answersIn(folder: string): Promise<WatchedRow[]> {
  const version = await stat(join(folder, 'results.json')).then(versionIn, () => null);
  return version === null ? [] : answersByFolder.of(folder, version, () => readAnswers(folder));
}

const readAnswers = async (folder: string): Promise<WatchedRow[]> =>
  (await firstRows(folder, LINES)).flatMap((row) => watchedRow(row) ?? []);
