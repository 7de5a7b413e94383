import { isAnatomical } from '../../rows/read/reading.ts';
import { declared, type ImageRef, type Sample } from '../../rows/sample/sample.ts';

/** Names of radiographs and of data sets of them, in paths and in what a row says of its image. */
const RADIOGRAPH =
  /(?<![a-z])(?:x-?rays?|cxr|radio(?:graph|log)\w*|mammogra\w*|ct|mri|dicom|ultrasound|vqa[-_]?rad|slake|mimic|synpic\d*)(?![a-z])/i;

/** How many rows of a set are looked at, and from which share on it is asked. */
const MOST = 1000;
const [BY_WORDS, BY_NAME] = [0.1, 0.5];

/** Whether the rows of a set are about radiographs, where left is the patient's, and none of them says so. */
export class Anatomy {
  private rows = 0;
  private byWords = 0;
  private byName = 0;

  add(row: Sample): void {
    if (this.rows >= MOST) return;
    this.rows += 1;
    if (declared(row, 'laterality') !== undefined) return;
    if (isAnatomical(row)) this.byWords += 1;
    const named = [...row.images.map(pathOf), row.source, ...Object.values(row.meta ?? {})];
    if (named.some((name) => typeof name === 'string' && RADIOGRAPH.test(name))) this.byName += 1;
  }

  /** What to declare and why, for people; null if nothing suggests it. */
  question(file: string): string | null {
    const { rows, byWords, byName } = this;
    if (byWords < BY_WORDS * rows && byName < BY_NAME * rows) return null;
    if (byWords + byName === 0) return null;
    return (
      `${file}: ${byWords} of ${rows} rows use terms of anatomy, and ${byName} name radiographs. If left is the ` +
      "patient's, the mirror is wrong: add --map meta.laterality:=patient."
    );
  }
}

const pathOf = (image: ImageRef) =>
  typeof image === 'string' ? image : (image.path ?? image.parquet ?? image.video);
