/** The pictures that browsers show, by their first bytes in hexadecimal digits. */
const SHOWN: readonly [type: string, magic: RegExp][] = [
  ['image/png', /^89504e47/],
  ['image/jpeg', /^ffd8ff/],
  ['image/gif', /^47494638/],
  ['image/webp', /^52494646.{8}57454250/],
  ['image/bmp', /^424d/],
  ['image/avif', /^.{8}6674797061766966/],
];

/** Those that they do not, by the names that people know. */
const OTHERS: readonly [name: string, magic: RegExp][] = [
  ['TIFF', /^(?:49492a00|4d4d002a)/],
  ['HEIC', /^.{8}66747970(?:686569|686576|6d696631)/],
  ['JPEG 2000', /^0000000c6a50/],
  ['JPEG XL', /^(?:ff0a|0000000c4a584c)/],
  ['OpenEXR', /^762f3101/],
  ['Netpbm', /^503[1-7](?:0a|0d|20|09)/],
  ['SVG', /^3c(?:737667|3f786d6c)/],
];

/** The media type of an encoded picture. @throws with the reason when a browser cannot show it. */
export function imageType(bytes: Uint8Array): string {
  if (bytes.length === 0) throw new Error('The picture is empty.');
  const head = Array.from(bytes.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
  const find = (list: readonly [string, RegExp][]) => list.find(([, magic]) => magic.test(head))?.[0];
  const type = find(SHOWN);
  if (type) return type;
  const name = find(OTHERS);
  if (name)
    throw new Error(`This is a ${name} picture, which cannot be shown here. Convert it to PNG or JPEG.`);
  throw new Error('This is not a picture of a known format.');
}
