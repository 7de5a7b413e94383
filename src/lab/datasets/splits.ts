import { Random } from '../../base/random.ts';
import { isFrame } from '../../rows/sample/clip.ts';
import type { ImageRef, Sample } from '../../rows/sample/sample.ts';
import { openAtomic } from '../files/atomic.ts';
import { DataError } from './data-error.ts';
import { parseJson } from './parse-json.ts';
import { RowFile } from './row-file.ts';

export class Splits {
  private constructor(private readonly shares: readonly { name: string; share: number }[]) {}

  get names(): string[] {
    return this.shares.map(({ name }) => name);
  }

  /**
   * Parses `train=0.9,val=0.1`. Shares can sum to less than 1; the rest of the rows is in no split.
   * @throws DataError for any other text.
   */
  static parse(text: string): Splits {
    const shares = text.split(',').map((part) => {
      const [, name, share] = /^([\w-]+)=(0?\.\d+|1|0)$/.exec(part.trim()) ?? [];
      if (!name) throw new DataError('split', `"${part}" must be name=share, for example train=0.9.`);
      return { name, share: Number(share) };
    });
    const total = shares.reduce((sum, { share }) => sum + share, 0);
    if (total > 1 + EPSILON) throw new DataError('split', `The shares must sum to at most 1, not ${total}.`);
    if (new Set(shares.map(({ name }) => name)).size < shares.length)
      throw new DataError('split', 'Two splits have the same name.');
    return new Splits(shares);
  }

  /**
   * Yields the rows in order, each with its split, or null for the rest. All rows of an image (or video, or of an id
   * without image) are in one split. Images are drawn by the seed, whatever the order of the rows: the smallest split
   * takes images until it has its share of the rows, then the next. If the shares sum to 1, the last takes all others.
   * @param output file to be written, next to which a temporary file stores the rows until all images are known
   */
  async *assign(rows: AsyncIterable<Sample>, seed: string, output: string) {
    const stored = await openAtomic(output, { durable: false });
    const images = new Map<number, DrawnImage>();
    const ofRow: DrawnImage[] = [];
    let pending = '';
    try {
      for await (const row of rows) {
        // Rows about different parts of one video also get the same split.
        const key = row.video?.path ?? (row.images[0] && imageKey(row.images[0])) ?? row.id;
        const random = Random.from(`${seed}/${key}`);
        const draw = random.uniform() + (random.uint32() >>> 11) / 2 ** 53;
        const image = images.get(draw) ?? { draw, rows: 0, split: null };
        images.set(draw, image);
        image.rows += 1;
        ofRow.push(image);
        pending += `${JSON.stringify(row)}\n`;
        if (ofRow.length % BATCH > 0) continue;
        await stored.file.writeFile(pending);
        pending = '';
      }
      await stored.file.writeFile(pending);
      this.divide([...images.values()], ofRow.length);
      const file = await RowFile.open(stored.temporary);
      try {
        for (const [i, { split }] of ofRow.entries())
          yield [parseJson(await file.text(i)).value as Sample, split] as const;
      } finally {
        await file.close();
      }
    } finally {
      await stored.discard();
    }
  }

  /** Sets the splits of images. @param rows number of rows of all images */
  private divide(images: DrawnImage[], rows: number): void {
    const left = images.sort((a, b) => b.draw - a.draw);
    const shares = this.shares.toSorted((a, b) => a.share - b.share);
    const isWhole = shares.reduce((sum, { share }) => sum + share, 0) > 1 - EPSILON;
    for (const { name, share } of shares) {
      const wanted = isWhole && name === shares.at(-1)!.name ? Infinity : share * rows - EPSILON;
      for (let taken = 0; taken < wanted && left.length > 0;) {
        const image = left.pop()!;
        image.split = name;
        taken += image.rows;
      }
    }
  }
}

/** An image, by its random number from 0 to 1, of 53 bits. */
interface DrawnImage {
  draw: number;
  rows: number;
  split: string | null;
}

/** Allowance for rounding errors. */
const EPSILON = 1e-9;
/** Number of rows to write at once. */
const BATCH = 100;

/** Returns a key for an image, independent of the form of reference. Undefined if only a size is known. */
export function imageKey(image: ImageRef): string | undefined {
  if (typeof image === 'string') return image;
  if (isFrame(image)) {
    const { video, frame, frames, start_s: from = 0, end_s: to = '' } = image;
    return `${video}\0${frame}\0${frames}\0${from}\0${to}`;
  }
  if (image.parquet === undefined) return image.path;
  return `${image.parquet}\0${image.column}\0${image.row}\0${image.index ?? 0}`;
}

/** Selects exactly n rows (or all, if there are fewer) by seed and id, and yields them in order. Holds at most 2n. */
export async function* subsample<T extends { id: string }>(
  rows: AsyncIterable<T>,
  n: number,
  seed: string,
): AsyncGenerator<T> {
  let kept: { row: T; order: number; draw: number }[] = [];
  const cut = () => {
    kept.sort((a, b) => a.draw - b.draw || a.order - b.order);
    kept = kept.slice(0, n);
  };
  let order = 0;
  for await (const row of rows) {
    kept.push({ row, order: order++, draw: Random.from(`${seed}/${row.id}`).uniform() });
    if (kept.length >= 2 * n) cut();
  }
  cut();
  kept.sort((a, b) => a.order - b.order);
  for (const { row } of kept) yield row;
}
