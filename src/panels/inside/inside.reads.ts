import { readdir, stat } from 'node:fs/promises';
import { join, dirname } from 'node:path';
import { compareLooks } from '../../core/insight/compare-looks.ts';
import { drawnView } from '../../core/insight/drawn-pair.ts';
import { RESULTS } from '../../core/insight/insight-files.ts';
import { lookedSet } from '../../core/insight/looked-set.ts';
import { layersIn } from '../../core/insight/set-figures.ts';
import { setRowSchema, type SetRow } from '../../core/insight/set-row.ts';
import type { HostOf } from '../calls.contract.ts';
import {
  insightManifest,
  type insightReads,
  type Insight,
  type InsightManifest,
  type DrawnView,
  type LookedPair,
} from './inside.contract.ts';
import { checkRecord, parseLines, parseRecord, type RecordSchema, parseLine } from '../../base/record.ts';
import { ifMissing } from '../../lab/files/disk-error.ts';
import { readText, streamFile } from '../../lab/files/regular.ts';
import type { ImageBytes } from '../pair/pair.contract.ts';
import { type ImageRef, type MirrorVariant, type Sample } from '../../rows/sample/sample.ts';
import { clipOf, withFewFrames } from '../../rows/sample/clip.ts';
import { viewOf } from '../../rows/view-list.ts';
import { inView } from '../../rows/views/view.ts';
import { mirrorSample } from '../../rows/views/mirror/mirror-sample.ts';
import { readQaJsonl } from '../../lab/datasets/rows.ts';
import { liesIn } from '../../lab/files/inside.ts';
import { lines } from '../../lab/files/lines.ts';
import { familyOfFolder } from '../../lab/runs/model-family.ts';
import type { ImageFolders, PairRows } from '../data-rows.reads.ts';

/** Pattern of folder names that can be read, so that a name from a page cannot lead to another location. */
const NAME = /^(set|probe|patch)-[\w.-]+$/;

/** Reads the result folders that the commands of `chirality inspect` write in a run. */
export const insightService = {
  async insights({ dir }) {
    const folder = join(dir, 'insight');
    const names = (await readdir(folder).catch(ifMissing([]))).filter((name) => NAME.test(name));
    const dated = await Promise.all(
      names.map(async (name) => {
        // Without a results file, the analysis is in progress or was interrupted.
        const results = await stat(join(folder, name, 'results.json')).catch(ifMissing(null));
        return results ? [{ name, at: results.mtimeMs }] : [];
      }),
    );
    const done = dated.flat().sort((a, b) => b.at - a.at);
    return Promise.all(
      done.map(async ({ name }) => ({
        name,
        kind: kindOf(name)!,
        manifest: await readRecord(insightManifest, join(folder, name, 'manifest.json')).catch(() => null),
      })),
    );
  },

  async insight({ dir, name }): Promise<Insight> {
    const kind = kindOf(name);
    if (kind === null) throw new Error(`${name} is not a result folder.`);
    const folder = join(dir, 'insight', name);
    const { set, step, strategy } = await readInsightManifest(dir, name);
    const place = { name, file: set.path, step, strategy };
    const results = join(folder, 'results.json');
    switch (kind) {
      case 'set': {
        const { figures, rows, unreadable } = await readSet(folder);
        return { ...place, kind, ...lookedSet(figures, rows), unreadable };
      }
      case 'probe':
        return { ...place, kind, results: await readRecord(RESULTS.probe, results) };
      case 'patch':
        return { ...place, kind, figures: await readRecord(RESULTS.patch, results) };
    }
  },

  async compareLooks({ looks }) {
    const sets = [];
    for (const { dir, name, label } of looks) {
      if (kindOf(name) !== 'set') throw new Error(`${name} is not a result folder.`);
      const { figures, rows } = await readSet(join(dir, 'insight', name));
      sets.push({ name: label, rows, layers: layersIn(figures) });
    }
    return compareLooks(sets);
  },
} satisfies HostOf<typeof insightReads>;

/** @throws with a message for users if the manifest is unreadable or the name is invalid */
function readInsightManifest(dir: string, name: string): Promise<InsightManifest> {
  if (kindOf(name) === null) throw new Error(`${name} is not a result folder.`);
  return readRecord(insightManifest, join(dir, 'insight', name, 'manifest.json'));
}

/** Returns the kind of a result from its folder's name; null for other folders. */
const kindOf = (name: string): Insight['kind'] | null => (NAME.exec(name)?.[1] as Insight['kind']) ?? null;

const readRecord = async <T>(schema: RecordSchema<T>, file: string): Promise<T> =>
  parseRecord(schema, await readText(file), { file, madeBy: 'chirality inspect' });

/** Returns the values and rows of a result, and the number of unreadable lines. */
async function readSet(folder: string) {
  const figures = await readRecord(RESULTS.set, join(folder, 'results.json'));
  const file = join(folder, 'rows.jsonl');
  let unreadable = 0;
  const rows = parseLines(
    await readText(file),
    file,
    (value, source) => checkRecord(setRowSchema, value, source),
    () => (unreadable += 1),
  );
  return { figures, rows, unreadable };
}

/** Result of a run, and the folders that the user opened or allowed Chirality to read. */
export interface OfResult {
  dir: string;
  name: string;
  allowed: readonly string[];
}
export type OfRow = OfResult & { id: string };

/** Row in the form that a model receives, with the location of its images. */
export interface LookedSample {
  sample: Sample;
  mirror: MirrorVariant | null;
  place: ImageFolders;
  /** Step of the analysed checkpoint; null for a model that is no checkpoint. */
  step: number | null;
}

const bytesOf = (base64: string): number[] => [...Buffer.from(base64, 'base64')];

/** Returns service calls for single rows of results, with their images. */
export const lookedPairService = (pairs: PairRows) => ({
  async lookedPair({ id, ...of }: OfRow): Promise<LookedPair> {
    const { sample, line, place } = await rowOf({ id, ...of });
    const views: DrawnView[] = [];
    for await (const row of setRows(of, id)) {
      const seen = inView(sample, row.view);
      const isOwn = seen && viewOf(row.view).showsOther(seen.images, sample.images);
      const images = isOwn ? await pairs.images(withFewFrames(seen), place) : null;
      views.push({ ...drawnView(row, bytesOf), images });
    }
    const images = await pairs.images(withFewFrames(sample), place);
    const sees = await familyOfFolder(of.dir);
    return { line, images, ...clipOf(withFewFrames(sample)), views, ...(sees !== null && { sees }) };
  },

  async lookedImage({ ref, ...of }: OfResult & { ref: ImageRef }): Promise<ImageBytes> {
    const { place } = await dataOf(of);
    return pairs.image({ image: ref, place });
  },

  async lookedSample(row: OfRow): Promise<LookedSample> {
    const { sample, place, step } = await rowOf(row);
    return { sample, mirror: sample.variants?.mirror ?? mirrorSample(sample), place, step };
  },

  /** Returns the data file of a row, and the row's line, from 1. */
  async lookedLine(row: OfRow): Promise<{ file: string; line: number }> {
    const { file, line } = await rowOf(row);
    return { file, line };
  },
});

/** Returns the data file of a result. The manifest is untrusted. @throws if the user has not allowed the folder */
async function dataOf({ dir, name, allowed }: OfResult) {
  const { set, step } = await readInsightManifest(dir, name);
  const file = set.path;
  const folders: string[] = [];
  for (const folder of [dir, ...allowed]) if (await liesIn(file, [folder])) folders.push(folder);
  // Images can be next to the rows, so use the outermost of nested folders, which also contains the images.
  const root = folders.sort((a, b) => a.length - b.length)[0];
  if (root === undefined)
    throw new Error(`Cannot read ${file} because the file is outside the open and allowed folders.`);
  return { file, step, place: { folder: dirname(file), root } };
}

async function rowOf({ id, ...place }: OfRow) {
  const { file, ...about } = await dataOf(place);
  for await (const { sample, line } of readQaJsonl(await streamFile(file)))
    if (sample?.id === id) return { sample, line, file, ...about };
  throw new Error(`Row ${id} is no longer in ${file}.`);
}

/** Yields the views of a row from a result. Does not parse the lines of the remaining rows. */
async function* setRows({ dir, name }: OfResult, id: string): AsyncGenerator<SetRow> {
  const file = join(dir, 'insight', name, 'rows.jsonl');
  const named = JSON.stringify(id);
  for await (const { number: line, text } of lines(await streamFile(file)))
    if (text?.includes(named))
      for (const row of parseLine(text, { file, line }, readSetRow, () => undefined))
        if (row.id === id) yield row;
}

const readSetRow = (value: unknown, source: Parameters<typeof checkRecord>[2]): SetRow =>
  checkRecord(setRowSchema, value, source);
