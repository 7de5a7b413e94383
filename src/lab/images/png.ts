import { promisify } from 'node:util';
import { deflate } from 'node:zlib';

const compress = promisify(deflate);

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

function crc32(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (const byte of bytes) c = CRC[(c ^ byte) & 255]! ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

function chunk(type: string, data: Uint8Array): Buffer {
  const out = Buffer.alloc(data.length + 12);
  out.writeUInt32BE(data.length, 0);
  out.write(type, 4, 'latin1');
  out.set(data, 8);
  out.writeUInt32BE(crc32(out.subarray(4, data.length + 8)), data.length + 8);
  return out;
}

/**
 * An 8-bit RGB picture (width × height × 3, row by row from the top left) as a PNG file. Generated pictures need no
 * image library this way. Every row is predicted by the Paeth filter, which suits shaded surfaces.
 */
export async function encodePng({ w, h, rgb }: { w: number; h: number; rgb: Uint8Array }): Promise<Buffer> {
  const stride = w * 3;
  const rows = Buffer.alloc((stride + 1) * h);
  for (let y = 0, to = 0; y < h; y++) {
    rows[to++] = 4;
    for (let i = 0, at = y * stride; i < stride; i++, at++) {
      const left = i >= 3 ? rgb[at - 3]! : 0;
      const up = y > 0 ? rgb[at - stride]! : 0;
      const corner = i >= 3 && y > 0 ? rgb[at - stride - 3]! : 0;
      rows[to++] = rgb[at]! - paeth(left, up, corner);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(w, 0);
  header.writeUInt32BE(h, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk('IHDR', header),
    chunk('IDAT', await compress(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The PNG standard's predictor: of left, up and corner, the one nearest to left + up − corner. */
function paeth(left: number, up: number, corner: number): number {
  const p = left + up - corner;
  const a = Math.abs(p - left);
  const b = Math.abs(p - up);
  const c = Math.abs(p - corner);
  return a <= b && a <= c ? left : b <= c ? up : corner;
}
