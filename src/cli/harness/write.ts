import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { imagesShown, missingFor, refKey, type Strategy } from '../../core/prompts/strategy.ts';
import { taskMessages } from '../../core/prompts/trainer-rows.ts';
import type { ImageRef, Sample } from '../../core/sample/sample.ts';
import { MIRROR, ORIGINAL } from '../../core/view-list.ts';
import { DataError } from '../../lab/datasets/data-error.ts';
import { imageCodec } from '../../lab/endpoint.ts';
import type { EvaluationSample } from '../../lab/evaluation/samples.ts';
import { writeAtomically } from '../../lab/files/atomic.ts';
import { makeFolder } from '../../lab/files/folders.ts';
import { writeLines } from '../samples.ts';

/** What was written. `skipped`: the questions that cannot be asked, by reason. */
interface Written {
  questions: number;
  rows: number;
  pairs: number;
  skipped: Record<string, number>;
}

/** The file with one question a line. */
export const ROWS = 'rows.jsonl';

/**
 * Writes the questions of an evaluation and their pictures into a folder, as an endpoint would be sent them: both views
 * of a picture go through one encoder, so that compression does not tell which is which.
 */
export async function writeTask(
  samples: readonly EvaluationSample[],
  strategy: Strategy,
  folder: string,
): Promise<Written> {
  const pictures = new TaskPictures(folder);
  const ids = new Set<string>();
  const pairs = new Map<string, Set<string>>();
  const skipped: Record<string, number> = {};
  const skip = (why: string) => (skipped[why] = (skipped[why] ?? 0) + 1);
  await makeFolder(join(folder, 'images'));
  async function* lines(): AsyncGenerator<string> {
    for (const shown of samples) {
      const { set, view, id, sample } = shown;
      const lack = missingFor(strategy, sample);
      if (lack !== null) {
        skip(lack);
        continue;
      }
      const files = await pictures.of(shown, strategy).catch((error: unknown) => {
        if (!(error instanceof DataError)) throw error;
        skip(error.message);
      });
      if (!files) continue;
      pairs.set(id, (pairs.get(id) ?? new Set()).add(view));
      const messages = taskMessages(strategy, { sample, view }, files);
      // As a text, because the fields of rows differ, and tables want the same in all.
      const row = JSON.stringify(rowToScore(shown, files));
      const { question, answer } = sample;
      yield JSON.stringify({
        id: free(`${id} ${view}`, ids),
        set,
        pair: id,
        view,
        question,
        answer,
        messages,
        row,
      });
    }
  }
  await writeLines(join(folder, ROWS), lines());
  const both = [...pairs.values()].filter((views) => views.has(ORIGINAL) && views.has(MIRROR));
  return { questions: ids.size, rows: pairs.size, pairs: both.length, skipped };
}

/** What `chirality score` needs to judge an answer. */
function rowToScore(
  { set, view, id, sample }: EvaluationSample,
  files: ReadonlyMap<string, string>,
): unknown {
  const kept: Partial<Sample> = { ...sample };
  for (const field of ['variants', 'reasoning', 'scene_graph', 'depth_map'] as const)
    Reflect.deleteProperty(kept, field);
  const images = sample.images.flatMap((image) => {
    const path = files.get(refKey(image));
    if (path === undefined) return [];
    return [typeof image === 'object' && image.w !== undefined ? { path, w: image.w, h: image.h } : path];
  });
  return { ...kept, id, set, view, images };
}

/** The id, or the id with a number where an earlier question has it too. */
function free(id: string, taken: Set<string>): string {
  let one = id;
  for (let n = 2; taken.has(one); n++) one = `${id} (${n})`;
  taken.add(one);
  return one;
}

/** The pictures of a task: one file for each view of a picture. */
class TaskPictures {
  private readonly codec = imageCodec({ format: 'png', maxPixels: null });
  private readonly written = new Map<string, Promise<string>>();

  constructor(private readonly folder: string) {}

  /** The files of the pictures that a strategy shows, by their `refKey`. @throws DataError if one cannot be read */
  async of(shown: EvaluationSample, strategy: Strategy): Promise<Map<string, string>> {
    const files = new Map<string, string>();
    for (const image of imagesShown(strategy, shown.sample))
      files.set(refKey(image), await this.file(image, shown));
    return files;
  }

  private file(image: ImageRef, { view, images }: EvaluationSample): Promise<string> {
    const key = JSON.stringify([image, view]);
    const file = this.written.get(key) ?? this.write(image, view === MIRROR ? MIRROR : ORIGINAL, images);
    file.catch(() => undefined);
    this.written.set(key, file);
    return file;
  }

  private async write(
    image: ImageRef,
    view: typeof MIRROR | typeof ORIGINAL,
    images: EvaluationSample['images'],
  ): Promise<string> {
    const { bytes } = await this.codec.encode(await images.bytes(image), view);
    const name = `images/${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}.png`;
    await writeAtomically(join(this.folder, name), (file) => file.writeFile(bytes), { follow: false });
    return name;
  }
}
