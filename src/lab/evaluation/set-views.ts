import { withFewFrames } from '../../rows/sample/clip.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import type { ViewId } from '../../rows/view-list.ts';
import { withoutReasoning } from '../../rows/views/view-variant.ts';
import { inView } from '../../rows/views/view.ts';
import { relocateImages } from '../datasets/image-files.ts';
import { parseJson } from '../datasets/parse-json.ts';
import type { RowFile } from '../datasets/row-file.ts';
import { toSample } from '../datasets/rows.ts';
import { inOrder } from '../files/in-order.ts';
import { type RowJob, ThreadPool } from '../files/row-threads.ts';

/** Returns a row in each view; null for views that the row lacks. */
export const inEachView = (row: Sample, views: readonly ViewId[]): (Sample | null)[] =>
  views.map((view) => {
    // Evaluations do not use the reasoning, so a reasoning without a rewrite does not exclude a view.
    const seen = inView(row, view) ?? inView(withoutReasoning(row), view);
    return seen && withFewFrames(seen);
  });

interface Setup {
  /** Folder of the rows, and folder to which their image paths become relative. */
  from: string;
  root: string;
  views: readonly ViewId[];
}

/** Worker-thread job that puts rows in their views. A broken row has none. */
export const viewsJob = ({ from, root, views }: Setup): RowJob<(Sample | null)[], readonly string[]> =>
  function* (_, texts) {
    for (const text of texts) {
      const { sample } = toSample(parseJson(text.trim()));
      yield sample ? inEachView(relocateImages(sample, from, root), views) : [];
    }
  };

/** Mirroring takes longer than other work on a row, so smaller files use threads. One core sends the questions. */
const THREADS = { leastBytes: 1 << 18, spare: 1 };
/** Number of rows per call, and number of rows before threads start, which would delay the first question. */
const [BATCH, ALONE] = [64, 16];

/** Yields the rows of a file in their views, from worker threads; null for rows that the caller puts in their views. */
export async function* viewsOnThreads(
  file: RowFile,
  count: number,
  setup: Setup,
): AsyncGenerator<(Sample | null)[] | null> {
  let pool: ThreadPool | null = null;
  try {
    for (let i = 0; i < count && !(pool && i === BATCH); i++) {
      if (i === ALONE && count > BATCH)
        pool = await ThreadPool.open(file.path, { job: 'views', setup }, THREADS);
      yield null;
    }
    if (!pool) return;
    const starts = Array.from({ length: Math.ceil(count / BATCH) }, (_, batch) => batch * BATCH).slice(1);
    const batches = inOrder(starts, 2 * pool.size, async (from) =>
      pool!.make({ chunk: null, wants: await file.rows(from, Math.min(BATCH, count - from)) }),
    );
    for await (const batch of batches) yield* batch as (Sample | null)[][];
  } finally {
    pool?.close();
  }
}
