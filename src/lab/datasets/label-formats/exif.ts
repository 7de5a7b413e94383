import type { Size } from '../../../rows/sample/boxes.ts';

/** Number of bytes to read, enough for the metadata that cameras write before the size. */
export const JPEG_HEAD = 1 << 17;

/** Whether a marker begins a JPEG frame, which contains the size. DHT, JPG and DAC are in the same range of markers. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

/**
 * Returns the displayed size of a JPEG that EXIF rotates by a quarter turn, or null for every other file. Reads only
 * the header.
 */
export function turnedJpegSize(bytes: Uint8Array): Size | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4 || view.getUint16(0) !== 0xffd8) return null;
  let isTurned = false;
  for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff;) {
    const marker = bytes[at + 1]!;
    const length = view.getUint16(at + 2);
    if (isFrame(marker)) return isTurned ? { w: view.getUint16(at + 5), h: view.getUint16(at + 7) } : null;
    if (marker === 0xe1) isTurned ||= orientationIn(bytes.subarray(at + 4, at + 2 + length)) >= 5;
    at += 2 + length;
  }
  return null;
}

/** Returns the orientation in an EXIF segment, 1 to 8, or 0 without an orientation. */
function orientationIn(segment: Uint8Array): number {
  const EXIF = [0x45, 0x78, 0x69, 0x66, 0, 0];
  if (segment.length < 14 || EXIF.some((byte, i) => segment[i] !== byte)) return 0;
  const view = new DataView(segment.buffer, segment.byteOffset + 6, segment.length - 6);
  const little = view.getUint16(0) === 0x4949;
  const first = view.getUint32(4, little);
  if (first + 2 > view.byteLength) return 0;
  for (let i = 0, n = view.getUint16(first, little); i < n; i++) {
    const entry = first + 2 + 12 * i;
    if (entry + 12 > view.byteLength) return 0;
    if (view.getUint16(entry, little) === 0x0112) return view.getUint16(entry + 8, little);
  }
  return 0;
}
