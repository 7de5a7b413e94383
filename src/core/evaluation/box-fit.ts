import { scoreAnswer } from '../answers/score-row.ts';
import type { ScoreInput } from '../answers/score.ts';
import { percentText } from '../../base/format.ts';
import { mean } from '../../base/numbers.ts';
import { SEEN_FORMAT } from '../seen/families.ts';
import { BOX_FORMATS, splitFormat, type BoxFormat } from '../../rows/sample/boxes.ts';

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

const FORMATS = BOX_FORMATS.filter((format) => !['point', undefined].includes(splitFormat(format)?.shape));

/** Minimum number of boxes for detecting a format, and maximum number of boxes that are read per evaluation set. */
const [FEWEST, MOST] = [8, 500];
/** Number of boxes from which a format with twice the declared format's IoU is reported. */
const MANY = 20;
/** Median IoU from which a format fits, and median IoU below which the declared format misses. */
const [FITS, MISSES] = [0.5, 0.1];
/** Minimum median IoU of the better format. Below it, even twice the IoU of the declared format is not reported. */
const LEAST = 0.2;

/**
 * Returns the IoU of the box in an answer: as declared, in each format, and in pixels of a model family's resized
 * image. Null if the answer or the row has no box.
 */
function overlapsOf(row: ScoreInput, text: string, sees?: string | null) {
  const iouIn = (format?: BoxFormat | typeof SEEN_FORMAT) => {
    const means = { ...(format && { completion_box_format: format }), ...(sees && { sees }) };
    const score = scoreAnswer(text, { ...row, ...means }, 'bbox');
    return score.task === 'bbox' && score.completed && !('problem' in score) ? score.iou : null;
  };
  const [is, ...others] = [iouIn(), ...FORMATS.map((format) => iouIn(format))];
  if (is == null || others.includes(null)) return null;
  const declared = row.completion_box_format ?? row.box_format ?? 'none';
  const seen = sees ? (iouIn(SEEN_FORMAT) ?? 0) : 0;
  return { declared, is, others: others as number[], seen };
}

/**
 * Detects whether the boxes in answers to an evaluation set miss in the declared format and match in another format.
 * Boxes in thousandths of the image, for example, are not wrong, but misread as pixels.
 */
export class BoxFit {
  private readonly declared = new Map<string, number>();
  private readonly overlaps: Map<string, number[]>;
  private readonly asDeclared: number[] = [];
  /** IoU of each box, if its numbers are pixels of the model's resized image. */
  private readonly asSeen: number[] = [];

  /** @param sees model family (core/seen/families.ts), if known */
  constructor(private readonly sees?: string | null) {
    this.overlaps = new Map(FORMATS.map((format) => [format, []]));
    if (sees) this.overlaps.set(`pixels of the resized image of ${sees} (${SEEN_FORMAT})`, this.asSeen);
  }

  static readonly look = overlapsOf;

  /** Whether the detection needs more boxes. */
  get isLooking(): boolean {
    return this.asDeclared.length < MOST;
  }

  /** @param text extracted answer, or a dataset row's reference answer, to be compared with the row's `boxes` */
  add(row: ScoreInput, text: string): void {
    if (this.isLooking) this.take(overlapsOf(row, text, this.sees));
  }

  take(overlaps: ReturnType<typeof overlapsOf>): void {
    if (!overlaps || !this.isLooking) return;
    const { declared, is, others, seen } = overlaps;
    this.declared.set(declared, (this.declared.get(declared) ?? 0) + 1);
    this.asDeclared.push(is);
    FORMATS.forEach((format, i) => this.overlaps.get(format)!.push(others[i]!));
    this.asSeen.push(seen);
  }

  /** Describes the IoU under both formats, for people; null if no format fits better than the declared one. */
  misfit(what: string): string | null {
    const n = this.asDeclared.length;
    if (n < FEWEST) return null;
    const [format, best] = [...this.overlaps].reduce((a, b) => (median(b[1]) > median(a[1]) ? b : a));
    const [is, could] = [median(this.asDeclared), median(best)];
    const isFound = (could >= FITS && is < MISSES) || (n >= MANY && could >= LEAST && could >= 2 * is);
    if (!isFound) return null;
    const named = [...this.declared.keys()].map((name) => (name === 'none' ? 'no format' : name)).join(', ');
    return `The boxes of ${what} fit ${format} far better than the declared format (${named}). The mean IoU of ${n} boxes is ${percentText(mean(best)!)} as ${format} and ${percentText(mean(this.asDeclared)!)} as declared.`;
  }
}
