import { stat } from 'node:fs/promises';
import type { Problem } from '../core/problem.ts';
import type { ImageBytes, PairImage, PairRow } from '../core/protocol/pair.ts';
import { mirrorSample } from '../core/spatial/mirror/mirror-sample.ts';
import type { ParsedSample } from '../core/spatial/parse-sample.ts';
import type { ImageRef, Sample } from '../core/spatial/sample.ts';
import { DataError } from '../lab/datasets/data-error.ts';
import { ImageFiles } from '../lab/datasets/image-files.ts';
import { parseJson } from '../lab/datasets/json.ts';
import { toSample } from '../lab/datasets/qa-jsonl.ts';
import { checkRow } from './check.ts';
import { imageType } from './image-type.ts';

/** A row with more characters is only read: rules and checks would hold up the service, about three seconds for a million. */
export const LONGEST = 1 << 18;

/** Where the images of a data file may lie: references are relative to `folder`, and nothing outside `root` is read. */
export interface ImagePlace {
  folder: string;
  root: string;
}

/** Rows and pictures for the Pair panel. */
export class PairRows {
  private current: { place: ImagePlace; files: ImageFiles } | null = null;

  /** A row with its mirror: the one of the file, else what the rules say. */
  async read({ text, place }: { text: string; place: ImagePlace | null }): Promise<PairRow> {
    const long = text.length > LONGEST;
    const { sample, problems } = long ? unchecked(text) : checkRow(text);
    if (!sample) return { sample, problems, mirror: null, mirrorFrom: 'rules', images: [] };
    const stored = sample.variants?.mirror;
    return {
      sample,
      problems,
      mirror: stored ?? (long ? null : mirrorSample(sample)),
      mirrorFrom: stored ? 'file' : 'rules',
      images: await this.images(sample, place),
    };
  }

  images(sample: Sample, place: ImagePlace | null): Promise<PairImage[]> {
    return Promise.all(sample.images.map((ref) => this.locate(ref, place)));
  }

  async image({ image, place }: { image: ImageRef; place: ImagePlace }): Promise<ImageBytes> {
    const bytes = await this.files(place).bytes(image);
    // Copied: bytes read from a file may be a part of a larger buffer, which would cross as a whole.
    return { bytes: new Uint8Array(bytes), type: imageType(bytes) };
  }

  private async locate(ref: ImageRef, place: ImagePlace | null): Promise<PairImage> {
    const path = typeof ref === 'string' ? ref : (ref.parquet ?? ref.path);
    if (path === undefined) return { ref, key: null };
    try {
      if (!place) throw new DataError('image-place', 'Images are shown only for files on disk.');
      const real = await this.files(place).resolve(path);
      const { mtimeMs, size } = await stat(real);
      return { ref, key: JSON.stringify([real, mtimeMs, size, ref]) };
    } catch (error) {
      return { ref, problem: problemOf(error) };
    }
  }

  private files(place: ImagePlace): ImageFiles {
    const known = this.current;
    if (known?.place.folder === place.folder && known.place.root === place.root) return known.files;
    void known?.files.close();
    this.current = { place, files: new ImageFiles(place.folder, place.root) };
    return this.current.files;
  }
}

function unchecked(text: string): ParsedSample {
  const { sample, problems } = toSample(parseJson(text));
  const long: Problem = {
    severity: 'warning',
    code: 'long-row',
    message: `The row is ${text.length.toLocaleString('en')} characters long: it is neither checked nor mirrored while you look.`,
    fix: '“Chirality: Check Data File” and “Chirality: Mirror Data Set” take rows of any length.',
  };
  return { sample, problems: [...problems, long] };
}

/** The fix of the command line names an option; in the editor, the root is the folder that is open. */
function problemOf(error: unknown): Problem {
  if (!(error instanceof DataError)) {
    return { severity: 'error', code: 'image', message: (error as Error).message };
  }
  const { problem } = error;
  if (problem.code !== 'image-outside') return problem;
  return { ...problem, fix: 'Open a folder that holds both the data file and the images.' };
}
