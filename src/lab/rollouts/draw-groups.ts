import { taskOf } from '../../core/answers/score-row.ts';
import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { DrawOrder } from '../../core/rewards/draws.ts';
import type { Prompt } from '../../core/prompts/message.ts';
import { fillPrompt } from '../../core/prompts/template.ts';
import { Random } from '../../base/random.ts';
import { RecentMap } from '../../base/recent-map.ts';
import { withFewFrames } from '../../rows/sample/clip.ts';
import { type ImageRef, type Sample } from '../../rows/sample/sample.ts';
import { ORIGINAL, type ViewId, viewOf } from '../../rows/view-list.ts';
import { counterfactual, type Counterfactual } from '../../core/rewards/counterfactual.ts';
import { withNullOption } from '../../rows/views/option-views.ts';
import { inView, type ViewedSample } from '../../rows/views/view.ts';
import type { Sampler } from '../../engines/sampler.ts';
import { ChangeLabels } from '../datasets/change-labels.ts';
import { DataError } from '../datasets/data-error.ts';
import { ImageFiles, relocateImages } from '../datasets/image-files.ts';
import { greyLike, newPixelsOf, withNewPixels, type NewPixels } from '../images/view-picture.ts';
import { RowFile } from '../datasets/row-file.ts';

export interface DrawnRow<View extends DrawnView = DrawnView> {
  sample: Sample;
  /** Views of the row: the original, and its partner if the row has one. */
  views: View[];
  /** The original and all views of the row that can be its partner. */
  known: ViewedSample[];
}

/** A view of a row, or a counterfactual of the row, with its prompt. */
export interface DrawnView extends ViewedSample, Partial<Pick<Counterfactual, 'changes'>> {
  /** Prompt of the view. With two stages, the prompt of the first stage. */
  prompt: Prompt;
  /** Hashes of the view's images, in order. Views without new pixels share the images of the row. */
  images: string[];
}

export type DrawnGroups<Completion> = DrawnRow<DrawnView & { group: Completion[] }>;

export interface SourceOptions {
  /** Path of the `*.qa.jsonl` file. Image paths are relative to the file's folder. */
  path: string;
  /** Data root: folder that contains all images. */
  root: string;
  template: string;
  order: DrawOrder['order'];
  seed: number;
  /** Views that can be partners, and handling of rows that have no partner (R44). */
  views: { partners: readonly ViewId[]; unpaired: 'keep' | 'drop' };
  /**
   * With `coupling.mode: relation`, partners are counterfactuals, which keep the question. A file in `labels` can
   * replace the rules that decide which answers change. For the share `wrong` of rows, the label is inverted.
   */
  relation?: { labels: string | undefined; wrong: number };
}

/**
 * Selects a partner for the row at a position of the run, among the row's views in the order of the config. Not called
 * for rows without partner.
 */
export type ChoosePartner = (position: number, allowed: readonly ViewId[]) => ViewId;

const theFirst: ChoosePartner = (_, allowed) => allowed[0]!;

/** Rows of a run in the order of drawing, with image paths relative to the data root. */
export class RowSource {
  private ahead: { cursor: number; rows: number; drawn: Promise<DrawnRow[]> } | null = null;

  private constructor(
    private readonly options: SourceOptions,
    readonly sha256: string,
    private readonly file: RowFile,
    private readonly viewsOf: (index: number) => Promise<ViewedSample[]>,
    private readonly usable: number[],
    private readonly order: DrawOrder,
    readonly images: ImageFiles,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /**
   * Reads every row once, so that an invalid row is found before the first step.
   * @param signal stops reading all rows, in this function and in `all`.
   */
  static async open(options: SourceOptions, signal?: AbortSignal): Promise<RowSource> {
    const hash = createHash('sha256');
    const file = await RowFile.open(options.path, hash);
    try {
      const path = options.relation?.labels;
      const labels = path === undefined ? null : await ChangeLabels.read(path);
      // The labels also affect which views of a row are drawn.
      if (labels) hash.update(JSON.stringify([...labels.byId]));
      const viewsOf = rememberedViews(file, options, labels);
      const ids = new Set<string>();
      const usable: number[] = [];
      for (let i = 0; i < file.count; i++) {
        signal?.throwIfAborted();
        const views = await viewsOf(i);
        if (labels) ids.add(views[0]!.sample.id);
        if (options.views.unpaired === 'drop' && options.views.partners.length > 0 && views.length < 2)
          continue;
        usable.push(i);
      }
      labels?.refuseOthers(ids, options.path);
      if (usable.length === 0) throw new Error(`${options.path} has no usable training rows.`);
      return new RowSource(
        options,
        hash.digest('hex'),
        file,
        viewsOf,
        usable,
        new DrawOrder(options.seed, usable.length, options.order),
        new ImageFiles(options.root, options.root, { remember: true }),
        signal,
      );
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Number of rows per epoch. */
  get count(): number {
    return this.usable.length;
  }

  /** Returns the next rows after a cursor, each with its partner, and passes their images to the model. */
  take(
    cursor: number,
    rows: number,
    sampler: Sampler,
    choose: ChoosePartner = theFirst,
  ): Promise<DrawnRow[]> {
    const { ahead } = this;
    this.ahead = null;
    if (ahead?.cursor === cursor && ahead.rows === rows) return ahead.drawn;
    const indices = Array.from({ length: rows }, (_, i) => this.usable[this.order.at(cursor + i)]!);
    return Promise.all(
      indices.map((index, i) => this.draw(index, sampler, (allowed) => choose(cursor + i, allowed))),
    );
  }

  /** Draws rows in advance, so that the next call of `take` does not have to wait. */
  prepare(cursor: number, rows: number, sampler: Sampler, choose: ChoosePartner = theFirst): void {
    const drawn = this.take(cursor, rows, sampler, choose);
    drawn.catch(() => undefined); // The `take` call that returns these rows reports errors.
    this.ahead = { cursor, rows, drawn };
  }

  /** Yields the views of each row, in the order of the dataset file. */
  async *all(): AsyncGenerator<ViewedSample[]> {
    for (const index of this.usable) {
      this.signal?.throwIfAborted();
      yield await this.viewsOf(index);
    }
  }

  async close(): Promise<void> {
    await this.file.close();
    await this.images.close();
  }

  private async draw(
    index: number,
    sampler: Sampler,
    choose: (allowed: readonly ViewId[]) => ViewId,
  ): Promise<DrawnRow> {
    const ofRow = await this.viewsOf(index);
    const [original, ...others] = ofRow as [ViewedSample, ...ViewedSample[]];
    const partner = others.length > 0 ? choose(others.map(({ view }) => view)) : null;
    const views = [original, ...others.filter(({ view }) => view === partner)];
    const { sample } = original;
    const hashes = await putImages(sampler, sample, this.images);
    const drawn: DrawnView[] = [];
    for (const seen of views) {
      const images =
        viewOf(seen.view).showsOther(seen.sample.images, sample.images) ||
        viewOf(seen.view).resamples.length > 0
          ? await putImages(sampler, seen.sample, this.images, seen.view)
          : hashes;
      const prompt = fillPrompt(this.options.template, seen.sample, images, seen.view);
      drawn.push({ ...seen, prompt, images });
    }
    return { sample, views: drawn, known: ofRow };
  }
}

/** Maximum number of rows whose views are cached, because mirroring a row takes a millisecond. */
const REMEMBERED = 4096;

function rememberedViews(
  file: RowFile,
  options: SourceOptions,
  labels: ChangeLabels | null,
): (index: number) => Promise<ViewedSample[]> {
  const { relation, seed, views } = options;
  const isBelieved = (id: string) => Random.from(`${seed} label ${id}`).uniform() >= (relation?.wrong ?? 0);
  const viewsOf = relation
    ? (sample: Sample) => withCounterfactuals(sample, views.partners, labels?.byId ?? null, isBelieved)
    : (sample: Sample) => inViews(sample, [ORIGINAL, ...views.partners]);
  const kept = new RecentMap<number, ViewedSample[]>(REMEMBERED);
  return async (index) => {
    const views =
      kept.get(index) ??
      viewsOf(relocateImages(await file.read(index), dirname(options.path), options.root)).map((seen) => ({
        ...seen,
        sample: withFewFrames(seen.sample),
      }));
    kept.set(index, views);
    return views;
  };
}

/** Returns a row and its counterfactuals. If the prompt lists the choices, adds the choice "none of them" (R56). */
const withCounterfactuals = (
  sample: Sample,
  partners: readonly ViewId[],
  labels: ReadonlyMap<string, boolean> | null,
  isBelieved: (id: string) => boolean,
): ViewedSample[] =>
  [
    { view: ORIGINAL, sample },
    ...partners.flatMap((view) => counterfactual(sample, view, labels, isBelieved) ?? []),
  ].map((seen) => ({ ...seen, sample: withNullOption(seen.sample) }));

/** Returns the row in each of several views. Omits views that the row lacks. */
export const inViews = (sample: Sample, views: readonly ViewId[]): ViewedSample[] =>
  views.flatMap((view) => {
    const seen = inView(sample, view);
    return seen ? [{ view, sample: seen }] : [];
  });

/** Adds the row to an error's message. @param file file that contains the row */
export async function namingRow<T>(id: string, file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(`Row "${id}" of ${file}: ${(error as Error).message}`, { cause: error });
  }
}

/** Passes a row's images to the model as a view shows them, before the view's symmetry. @returns the images' hashes */
export async function putImages(
  sampler: Sampler,
  sample: Sample,
  files: ImageFiles,
  view: ViewId = ORIGINAL,
): Promise<string[]> {
  const task = sampler.info().symmetric && taskOf(sample);
  if (task === 'bbox' || task === 'point')
    throw new Error(
      `The answer is a ${task === 'bbox' ? 'box' : 'point'}, which the padding of symmetric images would move. Remove this row, or pairs.symmetric (--symmetric).`,
    );
  const made = newPixelsOf(view, sample);
  const hashes: string[] = [];
  for (const image of sample.images) hashes.push(await putImage(sampler, image, files, made));
  return hashes;
}

/**
 * Passes an image to the model, perhaps with new pixels. @returns the hash of the image
 * @param isBlank whether to pass a grey image of the same size instead
 * @throws DataError with the image, if the file cannot be decoded
 */
export async function putImage(
  sampler: Sampler,
  image: ImageRef,
  files: ImageFiles,
  made: NewPixels | null = null,
  isBlank = false,
): Promise<string> {
  const bytes = await files.bytes(image);
  const put = async () => {
    const seen = made ? await withNewPixels(bytes, made) : bytes;
    return sampler.putImage(isBlank ? await greyLike(seen) : seen);
  };
  return (await namingPicture(image, put)).hash;
}

/** Adds the image to the message of an error about the image's bytes. */
export async function namingPicture<T>(image: ImageRef, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { path, parquet, video } = typeof image === 'string' ? { path: image } : image;
    const file = video ?? path ?? parquet;
    const { name, message } = error as Error;
    if (file === undefined || name === 'AbortError') throw error;
    if (!(error instanceof DataError)) throw new Error(`${file}: ${message}`, { cause: error });
    if (error.problem.code === 'no-sharp') throw error;
    throw new DataError(error.problem.code, error.problem.message, { ...error.where, file });
  }
}
