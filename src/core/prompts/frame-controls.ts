import { Random } from '../../base/random.ts';
import { isClip } from '../../rows/sample/clip.ts';
import type { Sample } from '../../rows/sample/sample.ts';

/**
 * What is left of a clip, to see whether a model needs the rest: its first frame; its frames in an order that tells
 * nothing; as many grey images of their size.
 */
export const FRAME_CONTROLS = ['first-frame', 'shuffled-frames', 'blank-frames'] as const;
export type FrameControl = (typeof FRAME_CONTROLS)[number];

/** Whether a row is about a clip in which something may be seen to move. */
export const hasMotion = (sample: Sample): boolean => isClip(sample) && sample.images.length > 1;

/**
 * A row about a clip with what a control leaves of its frames; grey ones are put in place of them as they are shown. In
 * a view in reverse, the first frame is the clip's last one. The shuffled order, drawn by the row's id, is the same for a
 * clip and its reverse: a model that is right in both by seeing the order of frames is not right in both of these.
 */
export function withFrames(sample: Sample, control: FrameControl): Sample {
  const { images, clip } = sample;
  switch (control) {
    case 'first-frame':
      return {
        ...sample,
        images: images.slice(0, 1),
        ...(clip?.times_s && { clip: { ...clip, times_s: clip.times_s.slice(0, 1) } }),
      };
    case 'shuffled-frames':
      return { ...sample, images: shuffled(images, Random.from(`frames of ${sample.id}`)) };
    case 'blank-frames':
      return sample;
  }
}

/** An order of frames that is neither the given one nor its reverse, if there is one, and the same for both. */
function shuffled<Frame>(frames: readonly Frame[], random: Random): Frame[] {
  const keys = frames.map((frame) => JSON.stringify(frame));
  const sorted = frames.map((_, i) => i).sort((a, b) => (keys[a]! < keys[b]! ? -1 : 1));
  const given = keys.join();
  const reverse = [...keys].reverse().join();
  for (let tried = 0; ; tried++) {
    const order = random.shuffle(sorted);
    const drawn = order.map((i) => keys[i]!).join();
    // Of two frames, or of equal ones, there may be no other order.
    if ((drawn !== given && drawn !== reverse) || tried > 20) return order.map((i) => frames[i]!);
  }
}
