import { Random } from '../../base/random.ts';
import { isClip } from '../../rows/sample/clip.ts';
import type { Sample } from '../../rows/sample/sample.ts';

/**
 * Controls for clips that test whether a model needs all frames in order: only the first frame; all frames in an
 * uninformative order; grey images of the same number and size.
 */
export const FRAME_CONTROLS = ['first-frame', 'shuffled-frames', 'blank-frames'] as const;
export type FrameControl = (typeof FRAME_CONTROLS)[number];

export const hasMotion = (sample: Sample): boolean => isClip(sample) && sample.images.length > 1;

/**
 * Returns a row about a clip with the frames of a control; grey images replace the frames later, on display. In a
 * reversed view, the first frame is the clip's last frame. The shuffled order is sampled by the row's id and the same
 * for a clip and its reverse, so a model that uses the order of frames cannot be right in both.
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

/** Returns an order of frames that differs from the given order and its reverse if possible, equal for both. */
function shuffled<Frame>(frames: readonly Frame[], random: Random): Frame[] {
  const keys = frames.map((frame) => JSON.stringify(frame));
  const sorted = frames.map((_, i) => i).sort((a, b) => (keys[a]! < keys[b]! ? -1 : 1));
  const given = keys.join();
  const reverse = [...keys].reverse().join();
  for (let tried = 0; ; tried++) {
    const order = random.shuffle(sorted);
    const drawn = order.map((i) => keys[i]!).join();
    // Clips with two frames or with equal frames can lack another order.
    if ((drawn !== given && drawn !== reverse) || tried > 20) return order.map((i) => frames[i]!);
  }
}
