import { mean } from '../../base/numbers.ts';
import { splitFormat, toPixels, type BoxFormat, type Size } from '../../rows/sample/boxes.ts';
import { declaredSize, type Sample } from '../../rows/sample/sample.ts';
import { graphOf } from '../../rows/scene-graph/read-graph.ts';

/** Positions in an image, by thirds of its width, because mirroring an image exchanges left and right. */
export const PLACES = ['left', 'middle', 'right'] as const;
type PictureThird = (typeof PLACES)[number];

interface Drawn {
  box: readonly number[];
  format: BoxFormat | undefined;
}

/**
 * Returns the image position of a row's subject: the object in the answer, otherwise the mean of the objects in the
 * question, otherwise the mean of the row's boxes. Reads no image file.
 * @returns null without boxes
 */
export function placeOf(sample: Sample): PictureThird | null {
  const size = declaredSize(sample.images[0]) ?? graphOf(sample)?.image;
  const xs = drawnOf(sample).flatMap((drawn) => centreOf(drawn, size) ?? []);
  const x = mean(xs);
  if (x === null) return null;
  return PLACES[Math.min(Math.max(Math.floor(3 * x), 0), 2)]!;
}

function drawnOf(sample: Sample): Drawn[] {
  const { boxes = [], box_format: format, question, answer } = sample;
  const objects = graphOf(sample)?.objects ?? [];
  const named = (text: string) =>
    objects.filter(({ label }) => text.toLowerCase().includes(label.toLowerCase()));
  const [meant] = [named(answer), named(question)].filter((some) => some.some(({ box }) => box));
  const drawn = meant?.flatMap(({ box, box_format }) =>
    box ? [{ box, format: box_format ?? ('xyxy_px' as const) }] : [],
  );
  return drawn ?? boxes.map((box) => ({ box, format }));
}

/** Returns the horizontal centre of a box, as a share of the image's width; null if unknown. */
function centreOf({ box, format }: Drawn, size: Size | undefined): number | null {
  const parts = format ? splitFormat(format) : null;
  // Fractions of the image do not depend on the image size, so any size gives the same result.
  const frame = parts?.unit === 'px' ? size : { w: 1, h: 1 };
  if (!format || !parts || parts.shape === 'point' || !frame) return null;
  try {
    const [x1, , x2] = toPixels(box, format, frame);
    return (x1 + x2) / 2 / frame.w;
  } catch {
    return null; // Other checks report boxes that do not match their format.
  }
}
