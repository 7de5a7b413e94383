import type { Floor } from '../../core/metrics/floor.ts';
import { floorOf, type Asked } from '../../core/metrics/floor-search.ts';
import { isClip } from '../../rows/sample/clip.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { REVERSE } from '../../rows/view-list.ts';
import { inView } from '../../rows/views/view.ts';
import { knownFromFrame } from '../../core/worlds/motion/first-frame.ts';

/** Image-free bounds for clips and their reversed views: best pair accuracy without the order of the frames. */
export interface ClipFloor extends Floor {
  /** Number of rows about clips, and number of these rows that have a reversed view. */
  rows: number;
  pairs: number;
  /** Number of pairs whose answer changes in the reversed view. The bound `order` is 0 for these pairs. */
  changed: number;
  /** Number of pairs from moving worlds, the only pairs for which `frame` is known. */
  frame_pairs?: number;
}

/** Collects a file's rows about clips. */
export class ClipFloors {
  private rows = 0;
  private changed = 0;
  private readonly pairs: [Asked, Asked][] = [];
  private readonly frames: [Asked, Asked][] = [];

  add(sample: Sample): void {
    if (!isClip(sample)) return;
    this.rows += 1;
    const seen = inView(sample, REVERSE);
    if (!seen) return;
    if (seen.answer !== sample.answer) this.changed += 1;
    this.pairs.push([shown(sample), shown(seen)]);
    const [first, last] = [knownFromFrame(sample, sample, -1), knownFromFrame(sample, seen, 1)];
    if (first && last) this.frames.push([first, last]);
  }

  result(): ClipFloor | null {
    const floor = floorOf(this.pairs, true);
    const frame = floorOf(this.frames)?.words;
    return (
      floor && {
        rows: this.rows,
        pairs: this.pairs.length,
        changed: this.changed,
        ...floor,
        ...(frame !== undefined && { frame, frame_pairs: this.frames.length }),
      }
    );
  }
}

const shown = ({ question, answer, choices, task }: Sample): Asked => ({
  question,
  answer,
  ...(choices && { choices }),
  ...(task !== undefined && { task }),
});
