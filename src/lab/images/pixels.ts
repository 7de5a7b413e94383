/** A decoded picture: rows from top to bottom, three bytes (red, green, blue) per pixel. */
export interface Pixels {
  width: number;
  height: number;
  /** `width · height · 3` bytes. */
  data: Uint8Array;
}

/** The picture as a mirror shows it: column x becomes column width − 1 − x. Its own inverse, bit for bit. */
export function mirrorPixels({ width, height, data }: Pixels): Pixels {
  const out = new Uint8Array(data.length);
  let from = 0;
  for (let y = 1; y <= height; y++) {
    let to = y * width * 3;
    for (let x = 0; x < width; x++) {
      to -= 3;
      out[to] = data[from++]!;
      out[to + 1] = data[from++]!;
      out[to + 2] = data[from++]!;
    }
  }
  return { width, height, data: out };
}
