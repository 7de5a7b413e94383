import type { ParsedSample } from '../core/sample/parse-sample.ts';
import type { Sample } from '../core/sample/sample.ts';
import { DataError } from '../lab/datasets/data-error.ts';
import { holdsPicture } from '../lab/datasets/extract-images.ts';
import type { ImageFiles } from '../lab/datasets/image-files.ts';
import { readMaskImage } from '../lab/images/decode.ts';
import { unlessUnreadable } from '../lab/files/disk-error.ts';

/** A row with its mask read. A row that contains pictures as text is refused unless they are extracted. */
export async function finished(
  sample: Sample,
  files: ImageFiles,
  isExtracted: boolean,
): Promise<ParsedSample> {
  try {
    if (holdsPicture(sample) && !isExtracted)
      throw new DataError('picture-inside', 'The picture is inside the row, as base64 text.', {
        fix: 'Say where pictures are to be written: --extract-images FOLDER.',
      });
    return { sample: await readMaskImage(sample, files), problems: [] };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { sample: null, problems: [error.problem] };
  }
}

/** Checks which pictures of the written rows exist, each once. */
export class Pictures {
  private readonly known = new Map<string, boolean>();

  constructor(private readonly files: ImageFiles) {}

  /** Whether a picture that the row names by its path is missing. */
  async lacks({ images }: Sample): Promise<boolean> {
    for (const image of images) {
      const path = typeof image === 'string' ? image : image.path;
      if (path === undefined) continue;
      if (!this.known.has(path))
        this.known.set(path, await this.files.find(path).then(() => true, unlessUnreadable(false)));
      if (!this.known.get(path)) return true;
    }
    return false;
  }
}
