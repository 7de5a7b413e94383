import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import type { Card } from '../../core/metrics/card.ts';
import type { EvaluationResult } from '../../core/evaluation/results.ts';
import { setFigures } from '../../core/metrics/card-figures.ts';
import type { FrameControl } from '../../core/prompts/frame-controls.ts';
import { missingFor, type Strategy } from '../../core/prompts/strategy.ts';
import type { Sample, ViewVariant } from '../../rows/sample/sample.ts';
import { ORIGINAL, type ViewId, viewOf } from '../../rows/view-list.ts';
import { inView, rewriteFor, storedVariant } from '../../rows/views/view.ts';
import { ClipFloors } from '../datasets/clip-floors.ts';
import { DataError } from '../datasets/data-error.ts';
import { ImageFiles, relocateImages } from '../datasets/image-files.ts';
import { BrokenRow, RowFile } from '../datasets/row-file.ts';
import { sha256 } from '../files/atomic.ts';
import { programVersions } from '../runs/versions.ts';
import { SCORING_RULES } from '../../core/answers/score.ts';
import { readScoredRows } from './evaluation-folders.ts';
import { withoutReasoning } from '../../rows/views/view-variant.ts';
import type { EvaluationOptions } from './evaluation-plan.ts';

/** Numbers of rows in an evaluation set, counted before an evaluation. */
export interface SetCensus extends Pick<Card['sets'][number], 'name' | 'sha256' | 'rows' | 'views'> {
  /** Number of rows that the strategy does not support, by reason. */
  unasked: Record<string, number>;
  /** Best pair accuracy on clips and their reversed views from one frame, if known. */
  frameFloor?: number;
}

/** Maximum number of different reasons, because every row can have its own. Further reasons are counted together. */
const REASONS = 30;

/**
 * Counts, for every set, the rows with each view, and the reasons why rows lack a view. The hash covers all data that a
 * model could be shown: texts, stored rewrites and image bytes. Unreadable rows, and rows that the strategy does not
 * support, are omitted.
 */
export async function censusOf(
  { sets, root, views, limit, strategy }: Omit<EvaluationOptions, 'sampling' | 'about'>,
  onProgress: (set: string, done: number, total: number) => void = () => undefined,
): Promise<SetCensus[]> {
  const images = new ImageFiles(root, root);
  const censuses: SetCensus[] = [];
  try {
    for (const [name, path] of Object.entries(sets)) {
      const file = await RowFile.open(path);
      const hash = createHash('sha256');
      const counts = views.map((view) => ({ view, rows: 0, lacking: new Map<string, number>() }));
      const total = Math.min(file.count, limit ?? Infinity);
      const floors = new ClipFloors();
      const unasked: Record<string, number> = {};
      let rows = 0;
      try {
        for (let i = 0; i < total; i++) {
          onProgress(name, i, total);
          const read = await file.read(i).catch(brokenIsNull);
          if (!read) continue;
          const sample = withoutReasoning(relocateImages(read, dirname(path), root));
          const lack = missingFor(strategy, sample);
          if (lack !== null) unasked[lack] = (unasked[lack] ?? 0) + 1;
          if (lack !== null) continue;
          rows += 1;
          if (strategy.frames) floors.add(sample);
          const { id, question, answer, choices, variants, meta } = sample;
          hash.update(
            JSON.stringify([id, question, answer, choices, variants, meta, await pictures(sample, images)]),
          );
          for (const count of counts) {
            const why = lackOf(sample, count.view, showsChoices(strategy));
            if (why === null) count.rows += 1;
            else {
              const reason = count.lacking.has(why) || count.lacking.size < REASONS ? why : 'other';
              count.lacking.set(reason, (count.lacking.get(reason) ?? 0) + 1);
            }
          }
        }
      } finally {
        await file.close();
      }
      const { frame, frame_pairs, pairs } = floors.result() ?? {};
      censuses.push({
        name,
        rows,
        unasked,
        sha256: hash.digest('hex'),
        views: counts.map((count) => ({ ...count, lacking: Object.fromEntries(count.lacking) })),
        ...(frame !== undefined && frame_pairs === pairs && { frameFloor: frame }),
      });
    }
  } finally {
    await images.close();
  }
  return censuses;
}

function brokenIsNull(error: unknown): null {
  if (error instanceof BrokenRow) return null;
  throw error;
}

/** Hashes a row's images. Unreadable images are reported by the evaluation. */
const pictures = (sample: Sample, images: ImageFiles): Promise<string[]> =>
  Promise.all(
    sample.images.map((image) =>
      images.bytes(image).then(sha256, (error: unknown) => {
        if (error instanceof DataError) return '';
        throw error;
      }),
    ),
  );

const showsChoices = ({ stages }: Strategy): boolean =>
  stages.some(({ options, user }) => options === 'shown' || user.includes('{choices}'));

/** Returns a keyword for the reason why a row lacks a view. Null if the row has the view. */
function lackOf(sample: Sample, view: ViewId, choicesShown: boolean): string | null {
  const seen = inView(sample, view);
  // If the prompt does not show the options, reordering them does not change the question.
  const isSame =
    view !== ORIGINAL && viewOf(view).parts.every(({ kind }) => kind === 'text') && !choicesShown;
  if (seen) return isSame && seen.question === sample.question ? 'same prompt' : null;
  const { code, status, review }: ViewVariant = storedVariant(sample, view) ?? rewriteFor(sample, view);
  if (review) return 'not accepted in review';
  return (code ?? (status === 'discard' ? 'no such view' : 'not certain')).slice(0, 100) || 'not certain';
}

/** Folder and results of an evaluation that is complete. */
export interface Finished {
  out: string;
  results: readonly EvaluationResult[];
}

/** Returns the benchmark card of a complete evaluation, and of its controls without some or all frames. */
export async function cardOf(
  { out, results }: Finished,
  model: Card['model'],
  { strategy, sampling }: Pick<EvaluationOptions, 'strategy' | 'sampling'>,
  census: readonly SetCensus[],
  date: Date,
  controls: readonly (Finished & { control: FrameControl })[] = [],
): Promise<Card> {
  const rows = await readScoredRows(out);
  const changed = await Promise.all(
    controls.map(async (control) => ({ ...control, rows: await readScoredRows(control.out) })),
  );
  const drawn = { n: sampling.n, temperature: sampling.temperature, max_tokens: sampling.maxTokens };
  // Manifest fields that the hash of the set already covers.
  const hidden = ['file', 'frames'];
  return {
    kind: 'chirality-card',
    version: 1,
    program: programVersions().chirality!,
    date: date.toISOString(),
    scoring_rules: SCORING_RULES,
    model,
    asked: {
      strategy: strategy.name,
      sampling: drawn,
      sha256: sha256(
        JSON.stringify([strategy, drawn], (key, value: unknown) =>
          hidden.includes(key) ? undefined : value,
        ),
      ),
    },
    sets: census.map(({ name, rows: asked, sha256: hash, views, frameFloor }) => ({
      name,
      rows: asked,
      sha256: hash,
      views,
      ...setFigures(name, views, { results, rows }, changed, frameFloor),
    })),
  };
}
