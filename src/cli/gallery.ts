import { basename, join } from 'node:path';
import { several } from '../core/format.ts';
import { buildReport, guessMap } from '../core/reports/build.ts';
import { groupBy } from '../core/metrics/scored-row.ts';
import type { ReportDocument, Section } from '../core/reports/document.ts';
import { setsOf } from '../core/reports/evaluation.ts';
import {
  pairHtml,
  galleryIndex,
  galleryRun,
  upTo,
  type GalleryPair,
  type GalleryRun,
} from '../core/reports/export/pair.ts';
import { trainingCharts } from '../core/reports/sweep/charts.ts';
import { readMetricsRow, type MetricsRow } from '../core/rewards/metrics.ts';
import type { PairId, TraceSource, TraceSummary } from '../core/run-data/trace-summary.ts';
import { explainError } from '../lab/files/disk-error.ts';
import { readInPlace } from '../lab/foreign/known.ts';
import { pairPicture } from '../lab/images/montage.ts';
import { Tail } from '../lab/runs/tail.ts';
import { PairIndex } from '../lab/traces/index.ts';
import { listSources, openSource } from '../lab/traces/sources.ts';
import { evaluationsIn, readAll } from './evaluation/read.ts';
import { viewPictures } from './pair-figure.ts';
import { tell } from './print.ts';

/** The pages of a site by their paths. */
export type Site = Map<string, string>;

/** How many pairs of an evaluation, and of the traces, a run shows at most. */
const EVALUATED = 48;
const TRACED = 24;
/** Pages of a run take less than 20 MB together: beyond this, no further pair is shown. */
const BYTES = 18e6;

interface GalleryOptions {
  title: string;
  /** The folder that pictures are relative to, if it is not the recorded one. */
  dataRoot?: string | undefined;
}

/** Makes the pages of a gallery: a report on all runs with their curves, and some pairs of each. */
export async function makeGallery(
  dirs: readonly string[],
  { title, dataRoot }: GalleryOptions,
): Promise<Site> {
  const site: Site = new Map();
  const runs: GalleryRun[] = [];
  for (const dir of dirs) {
    const folder = folderFor(basename(dir), new Set(runs.map((run) => run.folder.toLowerCase())));
    runs.push(await addRun(site, dir, folder, dataRoot));
  }
  site.set('index.html', galleryIndex(await reportOn(dirs, title), runs));
  return site;
}

/** A name that is safe in links and as a folder; some file systems take `Mine` and `mine` for one. */
function folderFor(name: string, taken: ReadonlySet<string>): string {
  const safe = name.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^-+|-+$/g, '') || 'run';
  for (let n = 1; ; n++) {
    const folder = n === 1 ? safe : `${safe}-${n}`;
    if (!taken.has(folder.toLowerCase())) return folder;
  }
}

async function reportOn(dirs: readonly string[], title: string): Promise<ReportDocument> {
  const cells = await Promise.all(
    dirs.map(async (dir) => ({ label: basename(dir), runs: [{ metrics: await metricsOf(dir) }] })),
  );
  const charts = trainingCharts(cells);
  const curves: Section[] =
    charts.length > 0 ? [{ id: 'curves', title: 'Training', text: [], tables: [], charts }] : [];
  const evaluations = await readAll((await Promise.all(dirs.map(evaluationsIn))).flat());
  const map = guessMap(setsOf(evaluations));
  const report = buildReport(evaluations, {
    title,
    map,
    checkpoints: 'last',
    metric: 'accuracy',
    base: null,
    published: false,
  });
  return { ...report, sections: [...report.sections, ...curves] };
}

/** The figures of every step; none for an evaluation without a run. */
async function metricsOf(dir: string): Promise<MetricsRow[]> {
  const theirs = await readInPlace(dir);
  if (theirs) return [...theirs.metrics].map(([step, figures]) => ({ ...figures, step }));
  const rows: MetricsRow[] = [];
  const tail = new Tail(join(dir, 'metrics.jsonl'), readMetricsRow);
  for (let complete = false; !complete;) {
    const part = await tail.read();
    rows.push(...part.rows);
    ({ complete } = part);
  }
  return rows;
}

/** Adds the pages of a run: of its newest evaluation, and of its traces. */
async function addRun(site: Site, dir: string, folder: string, dataRoot?: string): Promise<GalleryRun> {
  const run: GalleryRun = { folder, name: basename(dir), parts: [] };
  const sources = await listSources(dir);
  const evaluation = sources.findLast(({ source }) => source !== undefined);
  const traces = sources.find(({ source }) => source === undefined);
  const withoutPicture = new Map<string, number>();
  let bytes = 0;
  let number = 0;
  for (const { source, title, most } of [
    ...(evaluation ? [{ source: evaluation.source, title: 'Answers', most: EVALUATED }] : []),
    ...(traces ? [{ source: undefined, title: 'While training', most: TRACED }] : []),
  ]) {
    const place: TraceSource = { run: dir, source };
    const index = new PairIndex(openSource(place), 0);
    const { table } = await index.refresh();
    const chosen = source === undefined ? evenly(table.length, most) : byVerdict(table, most);
    const pairs: GalleryPair[] = [];
    for (const row of chosen) {
      if (bytes > BYTES) break;
      const summary = table.summary(row);
      const pictures = await pairPictures(index, summary, place, dataRoot).catch((error: unknown) => {
        const why = explainError(error as Error);
        withoutPicture.set(why, (withoutPicture.get(why) ?? 0) + 1);
        return null;
      });
      const file = `${String((number += 1)).padStart(4, '0')}.html`;
      const { pair } = await index.open(summary);
      const page = pairHtml(
        pair,
        { run: run.name, source },
        pictures?.large ?? null,
        upTo('index.html', 'All pairs of this run'),
      );
      const shown = {
        file,
        question: summary.question,
        verdict: summary.verdict,
        picture: pictures?.small ?? null,
      };
      bytes += page.length + (shown.picture?.length ?? 0);
      site.set(`${folder}/${file}`, page);
      pairs.push(shown);
    }
    if (pairs.length > 0) run.parts.push({ title, total: table.length, pairs });
  }
  for (const [why, count] of withoutPicture)
    tell(`${run.name}: ${several(count, 'pair')} shown without pictures: ${why}`);
  site.set(`${folder}/index.html`, galleryRun(run));
  return run;
}

async function pairPictures(
  index: PairIndex,
  id: PairId,
  place: TraceSource,
  dataRoot: string | undefined,
): Promise<{ small: string; large: string }> {
  const { pair } = await index.open(id);
  const views = await viewPictures({ pair, place }, dataRoot);
  const url = async (width: number) =>
    `data:image/webp;base64,${Buffer.from(await pairPicture(pair.views, views, width)).toString('base64')}`;
  return { small: await url(120), large: await url(480) };
}

/** Rows of a table at even distances. */
const evenly = (length: number, most: number): number[] => {
  const count = Math.min(length, most);
  return Array.from({ length: count }, (_, i) => Math.floor((i * length) / count));
};

/** Rows of each verdict in turn, so that a gallery of a good model shows its failures, too. */
function byVerdict(table: { length: number; summary(row: number): TraceSummary }, most: number): number[] {
  const all = Array.from({ length: table.length }, (_, row) => row);
  const rows = groupBy(all, (row) => String(table.summary(row).verdict));
  const chosen: number[] = [];
  for (let i = 0; chosen.length < Math.min(most, table.length); i++)
    for (const some of rows.values()) if (i < some.length && chosen.length < most) chosen.push(some[i]!);
  return chosen;
}
