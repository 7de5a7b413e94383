import { basename, join } from 'node:path';
import { several } from '../base/format.ts';
import { groupBy } from '../core/evaluation/scored-row.ts';
import { galleryPages, galleryPair, type GalleryRun } from '../core/pairs/gallery.ts';
import { readMetricsRow, type MetricsRow } from '../core/rewards/metrics-row.ts';
import type { PairId, TraceSource, ListedPair } from '../core/run-data/trace-summary.ts';
import { explainError } from '../lab/files/disk-error.ts';
import { readInPlace } from '../lab/foreign/known.ts';
import { pairPicture } from '../lab/images/montage.ts';
import { Tail } from '../lab/runs/tail.ts';
import { indexOf } from '../lab/traces/index.ts';
import { listSources } from '../lab/traces/sources.ts';
import { evaluationsIn, readAll } from './evaluation/read-evaluations.ts';
import { viewPictures } from './write-pair-figure.ts';
import { tell } from './print.ts';

export type Site = ReturnType<typeof galleryPages>;

/** Maximum number of pairs per run that a gallery shows from an evaluation, and from traces. */
const EVALUATED = 48;
const TRACED = 24;
/** Maximum size of the pages of a run, in bytes. Pairs that would exceed this size are omitted. */
const BYTES = 18e6;

interface GalleryOptions {
  title: string;
  /** Folder of the images, if it differs from the recorded folder. */
  dataRoot?: string | undefined;
}

/** Makes the pages of a gallery: a report on all runs with their curves, and some pairs of each run. */
export async function makeGallery(
  dirs: readonly string[],
  { title, dataRoot }: GalleryOptions,
): Promise<Site> {
  const runs: GalleryRun[] = [];
  for (const dir of dirs) {
    const folder = folderFor(basename(dir), new Set(runs.map((run) => run.folder.toLowerCase())));
    runs.push(await runIn(dir, folder, dataRoot));
  }
  const evaluations = await readAll((await Promise.all(dirs.map(evaluationsIn))).flat());
  return galleryPages(title, evaluations, runs);
}

/** Returns a folder name that is safe in links. Some file systems treat `Mine` and `mine` as equal. */
function folderFor(name: string, taken: ReadonlySet<string>): string {
  const safe = name.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^-+|-+$/g, '') || 'run';
  for (let n = 1; ; n++) {
    const folder = n === 1 ? safe : `${safe}-${n}`;
    if (!taken.has(folder.toLowerCase())) return folder;
  }
}

/** Returns the metrics of every step; empty for an evaluation without a run. */
async function metricsOf(dir: string): Promise<MetricsRow[]> {
  const theirs = await readInPlace(dir);
  if (theirs) return [...theirs.metrics].map(([step, figures]) => ({ ...figures, step }));
  const rows: MetricsRow[] = [];
  for await (const row of new Tail(join(dir, 'metrics.jsonl'), readMetricsRow).rows()) rows.push(row);
  return rows;
}

/** Returns a run with the pairs that the gallery shows, from its newest evaluation and from its traces. */
async function runIn(dir: string, folder: string, dataRoot?: string): Promise<GalleryRun> {
  const run: GalleryRun = { folder, name: basename(dir), parts: [], metrics: await metricsOf(dir) };
  const sources = await listSources(dir);
  const evaluation = sources.findLast(({ source }) => source !== undefined);
  const traces = sources.find(({ source }) => source === undefined);
  const withoutPicture = new Map<string, number>();
  let bytes = 0;
  let number = 0;
  for (const { source, title, most } of [
    ...(evaluation ? [{ source: evaluation.source, title: 'Answers', most: EVALUATED }] : []),
    ...(traces ? [{ source: undefined, title: 'Training', most: TRACED }] : []),
  ]) {
    const place: TraceSource = { run: dir, source };
    const index = indexOf(place);
    const { table } = await index.refresh();
    const chosen = source === undefined ? evenly(table.length, most) : byVerdict(table, most);
    const pairs = [];
    for (const row of chosen) {
      if (bytes > BYTES) break;
      const summary = table.row(row);
      const pictures = await pairPictures(summary, place, dataRoot).catch((error: unknown) => {
        const why = explainError(error as Error);
        withoutPicture.set(why, (withoutPicture.get(why) ?? 0) + 1);
        return null;
      });
      const { pair } = await index.open(summary);
      const shown = galleryPair(pair, { run: run.name, source }, summary, (number += 1), pictures);
      bytes += shown.page.length + (shown.picture?.length ?? 0);
      pairs.push(shown);
    }
    if (pairs.length > 0) run.parts.push({ title, total: table.length, pairs });
  }
  for (const [why, count] of withoutPicture)
    tell(`${run.name}: ${several(count, 'pair')} shown without images: ${why}`);
  return run;
}

async function pairPictures(
  id: PairId,
  place: TraceSource,
  dataRoot: string | undefined,
): Promise<{ small: string; large: string }> {
  const { pair } = await indexOf(place).open(id);
  const views = await viewPictures({ pair, place }, dataRoot);
  const url = async (width: number) =>
    `data:image/webp;base64,${Buffer.from(await pairPicture(pair.views, views, width)).toString('base64')}`;
  return { small: await url(120), large: await url(480) };
}

/** Returns evenly spaced indices of a table's rows. */
const evenly = (length: number, most: number): number[] => {
  const count = Math.min(length, most);
  return Array.from({ length: count }, (_, i) => Math.floor((i * length) / count));
};

/** Returns rows of each outcome in turn, so that a gallery of a good model also shows failures. */
function byVerdict(table: { length: number; row(row: number): ListedPair }, most: number): number[] {
  const all = Array.from({ length: table.length }, (_, row) => row);
  const rows = groupBy(all, (row) => String(table.row(row).verdict));
  const chosen: number[] = [];
  for (let i = 0; chosen.length < Math.min(most, table.length); i++)
    for (const some of rows.values()) if (i < some.length && chosen.length < most) chosen.push(some[i]!);
  return chosen;
}
