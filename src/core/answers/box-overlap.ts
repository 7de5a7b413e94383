import { areaOf, type Xyxy } from '../../rows/sample/boxes.ts';

/** Returns the area that two boxes share, in their squared unit. */
export const overlapOf = (a: Xyxy, b: Xyxy): number =>
  areaOf([Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])]);

/** Returns the intersection over union of two boxes, from 0 to 1. A box without area has IoU 0 with every box. */
export function iou(a: Xyxy, b: Xyxy): number {
  const overlap = overlapOf(a, b);
  const union = areaOf(a) + areaOf(b) - overlap;
  return union > 0 ? overlap / union : 0;
}
