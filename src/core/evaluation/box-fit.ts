import { scoreAnswer } from '../answers/score-row.ts';
import type { ScoreInput } from '../answers/score.ts';
import { percentText } from '../../base/format.ts';
import { mean } from '../../base/numbers.ts';
import { BOX_FORMATS, splitFormat, type BoxFormat } from '../../rows/sample/boxes.ts';

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

const FORMATS = BOX_FORMATS.filter((format) => !['point', undefined].includes(splitFormat(format)?.shape));

/** From how many boxes on a convention can be told, and how many of a set are looked at. */
const [FEWEST, MOST] = [8, 500];
/** From how many boxes on twice the IoU is no chance. */
const MANY = 20;
/** A median IoU that shows a convention, and one that shows none. */
const [FITS, MISSES] = [0.5, 0.1];
/** Below this median IoU, twice as much is still a miss. */
const LEAST = 0.2;

/** The IoU of an answer's box as declared and in each convention; null if the answer has no box, or the row none to hold it to. */
function overlapsOf(row: ScoreInput, text: string) {
  const iouIn = (format?: BoxFormat) => {
    const score = scoreAnswer(text, { ...row, ...(format && { completion_box_format: format }) }, 'bbox');
    return score.task === 'bbox' && score.completed && !('problem' in score) ? score.iou : null;
  };
  const [is, ...others] = [iouIn(), ...FORMATS.map(iouIn)];
  if (is == null || others.includes(null)) return null;
  const declared = row.completion_box_format ?? row.box_format ?? 'none';
  return { declared, is, others: others as number[] };
}

/**
 * Whether the boxes of a set's answers miss in the declared convention and hit in another: a model that answers in
 * thousandths of the image is not wrong, but read in pixels.
 */
export class BoxFit {
  private readonly declared = new Map<string, number>();
  private readonly overlaps = new Map<BoxFormat, number[]>(FORMATS.map((format) => [format, []]));
  private readonly asDeclared: number[] = [];

  static readonly look = overlapsOf;

  /** Whether further boxes are looked at. */
  get isLooking(): boolean {
    return this.asDeclared.length < MOST;
  }

  /** @param text the answer as extracted, or of a row of a dataset its reference, which is then held to its `boxes` */
  add(row: ScoreInput, text: string): void {
    if (this.isLooking) this.take(overlapsOf(row, text));
  }

  take(overlaps: ReturnType<typeof overlapsOf>): void {
    if (!overlaps || !this.isLooking) return;
    const { declared, is, others } = overlaps;
    this.declared.set(declared, (this.declared.get(declared) ?? 0) + 1);
    this.asDeclared.push(is);
    FORMATS.forEach((format, i) => this.overlaps.get(format)!.push(others[i]!));
  }

  /** What the figures under both conventions are, for people; null if the declared one fits as well as any. */
  misfit(what: string): string | null {
    const n = this.asDeclared.length;
    if (n < FEWEST) return null;
    const [format, best] = [...this.overlaps].reduce((a, b) => (median(b[1]) > median(a[1]) ? b : a));
    const [is, could] = [median(this.asDeclared), median(best)];
    const isFound = (could >= FITS && is < MISSES) || (n >= MANY && could >= LEAST && could >= 2 * is);
    if (!isFound) return null;
    const named = [...this.declared.keys()].map((name) => (name === 'none' ? 'no format' : name)).join(', ');
    return (
      `The boxes of ${what} fit ${format} far better than the declared format (${named}): the mean IoU of ${n} boxes ` +
      `is ${percentText(mean(best)!)} as ${format} and ${percentText(mean(this.asDeclared)!)} as declared.`
    );
  }
}
