import type { Problem } from '../../base/problem.ts';
import { RecentMap } from '../../base/recent-map.ts';
import type { Size } from '../../rows/sample/boxes.ts';
import { withMisfit } from '../../core/answers/set-misfits.ts';
import { checkSample } from '../../rows/sample/check-sample.ts';
import { readingOf } from '../../rows/read/reading.ts';
import { checkSight } from '../../core/seen/row-sight.ts';
import { checkGraphOf } from '../../rows/views/check-row.ts';
import { isClip, isFrame } from '../../rows/sample/clip.ts';
import { declaredSize, type ImageRef, type Sample } from '../../rows/sample/sample.ts';
import { sha256 } from '../files/atomic.ts';
import { DataError } from './data-error.ts';
import { FirstSeen, keyOf, type Sighting } from './first-seen.ts';
import type { ImageFiles } from './image-files.ts';
import type { DataRow } from './rows.ts';
import { imageKey } from './splits.ts';

/** Decodes an image and reports its problems. Implemented in lab/images, so that this folder loads no native module. */
export type Inspect = (bytes: Uint8Array) => Promise<{ size: Size; problems: Problem[] }>;

interface ImageFacts {
  size?: Size;
  /** Hash of the image's bytes. */
  content?: string;
  problems: Problem[];
}

/** Maximum number of images whose facts are cached. Most rows about the same image are close together. */
const REMEMBERED = 20_000;

/**
 * Checks the rows of one or several files in order. Memory grows by about 60 bytes per row. Reports wrong shapes,
 * repeated ids, and repeated or contradictory rows. Rows and images that several files share are leakage
 * if the files are splits. With `images`, also decodes every image.
 */
export class DatasetCheck {
  private readonly names: string[] = [];
  private ids = new FirstSeen();
  private anatomy = new Anatomy();
  private readonly rows = new FirstSeen();
  private readonly questions = new FirstSeen();
  private readonly pictures = new FirstSeen();
  private readonly facts = new RecentMap<string, Promise<ImageFacts>>(REMEMBERED);

  /**
   * @param images location of the images. Without `inspect`, the images only have to exist
   * @param sees model family that must be able to see the objects of the questions (core/seen/families.ts)
   */
  constructor(
    private readonly images?: { files: ImageFiles; inspect?: Inspect },
    private readonly sees?: string,
  ) {}

  /** Starts the next file. The following rows belong to this file. */
  startFile(name: string): void {
    this.names.push(name);
    this.ids = new FirstSeen();
    this.anatomy = new Anatomy();
  }

  /** Question to the user: are the sides in the current file anatomical? Null if no row suggests anatomical sides. */
  get laterality(): string | null {
    return this.anatomy.question(this.names.at(-1)!);
  }

  /** Returns all problems of a row. Rows must be passed in order. A row with an error is unusable. */
  async row(row: DataRow): Promise<Problem[]> {
    return this.take(await this.examine(row, this.wantsAnatomy));
  }

  /** Examines a row alone. `take` then compares the row with earlier rows. @param misfit misfit of the row, if known */
  readonly examine = async (row: DataRow, isAnatomyWanted: boolean, misfit?: Misfit | null) => {
    const looks = this.images && row.sample?.images.map((image) => this.look(image));
    return examineRow(row, isAnatomyWanted, misfit, {
      facts: await Promise.all(looks ?? []),
      sees: this.sees,
    });
  };

  /** Examines a row without its images, in a worker thread. */
  static readonly examineAlone = (row: DataRow, isAnatomyWanted: boolean, misfit?: Misfit | null) =>
    examineRow(row, isAnatomyWanted, misfit, { facts: [] });

  /** Whether further rows are still searched for signs of anatomical sides. */
  get wantsAnatomy(): boolean {
    return this.anatomy.isLooking;
  }

  /** Compares an examined row with the previous rows, and returns all problems of the row. */
  take({ at, problems: before, alone }: ExaminedRow): Problem[] {
    if (!alone) return [...before];
    this.anatomy.add(alone.anatomy);
    const sighting: Sighting = { file: this.names.length - 1, at };
    const problems = [...before, ...this.repeated(alone, sighting)];
    const messages = new Set<string>();
    for (const picture of alone.pictures)
      for (const fault of this.picture(picture, sighting))
        if (picture.path !== 'video' || !messages.has(fault.message)) {
          messages.add(fault.message);
          problems.push(fault);
        }
    return [...problems, ...alone.problems];
  }

  private repeated({ id, keys }: Alone, sighting: Sighting): Problem[] {
    const before = this.ids.note(keys.id, sighting);
    if (before)
      return [
        problem(
          'error',
          'duplicate-id',
          `The id ${JSON.stringify(id)} is already used at ${this.name(before)}.`,
        ),
      ];
    const earlier = this.questions.note(keys.question, sighting);
    const row = this.rows.note(keys.row, sighting);
    if (row && row.file !== sighting.file) {
      return [
        problem(
          'warning',
          'leaked-row',
          `The same row is at ${this.name(row)} (leakage if the files are splits).`,
        ),
      ];
    }
    if (row) return [problem('warning', 'duplicate-row', `The same row is at ${this.name(row)}.`)];
    if (earlier)
      return [
        problem(
          'warning',
          'other-answer',
          `The same question has a different answer at ${this.name(earlier)}.`,
        ),
      ];
    return [];
  }

  private picture(
    { key, hasContent, path, faults, size }: Alone['pictures'][number],
    sighting: Sighting,
  ): Problem[] {
    const before = key === null ? null : this.pictures.note(key, sighting);
    // Reports a problem of the image's encoding once per image and file, not once per row.
    const isKnown = before?.file === sighting.file && hasContent;
    const problems = faults
      .filter(({ severity }) => severity === 'error' || !isKnown)
      .map((found) => ({ ...found, path }));
    if (size) problems.push({ ...size, path });
    if (before && before.file !== sighting.file) {
      const message = `The same image is at ${this.name(before)} (leakage if the files are splits).`;
      problems.push({ ...problem('warning', 'leaked-image', message), path });
    }
    return problems;
  }

  private async look(image: ImageRef): Promise<ImageFacts> {
    const key = imageKey(image);
    if (!this.images || key === undefined) return { problems: [] };
    const kept = this.facts.get(key);
    if (kept) return kept;
    const { files, inspect } = this.images;
    const facts = inspectImage(image, files, inspect);
    this.facts.set(key, facts);
    return facts;
  }

  private name({ file, at }: Sighting): string {
    return `${this.names[file]!}:${at}`;
  }
}

/** Reason why a row's reference answer does not fit the row, if known (core/answers/set-misfits.ts). */
type Misfit = NonNullable<Parameters<typeof withMisfit>[2]>;

/** A row that was examined alone, as plain values. `alone` is null if the row cannot be read. */
type ExaminedRow = ReturnType<typeof examineRow>;
type Alone = NonNullable<ExaminedRow['alone']>;

/** @param facts facts about the row's images. Empty if the images are not checked. */
function examineRow(
  row: DataRow,
  isAnatomyWanted: boolean,
  misfit: Misfit | null | undefined,
  { facts, sees }: { facts: readonly ImageFacts[]; sees?: string | undefined },
) {
  const { sample } = row;
  const examined = { at: row.line ?? row.row, problems: row.problems, lost: row.lost };
  if (!sample) return { ...examined, alone: null };
  const pictures = sample.images.map((image, i) => {
    const { content, size, problems = [] } = facts[i] ?? {};
    const identity = content ?? imageKey(image);
    const misfitting = size && sizeMisfit(size, declaredSize(image));
    return {
      key: identity === undefined ? null : keyOf(identity),
      hasContent: content !== undefined,
      // Reports a problem of a video once, not for each of its frames.
      path: isFrame(image) ? 'video' : `images[${i}]`,
      faults: problems,
      ...(misfitting && { size: misfitting }),
    };
  });
  const question = JSON.stringify([sample.question.trim(), sample.images]);
  // Reports only errors of a graph. `graph check` and the editor also report how the graph was parsed.
  const graph = checkGraphOf(sample).filter(({ severity }) => severity === 'error');
  const size = facts[0]?.size ?? declaredSize(sample.images[0]);
  const alone = {
    id: sample.id,
    keys: {
      id: keyOf(sample.id),
      question: keyOf(question),
      row: keyOf(question + sample.answer.trim()),
    },
    pictures,
    problems: [
      ...sizesDiffer(sample, facts),
      ...(sees === undefined ? [] : checkSight(sample, size, sees)),
      ...withMisfit(checkSample(sample, facts[0]?.size), sample, misfit),
      ...graph,
    ],
    anatomy: isAnatomyWanted ? anatomyOf(sample) : null,
  };
  return { ...examined, alone };
}

function sizeMisfit(size: Size, declared: Size | undefined): Problem | null {
  if (!declared || (size.w === declared.w && size.h === declared.h)) return null;
  const message = `The image is ${size.w} × ${size.h}, but declared as ${declared.w} × ${declared.h}.`;
  const fix = 'Correct w and h, the size after EXIF rotation. Boxes in pixels depend on this size.';
  return { ...problem('error', 'image-size', message), fix };
}

/** Pattern of names of radiographs and radiograph datasets, in paths and other fields of a row. */
const RADIOGRAPH =
  /(?<![a-z])(?:x-?rays?|cxr|radio(?:graph|log)\w*|mammogra\w*|ct|mri|dicom|ultrasound|vqa[-_]?rad|slake|mimic|synpic\d*)(?![a-z])/i;

/** Maximum number of rows that are searched for anatomy, and minimum shares of rows for the question about sides. */
const MOST = 1000;
const [BY_WORDS, BY_NAME] = [0.1, 0.5];

/** Detects rows about radiographs, where left is the patient's left, if no row declares the meaning of its sides. */
class Anatomy {
  private rows = 0;
  private byWords = 0;
  private byName = 0;

  get isLooking(): boolean {
    return this.rows < MOST;
  }

  add(row: Alone['anatomy']): void {
    if (!row || !this.isLooking) return;
    this.rows += 1;
    this.byWords += Number(row.words);
    this.byName += Number(row.name);
  }

  /** Returns a sentence with the declaration to add and the reason, or null if no row suggests anatomical sides. */
  question(file: string): string | null {
    const { rows, byWords, byName } = this;
    if (byWords < BY_WORDS * rows && byName < BY_NAME * rows) return null;
    if (byWords + byName === 0) return null;
    return `${file}: ${byWords} of ${rows} rows use anatomical terms, and the files of ${byName} rows are named like radiographs. If “left” means the patient’s left, the mirror is wrong. Add --map meta.laterality:=patient.`;
  }
}

/** Returns whether the words of a row, and the names of its files, suggest anatomy. */
function anatomyOf(row: Sample): { words: boolean; name: boolean } {
  if ((row.laterality ?? row.meta?.laterality) !== undefined) return { words: false, name: false };
  const named = [...row.images.map(pathOf), row.source, ...Object.values(row.meta ?? {})];
  return {
    words: readingOf(row).isAnatomical,
    name: named.some((name) => typeof name === 'string' && RADIOGRAPH.test(name)),
  };
}

const pathOf = (image: ImageRef) =>
  typeof image === 'string' ? image : (image.path ?? image.parquet ?? image.video);

/** Warns if frames of a clip differ in size, because positions in one frame then do not map to another frame. */
function sizesDiffer(sample: Sample, facts: readonly ImageFacts[]): Problem[] {
  if (!isClip(sample)) return [];
  const sizes = sample.images.map((image, i) => facts[i]?.size ?? declaredSize(image));
  const [first] = sizes;
  const at = sizes.findIndex((size) => size && first && (size.w !== first.w || size.h !== first.h));
  if (at < 0) return [];
  const message = `The frames have different sizes: ${first!.w} × ${first!.h}, then ${sizes[at]!.w} × ${sizes[at]!.h}.`;
  const fix = 'Use the same size for all frames of a clip.';
  return [{ ...problem('warning', 'clip-sizes', message), path: `images[${at}]`, fix }];
}

async function inspectImage(
  image: ImageRef,
  files: ImageFiles,
  inspect: Inspect | undefined,
): Promise<ImageFacts> {
  try {
    if (!inspect) {
      await files.find(image);
      return { problems: [] };
    }
    const bytes = await files.bytes(image);
    return { content: sha256(bytes), ...(await inspect(bytes)) };
  } catch (error) {
    if (error instanceof DataError && error.problem.code !== 'no-sharp') return { problems: [error.problem] };
    throw error;
  }
}

const problem = (severity: Problem['severity'], code: string, message: string): Problem => ({
  severity,
  code,
  message,
});
