import { createHash } from 'node:crypto';
import { join, relative, sep } from 'node:path';
import { hasMotion } from '../core/prompts/frame-controls.ts';
import { OTHER_TRAINERS, trainerRow, type OtherTrainer } from '../core/prompts/trainer-rows.ts';
import { RecentMap } from '../base/recent-map.ts';
import { timesOf } from '../rows/sample/clip.ts';
import { freeId } from '../base/item-names.ts';
import type { ImageRef, Sample } from '../rows/sample/sample.ts';
import { inView } from '../rows/views/view.ts';
import { writeAtomically } from './files/atomic.ts';
import { makeWayBelow, openDataFile } from './datasets/data-file.ts';
import { plainPicture } from './images/decode.ts';
import { mirroredPng } from './images/view-picture.ts';
import { DataError } from './datasets/data-error.ts';
import { pictureInside } from './datasets/extract-images.ts';
import { endingOf } from './datasets/picture-file.ts';
import type { ImageFiles } from './datasets/image-files.ts';
import { TrainerTable, type ColumnType } from './datasets/parquet/write-parquet.ts';
import { MIRROR, ORIGINAL, type PairView } from '../rows/view-list.ts';

const MESSAGES: ColumnType = [{ role: 'text', content: 'text' }];
const COLUMNS: Record<'trl' | 'verl', Record<string, ColumnType>> = {
  trl: {
    prompt: MESSAGES,
    images: ['image'],
    solution: 'text',
    answers: ['text'],
    pair: 'text',
    view: 'text',
  },
  verl: {
    data_source: 'text',
    prompt: MESSAGES,
    images: ['image'],
    ability: 'text',
    reward_model: { style: 'text', ground_truth: 'text' },
    extra_info: {
      index: 'int',
      pair: 'text',
      view: 'text',
      question: 'text',
      answer: 'text',
      answers: ['text'],
    },
  },
};

/** Frames of clips in the form of Qwen's tools: image URLs, and frames per second. */
const VIDEOS: ColumnType = [{ video: ['text'], sample_fps: 'number' }];
/** Default frame rate of Qwen's tools, in frames per second. */
const FPS = 2;

export const trainerOf = (to: string | undefined): OtherTrainer | null =>
  OTHER_TRAINERS.find((each) => each === to) ?? null;

interface TrainerOptions {
  /** Text of the prompt, with `{question}` in place of the question. */
  template: string;
  files: ImageFiles;
  /** Folder to which image paths in the dataset are relative. */
  relativeTo: string;
  /** Folder for images without a file of their own. Required for ms-swift, which reads only files. */
  pictures: string | null;
}

/** Images of both views of an image reference. */
interface Views {
  original: Uint8Array;
  mirror: Uint8Array;
  /** Whether `original` equals the file of the image reference, byte for byte. */
  isFile: boolean;
}

/** Maximum number of cached images. Rows about one image are usually neighbours. */
const KEPT = 16;

/**
 * A dataset for another trainer, while it is written. A row's original is followed by its mirror, so that a sampler can
 * draw both together (python/src/chirality/spatial_grpo). Rows without a trusted mirror are omitted and counted.
 */
export class TrainerData {
  rows = 0;
  without_mirror = 0;
  /** Number of rows with unreadable images. `why` is the reason for the first such row. */
  without_picture = 0;
  why: string | null = null;
  private hasVideos: boolean | null = null;
  private readonly pairs = new Set<string>();
  private readonly views = new RecentMap<string, Promise<Views>>(KEPT);
  private readonly written = new Map<string, string>();

  private constructor(
    private readonly trainer: OtherTrainer,
    private readonly options: TrainerOptions,
    private readonly append: (row: Record<string, unknown>, pictureBytes: number) => Promise<void>,
    private readonly finish: () => Promise<void>,
    readonly discard: () => Promise<void>,
  ) {}

  static async open(path: string, trainer: OtherTrainer, options: TrainerOptions): Promise<TrainerData> {
    const { file, commit, discard } = await openDataFile(path);
    if (trainer === 'ms-swift') {
      const append = async (row: Record<string, unknown>) => file.writeFile(`${JSON.stringify(row)}\n`);
      return new TrainerData(trainer, options, append, commit, discard);
    }
    let table: TrainerTable | undefined;
    // Adds a column of videos only for rows with videos, because old readers fail on an empty column.
    const tableFor = (row: Record<string, unknown>) =>
      (table ??= new TrainerTable(file, { ...COLUMNS[trainer], ...('videos' in row && { videos: VIDEOS }) }));
    const finish = async () => {
      await tableFor({}).end();
      await commit();
    };
    const append = (row: Record<string, unknown>, bytes: number) => tableFor(row).write(row, bytes);
    return new TrainerData(trainer, options, append, finish, discard);
  }

  async write(sample: Sample): Promise<void> {
    const mirror = inView(sample, MIRROR);
    if (!mirror) {
      this.without_mirror += 1;
      return;
    }
    const picturesOf = ({ images }: Sample) =>
      Promise.all(images.map(async (image) => ({ image, ...(await this.viewsOf(image)) })));
    let shownIn: Record<PairView, (Views & { image: ImageRef })[]>;
    try {
      shownIn = { original: await picturesOf(sample), mirror: await picturesOf(mirror) };
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      this.without_picture += 1;
      this.why ??= error.message;
      return;
    }
    const pair = freeId(sample.id, this.pairs);
    const isVideo = this.isVideo(sample);
    for (const [view, seen] of [[ORIGINAL, sample] as const, [MIRROR, mirror] as const]) {
      const { template } = this.options;
      const pictures = shownIn[view];
      const row = trainerRow(this.trainer, { sample: seen, view, pair, index: this.rows, template, isVideo });
      const shown =
        this.trainer === 'ms-swift'
          ? await Promise.all(pictures.map((picture) => this.fileOf(picture, view)))
          : pictures.map((picture) =>
              isVideo ? addressOf(picture[view]) : { bytes: picture[view], path: null },
            );
      const videos = [this.trainer === 'verl' ? { video: shown, sample_fps: fpsOf(sample) } : shown];
      await this.append(
        { ...row, ...(isVideo ? { videos } : { images: shown }) },
        pictures.reduce((sum, picture) => sum + picture[view].length, 0),
      );
      this.rows += 1;
    }
  }

  /** Whether a row is a video. TRL does not support videos, and the first row determines the table's columns. */
  private isVideo(sample: Sample): boolean {
    if (this.trainer === 'trl' || !hasMotion(sample)) {
      this.hasVideos ??= false;
      return false;
    }
    return this.trainer === 'ms-swift' || (this.hasVideos ??= true);
  }

  /** Completes the files. @throws DataError if the dataset has rows, but no row could be written */
  async commit(): Promise<void> {
    if (this.rows === 0 && this.without_picture > 0)
      throw new DataError('no-pictures', `The rows have no readable images: ${this.why}`, {
        fix: 'Pass the folder of the images with --image-folder.',
      });
    if (this.rows === 0 && this.without_mirror > 0)
      throw new DataError('no-mirrors', 'The rows have no trusted mirrors.', {
        fix: 'Rewrite the deferred rows with chirality view mirror --llm, or review them.',
      });
    await this.finish();
  }

  private viewsOf(image: ImageRef): Promise<Views> {
    const key = JSON.stringify(image);
    const views = this.views.get(key) ?? this.readViews(image);
    views.catch(() => undefined);
    this.views.set(key, views);
    return views;
  }

  private async readViews(image: ImageRef): Promise<Views> {
    const inside = pictureInside(image);
    const bytes = inside ?? (await this.options.files.bytes(image));
    const original = await plainPicture(bytes);
    const isFile = original === bytes && inside === null && pathOf(image) !== undefined;
    return { original, mirror: await mirroredPng(original), isFile };
  }

  /** Returns the path of a view's image: the row's own file if that file shows the view, otherwise a new file. */
  private async fileOf({ image, ...views }: Views & { image: ImageRef }, view: PairView): Promise<string> {
    const outside = pictureInside(image) ? undefined : pathOf(image);
    if (views.isFile && view === ORIGINAL) return outside!;
    const bytes = views[view];
    const key = createHash('sha256').update(bytes).digest('hex');
    const path = this.written.get(key);
    if (path !== undefined) return path;
    const { relativeTo, pictures } = this.options;
    const stem = (outside ?? 'picture')
      .replace(/\.\w+$/, '')
      .replace(/[^\w-]+/g, '-')
      .slice(-60);
    const target = join(
      pictures!,
      `${stem.replace(/^-+/, '')}-${view}-${key.slice(0, 12)}.${endingOf(bytes)}`,
    );
    await makeWayBelow(pictures!, target);
    await writeAtomically(target, bytes, { follow: false });
    const name = relative(relativeTo, target).split(sep).join('/');
    this.written.set(key, name);
    return name;
  }
}

const addressOf = (bytes: Uint8Array): string =>
  `data:image/${endingOf(bytes)};base64,${Buffer.from(bytes).toString('base64')}`;

/** Returns the frame rate of a row's clip, in frames per second. */
function fpsOf(sample: Sample): number {
  const times = timesOf(sample);
  return times && times.length > 1 ? (times.length - 1) / (times.at(-1)! - times[0]!) : FPS;
}

const pathOf = (image: ImageRef): string | undefined => (typeof image === 'string' ? image : image.path);
