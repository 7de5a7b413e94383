import { Random } from '../../base/random.ts';
import { isFrame } from '../../rows/sample/clip.ts';
import type { ImageRef, Sample } from '../../rows/sample/sample.ts';
import { DataError } from './data-error.ts';

/** Splits of a dataset, each with its share of the rows. */
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
    if (total > 1 + 1e-9) throw new DataError('split', `The shares must sum to at most 1, not ${total}.`);
    if (new Set(shares.map(({ name }) => name)).size < shares.length)
      throw new DataError('split', 'Two splits have the same name.');
    return new Splits(shares);
  }

  /**
   * Returns the split of a row, or null for a row in no split. The split depends only on the seed and the first image
   * (or the id). Rows about one image stay together, and added rows do not move other rows. Sizes match the shares only
   * on average.
   */
  of(sample: Sample, seed: string): string | null {
    // Rows about different parts of one video are also in the same split.
    const key = sample.video?.path ?? (sample.images[0] && imageKey(sample.images[0])) ?? sample.id;
    let left = Random.from(`${seed}/${key}`).uniform();
    for (const { name, share } of this.shares) {
      if (left < share) return name;
      left -= share;
    }
    return null;
  }
}

/** Returns a key for an image, independent of the form of the reference. Undefined if only the size is known. */
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
