import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageBytes } from '../core/protocol/pair.ts';
import type { WatchedImage } from '../core/protocol/run-panel.ts';
import { parseLine } from '../core/record.ts';
import { readTracedPair, type TracedPair } from '../core/run-data/trace.ts';
import {
  chooseWatched,
  watchedInTraining,
  watchedRow,
  type Watched,
  type WatchedRow,
} from '../core/run-data/watched.ts';
import { firstRows, quickChecks } from '../lab/evaluation/folders.ts';
import { ifMissing, noEntries } from '../lab/files/disk-error.ts';
import { lines } from '../lab/files/lines.ts';
import { streamFile } from '../lab/files/regular.ts';
import { UntilChanged, versionIn } from '../lab/files/version.ts';
import { stepsIn } from '../core/run-data/run-folder.ts';
import { pairImage } from '../lab/traces/images.ts';
import { imageBytes } from './rows.ts';

/** How many pairs are shown, and from how many lines of each evaluation or step they are chosen. */
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
    const watched = chooseWatched(evaluations, SHOWN);
    return watched.pairs.length > 0 ? watched : ((await inTraining(dir)) ?? watched);
  },

  async watchedImage({
    dir,
    evaluation,
    set,
    ref,
    allowed,
  }: WatchedImage & { allowed: readonly string[] }): Promise<ImageBytes> {
    const source = { run: dir, ...(evaluation !== null && { source: evaluation }) };
    return imageBytes(await pairImage(source, set, ref, allowed));
  },
};

/** The pairs of the newest step that was traced; null if none was. */
async function inTraining(dir: string): Promise<Watched | null> {
  const folder = join(dir, 'traces');
  const newest = stepsIn(await readdir(folder).catch(noEntries), '.jsonl').at(-1);
  if (!newest) return null;
  const file = join(folder, newest.name);
  const traced: TracedPair[] = [];
  const stream = await streamFile(file).catch(ifMissing(null));
  if (stream)
    for await (const { number: line, text } of lines(stream)) {
      if (line > LINES) break;
      if (text !== null) traced.push(...parseLine(text, { file, line }, readTracedPair, () => undefined));
    }
  return watchedInTraining(newest.step, traced, SHOWN);
}

/** The first answers of an evaluation; none while it is not finished. Lines that are no row are left out. */
async function answersIn(folder: string): Promise<WatchedRow[]> {
  const version = await stat(join(folder, 'results.json')).then(versionIn, () => null);
  return version === null ? [] : answersByFolder.of(folder, version, () => readAnswers(folder));
}

const readAnswers = async (folder: string): Promise<WatchedRow[]> =>
  (await firstRows(folder, LINES)).flatMap((row) => watchedRow(row) ?? []);
