/** Returns a CRC-32 function for a polynomial with reversed bits. */
function crcBy(polynomial: number): (bytes: Uint8Array) => number {
  const table = Uint32Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? polynomial ^ (c >>> 1) : c >>> 1;
    return c;
  });
  return (bytes) => {
    let crc = 0xffffffff;
    for (const byte of bytes) crc = table[(crc ^ byte) & 255]! ^ (crc >>> 8);
    return ~crc >>> 0;
  };
}

/** Computes the CRC-32 checksum of PNG chunks. */
export const crc32 = crcBy(0xedb88320);

const crc32c = crcBy(0x82f63b78);

/** Returns the masked CRC-32C of a TFRecord frame. The mask is a rotation and an offset. */
export function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
